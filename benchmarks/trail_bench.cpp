// The trail from end to end on a generated workload: ingest, size on disk, needles, verification.
//
//   trail_bench [--events N] [--directory DIR] [--keep]
//
// Durable: every batch of 10,000 events is synced (fdatasync) before it counts. Prints one table; times are of this
// machine, at this moment, so compare within a run.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/intake.h"
#include "ingest/registry.h"
#include "server/append_queue.h"
#include "table.h"
#include "trail/privacy/key_store.h"
#include "trail/store/count.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"
#include "trail/verify/verify.h"
#include "workload.h"

namespace weerbaar::benchmarks {
namespace {

constexpr size_t kBatch = 10'000;
constexpr std::string_view kOrigin = "bench.example.org/trail";

struct Place {
  std::string trail;
  std::string keys;
};

struct Opened {
  std::unique_ptr<trail::KeyStore> keys;
  std::unique_ptr<trail::Trail> trail;
};

trail::TrailOptions options_of(const Place& place, trail::KeyStore& keys) {
  trail::TrailOptions options;
  options.files = &os::real_file_system();
  options.directory = place.trail;
  options.keys = &keys;
  return options;
}

Opened make(const Place& place) {
  Opened opened;
  opened.keys = must(trail::KeyStore::create(os::real_file_system(), place.keys, kOrigin));
  const trail::TrailOptions options = options_of(place, *opened.keys);
  must(trail::Trail::create(options));
  opened.trail = must(trail::Trail::open(options, trail::Access::kAppend));
  return opened;
}

uint64_t bytes_below(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

// The C++ API: events are made beforehand, a part at a time, outside the clock.
void bench_api(const Place& place, const WorkloadOptions& workload_options) {
  Opened opened = make(place);
  Workload workload(workload_options);
  double seconds = 0;
  for (uint64_t done = 0; done < workload_options.events;) {
    std::vector<EventBatch> batches;
    for (int i = 0; i < 20; ++i) {
      EventBatch batch;
      workload.next(kBatch, batch);
      if (!batch.empty()) batches.push_back(std::move(batch));
    }
    const auto start = Clock::now();
    for (const EventBatch& batch : batches) done += must(opened.trail->append(batch.events())).accepted;
    seconds += seconds_since(start);
  }
  const auto start = Clock::now();
  must(opened.trail->finish_sealing());
  must(opened.trail->sign());
  seconds += seconds_since(start);
  row("ingest, C++ API, durable, sealed and signed",
      fmt::format("{:.0f} k events/s", static_cast<double>(workload_options.events) / seconds / 1e3));
}

// JSON Lines from memory, parsed, checked and appended, as `weerbaar ingest` does.
void bench_json(const Place& place, const WorkloadOptions& workload_options) {
  Opened opened = make(place);
  Workload workload(workload_options);
  std::string lines;
  for (;;) {
    EventBatch batch;
    workload.next(kBatch, batch);
    if (batch.empty()) break;
    for (const AccessEvent& event : batch.events()) lines += to_json(event) + "\n";
  }
  auto quarantine = must(ingest::Quarantine::create(os::real_file_system(), place.trail, "refused"));
  const auto source = must(ingest::make_source("jsonl", {}));
  const auto start = Clock::now();
  server::AppendQueue queue(*opened.trail,
                            [](const AccessEvent&, const Error& why) { return fail(why.code, why.text); });
  ingest::Intake intake("bench", *source, [&](EventBatch& events) { return queue.give(events); }, quarantine);
  for (size_t at = 0; at < lines.size(); at += ingest::kChunkBytes) {
    must(intake.feed(std::string_view(lines).substr(at, ingest::kChunkBytes)));
  }
  must(intake.finish());
  const auto totals = must(queue.finish());
  must(opened.trail->finish_sealing());
  must(opened.trail->sign());
  const double seconds = seconds_since(start);
  WEERBAAR_CHECK(totals.accepted == workload_options.events);
  row(fmt::format("ingest, JSON Lines ({} bytes a line), the same", lines.size() / workload_options.events),
      fmt::format("{:.0f} k events/s", static_cast<double>(workload_options.events) / seconds / 1e3));
}

void bench_size(const Place& place, uint64_t events) {
  const auto per_event = [&](const std::string& name) {
    return static_cast<double>(bytes_below(os::join(place.trail, name))) / static_cast<double>(events);
  };
  row("disk, all of the trail",
      fmt::format("{:.2f} bytes/event", static_cast<double>(bytes_below(place.trail)) / static_cast<double>(events)));
  row("  segments / tail / index / ids", fmt::format("{:.2f} / {:.2f} / {:.2f} / {:.2f}", per_event("segments"),
                                                     per_event("tail"), per_event("index"), per_event("ids")));
}

void quantiles(std::string_view what, std::vector<double> micros) {
  std::sort(micros.begin(), micros.end());
  row(what, fmt::format("{:.1f} / {:.1f} us", micros[micros.size() / 2], micros[micros.size() * 99 / 100]));
}

// Lets the system forget what it read of these files; nothing maps them now.
void drop_from_memory(const std::string& directory) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    const int descriptor = ::open(file.path().c_str(), O_RDONLY);
    if (descriptor < 0) continue;
    ::fsync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
  }
}

// Each from files that are opened anew, and that nobody read since they were dropped.
void bench_cold(const Place& place, const WorkloadOptions& workload_options) {
  const auto keys = must(trail::KeyStore::open(os::real_file_system(), place.keys));
  Workload needles(workload_options);
  std::vector<double> micros;
  std::vector<double> opening;
  for (int i = 0; i < 100; ++i) {
    drop_from_memory(place.trail);
    const auto start = Clock::now();
    const auto trail = must(trail::Trail::open(options_of(place, *keys), trail::Access::kRead));
    opening.push_back(seconds_since(start) * 1e6);
    const trail::Whom whom = trail::OfSubject{SubjectType::kBsn, needles.any_person()};
    const auto one = Clock::now();
    must(trail::search(*trail, whom, {}));
    micros.push_back(seconds_since(one) * 1e6);
  }
  quantiles("needle by subject, cold, p50 / p99", micros);
  quantiles("  opening the trail before it, cold", opening);
}

// Who looked at each of fifty persons.
void bench_leak(const trail::Trail& trail, const WorkloadOptions& workload_options) {
  constexpr int kLists = 50;
  constexpr int kPersons = 50;
  Workload persons(workload_options);
  std::vector<double> micros;
  uint64_t found = 0;
  for (int list = 0; list < kLists; ++list) {
    std::vector<trail::Whom> whom;
    for (int i = 0; i < kPersons; ++i) whom.emplace_back(trail::OfSubject{SubjectType::kBsn, persons.any_person()});
    const auto start = Clock::now();
    const trail::ConsultationLists lists = must(trail::consultations_of(trail, std::span<const trail::Whom>(whom), {}));
    for (const auto& one : lists.consultations) found += one.size();
    micros.push_back(seconds_since(start) * 1e6);
  }
  quantiles(fmt::format("leak of {} persons, with who it was ({} looks)", kPersons, found), micros);
}

void bench_queries(const Place& place, const WorkloadOptions& workload_options) {
  const auto keys = must(trail::KeyStore::open(os::real_file_system(), place.keys));
  const auto start = Clock::now();
  const auto trail = must(trail::Trail::open(options_of(place, *keys), trail::Access::kRead));
  row("open the trail", fmt::format("{:.1f} ms", seconds_since(start) * 1e3));
  Workload workload(workload_options);
  for (const std::string_view round : {"first", "again"}) {
    WorkloadOptions same = workload_options;
    same.seed = 99;
    Workload needles(same);
    std::vector<double> micros;
    uint64_t found = 0;
    for (int i = 0; i < 500; ++i) {
      const trail::Whom whom = trail::OfSubject{SubjectType::kBsn, needles.any_person()};
      const auto one = Clock::now();
      found += must(trail::search(*trail, whom, {})).hits.size();
      micros.push_back(seconds_since(one) * 1e6);
    }
    quantiles(fmt::format("needle by subject, {} time, p50 / p99 ({} hits)", round, found), micros);
  }
  bench_leak(*trail, workload_options);
  const trail::CountQuery query{*trail::parse_group_by("day,system"), {}};
  const auto counting = Clock::now();
  const size_t groups = must(trail::count(*trail, query)).size();
  row(fmt::format("accesses by day and system ({} groups)", groups),
      fmt::format("{:.1f} ms", seconds_since(counting) * 1e3));
}

void bench_verify(const Place& place, uint64_t events) {
  const auto keys = must(trail::KeyStore::open(os::real_file_system(), place.keys));
  trail::VerifyOptions options;
  options.files = &os::real_file_system();
  options.directory = place.trail;
  options.key = keys->verifier_key();
  options.origin = std::string(kOrigin);
  const auto start = Clock::now();
  const trail::Report report = must(trail::verify(options));
  WEERBAAR_CHECK(report.ok && report.size.value() >= events);
  row("full verification", fmt::format("{:.2f} M events/s", static_cast<double>(events) / seconds_since(start) / 1e6));
}

int run(int argc, char** argv) {
  WorkloadOptions workload;
  std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("weerbaar-bench-{}", getpid())).string();
  bool keep = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--events" && i + 1 < argc) {
      workload.events = std::stoull(argv[++i]);
    } else if (argument == "--directory" && i + 1 < argc) {
      directory = argv[++i];
    } else if (argument == "--keep") {
      keep = true;
    } else {
      fmt::print(stderr, "usage: trail_bench [--events N] [--directory DIR] [--keep]\n");
      return 2;
    }
  }
  const Place api{directory + "/api", directory + "/api.keys"};
  const Place json{directory + "/json", directory + "/json.keys"};
  fmt::print("{} events, {} employees, {} persons, {} days; {} cores\n", workload.events, workload.employees,
             workload.persons, workload.days, std::thread::hardware_concurrency());
  bench_api(api, workload);
  bench_json(json, workload);
  bench_size(api, workload.events);
  bench_queries(api, workload);
  bench_cold(api, workload);
  bench_verify(api, workload.events);
  row("memory at its peak, with the generated lines", fmt::format("{} MiB", peak_memory_mib()));
  if (!keep) std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  return weerbaar::benchmarks::run(argc, argv);
}
