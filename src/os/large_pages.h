// Memory for large tables that are read at random, in large pages where the system has them: fewer of its lookups miss.
#pragma once

#include <cstddef>
#include <vector>

namespace weerbaar::os {

// At least `bytes`, aligned for any type. Never null: throws std::bad_alloc.
void* allocate_large(size_t bytes);
void free_large(void* memory, size_t bytes) noexcept;

template <class T>
struct LargePages {
  using value_type = T;

  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) noexcept {}  // NOLINT(google-explicit-constructor): allocators convert

  T* allocate(size_t count) { return static_cast<T*>(allocate_large(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) noexcept { free_large(memory, count * sizeof(T)); }
  bool operator==(const LargePages&) const = default;
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace weerbaar::os
