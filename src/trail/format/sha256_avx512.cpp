// SHA-256 of sixteen messages side by side: word i of every message in one AVX-512 register. Masked loads put prefix
// and padding (FIPS 180-4 section 5.1.1) in place, so no message is copied.
#include <immintrin.h>

#include "trail/format/sha256_kernels.h"

namespace weerbaar::trail::kernels {
namespace {

constexpr int kLanes = static_cast<int>(kAvx512Lanes);

inline __m512i add(__m512i a, __m512i b) {
  return _mm512_add_epi32(a, b);
}
inline __m512i exclusive_or(__m512i a, __m512i b, __m512i c) {
  return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

// The functions of FIPS 180-4 section 4.1.2.
inline __m512i big_sigma0(__m512i x) {
  return exclusive_or(_mm512_ror_epi32(x, 2), _mm512_ror_epi32(x, 13), _mm512_ror_epi32(x, 22));
}
inline __m512i big_sigma1(__m512i x) {
  return exclusive_or(_mm512_ror_epi32(x, 6), _mm512_ror_epi32(x, 11), _mm512_ror_epi32(x, 25));
}
inline __m512i small_sigma0(__m512i x) {
  return exclusive_or(_mm512_ror_epi32(x, 7), _mm512_ror_epi32(x, 18), _mm512_srli_epi32(x, 3));
}
inline __m512i small_sigma1(__m512i x) {
  return exclusive_or(_mm512_ror_epi32(x, 17), _mm512_ror_epi32(x, 19), _mm512_srli_epi32(x, 10));
}
inline __m512i choose(__m512i x, __m512i y, __m512i z) {
  return _mm512_ternarylogic_epi32(x, y, z, 0xCA);
}
inline __m512i majority(__m512i x, __m512i y, __m512i z) {
  return _mm512_ternarylogic_epi32(x, y, z, 0xE8);
}

// Rows to columns: word j of row i becomes word i of row j.
inline void transpose(__m512i (&rows)[16]) {
  __m512i pairs[16];
  __m512i fours[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  // Register 4i + j: in each of its four quarters q, word 4q + j of the rows 4i to 4i + 3.
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512i low_even = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0x88);
    const __m512i low_odd = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0xDD);
    const __m512i high_even = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0x88);
    const __m512i high_odd = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0xDD);
    rows[i] = _mm512_shuffle_i32x4(low_even, high_even, 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(low_even, high_even, 0xDD);
    rows[i + 4] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
    rows[i + 12] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xDD);
  }
}

inline __m512i big_endian() {
  return _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

inline void run_round(__m512i (&s)[8], int t, __m512i schedule_word) {
  const __m512i constant = _mm512_set1_epi32(static_cast<int>(kRoundConstants[t]));
  const __m512i t1 = add(add(add(s[7], schedule_word), add(constant, choose(s[4], s[5], s[6]))), big_sigma1(s[4]));
  const __m512i t2 = add(big_sigma0(s[0]), majority(s[0], s[1], s[2]));
  s[7] = s[6];
  s[6] = s[5];
  s[5] = s[4];
  s[4] = add(s[3], t1);
  s[3] = s[2];
  s[2] = s[1];
  s[1] = s[0];
  s[0] = add(t1, t2);
}

// The 64 rounds; `s` is a to h, `w` the words of the block.
inline void run_rounds(__m512i (&s)[8], __m512i (&w)[16]) {
#pragma GCC unroll 16
  for (int t = 0; t < 16; ++t) run_round(s, t, w[t]);
  for (int begin = 16; begin < 64; begin += 16) {
#pragma GCC unroll 16
    for (int t = 0; t < 16; ++t) {
      w[t] = add(add(w[t], small_sigma0(w[(t + 1) % 16])), add(w[(t + 9) % 16], small_sigma1(w[(t + 14) % 16])));
      run_round(s, begin + t, w[t]);
    }
  }
}

// Block `number` of what is hashed of a message, which `blocks` make up: where it begins or ends.
inline __m512i edge_block(const Message& message, int prefix, uint64_t number, uint64_t blocks) {
  const uint64_t before = prefix < 0 ? 0 : 1;
  const uint64_t size = message.size + before;
  const uint64_t offset = number * kBlockBytes;
  const uint64_t left = size > offset ? size - offset : 0;
  __mmask64 there = left < kBlockBytes ? (uint64_t{1} << left) - 1 : ~uint64_t{0};
  const bool is_prefixed = number == 0 && before != 0;
  if (is_prefixed) there &= ~uint64_t{1};
  // As a number: the block may begin in front of the message, or behind it.
  const uintptr_t from = reinterpret_cast<uintptr_t>(message.bytes) + offset - before;
  __m512i block = _mm512_maskz_loadu_epi8(there, reinterpret_cast<const void*>(from));
  if (is_prefixed) block = _mm512_mask_mov_epi8(block, 1, _mm512_set1_epi8(static_cast<char>(prefix)));
  if (left < kBlockBytes && offset <= size) {
    block = _mm512_mask_mov_epi8(block, uint64_t{1} << left, _mm512_set1_epi8(static_cast<char>(0x80)));
  }
  if (number + 1 < blocks) return block;
  return _mm512_mask_mov_epi64(block, 0x80, _mm512_set1_epi64(static_cast<long long>(__builtin_bswap64(size * 8))));
}

// The words of a block of every message; zeros for those that have no more. Returns which have one.
inline __mmask16 load_words(__m512i (&w)[kLanes], const Message* messages, int prefix, uint64_t number) {
  const uint64_t before = prefix < 0 ? 0 : 1;
  unsigned active = 0;
#pragma GCC unroll 1
  for (int lane = 0; lane < kLanes; ++lane) {
    const Message& message = messages[lane];
    const uint64_t blocks = (message.size + before + 9 + kBlockBytes - 1) / kBlockBytes;
    const uint64_t end = (number + 1) * kBlockBytes;
    if (number >= before && end <= message.size + before) {
      w[lane] = _mm512_loadu_si512(message.bytes + (number * kBlockBytes - before));
    } else {
      w[lane] = number < blocks ? edge_block(message, prefix, number, blocks) : _mm512_setzero_si512();
    }
    active |= static_cast<unsigned>(number < blocks) << lane;
  }
  transpose(w);
  const __m512i order = big_endian();
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) w[i] = _mm512_shuffle_epi8(w[i], order);
  return static_cast<__mmask16>(active);
}

}  // namespace

void hash_avx512(int prefix, const Message* messages, uint8_t* const* hashes) {
  __m512i state[16];
  for (int i = 0; i < 8; ++i) state[i] = _mm512_set1_epi32(static_cast<int>(kInitialState[i]));
  for (uint64_t number = 0;; ++number) {
    __m512i w[16];
    __m512i s[8];
    const __mmask16 active = load_words(w, messages, prefix, number);
    if (active == 0) break;
    for (int i = 0; i < 8; ++i) s[i] = state[i];
    run_rounds(s, w);
    for (int i = 0; i < 8; ++i) state[i] = _mm512_mask_add_epi32(state[i], active, state[i], s[i]);
  }
  const __m512i order = big_endian();
  for (int i = 0; i < 8; ++i) state[i] = _mm512_shuffle_epi8(state[i], order);
  for (int i = 8; i < 16; ++i) state[i] = _mm512_setzero_si512();
  transpose(state);
  for (int lane = 0; lane < kLanes; ++lane) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(hashes[lane]), _mm512_castsi512_si256(state[lane]));
  }
}

}  // namespace weerbaar::trail::kernels
