// Who has several ids at work is one person, and a citizen too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "people/about.h"

namespace weerbaar::people {

// Thread-safe.
class EmployeeIds {
 public:
  virtual ~EmployeeIds() = default;

  // All ids of the person whose id this is, in one order whichever is asked: the employee first, then accounts. The id
  // alone when nothing says more. An error when that cannot be known now.
  virtual Result<std::vector<std::string>> of(std::string_view id) = 0;
  // The citizens who that person is or was, by any id of theirs. An error when that cannot be known now.
  virtual Result<std::vector<About>> persons(std::string_view id) = 0;
};

}  // namespace weerbaar::people
