#include "trail/format/unpack.h"

#include <algorithm>

#include "trail/format/unpack_kernel.h"

namespace weerbaar::trail {
namespace {

bool has_kernel() {
#if defined(__x86_64__)
  static const bool kHas = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                           __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
  return kHas;
#else
  return false;
#endif
}

}  // namespace

void unpack_portable(const uint8_t* data, unsigned width, uint64_t base, uint64_t scale, std::span<int64_t> values) {
  uint64_t bit = 0;
  for (int64_t& value : values) {
    value = static_cast<int64_t>(base + scale * read_bits(data, bit, width));
    bit += width;
  }
}

void unpack(const uint8_t* data, unsigned width, uint64_t base, uint64_t scale, std::span<int64_t> values) {
  if (width == 0) {
    std::ranges::fill(values, static_cast<int64_t>(base));
    return;
  }
#if defined(__x86_64__)
  if (width < 64 && has_kernel()) {
    const size_t groups = values.size() / kernels::kUnpackLanes;
    kernels::unpack_avx512(data, width, base, scale, values.data(), groups);
    data += groups * width;
    values = values.subspan(groups * kernels::kUnpackLanes);
  }
#endif
  unpack_portable(data, width, base, scale, values);
}

}  // namespace weerbaar::trail
