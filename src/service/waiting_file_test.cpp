#include "service/waiting_file.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "os/faulty.h"
#include "os/memory.h"

namespace weerbaar::service {
namespace {

constexpr Time kCame{1'780'000'000'123'456, 789};
constexpr uint64_t kNever = 1'000'000;
constexpr std::string_view kTrace = "5b8efff798038103d269b633813fc60c";

std::string line(int number) {
  return waiting_line("bvr", kCame, R"({"n":)" + std::to_string(number) + "}");
}

struct Read {
  std::vector<std::string> json;  // or the trace that went
  size_t unreadable = 0;
};
Read read(const WaitingFile& file) {
  Read read;
  EXPECT_TRUE(
      file.read([&](const WaitingLine& line) { read.json.emplace_back(line.json.empty() ? line.trace : line.json); },
                [&](std::string_view) { ++read.unreadable; }));
  return read;
}
Status write(WaitingFile& file, const std::string& lines) {
  return file.wait(file.add(lines));
}

TEST(WaitingLine, is_read_as_it_was_written) {
  const std::string text = waiting_line("bvr", kCame, R"({"resourceSpans":[{"a":"}\"é"}]})");
  ASSERT_TRUE(text.ends_with("\n"));
  const auto parsed = parse_waiting_line(std::string_view(text).substr(0, text.size() - 1));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->source, "bvr");
  EXPECT_EQ(parsed->came, kCame);
  EXPECT_EQ(parsed->json, R"({"resourceSpans":[{"a":"}\"é"}]})");
  const std::string gone = gone_line("bvr", kTrace);
  const auto went = parse_waiting_line(std::string_view(gone).substr(0, gone.size() - 1));
  ASSERT_TRUE(went.has_value());
  EXPECT_EQ(went->trace, kTrace);
  EXPECT_TRUE(went->json.empty());
}

TEST(WaitingLine, one_that_was_changed_or_cut_anywhere_is_not_read) {
  for (std::string text : {line(1), gone_line("bvr", kTrace)}) {
    text.pop_back();
    ASSERT_TRUE(parse_waiting_line(text).has_value());
    for (size_t i = 0; i < text.size(); ++i) {
      EXPECT_FALSE(parse_waiting_line(std::string_view(text).substr(0, i)).has_value()) << i;
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(parse_waiting_line(changed).has_value()) << i;
    }
  }
}

TEST(WaitingFile, a_file_of_the_first_version_is_read) {
  const auto bytes =
      os::read_file(os::real_file_system(), WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/waiting/v1.jsonl", 1 << 16);
  ASSERT_TRUE(bytes.has_value());
  os::MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("data/waiting"));
  ASSERT_TRUE(os::write_file_atomically(files, "data/waiting/records.jsonl", *bytes));
  const Read found = read(WaitingFile(files, "data/waiting"));
  EXPECT_EQ(found.unreadable, 0U);
  ASSERT_EQ(found.json.size(), 3U);
  EXPECT_TRUE(found.json[1].starts_with(R"({"trace_id":"5b8efff798038103d269b633813fc60d")"));
  EXPECT_EQ(found.json[2], kTrace);
}

TEST(WaitingFile, what_was_acknowledged_survives_a_crash_and_what_was_cut_off_is_passed_over) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    os::MemoryFileSystem files;
    ASSERT_TRUE(files.make_directory("data"));
    {
      WaitingFile file(files, "data/waiting");
      ASSERT_TRUE(write(file, line(1) + line(2)));
      ASSERT_TRUE(write(file, line(3)));
      // Not synced: nobody was told that it waits.
      auto open = files.open("data/waiting/records.jsonl", os::Mode::kReadWrite);
      ASSERT_TRUE((*open)->write_at(file.size(), as_bytes(line(4) + line(5))));
    }
    files.crash(seed);
    const WaitingFile again(files, "data/waiting");
    const Read found = read(again);
    ASSERT_GE(found.json.size(), 3U) << seed;
    EXPECT_EQ(found.json[0], R"({"n":1})");
    EXPECT_EQ(found.json[2], R"({"n":3})");
  }
}

