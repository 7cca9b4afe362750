#include "service/cosigner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>

#include "os/testing.h"
#include "trail/format/cosignature.h"
#include "trail/format/note.h"
#include "trail/store/trail_fixture.h"
#include "witness/testing.h"
#include "witness/witness.h"

namespace weerbaar::service {
namespace {

using std::chrono::milliseconds;
using witness::key_of;

// A trail with its writer, and three real witnesses without a network between.
class CosignerTest : public trail::testing::TrailFixture {
 protected:
  static constexpr milliseconds kPatience{20'000};

  void SetUp() override {
    TrailFixture::SetUp();
    for (size_t i = 0; i < kWitnesses; ++i) {
      const auto key = witness_key(i);
      keys_of_witnesses_.push_back(key.verifier());
      start_witness(i);
    }
    WriterOptions quick;
    quick.sign_every = milliseconds(20);
    writer_.emplace(open(), [this] { return trail::Trail::open(options(), trail::Access::kAppend); }, quick);
    log_.emplace(*writer_);
  }
  void TearDown() override {
    cosigner_.reset();
    std::fclose(json_file_);
  }
  static trail::SigningKey witness_key(size_t i) {
    return key_of("w.example/" + std::to_string(i), static_cast<uint8_t>(20 + i), trail::SignatureType::kCosignature);
  }
  void start_witness(size_t i) {
    witnesses_[i].reset();
    witnesses_[i] = witness::Witness::open(witness_files_, "w" + std::to_string(i), witness_key(i)).value();
    witnesses_[i]->use_logs({{std::string(kOrigin), {keys_->verifier_key()}}});
  }
  void start(size_t quorum = 2) {
    CosignedOptions made;
    made.files = &files_;
    made.directory = "data/cosigned";
    made.log = keys_->verifier_key();
    for (size_t i = 0; i < kWitnesses; ++i) made.witnesses.push_back({name(i), keys_of_witnesses_[i], ""});
    made.quorum = quorum;
    cosigned_ = Cosigned::open(made).value();
    CosignerOptions quick;
    quick.every = milliseconds(10);
    quick.retry_first = milliseconds(10);
    quick.retry_most = milliseconds(50);
    cosigner_.emplace(
        *log_, *cosigned_, [this](const std::string& to, const std::string& body) { return ask(to, body); }, json_log_,
        quick);
  }
  static std::string name(size_t i) { return "w" + std::to_string(i); }
  Result<WitnessReply> ask(const std::string& to, const std::string& body) {
    const auto i = static_cast<size_t>(to.back() - '0');
    ++asked_[i];
    if (down_[i]) return fail(Code::kIo, "no answer");
    if (instead_[i].load() != nullptr) return *instead_[i].load();
    const witness::Answer answer = witnesses_[i]->add_checkpoint(body);
    return WitnessReply{static_cast<int>(answer.outcome), "", answer.body};
  }
  void take_in(uint64_t first, uint64_t count) {
    EventBatch batch;
    trail::testing::EventMaker(first).make(first, count, batch);
    ASSERT_TRUE(writer_->append(batch.events()).has_value());
  }
  template <class Condition>
  static bool comes_true(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(2));
    }
    return true;
  }
  uint64_t size_of(size_t i) {
    const auto last = cosigned_->last(name(i));
    return last ? last->checkpoint.size.value() : 0;
  }
  uint64_t under_quorum() {
    const auto under = cosigned_->under_quorum();
    return under ? under->checkpoint.size.value() : 0;
  }
  // What was logged as errors.
  [[nodiscard]] std::string errors() const {
    std::ifstream file(json_path_);
    std::string found;
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_discarded() && json["level"] == "error") found += line + "\n";
    }
    return found;
  }

  static constexpr size_t kWitnesses = 3;
  os::MemoryFileSystem witness_files_;
  std::vector<trail::VerifierKey> keys_of_witnesses_;
  std::array<std::unique_ptr<witness::Witness>, kWitnesses> witnesses_;
  std::array<std::atomic<bool>, kWitnesses> down_{};
  std::array<std::atomic<const WitnessReply*>, kWitnesses> instead_{};
  std::array<std::atomic<int>, kWitnesses> asked_{};
  os::TemporaryDirectory directory_;
  const std::string json_path_ = directory_.path() + "/log.jsonl";
  std::FILE* json_file_ = std::fopen(json_path_.c_str(), "a");
  JsonLog json_log_{json_file_};
  std::optional<EventWriter> writer_;
  std::optional<PublishedLog> log_;
  std::unique_ptr<Cosigned> cosigned_;
  std::optional<Cosigner> cosigner_;
};

