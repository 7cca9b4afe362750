// Chance that comes out the same on every machine: integers only, no distribution of the standard library, of which the
// results differ between libraries.
//
// Generator: xoshiro256** (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded through
// SplitMix64 as its authors advise. Not for secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weerbaar::sample {

// Chance is drawn from a stream of its own for each thing, so that a change in one leaves the others as they were.
enum class Stream : uint64_t {
  kPopulation,
  kPerson,
  kOrganisation,
  kEmployee,
  kAbsence,
  kRoster,
  kBadge,
  kWorkDay,
  kUnitDay,
  kServiceDay,
  kBacklog,
  kHandover,
  kLookAlike,
  kMisuse,
  kLeak,
};

class Random {
 public:
  // The stream of one thing: two numbers say which.
  Random(uint64_t seed, Stream stream, uint64_t which = 0, uint64_t part = 0);

  uint64_t next();
  // 0 … limit - 1; limit is 1 … 2^32.
  uint64_t below(uint64_t limit) { return ((next() >> 32U) * limit) >> 32U; }
  // low … high, both of them possible.
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low + 1)));
  }
  // The same, mostly about the middle: the mean of three.
  int64_t about(int64_t low, int64_t high) {
    return (between(low, high) + between(low, high) + between(low, high)) / 3;
  }
  // 0 … limit - 1, small ones more often: the first tenth is a third of all.
  uint64_t small_below(uint64_t limit) { return below(below(limit) + 1); }
  bool chance(uint64_t parts, uint64_t of = 1'000) { return below(of) < parts; }
  // parts / of on average, as a whole number.
  uint64_t rounded(uint64_t parts, uint64_t of) { return parts / of + (below(of) < parts % of ? 1 : 0); }
  template <class T>
  const T& pick(std::span<const T> items) {
    return items[below(items.size())];
  }

 private:
  std::array<uint64_t, 4> state_{};
};

// A number that looks like chance and is always the same for the same two.
uint64_t scramble(uint64_t a, uint64_t b);

}  // namespace weerbaar::sample
