#include "trail/verify/problem_list.h"

#include <fmt/format.h>

#include <utility>

namespace weerbaar::trail {

void ProblemList::add_all(const std::string& where, ProblemList other) {
  for (Problem& problem : std::move(other).take(where)) add(std::move(problem.where), std::move(problem.what));
}

std::vector<Problem> ProblemList::take(std::string where) && {
  if (left_out_ > 0) problems_.push_back({std::move(where), fmt::format("{} more problems like these", left_out_)});
  return std::move(problems_);
}

}  // namespace weerbaar::trail
