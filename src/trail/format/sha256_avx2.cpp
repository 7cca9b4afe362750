// SHA-256 of eight messages side by side: word i of every message in one AVX2 register.
#include <immintrin.h>

#include "trail/format/sha256_kernels.h"

namespace weerbaar::trail::kernels {
namespace {

inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline void store(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}

inline __m256i add(__m256i a, __m256i b) {
  return _mm256_add_epi32(a, b);
}
inline __m256i exclusive_or(__m256i a, __m256i b, __m256i c) {
  return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}
template <int kBits>
inline __m256i rotate_right(__m256i x) {
  return _mm256_or_si256(_mm256_srli_epi32(x, kBits), _mm256_slli_epi32(x, 32 - kBits));
}

// The functions of FIPS 180-4 section 4.1.2.
inline __m256i big_sigma0(__m256i x) {
  return exclusive_or(rotate_right<2>(x), rotate_right<13>(x), rotate_right<22>(x));
}
inline __m256i big_sigma1(__m256i x) {
  return exclusive_or(rotate_right<6>(x), rotate_right<11>(x), rotate_right<25>(x));
}
inline __m256i small_sigma0(__m256i x) {
  return exclusive_or(rotate_right<7>(x), rotate_right<18>(x), _mm256_srli_epi32(x, 3));
}
inline __m256i small_sigma1(__m256i x) {
  return exclusive_or(rotate_right<17>(x), rotate_right<19>(x), _mm256_srli_epi32(x, 10));
}
inline __m256i choose(__m256i x, __m256i y, __m256i z) {
  return _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)));
}
inline __m256i majority(__m256i x, __m256i y, __m256i z) {
  return _mm256_or_si256(_mm256_and_si256(x, y), _mm256_and_si256(z, _mm256_or_si256(x, y)));
}

// Rows to columns and back: word j of row i becomes word i of row j.
inline void transpose(__m256i (&rows)[8]) {
  __m256i pairs[8];
  __m256i fours[8];
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_epi32(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm256_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    rows[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
    rows[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
  }
}

// The sixteen big-endian words of one block of each message.
inline void load_words(__m256i (&w)[16], const uint8_t* const* blocks, size_t offset) {
  const __m256i big_endian = _mm256_broadcastsi128_si256(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
  for (int half = 0; half < 2; ++half) {
    __m256i rows[8];
    for (int lane = 0; lane < 8; ++lane) rows[lane] = load(blocks[lane] + offset + static_cast<size_t>(half) * 32);
    transpose(rows);
    for (int i = 0; i < 8; ++i) w[8 * half + i] = _mm256_shuffle_epi8(rows[i], big_endian);
  }
}

// The 64 rounds; `s` is a to h.
inline void run_rounds(__m256i (&s)[8], __m256i (&w)[16]) {
#pragma GCC unroll 16
  for (int t = 0; t < 64; ++t) {
    __m256i& now = w[t % 16];
    if (t >= 16) {
      now = add(add(now, small_sigma0(w[(t + 1) % 16])), add(w[(t + 9) % 16], small_sigma1(w[(t + 14) % 16])));
    }
    const __m256i constant = _mm256_set1_epi32(static_cast<int>(kRoundConstants[t]));
    const __m256i t1 = add(add(add(s[7], big_sigma1(s[4])), add(choose(s[4], s[5], s[6]), constant)), now);
    const __m256i t2 = add(big_sigma0(s[0]), majority(s[0], s[1], s[2]));
    s[7] = s[6];
    s[6] = s[5];
    s[5] = s[4];
    s[4] = add(s[3], t1);
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    s[0] = add(t1, t2);
  }
}

}  // namespace

void compress_avx2(uint32_t* const* states, const uint8_t* const* blocks, size_t count) {
  __m256i state[8];
  for (int lane = 0; lane < 8; ++lane) state[lane] = load(states[lane]);
  transpose(state);
  for (size_t block = 0; block < count; ++block) {
    __m256i w[16];
    __m256i s[8];
    load_words(w, blocks, block * kBlockBytes);
    for (int i = 0; i < 8; ++i) s[i] = state[i];
    run_rounds(s, w);
    for (int i = 0; i < 8; ++i) state[i] = add(state[i], s[i]);
  }
  transpose(state);
  for (int lane = 0; lane < 8; ++lane) store(states[lane], state[lane]);
}

}  // namespace weerbaar::trail::kernels
