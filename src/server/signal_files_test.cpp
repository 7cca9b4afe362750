#include "server/signal_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "os/memory.h"
#include "trail/store/event_codec.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

class SignalFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(DataDirectory::create(files_, "data", "example.org/trail", "../data.keys", 84).has_value());
    auto data = DataDirectory::open(files_, "data", "");
    ASSERT_TRUE(data.has_value()) << data.error().text;
    data_ = std::make_unique<DataDirectory>(std::move(*data));
  }
  std::string pseudonym(const std::string& employee, trail::Period period) {
    const auto key = (*data_->keys())->period_or_create(period);
    Bytes bytes;
    (*key)->encrypt_identifier(trail::Domain::kActor, employee, bytes);
    return trail::pseudonym_text(period, as_text(bytes));
  }
  void write(uint64_t run, uint64_t first, const std::vector<std::string>& actors) {
    std::vector<Json> lines;
    for (const std::string& actor : actors) lines.push_back({{"actor", actor}, {"signal", first + lines.size()}});
    ASSERT_TRUE(write_signals(*data_, run, {{"first", first}}, lines).has_value());
  }

  os::MemoryFileSystem files_;
  std::unique_ptr<DataDirectory> data_;
};

constexpr trail::Period kQuarter{2026 * 4};

TEST_F(SignalFilesTest, number_signals_on_over_all_runs_also_those_without_any) {
  EXPECT_EQ(next_signal_numbers(*data_)->signal, 1U);
  write(1, 1, {pseudonym("e1", kQuarter), pseudonym("e2", kQuarter)});
  write(2, 3, {});
  EXPECT_EQ(next_signal_numbers(*data_)->run, 3U);
  EXPECT_EQ(next_signal_numbers(*data_)->signal, 3U);
  write(3, 3, {pseudonym("e3", kQuarter)});
  EXPECT_EQ(find_signal(*data_, 2)->actor, pseudonym("e2", kQuarter));
  EXPECT_EQ(find_signal(*data_, 3)->actor, pseudonym("e3", kQuarter));
  EXPECT_EQ(find_signal(*data_, 4).error().code, Code::kNotFound);
  EXPECT_EQ(find_signal(*data_, 0).error().code, Code::kNotFound);
}

TEST_F(SignalFilesTest, find_feedback_about_the_same_employee_in_any_quarter_and_about_no_other) {
  write(1, 1, {pseudonym("e1", kQuarter), pseudonym("e2", kQuarter), pseudonym("e1", trail::Period{2026 * 4 + 1})});
  for (const uint64_t signal : {1U, 2U, 3U}) {
    ASSERT_TRUE(write_feedback(*data_, {signal, signal != 2, "2026-06-01T00:00:00Z", "user"}).has_value());
  }
  const auto list = FeedbackList::open(*data_);
  ASSERT_TRUE(list.has_value()) << list.error().text;
  const auto first = list->about("e1", **data_->keys());
  ASSERT_TRUE(first.has_value());
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[1].signal, 3U);
  EXPECT_TRUE((*first)[0].justified);
  EXPECT_FALSE(list->about("e2", **data_->keys())->at(0).justified);
  EXPECT_TRUE(list->about("e3", **data_->keys())->empty());
}

TEST_F(SignalFilesTest, name_the_file_that_is_damaged) {
  write(1, 1, {"nobody"});
  EXPECT_EQ(find_signal(*data_, 1).error().code, Code::kCorrupt);
  EXPECT_NE(find_signal(*data_, 1).error().text.find("1.jsonl, line 2"), std::string::npos);
  for (const std::string_view text : {"", "{}\n", "{\"format\":\"weerbaar signals 1\",\"first\":1}", "x\n"}) {
    ASSERT_TRUE(os::write_file_atomically(files_, "data/signals/1.jsonl", as_bytes(text)).has_value());
    const auto next = next_signal_numbers(*data_);
    ASSERT_FALSE(next.has_value()) << text;
    EXPECT_EQ(next.error().code, Code::kCorrupt);
  }
}

TEST(SignalFiles, of_every_version_stay_readable) {
  const std::filesystem::path folder = std::filesystem::path(WEERBAAR_SOURCE_DIR) / "tests/fixtures/formats/signals/v1";
  const auto lines_of = [&](const char* name) {
    std::ifstream stream(folder / name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  };
  const auto run = lines_of("1.jsonl");
  ASSERT_EQ(run.size(), 2U);
  const auto signal = read_kept_signal(run[1], "1.jsonl");
  ASSERT_TRUE(signal.has_value()) << signal.error().text;
  EXPECT_EQ(signal->number, 1U);
  EXPECT_EQ(signal->period, kQuarter);
  const auto feedback = read_feedback(lines_of("feedback.json")[0], "feedback.json");
  ASSERT_TRUE(feedback.has_value()) << feedback.error().text;
  EXPECT_TRUE(feedback->justified);
}

}  // namespace
}  // namespace weerbaar::server
