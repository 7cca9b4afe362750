// Who has several ids at work is one person, and a citizen too.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "people/about.h"

namespace weerbaar::people {

// Ids that differ in large and small letters of ASCII alone are one id: who reads them does not tell them apart.
inline std::string folded_id(std::string_view id) {
  std::string folded(id);
  std::ranges::transform(folded, folded.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return folded;
}

// Thread-safe. An id is asked in large or small letters, and found in either.
class EmployeeIds {
 public:
  virtual ~EmployeeIds() = default;

  // All ids of the person whose id this is now, in one order whichever is asked: the employee first, then accounts. The
  // id alone when nothing says more. An error when that cannot be known now.
  virtual Result<std::vector<std::string>> of(std::string_view id) = 0;
  // All ids of whoever has, had or will have this id: two ids of which one is among those of the other, in whatever
  // letters, may be of one person, whichever of them is asked. An error when that cannot be known now.
  virtual Result<std::vector<std::string>> ever_of(std::string_view id) = 0;
  // The citizens who whoever has, had or will have this id is or was. An error when that cannot be known now.
  virtual Result<std::vector<About>> persons(std::string_view id) = 0;
};

}  // namespace weerbaar::people
