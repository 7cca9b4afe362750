// By what a search looked for somebody.
#pragma once

#include <cstdint>
#include <string_view>

namespace weerbaar::report {

enum class SearchKey : uint8_t { kIdentifier, kOther, kUnknown };

// Of what was typed, or of a statement. An identifier is a number of nine digits or more (BSN, RSIN), one of eight that
// is no date (KvK), or a registration plate of six signs and nothing else; spaces, dots and dashes within do not count.
// All else is another key: a name, an address, a date of birth. Nothing typed is unknown.
SearchKey key_of(std::string_view query);

}  // namespace weerbaar::report
