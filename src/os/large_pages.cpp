#include "os/large_pages.h"

#include <sys/mman.h>

#include <new>

namespace weerbaar::os {
namespace {

constexpr size_t kPageBytes = size_t{2} << 20U;
// Below it a page would be mostly empty.
constexpr size_t kLargeBytes = 2 * kPageBytes;

}  // namespace

void* allocate_large(size_t bytes) {
  if (bytes < kLargeBytes) return ::operator new(bytes);
  void* const memory = ::operator new(bytes, std::align_val_t(kPageBytes));
  // Where the system has none, or none left, small ones do.
  static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
  return memory;
}

void free_large(void* memory, size_t bytes) noexcept {
  if (bytes < kLargeBytes) return ::operator delete(memory);
  ::operator delete(memory, std::align_val_t(kPageBytes));
}

}  // namespace weerbaar::os
