// What every file system promises, and what stands on top of it, over the real one, the one in memory, and the faulty
// one without a fault.
#include "os/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "os/faulty.h"
#include "os/memory.h"
#include "os/testing.h"

namespace weerbaar::os {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A file system and an empty directory on it.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual FileSystem& files() = 0;
  [[nodiscard]] virtual std::string directory() const = 0;
};

class RealBench final : public Bench {
 public:
  FileSystem& files() override { return real_file_system(); }
  [[nodiscard]] std::string directory() const override { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

class MemoryBench final : public Bench {
 public:
  MemoryBench() { EXPECT_TRUE(memory_.make_directory("/bench")); }
  FileSystem& files() override { return memory_; }
  [[nodiscard]] std::string directory() const override { return "/bench"; }

 private:
  MemoryFileSystem memory_;
};

class FaultyBench final : public Bench {
 public:
  FaultyBench() { EXPECT_TRUE(memory_.make_directory("/bench")); }
  FileSystem& files() override { return faulty_; }
  [[nodiscard]] std::string directory() const override { return "/bench"; }

 private:
  MemoryFileSystem memory_;
  FaultyFileSystem faulty_{memory_};
};

class FileSystemContract : public testing::TestWithParam<const char*> {
 protected:
  FileSystem& files() { return bench_->files(); }
  [[nodiscard]] std::string path(std::string_view name) const { return join(bench_->directory(), name); }

  void put(std::string_view name, std::string_view content) {
    const auto file = files().open(path(name), Mode::kCreate);
    ASSERT_TRUE(file) << file.error().text;
    ASSERT_TRUE((*file)->resize(0));
    ASSERT_TRUE((*file)->write_at(0, as_bytes(content)));
  }
  std::string get(std::string_view name) {
    const auto content = read_file(files(), path(name), 1 << 20U);
    return content ? std::string(as_text(*content)) : content.error().text;
  }

 private:
  static std::unique_ptr<Bench> make_bench(std::string_view name) {
    if (name == "real") return std::make_unique<RealBench>();
    if (name == "memory") return std::make_unique<MemoryBench>();
    return std::make_unique<FaultyBench>();
  }

  std::unique_ptr<Bench> bench_ = make_bench(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Over, FileSystemContract, testing::Values("real", "memory", "faulty"),
                         [](const auto& over) { return std::string(over.param); });

TEST_P(FileSystemContract, reads_what_was_written_and_stops_at_the_end) {
  const auto file = files().open(path("f"), Mode::kCreate).value();
  ASSERT_TRUE(file->write_at(0, as_bytes("hello")));
  ASSERT_TRUE(file->write_at(3, as_bytes("p me")));
  EXPECT_EQ(file->size().value(), 7U);
  EXPECT_TRUE(file->sync());

  Bytes buffer(16);
  EXPECT_EQ(file->read_at(2, buffer).value(), 5U);
  EXPECT_EQ(as_text(ByteView(buffer).first(5)), "lp me");
  EXPECT_EQ(file->read_at(7, buffer).value(), 0U);
  EXPECT_EQ(file->read_at(700, buffer).value(), 0U);
  EXPECT_EQ(file->read_at(0, {}).value(), 0U);
}

TEST_P(FileSystemContract, fills_the_gap_before_a_write_with_zeros) {
  const auto file = files().open(path("f"), Mode::kCreate).value();
  ASSERT_TRUE(file->write_at(3, as_bytes("x")));
  EXPECT_EQ(get("f"), std::string("\0\0\0x", 4));
  ASSERT_TRUE(file->write_at(100, {}));
  EXPECT_EQ(file->size().value(), 4U);
}

TEST_P(FileSystemContract, resizes_both_ways_with_zeros) {
  put("f", "abcdef");
  const auto file = files().open(path("f"), Mode::kReadWrite).value();
  ASSERT_TRUE(file->resize(2));
  ASSERT_TRUE(file->resize(4));
  EXPECT_EQ(get("f"), std::string("ab\0\0", 4));
}

TEST_P(FileSystemContract, preallocates_zeros_behind_the_end_and_never_cuts) {
  put("f", "abc");
  const auto file = files().open(path("f"), Mode::kReadWrite).value();
  constexpr size_t kSize = 2'500'000;  // more than one piece of zeros
  ASSERT_TRUE(file->preallocate(kSize));
  EXPECT_EQ(file->size().value(), kSize);
  Bytes content(kSize);
  ASSERT_EQ(file->read_at(0, content).value(), kSize);
  EXPECT_EQ(as_text(ByteView(content).first(3)), "abc");
  EXPECT_TRUE(std::ranges::all_of(content.begin() + 3, content.end(), [](uint8_t byte) { return byte == 0; }));

  ASSERT_TRUE(file->preallocate(10));
  EXPECT_EQ(file->size().value(), kSize);
}

TEST_P(FileSystemContract, agrees_with_a_plain_array_over_random_operations) {
  std::mt19937 random(1);
  const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  const auto file = files().open(path("f"), Mode::kCreate).value();
  Bytes expected;
  for (int i = 0; i < 400; ++i) {
    const size_t offset = below(3'000);
    switch (below(5)) {
      case 0:
        expected.resize(offset);
        ASSERT_TRUE(file->resize(offset));
        break;
      case 1:
        expected.resize(std::max(expected.size(), offset));
        ASSERT_TRUE(file->preallocate(offset));
        break;
      case 2:
        ASSERT_TRUE(file->sync());
        break;
      default: {
        const Bytes data(1 + below(1'500), static_cast<uint8_t>(random()));
        expected.resize(std::max(expected.size(), offset + data.size()));
        std::ranges::copy(data, expected.begin() + static_cast<ptrdiff_t>(offset));
        ASSERT_TRUE(file->write_at(offset, data));
      }
    }
    ASSERT_EQ(read_file(files(), path("f"), 10'000).value(), expected) << "after operation " << i;
  }
}

TEST_P(FileSystemContract, modes_decide_who_may_make_and_who_may_write) {
  EXPECT_EQ(refusal(files().open(path("f"), Mode::kRead)), Code::kNotFound);
  EXPECT_EQ(refusal(files().open(path("f"), Mode::kReadWrite)), Code::kNotFound);
  EXPECT_FALSE(files().exists(path("f")));
  put("f", "kept");
  EXPECT_TRUE(files().exists(path("f")));
  EXPECT_TRUE(files().open(path("f"), Mode::kCreate));
  EXPECT_EQ(get("f"), "kept");

  const auto reader = files().open(path("f"), Mode::kRead).value();
  EXPECT_EQ(refusal(reader->write_at(0, as_bytes("x"))), Code::kIo);
  EXPECT_EQ(refusal(reader->resize(1)), Code::kIo);
  EXPECT_EQ(refusal(reader->preallocate(100)), Code::kIo);
  EXPECT_EQ(get("f"), "kept");
}

TEST_P(FileSystemContract, errors_name_the_operation_the_path_and_the_reason) {
  const auto refused = files().open(path("absent"), Mode::kRead);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "open " + path("absent") + ": No such file or directory");
}

TEST_P(FileSystemContract, refuses_a_directory_as_a_file_and_a_file_as_a_directory) {
  ASSERT_TRUE(files().make_directory(path("d")));
  put("f", "x");
  for (const Mode mode : {Mode::kRead, Mode::kReadWrite, Mode::kCreate}) {
    EXPECT_EQ(refusal(files().open(path("d"), mode)), Code::kIo);
    EXPECT_EQ(refusal(files().open(path("f/g"), mode)), Code::kIo);
  }
  EXPECT_EQ(refusal(files().map(path("d"))), Code::kIo);
  EXPECT_EQ(refusal(files().lock(path("d"))), Code::kIo);
  EXPECT_EQ(refusal(files().list(path("f"))), Code::kIo);
  EXPECT_EQ(refusal(files().sync_directory(path("f"))), Code::kIo);
  EXPECT_EQ(refusal(files().make_directory(path("f"))), Code::kExists);
  EXPECT_EQ(refusal(files().make_directory(path("f/d"))), Code::kExists);
  EXPECT_FALSE(files().exists(path("f/g")));
}

TEST_P(FileSystemContract, an_empty_path_leads_nowhere) {
  EXPECT_EQ(refusal(files().open("", Mode::kCreate)), Code::kNotFound);
  EXPECT_EQ(refusal(files().make_directory("")), Code::kNotFound);
  EXPECT_EQ(refusal(files().list("")), Code::kNotFound);
  EXPECT_FALSE(files().exists(""));
}

TEST_P(FileSystemContract, maps_a_file_and_keeps_it_readable_when_it_is_removed) {
  put("f", "immutable");
  const auto mapping = files().map(path("f")).value();
  ASSERT_TRUE(files().remove(path("f")));
  EXPECT_EQ(as_text(mapping->bytes()), "immutable");
}

TEST_P(FileSystemContract, maps_an_empty_file_as_no_bytes) {
  put("f", "");
  EXPECT_TRUE(files().map(path("f")).value()->bytes().empty());
  EXPECT_EQ(refusal(files().map(path("absent"))), Code::kNotFound);
}

TEST_P(FileSystemContract, lists_names_in_order) {
  EXPECT_THAT(files().list(path("")).value(), IsEmpty());
  for (const char* name : {"b", "a10", "c", "a9"}) put(name, "");
  ASSERT_TRUE(files().make_directory(path("bb/below")));
  EXPECT_THAT(files().list(path("")).value(), ElementsAre("a10", "a9", "b", "bb", "c"));
  EXPECT_EQ(refusal(files().list(path("absent"))), Code::kNotFound);
}

TEST_P(FileSystemContract, makes_directories_with_their_parents_again_and_again) {
  ASSERT_TRUE(files().make_directory(path("a/b//c/"), true));
  ASSERT_TRUE(files().make_directory(path("a/b/c")));
  put("a/b/../b/./c/f", "deep");
  EXPECT_EQ(get("a/b/c/f"), "deep");
  EXPECT_EQ(refusal(files().open(path("a/x/f"), Mode::kCreate)), Code::kNotFound);
}

TEST_P(FileSystemContract, renames_over_an_existing_file) {
  ASSERT_TRUE(files().make_directory(path("d")));
  put("old", "new content");
  put("d/f", "old content");
  const auto before = files().open(path("d/f"), Mode::kRead).value();
  ASSERT_TRUE(files().rename(path("old"), path("d/f")));
  EXPECT_EQ(get("d/f"), "new content");
  EXPECT_FALSE(files().exists(path("old")));
  Bytes buffer(11);
  EXPECT_EQ(before->read_at(0, buffer).value(), 11U);
  EXPECT_EQ(as_text(buffer), "old content");

  EXPECT_EQ(refusal(files().rename(path("old"), path("d/f"))), Code::kNotFound);
  EXPECT_EQ(refusal(files().rename(path("d/f"), path("absent/f"))), Code::kNotFound);
  ASSERT_TRUE(files().rename(path("d/f"), path("d/f")));
  EXPECT_EQ(get("d/f"), "new content");
}

TEST_P(FileSystemContract, renames_directories_but_not_over_what_they_would_destroy) {
  ASSERT_TRUE(files().make_directory(path("a")));
  ASSERT_TRUE(files().make_directory(path("full")));
  put("a/f", "x");
  put("full/f", "y");
  put("file", "z");
  EXPECT_FALSE(files().rename(path("a"), path("full")));
  EXPECT_EQ(refusal(files().rename(path("a"), path("file"))), Code::kIo);
  EXPECT_EQ(refusal(files().rename(path("file"), path("a"))), Code::kIo);
  EXPECT_EQ(refusal(files().rename(path("a"), path("a/b"))), Code::kIo);
  ASSERT_TRUE(files().rename(path("a"), path("b")));
  EXPECT_EQ(get("b/f"), "x");
  EXPECT_FALSE(files().exists(path("a")));
}

TEST_P(FileSystemContract, removes_files_and_empty_directories_only) {
  ASSERT_TRUE(files().make_directory(path("d")));
  put("d/f", "x");
  EXPECT_FALSE(files().remove(path("d")));
  ASSERT_TRUE(files().remove(path("d/f")));
  ASSERT_TRUE(files().remove(path("d")));
  EXPECT_EQ(refusal(files().remove(path("d"))), Code::kNotFound);
}

TEST_P(FileSystemContract, syncs_directories_that_exist) {
  EXPECT_TRUE(files().sync_directory(path("")));
  EXPECT_EQ(refusal(files().sync_directory(path("absent"))), Code::kNotFound);
}

TEST_P(FileSystemContract, a_lock_excludes_others_until_it_is_destroyed) {
  auto held = files().lock(path("lock"));
  ASSERT_TRUE(held);
  const auto refused = files().lock(path("lock"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refusal(refused), Code::kBusy);
  EXPECT_THAT(refused.error().text, HasSubstr(path("lock")));
  EXPECT_TRUE(files().lock(path("another")));

  held->reset();
  EXPECT_TRUE(files().lock(path("lock")));
  EXPECT_EQ(refusal(files().lock(path("absent/lock"))), Code::kNotFound);
}

TEST_P(FileSystemContract, opening_and_closing_the_locked_file_does_not_release_it) {
  const auto held = files().lock(path("lock")).value();
  EXPECT_TRUE(files().open(path("lock"), Mode::kReadWrite));
  EXPECT_EQ(refusal(files().lock(path("lock"))), Code::kBusy);
}

TEST_P(FileSystemContract, of_many_threads_one_gets_the_lock) {
  std::atomic<int> winners = 0;
  std::vector<std::unique_ptr<Lock>> locks(8);
  {
    std::vector<std::jthread> threads;
    for (auto& lock : locks) {
      threads.emplace_back([&] {
        if (auto got = files().lock(path("lock"))) {
          lock = std::move(*got);
          ++winners;
        }
      });
    }
  }
  EXPECT_EQ(winners, 1);
}

TEST_P(FileSystemContract, threads_do_not_disturb_each_other) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 30;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < kThreads; ++number) {
      threads.emplace_back([&, number] {
        const std::string mine = path("f" + std::to_string(number));
        for (int round = 0; round < kRounds; ++round) {
          const std::string content = std::to_string(number) + ":" + std::to_string(round);
          if (!write_file_atomically(files(), mine, as_bytes(content))) ++failures;
          const auto back = read_file(files(), mine, 100);
          if (!back || as_text(*back) != content || !files().map(mine) || !files().list(path(""))) ++failures;
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
}

TEST_P(FileSystemContract, read_file_refuses_more_than_the_limit) {
  put("f", "12345");
  EXPECT_EQ(as_text(read_file(files(), path("f"), 5).value()), "12345");
  const auto refused = read_file(files(), path("f"), 4);
  ASSERT_EQ(refusal(refused), Code::kInvalid);
  EXPECT_THAT(refused.error().text, HasSubstr("5 bytes"));
  EXPECT_EQ(refusal(read_file(files(), path("absent"), 5)), Code::kNotFound);
}

TEST_P(FileSystemContract, write_file_atomically_makes_replaces_and_leaves_nothing_beside) {
  ASSERT_TRUE(write_file_atomically(files(), path("f"), as_bytes("a long first version")));
  put("f.new", "what a crash left, longer than the second version");
  ASSERT_TRUE(write_file_atomically(files(), path("f"), as_bytes("second")));
  EXPECT_EQ(get("f"), "second");
  ASSERT_TRUE(write_file_atomically(files(), path("f"), {}));
  EXPECT_EQ(get("f"), "");
  EXPECT_THAT(files().list(path("")).value(), ElementsAre("f"));
  EXPECT_EQ(refusal(write_file_atomically(files(), path("absent/f"), {})), Code::kNotFound);
}

TEST_P(FileSystemContract, write_file_atomically_tidies_up_when_it_cannot_replace) {
  ASSERT_TRUE(files().make_directory(path("d")));
  EXPECT_EQ(refusal(write_file_atomically(files(), path("d"), as_bytes("x"))), Code::kIo);
  EXPECT_THAT(files().list(path("")).value(), ElementsAre("d"));
}

TEST(Path, join_puts_one_slash_between) {
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(join("/", "b"), "/b");
  EXPECT_EQ(join("", "b"), "b");
}

TEST(Path, parent_is_the_directory_that_holds_the_entry) {
  const std::pair<const char*, const char*> cases[] = {
      {"a/b", "a"}, {"a/b/c", "a/b"}, {"/a/b", "/a"}, {"/a", "/"}, {"a", "."},   {"", "."},   {"/", "/"},
      {"//", "/"},  {"a/b/", "a"},    {"a//b", "a"},  {"a/", "."}, {"//a", "/"}, {"./a", "."}};
  for (const auto& [path, expected] : cases) EXPECT_EQ(parent(path), expected) << path;
}

}  // namespace
}  // namespace weerbaar::os
