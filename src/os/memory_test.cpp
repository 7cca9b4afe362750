// Power failures of the file system in memory. What it promises as a file system: file_system_test.cpp.
#include "os/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "os/testing.h"

namespace weerbaar::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

constexpr uint64_t kSeeds = 201;
constexpr size_t kSector = 512;

// Each test runs over many power failures, and most ask both that nothing forbidden is ever seen, and that what is
// allowed is seen at least once: a model that never loses anything proves nothing.
void write(FileSystem& files, const std::string& path, uint64_t offset, const Bytes& data, bool sync) {
  const auto file = files.open(path, Mode::kCreate);
  ASSERT_TRUE(file) << file.error().text;
  ASSERT_TRUE((*file)->write_at(offset, data));
  if (sync) {
    ASSERT_TRUE((*file)->sync());
  }
}

void write(FileSystem& files, const std::string& path, std::string_view content) {
  write(files, path, 0, Bytes(content.begin(), content.end()), true);
}

// "absent" or the content.
std::string look(FileSystem& files, const std::string& path) {
  const auto content = read_file(files, path, 1 << 24U);
  return content ? std::string(as_text(*content)) : "absent";
}

// The names in directory d, which the tests keep to one letter, one after the other.
std::string entries(FileSystem& files) {
  std::string all;
  const std::vector<std::string> listed = files.list("d").value();
  for (const std::string& name : listed) all += name;
  return all;
}

// The outcomes of `act` over all seeds. `seen` describes what is there after the crash.
template <class Act, class Seen>
std::map<std::string, int> outcomes(Act act, Seen seen) {
  std::map<std::string, int> counts;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    MemoryFileSystem files;
    EXPECT_TRUE(files.make_directory("d"));
    act(files);
    files.crash(seed);
    ++counts[seen(files)];
  }
  return counts;
}

std::vector<std::string> names(const std::map<std::string, int>& counts) {
  std::vector<std::string> found;
  for (const auto& [name, count] : counts) found.push_back(name);
  return found;
}

TEST(MemoryCrash, what_was_synced_survives_every_crash) {
  const Bytes synced(5'000, 's');
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.make_directory("d/e"));
    write(files, "d/e/f", 0, synced, true);
    ASSERT_TRUE(files.sync_directory("d/e"));
    write(files, "d/e/f", 5'000, Bytes(3'000, 'u'), false);
    files.crash(seed);

    const Bytes content = read_file(files, "d/e/f", 10'000).value();
    ASSERT_GE(content.size(), synced.size());
    ASSERT_TRUE(std::ranges::equal(ByteView(content).first(synced.size()), synced)) << "seed " << seed;
  }
}

TEST(MemoryCrash, seed_zero_loses_all_that_was_not_synced) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("d"));
  write(files, "d/f", 0, Bytes(600, 'a'), true);
  ASSERT_TRUE(files.sync_directory("d"));
  write(files, "d/f", 0, Bytes(600, 'b'), false);
  write(files, "d/f", 600, Bytes(5'000, 'b'), false);
  write(files, "d/g", 0, Bytes(600, 'b'), true);
  ASSERT_TRUE(files.rename("d/f", "d/h"));
  files.crash(0);
  EXPECT_THAT(files.list("d").value(), ElementsAre("f"));
  EXPECT_EQ(read_file(files, "d/f", 10'000).value(), Bytes(600, 'a'));
}

TEST(MemoryCrash, unsynced_sectors_are_kept_or_lost_one_by_one_in_no_order) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        write(files, "d/f", 0, Bytes(3 * kSector, '.'), true);
        ASSERT_TRUE(files.sync_directory("d"));
        write(files, "d/f", 0, Bytes(3 * kSector, 'x'), false);
      },
      [](FileSystem& files) {
        std::string sectors;
        const std::string content = look(files, "d/f");
        EXPECT_EQ(content.size(), 3 * kSector);
        for (size_t i = 0; i < 3; ++i) {
          const std::string_view sector = std::string_view(content).substr(i * kSector, kSector);
          EXPECT_EQ(sector.find_first_not_of(sector[0]), std::string_view::npos) << "a torn sector";
          sectors += sector[0];
        }
        return sectors;
      });
  EXPECT_THAT(names(seen), ElementsAre("...", "..x", ".x.", ".xx", "x..", "x.x", "xx.", "xxx"));
}

TEST(MemoryCrash, a_sector_written_often_stops_at_any_of_its_versions) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        write(files, "d/f", 0, Bytes(4, '0'), true);
        ASSERT_TRUE(files.sync_directory("d"));
        for (size_t i = 0; i < 4; ++i) write(files, "d/f", i, Bytes(1, 'x'), false);
      },
      [](FileSystem& files) { return look(files, "d/f"); });
  EXPECT_THAT(names(seen), ElementsAre("0000", "x000", "xx00", "xxx0", "xxxx"));
}

