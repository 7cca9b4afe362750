#include "trail/format/tlog_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/utf8.h"

namespace weerbaar::trail {

std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<uint64_t> parse_decimal(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return fail(Code::kInvalid, "not a decimal number below 2^64");
  }
  if (text.front() == '0' && text.size() > 1) return fail(Code::kInvalid, "a decimal number with leading zeros");
  return number;
}

Result<Hash> parse_hash(std::string_view base64) {
  WEERBAAR_ASSIGN(const Bytes bytes, from_base64(base64));
  Hash hash;
  if (bytes.size() != hash.size()) return fail(Code::kInvalid, "a hash is not 32 bytes long");
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

Result<std::vector<Hash>> take_proof(std::string_view& text, size_t hashes_max) {
  std::vector<Hash> hashes;
  while (const auto line = take_line(text)) {
    if (line->empty()) return hashes;
    if (hashes.size() == hashes_max) return fail(Code::kInvalid, fmt::format("it has more than {} hashes", hashes_max));
    const auto hash = parse_hash(*line);
    if (!hash) return fail_in(fmt::format("hash {}", hashes.size() + 1), hash.error());
    hashes.push_back(*hash);
  }
  return fail(Code::kInvalid, "no empty line stands before the checkpoint");
}

bool is_note_text(std::string_view text) {
  const bool has_control =
      std::ranges::any_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 && c != '\n'; });
  return !has_control && is_utf8(text);
}

bool is_note_line(std::string_view line) {
  return !line.empty() && line.find('\n') == std::string_view::npos && is_note_text(line);
}

}  // namespace weerbaar::trail
