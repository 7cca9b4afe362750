#include "peers/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar::benchmarks {
namespace {

const Access kAnna{1'000, "u1"};
const Access kBram{2'000, "u2"};

std::string text_of(const std::vector<Access>& accesses) {
  Checksum checksum;
  for (const Access& access : accesses) checksum.add(access);
  return checksum.text();
}

TEST(Checksum, is_equal_for_equal_answers_in_any_order) {
  EXPECT_EQ(text_of({kAnna, kBram}), text_of({kBram, kAnna}));
}

TEST(Checksum, differs_when_an_answer_is_missing_doubled_or_changed) {
  const std::string whole = text_of({kAnna, kBram});
  EXPECT_NE(text_of({kAnna}), whole);
  EXPECT_NE(text_of({kAnna, kBram, kBram}), whole);
  EXPECT_NE(text_of({kAnna, {2'001, "u2"}}), whole);
  EXPECT_NE(text_of({kAnna, {2'000, "u3"}}), whole);
}

TEST(RankSuspects, puts_who_saw_most_persons_first) {
  const std::vector<std::vector<Access>> accesses = {{kAnna, kAnna, kBram}, {}, {{3'000, "u2"}}};
  EXPECT_THAT(rank_suspects(accesses), testing::ElementsAre(Suspect{"u2", 2, 2, 3'000}, Suspect{"u1", 1, 2, 1'000}));
}

TEST(DayCounter, counts_by_day_and_system) {
  DayCounter counter;
  counter.add(0, "BVR");
  counter.add(kMicrosPerDay - 1, "BVR");
  counter.add(2 * kMicrosPerDay, "BVR");
  counter.add(2 * kMicrosPerDay, "FSV");
  uint64_t first_day = 0;
  for (const DayCount& count : counter.counts()) {
    if (count.day == 0) first_day = count.events;
  }
  EXPECT_EQ(counter.counts().size(), 3U);
  EXPECT_EQ(first_day, 2U);
}

}  // namespace
}  // namespace weerbaar::benchmarks
