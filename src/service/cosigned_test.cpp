#include "service/cosigned.h"

#include <gtest/gtest.h>

#include "os/faulty.h"
#include "os/testing.h"
#include "trail/format/cosignature.h"
#include "trail/format/note.h"
#include "trail/store/trail_fixture.h"
#include "witness/testing.h"

namespace weerbaar::service {
namespace {

using witness::key_of;

class CosignedTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    trail_ = open();
    for (uint8_t i = 0; i < 3; ++i) {
      witness_keys_.push_back(
          key_of("w.example/" + std::to_string(i), static_cast<uint8_t>(20 + i), trail::SignatureType::kCosignature));
    }
  }
  CosignedOptions cosigned_options(size_t quorum) {
    CosignedOptions made;
    made.files = &files_;
    made.directory = "data/cosigned";
    made.log = keys_->verifier_key();
    for (size_t i = 0; i < witness_keys_.size(); ++i) {
      made.witnesses.push_back({"w" + std::to_string(i), witness_keys_[i].verifier(), ""});
    }
    made.quorum = quorum;
    return made;
  }
  std::unique_ptr<Cosigned> cosigned(size_t quorum) { return Cosigned::open(cosigned_options(quorum)).value(); }
  // A checkpoint of so many entries.
  std::string grow(uint64_t size) {
    fill(*trail_, trail_->size().value(), size - trail_->size().value());
    return trail_->sign().value();
  }
  trail::Cosignature by(size_t i, const std::string& note, uint64_t seconds = 1'700'000'000) const {
    const std::string line = trail::cosign(trail::note_text(note).value(), seconds, witness_keys_[i]).value();
    return trail::open_cosignatures(note, line, witness_keys_[i].verifier()).value();
  }

  std::unique_ptr<trail::Trail> trail_;
  std::vector<trail::SigningKey> witness_keys_;
};

TEST_F(CosignedTest, a_checkpoint_is_published_once_the_quorum_cosigned_it) {
  const auto kept = cosigned(2);
  const std::string first = grow(10);
  EXPECT_EQ(kept->to_publish(*trail_->signed_log()), std::nullopt) << "the witnesses may yet refuse it";
  ASSERT_TRUE(kept->add("w0", first, by(0, first)));
  EXPECT_FALSE(kept->under_quorum());
  ASSERT_TRUE(kept->add("w2", first, by(2, first)));
  const std::string both = first + by(0, first).line + "\n" + by(2, first).line + "\n";
  EXPECT_EQ(kept->under_quorum()->note, both);
  const std::string second = grow(20);
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->note, both) << "the latest is not under the quorum yet";
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->size, TreeSize(10));
  ASSERT_TRUE(kept->add("w1", second, by(1, second)));
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->note, both);
  // One that comes late makes the earlier no worse, and changes nothing of the later.
  ASSERT_TRUE(kept->add("w2", second, by(2, second)));
  ASSERT_TRUE(kept->add("w1", first, by(1, first)));
  EXPECT_EQ(kept->under_quorum()->checkpoint.size.value(), 20U);
  // Every file is a note that opens with the keys alone.
  const std::string file(as_text(os::read_file(files_, "data/cosigned/checkpoint", 1 << 20).value()));
  EXPECT_EQ(file, kept->under_quorum()->note);
  const auto judged = trail::TlogPolicy::of(keys_->verifier_key(), cosigned_options(2).witnesses, 2).judge(file);
  EXPECT_TRUE(judged->quorum);
  EXPECT_EQ(judged->cosigned, (std::vector<std::string>{"w1", "w2"}));
}

TEST_F(CosignedTest, nothing_is_published_while_too_few_witnesses_do_not_refuse_the_log) {
  const std::string first = grow(10);
  {
    const auto kept = cosigned(2);
    for (const size_t i : {0U, 1U, 2U}) ASSERT_TRUE(kept->add("w" + std::to_string(i), first, by(i, first)));
    ASSERT_TRUE(kept->refuse("w0", TreeSize(12)));
    EXPECT_TRUE(kept->to_publish(*trail_->signed_log())) << "two are left";
    ASSERT_TRUE(kept->refuse("w1", TreeSize(13)));
    EXPECT_EQ(kept->to_publish(*trail_->signed_log()), std::nullopt);
  }
  const auto kept = cosigned(2);
  EXPECT_EQ(kept->refused("w0"), TreeSize(12));
  EXPECT_EQ(kept->refused("w2"), std::nullopt);
  EXPECT_EQ(kept->to_publish(*trail_->signed_log()), std::nullopt) << "a restart changes nothing";
  const std::string second = grow(20);
  ASSERT_TRUE(kept->add("w1", second, by(1, second)));
  EXPECT_EQ(kept->refused("w1"), std::nullopt) << "it is the log again that the witness saw";
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->size, TreeSize(10));
  EXPECT_EQ(cosigned(2)->refused("w1"), std::nullopt);
}

