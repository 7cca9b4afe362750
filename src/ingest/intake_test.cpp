#include "ingest/intake.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "domain/access_event_json.h"
#include "ingest/registry.h"
#include "os/faulty.h"
#include "os/memory.h"

namespace weerbaar::ingest {
namespace {

constexpr uint64_t kFileBytesMax = 1 << 26;

std::string line_with(std::string_view id, std::string_view more) {
  return fmt::format(R"({{"id":"{}","source":"test","time":"2026-03-02T08:14:03Z","actor":{{"id":"u1"}},)"
                     R"("action":"read","system":"BVR"{}}})"
                     "\n",
                     id, more);
}

// Hands out `count` events at once, of which every `bad_every`-th has no id.
class CarelessSource final : public Source {
 public:
  CarelessSource(size_t count, size_t bad_every) : count_(count), bad_every_(bad_every) {}

  void feed(std::string_view, Output&) override {}
  void finish(Output& output) override {
    for (size_t i = 1; i <= count_; ++i) {
      AccessEvent event;
      event.id = i % bad_every_ == 0 ? "" : output.events.keep(std::to_string(i));
      event.source = "careless";
      event.actor.id = "u1";
      event.system = "BVR";
      output.events.add(event);
    }
  }

 private:
  size_t count_;
  size_t bad_every_;
};

class IntakeTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(files_.make_directory("data").has_value()); }

  // Keeps the JSON form of all events.
  Sink collect() {
    return [this](EventBatch& events) -> Status {
      batches_.push_back(events.size());
      for (const AccessEvent& event : events.events()) taken_.push_back(to_json(event));
      return {};
    };
  }

  std::vector<nlohmann::json> quarantined() {
    std::vector<nlohmann::json> records;
    const auto content = os::read_file(files_, quarantine_.path(), kFileBytesMax);
    if (!content) return records;
    std::istringstream lines{std::string(as_text(*content))};
    for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
    return records;
  }

  os::MemoryFileSystem files_;
  Quarantine quarantine_ = Quarantine::create(files_, "data", "test").value();
  std::vector<std::string> taken_;
  std::vector<size_t> batches_;
};

