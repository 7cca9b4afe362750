#include "trail/privacy/key_file.h"

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "trail/format/sha256.h"
#include "trail/format/tlog_text.h"
#include "trail/privacy/pseudonymiser.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kKeyTitle = "weerbaar period key v1";
constexpr std::string_view kListTitle = "weerbaar periods v1";
constexpr std::string_view kPeriodField = "period ";
constexpr std::string_view kCreatedField = "created ";
constexpr std::string_view kKeyField = "key ";
constexpr std::string_view kDestroyedField = "destroyed ";
constexpr std::string_view kReasonField = "reason ";
constexpr std::string_view kCheckField = "check ";
constexpr std::string_view kUnknown = "unknown";

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::kCorrupt, "the file is damaged (" + std::string(what) + "): restore it from a backup");
}

// The last line: that of the hash over all before it. It finds damage, not malice.
std::string check_line(std::string_view before) {
  return std::string(kCheckField) + to_hex(sha256(as_bytes(before))) + "\n";
}

// The value of the next line, which must start with `field`; the line is taken off `text`.
Result<std::string_view> take_field(std::string_view& text, std::string_view field) {
  const auto line = take_line(text);
  if (!line || !line->starts_with(field)) return damaged("a line is missing or out of order");
  return line->substr(field.size());
}

Status take_title(std::string_view& text, std::string_view title) {
  const auto line = take_line(text);
  if (!line || *line != title) return damaged("its first line is another");
  return {};
}

// `text` is what is left of `content` before its check line.
Status check_end(std::string_view content, std::string_view text) {
  const std::string_view before = content.substr(0, content.size() - text.size());
  if (text != check_line(before)) return damaged("its check line does not match");
  return {};
}

Result<Time> parse_written_time(std::string_view text) {
  const Result<Time> time = parse_time(text);
  if (!time || format_time(*time) != text) return damaged("a time is written wrongly");
  return *time;
}

Result<PeriodKeyFile> parse_head(std::string_view& text) {
  PeriodKeyFile file;
  WEERBAAR_TRY(take_title(text, kKeyTitle));
  WEERBAAR_ASSIGN(const std::string_view name, take_field(text, kPeriodField));
  const Result<Period> period = parse_period(name);
  if (!period) return damaged("its period is written wrongly");
  file.period = *period;
  WEERBAAR_ASSIGN(const std::string_view created, take_field(text, kCreatedField));
  if (created != kUnknown) {
    WEERBAAR_ASSIGN(file.created, parse_written_time(created));
  }
  return file;
}

Status parse_key(std::string_view base64, PeriodKeyFile& file) {
  if (!file.created) return damaged("a key without its time of creation");
  Result<Bytes> key = from_base64(base64);
  if (!key) return damaged("its key is not base64");
  const WipeAtEnd wipe(*key);
  if (key->size() != kPeriodKeyBytes) return damaged("its key has another length than 32 bytes");
  file.key = Secret(*key);
  return {};
}

Status parse_destruction(std::string_view& text, PeriodKeyFile& file) {
  WEERBAAR_ASSIGN(const std::string_view written, take_field(text, kDestroyedField));
  WEERBAAR_ASSIGN(const Time when, parse_written_time(written));
  WEERBAAR_ASSIGN(const std::string_view reason, take_field(text, kReasonField));
  if (!is_reason(reason)) return damaged("its reason is not one line of text");
  file.destruction = Destruction{when, std::string(reason)};
  return {};
}

bool is_erased(std::string_view key_and_rest) {
  return !key_and_rest.empty() && std::ranges::all_of(key_and_rest, [](char c) { return c == '\0'; });
}

}  // namespace

bool is_reason(std::string_view text) {
  return !text.empty() && text.size() <= kReasonBytesMax && is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
}

Secret format_period_key(const PeriodKeyFile& file) {
  std::string text = std::string(kKeyTitle) + "\n";
  text.reserve(kPeriodKeyFileBytesMax);  // so that no copy of the key is left behind
  text += std::string(kPeriodField) + to_string(file.period) + "\n";
  text += std::string(kCreatedField) + (file.created ? format_time(*file.created) : std::string(kUnknown)) + "\n";
  if (file.destruction) {
    WEERBAAR_CHECK(is_reason(file.destruction->reason));
    text += std::string(kDestroyedField) + format_time(file.destruction->when) + "\n";
    text += std::string(kReasonField) + file.destruction->reason + "\n";
  } else {
    WEERBAAR_CHECK(file.key.bytes().size() == kPeriodKeyBytes && file.created);
    std::string base64 = to_base64(file.key.bytes());
    const WipeAtEnd wipe_base64(base64);
    text += kKeyField;
    text += base64;
    text += '\n';
  }
  text += check_line(text);
  const WipeAtEnd wipe(text);
  return Secret(as_bytes(text));
}

Result<PeriodKeyFile> parse_period_key(ByteView content) {
  const std::string_view whole = as_text(content);
  std::string_view text = whole;
  WEERBAAR_ASSIGN(PeriodKeyFile file, parse_head(text));
  if (text.starts_with(kDestroyedField)) {
    WEERBAAR_TRY(parse_destruction(text, file));
    WEERBAAR_TRY(check_end(whole, text));
    return file;
  }
  if (text.starts_with(kKeyField) && is_erased(text.substr(kKeyField.size()))) return file;
  WEERBAAR_ASSIGN(const std::string_view base64, take_field(text, kKeyField));
  WEERBAAR_TRY(parse_key(base64, file));
  WEERBAAR_TRY(check_end(whole, text));
  return file;
}

size_t erase_from(ByteView content) {
  std::string_view text = as_text(content);
  if (!parse_head(text) || !text.starts_with(kKeyField)) return 0;
  return content.size() - text.size() + kKeyField.size();
}

Bytes format_period_list(const std::vector<Period>& periods) {
  std::string text = std::string(kListTitle) + "\n";
  for (const Period period : periods) text += to_string(period) + "\n";
  text += check_line(text);
  return {text.begin(), text.end()};
}

Result<std::vector<Period>> parse_period_list(ByteView content) {
  const std::string_view whole = as_text(content);
  std::string_view text = whole;
  WEERBAAR_TRY(take_title(text, kListTitle));
  std::vector<Period> periods;
  while (!text.starts_with(kCheckField)) {
    WEERBAAR_ASSIGN(const std::string_view name, take_field(text, ""));
    const Result<Period> period = parse_period(name);
    if (!period) return damaged("a period is written wrongly");
    if (!periods.empty() && *period <= periods.back()) return damaged("its periods are out of order");
    periods.push_back(*period);
  }
  WEERBAAR_TRY(check_end(whole, text));
  return periods;
}

}  // namespace weerbaar::trail
