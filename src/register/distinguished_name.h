// Distinguished names of a directory (RFC 4514), in a form in which equal ones are the same text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::facts {

struct DistinguishedName {
  std::string normal;  // two names are equal when this is the same
  std::string parent;  // that of the entry above it
  std::string type;    // of the first part, in small letters: "cn"
  std::string value;   // of the first part, without escapes
};

// Names of attributes count alike in either case, and so do values, of letters of ASCII and Latin-1; several spaces
// count as one, those at the ends as none; escapes as what they stand for; parts joined by '+' in any order. kInvalid
// for what is no distinguished name, also for one in the older forms with quotes or semicolons.
Result<DistinguishedName> parse_distinguished_name(std::string_view text);

}  // namespace weerbaar::facts
