#include "examine/trace/gather.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "examine/trace/person_sample.h"
#include "trail/store/event_codec.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trace {
namespace {

using trail::OfSubject;

// Who was consulted by whom, on which days: by brute force.
using Days = std::map<std::pair<std::string, std::string>, std::set<int64_t>>;

class GatherTest : public trail::testing::TrailFixture {
 protected:
  static constexpr trail::TimeRange kAll{Time{1'700'000'000'000'000, 0}, Time{1'800'000'000'000'000, 0}};

  // Events of the maker, with what they say of persons with a bsn; only what is in the range.
  void fill_and_remember(trail::Trail& trail, uint64_t count, const trail::TimeRange& range) {
    constexpr uint64_t kStep = 8'192;
    for (uint64_t first = 0; first < count; first += kStep) {
      EventBatch batch;
      trail::testing::EventMaker(first).make(first, std::min(kStep, count - first), batch);
      ASSERT_TRUE(trail.append(batch.events()).has_value());
      for (const AccessEvent& event : batch.events()) remember(event, range);
    }
    ASSERT_TRUE(trail.finish_sealing());
  }
  void remember(const AccessEvent& event, const trail::TimeRange& range) {
    if (!range.contains(event.time)) return;
    for (const Subject& subject : event.subjects) {
      if (subject.type != SubjectType::kBsn) continue;
      const std::pair key(std::string(subject.id), std::string(event.actor.id));
      named_.insert(key.first);
      if (event.source == "source-1") continue;
      all_[key].insert(event.time.micros / kMicrosPerDay);
      if (event.outcome == Outcome::kSuccess) {
        counted_[key].insert(event.time.micros / kMicrosPerDay);
      }
    }
  }
  // An access of one person by one employee.
  static void add(trail::Trail& trail, const std::string& id, const char* when, const std::string& actor,
                  const std::string& bsn) {
    AccessEvent event;
    event.id = id;
    event.source = "bvr";
    event.system = "BVR";
    event.time = *parse_time(when);
    event.actor.id = actor;
    const Subject subjects[] = {{SubjectType::kBsn, bsn, ""}};
    event.subjects = subjects;
    const auto receipt = trail.append({&event, 1});
    ASSERT_TRUE(receipt.has_value() && receipt->accepted == 1);
  }
  static GatherOptions options() {
    GatherOptions options;
    options.own_source = "source-1";
    options.sampled_persons = 100'000;  // everybody
    return options;
  }

