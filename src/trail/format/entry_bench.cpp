// Entries of an ordinary consultation: one person, a case, a terminal.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "trail/format/entry.h"

namespace weerbaar::trail {
namespace {

constexpr StoredSubject kSubject{SubjectType::kBsn, true, 929'462'401, {}, {}};

StoredEvent consultation() {
  StoredEvent event;
  event.id = "7f0c-000017";
  event.time = {1'772'435'643'412'000, 0};
  event.received_ms = 1'772'435'643'500;
  event.period = 8'104;
  event.actor = {"\x1b\x0b\x0e\x24\x09\x4e\x5f", ActorType::kEmployee, "inspecteur", "inning-west"};
  event.shape = {"bvr-3270",
                 Action::kRead,
                 "BVR",
                 "BVR0210",
                 "\x82\x67"
                 "address\x66"
                 "income",
                 {},
                 {},
                 Outcome::kSuccess};
  event.subjects = {&kSubject, 1};
  event.records = 1;
  event.case_id = "Z-2026-0004711";
  event.terminal = "T01A4";
  return event;
}

void Entry_encode(benchmark::State& state) {
  const StoredEvent event = consultation();
  Bytes out;
  for (auto _ : state) {
    out.clear();
    encode(event, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(Entry_encode);

void Entry_decode(benchmark::State& state) {
  Bytes bytes;
  encode(consultation(), bytes);
  Entry entry;
  for (auto _ : state) {
    WEERBAAR_CHECK(entry.decode(bytes).has_value());
    benchmark::DoNotOptimize(entry.event().id.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Entry_decode);

}  // namespace
}  // namespace weerbaar::trail
