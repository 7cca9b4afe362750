// Every step of input and output fails in turn, in every way, and the machine or the process dies of it: what the world
// was told before must be there when the trail is opened again, and nothing else.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <functional>

#include "os/faulty.h"
#include "os/memory.h"
#include "trail/format/tail.h"
#include "trail/store/crash_world.h"

namespace weerbaar::trail {
namespace {

using testing::copy_files;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::World;

constexpr os::Fault kFaults[] = {os::Fault::kInputOutput, os::Fault::kNoSpace, os::Fault::kShortWrite,
                                 os::Fault::kFailedSync};

// What dies of the failure.
enum class Death {
  kPower,    // the machine: what was not synced is lost, in part
  kProcess,  // the process only; the power fails later, after the trail was opened again
};

struct Accident {
  uint64_t step = 0;
  os::Fault fault{};
  bool lasting = false;
  Death death{};
  uint64_t seed = 0;  // of the power failure
  bool once = false;  // the power does not fail again after the program started again
};

using Script = std::function<Status(World&, os::FileSystem&)>;

// Plays the script on `disk` until the accident; then the source and the program start again, the power fails once
// more, and what is left is judged. False when the script ended before its step.
bool survives(const Script& script, World& world, os::MemoryFileSystem& disk, const Accident& accident) {
  SCOPED_TRACE(fmt::format("step {}, fault {}, lasting {}, death {}, seed {}", accident.step,
                           static_cast<int>(accident.fault), accident.lasting, static_cast<int>(accident.death),
                           accident.seed));
  os::FaultyFileSystem faulty(disk);
  faulty.fail_at(accident.step, accident.fault, accident.lasting);
  const Status status = script(world, faulty);
  EXPECT_TRUE(status || faulty.struck()) << status.error().text;
  const std::string failure = status ? "no call failed" : status.error().text;
  world.leave();
  if (accident.death == Death::kPower) disk.crash(accident.seed);
  if (!accident.once) {
    EXPECT_THAT(world.carry_on(disk), IsEmpty()) << failure;
    disk.crash(accident.seed);
  }
  EXPECT_THAT(world.judge(disk), IsEmpty()) << failure << ", and a second power failure";
  return faulty.struck();
}

// A life in short: everything that a trail does but sealing.
Status short_life(World& world, os::FileSystem& files) {
  WEERBAAR_TRY(world.create(files));
  WEERBAAR_TRY(world.open(files));
  for (const uint64_t events : {1U, 7U, 50U}) WEERBAAR_TRY(world.append(events));
  WEERBAAR_TRY(world.sign());
  WEERBAAR_TRY(world.append(3));
  WEERBAAR_TRY(world.append_record());
  WEERBAAR_TRY(world.sign());
  world.leave();
  WEERBAAR_TRY(world.open(files));
  WEERBAAR_TRY(world.append(20));
  return world.sign();
}

class EveryStep : public ::testing::TestWithParam<std::tuple<os::Fault, bool, Death>> {};

TEST_P(EveryStep, what_was_acknowledged_survives_a_failure) {
  const auto [fault, lasting, death] = GetParam();
  uint64_t step = 0;
  uint64_t torn_bytes = 0;
  for (bool struck = true; struck; ++step) {
    os::MemoryFileSystem disk;
    World world({});
    // Every fourth power failure loses all that was not synced, the others lose some of it.
    struck = survives(short_life, world, disk, {step, fault, lasting, death, step % 4 == 0 ? 0 : step});
    torn_bytes += world.torn_bytes();
  }
  EXPECT_GT(step, 100U);
  if (fault == os::Fault::kShortWrite) {
    EXPECT_GT(torn_bytes, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Crash, EveryStep,
                         ::testing::Combine(::testing::ValuesIn(kFaults), ::testing::Bool(),
                                            ::testing::Values(Death::kPower, Death::kProcess)));

// A batch so large that the disk begins with it before all of it is encoded.
TEST(LargeBatch, survives_a_failure_at_every_step) {
  constexpr uint64_t kEvents = 8'000;
  const Script script = [](World& world, os::FileSystem& files) -> Status {
    WEERBAAR_TRY(world.create(files));
    WEERBAAR_TRY(world.open(files));
    WEERBAAR_TRY(world.append(3));
    WEERBAAR_TRY(world.append(kEvents));
    return world.append(1);
  };
  uint64_t step = 0;
  uint64_t torn_bytes = 0;
  for (bool struck = true; struck; ++step) {
    os::MemoryFileSystem disk;
    World world({});
    struck = survives(script, world, disk,
                      {step, kFaults[step % 4], step % 8 < 4, step % 2 == 0 ? Death::kPower : Death::kProcess, step});
    torn_bytes = std::max(torn_bytes, world.torn_bytes());
  }
  EXPECT_GT(torn_bytes, uint64_t{256} << 10U);  // without a head
}

// A trail that lacks 20 entries of its first segment, made once, and copied for every life.
class Sealing : public ::testing::Test {
 protected:
  static constexpr uint64_t kMissing = 20;
  static constexpr uint64_t kBatch = 4'096;

  static void SetUpTestSuite() {
    files_ = new os::MemoryFileSystem;
    past_ = new World({});
    ASSERT_TRUE(past_->create(*files_));
    ASSERT_TRUE(past_->open(*files_));
    for (uint64_t left = kSegmentEntries - kMissing; left > 0; left -= std::min(left, kBatch)) {
      ASSERT_TRUE(past_->append(std::min(left, kBatch)));
    }
    ASSERT_TRUE(past_->sign());
    past_->leave();
  }
  static void TearDownTestSuite() {
    delete past_;
    delete files_;
  }

  // Opens, goes over the edge of the segment, and on.
  static Status over_the_edge(World& world, os::FileSystem& files) {
    WEERBAAR_TRY(world.open(files));
    WEERBAAR_TRY(world.append(2 * kMissing));
    WEERBAAR_TRY(world.sign());
    WEERBAAR_TRY(world.finish_sealing());
    WEERBAAR_TRY(world.append(5));
    return world.sign();
  }

  static bool survives_over_the_edge(World::Settings settings, const Accident& accident) {
    os::MemoryFileSystem disk;
    copy_files(*files_, disk, "data");
    World world(*past_, settings);
    return survives(over_the_edge, world, disk, accident);
  }

  static os::MemoryFileSystem* files_;
  static World* past_;
};
os::MemoryFileSystem* Sealing::files_ = nullptr;
World* Sealing::past_ = nullptr;

TEST_F(Sealing, survives_the_death_of_the_machine_at_every_step) {
  uint64_t step = 0;
  for (bool struck = true; struck; ++step) {
    struck =
        survives_over_the_edge({.index_merge_width = 2, .old_events_step = 50},
                               {step, kFaults[step % 4], step % 8 < 4, Death::kPower, step % 3 == 0 ? 0 : step, true});
  }
  EXPECT_GT(step, 80U);
}

TEST_F(Sealing, survives_the_death_of_the_process_at_every_step) {
  uint64_t step = 0;
  for (bool struck = true; struck; ++step) {
    struck = survives_over_the_edge({.index_merge_width = 2, .old_events_step = 50},
                                    {step, kFaults[(step + 1) % 4], step % 8 < 4, Death::kProcess, 0});
  }
  EXPECT_GT(step, 80U);
}

TEST_F(Sealing, survives_failures_while_another_thread_seals) {
  for (uint64_t step = 0; step < 120; step += 5) {
    survives_over_the_edge({.index_merge_width = 2, .seal_in_background = true, .old_events_step = 50},
                           {step, kFaults[step % 4], true, step % 2 == 0 ? Death::kPower : Death::kProcess, step});
  }
}

// A file system that passes everything on, except as told.
class Disguise final : public os::FileSystem {
 public:
  explicit Disguise(os::FileSystem& inner) : inner_(inner) {}

  bool syncs = true;  // else it says so and does nothing
  std::function<void(const std::string& path, uint64_t offset, ByteView data)> on_write = [](auto&&...) {};

  Result<std::unique_ptr<os::File>> open(const std::string& path, os::Mode mode) override {
    WEERBAAR_ASSIGN(auto file, inner_.open(path, mode));
    return std::make_unique<DisguisedFile>(*this, path, std::move(file));
  }
  Result<std::unique_ptr<os::Mapping>> map(const std::string& path) override { return inner_.map(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return inner_.list(path); }
  bool exists(const std::string& path) override { return inner_.exists(path); }
  Status make_directory(const std::string& path, bool owner_only) override {
    return inner_.make_directory(path, owner_only);
  }
  Status rename(const std::string& from, const std::string& to) override { return inner_.rename(from, to); }
  Status remove(const std::string& path) override { return inner_.remove(path); }
  Status sync_directory(const std::string& path) override { return inner_.sync_directory(path); }
  Result<std::unique_ptr<os::Lock>> lock(const std::string& path) override { return inner_.lock(path); }

 private:
  class DisguisedFile final : public os::File {
   public:
    DisguisedFile(Disguise& of, std::string path, std::unique_ptr<os::File> inner)
        : of_(of), path_(std::move(path)), inner_(std::move(inner)) {}

    Result<size_t> read_at(uint64_t offset, std::span<uint8_t> buffer) override {
      return inner_->read_at(offset, buffer);
    }
    Status write_at(uint64_t offset, ByteView data) override {
      of_.on_write(path_, offset, data);
      return inner_->write_at(offset, data);
    }
    Status sync() override { return of_.syncs ? inner_->sync() : Status(); }
    void start_writing(uint64_t offset, uint64_t bytes) override { inner_->start_writing(offset, bytes); }
    void expect_no_reads(uint64_t offset, uint64_t bytes) override { inner_->expect_no_reads(offset, bytes); }
    Result<uint64_t> size() override { return inner_->size(); }
    Status resize(uint64_t size) override { return inner_->resize(size); }
    Status preallocate(uint64_t size) override { return inner_->preallocate(size); }

   private:
    Disguise& of_;
    const std::string path_;
    const std::unique_ptr<os::File> inner_;
  };

  os::FileSystem& inner_;
};

constexpr const char* kTailPath = "data/trail/tail/000000000000000000.tail";
constexpr uint64_t kTailBytesMax = uint64_t{64} << 20U;

Bytes tail_of(os::FileSystem& files) {
  return os::read_file(files, kTailPath, kTailBytesMax).value();
}

// When a sync fails, Linux takes the pages for clean: the next process reads what the disk does not hold, and syncing
// again does nothing. So everything that the failed call wrote is written again.
TEST(Crash, what_a_failed_sync_left_in_doubt_is_written_again) {
  os::MemoryFileSystem disk;
  os::FaultyFileSystem faulty(disk);
  World world({});
  ASSERT_TRUE(world.create(faulty));
  ASSERT_TRUE(world.open(faulty));
  ASSERT_TRUE(world.append(5));
  const Bytes durable = tail_of(disk);
  faulty.fail_at(1, os::Fault::kFailedSync, false);  // the write succeeds
  ASSERT_FALSE(world.append(3));
  world.leave();
  const Bytes shown = tail_of(disk);
  ASSERT_NE(durable, shown);

  Disguise disguise(disk);
  Bytes written = durable;
  disguise.on_write = [&](const std::string& path, uint64_t offset, ByteView data) {
    if (path == kTailPath) std::ranges::copy(data, written.begin() + static_cast<long>(offset));
  };
  ASSERT_TRUE(world.open(disguise));
  EXPECT_EQ(world.trail().size().value(), 8U);
  EXPECT_EQ(written, shown);
  world.leave();
}

// --- canaries: the judge finds what these break

// A tail file with these entries in one batch.
Bytes tail_with(const std::vector<Bytes>& entries) {
  BatchHead head;
  Bytes payload;
  for (const Bytes& entry : entries) {
    payload.resize(payload.size() + 2);
    store_be(payload.data() + payload.size() - 2, static_cast<uint16_t>(entry.size()));
    append(payload, entry);
    ++head.count;
  }
  const auto file_head = write_tail_head(0);
  head.payload_length = payload.size();
  head.previous = head_checksum(file_head);
  head.payload_checksum = XXH3_64bits(payload.data(), payload.size());
  Bytes file;
  append(file, file_head);
  append(file, write_batch_head(head));
  append(file, payload);
  file.resize(padded(file.size()) + 4'096);
  return file;
}

class Canary : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.create(disk_));
    ASSERT_TRUE(world_.open(disk_));
    ASSERT_TRUE(world_.append(10));
    world_.leave();
    const Bytes file = tail_of(disk_);
    const TailContent tail = read_tail(file).value();
    for (const ByteView entry : tail.entries) entries_.emplace_back(entry.begin(), entry.end());
  }
  std::vector<std::string> judge_with(const std::vector<Bytes>& entries) {
    EXPECT_TRUE(os::write_file_atomically(disk_, kTailPath, tail_with(entries)));
    return world_.judge(disk_);
  }

  os::MemoryFileSystem disk_;
  World world_{{}};
  std::vector<Bytes> entries_;
};

TEST_F(Canary, the_judge_is_content_with_what_is_whole) {
  EXPECT_THAT(judge_with(entries_), IsEmpty());
}

TEST_F(Canary, the_judge_finds_a_missing_entry) {
  entries_.pop_back();
  EXPECT_THAT(judge_with(entries_), Not(IsEmpty()));
}

TEST_F(Canary, the_judge_finds_entries_that_changed_places) {
  std::swap(entries_[3], entries_[4]);
  EXPECT_THAT(judge_with(entries_), Not(IsEmpty()));
}

TEST_F(Canary, the_judge_finds_an_entry_that_is_there_twice) {
  entries_.push_back(entries_.front());
  EXPECT_THAT(judge_with(entries_), Not(IsEmpty()));
}

TEST_F(Canary, the_judge_finds_a_changed_entry) {
  entries_[5] = entries_[6];
  EXPECT_THAT(judge_with(entries_), Not(IsEmpty()));
}

TEST_F(Canary, the_judge_finds_a_disk_that_only_says_that_it_synced) {
  Disguise disguise(disk_);
  disguise.syncs = false;
  ASSERT_TRUE(world_.open(disguise));
  ASSERT_TRUE(world_.append(10));
  world_.leave();
  disk_.crash(0);
  EXPECT_THAT(world_.judge(disk_), Not(IsEmpty()));
}

TEST_F(Canary, damage_to_what_was_signed_is_refused_and_never_cut_off) {
  ASSERT_TRUE(world_.open(disk_));
  ASSERT_TRUE(world_.sign());
  world_.leave();
  Bytes file = tail_of(disk_);
  file[read_tail(file)->end - 9] ^= 1U;  // in the last batch, so that it looks torn
  ASSERT_EQ(read_tail(file)->how, TailEnd::kTorn);
  ASSERT_TRUE(os::write_file_atomically(disk_, kTailPath, file));
  const Status status = world_.open(disk_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kCorrupt);
  EXPECT_EQ(tail_of(disk_), file);
}

}  // namespace
}  // namespace weerbaar::trail
