// Whatever fails and whenever the power does: of what left the witness, no two checkpoints contradict each other.
#include <gtest/gtest.h>

#include <map>

#include "os/faulty.h"
#include "os/memory.h"
#include "witness/testing.h"
#include "witness/witness.h"

namespace weerbaar::witness {
namespace {

// Two histories of one log, alike up to five entries.
struct Histories {
  Histories() {
    one.grow(5);
    two = one;
    one.grow(40, "one");
    two.grow(40, "two");
  }
  TestLog one;
  TestLog two;
};

const Histories& histories() {
  static const Histories made;
  return made;
}

// What left the witness: sizes with the history that each was of.
using Released = std::vector<std::pair<uint64_t, const TestLog*>>;

class Pressed {
 public:
  explicit Pressed(uint64_t seed) : faulty_(disk_), seed_(seed) {}

  // Both histories are pressed on the witness in turn, through failures and power cuts.
  void press(uint64_t step, os::Fault fault, bool lasting) {
    start();
    ask(histories().one, 5);
    faulty_.fail_at(step, fault, lasting);
    for (uint64_t round = 0; round < 6; ++round) {
      const TestLog& log = (round + seed_) % 2 == 0 ? histories().one : histories().two;
      ask(log, 6 + 3 * round);
      if (round == 1 || round == 3) cut_the_power();
    }
    struck = faulty_.struck();
    faulty_.fail_at(~uint64_t{0}, os::Fault::kInputOutput, false);
    cut_the_power();
    ask(histories().one, 30);
    ask(histories().two, 30);
    ask(histories().one, 33);
    ask(histories().two, 33);
  }

  // The judge: sizes from five on are of one history, and never fall.
  void judge() const {
    const TestLog* chosen = nullptr;
    uint64_t last = 0;
    for (const auto& [size, log] : released) {
      EXPECT_GE(size, last);
      last = size;
      if (size <= 5) continue;
      if (chosen == nullptr) chosen = log;
      EXPECT_EQ(chosen, log) << "two histories were cosigned, at " << size;
    }
    EXPECT_EQ(last, 33U) << "in the end it cosigned again";
  }

  Released released;
  bool struck = false;

 private:
  void start() {
    auto opened = Witness::open(faulty_, "w", key_of("w.example", 9, trail::SignatureType::kCosignature),
                                [] { return Time{1'700'000'000 * kMicrosPerSecond, 0}; });
    if (!opened) return;
    witness_ = std::move(*opened);
    witness_->use_logs({{histories().one.origin(), {histories().one.key().verifier()}}});
  }
  // As a log does: 409 tells where to begin.
  void ask(const TestLog& log, uint64_t size) {
    if (witness_ == nullptr) start();
    if (witness_ == nullptr) return;
    uint64_t old_size = 0;
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Answer answer = witness_->add_checkpoint(log.body(old_size, size));
      if (answer.outcome == Outcome::kCosigned) {
        released.emplace_back(size, &log);
        return;
      }
      if (answer.outcome != Outcome::kOtherSize) return;
      old_size = trail::parse_tree_size(answer.body).value().value();
      if (old_size > size) return;
    }
  }
  void cut_the_power() {
    witness_.reset();
    disk_.crash(seed_);
  }

  os::MemoryFileSystem disk_;
  os::FaultyFileSystem faulty_;
  const uint64_t seed_;
  std::unique_ptr<Witness> witness_;
};

TEST(WitnessCrash, never_cosigns_two_histories_whichever_step_fails) {
  uint64_t steps = 0;
  for (const os::Fault fault :
       {os::Fault::kInputOutput, os::Fault::kNoSpace, os::Fault::kShortWrite, os::Fault::kFailedSync}) {
    for (const bool lasting : {false, true}) {
      for (uint64_t seed = 0; seed < 3; ++seed) {
        bool struck = true;
        for (uint64_t step = 0; struck; ++step, ++steps) {
          Pressed run(seed);
          run.press(step, fault, lasting);
          struck = run.struck;
          run.judge();
          ASSERT_FALSE(HasFailure()) << "step " << step << ", seed " << seed;
          ASSERT_LT(step, 200U);
        }
      }
    }
  }
  EXPECT_GT(steps, 500U);
}

// The judge is not blind: a witness that forgets what it cosigned is found out.
TEST(WitnessCrash, the_judge_finds_a_witness_that_forgets) {
  std::map<uint64_t, trail::Hash> roots;
  bool contradiction = false;
  for (const TestLog* const log : {&histories().one, &histories().two}) {
    os::MemoryFileSystem forgetful;
    auto witness = Witness::open(forgetful, "w", key_of("w.example", 9, trail::SignatureType::kCosignature)).value();
    witness->use_logs({{log->origin(), {log->key().verifier()}}});
    ASSERT_EQ(witness->add_checkpoint(log->body(0, 9)).outcome, Outcome::kCosigned);
    const auto [at, fresh] = roots.emplace(9, log->root(9));
    contradiction = contradiction || (!fresh && at->second != log->root(9));
  }
  EXPECT_TRUE(contradiction);
}

}  // namespace
}  // namespace weerbaar::witness
