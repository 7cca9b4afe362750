// The values of OTLP and LDV in JSON: identifiers, times, attribute values, and texts that are not quite text.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// A scalar, or an array or object as its JSON text.
struct Scalar {
  bool is_text = true;  // false: `text` is the JSON text of a number, true or false
  std::string text;
};

// `value` must be a string of hexadecimal digits, of either case; for trace ids also a UUID, as LDV writes them.
// Nothing for an empty string. kInvalid names `field`. All zeros is a value here: see is_zero().
Result<std::optional<TraceId>> read_trace_id(std::string_view field, simdjson::dom::element value);
Result<std::optional<SpanId>> read_span_id(std::string_view field, simdjson::dom::element value);
bool is_zero(std::string_view bytes);

// Nanoseconds since 1970 as a number or as a string of digits. Nothing for 0, by which OTLP says that it is not known.
Result<std::optional<Time>> read_unix_nanos(std::string_view field, simdjson::dom::element value);
// Milliseconds since 1970 as a number or as a string of digits, or RFC 3339.
Result<Time> read_ldv_time(std::string_view field, simdjson::dom::element value);

// An attribute value of OTLP ({"stringValue": …}), and one of LDV (plain JSON). Nothing when it holds no value. NaN and
// the infinities, which JSON cannot write, are texts. kInvalid without the key, which the caller knows.
Result<std::optional<Scalar>> read_any_value(simdjson::dom::element value);
Result<std::optional<Scalar>> read_plain_value(simdjson::dom::element value);

// The elements of {"arrayValue": {"values": […]}}; nothing when it is something else.
std::optional<simdjson::dom::array> array_of_any_value(simdjson::dom::element value);

// Stands for what is not text in a text that was mended: a character that Unicode reserves for such use.
inline constexpr std::string_view kNotText = "\xEF\xB7\x90";

// A copy of a JSON object in which bytes that are not UTF-8, control characters inside strings, and halves of surrogate
// pairs are replaced by kNotText, so that a parser can read the rest. Nothing when it has none of them.
std::optional<std::string> mend_text(std::string_view json);

// Checks the texts in `value` and below it: kInvalid when an object names a member twice, and, with `mended`, when
// kNotText occurs in any text.
Status check_texts(simdjson::dom::element value, bool mended);
// Checks the names of the members of one object: kInvalid when two are spellings of one, in camelCase and snake_case.
Status check_names(simdjson::dom::object object);

}  // namespace weerbaar::ingest::otlp
