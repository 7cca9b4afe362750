// What the C2SP text formats (note, checkpoint, proof) have in common: lines, decimal numbers and hashes. Strict: every
// value has one text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

// Takes the first line off `text` and returns it without its LF; nothing when there is no LF left.
std::optional<std::string_view> take_line(std::string_view& text);

// Decimal digits without sign or leading zeros. kInvalid otherwise, or above 2^64 - 1.
Result<uint64_t> parse_decimal(std::string_view text);

// Base64 of exactly 32 bytes. kInvalid otherwise.
Result<Hash> parse_hash(std::string_view base64);

// Takes the lines of a proof off `text`, a hash each, and the empty line behind them. kInvalid when there are more than
// `hashes_max`, or no empty line.
Result<std::vector<Hash>> take_proof(std::string_view& text, size_t hashes_max);

// True when `text` may stand in a signed note: UTF-8, and no ASCII control characters except LF.
bool is_note_text(std::string_view text);

// True for one non-empty line that may stand in a signed note.
bool is_note_line(std::string_view line);

}  // namespace weerbaar::trail
