// Content that is made of key=value, as many programs log: user=u104233 reason="a call of the citizen".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weerbaar::ingest::syslog {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Words that are no pair are passed over: any text has pairs, or none. A key has letters, digits, '_', '.' and '-'. A
// value goes to the next blank, without a comma or semicolon at its end, or stands in double quotes, in which a
// backslash takes the meaning from a quote or backslash behind it. A quote that nothing closes makes no pair.
void parse_pairs(std::string_view text, Pairs& to);

}  // namespace weerbaar::ingest::syslog
