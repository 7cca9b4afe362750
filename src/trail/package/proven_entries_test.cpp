#include "trail/package/proven_entries.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "trail/format/merkle.h"
#include "trail/package/package.h"
#include "trail/package/repacked.h"
#include "trail/package/testing.h"
#include "trail/package/trail_indexes.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kPerson = "123456782";

AccessEvent access(uint64_t number, EventBatch& batch) {
  static const Subject subjects[] = {{SubjectType::kBsn, kPerson, ""}};
  AccessEvent event;
  event.id = batch.keep(fmt::format("access-{}", number));
  event.source = "inning-sql";
  event.time = {1'772'438'400'000'000 + static_cast<int64_t>(number) * 1'000'000, 0};
  event.actor.id = batch.keep(fmt::format("u{}", 104'000 + number % 7));
  event.system = "INNING";
  event.subjects = subjects;
  return event;
}

// Slow and obvious: each entry by itself.
void expect_proven(const Trail& trail, std::span<const EntryIndex> indexes) {
  const auto proven = prove_entries(trail, indexes);
  ASSERT_TRUE(proven.has_value()) << proven.error().text;
  ASSERT_EQ(proven->size(), indexes.size());
  for (size_t i = 0; i < indexes.size(); ++i) {
    Bytes bytes;
    ASSERT_TRUE(trail.entry(indexes[i], bytes));
    EXPECT_EQ((*proven)[i].bytes, bytes) << indexes[i].value();
    const auto proof = inclusion_proof(indexes[i], trail.checkpoint().size,
                                       [&](uint64_t begin, uint64_t end) { return trail.range_root(begin, end); });
    ASSERT_TRUE(proof.has_value());
    EXPECT_EQ((*proven)[i].proof, *proof) << indexes[i].value();
  }
}

std::vector<EntryIndex> up_to(uint64_t size) {
  std::vector<EntryIndex> indexes;
  for (const uint64_t index : {0UL, 1UL, 255UL, 256UL, 300UL, 9'999UL, 65'535UL, 65'536UL, 65'700UL, 66'000UL, 66'560UL,
                               131'071UL, 131'072UL, 131'400UL}) {
    if (index < size) indexes.emplace_back(index);
  }
  if (indexes.back() != EntryIndex(size - 1)) indexes.emplace_back(size - 1);
  std::ranges::sort(indexes);
  return indexes;
}

// Sealed segments, those of which the signed tree has a part only, and what is not sealed.
TEST(ProvenEntries, are_those_that_the_trail_proves_one_by_one) {
  TestTrail made;
  made.fill(3);
  expect_proven(made.trail(), up_to(3));
  EXPECT_TRUE(prove_entries(made.trail(), {})->empty());
  made.fill(kSegmentEntries + 1'100);
  expect_proven(made.trail(), up_to(kSegmentEntries + 1'100));
  EventBatch batch;
  // Not signed, so that the tree ends within the second segment.
  for (uint64_t i = 0; i < 2 * kSegmentEntries; ++i) batch.add(access(i, batch));
  ASSERT_TRUE(made.trail().append(batch.events()).has_value());
  ASSERT_TRUE(made.trail().finish_sealing());
  ASSERT_EQ(made.trail().sealed().count(), 3U);
  expect_proven(made.trail(), up_to(kSegmentEntries + 1'100));
  made.sign();
  expect_proven(made.trail(), up_to(made.trail().size().value()));
}

// With the indexes that the trail itself has of them, and with that of the tail.
TEST(SealedAnswer, is_complete_by_the_indexes_of_the_trail) {
  TestTrail made;
  uint64_t accesses = 0;
  for (const uint64_t at :
       {0UL, 1UL, 254UL, 255UL, 256UL, 40'000UL, 65'534UL, 65'535UL, 65'540UL, 131'200UL, 131'201UL}) {
    made.fill(at);
    EventBatch batch;
    made.add(access(accesses++, batch));
  }
  made.fill(2 * kSegmentEntries + 1'000);
  Trail& trail = made.trail();
  ASSERT_TRUE(trail.commit_tail_index());
  made.sign();
  ASSERT_EQ(trail.sealed().count(), 2U);
  TrailIndexes indexes = TrailIndexes::open(trail).value();
  AnswerRequest request;
  request.disclosure = Disclosure::kIdentities;
  request.question = "Who consulted the data of this person?";
  request.made_by = "internal audit";
  for (const char* person : {kPerson, "111222333"}) {
    request.pseudonyms = person_pseudonyms(trail, OfSubject{SubjectType::kBsn, person}).value();
    const auto answer = make_answer(trail, request, indexes);
    ASSERT_TRUE(answer.has_value()) << answer.error().text;
    EXPECT_EQ(answer->summary.accesses, person == kPerson ? accesses : 0U);
    const PackageReport report = verify(answer->package, {made.keys().verifier_key(), trail.checkpoint_note()});
    EXPECT_TRUE(report.complete) << problems_of(report);
    EXPECT_EQ(report.events, answer->summary.accesses);
    EXPECT_EQ(make_answer(trail, request, indexes)->package, answer->package);  // the same bytes again
  }
}

}  // namespace
}  // namespace weerbaar::trail
