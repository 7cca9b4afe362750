#include "ingest/sources/syslog/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time.h"
#include "base/utf8.h"

namespace weerbaar::ingest::syslog {
namespace {

constexpr int kPriorityMax = 191;
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr size_t kLocalTimeBytes = 15;  // Mmm dd hh:mm:ss

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_printable(char c) {
  return c > ' ' && c < '\x7F';
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Code::kInvalid, fmt::format("the message begins as RFC 5424 says, but {}: correct the sender", what));
}

// "<0>" to "<191>", without zeros in front; -1, and nothing is taken, when there is none.
int take_priority(std::string_view& rest) {
  if (!rest.starts_with('<')) return -1;
  size_t digits = 0;
  int priority = 0;
  while (digits < 3 && digits + 1 < rest.size() && is_digit(rest[digits + 1])) {
    priority = priority * 10 + (rest[++digits] - '0');
  }
  const bool closed = digits + 1 < rest.size() && rest[digits + 1] == '>';
  if (digits == 0 || !closed || priority > kPriorityMax || (digits > 1 && rest[1] == '0')) return -1;
  rest.remove_prefix(digits + 2);
  return priority;
}

// "1 "; 0, and nothing is taken, when there is none.
unsigned take_version(std::string_view& rest) {
  size_t digits = 0;
  unsigned version = 0;
  while (digits < 3 && digits < rest.size() && is_digit(rest[digits])) {
    version = version * 10 + static_cast<unsigned>(rest[digits++] - '0');
  }
  if (digits == 0 || rest.front() == '0' || digits == rest.size() || rest[digits] != ' ') return 0;
  rest.remove_prefix(digits + 1);
  return version;
}

// A field of the header and the space behind it.
Status take_field(std::string_view& rest, std::string_view name, size_t bytes_max, std::string_view& to) {
  const size_t end = std::min(rest.find(' '), rest.size());
  to = rest.substr(0, end);
  const bool printable = std::all_of(to.begin(), to.end(), is_printable);
  if (end == rest.size() || end == 0 || end > bytes_max || !printable) {
    return wrong(fmt::format("its {} is not 1 to {} printable characters and a space", name, bytes_max));
  }
  rest.remove_prefix(end + 1);
  if (to == "-") to = {};
  return {};
}

Status check_time(std::string_view time) {
  if (time.empty()) return {};
  // What RFC 3339 allows and RFC 5424 does not.
  const size_t dot = time.find('.');
  const size_t digits =
      dot == std::string_view::npos
          ? 0
          : static_cast<size_t>(std::find_if_not(time.begin() + static_cast<ptrdiff_t>(dot) + 1, time.end(), is_digit) -
                                time.begin()) -
                dot - 1;
  const bool lower = time.find_first_of("tz") != std::string_view::npos;
  const bool leap = time.size() > 18 && time.substr(17, 2) == "60";
  if (digits > 6 || lower || leap || !parse_time(time)) {
    return wrong("its time is no moment written as 2026-03-02T08:14:03+01:00");
  }
  return {};
}

bool is_name(char c) {
  return is_printable(c) && c != '=' && c != ']' && c != '"';
}

Status take_name(std::string_view& rest, std::string_view& to) {
  const auto end = static_cast<size_t>(std::find_if_not(rest.begin(), rest.end(), is_name) - rest.begin());
  to = rest.substr(0, end);
  if (end == 0 || end > 32) return wrong("a name in its structured data is not 1 to 32 printable characters");
  rest.remove_prefix(end);
  return {};
}

// Behind the opening quote; takes the closing one too.
Status take_value(std::string_view& rest, std::string_view& to) {
  size_t end = 0;
  while (end < rest.size() && rest[end] != '"') {
    if (rest[end] == ']') return wrong("a value in its structured data holds a bracket without backslash");
    end += rest[end] == '\\' ? size_t{2} : size_t{1};
  }
  if (end >= rest.size()) return wrong("nothing closes a quote in its structured data");
  to = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (!is_utf8(to)) return wrong("a value in its structured data is not UTF-8");
  return {};
}

// Behind the opening bracket.
Status take_element(std::string_view& rest, Message& to) {
  std::string_view id;
  WEERBAAR_TRY(take_name(rest, id));
  if (to.elements.size() == kElementsMax) return wrong("it has more than 256 elements of structured data");
  static_assert(kElementsMax == 256, "the text above names the limit");
  if (std::ranges::find(to.elements, id) != to.elements.end()) {
    return wrong("an element comes twice in its structured data");
  }
  to.elements.push_back(id);
  while (rest.starts_with(' ')) {
    rest.remove_prefix(1);
    Parameter parameter{id, {}, {}};
    WEERBAAR_TRY(take_name(rest, parameter.name));
    if (!rest.starts_with("=\"")) return wrong("a name in its structured data has no value in quotes behind it");
    rest.remove_prefix(2);
    WEERBAAR_TRY(take_value(rest, parameter.value));
    to.parameters.push_back(parameter);
  }
  if (!rest.starts_with(']')) return wrong("nothing closes an element of its structured data");
  rest.remove_prefix(1);
  return {};
}

Status parse_rfc5424(std::string_view rest, Message& to) {
  to.form = Form::kRfc5424;
  WEERBAAR_TRY(take_field(rest, "time", 64, to.time));
  WEERBAAR_TRY(check_time(to.time));
  WEERBAAR_TRY(take_field(rest, "host name", 255, to.host));
  WEERBAAR_TRY(take_field(rest, "application name", 48, to.app));
  WEERBAAR_TRY(take_field(rest, "process id", 128, to.procid));
  WEERBAAR_TRY(take_field(rest, "message id", 32, to.msgid));
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
  } else if (rest.starts_with('[')) {
    while (rest.starts_with('[')) {
      rest.remove_prefix(1);
      WEERBAAR_TRY(take_element(rest, to));
    }
  } else {
    return wrong("it has no structured data, nor a \"-\" in its place");
  }
  if (rest.empty()) return {};
  if (rest.front() != ' ') return wrong("no space follows its structured data");
  to.content = rest.substr(1);
  return {};
}

