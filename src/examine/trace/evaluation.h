// For tests and the evaluation only: how often a trace finds what was planted in generated worlds, and how often it is
// misled by lists that nobody leaked.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weerbaar::trace::testing {

enum class Kind : uint8_t { kSeller, kSellerAtHome, kPair, kAnybody, kRegion, kCaseLoad };
inline constexpr size_t kKinds = 6;

struct Tally {
  size_t runs = 0;
  size_t first = 0;          // a leaker comes first
  size_t all_in_five = 0;    // every leaker is among the first five
  size_t together = 0;       // the best explanation is the leakers and nobody else
  size_t covered_first = 0;  // a leaker comes first when ranked by how many of the list they saw
  size_t at_least_5 = 0;     // the reported chance is 5 % or more
  size_t below_1 = 0;        // it is less than 1 %
  size_t anywhere_5 = 0;     // the chance by lists from anywhere alone is 5 % or more
};

using Tallies = std::array<Tally, kKinds>;

std::string_view name_of(Kind kind);
// Adds to `tallies` what one world gives: `each` lists of every kind are planted in it and traced one after the other,
// where so many persons besides are known.
void evaluate_world(uint64_t seed, size_t each, uint64_t drawings, size_t sampled, Tallies& tallies);
// As a table in Markdown.
std::string to_table(const Tallies& tallies);

}  // namespace weerbaar::trace::testing
