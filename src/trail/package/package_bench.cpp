// A complete answer: a person with 100 accesses in a log with 18 indexes, made and checked. The proofs from the indexes
// are made beforehand, as those of MemoryIndexes are slow; what is measured is all the rest.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <map>

#include "trail/package/memory_indexes.h"
#include "trail/package/package.h"
#include "trail/package/package_files.h"
#include "trail/package/testing.h"
#include "trail/package/zip.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kAccesses = 100;
constexpr uint64_t kIndexes = 18;

AccessEvent access(uint64_t number, EventBatch& batch) {
  static const Subject subjects[] = {{SubjectType::kBsn, "123456782", ""}};
  static const std::string_view data[] = {"address", "income"};
  AccessEvent event;
  event.id = batch.keep(fmt::format("access-{}", number));
  event.source = "bvr-3270";
  event.time = {1'772'438'400'000'000 + static_cast<int64_t>(number) * 987'654, 0};
  event.actor = {batch.keep(fmt::format("u{}", 100'000 + number % 40)), ActorType::kEmployee, "inspecteur",
                 batch.keep(fmt::format("inning-{}", number % 9)), ""};
  event.system = "BVR";
  event.component = batch.keep(fmt::format("BVR02{:02}", number % 30));
  event.subjects = subjects;
  event.data = data;
  event.records = 1;
  event.purpose.processing_activity = "https://example.org/activity/1";
  if (number % 3 == 0) event.purpose.case_id = batch.keep(fmt::format("Z-2026-{:07}", number * 977));
  event.workplace = {batch.keep(fmt::format("T{:05}", number)), batch.keep(fmt::format("10.1.2.{}", number)), "Delft"};
  return event;
}

// Gives the proofs of another source, each made once.
class Remembering : public CompletenessSource {
 public:
  explicit Remembering(CompletenessSource& source) : source_(source) {}
  Result<std::vector<CommittedRange>> ranges() override { return source_.ranges(); }
  Result<KeyProof> prove(const CommittedRange& range, ByteView key) override {
    const std::pair place(range.record.value(), Bytes(key.begin(), key.end()));
    const auto known = made_.find(place);
    if (known != made_.end()) return known->second;
    WEERBAAR_ASSIGN(const KeyProof proof, source_.prove(range, key));
    return made_.emplace(place, proof).first->second;
  }

 private:
  CompletenessSource& source_;
  std::map<std::pair<uint64_t, Bytes>, KeyProof> made_;
};

struct World {
  explicit World(uint64_t entries) {
    for (uint64_t i = 0; i < kAccesses; ++i) {
      trail.fill((i + 1) * (entries / kAccesses) - 1);
      EventBatch batch;
      trail.add(access(i, batch));
    }
    std::array<uint64_t, kIndexes - 1> ends{};
    for (uint64_t i = 0; i < ends.size(); ++i) ends[i] = (i + 1) * (entries / kIndexes);
    indexes = MemoryIndexes::commit(trail.trail(), ends).value();
    trail.sign();
    source = std::make_unique<Remembering>(*indexes);
    request.pseudonyms = person_pseudonyms(trail.trail(), OfSubject{SubjectType::kBsn, "123456782"}).value();
    request.disclosure = Disclosure::kIdentities;
    request.question = "Who consulted the data of this person?";
    request.made_by = "internal audit";
    package = make_answer(trail.trail(), request, *source).value().package;
  }

  TestTrail trail;
  std::unique_ptr<MemoryIndexes> indexes;
  std::unique_ptr<Remembering> source;
  AnswerRequest request;
  Bytes package;
};

const World& world() {
  // A million makes the proofs nearly as long as ten do, and takes a minute.
  static const char* const entries = std::getenv("WEERBAAR_BENCH_ENTRIES");
  static const World made(entries == nullptr ? 20'000 : std::strtoull(entries, nullptr, 10));
  return made;
}

void make(benchmark::State& state) {
  const World& made = world();
  for (auto _ : state) {
    benchmark::DoNotOptimize(make_answer(made.trail.trail(), made.request, *made.source).value());
  }
  state.counters["bytes"] = static_cast<double>(made.package.size());
}

void check(benchmark::State& state) {
  const World& made = world();
  for (auto _ : state) {
    WEERBAAR_CHECK(verify_package(made.package, {}).value().complete);
  }
}

void unzip(benchmark::State& state) {
  const World& made = world();
  for (auto _ : state) benchmark::DoNotOptimize(read_zip(made.package, kPackageLimits).value());
}

void zip(benchmark::State& state) {
  const auto members = read_zip(world().package, kPackageLimits).value();
  for (auto _ : state) benchmark::DoNotOptimize(write_zip(members, Time{}, kPackageLimits).value());
  state.counters["files"] = static_cast<double>(members.size());
}

BENCHMARK(make)->Unit(benchmark::kMillisecond);
BENCHMARK(check)->Unit(benchmark::kMillisecond);
BENCHMARK(zip)->Unit(benchmark::kMillisecond);
BENCHMARK(unzip)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weerbaar::trail
