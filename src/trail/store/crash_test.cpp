// Every step of input and output fails in turn, in every way, and the machine or the process dies of it: what the world
// was told before must be there when the trail is opened again, and nothing else.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <gmock/gmock.h>

#include <functional>

#include "os/faulty.h"
#include "os/memory.h"
#include "trail/format/tail.h"
#include "trail/store/crash_world.h"

namespace weerbaar::trail {
namespace {

using ::testing::IsEmpty;
using testing::copy_files;
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
};

using Script = std::function<Status(World&, os::FileSystem&)>;

// Plays the script on `disk` until the accident; then the source and the program start again, the power fails once more,
// and what is left is judged. False when the script ended before its step.
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
  EXPECT_THAT(world.carry_on(disk), IsEmpty()) << failure;
  disk.crash(accident.seed);
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
  for (bool struck = true; struck; ++step) {
    os::MemoryFileSystem disk;
    World world({});
    // Every fourth power failure loses all that was not synced, the others lose some of it.
    struck = survives(short_life, world, disk, {step, fault, lasting, death, step % 4 == 0 ? 0 : step});
  }
  EXPECT_GT(step, 100U);
}

INSTANTIATE_TEST_SUITE_P(Crash, EveryStep,
                         ::testing::Combine(::testing::ValuesIn(kFaults), ::testing::Bool(),
                                            ::testing::Values(Death::kPower, Death::kProcess)));

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
    struck = survives_over_the_edge({.chapter_segments = 1, .old_events_step = 50},
                                    {step, kFaults[step % 4], step % 8 < 4, Death::kPower, step % 3 == 0 ? 0 : step});
  }
  EXPECT_GT(step, 80U);
}

TEST_F(Sealing, survives_the_death_of_the_process_at_every_step) {
  uint64_t step = 0;
  for (bool struck = true; struck; ++step) {
    struck = survives_over_the_edge({.chapter_segments = 1, .old_events_step = 50},
                                    {step, kFaults[(step + 1) % 4], step % 8 < 4, Death::kProcess, 0});
  }
  EXPECT_GT(step, 80U);
}

TEST_F(Sealing, survives_failures_while_another_thread_seals) {
  for (uint64_t step = 0; step < 120; step += 5) {
    survives_over_the_edge({.chapter_segments = 1, .seal_in_background = true, .old_events_step = 50},
                           {step, kFaults[step % 4], true, step % 2 == 0 ? Death::kPower : Death::kProcess, step});
  }
}

}  // namespace
}  // namespace weerbaar::trail