TEST(MemoryCrash, a_size_not_synced_may_be_old_or_new_and_holds_what_was_kept) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        write(files, "d/f", 0, Bytes(kSector, 's'), true);
        ASSERT_TRUE(files.sync_directory("d"));
        write(files, "d/f", kSector, Bytes(2 * kSector, 'u'), false);
      },
      [](FileSystem& files) {
        const std::string content = look(files, "d/f");
        std::string sectors;
        for (size_t i = 0; i < content.size(); i += kSector) sectors += content[i] == '\0' ? '0' : content[i];
        return sectors;
      });
  EXPECT_THAT(names(seen), ElementsAre("s", "s00", "s0u", "su", "su0", "suu"));
}

TEST(MemoryCrash, a_cut_not_synced_may_be_undone_and_a_synced_one_may_not) {
  for (const bool sync : {false, true}) {
    const auto seen = outcomes(
        [sync](FileSystem& files) {
          write(files, "d/f", "whole");
          ASSERT_TRUE(files.sync_directory("d"));
          const auto file = files.open("d/f", Mode::kReadWrite).value();
          ASSERT_TRUE(file->resize(2));
          if (sync) {
            ASSERT_TRUE(file->sync());
          }
        },
        [](FileSystem& files) { return look(files, "d/f"); });
    if (sync) {
      EXPECT_THAT(names(seen), ElementsAre("wh"));
    } else {
      EXPECT_THAT(names(seen), ElementsAre("wh", "whole"));
    }
  }
}

TEST(MemoryCrash, preallocated_zeros_are_durable_after_a_sync) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        const auto file = files.open("d/f", Mode::kCreate).value();
        ASSERT_TRUE(file->preallocate(2'000));
        ASSERT_TRUE(file->sync());
        ASSERT_TRUE(files.sync_directory("d"));
      },
      [](FileSystem& files) { return look(files, "d/f") == std::string(2'000, '\0') ? "zeros" : "other"; });
  EXPECT_THAT(names(seen), ElementsAre("zeros"));
}

TEST(MemoryCrash, a_synced_file_in_an_unsynced_directory_may_vanish) {
  const auto seen = outcomes([](FileSystem& files) { write(files, "d/f", "x"); },
                             [](FileSystem& files) { return look(files, "d/f"); });
  EXPECT_THAT(names(seen), ElementsAre("absent", "x"));
}

TEST(MemoryCrash, a_directory_that_was_made_stays) {
  const auto seen = outcomes([](FileSystem& files) { ASSERT_TRUE(files.make_directory("d/x/y")); },
                             [](FileSystem& files) { return files.exists("d/x/y") ? "there" : "absent"; });
  EXPECT_THAT(names(seen), ElementsAre("there"));
}

TEST(MemoryCrash, a_rename_is_whole_and_without_directory_sync_may_be_undone) {
  for (const bool sync : {false, true}) {
    const auto seen = outcomes(
        [sync](FileSystem& files) {
          write(files, "d/from", "new");
          write(files, "d/to", "old");
          ASSERT_TRUE(files.sync_directory("d"));
          ASSERT_TRUE(files.rename("d/from", "d/to"));
          if (sync) {
            ASSERT_TRUE(files.sync_directory("d"));
          }
        },
        [](FileSystem& files) { return look(files, "d/from") + "," + look(files, "d/to"); });
    if (sync) {
      EXPECT_THAT(names(seen), ElementsAre("absent,new"));
    } else {
      EXPECT_THAT(names(seen), ElementsAre("absent,new", "new,old"));
    }
  }
}

TEST(MemoryCrash, a_rename_before_the_sync_of_the_file_may_leave_it_empty) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        write(files, "d/to", "old");
        ASSERT_TRUE(files.sync_directory("d"));
        write(files, "d/from", 0, Bytes{'n', 'e', 'w'}, false);
        ASSERT_TRUE(files.rename("d/from", "d/to"));
        ASSERT_TRUE(files.sync_directory("d"));
      },
      [](FileSystem& files) { return look(files, "d/to"); });
  EXPECT_THAT(names(seen), IsSupersetOf({"", "new"}));
  EXPECT_FALSE(seen.contains("old"));
}

