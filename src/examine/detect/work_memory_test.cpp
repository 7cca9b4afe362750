#include "examine/detect/work_memory.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <set>
#include <utility>

namespace weerbaar::detect {
namespace {

uint64_t hash_of(uint64_t number) {
  return XXH3_64bits(&number, sizeof number);
}

TEST(WorkMemory, knows_all_that_a_set_holds_and_hardly_anything_else) {
  WorkMemory memory;
  std::set<std::pair<uint32_t, uint64_t>> all;
  for (uint64_t i = 0; i < 4'000; ++i) {
    const auto employee = static_cast<uint32_t>(i % 10);
    memory.learn(employee, hash_of(i));
    all.emplace(employee, i);
  }
  int mistaken = 0;
  for (uint64_t i = 0; i < 8'000; ++i) {
    for (uint32_t employee = 0; employee < 10; ++employee) {
      if (all.contains({employee, i})) {
        EXPECT_TRUE(memory.knows(employee, hash_of(i)));
      } else {
        mistaken += memory.knows(employee, hash_of(i)) ? 1 : 0;
      }
    }
  }
  EXPECT_LT(mistaken, 76'000 / 50);
  EXPECT_FALSE(memory.knows(10, hash_of(1)));
}

// As many as somebody opens who does nothing else, and as an account of a machine does.
TEST(WorkMemory, of_very_many_is_hardly_ever_mistaken_and_bounded) {
  WorkMemory memory;
  constexpr uint64_t kPersons = 300'000;
  constexpr uint64_t kOthers = 100'000;
  uint64_t learned = 0;
  for (uint64_t i = 0; i < kPersons; ++i) {
    memory.learn(0, hash_of(i));
    if (i + 1 != 10'000 && i + 1 != kPersons) continue;
    uint64_t mistaken = 0;
    for (uint64_t k = 0; k < kOthers; ++k) mistaken += memory.knows(0, hash_of(kPersons + k)) ? 1U : 0U;
    EXPECT_LT(mistaken, kOthers / 100) << i;
  }
  for (uint64_t i = 0; i < kPersons; ++i) learned += memory.knows(0, hash_of(i)) ? 1U : 0U;
  EXPECT_GT(learned, 260'000U);
  EXPECT_LT(learned, kPersons) << "the last ones are doubted";
}

TEST(WorkMemory, keeps_to_its_bytes_for_all_employees_together) {
  WorkMemory memory(size_t{10} * 256);
  const auto known = [&](uint32_t employees) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < employees; ++i) count += memory.knows(i, hash_of(1)) ? 1U : 0U;
    return count;
  };
  for (uint32_t i = 0; i < 20; ++i) memory.learn(i, hash_of(1));
  EXPECT_EQ(known(20), 10U);
  memory.end_of_period();
  for (uint32_t i = 10; i < 20; ++i) memory.learn(i, hash_of(1));
  EXPECT_EQ(known(20), 20U) << "each period has as many";
}

TEST(PersonFilters, take_no_more_bytes_than_they_may_whoever_asks_for_them) {
  constexpr size_t kFirst = 256;
  PersonFilters filters(kFirst * 7);  // layers of 256, 512 and 1,024 bytes for one employee
  uint64_t taken = 0;
  for (uint64_t i = 0; i < 5'000; ++i) {
    filters.add(0, hash_of(i));
    taken += filters.has(0, hash_of(i)) ? 1U : 0U;
  }
  EXPECT_GE(taken, kFirst * 7 / 2);
  EXPECT_LT(taken, kFirst * 7 / 2 + 100) << "but for mistakes";
  EXPECT_TRUE(filters.add(1, hash_of(1)));
  EXPECT_TRUE(filters.add(1, hash_of(1))) << "nothing is left for another";
  EXPECT_FALSE(filters.holds_any(1));
  filters.clear();
  EXPECT_FALSE(filters.holds_any(0));
  EXPECT_TRUE(filters.add(1, hash_of(1)));
  EXPECT_FALSE(filters.add(1, hash_of(1)));
}

TEST(WorkMemory, forgets_after_a_whole_period_more) {
  WorkMemory memory;
  memory.learn(3, hash_of(7));
  memory.end_of_period();
  EXPECT_TRUE(memory.knows(3, hash_of(7)));
  memory.end_of_period();
  EXPECT_FALSE(memory.knows(3, hash_of(7)));
}

}  // namespace
}  // namespace weerbaar::detect
