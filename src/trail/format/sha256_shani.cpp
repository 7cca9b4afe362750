// SHA-256 by the SHA extensions of x86 (Intel SDM volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2).
#include <immintrin.h>

#include "trail/format/sha256_kernels.h"

namespace weerbaar::trail::kernels {
namespace {

// The instructions want the state as two registers, a b e f and c d g h, the first letter in the highest word.
struct State {
  __m128i abef;
  __m128i cdgh;
};

inline __m128i load(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
inline void store(void* to, __m128i value) {
  _mm_storeu_si128(static_cast<__m128i*>(to), value);
}

inline State load_state(const uint32_t* words) {
  const __m128i cdab = _mm_shuffle_epi32(load(words), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(load(words + 4), 0x1B);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

inline void store_state(uint32_t* words, const State& state) {
  const __m128i feba = _mm_shuffle_epi32(state.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(state.cdgh, 0xB1);
  store(words, _mm_blend_epi16(feba, dchg, 0xF0));
  store(words + 4, _mm_alignr_epi8(dchg, feba, 8));
}

// Words t to t+3 of the message schedule from the sixteen before them, four a register.
inline __m128i schedule(__m128i w16, __m128i w12, __m128i w8, __m128i w4) {
  const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w16, w12), _mm_alignr_epi8(w4, w8, 4));
  return _mm_sha256msg2_epu32(sum, w4);
}

template <size_t kLanes>
inline void compress(uint32_t* const* states, const uint8_t* const* blocks, size_t count) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  State state[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) state[lane] = load_state(states[lane]);
  for (size_t block = 0; block < count; ++block) {
    State before[kLanes];
    __m128i w[kLanes][4];
    for (size_t lane = 0; lane < kLanes; ++lane) before[lane] = state[lane];
#pragma GCC unroll 16
    for (size_t group = 0; group < 16; ++group) {
      const __m128i constants = load(kRoundConstants + 4 * group);
#pragma GCC unroll 4
      for (size_t lane = 0; lane < kLanes; ++lane) {
        __m128i* const ring = w[lane];
        __m128i& now = ring[group % 4];
        now = group < 4 ? _mm_shuffle_epi8(load(blocks[lane] + block * kBlockBytes + 16 * group), big_endian)
                        : schedule(now, ring[(group + 1) % 4], ring[(group + 2) % 4], ring[(group + 3) % 4]);
        const __m128i sum = _mm_add_epi32(now, constants);
        state[lane].cdgh = _mm_sha256rnds2_epu32(state[lane].cdgh, state[lane].abef, sum);
        state[lane].abef = _mm_sha256rnds2_epu32(state[lane].abef, state[lane].cdgh, _mm_shuffle_epi32(sum, 0x0E));
      }
    }
    for (size_t lane = 0; lane < kLanes; ++lane) {
      state[lane].abef = _mm_add_epi32(state[lane].abef, before[lane].abef);
      state[lane].cdgh = _mm_add_epi32(state[lane].cdgh, before[lane].cdgh);
    }
  }
  for (size_t lane = 0; lane < kLanes; ++lane) store_state(states[lane], state[lane]);
}

}  // namespace

void compress_shani(uint32_t* const* states, const uint8_t* const* blocks, size_t count) {
  compress<kShaNiLanes>(states, blocks, count);
}

void compress_shani_one(uint32_t* const* states, const uint8_t* const* blocks, size_t count) {
  compress<1>(states, blocks, count);
}

}  // namespace weerbaar::trail::kernels
