// What Weerbaar tells of a source in an access event of its own: silence, records that are missing, and their end.
// docs/formats/access-event.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number_set.h"
#include "base/time.h"
#include "domain/access_event.h"

namespace weerbaar {

inline constexpr std::string_view kNoticeComponent = "sources";

struct SourceNotice {
  enum class Kind : uint8_t { kSilent, kHeard, kReleased, kMissing, kCame };

  Kind kind = Kind::kSilent;
  std::string source;
  Time since;  // of a silence, and of one that is over
  Time until;  // when it was over
  // Of records: which counter of the source numbered them, in which of its runs from 0, and the numbers.
  std::string counter;
  uint64_t run = 0;
  NumberSet numbers;

  [[nodiscard]] bool is_of_records() const { return kind == Kind::kMissing || kind == Kind::kCame; }
  bool operator==(const SourceNotice&) const = default;
};

// "silent".
std::string_view to_string(SourceNotice::Kind kind);
// "3, 6-8".
std::string text_of(const NumberSet& numbers);

// Keys, and values as JSON text.
using NoticeAttributes = std::vector<std::pair<std::string_view, std::string>>;
NoticeAttributes attributes_of(const SourceNotice& notice);
// What such attributes say; nothing when they say something else.
std::optional<SourceNotice> source_notice_of(const AccessEvent& event);

}  // namespace weerbaar
