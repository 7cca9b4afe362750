// Fixed work on the hot paths, for counting its instructions: instructions_test.py runs this under callgrind, which
// collects only within the functions named measured_*.
//
//   hot_paths PATH EVENTS
//
// All in memory and in one thread, so that the count is the same in every run. A path that ends in "_twice" does its
// work twice: the test must find it too slow.
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
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"

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

constexpr std::pair<std::string_view, void (*)(uint64_t)> kPaths[] = {
    {"append", append}, {"append_twice", append_twice}, {"jsonl", jsonl}, {"jsonl_twice", jsonl_twice}};

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
