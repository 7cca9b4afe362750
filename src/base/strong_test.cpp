#include "base/strong.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace weerbaar {
namespace {

TEST(Strong, kinds_do_not_mix) {
  static_assert(!std::is_convertible_v<EntryIndex, TreeSize>);
  static_assert(!std::is_convertible_v<uint64_t, EntryIndex>);
  EXPECT_LT(EntryIndex(3), EntryIndex(4));
  EXPECT_TRUE(EntryIndex(3) < TreeSize(4));
  EXPECT_FALSE(EntryIndex(4) < TreeSize(4));
  EXPECT_EQ((EntryIndex(3) + 2).value(), 5U);
}

}  // namespace
}  // namespace weerbaar
