// What a check found wrong with evidence.
#pragma once

#include <string>

namespace weerbaar::trail {

struct Problem {
  std::string where;  // a file, and what in it: "segments/000000003.segment, section \"case\""
  std::string what;   // without content of the evidence

  bool operator==(const Problem&) const = default;
};

}  // namespace weerbaar::trail
