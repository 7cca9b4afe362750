// Dutch identification numbers.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/access_event.h"

namespace weerbaar {

// Burgerservicenummer: nine digits (a leading zero is a digit), weighted sum 9,8,7,6,5,4,3,2,−1 divisible by 11, not
// all zero. Source: Logisch ontwerp BSN; the "11-test". The RSIN of organisations follows the same rule.
bool is_bsn(std::string_view id);

// Whether a person of this type can be found by that id. Intake keeps a number that fails the test as another type:
// silence about it would read as "nobody looked". kInvalid says what is wrong, without repeating it.
Status check_number(SubjectType type, std::string_view id);

}  // namespace weerbaar
