#include "witness/witness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "os/memory.h"
#include "os/testing.h"
#include "trail/format/cosignature.h"
#include "trail/format/note.h"
#include "witness/testing.h"

namespace weerbaar::witness {
namespace {

using os::refusal;

class WitnessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_.grow(20);
    open();
  }
  void open() {
    witness_.reset();
    auto opened = Witness::open(files_, "w", key_of("witness.example/w1", 9, trail::SignatureType::kCosignature),
                                [this] { return Time{now_ * kMicrosPerSecond, 0}; });
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    witness_ = std::move(*opened);
    witness_->use_logs({{log_.origin(), {log_.key().verifier()}}});
  }
  int status(const std::string& body) { return static_cast<int>(witness_->add_checkpoint(body).outcome); }

  os::MemoryFileSystem files_;
  int64_t now_ = 1'700'000'000;
  TestLog log_;
  std::unique_ptr<Witness> witness_;
};

TEST_F(WitnessTest, cosigns_a_log_from_its_first_checkpoint_on) {
  uint64_t last = 0;
  for (const uint64_t size : {0U, 1U, 5U, 5U, 8U, 20U}) {
    const Answer answer = witness_->add_checkpoint(log_.body(last, size));
    ASSERT_EQ(answer.outcome, Outcome::kCosigned) << size << ": " << answer.why << answer.problem;
    const auto cosignature = trail::open_cosignatures(log_.note(size), answer.body, witness_->verifier());
    ASSERT_TRUE(cosignature.has_value()) << cosignature.error().text;
    EXPECT_EQ(cosignature->unix_seconds, static_cast<uint64_t>(now_));
    EXPECT_EQ(answer.origin, log_.origin());
    EXPECT_EQ(answer.size, size);
    last = size;
    now_ += 10;
  }
  const auto stored = witness_->stored(log_.origin()).value();
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->checkpoint, log_.checkpoint(20));
}

TEST_F(WitnessTest, monitors_get_the_last_checkpoint_with_both_signatures) {
  EXPECT_EQ(refusal(witness_->checkpoint(origin_hash(log_.origin()))), Code::kNotFound);
  const Answer answer = witness_->add_checkpoint(log_.body(0, 7));
  const std::string note = witness_->checkpoint(origin_hash(log_.origin())).value();
  EXPECT_EQ(note, log_.note(7) + answer.body);
  const trail::VerifierKey both[] = {log_.key().verifier(), witness_->verifier()};
  EXPECT_EQ(trail::open_note(note, both).value().verified.size(), 2U);
  for (const char* other : {"", "x", "../lock", "A"}) {
    EXPECT_EQ(refusal(witness_->checkpoint(other)), Code::kNotFound);
  }
}

// Each of these is wrong in two ways, so that the order shows.
TEST_F(WitnessTest, answers_in_the_order_of_the_standard) {
  ASSERT_EQ(status(log_.body(0, 10)), 200);
  TestLog stranger("log.example/stranger", 2);
  stranger.grow(20, "other");
  EXPECT_EQ(status("nonsense"), 400);
  EXPECT_EQ(status("old 0\n\n" + log_.note(5).substr(0, 30)), 400);
  // Of an unknown log: 404, though the old size is another too.
  EXPECT_EQ(status(stranger.body(3, 7)), 404);
  // Of a known log, signed by a stranger: 403, though the old size is too large.
  TestLog forged(log_.origin(), 3);
  forged.grow(20, "other");
  const auto request = [](uint64_t old_size, std::string note) {
    return trail::format_add_checkpoint({TreeSize(old_size), {}, std::move(note)}).value();
  };
  EXPECT_EQ(status(request(99, forged.note(7))), 403);
  // A signature of the known key that is wrong, beside a right one: 403.
  const std::string right = log_.note(12);
  const std::string wrong = log_.note(11);
  EXPECT_EQ(status(request(99, right + wrong.substr(wrong.find("\n\n") + 2))), 403);
  // Above the size of the checkpoint: 400, though it is not what is stored.
  EXPECT_EQ(status(request(13, log_.note(12))), 400);
  // Not what is stored: 409 with that, though the proof is missing.
  const Answer conflict = witness_->add_checkpoint(request(9, log_.note(12)));
  EXPECT_EQ(conflict.outcome, Outcome::kOtherSize);
  EXPECT_EQ(conflict.body, "10\n");
  // A proof that is missing, wrong, or too long: 422.
  EXPECT_EQ(status(request(10, log_.note(12))), 422);
  auto proof = log_.proof(10, 12);
  proof[0][0] ^= 1U;
  EXPECT_EQ(status(trail::format_add_checkpoint({TreeSize(10), proof, log_.note(12)}).value()), 422);
  proof = log_.proof(10, 12);
  proof.emplace_back();
  EXPECT_EQ(status(trail::format_add_checkpoint({TreeSize(10), proof, log_.note(12)}).value()), 422);
  // The same size with another root: 422.
  TestLog fork;
  fork.grow(5);
  fork.grow(20, "fork");
  EXPECT_EQ(status(request(10, fork.note(10))), 422);
  EXPECT_EQ(status(trail::format_add_checkpoint({TreeSize(10), {trail::Hash{}}, log_.note(10)}).value()), 422);
  // After all that it goes on from where it was.
  EXPECT_EQ(status(log_.body(10, 12)), 200);
}

