#include "os/faulty.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "os/memory.h"
#include "os/testing.h"

namespace weerbaar::os {
namespace {

using testing::HasSubstr;

constexpr Fault kFaults[] = {Fault::kInputOutput, Fault::kNoSpace, Fault::kShortWrite, Fault::kFailedSync};

Code code_of(Fault fault) {
  return fault == Fault::kNoSpace ? Code::kNoSpace : Code::kIo;
}

struct Operation {
  const char* name;
  std::function<Result<bool>(FileSystem& files, File& file)> run;
};

template <class T>
Result<bool> outcome(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return true;
}

// Every operation that can be counted and can fail.
const std::vector<Operation>& operations() {
  static Bytes buffer(4);
  static const std::vector<Operation> all = {
      {"open", [](FileSystem& files, File&) { return outcome(files.open("d/f", Mode::kRead)); }},
      {"map", [](FileSystem& files, File&) { return outcome(files.map("d/f")); }},
      {"list", [](FileSystem& files, File&) { return outcome(files.list("d")); }},
      {"make the directory", [](FileSystem& files, File&) { return outcome(files.make_directory("d/e")); }},
      {"rename", [](FileSystem& files, File&) { return outcome(files.rename("d/g", "d/h")); }},
      {"remove", [](FileSystem& files, File&) { return outcome(files.remove("d/h")); }},
      {"sync the directory", [](FileSystem& files, File&) { return outcome(files.sync_directory("d")); }},
      {"lock", [](FileSystem& files, File&) { return outcome(files.lock("d/lock")); }},
      {"read", [](FileSystem&, File& file) { return outcome(file.read_at(0, buffer)); }},
      {"write", [](FileSystem&, File& file) { return outcome(file.write_at(0, as_bytes("wxyz"))); }},
      {"sync", [](FileSystem&, File& file) { return outcome(file.sync()); }},
      {"take the size of", [](FileSystem&, File& file) { return outcome(file.size()); }},
      {"resize", [](FileSystem&, File& file) { return outcome(file.resize(9)); }},
      {"preallocate", [](FileSystem&, File& file) { return outcome(file.preallocate(20)); }},
  };
  return all;
}

class Faulty : public testing::Test {
 protected:
  Faulty() {
    EXPECT_TRUE(memory_.make_directory("d"));
    for (const char* path : {"d/f", "d/g"}) EXPECT_TRUE(write_file_atomically(memory_, path, as_bytes("abcd")));
    file_ = faulty_.open("d/f", Mode::kReadWrite).value();
  }

