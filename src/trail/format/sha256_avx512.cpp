// SHA-256 of sixteen messages side by side: word i of every message in one AVX-512 register. Masked loads leave out
// what does not belong to a message, so none is copied to get its prefix and padding (FIPS 180-4 section 5.1.1).
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

// The rounds from 16 on, when the rounds before `begin` were run; `w` are the sixteen words before that one.
inline void run_rounds_from(int begin, __m512i (&s)[8], __m512i (&w)[16]) {
  for (; begin < 64; begin += 16) {
#pragma GCC unroll 16
    for (int t = 0; t < 16; ++t) {
      w[t] = add(add(w[t], small_sigma0(w[(t + 1) % 16])), add(w[(t + 9) % 16], small_sigma1(w[(t + 14) % 16])));
      run_round(s, begin + t, w[t]);
    }
  }
}

// The 64 rounds; `s` is a to h, `w` the words of the block.
inline void run_rounds(__m512i (&s)[8], __m512i (&w)[16]) {
#pragma GCC unroll 16
  for (int t = 0; t < 16; ++t) run_round(s, t, w[t]);
  run_rounds_from(16, s, w);
}

inline __m512i all(uint32_t word) {
  return _mm512_set1_epi32(static_cast<int>(word));
}

// The same for a block of one word, zeros, and the length of a node: most of its first words need no sum.
inline void run_rounds_of_node_end(__m512i (&s)[8], __m512i first_word) {
  constexpr uint32_t kBits = 8 * (1 + 2 * 32);
  const __m512i bits = all(kBits);
  const __m512i zero = _mm512_setzero_si512();
  run_round(s, 0, first_word);
#pragma GCC unroll 16
  for (int t = 1; t < 15; ++t) run_round(s, t, zero);
  run_round(s, 15, bits);
  __m512i w[16];  // 16 to 31
  w[0] = first_word;
  w[1] = small_sigma1(bits);
  w[2] = small_sigma1(w[0]);
  w[3] = small_sigma1(w[1]);
  w[4] = small_sigma1(w[2]);
  w[5] = small_sigma1(w[3]);
  w[6] = add(small_sigma1(w[4]), bits);
#pragma GCC unroll 16
  for (int t = 7; t < 14; ++t) w[t] = add(small_sigma1(w[t - 2]), w[t - 7]);
  w[14] = add(add(small_sigma1(w[12]), w[7]), small_sigma0(bits));
  w[15] = add(add(small_sigma1(w[13]), w[8]), add(small_sigma0(w[0]), bits));
#pragma GCC unroll 16
  for (int t = 0; t < 16; ++t) run_round(s, 16 + t, w[t]);
  run_rounds_from(32, s, w);
}

inline void start(__m512i (&state)[16]) {
  for (int i = 0; i < 8; ++i) state[i] = all(kInitialState[i]);
}

// Words from rows, as the standard reads them.
inline void read_words(__m512i (&w)[16]) {
  transpose(w);
  const __m512i order = big_endian();
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) w[i] = _mm512_shuffle_epi8(w[i], order);
}

// The first eight registers hold the state; row i of what comes out begins with the hash of message i.
inline void finish(__m512i (&state)[16]) {
  const __m512i order = big_endian();
  for (int i = 0; i < 8; ++i) state[i] = _mm512_shuffle_epi8(state[i], order);
  for (int i = 8; i < 16; ++i) state[i] = _mm512_setzero_si512();
  transpose(state);
}

inline void store_hash(uint8_t* to, __m512i row) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(row));
}

// Where to begin to read 64 bytes that are zeros but for the bit that ends a message: it lies 64 bytes behind here.
alignas(64) constexpr uint8_t kEnds[64 + 1 + 64] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   0,
                                                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   0,
                                                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80};