TEST_F(CosignedTest, without_a_quorum_the_newest_is_published_with_what_there_is) {
  const auto kept = cosigned(0);
  const std::string first = grow(10);
  ASSERT_TRUE(kept->add("w1", first, by(1, first)));
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->note, first + by(1, first).line + "\n");
  const std::string second = grow(20);
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->note, second);
  EXPECT_EQ(kept->to_publish(*trail_->signed_log())->size, TreeSize(20));
}

TEST_F(CosignedTest, is_there_again_after_a_restart_and_passes_over_what_is_not_by_its_keys) {
  const std::string note = grow(10);
  {
    const auto kept = cosigned(2);
    ASSERT_TRUE(kept->add("w0", note, by(0, note, 1'700'000'000)));
    ASSERT_TRUE(kept->add("w1", note, by(1, note, 1'700'000'007)));
  }
  const auto again = cosigned(2);
  EXPECT_EQ(again->last("w0")->checkpoint.size.value(), 10U);
  EXPECT_EQ(again->last("w1")->unix_seconds, 1'700'000'007U);
  EXPECT_FALSE(again->last("w2"));
  EXPECT_EQ(again->under_quorum()->unix_seconds, 1'700'000'007U);
  EXPECT_FALSE(cosigned(3)->under_quorum()) << "more are asked for now";
  // Another witness by that name begins anew.
  witness_keys_[0] = key_of("w.example/0", 99, trail::SignatureType::kCosignature);
  EXPECT_FALSE(cosigned(2)->last("w0"));
  EXPECT_FALSE(cosigned(2)->under_quorum());
  ASSERT_TRUE(os::write_file_atomically(files_, "data/cosigned/by-w1.checkpoint", as_bytes("nonsense")));
  EXPECT_FALSE(cosigned(2)->last("w1"));
}

TEST_F(CosignedTest, a_trail_that_lost_or_changed_entries_is_told) {
  const std::string early = grow(10);
  const auto before = trail_->signed_log();
  const std::string late = grow(20);
  const auto kept = cosigned(1);
  ASSERT_TRUE(kept->add("w0", early, by(0, early)));
  ASSERT_TRUE(kept->add("w1", late, by(1, late)));
  EXPECT_TRUE(kept->contradicted_by(*trail_->signed_log())->empty());
  EXPECT_TRUE(kept->under_quorum());
  // The trail as it was put back.
  EXPECT_EQ(kept->contradicted_by(*before).value(), std::vector<std::string>{"w1"});
  EXPECT_FALSE(kept->under_quorum()) << "what this trail does not hold is not published";
}

TEST_F(CosignedTest, refuses_a_checkpoint_that_the_log_did_not_sign) {
  const auto kept = cosigned(1);
  witness::TestLog other;
  other.grow(5);
  const std::string foreign = other.note(5);
  EXPECT_FALSE(kept->add("w0", foreign, by(0, foreign)));
  EXPECT_FALSE(kept->last("w0"));
}

TEST_F(CosignedTest, a_failure_at_any_step_leaves_what_was_or_what_is) {
  const std::string first = grow(10);
  const std::string second = grow(20);
  for (uint64_t step = 0;; ++step) {
    os::MemoryFileSystem disk;
    os::FaultyFileSystem faulty(disk);
    CosignedOptions made = cosigned_options(1);
    made.files = &faulty;
    auto kept = Cosigned::open(made).value();
    ASSERT_TRUE(kept->add("w0", first, by(0, first)));
    faulty.fail_at(step, os::Fault::kShortWrite, false);
    const bool added = kept->add("w0", second, by(0, second)).has_value();
    const bool struck = faulty.struck();
    EXPECT_EQ(added, !struck);
    disk.crash(step);
    made.files = &disk;
    const auto again = Cosigned::open(made).value();
    ASSERT_TRUE(again->last("w0").has_value()) << step;
    ASSERT_TRUE(again->under_quorum().has_value()) << step;
    const uint64_t size = again->last("w0")->checkpoint.size.value();
    EXPECT_TRUE(size == 20 || (size == 10 && struck)) << step;
    if (!struck) break;
    ASSERT_LT(step, 100U);
  }
}

}  // namespace
}  // namespace weerbaar::service
