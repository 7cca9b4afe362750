#include "ingest/quarantine.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "os/faulty.h"
#include "os/memory.h"

namespace weerbaar::ingest {
namespace {

constexpr uint64_t kFileBytesMax = 1 << 24;

std::vector<nlohmann::json> read_records(os::FileSystem& files, const std::string& path) {
  const Bytes content = os::read_file(files, path, kFileBytesMax).value();
  std::istringstream lines{std::string(as_text(content))};
  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
  return records;
}

class QuarantineTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(memory_.make_directory("data").has_value());
    ASSERT_TRUE(memory_.sync_directory(".").has_value());
  }
  Quarantine make() { return Quarantine::create(memory_, "data", "bvr").value(); }

  os::MemoryFileSystem memory_;
};

TEST_F(QuarantineTest, keeps_what_was_refused_and_why) {
  Quarantine quarantine = make();
  ASSERT_TRUE(quarantine.add({17, "time is missing", "{\"id\":\"é\"}\n"}, "dag.jsonl").has_value());
  ASSERT_TRUE(quarantine.add({0, "byte 1 is not UTF-8", "\xFFz"}, "naam\xFF").has_value());
  ASSERT_TRUE(quarantine.sync().has_value());
  const auto records = read_records(memory_, "data/quarantine/bvr.jsonl");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(parse_time(records[0]["time"].get<std::string>()).has_value());
  EXPECT_EQ(records[0]["input"], "dag.jsonl");
  EXPECT_EQ(records[0]["line"], 17);
  EXPECT_EQ(records[0]["reason"], "time is missing");
  EXPECT_EQ(records[0]["raw"], "{\"id\":\"é\"}\n");
  EXPECT_EQ(records[1]["input"], "naam?");
  EXPECT_FALSE(records[1].contains("line"));
  EXPECT_FALSE(records[1].contains("raw"));
  EXPECT_EQ(as_text(from_base64(records[1]["raw_base64"].get<std::string>()).value()), "\xFFz");
}

TEST_F(QuarantineTest, tells_the_first_refusals_in_words_without_the_record) {
  Quarantine quarantine = make();
  ASSERT_TRUE(quarantine.add({0, "time is missing", "999914479"}, "dag.jsonl").has_value());
  for (uint64_t line = 2; line <= 2 * Quarantine::kFirstMax; ++line) {
    ASSERT_TRUE(quarantine.add({line, "id is missing", "999914479"}, "dag.jsonl").has_value());
  }
  ASSERT_EQ(quarantine.first().size(), Quarantine::kFirstMax);
  EXPECT_EQ(quarantine.first()[0], "dag.jsonl: time is missing");
  EXPECT_EQ(quarantine.first()[1], "dag.jsonl, line 2: id is missing");
}

TEST_F(QuarantineTest, makes_nothing_while_nothing_is_refused) {
  Quarantine quarantine = make();
  ASSERT_TRUE(quarantine.sync().has_value());
  EXPECT_FALSE(memory_.exists("data/quarantine"));
}

TEST_F(QuarantineTest, what_was_synced_survives_a_power_failure) {
  {
    Quarantine quarantine = make();
    ASSERT_TRUE(quarantine.add({1, "kept", "a"}, "x").has_value());
    ASSERT_TRUE(quarantine.sync().has_value());
    ASSERT_TRUE(quarantine.add({2, "not yet durable", "b"}, "x").has_value());
  }
  memory_.crash(0);
  const auto records = read_records(memory_, "data/quarantine/bvr.jsonl");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0]["reason"], "kept");
}

TEST_F(QuarantineTest, syncs_by_itself_after_a_thousand_records) {
  Quarantine quarantine = make();
  for (uint64_t line = 1; line <= Quarantine::kRefusalsPerSync; ++line) {
    ASSERT_TRUE(quarantine.add({line, "reason", "raw"}, "x").has_value());
  }
  memory_.crash(0);
  EXPECT_EQ(read_records(memory_, "data/quarantine/bvr.jsonl").size(), Quarantine::kRefusalsPerSync);
}

TEST_F(QuarantineTest, appends_behind_a_line_that_a_crash_cut_off) {
  ASSERT_TRUE(memory_.make_directory("data/quarantine").has_value());
  ASSERT_TRUE(
      os::write_file_atomically(memory_, "data/quarantine/bvr.jsonl", as_bytes("{\"line\":1}\n{\"li")).has_value());
  Quarantine quarantine = make();
  ASSERT_TRUE(quarantine.add({2, "reason", "raw"}, "x").has_value());
  ASSERT_TRUE(quarantine.sync().has_value());
  const Bytes content = os::read_file(memory_, "data/quarantine/bvr.jsonl", kFileBytesMax).value();
  EXPECT_TRUE(as_text(content).starts_with("{\"line\":1}\n{\"li\n{\"time\":\"")) << as_text(content);
}

TEST_F(QuarantineTest, refuses_a_name_that_leads_elsewhere) {
  for (const char* name : {"", "../bvr", "a/b", ".hidden", "a b", "a\n"}) {
    EXPECT_FALSE(Quarantine::create(memory_, "data", name).has_value()) << name;
  }
}

TEST_F(QuarantineTest, every_failing_step_is_reported_and_stops_it) {
  for (const os::Fault fault :
       {os::Fault::kInputOutput, os::Fault::kNoSpace, os::Fault::kShortWrite, os::Fault::kFailedSync}) {
    uint64_t step = 0;
    for (bool struck = true; struck; ++step) {
      os::MemoryFileSystem memory;
      ASSERT_TRUE(memory.make_directory("data").has_value());
      os::FaultyFileSystem faulty(memory);
      Quarantine quarantine = Quarantine::create(faulty, "data", "bvr").value();
      faulty.fail_at(step, fault, false);
      Status status = quarantine.add({1, "reason", "raw"}, "x");
      if (status) status = quarantine.sync();
      struck = faulty.struck();
      EXPECT_EQ(status.has_value(), !struck) << "step " << step;
      if (!struck) continue;
      const Status after = quarantine.add({2, "reason", "raw"}, "x");
      ASSERT_FALSE(after.has_value());
      EXPECT_EQ(after.error().code, Code::kStopped);
      EXPECT_FALSE(quarantine.sync().has_value());
    }
    EXPECT_GE(step, 5U);
  }
}

}  // namespace
}  // namespace weerbaar::ingest
