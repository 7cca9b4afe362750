// Percent-encoding, of what goes into an address or a form.
#pragma once

#include <string>
#include <string_view>

namespace weerbaar::people {

// RFC 3986 section 2.1, with nothing left plain but the unreserved characters of section 2.3: fit for any part of an
// address, and for application/x-www-form-urlencoded.
std::string percent_encoded(std::string_view text);

}  // namespace weerbaar::people