// Block `number` of a message of which `size` bytes are hashed, a prefix among them when `before` is 1: what stands in
// it of the message, and the bit that ends it.
inline __m512i load_block(const Message& message, uint64_t before, uint64_t number) {
  const uint64_t size = message.size + before;
  const uint64_t offset = number * kBlockBytes;
  const uint64_t left = offset < size ? size - offset : 0;
  __mmask64 there = left < kBlockBytes ? (uint64_t{1} << left) - 1 : ~uint64_t{0};
  if (number == 0) there &= ~before;
  const uint64_t end =
      offset > size ? sizeof kEnds - kBlockBytes : kBlockBytes - (left < kBlockBytes ? left : kBlockBytes);
  // As a number: the block may begin in front of the message, or behind it.
  const uintptr_t from = reinterpret_cast<uintptr_t>(message.bytes) + offset - before;
  const auto* const block = reinterpret_cast<const void*>(from);  // NOLINT(performance-no-int-to-ptr): see above
  return _mm512_or_si512(_mm512_maskz_loadu_epi8(there, block), _mm512_loadu_si512(kEnds + end));
}

}  // namespace

void hash_avx512(int prefix, const Message* messages, uint8_t* const* hashes) {
  const uint64_t before = prefix < 0 ? 0 : 1;
  uint32_t sizes[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) sizes[lane] = static_cast<uint32_t>(messages[lane].size + before);
  const __m512i size = _mm512_loadu_si512(sizes);
  const __m512i blocks = _mm512_srli_epi32(_mm512_add_epi32(size, all(kBlockBytes + 8)), 6);
  __m512i state[16];
  start(state);
  for (uint32_t number = 0;; ++number) {
    const __mmask16 active = _mm512_cmpgt_epu32_mask(blocks, all(number));
    if (active == 0) break;
    __m512i w[16];
    for (int lane = 0; lane < kLanes; ++lane) w[lane] = load_block(messages[lane], before, number);
    read_words(w);
    if (number == 0 && prefix >= 0) w[0] = _mm512_or_si512(w[0], all(static_cast<uint32_t>(prefix) << 24U));
    w[15] = _mm512_mask_slli_epi32(w[15], _mm512_cmpeq_epu32_mask(blocks, all(number + 1)), size, 3);
    __m512i s[8];
    for (int i = 0; i < 8; ++i) s[i] = state[i];
    run_rounds(s, w);
    for (int i = 0; i < 8; ++i) state[i] = _mm512_mask_add_epi32(state[i], active, state[i], s[i]);
  }
  finish(state);
  for (int lane = 0; lane < kLanes; ++lane) store_hash(hashes[lane], state[lane]);
}

void hash_nodes_avx512(uint8_t prefix, const uint8_t* children, uint8_t* parents) {
  constexpr uint64_t kNodeBytes = 64;
  __m512i w[16];
  __m512i state[16];
  __m512i s[8];
  // A byte in front of each pair is left out, so that the prefix finds its place.
  for (int lane = 0; lane < kLanes; ++lane) {
    const uintptr_t from = reinterpret_cast<uintptr_t>(children) + static_cast<uint64_t>(lane) * kNodeBytes - 1;
    const auto* const pair = reinterpret_cast<const void*>(from);  // NOLINT(performance-no-int-to-ptr): may be outside
    w[lane] = _mm512_maskz_loadu_epi8(~uint64_t{1}, pair);
  }
  read_words(w);
  w[0] = _mm512_or_si512(w[0], all(uint32_t{prefix} << 24U));
  uint32_t lasts[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    lasts[lane] = uint32_t{children[static_cast<uint64_t>(lane) * kNodeBytes + kNodeBytes - 1]} << 24U | 0x800000U;
  }
  start(state);
  for (int i = 0; i < 8; ++i) s[i] = state[i];
  run_rounds(s, w);
  for (int i = 0; i < 8; ++i) s[i] = state[i] = add(state[i], s[i]);
  run_rounds_of_node_end(s, _mm512_loadu_si512(lasts));
  for (int i = 0; i < 8; ++i) state[i] = add(state[i], s[i]);
  finish(state);
  for (int lane = 0; lane < kLanes; ++lane) store_hash(parents + lane * 32, state[lane]);
}

}  // namespace weerbaar::trail::kernels
