#include "trail/store/trail.h"

#include <gtest/gtest.h>

#include <set>

#include "domain/access_event_json.h"
#include "os/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

using TrailTest = testing::TrailFixture;

TEST_F(TrailTest, what_went_in_comes_out_again_for_who_holds_the_keys) {
  EventBatch batch;
  testing::EventMaker(3).make(0, 500, batch);
  {
    const auto trail = open();
    const auto receipt = trail->append(batch.events());
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->accepted, 500U);
    EXPECT_EQ(receipt->first.value(), 0U);
    EXPECT_EQ(receipt->size.value(), 500U);
  }
  const auto trail = open(Access::kRead);
  const Pseudonymiser* key = *keys_->period(Period{2026 * 4});
  for (uint64_t i = 0; i < 500; ++i) {
    Bytes bytes;
    ASSERT_TRUE(trail->entry(EntryIndex(i), bytes));
    Entry entry;
    ASSERT_TRUE(entry.decode(bytes));
    EventBatch out;
    ASSERT_TRUE(decode(entry.event(), Disclosure::kIdentities, key, out));
    // Subjects come out in canonical order; the sets are the same.
    const AccessEvent& before = batch.events()[i];
    const AccessEvent& after = out.events()[0];
    EXPECT_EQ(std::set<Subject>(before.subjects.begin(), before.subjects.end()),
              std::set<Subject>(after.subjects.begin(), after.subjects.end()));
    AccessEvent before_alone = before;
    AccessEvent after_alone = after;
    before_alone.subjects = after_alone.subjects = {};
    std::vector<Attribute> sorted(before.attributes.begin(), before.attributes.end());
    std::sort(sorted.begin(), sorted.end(), [](const Attribute& a, const Attribute& b) {
      return std::pair(a.key.size(), a.key) < std::pair(b.key.size(), b.key);
    });
    before_alone.attributes = sorted;
    EXPECT_EQ(to_json(before_alone), to_json(after_alone));
  }
}

TEST_F(TrailTest, no_identity_stands_in_the_files) {
  {
    const auto trail = open();
    fill(*trail, 0, kSegmentEntries + 10);
    ASSERT_TRUE(trail->finish_sealing());
    EXPECT_EQ(trail->sealed().count(), 1U);
  }
  for (const char* directory : {"data/trail/segments", "data/trail/tail", "data/trail/ids", "data/trail/index"}) {
    const auto names = files_.list(directory);
    ASSERT_TRUE(names.has_value());
    for (const std::string& name : *names) {
      const auto content = os::read_file(files_, os::join(directory, name), 1 << 30);
      ASSERT_TRUE(content.has_value());
      const std::string_view text = as_text(*content);
      for (const char* identity : {"u100001", "u100040", "10.1.2.3", "spoed: burger", "naam = ?"}) {
        EXPECT_EQ(text.find(identity), std::string_view::npos) << identity << " in " << name;
      }
    }
  }
}

