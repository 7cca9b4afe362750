#include "os/large_pages.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace weerbaar::os {
namespace {

TEST(LargePages, hold_what_was_put_in_while_they_grow_from_small_to_large) {
  LargeVector<uint64_t> values;
  constexpr uint64_t kMany = 3'000'000;
  for (uint64_t i = 0; i < kMany; ++i) values.push_back(i * i);
  for (uint64_t i = 0; i < kMany; ++i) ASSERT_EQ(values[i], i * i);
  values.resize(7);
  values.shrink_to_fit();
  EXPECT_EQ(values[6], 36U);
}

TEST(LargePages, begin_where_a_large_page_does) {
  constexpr size_t kBytes = size_t{8} << 20U;
  void* const memory = allocate_large(kBytes);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % (size_t{2} << 20U), 0U);
  free_large(memory, kBytes);
}

}  // namespace
}  // namespace weerbaar::os
