// Eight numbers of any width take as many bytes as one of them has bits: so each group of eight begins at a byte, and
// the same permutation brings the bytes of every number into a word of its own.
#include <immintrin.h>

#include "trail/format/unpack_kernel.h"

namespace weerbaar::trail::kernels {

void unpack_avx512(const uint8_t* data, unsigned width, uint64_t base, uint64_t scale, int64_t* values, size_t groups) {
  const __m512i lanes = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i bits = _mm512_mul_epu32(lanes, _mm512_set1_epi64(static_cast<long long>(width)));
  const __m512i shifts = _mm512_and_si512(bits, _mm512_set1_epi64(7));
  // The place of the first byte of each number, eight times, and from there on.
  const __m512i first =
      _mm512_shuffle_epi8(_mm512_srli_epi64(bits, 3), _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0));
  const __m512i places = _mm512_add_epi8(first, _mm512_set1_epi64(0x0706050403020100));
  const __m512i mask = _mm512_set1_epi64(static_cast<long long>((1ULL << width) - 1));
  const __mmask64 readable = (1ULL << (7 * width / 8 + 8)) - 1;  // of 64 bytes; at most 57
  const __m512i bases = _mm512_set1_epi64(static_cast<long long>(base));
  const __m512i scales = _mm512_set1_epi64(static_cast<long long>(scale));
  for (size_t group = 0; group < groups; ++group) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(readable, data + group * width);
    const __m512i words = _mm512_permutexvar_epi8(places, bytes);
    __m512i numbers = _mm512_and_si512(_mm512_srlv_epi64(words, shifts), mask);
    if (scale != 1) numbers = _mm512_mullo_epi64(numbers, scales);
    _mm512_storeu_si512(values + group * kUnpackLanes, _mm512_add_epi64(numbers, bases));
  }
}

}  // namespace weerbaar::trail::kernels