// "Mmm dd hh:mm:ss", the day also with a space in front.
bool is_local_time(std::string_view text) {
  if (text.size() < kLocalTimeBytes) return false;
  const size_t month = kMonths.find(text.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0) return false;
  constexpr std::string_view kBehindMonth = " 00 00:00:00";  // 0: any digit
  text.remove_prefix(3);
  for (size_t i = 0; i < kBehindMonth.size(); ++i) {
    const bool space_before_day = i == 1 && text[i] == ' ';
    const bool fits = kBehindMonth[i] == '0' ? is_digit(text[i]) || space_before_day : text[i] == kBehindMonth[i];
    if (!fits) return false;
  }
  return true;
}

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  return word;
}

bool is_content(std::string_view text) {
  return text.starts_with("CEF:") || text.starts_with('{') || text.starts_with("@cee:");
}

// Behind blanks of any alphabet, marks of encodings, and control characters: none of them begins a header or a part of
// one.
std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(static_cast<size_t>(std::find_if(text.begin(), text.end(), is_printable) - text.begin()));
  return text;
}

// A number and a blank, as a version is written; what is behind them.
std::optional<std::string_view> behind_number(std::string_view text) {
  text = without_blanks(text);
  const size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
  if (digits == 0 || digits == text.size() || text[digits] != ' ') return std::nullopt;
  return without_blanks(text.substr(digits));
}

bool is_time(std::string_view text) {
  return is_local_time(text) || parse_time(text.substr(0, text.find(' '))).has_value();
}

// What begins as a priority does.
struct Priority {
  bool has_number = false;
  bool is_plain = true;  // without blanks and signs
  bool is_closed = false;
  std::string_view rest;  // behind it, and behind blanks

  // Whether a header, or the content of one that was cut away, follows.
  [[nodiscard]] bool precedes_header() const {
    const auto behind = behind_number(rest);
    if (is_time(rest) || (behind && (is_time(*behind) || behind->starts_with("- ")))) return is_closed || has_number;
    return is_closed && (behind || (has_number && is_content(rest)));
  }
};

// "<13>", "<>", "< 13>", "<-1>", "<13": well or badly written.
std::optional<Priority> priority_of(std::string_view text) {
  if (!text.starts_with('<')) return std::nullopt;
  Priority priority;
  std::string_view number = without_blanks(text.substr(1));
  if (number.starts_with('-') || number.starts_with('+')) number.remove_prefix(1);
  const size_t digits = std::min(number.find_first_not_of(kDigits), number.size());
  const std::string_view behind = without_blanks(number.substr(digits));
  priority.has_number = digits > 0;
  priority.is_closed = behind.starts_with('>');
  priority.is_plain = text.size() - behind.size() == digits + 1;
  priority.rest = without_blanks(behind.substr(priority.is_closed ? 1 : 0));
  return priority;
}