TEST(MemoryCrash, a_move_between_directories_follows_the_one_it_went_to) {
  const auto move = [](FileSystem& files, const char* synced) {
    ASSERT_TRUE(files.make_directory("e"));
    write(files, "d/f", "x");
    ASSERT_TRUE(files.sync_directory("d"));
    ASSERT_TRUE(files.rename("d/f", "e/f"));
    ASSERT_TRUE(files.sync_directory(synced));
  };
  const auto where = [](FileSystem& files) { return look(files, "d/f") + "," + look(files, "e/f"); };
  EXPECT_THAT(names(outcomes([&](FileSystem& files) { move(files, "d"); }, where)),
              ElementsAre("absent,x", "x,absent"));
  EXPECT_THAT(names(outcomes([&](FileSystem& files) { move(files, "e"); }, where)), ElementsAre("absent,x"));
}

TEST(MemoryCrash, a_name_never_goes_back_past_what_was_synced) {
  // The second file of the name is synced, and with it that the first one left.
  const auto seen = outcomes(
      [](FileSystem& files) {
        ASSERT_TRUE(files.make_directory("e"));
        write(files, "d/f", "first");
        ASSERT_TRUE(files.rename("d/f", "e/f"));
        write(files, "d/f", "second");
        ASSERT_TRUE(files.sync_directory("d"));
      },
      [](FileSystem& files) { return look(files, "d/f") + "," + look(files, "e/f"); });
  EXPECT_THAT(names(seen), ElementsAre("second,first"));
}

TEST(MemoryCrash, a_file_renamed_twice_is_in_one_place) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        write(files, "d/a", "x");
        ASSERT_TRUE(files.sync_directory("d"));
        ASSERT_TRUE(files.rename("d/a", "d/b"));
        ASSERT_TRUE(files.rename("d/b", "d/c"));
      },
      entries);
  EXPECT_THAT(names(seen), ElementsAre("a", "b", "c"));
}

TEST(MemoryCrash, a_removal_not_synced_may_come_back_and_a_synced_one_does_not) {
  for (const bool sync : {false, true}) {
    const auto seen = outcomes(
        [sync](FileSystem& files) {
          write(files, "d/f", "x");
          ASSERT_TRUE(files.sync_directory("d"));
          ASSERT_TRUE(files.remove("d/f"));
          if (sync) {
            ASSERT_TRUE(files.sync_directory("d"));
          }
        },
        [](FileSystem& files) { return look(files, "d/f"); });
    if (sync) {
      EXPECT_THAT(names(seen), ElementsAre("absent"));
    } else {
      EXPECT_THAT(names(seen), ElementsAre("absent", "x"));
    }
  }
}

TEST(MemoryCrash, a_renamed_directory_keeps_what_is_in_it) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        ASSERT_TRUE(files.make_directory("d/new"));
        write(files, "d/new/f", "x");
        ASSERT_TRUE(files.sync_directory("d/new"));
        ASSERT_TRUE(files.rename("d/new", "d/final"));
      },
      [](FileSystem& files) { return look(files, "d/new/f") + "," + look(files, "d/final/f"); });
  EXPECT_THAT(names(seen), ElementsAre("absent,x", "x,absent"));
}

TEST(MemoryCrash, unsynced_names_are_kept_or_lost_one_by_one_in_no_order) {
  const auto seen = outcomes(
      [](FileSystem& files) {
        for (const char* path : {"d/a", "d/b"}) write(files, path, "x");
      },
      entries);
  EXPECT_THAT(names(seen), ElementsAre("", "a", "ab", "b"));
}