  std::string content(const std::string& path) { return std::string(as_text(read_file(memory_, path, 1'000).value())); }

  MemoryFileSystem memory_;
  FaultyFileSystem faulty_{memory_};
  std::unique_ptr<File> file_;
};

TEST_F(Faulty, counts_every_operation_but_not_exists) {
  EXPECT_EQ(faulty_.steps(), 1U);  // the open of the fixture
  uint64_t expected = 1;
  for (const Operation& operation : operations()) {
    ASSERT_TRUE(operation.run(faulty_, *file_)) << operation.name;
    EXPECT_EQ(faulty_.steps(), ++expected) << operation.name;
  }
  EXPECT_TRUE(faulty_.exists("d/f"));
  EXPECT_EQ(faulty_.steps(), expected);
  EXPECT_FALSE(faulty_.struck());
}

TEST_F(Faulty, fails_each_operation_with_each_fault_and_once) {
  for (const Operation& operation : operations()) {
    for (const Fault fault : kFaults) {
      faulty_.fail_at(0, fault, false);
      EXPECT_EQ(faulty_.steps(), 0U);
      EXPECT_FALSE(faulty_.struck());
      const auto failed = operation.run(faulty_, *file_);
      ASSERT_FALSE(failed) << operation.name;
      EXPECT_EQ(refusal(failed), code_of(fault)) << operation.name;
      EXPECT_THAT(failed.error().text, HasSubstr(operation.name));
      EXPECT_THAT(failed.error().text, HasSubstr("d"));
      EXPECT_TRUE(faulty_.struck());
    }
    EXPECT_TRUE(operation.run(faulty_, *file_)) << operation.name;
  }
}

TEST_F(Faulty, fails_at_the_step_named_and_goes_on_only_when_lasting) {
  for (const bool lasting : {false, true}) {
    faulty_.fail_at(2, Fault::kInputOutput, lasting);
    EXPECT_TRUE(file_->size());
    EXPECT_TRUE(faulty_.list("d"));
    EXPECT_FALSE(faulty_.struck());
    EXPECT_FALSE(file_->size());
    EXPECT_TRUE(faulty_.struck());
    EXPECT_EQ(file_->size().has_value(), !lasting);
    EXPECT_EQ(faulty_.list("d").has_value(), !lasting);
    EXPECT_EQ(faulty_.steps(), 5U);
    EXPECT_TRUE(faulty_.struck());
  }
}

TEST_F(Faulty, does_nothing_when_it_fails_but_a_short_write_does_half) {
  for (const Fault fault : kFaults) {
    faulty_.fail_at(0, fault, true);
    EXPECT_FALSE(file_->resize(1));
    EXPECT_FALSE(file_->preallocate(100));
    EXPECT_FALSE(faulty_.remove("d/f"));
    EXPECT_FALSE(faulty_.rename("d/g", "d/f"));
    EXPECT_FALSE(faulty_.open("d/new", Mode::kCreate));
    EXPECT_FALSE(faulty_.make_directory("d/e"));
    EXPECT_FALSE(memory_.exists("d/new"));
    EXPECT_FALSE(memory_.exists("d/e"));
    EXPECT_FALSE(file_->write_at(0, as_bytes("wxyz")));
    EXPECT_EQ(content("d/f"), fault == Fault::kShortWrite ? "wxcd" : "abcd");
    faulty_.fail_at(0, fault, false);
    EXPECT_FALSE(faulty_.list("d"));  // the fault is used up
    ASSERT_TRUE(file_->write_at(0, as_bytes("abcd")));
  }
}

TEST_F(Faulty, a_failed_sync_made_nothing_durable_and_retrying_proves_nothing) {
  ASSERT_TRUE(file_->write_at(0, as_bytes("wxyz")));
  faulty_.fail_at(0, Fault::kFailedSync, false);
  EXPECT_FALSE(file_->sync());
  EXPECT_TRUE(file_->sync());
  memory_.crash(0);
  EXPECT_EQ(content("d/f"), "abcd");
}

TEST_F(Faulty, after_a_failed_sync_a_file_opened_anew_can_be_synced) {
  faulty_.fail_at(0, Fault::kFailedSync, false);
  EXPECT_FALSE(file_->sync());
  const auto again = faulty_.open("d/f", Mode::kReadWrite).value();
  ASSERT_TRUE(again->write_at(0, as_bytes("wxyz")));
  ASSERT_TRUE(again->sync());
  memory_.crash(0);
  EXPECT_EQ(content("d/f"), "wxyz");
}

TEST_F(Faulty, of_many_threads_one_meets_a_single_fault) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 1'000;
  faulty_.fail_at(kThreads * kRounds / 2, Fault::kInputOutput, false);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) failures += file_->size() ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(faulty_.steps(), uint64_t{kThreads * kRounds});
}

// The reason that both file systems exist: fail every step in turn, lose the power, look.
TEST(WriteFileAtomically, leaves_old_or_new_whole_whatever_fails_and_whenever_the_power_does) {
  const std::string old_content(1'700, 'o');
  const std::string new_content(2'900, 'n');
  std::set<std::string> seen;
  for (const Fault fault : kFaults) {
    for (const bool lasting : {false, true}) {
      bool struck = true;
      for (uint64_t step = 0; struck; ++step) {
        ASSERT_LT(step, 100U) << "the fault must run out of steps";
        for (uint64_t seed = 0; seed <= 50; ++seed) {
          MemoryFileSystem memory;
          ASSERT_TRUE(memory.make_directory("d"));
          ASSERT_TRUE(write_file_atomically(memory, "d/f", as_bytes(old_content)));
          FaultyFileSystem faulty(memory);
          faulty.fail_at(step, fault, lasting);
          const Status status = write_file_atomically(faulty, "d/f", as_bytes(new_content));
          struck = faulty.struck();
          EXPECT_EQ(status.has_value(), !struck);
          if (!status) {
            EXPECT_EQ(refusal(status), code_of(fault));
          }
          const auto before = read_file(memory, "d/f", 10'000);
          ASSERT_TRUE(before && (as_text(*before) == old_content || as_text(*before) == new_content));

          memory.crash(seed);
          const auto after = read_file(memory, "d/f", 10'000);
          ASSERT_TRUE(after) << after.error().text;
          ASSERT_TRUE(as_text(*after) == old_content || as_text(*after) == new_content)
              << "step " << step << ", seed " << seed;
          if (status) {
            ASSERT_EQ(as_text(*after), new_content) << "reported written, and lost: seed " << seed;
          }
          seen.insert(std::string(status ? "written " : "failed ") + static_cast<char>((*after)[0]));

          ASSERT_TRUE(write_file_atomically(memory, "d/f", as_bytes("next"))) << "what is left must not be in the way";
        }
      }
    }
  }
  EXPECT_THAT(seen, testing::ElementsAre("failed n", "failed o", "written n"));
}

}  // namespace
}  // namespace weerbaar::os
