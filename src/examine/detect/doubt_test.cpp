#include "examine/detect/doubt.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar::detect {
namespace {

TEST(Doubt, is_none_of_what_is_explained_little_of_half_an_explanation_and_whole_of_none) {
  Observation access;
  ObservedSubject subject;
  access.subjects = {&subject, 1};
  EXPECT_EQ(doubt_of(access, subject), 1);
  subject.flags = kNeighbour;
  EXPECT_EQ(doubt_of(access, subject), 1);
  subject.flags = kSelf;
  EXPECT_EQ(doubt_of(access, subject), 0);
  subject.flags = 0;
  subject.known_by_work = true;
  EXPECT_LT(doubt_of(access, subject), 0.5);
  subject.known_by_work = false;
  access.claims_case = true;
  EXPECT_LT(doubt_of(access, subject), 0.5);
  access.claims_case = false;
  subject.explained = true;
  EXPECT_EQ(doubt_of(access, subject), 0);
  subject.by_broken_glass = true;
  EXPECT_GT(doubt_of(access, subject), 0);
}

TEST(Doubt, of_a_search_is_shared_by_its_hits) {
  Observation access;
  const ObservedSubject hits[4];
  access.subjects = hits;
  EXPECT_EQ(doubt_of(access, hits[0]), 1);
  access.action = Action::kSearch;
  EXPECT_EQ(doubt_of(access, hits[0]), 0.25);
}

TEST(RecentLooks, counts_a_person_once_an_hour_while_not_too_many_come_between) {
  RecentLooks looks;
  constexpr int64_t kMinute = 60 * kMicrosPerSecond;
  EXPECT_EQ(looks.add(5, 1, 0, 1), 1);
  EXPECT_EQ(looks.add(5, 1, 30 * kMinute, 1), 0);
  EXPECT_EQ(looks.add(5, 1, 61 * kMinute, 1), 1);
  EXPECT_EQ(looks.add(4, 1, 61 * kMinute, 1), 1);
  for (uint64_t other = 2; other < 9; ++other) EXPECT_EQ(looks.add(5, other, 62 * kMinute, 1), 1);
  EXPECT_EQ(looks.add(5, 1, 63 * kMinute, 1), 0);
  EXPECT_EQ(looks.add(5, 10, 64 * kMinute, 1), 1);
  EXPECT_EQ(looks.add(5, 2, 64 * kMinute, 1), 1) << "the one that was seen longest ago made room";
}

TEST(RecentLooks, weigh_a_look_as_the_heaviest_of_its_accesses) {
  RecentLooks looks;
  EXPECT_EQ(looks.add(0, 1, 0, 0.25), 0.25);
  EXPECT_EQ(looks.add(0, 1, 1, 1), 0.75);
  EXPECT_EQ(looks.add(0, 1, 2, 0.5), 0);
}

}  // namespace
}  // namespace weerbaar::detect