// Of a message that has no priority as the standards write it. Where a header is broken at its beginning all of it
// would be taken for content, and an access in it would pass unseen.
Status check_beginning(std::string_view text) {
  // A count of octets that is none stands there too.
  const auto is_before = [](char c) { return is_digit(c) || !is_printable(c); };
  const auto open = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_before) - text.begin());
  const auto priority = priority_of(text.substr(open));
  if (!priority) return {};
  if (open == 0) {
    // "<>", and "<" with other things behind it, may stand at the beginning of any text.
    const bool is_one = priority->is_plain && priority->is_closed && priority->has_number;
    if (!is_one && !priority->precedes_header()) return {};
    return fail(Code::kInvalid, "its priority is not <0> to <191>, without zeros, blanks or signs: correct the sender");
  }
  if (!priority->precedes_header()) return {};
  return fail(Code::kInvalid,
              "before its priority stands a blank, a byte order mark, or a number that cannot be a count of octets: "
              "correct the sender");
}

// The same of one that has a priority, and no version behind it.
Status check_version(std::string_view rest) {
  if (const auto again = priority_of(without_blanks(rest)); again && again->precedes_header()) {
    return fail(Code::kInvalid, "it has two priorities: correct the sender");
  }
  const auto behind = behind_number(rest);
  if (!behind || !(is_time(*behind) || behind->starts_with("- "))) return {};
  return wrong("its version is not 1 to 999 without zeros or blanks in front");
}

// "tag: ", "tag[123]: "; nothing is taken when there is none.
void take_tag(std::string_view& rest, Message& to) {
  const size_t end = rest.find_first_of(":[ ");
  if (end == std::string_view::npos || end == 0 || rest[end] == ' ' || is_content(rest)) return;
  std::string_view behind = rest.substr(end);
  std::string_view procid;
  if (behind.starts_with('[')) {
    const size_t close = behind.find(']');
    if (close == std::string_view::npos || behind.find(' ') < close) return;
    procid = behind.substr(1, close - 1);
    behind.remove_prefix(close + 1);
  }
  if (!behind.starts_with(':')) return;
  behind.remove_prefix(1);
  if (behind.starts_with(' ')) behind.remove_prefix(1);
  to.app = rest.substr(0, end);
  to.procid = procid;
  rest = behind;
}

void parse_rfc3164(std::string_view rest, Message& to) {
  to.content = rest;
  if (is_local_time(rest)) {
    to.time = rest.substr(0, kLocalTimeBytes);
    to.time_is_local = true;
    rest.remove_prefix(kLocalTimeBytes);
  } else {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (word.size() < 20 || !is_digit(word.front()) || !parse_time(word)) return;
    to.time = word;
    rest.remove_prefix(word.size());
  }
  to.form = Form::kRfc3164;
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  // The local syslog socket, and files of it, leave the host out.
  std::string_view behind = rest;
  const std::string_view word = take_word(behind);
  if (!is_content(rest) && !word.ends_with(':')) {
    to.host = word;
    rest = behind;
  }
  take_tag(rest, to);
  to.content = rest;
}

}  // namespace

Status parse_message(std::string_view text, Message& to) {
  std::vector<Parameter> parameters = std::move(to.parameters);
  parameters.clear();
  std::vector<std::string_view> elements = std::move(to.elements);
  elements.clear();
  to = Message{};
  to.parameters = std::move(parameters);
  to.elements = std::move(elements);
  std::string_view rest = text;
  to.priority = take_priority(rest);
  if (to.priority >= 0) {
    to.version = take_version(rest);
  } else {
    WEERBAAR_TRY(check_beginning(text));
  }
  if (to.version != 0) {
    WEERBAAR_TRY(parse_rfc5424(rest, to));
  } else {
    if (to.priority >= 0) WEERBAAR_TRY(check_version(rest));
    parse_rfc3164(rest, to);
  }
  if (to.content.starts_with(kByteOrderMark)) to.content.remove_prefix(kByteOrderMark.size());
  return {};
}

void unescape_value(std::string_view value, std::string& to) {
  to.clear();
  for (size_t i = 0; i < value.size(); ++i) {
    const char next = i + 1 < value.size() ? value[i + 1] : '\0';
    if (value[i] == '\\' && (next == '"' || next == '\\' || next == ']')) ++i;
    to += value[i];
  }
}

}  // namespace weerbaar::ingest::syslog