  std::set<std::string> named_;  // also by events that are left out
  Days all_;
  Days counted_;
};

TEST_F(GatherTest, finds_who_saw_the_leaked_persons_and_what_is_ordinary) {
  const auto trail = open();
  const trail::TimeRange range{Time{1'772'438'400'000'000 + kMicrosPerDay / 4, 0}, kAll.to};
  fill_and_remember(*trail, trail::kSegmentEntries * 3 + 5'000, range);
  ASSERT_EQ(trail->sealed().count(), 3U);
  std::vector<std::string> bsns;
  for (const auto& [key, days] : all_) {
    if (bsns.empty() || bsns.back() != key.first) bsns.push_back(key.first);
  }
  std::vector<trail::Whom> leaked;
  for (size_t i = 0; i < bsns.size(); i += 1'501) leaked.emplace_back(OfSubject{SubjectType::kBsn, bsns[i]});
  ASSERT_GT(leaked.size(), 5U);
  const auto gathered = gather(*trail, leaked, range, options());
  ASSERT_TRUE(gathered.has_value()) << gathered.error().text;
  EXPECT_GT(gathered->not_counted, 0U);
  EXPECT_TRUE(gathered->has_everybody);
  EXPECT_EQ(gathered->sampled, bsns.size() - leaked.size());
  EXPECT_EQ(gathered->activity.persons(), bsns.size());

  Days found;
  for (size_t i = 0; i < leaked.size(); ++i) {
    for (const Read& read : gathered->leak.persons[i].reads) {
      found[{std::get<OfSubject>(leaked[i]).id, gathered->readers[read.reader].identity}].insert(read.time.micros /
                                                                                                 kMicrosPerDay);
    }
  }
  size_t looks = 0;
  for (const auto& [key, days] : all_) {
    const bool is_leaked =
        std::ranges::any_of(leaked, [&](const trail::Whom& whom) { return std::get<OfSubject>(whom).id == key.first; });
    if (!is_leaked) ++looks;
    if (is_leaked && counted_.contains(key)) ++looks;
    if (is_leaked) {
      EXPECT_EQ(found.contains(key), counted_.contains(key));
      if (found.contains(key)) {
        EXPECT_EQ(found[key], counted_[key]);
      }
    }
  }
  EXPECT_EQ(gathered->activity.looks(), looks);
  EXPECT_TRUE(std::ranges::is_sorted(gathered->entries));
}

TEST_F(GatherTest, knows_an_employee_and_a_person_in_every_quarter_as_one) {
  const auto trail = open();
  add(*trail, "1", "2025-12-01T10:00:00Z", "u1", "123456782");
  add(*trail, "2", "2026-02-01T10:00:00Z", "u1", "123456782");
  add(*trail, "3", "2026-02-01T11:00:00Z", "u2", "111222333");
  add(*trail, "4", "2026-04-01T10:00:00Z", "u1", "111222333");
  add(*trail, "5", "2026-04-01T12:00:00Z", "u2", "111222333");
  const std::vector<trail::Whom> leaked = {OfSubject{SubjectType::kBsn, "123456782"}};
  const auto gathered = gather(*trail, leaked, kAll, options());
  ASSERT_TRUE(gathered.has_value()) << gathered.error().text;
  ASSERT_EQ(gathered->readers.size(), 2U);
  EXPECT_EQ(gathered->readers[0].identity, "u1");
  EXPECT_EQ(gathered->readers[0].pseudonym.period, (trail::Period{2026 * 4 + 1}));
  ASSERT_EQ(gathered->leak.persons[0].reads.size(), 2U);
  EXPECT_EQ(gathered->sampled, 1U);
  ASSERT_EQ(gathered->activity.persons(), 2U);
  EXPECT_TRUE(gathered->activity.readers_of(0)[0].on_several_days());
  ASSERT_EQ(gathered->activity.readers_of(1).size(), 2U);
  EXPECT_FALSE(gathered->activity.readers_of(1)[0].on_several_days());
  EXPECT_TRUE(gathered->activity.readers_of(1)[1].on_several_days());
}

TEST_F(GatherTest, learns_from_no_more_persons_than_asked) {
  const auto trail = open();
  const char* const persons[] = {"123456782", "111222333", "100000009", "100000010", "100000022", "100000034"};
  int number = 0;
  for (const char* const bsn : persons) add(*trail, std::to_string(++number), "2026-02-01T10:00:00Z", "u1", bsn);
  const std::vector<trail::Whom> leaked = {OfSubject{SubjectType::kBsn, persons[0]}};
  GatherOptions few = options();
  few.sampled_persons = 3;
  const auto gathered = gather(*trail, leaked, kAll, few);
  ASSERT_TRUE(gathered.has_value()) << gathered.error().text;
  EXPECT_EQ(gathered->sampled, 3U);
  EXPECT_EQ(gathered->activity.persons(), 4U);
  EXPECT_FALSE(gathered->has_everybody);
  few.sampled_persons = 6;
  EXPECT_EQ(gather(*trail, leaked, kAll, few)->sampled, 5U);
  EXPECT_TRUE(gather(*trail, leaked, kAll, few)->has_everybody);
}

TEST_F(GatherTest, asks_of_each_access_whether_the_work_explains_it) {
  const auto trail = open();
  add(*trail, "1", "2026-02-01T10:00:00Z", "u1", "123456782");
  add(*trail, "2", "2026-02-02T10:00:00Z", "u2", "123456782");
  GatherOptions with_judge = options();
  with_judge.judge = [](EntryIndex index) {
    return index.value() == 0 ? Judgement{Verdict::kExplained, "case"} : Judgement{};
  };
  const std::vector<trail::Whom> leaked = {OfSubject{SubjectType::kBsn, "123456782"}};
  const auto gathered = gather(*trail, leaked, kAll, with_judge);
  ASSERT_TRUE(gathered.has_value());
  const std::vector<Read>& reads = gathered->leak.persons[0].reads;
  ASSERT_EQ(reads.size(), 2U);
  EXPECT_EQ(reads[0].verdict, Verdict::kExplained);
  EXPECT_EQ(reads[0].rule, "case");
  EXPECT_EQ(reads[1].verdict, Verdict::kUnknown);
  EXPECT_EQ(gathered->entries, (std::vector<EntryIndex>{EntryIndex(0), EntryIndex(1)}));
}

TEST_F(GatherTest, samples_persons_as_by_lot_and_the_same_again) {
  const auto trail = open();
  fill_and_remember(*trail, trail::kSegmentEntries * 3 + 5'000, kAll);
  const SubjectType types[] = {SubjectType::kBsn};
  const auto everybody = sample_persons(*trail, kAll, types, 1'000'000);
  ASSERT_TRUE(everybody.has_value()) << everybody.error().text;
  const auto some = sample_persons(*trail, kAll, types, 500);
  ASSERT_TRUE(some.has_value());
  EXPECT_EQ(some->size(), 500U);
  std::set<std::string> all;
  for (const SampledPerson& person : *everybody) all.insert(person.identity.id);
  EXPECT_EQ(all.size(), everybody->size());
  EXPECT_EQ(all, named_);
  const auto again = sample_persons(*trail, kAll, types, 500);
  for (size_t i = 0; i < some->size(); ++i) {
    EXPECT_TRUE(all.contains((*some)[i].identity.id));
    EXPECT_EQ((*some)[i].identity.id, (*again)[i].identity.id);
  }
  const auto none = sample_persons(*trail, {Time{0, 0}, Time{1'000'000, 0}}, types, 500);
  EXPECT_TRUE(none.has_value() && none->empty());
}

}  // namespace
}  // namespace weerbaar::trace
