// Fixed work on the hot paths, for counting its instructions: instructions_test.py runs this under callgrind, which
// collects only within the functions named measured_*.
//
//   hot_paths PATH EVENTS
//
// In one thread, and all in memory but the register, so that the count is the same in every run. A path that ends in
// "_twice" does its work twice: the test must find it too slow.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "benchmarks/workload.h"
#include "domain/access_event_json.h"
#include "ingest/intake.h"
#include "ingest/registry.h"
#include "os/memory.h"
#include "os/testing.h"
#include "register/register.h"
#include "trail/privacy/key_store.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "trail/store/index_writer.h"
#include "trail/store/search.h"
#include "trail/store/segment_writer.h"
#include "trail/store/trail.h"
#include "trail/verify/verify.h"

namespace weerbaar {
namespace {

constexpr size_t kBatchEvents = 5'000;

EventBatch some_events(uint64_t count) {
  EventBatch batch;
  benchmarks::Workload(benchmarks::WorkloadOptions{}).next(count, batch);
  return batch;
}

std::string lines_of(const EventBatch& batch) {
  std::string lines;
  for (const AccessEvent& event : batch.events()) lines += to_json(event) + "\n";
  return lines;
}

struct World {
  os::MemoryFileSystem files;
  std::unique_ptr<trail::KeyStore> keys = trail::KeyStore::create(files, "keys", "example.org/trail").value();
  std::unique_ptr<trail::Trail> trail;