TEST(WaitingFile, a_write_that_failed_costs_nothing_that_was_acknowledged_and_the_next_goes_on) {
  for (const os::Fault fault :
       {os::Fault::kInputOutput, os::Fault::kNoSpace, os::Fault::kShortWrite, os::Fault::kFailedSync}) {
    for (uint64_t step = 0; step < 3; ++step) {
      os::MemoryFileSystem memory;
      ASSERT_TRUE(memory.make_directory("data"));
      os::FaultyFileSystem files(memory);
      WaitingFile file(files, "data/waiting");
      ASSERT_TRUE(write(file, line(1)));
      files.fail_at(step, fault, false);
      const Status failed = write(file, line(2) + line(2));
      EXPECT_EQ(failed.has_value(), !files.struck());
      files.fail_at(kNever, fault, false);
      ASSERT_TRUE(write(file, line(3)));
      memory.crash(0);
      const Read found = read(WaitingFile(files, "data/waiting"));
      EXPECT_EQ(found.unreadable, 0U);
      const std::vector<std::string> expected =
          failed ? std::vector<std::string>{R"({"n":1})", R"({"n":2})", R"({"n":2})", R"({"n":3})"}
                 : std::vector<std::string>{R"({"n":1})", R"({"n":3})"};
      EXPECT_EQ(found.json, expected);
    }
  }
}

TEST(WaitingFile, is_replaced_whole_or_not_at_all_and_nothing_is_written_until_it_is_known_which) {
  for (uint64_t step = 0; step < 8; ++step) {
    os::MemoryFileSystem memory;
    ASSERT_TRUE(memory.make_directory("data"));
    os::FaultyFileSystem files(memory);
    WaitingFile file(files, "data/waiting");
    ASSERT_TRUE(write(file, line(1) + line(2)));
    // In the file only as part of what replaces it.
    const auto group = file.add(line(3));
    files.fail_at(step, os::Fault::kInputOutput, false);
    const Status replaced = file.replace(line(2) + line(3))();
    EXPECT_EQ(file.wait(group).has_value(), replaced.has_value());
    EXPECT_EQ(replaced.has_value(), !files.struck());
    EXPECT_EQ(file.must_be_replaced(), files.struck());
    files.fail_at(kNever, os::Fault::kInputOutput, false);
    EXPECT_EQ(write(file, line(4)).has_value(), replaced.has_value());
    if (!replaced) {
      ASSERT_TRUE(file.replace(line(2) + line(3))());
      ASSERT_TRUE(write(file, line(4)));
    }
    memory.crash(0);
    EXPECT_EQ(read(WaitingFile(files, "data/waiting")).json,
              (std::vector<std::string>{R"({"n":2})", R"({"n":3})", R"({"n":4})"}));
  }
}

TEST(WaitingFile, a_file_that_was_there_is_not_written_to_before_it_was_replaced) {
  os::MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("data"));
  {
    WaitingFile file(files, "data/waiting");
    ASSERT_TRUE(write(file, line(1)));
  }
  WaitingFile again(files, "data/waiting");
  EXPECT_FALSE(write(again, line(2)).has_value());
  EXPECT_EQ(read(again).json.size(), 1U);
  ASSERT_TRUE(again.replace(line(1))());
  ASSERT_TRUE(write(again, line(2)));
  EXPECT_EQ(read(again).json.size(), 2U);
}

TEST(WaitingFile, many_threads_write_and_each_line_is_there_when_its_writer_knows_it) {
  os::MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("data"));
  WaitingFile file(files, "data/waiting");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        if (!write(file, line(thread * 1'000 + i))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  files.crash(0);
  EXPECT_EQ(read(WaitingFile(files, "data/waiting")).json.size(), 400U);
}

}  // namespace
}  // namespace weerbaar::service