TEST_F(TrailTest, gives_the_root_of_any_range_of_a_tail_before_it_is_signed_and_after) {
  const auto trail = open();
  std::vector<Hash> leaves;
  for (const uint64_t size : {100U, 256U, 700U, 1'100U}) {
    fill(*trail, leaves.size(), size - leaves.size());
    for (uint64_t i = leaves.size(); i < size; ++i) {
      Bytes entry;
      ASSERT_TRUE(trail->entry(EntryIndex(i), entry));
      leaves.push_back(leaf_hash(entry));
    }
    for (int signing = 0; signing < 2; ++signing) {
      for (const auto& [begin, end] : {std::pair<uint64_t, uint64_t>{0, size},
                                       {0, 256},
                                       {1, 257},
                                       {256, 512},
                                       {256, size},
                                       {512, 1'024},
                                       {37, 38},
                                       {300, 1'100}}) {
        if (end > size || begin >= end) continue;
        EXPECT_EQ(*trail->range_root(begin, end), tree_root(std::span(leaves).subspan(begin, end - begin)))
            << begin << " to " << end << " of " << size;
      }
      ASSERT_TRUE(trail->sign());
    }
  }
}

TEST_F(TrailTest, sealing_changes_no_entry_and_no_root) {
  const auto trail = open();
  fill(*trail, 0, kSegmentEntries * 2 + 1'000);
  const std::vector<Bytes> before = entries_of(*trail);
  const Hash root = *trail->root(trail->size());
  ASSERT_TRUE(trail->finish_sealing());
  EXPECT_EQ(trail->sealed().count(), 2U);
  EXPECT_EQ(trail->tails().size(), 1U);
  EXPECT_EQ(entries_of(*trail), before);
  EXPECT_EQ(*trail->root(trail->size()), root);
  std::vector<Hash> leaves;
  for (const Bytes& entry : before) leaves.push_back(leaf_hash(entry));
  EXPECT_EQ(tree_root(leaves), root);
  for (const uint64_t size : {uint64_t{1}, uint64_t{255}, uint64_t{65'537}, uint64_t{100'000}, uint64_t{131'072}}) {
    EXPECT_EQ(*trail->root(TreeSize(size)), tree_root(std::span(leaves).first(size))) << size;
  }
}

TEST_F(TrailTest, every_event_is_taken_once_across_restarts_and_sealing) {
  const uint64_t total = kSegmentEntries + 5'000;
  {
    const auto trail = open();
    fill(*trail, 0, total);
  }
  for (int round = 0; round < 3; ++round) {
    const auto trail = open();
    EventBatch batch;
    testing::EventMaker(7).make(total - 6'000, 6'500, batch);  // other content, the same ids; the last 500 are new
    const auto receipt = trail->append(batch.events());
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->duplicates, round == 0 ? 6'000U : 6'500U);
    EXPECT_EQ(trail->size().value(), total + 500 + 1);  // and the record of the root of an index
    if (round == 1) {
      ASSERT_TRUE(trail->finish_sealing());
    }
  }
}

TEST_F(TrailTest, an_event_twice_in_one_call_is_taken_once) {
  const auto trail = open();
  EventBatch batch;
  testing::EventMaker(1).make(0, 30, batch);
  testing::EventMaker(1).make(0, 30, batch);
  const auto receipt = trail->append(batch.events());
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->accepted, 30U);
  EXPECT_EQ(receipt->duplicates, 30U);
}

TEST_F(TrailTest, the_index_of_ids_is_rebuilt_when_it_is_lost) {
  {
    const auto trail = open();
    fill(*trail, 0, kSegmentEntries + 100);
    ASSERT_TRUE(trail->finish_sealing());
  }
  const auto names = files_.list("data/trail/ids");
  ASSERT_TRUE(names.has_value());
  ASSERT_FALSE(names->empty());
  for (const std::string& name : *names) ASSERT_TRUE(files_.remove("data/trail/ids/" + name));
  const auto trail = open();
  EventBatch batch;
  testing::EventMaker(1).make(0, 1'000, batch);
  EXPECT_EQ(trail->append(batch.events())->duplicates, 1'000U);
}

TEST_F(TrailTest, proofs_verify_against_the_signed_checkpoint) {
  const auto trail = open();
  fill(*trail, 0, kSegmentEntries + 777);
  ASSERT_TRUE(trail->finish_sealing());
  const auto note = trail->sign();
  ASSERT_TRUE(note.has_value());
  const auto checkpoint = open_checkpoint(*note, keys_->verifier_key(), kOrigin);
  ASSERT_TRUE(checkpoint.has_value());
  EXPECT_EQ(checkpoint->size, trail->size());
  const RangeRoot ranges = [&](uint64_t begin, uint64_t end) { return trail->range_root(begin, end); };
  for (const uint64_t index : {uint64_t{0}, uint64_t{300}, uint64_t{65'535}, uint64_t{65'536}, uint64_t{66'312}}) {
    Bytes entry;
    ASSERT_TRUE(trail->entry(EntryIndex(index), entry));
    const auto proof = inclusion_proof(EntryIndex(index), trail->size(), ranges);
    ASSERT_TRUE(proof.has_value());
    EXPECT_TRUE(verify_inclusion(EntryIndex(index), trail->size(), leaf_hash(entry), *proof, checkpoint->root));
  }
  const auto proof = consistency_proof(TreeSize(1'000), trail->size(), ranges);
  ASSERT_TRUE(proof.has_value());
  EXPECT_TRUE(
      verify_consistency(TreeSize(1'000), trail->size(), *trail->root(TreeSize(1'000)), checkpoint->root, *proof));
}

TEST_F(TrailTest, a_later_clock_marks_events_from_the_future_and_keeps_their_period_open) {
  const auto trail = open();
  EventBatch batch;
  AccessEvent event;
  event.id = "1";
  event.source = "s";
  event.actor.id = "u1";
  event.system = "BVR";
  event.time = *parse_time("9999-12-31T23:59:59Z");
  batch.add(event);
  ASSERT_EQ(trail->append(batch.events())->accepted, 1U);
  Bytes bytes;
  ASSERT_TRUE(trail->entry(EntryIndex(0), bytes));
  Entry entry;
  ASSERT_TRUE(entry.decode(bytes));
  EXPECT_EQ(entry.event().marks, kMarkFuture);
  EXPECT_EQ(to_string(Period{entry.event().period}), "2026-Q2");
}

TEST_F(TrailTest, an_event_of_a_destroyed_period_is_refused_and_the_rest_goes_on) {
  const auto trail = open();
  ASSERT_TRUE(keys_->period_or_create(Period{2020 * 4}));
  ASSERT_TRUE(keys_->destroy(Period{2020 * 4}, Time{1'780'000'000'000'000, 0}, "end of retention"));
  EventBatch batch;
  testing::EventMaker(1).make(0, 3, batch);
  batch.events()[1].time = *parse_time("2020-02-01T00:00:00Z");
  const auto receipt = trail->append(batch.events());
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->accepted, 2U);
  ASSERT_EQ(receipt->refused.size(), 1U);
  EXPECT_EQ(receipt->refused[0].event, 1U);
  EXPECT_NE(receipt->refused[0].error.text.find("2020-Q1"), std::string::npos);
}

TEST_F(TrailTest, refuses_a_checkpoint_that_signs_more_or_another_tree) {
  {
    const auto trail = open();
    fill(*trail, 0, 100);
    ASSERT_TRUE(trail->sign());
  }
  // The tail goes back to what it was before: entries are missing.
  const auto names = files_.list("data/trail/tail");
  ASSERT_TRUE(names.has_value());
  ASSERT_TRUE(files_.remove("data/trail/tail/" + (*names)[0]));
  const auto trail = Trail::open(options(), Access::kAppend);
  EXPECT_EQ(refusal(trail), Code::kCorrupt);
  EXPECT_NE(trail.error().text.find("missing"), std::string::npos) << trail.error().text;
}

TEST_F(TrailTest, keys_from_an_older_backup_are_refused) {
  os::MemoryFileSystem& files = files_;
  std::vector<std::pair<std::string, Bytes>> backup;
  for (const std::string name : {"keys/made", "keys/signed"}) {
    auto content = os::read_file(files, name, 1 << 20);
    ASSERT_TRUE(content.has_value());
    backup.emplace_back(name, std::move(*content));
  }
  {
    const auto trail = open();
    fill(*trail, 0, 10);
    ASSERT_TRUE(trail->sign());
  }
  keys_.reset();
  ASSERT_TRUE(files.remove("keys/periods/2026-Q1.key"));
  for (const auto& [name, content] : backup) ASSERT_TRUE(os::write_file_atomically(files, name, content));
  keys_ = std::move(*KeyStore::open(files, "keys"));
  const auto trail = Trail::open(options(), Access::kAppend);
  EXPECT_EQ(refusal(trail), Code::kCorrupt);
  EXPECT_NE(trail.error().text.find("older than the trail"), std::string::npos) << trail.error().text;
}

TEST_F(TrailTest, one_writer_at_a_time) {
  const auto trail = open();
  EXPECT_EQ(refusal(Trail::open(options(), Access::kAppend)), Code::kBusy);
  EXPECT_TRUE(Trail::open(options(), Access::kRead).has_value());
}

TEST_F(TrailTest, refuses_to_make_a_trail_where_something_is) {
  EXPECT_EQ(refusal(Trail::create(options())), Code::kExists);
}

TEST_F(TrailTest, records_stand_between_the_events) {
  const auto trail = open();
  fill(*trail, 0, 10);
  const auto index = trail->append_record("retention", R"({"period":"2020-Q1"})");
  ASSERT_TRUE(index.has_value());
  fill(*trail, 10, kSegmentEntries);
  ASSERT_TRUE(trail->finish_sealing());
  Bytes bytes;
  ASSERT_TRUE(trail->entry(*index, bytes));
  Entry entry;
  ASSERT_TRUE(entry.decode(bytes));
  ASSERT_FALSE(entry.is_event());
  EXPECT_EQ(entry.record().body, R"({"period":"2020-Q1"})");
}

}  // namespace
}  // namespace weerbaar::trail
