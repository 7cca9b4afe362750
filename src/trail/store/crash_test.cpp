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
using testing::World;

constexpr os::Fault kFaults[] = {os::Fault::kInputOutput, os::Fault::kNoSpace, os::Fault::kShortWrite,
                                 os::Fault::kFailedSync};

// What dies of the failure.
enum class Death {
  kPower,    // the machine: what was not synced is lost, in part
  kProcess,  // the process only; the power fails later, after it was opened again
};

struct Accident {
  uint64_t step = 0;
  os::Fault fault{};
  bool lasting = false;
  Death death{};
  uint64_t seed = 0;  // of the power failure
};

using Script = std::function<Status(World&, os::FileSystem&)>;

// Plays the script on `disk` until the accident, and then judges what is left of it, twice: once more after everything
// was sent again and the power failed. False when the script ended before its step.
bool survives(const Script& script, World& world, os::MemoryFileSystem& disk, const Accident& accident) {
  SCOPED_TRACE(fmt::format("step {}, fault {}, lasting {}, death {}, seed {}", accident.step,
                           static_cast<int>(accident.fault), accident.lasting, static_cast<int>(accident.death),
                           accident.seed));
  os::FaultyFileSystem faulty(disk);
  faulty.fail_at(accident.step, accident.fault, accident.lasting);
  const Status status = script(world, faulty);
  EXPECT_TRUE(status || faulty.struck()) << status.error().text;
  world.leave();
  if (accident.death == Death::kPower) disk.crash(accident.seed);
  EXPECT_THAT(world.broken_claims(disk), IsEmpty()) << (status ? "" : status.error().text);
  disk.crash(accident.seed);
  EXPECT_THAT(world.broken_claims(disk), IsEmpty()) << "after the second power failure";
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

}  // namespace
}  // namespace weerbaar::trail