TEST_F(IntakeTest, takes_a_file_in_and_counts_what_came_of_it) {
  std::string input;
  constexpr int kLines = 20'000;  // more than one chunk
  for (int i = 0; i < kLines; ++i) input += i % 1000 == 7 ? "{\"id\":\n" : line_with(std::to_string(i), "");
  ASSERT_GT(input.size(), 2 * kChunkBytes);
  ASSERT_TRUE(os::write_file_atomically(files_, "data/in.jsonl", as_bytes(input)).has_value());
  const auto source = make_source("jsonl", {}).value();
  Intake intake("in.jsonl", *source, collect(), quarantine_);
  const std::shared_ptr<os::File> file = files_.open("data/in.jsonl", os::Mode::kRead).value();
  ASSERT_TRUE(take_in(read_from(file), intake).has_value());
  EXPECT_EQ(intake.counts().bytes_read, input.size());
  EXPECT_EQ(intake.counts().refused, 20U);
  EXPECT_EQ(intake.counts().accepted, 19'980U);
  EXPECT_EQ(taken_.size(), 19'980U);
  EXPECT_EQ(taken_.front() + "\n", line_with("0", ""));
  EXPECT_EQ(taken_.back() + "\n", line_with("19999", ""));
  const auto refused = quarantined();
  ASSERT_EQ(refused.size(), 20U);
  EXPECT_EQ(refused[1]["line"], 1008);
  EXPECT_EQ(refused[1]["input"], "in.jsonl");
  EXPECT_EQ(refused[1]["raw"], "{\"id\":");
}

TEST_F(IntakeTest, a_batch_never_exceeds_its_limit_and_loses_no_event) {
  for (const size_t count : {size_t{1}, kBatchEventsMax, kBatchEventsMax + 1, 3 * kBatchEventsMax}) {
    CarelessSource source(count, count + 1);
    taken_.clear();
    batches_.clear();
    Intake intake("x", source, collect(), quarantine_);
    ASSERT_TRUE(intake.finish().has_value());
    EXPECT_EQ(taken_.size(), count);
    EXPECT_EQ(batches_.size(), (count + kBatchEventsMax - 1) / kBatchEventsMax);
    for (const size_t size : batches_) EXPECT_LE(size, kBatchEventsMax);
    EXPECT_TRUE(taken_.back().starts_with(fmt::format(R"({{"id":"{}")", count)));
  }
}

TEST_F(IntakeTest, refuses_what_an_adapter_let_through) {
  CarelessSource source(25'000, 10);
  Intake intake("x", source, collect(), quarantine_);
  ASSERT_TRUE(intake.finish().has_value());
  EXPECT_EQ(intake.counts().accepted, 22'500U);
  EXPECT_EQ(intake.counts().refused, 2'500U);
  EXPECT_EQ(taken_.size(), 22'500U);
  const auto refused = quarantined();
  ASSERT_EQ(refused.size(), 2'500U);
  EXPECT_TRUE(refused[0]["reason"].get<std::string>().starts_with("id is missing")) << refused[0];
  EXPECT_TRUE(refused[0]["raw"].get<std::string>().find("careless") != std::string::npos) << refused[0];
}

TEST_F(IntakeTest, keeps_a_subject_that_fails_the_eleven_test_as_other_and_marks_the_event) {
  const auto source = make_source("jsonl", {}).value();
  Intake intake("x", *source, collect(), quarantine_);
  const std::string input =
      line_with("1", R"(,"subjects":[{"type":"bsn","id":"123456782"},{"type":"rsin","id":"123456782"}])") +
      line_with("2", R"(,"subjects":[{"type":"bsn","id":"123456783","role":"partner"}],"attributes":{"page":1})") +
      line_with("3", R"(,"subjects":[{"type":"rsin","id":"1"},{"type":"bsn","id":"2"},{"type":"bsn","id":"3"}])") +
      line_with("4", R"(,"subjects":[{"type":"bsn","id":"x"}],"attributes":{"bsn_invalid":false})") +
      line_with("5", R"(,"subjects":[{"type":"kvk","id":"123456783"}])");
  ASSERT_TRUE(intake.feed(input).has_value());
  ASSERT_TRUE(intake.finish().has_value());
  const std::vector<std::string> expected = {
      line_with("1", R"(,"subjects":[{"type":"bsn","id":"123456782"},{"type":"rsin","id":"123456782"}])"),
      line_with("2", R"(,"subjects":[{"type":"other","id":"123456783","role":"partner"}])"
                     R"(,"attributes":{"page":1,"bsn_invalid":true})"),
      line_with("3", R"(,"subjects":[{"type":"other","id":"1"},{"type":"other","id":"2"},{"type":"other","id":"3"}])"
                     R"(,"attributes":{"rsin_invalid":true,"bsn_invalid":true})"),
      line_with("4", R"(,"subjects":[{"type":"other","id":"x"}],"attributes":{"bsn_invalid":true})"),
      line_with("5", R"(,"subjects":[{"type":"kvk","id":"123456783"}])")};
  ASSERT_EQ(taken_.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(taken_[i] + "\n", expected[i]);
}

TEST_F(IntakeTest, an_error_of_the_sink_stops_it_and_is_returned) {
  const auto source = make_source("jsonl", {}).value();
  int calls = 0;
  const Sink full = [&](EventBatch&) -> Status {
    ++calls;
    return fail(Code::kNoSpace, "the disk is full");
  };
  Intake intake("x", *source, full, quarantine_);
  const Status status = intake.feed(line_with("1", ""));
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Code::kNoSpace);
  EXPECT_EQ(intake.feed(line_with("2", "")).error().code, Code::kStopped);
  EXPECT_EQ(intake.finish().error().code, Code::kStopped);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(intake.counts().accepted, 0U);
}

TEST_F(IntakeTest, an_error_of_the_quarantine_stops_it) {
  os::FaultyFileSystem faulty(files_);
  Quarantine broken = Quarantine::create(faulty, "data", "broken").value();
  const auto source = make_source("jsonl", {}).value();
  Intake intake("x", *source, collect(), broken);
  faulty.fail_at(0, os::Fault::kNoSpace, true);
  const Status status = intake.feed("{\n" + line_with("2", ""));
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Code::kNoSpace);
  EXPECT_TRUE(taken_.empty());
}

TEST_F(IntakeTest, an_error_of_the_input_is_returned_and_what_came_before_it_was_taken) {
  const auto source = make_source("jsonl", {}).value();
  Intake intake("x", *source, collect(), quarantine_);
  int calls = 0;
  const ReadBytes torn = [&](std::span<uint8_t> buffer) -> Result<size_t> {
    if (calls++ > 0) return fail(Code::kIo, "the disk is broken");
    const std::string line = line_with("1", "");
    std::copy(line.begin(), line.end(), buffer.begin());
    return line.size();
  };
  const Status status = take_in(torn, intake);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Code::kIo);
  EXPECT_EQ(taken_.size(), 1U);
}

TEST_F(IntakeTest, an_empty_input_makes_nothing) {
  const auto source = make_source("jsonl", {}).value();
  Intake intake("x", *source, collect(), quarantine_);
  ASSERT_TRUE(take_in([](std::span<uint8_t>) -> Result<size_t> { return 0; }, intake).has_value());
  EXPECT_TRUE(batches_.empty());
  EXPECT_TRUE(quarantined().empty());
}

}  // namespace
}  // namespace weerbaar::ingest