  World() {
    trail::TrailOptions options;
    options.files = &files;
    options.directory = "trail";
    options.keys = keys.get();
    options.clock = [] { return Time{1'780'000'000'000'000, 0}; };
    options.seal_in_background = false;
    WEERBAAR_CHECK(trail::Trail::create(options).has_value());
    trail = trail::Trail::open(options, trail::Access::kAppend).value();
  }
};

}  // namespace
}  // namespace weerbaar

using weerbaar::AccessEvent;

// Plain names, for callgrind.
extern "C" {

__attribute__((noinline)) void measured_append(weerbaar::trail::Trail& trail, const weerbaar::EventBatch& batch) {
  for (size_t at = 0; at < batch.size(); at += weerbaar::kBatchEvents) {
    const auto part = batch.events().subspan(at, std::min(weerbaar::kBatchEvents, batch.size() - at));
    WEERBAAR_CHECK(trail.append(part).value().accepted == part.size());
  }
}

__attribute__((noinline)) void measured_jsonl(weerbaar::ingest::Intake& intake, std::string_view lines) {
  WEERBAAR_CHECK(intake.feed(lines).has_value());
}

__attribute__((noinline)) void measured_seal(std::span<const weerbaar::ByteView> entries,
                                             std::span<const weerbaar::trail::Hash> leaves) {
  const auto written = weerbaar::trail::write_segment(0, 0, entries, leaves).value();
  WEERBAAR_CHECK(weerbaar::trail::index_of(written.segment).has_value());
}

__attribute__((noinline)) size_t measured_needle(const weerbaar::trail::Trail& trail,
                                                 std::span<const weerbaar::Subject> persons) {
  size_t hits = 0;
  for (const weerbaar::Subject& person : persons) {
    hits += weerbaar::trail::search(trail, weerbaar::trail::OfSubject{person.type, std::string(person.id)}, {})
                .value()
                .hits.size();
  }
  return hits;
}

__attribute__((noinline)) void measured_verify(const weerbaar::trail::VerifyOptions& options) {
  WEERBAAR_CHECK(weerbaar::trail::verify(options).value().ok);
}

__attribute__((noinline)) uint64_t measured_import(weerbaar::facts::Register& facts, std::string_view file) {
  const auto report = facts.import(*weerbaar::facts::find_table("shift"), file, {"a.csv", "", "", {}},
                                   [](const weerbaar::facts::ImportReport&) { return weerbaar::Status(); });
  return report.value().refused;
}

}  // extern "C"

namespace weerbaar {
namespace {

void append(uint64_t events) {
  World world;
  measured_append(*world.trail, some_events(events));
}

void append_twice(uint64_t events) {
  append(events);
  append(events);
}

void jsonl(uint64_t events) {
  os::MemoryFileSystem files;
  auto quarantine = ingest::Quarantine::create(files, "data", "refused").value();
  const auto source = ingest::make_source("jsonl", {}).value();
  uint64_t taken = 0;
  ingest::Intake intake(
      "memory", *source,
      [&](EventBatch& batch) -> Status {
        taken += batch.size();
        return {};
      },
      quarantine);
  measured_jsonl(intake, lines_of(some_events(events)));
  WEERBAAR_CHECK(taken == events);
}

void jsonl_twice(uint64_t events) {
  jsonl(events);
  jsonl(events);
}

// One segment, whatever the number of events.
void seal(uint64_t) {
  const EventBatch batch = some_events(trail::kSegmentEntries);
  const auto key = trail::Pseudonymiser::create(Bytes(trail::kPeriodKeyBytes, 7)).value();
  trail::EventEncoder encoder;
  std::vector<Bytes> entries(batch.size());
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < batch.size(); ++i) {
    const AccessEvent& event = batch.events()[i];
    WEERBAAR_CHECK(
        encoder.encode(event, Time{1'780'000'000'000'000, 0}, trail::period_of(event.time), key, entries[i], hashes)
            .has_value());
  }
  const std::vector<ByteView> views(entries.begin(), entries.end());
  std::vector<trail::Hash> leaves(views.size());
  trail::leaf_hashes(views, leaves);
  measured_seal(views, leaves);
}

// A trail with a sealed segment, indexed, and some entries behind it.
void fill(World& world, const EventBatch& batch) {
  for (size_t at = 0; at < batch.size(); at += kBatchEvents) {
    WEERBAAR_CHECK(
        world.trail->append(batch.events().subspan(at, std::min(kBatchEvents, batch.size() - at))).has_value());
  }
  WEERBAAR_CHECK(world.trail->finish_sealing().has_value());
  WEERBAAR_CHECK(world.trail->sign().has_value());
}

// Persons of so many of the events, each asked for once; most of them stand in the segment.
void needle(uint64_t persons) {
  World world;
  const EventBatch batch = some_events(trail::kSegmentEntries + kBatchEvents);
  fill(world, batch);
  std::vector<Subject> asked;
  for (uint64_t i = 0; i < persons; ++i) asked.push_back(batch.events()[i * (batch.size() / persons)].subjects[0]);
  WEERBAAR_CHECK(measured_needle(*world.trail, asked) >= persons);
}

void verify(uint64_t events) {
  World world;
  fill(world, some_events(events));
  trail::VerifyOptions options;
  options.files = &world.files;
  options.directory = "trail";
  options.key = world.keys->verifier_key();
  options.origin = "example.org/trail";
  options.threads = 1;
  measured_verify(options);
}

// Rows of which each is valid for so many days from the one day or the next on.
uint64_t import_shifts(uint64_t rows, int days) {
  constexpr int64_t kDay = 86'400'000'000;
  const os::TemporaryDirectory directory;
  auto database = sql::Database::open("sqlite:" + directory.path() + "/register.db");
  const auto facts = facts::Register::open(std::move(database.value())).value();
  std::string file = "employee,location,valid_from,valid_to\n";
  for (uint64_t i = 0; i < rows; ++i) {
    const auto from = static_cast<int64_t>(i) * kDay;
    file += fmt::format("u1,L{},{},{}\n", i % 7, format_time({from, 0}), format_time({from + days * kDay, 0}));
  }
  return measured_import(*facts, file);
}

void import(uint64_t rows) {
  WEERBAAR_CHECK(import_shifts(rows, 1) == 0);
}

// Each overlaps the one before.
void import_chain(uint64_t rows) {
  WEERBAAR_CHECK(import_shifts(rows, 2) == rows - 1);
}

constexpr std::pair<std::string_view, void (*)(uint64_t)> kPaths[] = {{"append", append},
                                                                      {"append_twice", append_twice},
                                                                      {"jsonl", jsonl},
                                                                      {"jsonl_twice", jsonl_twice},
                                                                      {"seal", seal},
                                                                      {"needle", needle},
                                                                      {"verify", verify},
                                                                      {"import", import},
                                                                      {"import_chain", import_chain}};

int run(int argc, char** argv) {
  if (argc == 3) {
    for (const auto& [name, path] : kPaths) {
      if (name != argv[1]) continue;
      path(std::stoull(argv[2]));
      return 0;
    }
  }
  fmt::print(stderr, "usage: hot_paths PATH EVENTS\n");
  return 2;
}

}  // namespace
}  // namespace weerbaar

int main(int argc, char** argv) {
  return weerbaar::run(argc, argv);
}