TEST_F(WitnessTest, the_empty_tree_has_one_root_and_no_proof) {
  trail::Checkpoint wrong{log_.origin(), TreeSize(0), {1}, {}};
  const std::string note = trail::sign_checkpoint(wrong, log_.key()).value();
  EXPECT_EQ(status(trail::format_add_checkpoint({TreeSize(0), {}, note}).value()), 422);
  EXPECT_EQ(status(trail::format_add_checkpoint({TreeSize(0), {trail::Hash{}}, log_.note(5)}).value()), 422);
  EXPECT_EQ(status(log_.body(0, 0)), 200);
  EXPECT_EQ(witness_->stored(log_.origin()).value()->checkpoint, log_.checkpoint(0));
  EXPECT_EQ(status(log_.body(0, 5)), 200);
}

TEST_F(WitnessTest, signs_no_second_history_and_takes_nothing_back) {
  TestLog first;
  first.grow(10);
  TestLog fork = first;
  fork.grow(20, "fork");
  first.grow(20);
  ASSERT_EQ(status(first.body(0, 10)), 200);
  ASSERT_EQ(status(first.body(10, 15)), 200);
  for (const uint64_t old_size : {0U, 10U, 15U}) {
    for (const uint64_t size : {10U, 12U, 15U, 18U}) {
      if (old_size > size) continue;
      EXPECT_NE(status(fork.body(old_size, size)), 200) << old_size << " " << size;
    }
  }
  EXPECT_EQ(witness_->stored(log_.origin()).value()->checkpoint, first.checkpoint(15));
}

TEST_F(WitnessTest, knows_what_it_cosigned_after_a_restart) {
  ASSERT_EQ(status(log_.body(0, 10)), 200);
  open();
  EXPECT_EQ(witness_->add_checkpoint(log_.body(0, 12)).body, "10\n");
  EXPECT_EQ(status(log_.body(10, 12)), 200);
}

TEST_F(WitnessTest, signs_nothing_when_what_is_stored_was_changed) {
  ASSERT_EQ(status(log_.body(0, 10)), 200);
  const std::string path = "w/logs/" + origin_hash(log_.origin()) + ".checkpoint";
  const std::string note(as_text(os::read_file(files_, path, 1 << 20).value()));
  TestLog fork;
  fork.grow(10, "fork");
  const std::string others = note.substr(note.find("\n\n"));
  for (const std::string& changed :
       {std::string("nonsense"), log_.note(3), fork.note(10).substr(0, fork.note(10).find("\n\n")) + others}) {
    ASSERT_TRUE(os::write_file_atomically(files_, path, as_bytes(changed)));
    const Answer answer = witness_->add_checkpoint(log_.body(10, 12));
    EXPECT_EQ(answer.outcome, Outcome::kUnavailable);
    EXPECT_NE(answer.problem.find(path), std::string::npos);
    EXPECT_EQ(answer.why.find("w/logs"), std::string::npos) << "places are the business of the operator";
  }
  // That of another log in its place.
  TestLog other("log.example/b", 4);
  other.grow(3);
  witness_->use_logs({{log_.origin(), {log_.key().verifier()}}, {other.origin(), {other.key().verifier()}}});
  ASSERT_EQ(status(other.body(0, 3)), 200);
  const Bytes foreign = os::read_file(files_, "w/logs/" + origin_hash(other.origin()) + ".checkpoint", 1 << 20).value();
  ASSERT_TRUE(os::write_file_atomically(files_, path, foreign));
  EXPECT_EQ(status(log_.body(3, 12)), 503);
}

TEST_F(WitnessTest, signs_nothing_while_the_clock_stands_before_its_last_cosignature) {
  ASSERT_EQ(status(log_.body(0, 10)), 200);
  now_ -= 1;
  EXPECT_EQ(status(log_.body(10, 12)), 503);
  now_ += 1;
  EXPECT_EQ(status(log_.body(10, 12)), 200);
}

TEST_F(WitnessTest, of_requests_at_the_same_moment_one_wins_and_no_size_goes_back) {
  ASSERT_EQ(status(log_.body(0, 1)), 200);
  std::vector<std::thread> threads;
  std::atomic<int> won = 0;
  for (uint64_t size = 2; size <= 9; ++size) {
    threads.emplace_back([&, size] { won += status(log_.body(1, size)) == 200 ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_F(WitnessTest, is_one_process_with_a_key_of_a_witness) {
  EXPECT_EQ(refusal(Witness::open(files_, "w", key_of("w", 1, trail::SignatureType::kCosignature))), Code::kBusy);
  EXPECT_EQ(refusal(Witness::open(files_, "v", key_of("v", 1))), Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::witness
