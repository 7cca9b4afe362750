#include "sample/random.h"

#include <bit>

namespace weerbaar::sample {
namespace {

uint64_t split_mix(uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

}  // namespace

uint64_t scramble(uint64_t a, uint64_t b) {
  uint64_t state = a;
  state = split_mix(state) ^ b;
  return split_mix(state);
}

Random::Random(uint64_t seed, Stream stream, uint64_t which, uint64_t part) {
  uint64_t state = scramble(scramble(seed, static_cast<uint64_t>(stream)), scramble(which, part));
  for (uint64_t& word : state_) word = split_mix(state);
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

}  // namespace weerbaar::sample
