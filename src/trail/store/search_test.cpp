#include "trail/store/search.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <span>

#include "os/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

class SearchTest : public testing::TrailFixture {
 protected:
  // Fills a trail of four segments (merged once and twice) and a tail, and remembers by brute force who is where.
  void fill_and_remember(Trail& trail) {
    constexpr uint64_t kTotal = kSegmentEntries * 4 + 3'000;
    constexpr uint64_t kStep = 8'192;
    for (uint64_t first = 0; first < kTotal; first += kStep) {
      EventBatch batch;
      testing::EventMaker(first).make(first, std::min(kStep, kTotal - first), batch);
      const auto receipt = trail.append(batch.events());
      ASSERT_TRUE(receipt.has_value());
      for (uint64_t i = 0; i < batch.size(); ++i) {
        const AccessEvent& event = batch.events()[i];
        const Hit hit{EntryIndex(receipt->first.value() + i), event.time};
        by_actor_[std::string(event.actor.id)].insert({event.time, hit.index});
        actor_at_[hit.index] = std::string(event.actor.id);
        for (const Subject& subject : event.subjects) {
          of_subject_[{subject.type, std::string(subject.id)}].insert({event.time, hit.index});
        }
      }
    }
    ASSERT_TRUE(trail.finish_sealing());
  }

  using Expected = std::set<std::pair<Time, EntryIndex>>;
  static Expected as_set(const SearchResult& result) {
    Expected set;
    for (const Hit& hit : result.hits) set.emplace(hit.time, hit.index);
    EXPECT_EQ(set.size(), result.hits.size());
    return set;
  }

  std::map<std::pair<SubjectType, std::string>, Expected> of_subject_;
  std::map<std::string, Expected> by_actor_;
  std::map<EntryIndex, std::string> actor_at_;
};

TEST_F(SearchTest, finds_exactly_the_accesses_that_there_are_in_indexes_and_tail) {
  const auto trail = open();
  fill_and_remember(*trail);
  ASSERT_EQ(trail->sealed().count(), 4U);
  size_t checked = 0;
  for (const auto& [subject, expected] : of_subject_) {
    if (++checked % 211 != 0) continue;
    const auto result = search(*trail, OfSubject{subject.first, subject.second}, {});
    ASSERT_TRUE(result.has_value()) << result.error().text;
    ASSERT_EQ(as_set(*result), expected);
  }
  EXPECT_GT(checked, 10'000U);
  checked = 0;
  for (const auto& [actor, expected] : by_actor_) {
    if (++checked % 50 != 0) continue;
    const auto result = search(*trail, ByActor{actor}, {});
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(as_set(*result), expected);
  }
  // A period of time: from included, to excluded.
  const auto& [subject, all] = *of_subject_.begin();
  const Time from = std::next(all.begin())->first;
  const auto result = search(*trail, OfSubject{subject.first, subject.second}, {from, std::prev(all.end())->first});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->hits.front().time, from);
  EXPECT_LT(result->hits.back().time, std::prev(all.end())->first);
  // Somebody who is not there.
  EXPECT_TRUE(search(*trail, OfSubject{SubjectType::kBsn, "999999990"}, {})->hits.empty());
  EXPECT_TRUE(search(*trail, ByActor{"nobody"}, {})->hits.empty());
}

TEST_F(SearchTest, consultations_name_who_it_was) {
  const auto trail = open();
  fill_and_remember(*trail);
  const Pseudonymiser* const key = *keys_->period(Period{2026 * 4});
  size_t checked = 0;
  for (const auto& [subject, expected] : of_subject_) {
    if (++checked % 499 != 0) continue;
    const auto list = consultations_of(*trail, OfSubject{subject.first, subject.second}, {});
    ASSERT_TRUE(list.has_value()) << list.error().text;
    ASSERT_EQ(list->consultations.size(), expected.size());
    auto one = expected.begin();
    for (const Consultation& consultation : list->consultations) {
      EXPECT_EQ((std::pair{consultation.time, consultation.index}), *one++);
      const ActorPseudonym& actor = list->actors[consultation.actor];
      EXPECT_EQ(actor.period, Period{2026 * 4});
      EXPECT_EQ(*key->decrypt_identifier(Domain::kActor, actor.id), actor_at_[consultation.index]);
    }
    const std::set<ActorPseudonym> distinct(list->actors.begin(), list->actors.end());
    EXPECT_EQ(distinct.size(), list->actors.size());
  }
}