// One file under random operations, against what may be there written out byte by byte.
class Possible {
 public:
  void write(size_t offset, const Bytes& data) {
    resize(std::max(size_, offset + data.size()));
    for (size_t i = 0; i < data.size(); ++i) set(offset + i, data[i]);
  }
  void resize(size_t size) {
    for (size_t i = std::min(size, size_); i < std::max(size, size_); ++i) set(i, 0);
    size_ = size;
    sizes_.insert(size);
  }
  void sync() {
    for (size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = {last_[i]};
    sizes_ = {size_};
  }
  void expect(const Bytes& content) const {
    EXPECT_GE(content.size(), *sizes_.begin());
    EXPECT_LE(content.size(), *sizes_.rbegin());
    for (size_t i = 0; i < content.size(); ++i) {
      ASSERT_TRUE(bytes_[i].contains(content[i])) << "byte " << i << " is " << int{content[i]};
    }
  }

 private:
  void set(size_t offset, uint8_t value) {
    if (bytes_.size() <= offset) {
      bytes_.resize(offset + 1, {0});
      last_.resize(offset + 1);
    }
    bytes_[offset].insert(value);
    last_[offset] = value;
  }

  size_t size_ = 0;
  std::set<size_t> sizes_ = {0};          // that the file had since the last sync
  std::vector<std::set<uint8_t>> bytes_;  // the values that each byte had since the last sync
  std::vector<uint8_t> last_;
};

TEST(MemoryCrash, every_byte_is_one_it_had_since_the_last_sync) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    std::mt19937_64 random(seed);
    MemoryFileSystem files;
    const auto file = files.open("f", Mode::kCreate).value();
    ASSERT_TRUE(files.sync_directory("/"));
    Possible possible;
    for (uint64_t left = random() % 40; left > 0; --left) {
      const size_t offset = random() % 4'000;
      switch (random() % 6) {
        case 0:
          possible.resize(offset);
          ASSERT_TRUE(file->resize(offset));
          break;
        case 1:
          possible.sync();
          ASSERT_TRUE(file->sync());
          break;
        default: {
          const Bytes data(1 + random() % 1'500, static_cast<uint8_t>(random()));
          possible.write(offset, data);
          ASSERT_TRUE(file->write_at(offset, data));
        }
      }
    }
    files.crash(seed);
    SCOPED_TRACE(seed);
    possible.expect(read_file(files, "f", 100'000).value());
    if (HasFatalFailure()) return;
  }
}

TEST(MemoryCrash, the_same_seed_gives_the_same_disk) {
  const auto run = [](uint64_t seed) {
    MemoryFileSystem files;
    std::string all;
    for (const char* name : {"a", "b", "c"}) write(files, name, 0, Bytes(4'000, 'x'), false);
    files.crash(seed);
    const std::vector<std::string> listed = files.list("/").value();
    for (const std::string& name : listed) all += name + look(files, name);
    return all;
  };
  std::set<std::string> different;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(run(seed), run(seed));
    different.insert(run(seed));
  }
  EXPECT_GT(different.size(), 30U);
}

TEST(MemoryCrash, what_survived_one_crash_survives_the_next) {
  for (uint64_t seed = 1; seed < kSeeds; ++seed) {
    MemoryFileSystem files;
    write(files, "f", 0, Bytes(4'000, 'x'), false);
    files.crash(seed);
    const std::string once = look(files, "f");
    files.crash(0);
    ASSERT_EQ(look(files, "f"), once) << "seed " << seed;
  }
}

TEST(MemoryCrash, what_was_open_before_is_dead_and_what_is_opened_after_lives) {
  MemoryFileSystem files;
  write(files, "f", "kept");
  auto lock = files.lock("lock").value();
  ASSERT_TRUE(files.sync_directory("/"));
  const auto file = files.open("f", Mode::kReadWrite).value();
  const auto mapping = files.map("f").value();
  files.crash(1);

  Bytes buffer(4);
  EXPECT_EQ(refusal(file->read_at(0, buffer)), Code::kIo);
  EXPECT_EQ(refusal(file->write_at(0, as_bytes("x"))), Code::kIo);
  EXPECT_EQ(refusal(file->sync()), Code::kIo);
  EXPECT_EQ(refusal(file->size()), Code::kIo);
  EXPECT_EQ(refusal(file->resize(0)), Code::kIo);
  EXPECT_EQ(refusal(file->preallocate(100)), Code::kIo);
  EXPECT_TRUE(mapping->bytes().empty());
  EXPECT_EQ(look(files, "f"), "kept");

  const auto again = files.lock("lock").value();
  lock.reset();  // of before the crash: must not release the new one
  EXPECT_EQ(refusal(files.lock("lock")), Code::kBusy);
}

TEST(MemoryFileSystem, handles_outlive_it) {
  auto files = std::make_unique<MemoryFileSystem>();
  const auto file = files->open("f", Mode::kCreate).value();
  const auto lock = files->lock("lock").value();
  files.reset();
  ASSERT_TRUE(file->write_at(0, as_bytes("x")));
  EXPECT_EQ(file->size().value(), 1U);
}

TEST(MemoryFileSystem, refuses_offsets_that_only_a_mistake_gives) {
  MemoryFileSystem files;
  const auto file = files.open("f", Mode::kCreate).value();
  EXPECT_EQ(refusal(file->write_at(UINT64_MAX, as_bytes("x"))), Code::kIo);
  EXPECT_EQ(refusal(file->resize(UINT64_MAX)), Code::kIo);
  EXPECT_EQ(refusal(file->preallocate(UINT64_MAX)), Code::kIo);
  EXPECT_EQ(file->size().value(), 0U);
}

TEST(MemoryFileSystem, refuses_to_move_a_directory_elsewhere) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("a"));
  ASSERT_TRUE(files.make_directory("b"));
  EXPECT_EQ(refusal(files.rename("a", "b/a")), Code::kIo);
  EXPECT_THAT(files.list("b").value(), IsEmpty());
}

}  // namespace
}  // namespace weerbaar::os
