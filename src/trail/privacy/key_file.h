// The text files that hold the keys of periods. Byte for byte: docs/formats/keys.md. No I/O here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "trail/privacy/period.h"
#include "trail/privacy/secret.h"

namespace weerbaar::trail {

inline constexpr size_t kPeriodKeyFileBytesMax = 4'096;
inline constexpr size_t kPeriodListBytesMax = size_t{512} * 1'024;  // more than all periods until 9999
inline constexpr size_t kReasonBytesMax = 200;

struct Destruction {
  Time when;
  std::string reason;  // one line for a person, see is_reason()
};

// A key, or what is left of it:
//   live       `key` holds kPeriodKeyBytes
//   destroyed  `destruction` says when and why
//   erased     neither: the key is overwritten, and a crash came before that was recorded
struct PeriodKeyFile {
  Period period;
  std::optional<Time> created;  // nothing: destroyed when the file was damaged
  Secret key;
  std::optional<Destruction> destruction;
};

// True for a line that may be recorded: 1 to kReasonBytesMax bytes of UTF-8 without control characters.
bool is_reason(std::string_view text);

// The content of a file, for the states live and destroyed.
Secret format_period_key(const PeriodKeyFile& file);
// The exact reverse. kCorrupt when any byte differs from what format_period_key() gives, or erase_from() left.
Result<PeriodKeyFile> parse_period_key(ByteView content);
// From this byte to the end a file is overwritten with zeros to erase its key. What stays says whose key it was; 0 when
// the file is too damaged to say.
size_t erase_from(ByteView content);

// The periods that ever had a key, in ascending order: what tells a key that was lost from one that was never made.
Bytes format_period_list(const std::vector<Period>& periods);
// kCorrupt when any byte differs from what format_period_list() gives.
Result<std::vector<Period>> parse_period_list(ByteView content);

}  // namespace weerbaar::trail
