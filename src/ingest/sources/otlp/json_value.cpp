#include "ingest/sources/otlp/json_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "domain/access_event_json.h"

namespace weerbaar::ingest::otlp {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kUuidBytes = 36;
// Beyond this many names a sorted copy is faster than comparing each with each.
constexpr size_t kNamesCompared = 16;
constexpr size_t kSequenceBytesMax = 4;
constexpr double kMillisMax = 1e15;  // far beyond the year 9999

std::string without_dashes(std::string_view uuid) {
  for (const size_t at : {8U, 13U, 18U, 23U}) {
    if (uuid[at] != '-') return std::string(uuid);
  }
  std::string digits(uuid);
  std::erase(digits, '-');
  return digits;
}

template <size_t N>
Result<std::optional<std::array<char, N>>> read_id(std::string_view field, std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  const auto bytes = from_hex(digits);
  if (!bytes || bytes->size() != N) {
    return fail(Code::kInvalid, fmt::format("{} must be {} hexadecimal digits: mend it at the source", field, N * 2));
  }
  std::array<char, N> id;
  std::ranges::copy(as_text(*bytes), id.begin());
  return id;
}

std::unexpected<Error> not_a_string(std::string_view field) {
  return fail(Code::kInvalid, fmt::format("{} must be a string: mend it at the source", field));
}

template <class T>
std::optional<T> number_of(std::string_view digits) {
  T number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

template <class T>
std::optional<T> integer_of(dom::element value) {
  T number{};
  if (value.get(number) == simdjson::SUCCESS) return number;
  std::string_view digits;
  if (value.get(digits) == simdjson::SUCCESS) return number_of<T>(digits);
  return std::nullopt;
}

std::unexpected<Error> not_a_value() {
  return fail(Code::kInvalid, "its value is not one of OTLP: write {\"stringValue\": …} or another kind");
}

std::string number_text(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

Result<std::optional<Scalar>> read_double(dom::element value) {
  double number = 0;
  if (value.get(number) == simdjson::SUCCESS) return Scalar{false, number_text(number)};
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return not_a_value();
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") return Scalar{true, std::string(text)};
  const auto parsed = number_of<double>(text);
  if (!parsed || !std::isfinite(*parsed)) return not_a_value();
  return Scalar{false, number_text(*parsed)};
}

// Appends the plain JSON of what an AnyValue holds. Depth is bounded by the parser.
Status append_plain(std::string& to, dom::element any);

Status append_array(std::string& to, dom::array values) {
  to += '[';
  bool first = true;
  for (const dom::element value : values) {
    if (!first) to += ',';
    first = false;
    WEERBAAR_TRY(append_plain(to, value));
  }
  to += ']';
  return {};
}

Status append_key_values(std::string& to, dom::array values) {
  to += '{';
  bool first = true;
  for (const dom::element pair : values) {
    std::string_view key;
    if (pair["key"].get(key) != simdjson::SUCCESS) return not_a_value();
    if (!first) to += ',';
    first = false;
    append_json_string(to, key);
    to += ':';
    dom::element value;
    if (pair["value"].get(value) != simdjson::SUCCESS) {
      to += "null";
    } else {
      WEERBAAR_TRY(append_plain(to, value));
    }
  }
  to += '}';
  return {};
}

// The one member of an AnyValue; nothing when it has none that is not null.
struct AnyMember {
  std::string_view kind;
  dom::element value;
};
Result<std::optional<AnyMember>> member_of(dom::element any) {
  dom::object object;
  if (any.is_null()) return std::nullopt;
  if (any.get(object) != simdjson::SUCCESS) return not_a_value();
  std::optional<AnyMember> member;
  for (const auto& [key, value] : object) {
    if (value.is_null()) continue;
    if (member) return fail(Code::kInvalid, "it holds two values: send one");
    member = AnyMember{key, value};
  }
  return member;
}

bool is_kind(std::string_view kind, std::string_view camel, std::string_view snake) {
  return kind == camel || kind == snake;
}

// The list in {"arrayValue": {"values": […]}} and {"kvlistValue": {"values": […]}}; nothing when it has no values.
Result<std::optional<dom::array>> values_of(dom::element list) {
  dom::array values;
  dom::element member;
  if (!list.is_object()) return not_a_value();
  if (list["values"].get(member) != simdjson::SUCCESS || member.is_null()) return std::nullopt;
  if (member.get(values) != simdjson::SUCCESS) return not_a_value();
  return values;
}

Result<std::optional<Scalar>> read_compound(const AnyMember& member) {
  const bool is_array = is_kind(member.kind, "arrayValue", "array_value");
  if (!is_array && !is_kind(member.kind, "kvlistValue", "kvlist_value")) return not_a_value();
  WEERBAAR_ASSIGN(const std::optional<dom::array> values, values_of(member.value));
  if (!values) return Scalar{true, is_array ? "[]" : "{}"};
  Scalar scalar;
  if (is_array) {
    WEERBAAR_TRY(append_array(scalar.text, *values));
  } else {
    WEERBAAR_TRY(append_key_values(scalar.text, *values));
  }
  return scalar;
}

Result<std::optional<Scalar>> read_member(const AnyMember& member) {
  std::string_view text;
  if (is_kind(member.kind, "stringValue", "string_value") || is_kind(member.kind, "bytesValue", "bytes_value")) {
    if (member.value.get(text) != simdjson::SUCCESS) return not_a_value();
    return Scalar{true, std::string(text)};
  }
  if (is_kind(member.kind, "boolValue", "bool_value")) {
    bool is_true = false;
    if (member.value.get(is_true) != simdjson::SUCCESS) return not_a_value();
    return Scalar{false, is_true ? "true" : "false"};
  }
  if (is_kind(member.kind, "intValue", "int_value")) {
    const auto number = integer_of<int64_t>(member.value);
    if (!number) return not_a_value();
    return Scalar{false, std::to_string(*number)};
  }
  if (is_kind(member.kind, "doubleValue", "double_value")) return read_double(member.value);
  return read_compound(member);
}

Status append_plain(std::string& to, dom::element any) {
  WEERBAAR_ASSIGN(const std::optional<AnyMember> member, member_of(any));
  if (!member) {
    to += "null";
    return {};
  }
  WEERBAAR_ASSIGN(const std::optional<Scalar> scalar, read_member(*member));
  const bool is_compound = member->value.is_object();
  if (scalar->is_text && !is_compound) {
    append_json_string(to, scalar->text);
  } else {
    to += scalar->text;
  }
  return {};
}

// Length of the well-formed character at the start of `text`, or 0.
size_t character_length(std::string_view text) {
  for (size_t length = 1; length <= std::min(text.size(), kSequenceBytesMax); ++length) {
    if (is_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

// The code unit of a \uXXXX escape at the start of `text`.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* end = text.data() + 6;
  const auto [stop, error] = std::from_chars(text.data() + 2, end, unit, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return unit;
}

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// How many bytes at the start of `text`, which starts with a backslash, belong together; 0 when they are half a pair.
size_t escape_length(std::string_view text) {
  const auto unit = escaped_unit(text);
  if (!unit) return std::min<size_t>(2, text.size());
  if (is_low_surrogate(*unit)) return 0;
  if (!is_high_surrogate(*unit)) return 6;
  const auto next = escaped_unit(text.substr(6));
  return next && is_low_surrogate(*next) ? 12 : 0;
}

std::unexpected<Error> named_twice() {
  return fail(Code::kInvalid, "an object names a member twice: send each once");
}

template <class Text>
bool has_repeated(std::vector<Text>& names) {
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

Status check_text(std::string_view text, bool mended) {
  if (mended && text.find(kNotText) != std::string_view::npos) {
    return fail(Code::kInvalid,
                "a text holds bytes that are not UTF-8, a control character, or half a surrogate pair: "
                "mend it at the source");
  }
  return {};
}

}  // namespace

Result<std::optional<TraceId>> read_trace_id(std::string_view field, dom::element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return not_a_string(field);
  return text.size() == kUuidBytes ? read_id<16>(field, without_dashes(text)) : read_id<16>(field, text);
}

Result<std::optional<SpanId>> read_span_id(std::string_view field, dom::element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return not_a_string(field);
  return read_id<8>(field, text);
}

bool is_zero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == 0; });
}

Result<std::optional<Time>> read_unix_nanos(std::string_view field, dom::element value) {
  const auto nanos = integer_of<uint64_t>(value);
  if (!nanos) {
    return fail(Code::kInvalid,
                fmt::format("{} is not a count of nanoseconds since 1970: mend it at the source", field));
  }
  if (*nanos == 0) return std::nullopt;
  return Time{static_cast<int64_t>(*nanos / 1'000), static_cast<uint16_t>(*nanos % 1'000)};
}

Result<Time> read_ldv_time(std::string_view field, dom::element value) {
  std::optional<int64_t> micros;
  double fraction = 0;
  std::string_view text;
  if (const auto millis = integer_of<int64_t>(value)) {
    // Beyond the years that we can write; the product would overflow.
    if (*millis >= kMicrosMin / 1'000 && *millis <= kMicrosMax / 1'000) micros = *millis * 1'000;
  } else if (value.get(fraction) == simdjson::SUCCESS) {
    if (std::abs(fraction) < kMillisMax) micros = std::llround(fraction * 1'000);
  } else if (value.get(text) == simdjson::SUCCESS) {
    const auto time = parse_time(text);
    if (time) return *time;
  }
  if (!micros || *micros < kMicrosMin || *micros > kMicrosMax) {
    return fail(Code::kInvalid,
                fmt::format("{} is neither milliseconds since 1970 nor RFC 3339, within the years 0000 to "
                            "9999: mend it at the source",
                            field));
  }
  return Time{*micros, 0};
}

Result<std::optional<Scalar>> read_any_value(dom::element value) {
  WEERBAAR_ASSIGN(const std::optional<AnyMember> member, member_of(value));
  if (!member) return std::nullopt;
  return read_member(*member);
}

Result<std::optional<Scalar>> read_plain_value(dom::element value) {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE:
      return std::nullopt;
    case dom::element_type::STRING:
      return Scalar{true, std::string(value.get_string().value_unsafe())};
    case dom::element_type::DOUBLE:
      return Scalar{false, number_text(value.get_double().value_unsafe())};
    case dom::element_type::ARRAY:
    case dom::element_type::OBJECT:
      return Scalar{true, simdjson::minify(value)};
    default:
      return Scalar{false, simdjson::minify(value)};
  }
}

std::optional<dom::array> array_of_any_value(dom::element value) {
  dom::array values;
  for (const std::string_view kind : {"arrayValue", "array_value"}) {
    if (value[kind]["values"].get(values) == simdjson::SUCCESS) return values;
  }
  return std::nullopt;
}

std::optional<std::string> mend_text(std::string_view json) {
  std::string mended;
  mended.reserve(json.size() + json.size() / 8);
  bool in_string = false;
  bool changed = false;
  for (size_t at = 0; at < json.size();) {
    const char c = json[at];
    size_t length = 1;
    size_t bad = 1;  // bytes to replace when length is 0
    if (static_cast<uint8_t>(c) >= 0x80) {
      length = character_length(json.substr(at));
    } else if (in_string && c == '\\') {
      length = escape_length(json.substr(at));
      bad = 6;
    } else if (in_string && static_cast<uint8_t>(c) < 0x20) {
      length = 0;
    } else if (c == '"') {
      in_string = !in_string;
    }
    if (length == 0) {
      changed = true;
      mended += kNotText;
      at += bad;
    } else {
      mended += json.substr(at, length);
      at += length;
    }
  }
  if (!changed) return std::nullopt;
  return mended;
}

Status check_names(dom::object object) {
  std::vector<std::string> names;
  for (const dom::key_value_pair member : object) {
    std::string& name = names.emplace_back(member.key);
    std::erase(name, '_');
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return has_repeated(names) ? Status(named_twice()) : Status();
}

Status check_texts(dom::element value, bool mended) {
  std::string_view text;
  dom::array array;
  dom::object object;
  if (value.get(text) == simdjson::SUCCESS) return check_text(text, mended);
  if (value.get(array) == simdjson::SUCCESS) {
    for (const dom::element item : array) WEERBAAR_TRY(check_texts(item, mended));
    return {};
  }
  if (value.get(object) != simdjson::SUCCESS) return {};
  std::array<std::string_view, kNamesCompared> names;
  size_t count = 0;
  for (const auto& [key, member] : object) {
    const auto seen = std::span(names).first(std::min(count, kNamesCompared));
    if (std::ranges::find(seen, key) != seen.end()) return named_twice();
    if (count < kNamesCompared) names[count] = key;
    ++count;
    WEERBAAR_TRY(check_text(key, mended));
    WEERBAAR_TRY(check_texts(member, mended));
  }
  if (count <= kNamesCompared) return {};
  std::vector<std::string_view> all;
  for (const dom::key_value_pair member : object) all.push_back(member.key);
  return has_repeated(all) ? Status(named_twice()) : Status();
}

}  // namespace weerbaar::ingest::otlp
