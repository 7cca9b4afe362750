#include "examine/purpose/findings.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "examine/purpose/policy.h"
#include "os/memory.h"

namespace weerbaar::purpose {
namespace {

class FindingsTest : public ::testing::Test {
 protected:
  // Every third entry is an access that was checked.
  static Verdict verdict_of(uint64_t index) {
    std::mt19937_64 random(index);
    Verdict verdict;
    verdict.outcome = static_cast<Outcome>(random() % 3);
    for (uint64_t i = random() % 4; i > 0; --i) {
      Finding finding;
      finding.rule = static_cast<uint32_t>(random() % rules().size());
      finding.subject = static_cast<uint32_t>(random() % 1'000);
      finding.is_on_behalf = random() % 2 == 0;
      for (uint32_t& row : finding.rows) row = static_cast<uint32_t>(random());
      verdict.findings.push_back(finding);
    }
    return verdict;
  }
  static const std::vector<Rule>& rules() {
    static const std::vector<Rule> all =
        check_rules({1, "test", "2026-03-01", "test", standard_policy_rules()}).value();
    return all;
  }
  void write(std::string_view head) {
    auto writer = FindingsWriter::create(files_, "1.findings", rules());
    ASSERT_TRUE(writer.has_value()) << writer.error().text;
    for (const uint64_t first : {uint64_t{65'536}, uint64_t{131'072}, uint64_t{327'680}}) {
      Bytes verdicts;
      for (uint64_t index = first + 1; index < first + 3'000; index += 3) {
        append_verdict(index, verdict_of(index), rules(), verdicts);
      }
      // Of each other period, as accesses that came in late are.
      std::vector<uint16_t> periods(1'000);
      for (size_t i = 0; i < periods.size(); ++i) periods[i] = i % 5 == 0 ? 8'099 : 8'100;
      ASSERT_TRUE(writer->add(first, verdicts, periods).has_value());
    }
    ASSERT_TRUE(writer->add(393'216, {}, {}).has_value());
    EXPECT_FALSE(files_.exists("1.findings"));
    digest_ = writer->digest();
    ASSERT_TRUE(writer->finish(head).has_value());
  }

  os::MemoryFileSystem files_;
  trail::Hash digest_{};
};

TEST_F(FindingsTest, are_found_again_by_their_entry) {
  write(R"({"policy":1})");
  auto file = FindingsFile::open(files_, "1.findings");
  ASSERT_TRUE(file.has_value()) << file.error().text;
  EXPECT_EQ(file->head(), R"({"policy":1})");
  EXPECT_EQ(file->digest(), digest_);
  for (uint64_t index = 65'537; index < 65'536 + 3'000; index += 3) {
    const auto found = file->find(index, rules());
    ASSERT_TRUE(found.has_value() && found->has_value());
    const Verdict expected = verdict_of(index);
    EXPECT_EQ((*found)->outcome, expected.outcome);
    ASSERT_EQ((*found)->found.size(), expected.findings.size());
    for (size_t i = 0; i < expected.findings.size(); ++i) {
      const StoredVerdict::Found& got = (*found)->found[i];
      EXPECT_EQ(got.rule, expected.findings[i].rule);
      EXPECT_EQ(got.subject, expected.findings[i].subject);
      EXPECT_EQ(got.is_on_behalf, expected.findings[i].is_on_behalf);
    }
  }
  // In any order.
  std::mt19937_64 random(3);
  for (int i = 0; i < 2'000; ++i) {
    const uint64_t index = 65'530 + random() % 3'020;
    const auto found = file->find(index, rules());
    ASSERT_TRUE(found.has_value());
    const bool is_there = index > 65'536 && index < 65'536 + 3'000 && index % 3 == 65'537 % 3;
    ASSERT_EQ(found->has_value(), is_there) << index;
    if (is_there) {
      EXPECT_EQ((*found)->index, index);
    }
  }
  for (const uint64_t index : {uint64_t{0}, uint64_t{65'536}, uint64_t{65'538}, uint64_t{200'000}, uint64_t{900'000}}) {
    const auto found = file->find(index, rules());
    ASSERT_TRUE(found.has_value());
    EXPECT_FALSE(found->has_value()) << index;
  }
  EXPECT_TRUE(file->find(327'681, rules())->has_value());
}

// Beside a register, the number of a fact would name an employee and a person.
TEST_F(FindingsTest, keep_nothing_of_the_facts) {
  const auto written = [this](uint32_t row) {
    Verdict verdict;
    verdict.outcome = Outcome::kExplained;
    verdict.findings.push_back({0, 0, false, {}});
    verdict.findings[0].rows.fill(row);
    Bytes bytes;
    append_verdict(7, verdict, rules(), bytes);
    auto writer = FindingsWriter::create(files_, "facts.findings", rules());
    EXPECT_TRUE(writer.has_value() && writer->add(0, bytes, std::vector<uint16_t>{1}).has_value() &&
                writer->finish("{}").has_value());
    return os::read_file(files_, "facts.findings", 1U << 20U).value();
  };
  EXPECT_EQ(written(1), written(123'456));
}

// Nothing in the trail tells whether they are what was found.
TEST_F(FindingsTest, of_earlier_versions_are_refused) {
  const std::string folder = WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/policy";
  const auto file = FindingsFile::open(os::real_file_system(), folder + "/v1.findings");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, Code::kCorrupt);
  EXPECT_NE(file.error().text.find("of version 1"), std::string::npos) << file.error().text;
}

TEST_F(FindingsTest, of_a_destroyed_period_are_overwritten_and_the_others_stay) {
  write("{}");
  const Bytes before = os::read_file(files_, "1.findings", 1U << 24U).value();
  ASSERT_TRUE(FindingsFile::drop(files_, "1.findings", {8'099}).has_value());
  const Bytes after = os::read_file(files_, "1.findings", 1U << 24U).value();
  ASSERT_EQ(after.size(), before.size());
  EXPECT_NE(after, before);
  ASSERT_TRUE(FindingsFile::drop(files_, "1.findings", {8'099}).has_value());
  EXPECT_EQ(os::read_file(files_, "1.findings", 1U << 24U).value(), after);
  auto file = FindingsFile::open(files_, "1.findings", {8'099});
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->digest(), digest_);
  for (uint64_t i = 0; i < 1'000; ++i) {
    const auto found = file->find(65'537 + 3 * i, rules());
    ASSERT_TRUE(found.has_value()) << found.error().text;
    EXPECT_EQ(found->has_value(), i % 5 != 0) << i;
  }
  // Who overwrites them while the key of the period is there is seen.
  auto hidden = FindingsFile::open(files_, "1.findings");
  ASSERT_TRUE(hidden.has_value());
  EXPECT_FALSE(hidden->find(65'537, rules()).has_value());
}

TEST_F(FindingsTest, of_version_4_say_on_whose_behalf) {
  const std::string folder = WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/policy";
  const Bytes policy = os::read_file(os::real_file_system(), folder + "/v1.json", 1U << 20U).value();
  const auto rules = check_rules(read_policy(as_text(policy), "v1.json").value());
  ASSERT_TRUE(rules.has_value()) << rules.error().text;
  auto file = FindingsFile::open(os::real_file_system(), folder + "/v4.findings");
  ASSERT_TRUE(file.has_value()) << file.error().text;
  for (const uint64_t index : {uint64_t{1}, uint64_t{2}}) {
    const auto flagged = file->find(index, *rules);
    ASSERT_TRUE(flagged.has_value() && flagged->has_value());
    ASSERT_EQ((*flagged)->found.size(), 1U);
    EXPECT_EQ((*flagged)->found[0].subject, 0U);
    EXPECT_EQ((*flagged)->found[0].is_on_behalf, index == 1);
  }
  EXPECT_EQ(file->find(0, *rules).value()->outcome, Outcome::kUnexplained);
}

TEST_F(FindingsTest, a_changed_bit_anywhere_is_seen) {
  write("{}");
  const Bytes good = os::read_file(files_, "1.findings", 1U << 24U).value();
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    Bytes bad = good;
    bad[random() % bad.size()] ^= static_cast<uint8_t>(1U << random() % 8);
    ASSERT_TRUE(os::write_file_atomically(files_, "2.findings", bad).has_value());
    auto file = FindingsFile::open(files_, "2.findings");
    if (!file) {
      EXPECT_EQ(file.error().code, Code::kCorrupt);
      continue;
    }
    bool seen = false;
    for (const uint64_t index : {uint64_t{65'537}, uint64_t{131'073}, uint64_t{327'681}}) {
      seen = seen || !file->find(index, rules()).has_value();
    }
    EXPECT_TRUE(seen) << "round " << round;
  }
}

TEST_F(FindingsTest, a_file_that_is_cut_short_is_seen) {
  write("{}");
  const Bytes good = os::read_file(files_, "1.findings", 1U << 24U).value();
  for (size_t size = 0; size < good.size(); size += 101) {
    ASSERT_TRUE(os::write_file_atomically(files_, "2.findings", ByteView(good).first(size)).has_value());
    EXPECT_FALSE(FindingsFile::open(files_, "2.findings").has_value()) << size;
  }
}

}  // namespace
}  // namespace weerbaar::purpose
