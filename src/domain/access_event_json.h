// The JSON form of an access event, as in docs/formats/access-event.md, and the JSON scalars that it is made of.
#pragma once

#include <string>
#include <string_view>

#include "domain/access_event.h"

namespace weerbaar {

// One object without line breaks, fields in the order of the document. What is absent, or equal to its default
// (actor.type employee, outcome success, break_glass false), is left out, so that equal events give equal text. The
// event must obey validate(): texts are written as they are, attribute values as the JSON text that they hold.
std::string to_json(const AccessEvent& event);
void append_json(std::string& to, const AccessEvent& event);

// A JSON string with its quotes; only what RFC 8259 requires is escaped, so `text` must be UTF-8.
void append_json_string(std::string& to, std::string_view text);

// The shortest JSON number that reads back as the same double, and never as an integer out of range: 0.1, 1e+20, -0.0.
// `value` must be finite: JSON has no other.
void append_json_number(std::string& to, double value);

}  // namespace weerbaar