TEST_F(CosignerTest, each_new_checkpoint_is_cosigned_by_all) {
  start();
  for (uint64_t size = 100; size <= 500; size += 100) {
    take_in(size - 100, 100);
    ASSERT_TRUE(comes_true([&] { return size_of(0) == size && size_of(1) == size && size_of(2) == size; })) << size;
    ASSERT_TRUE(comes_true([&] { return under_quorum() == size; }));
  }
  const std::string metrics = cosigner_->metrics();
  EXPECT_NE(metrics.find("weerbaar_witness_cosigned_entries{witness=\"w1\"} 500\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("weerbaar_witness_conflict{witness=\"w1\"} 0\n"), std::string::npos);
  EXPECT_NE(metrics.find("weerbaar_witness_quorum_entries 500\n"), std::string::npos);
}

TEST_F(CosignerTest, one_that_is_away_keeps_nobody_waiting_and_is_asked_again) {
  down_[1] = true;
  start();
  take_in(0, 100);
  ASSERT_TRUE(comes_true([&] { return under_quorum() == 100; }));
  EXPECT_EQ(size_of(1), 0U);
  ASSERT_TRUE(comes_true([&] { return cosigner_->state("w1").failures > 2; }));
  EXPECT_FALSE(cosigner_->state("w1").conflict);
  down_[1] = false;
  ASSERT_TRUE(comes_true([&] { return size_of(1) == 100; }));
  // With too few the latest under the quorum stays.
  down_[1] = down_[2] = true;
  take_in(100, 100);
  ASSERT_TRUE(comes_true([&] { return size_of(0) == 200; }));
  EXPECT_EQ(under_quorum(), 100U);
}

TEST_F(CosignerTest, finds_out_from_the_witness_what_it_lost_itself) {
  start();
  take_in(0, 100);
  ASSERT_TRUE(comes_true([&] { return size_of(0) == 100 && size_of(1) == 100 && size_of(2) == 100; }));
  cosigner_.reset();
  for (size_t i = 0; i < kWitnesses; ++i) {
    ASSERT_TRUE(files_.remove(os::join("data/cosigned", cosigned_file(name(i)))));
    start_witness(i);
  }
  take_in(100, 70);
  start();
  ASSERT_TRUE(comes_true([&] { return size_of(0) == 170 && size_of(1) == 170 && size_of(2) == 170; }));
}

TEST_F(CosignerTest, a_witness_that_saw_another_history_is_told_as_an_error_and_as_a_metric) {
  // A fork of the log, with the same key, went to the first witness.
  witness::TestLog fork{std::string(kOrigin)};
  fork.grow(50, "fork");
  const auto note = trail::sign_checkpoint(fork.checkpoint(50), keys_->signing_key()).value();
  ASSERT_EQ(witnesses_[0]->add_checkpoint(trail::format_add_checkpoint({TreeSize(0), {}, note}).value()).outcome,
            witness::Outcome::kCosigned);
  start();
  take_in(0, 30);
  // It holds more entries than the trail.
  ASSERT_TRUE(comes_true([&] { return cosigner_->state("w0").conflict; }));
  ASSERT_TRUE(
      comes_true([&] { return errors().find("it cosigned more entries than the trail holds") != std::string::npos; }));
  take_in(30, 100);
  // And as many, but others.
  ASSERT_TRUE(comes_true([&] { return errors().find("does not continue what it cosigned") != std::string::npos; }));
  ASSERT_TRUE(comes_true([&] { return under_quorum() == 130; })) << "the others go on";
  EXPECT_EQ(size_of(0), 0U);
  EXPECT_EQ(cosigned_->refused("w0"), TreeSize(50));
  EXPECT_NE(cosigner_->metrics().find("weerbaar_witness_conflict{witness=\"w0\"} 1\n"), std::string::npos);
  EXPECT_FALSE(cosigner_->state("w1").conflict);
}

TEST_F(CosignerTest, a_witness_that_answers_nonsense_does_no_harm) {
  static const WitnessReply kNonsense[] = {{200, "", "nonsense"},
                                           {200, "", ""},
                                           {409, "", "0\n"},
                                           {409, "", "x"},
                                           {404, "", ""},
                                           {200, "", "\u2014 w.example/0 AAAAAAAAAAAAAAAA\n"},
                                           {500, "", std::string(100'000, 'x')}};
  start();
  for (const WitnessReply& nonsense : kNonsense) {
    instead_[0] = &nonsense;
    const uint64_t before = cosigner_->state("w0").failures;
    take_in(writer_->totals().size, 10);
    ASSERT_TRUE(comes_true([&] { return cosigner_->state("w0").failures > before + 1; }));
    ASSERT_TRUE(comes_true([&] { return size_of(1) == writer_->totals().size; }));
  }
  EXPECT_EQ(size_of(0), 0U);
  instead_[0] = nullptr;
  ASSERT_TRUE(comes_true([&] { return size_of(0) == writer_->totals().size; }));
}

TEST_F(CosignerTest, a_trail_that_was_put_back_is_told_before_any_witness_is_asked) {
  start();
  take_in(0, 100);
  ASSERT_TRUE(comes_true([&] { return size_of(0) == 100 && size_of(1) == 100 && size_of(2) == 100; }));
  cosigner_.reset();
  // A file of a witness with more than the trail holds.
  witness::TestLog fork{std::string(kOrigin)};
  fork.grow(500, "fork");
  const auto note = trail::sign_checkpoint(fork.checkpoint(500), keys_->signing_key()).value();
  const auto cosigned = witnesses_[0]->add_checkpoint(trail::format_add_checkpoint({TreeSize(100), {}, note}).value());
  EXPECT_EQ(cosigned.outcome, witness::Outcome::kInconsistent);
  const std::string line = trail::cosign(trail::note_text(note).value(), 1'700'000'000, witness_key(0)).value();
  ASSERT_TRUE(os::write_file_atomically(files_, "data/cosigned/by-w0.checkpoint", as_bytes(note + line)));
  for (auto& down : down_) down = true;
  start();
  ASSERT_TRUE(comes_true([&] { return cosigner_->state("w0").conflict; }));
  EXPECT_NE(errors().find("not the one that a witness cosigned"), std::string::npos);
  EXPECT_FALSE(cosigner_->state("w1").conflict);
}

}  // namespace
}  // namespace weerbaar::service
