// Problems that were found, bounded: a trail that is wrong everywhere must not fill the memory, nor hide the rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trail/verify/verify.h"

namespace weerbaar::trail {

// Of one file: one damaged file must not crowd out the others. Room for every section of a segment.
inline constexpr size_t kProblemsPerFileMax = 64;
// Of one kind in a file: a thousand wrong entries must not crowd out a wrong index.
inline constexpr size_t kProblemsPerKindMax = 6;

// Keeps the first `max` and counts the others.
class ProblemList {
 public:
  explicit ProblemList(size_t max = kProblemsPerFileMax) : max_(max) {}

  void add(std::string where, std::string what) {
    if (problems_.size() < max_) {
      problems_.push_back({std::move(where), std::move(what)});
    } else {
      ++left_out_;
    }
  }
  // Adds what another list found at `where`, and how many that one left out.
  void add_all(const std::string& where, ProblemList other);

  [[nodiscard]] bool empty() const { return problems_.empty(); }
  // In the order in which they were added. When some were left out, one more at the end says how many.
  [[nodiscard]] std::vector<Problem> take(std::string where) &&;

 private:
  size_t max_;
  uint64_t left_out_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace weerbaar::trail