TEST_F(SearchTest, many_are_consulted_as_one_after_another) {
  const auto trail = open();
  fill_and_remember(*trail);
  std::vector<Whom> whom;
  size_t checked = 0;
  for (const auto& [subject, expected] : of_subject_) {
    if (++checked % 997 == 0) whom.emplace_back(OfSubject{subject.first, subject.second});
  }
  whom.emplace_back(ByActor{by_actor_.begin()->first});
  whom.emplace_back(OfSubject{SubjectType::kBsn, "999999990"});
  ASSERT_GT(whom.size(), 20U);
  for (const size_t count : {size_t{0}, size_t{1}, whom.size()}) {
    const auto lists = consultations_of(*trail, std::span(whom).last(count), {});
    ASSERT_TRUE(lists.has_value()) << lists.error().text;
    ASSERT_EQ(lists->consultations.size(), count);
    for (size_t i = 0; i < count; ++i) {
      const auto one = consultations_of(*trail, whom[whom.size() - count + i], {});
      ASSERT_TRUE(one.has_value());
      const std::vector<Consultation>& list = lists->consultations[i];
      ASSERT_EQ(list.size(), one->consultations.size());
      for (size_t j = 0; j < list.size(); ++j) {
        EXPECT_EQ(list[j].index, one->consultations[j].index);
        EXPECT_EQ(list[j].time, one->consultations[j].time);
        EXPECT_EQ(lists->actors[list[j].actor], one->actors[one->consultations[j].actor]);
      }
    }
    const std::set<ActorPseudonym> distinct(lists->actors.begin(), lists->actors.end());
    EXPECT_EQ(distinct.size(), lists->actors.size());
  }
  ASSERT_TRUE(keys_->destroy(Period{2026 * 4}, Time{1'780'000'000'000'000, 0}, "end of retention"));
  const auto lists = consultations_of(*trail, whom, {});
  ASSERT_TRUE(lists.has_value());
  EXPECT_EQ(lists->destroyed, (std::vector<Period>{Period{2026 * 4}}));
}

// Slow, and complete: without any index, and with one of which a block is damaged.
TEST_F(SearchTest, what_has_no_index_is_found_in_the_segments) {
  fill_and_remember(*open());
  const auto names = *files_.list("data/trail/index");
  ASSERT_EQ(names, std::vector<std::string>{"000000000-000000004.index"});
  const std::string path = "data/trail/index/" + names[0];
  Bytes content = *os::read_file(files_, path, 1 << 30);
  const IndexHead head = *read_index_head(content);
  for (size_t at = kIndexHeadBytes + 40; at < kIndexHeadBytes + head.parts[0].length; at += 500) content[at] ^= 1U;
  ASSERT_TRUE(os::write_file_atomically(files_, path, content));
  for (const bool is_there : {true, false}) {
    if (!is_there) {
      ASSERT_TRUE(files_.remove(path));
    }
    const auto trail = open(Access::kRead);
    EXPECT_EQ(trail->sealed().indexes()->bare.empty(), is_there);
    for (size_t i = 0; i < 3; ++i) {
      const auto& [subject, of_subject] = *std::next(of_subject_.begin(), static_cast<long>(i * 1'000));
      EXPECT_EQ(as_set(*search(*trail, OfSubject{subject.first, subject.second}, {})), of_subject);
      const auto& [actor, by_actor] = *std::next(by_actor_.begin(), static_cast<long>(i * 100));
      EXPECT_EQ(as_set(*search(*trail, ByActor{actor}, {})), by_actor);
    }
  }
}

TEST_F(SearchTest, a_pseudonym_as_shown_finds_the_same) {
  const auto trail = open();
  fill(*trail, 0, 3'000);
  Bytes bytes;
  ASSERT_TRUE(trail->entry(EntryIndex(17), bytes));
  Entry entry;
  ASSERT_TRUE(entry.decode(bytes));
  const Period period{entry.event().period};
  const auto whom = parse_actor(pseudonym_text(period, entry.event().actor.id));
  ASSERT_TRUE(whom.has_value());
  const auto found = search(*trail, *whom, {});
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(
      std::any_of(found->hits.begin(), found->hits.end(), [](const Hit& hit) { return hit.index == EntryIndex(17); }));
  for (const StoredSubject& subject : entry.event().subjects) {
    const auto of = parse_subject(std::string(to_string(subject.type)) + ":" + pseudonym_text(period, subject));
    ASSERT_TRUE(of.has_value());
    EXPECT_FALSE(search(*trail, *of, {})->hits.empty());
  }
}

// Ids of every length, so that pseudonyms come as numbers, as few bytes (which may look like a number), and as many.
TEST_F(SearchTest, a_pseudonym_as_shown_finds_the_same_however_long_it_is) {
  const auto trail = open();
  EventBatch batch;
  uint64_t count = 0;
  const auto add = [&](size_t actor_bytes, SubjectType type, std::string_view id) {
    const Subject subject{type, batch.keep(id), {}};
    AccessEvent event;
    event.id = batch.keep(std::to_string(count++));
    event.source = "source";
    event.system = "BVR";
    event.actor.id = batch.keep(std::string(actor_bytes, 'u'));
    event.subjects = batch.keep(std::span(&subject, 1));
    batch.add(event);
  };
  for (size_t bytes = 1; bytes <= kSubjectIdBytesMax; ++bytes) {
    add(std::min(bytes, kNameBytesMax), SubjectType::kAddress, std::string(bytes, 'k'));
  }
  // Some of these 400 have bytes that are eight decimal digits in hexadecimal.
  for (uint64_t n = 0; n < 400; ++n) add(1, SubjectType::kKvk, std::to_string(1'000 + n));
  add(1, SubjectType::kKvk, "12345678");
  add(1, SubjectType::kBsn, "123456782");
  ASSERT_EQ(trail->append(batch.events())->accepted, count);
  Bytes bytes;
  Entry entry;
  for (uint64_t index = 0; index < count; ++index) {
    bytes.clear();
    ASSERT_TRUE(trail->entry(EntryIndex(index), bytes));
    ASSERT_TRUE(entry.decode(bytes));
    const Period period{entry.event().period};
    const StoredSubject& subject = entry.event().subjects[0];
    const auto of = parse_subject(std::string(to_string(subject.type)) + ":" + pseudonym_text(period, subject));
    ASSERT_TRUE(of.has_value()) << index << ": " << of.error().text;
    const auto found = search(*trail, *of, {});
    ASSERT_TRUE(found.has_value()) << index << ": " << found.error().text;
    ASSERT_EQ(found->hits.size(), 1U) << index;
    EXPECT_EQ(found->hits[0].index, EntryIndex(index));
    const auto by = parse_actor(pseudonym_text(period, entry.event().actor.id));
    ASSERT_TRUE(by.has_value()) << index << ": " << by.error().text;
    EXPECT_FALSE(search(*trail, *by, {})->hits.empty());
  }
}

TEST_F(SearchTest, says_which_periods_can_no_longer_be_searched) {
  const auto trail = open();
  fill(*trail, 0, 100);
  ASSERT_TRUE(keys_->destroy(Period{2026 * 4}, Time{1'780'000'000'000'000, 0}, "end of retention"));
  const auto result = search(*trail, ByActor{"u100001"}, {});
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->hits.empty());
  EXPECT_EQ(result->destroyed, (std::vector<Period>{Period{2026 * 4}}));
}

TEST_F(SearchTest, refuses_what_cannot_be_meant_without_repeating_it) {
  for (const char* wrong : {"123456782", "bsn:12345672", "bsn:123456783", "person:1", "bsn:", "bsn:~x"}) {
    const auto whom = parse_subject(wrong);
    if (!whom) {
      EXPECT_EQ(whom.error().text.find("1234567"), std::string::npos);
      continue;
    }
    EXPECT_EQ(refusal(search(*open(), *whom, {})), Code::kInvalid) << wrong;
  }
  // Intake keeps an rsin that fails the test as another type: finding nothing would be no answer.
  EXPECT_EQ(refusal(parse_subject("rsin:123456789")), Code::kInvalid);
  EXPECT_TRUE(parse_subject("rsin:123456782").has_value());
  EXPECT_TRUE(parse_subject("bsn:012345672").has_value());
  EXPECT_TRUE(parse_subject("kvk:12345678").has_value());
}

}  // namespace
}  // namespace weerbaar::trail
