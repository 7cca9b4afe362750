// What unpack.cpp does with instructions that not every processor has. Private to unpack*.cpp; the file that implements
// it includes nothing with inline functions of ours or of the standard library: the linker could pick their copy for
// the whole program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weerbaar::trail::kernels {

inline constexpr size_t kUnpackLanes = 8;

// As unpack(), for `groups` times eight numbers of 1 to 56 bits. Needs AVX-512 F, BW, DQ and VBMI.
void unpack_avx512(const uint8_t* data, unsigned width, uint64_t base, uint64_t scale, int64_t* values, size_t groups);

}  // namespace weerbaar::trail::kernels
