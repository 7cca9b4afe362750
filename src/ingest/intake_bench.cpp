// The whole way from bytes to checked batches: parsing, the rules for all sources, and handing on to a sink that keeps
// nothing. What the trail then adds is measured there.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "base/check.h"
#include "ingest/intake.h"
#include "ingest/registry.h"
#include "os/memory.h"

namespace weerbaar::ingest {
namespace {

constexpr int kLines = 3000;

void intake_of_jsonl(benchmark::State& state) {
  std::string lines;
  for (int i = 0; i < kLines; ++i) {
    lines += fmt::format(
        R"({{"id":"7f0c-{:06}","source":"bvr-3270","time":"2026-03-02T08:14:03.412+01:00","actor":{{"id":"u104233"}},)"
        R"("action":"read","system":"BVR","component":"BVR0210","subjects":[{{"type":"bsn","id":"123456782"}}],)"
        R"("data":["address","income"],"records":1,"purpose":{{"case":"Z-2026-0004711"}}}})"
        "\n",
        i);
  }
  os::MemoryFileSystem files;
  Quarantine quarantine = Quarantine::create(files, "data", "bench").value();
  const auto source = make_source("jsonl", {}).value();
  Intake intake("bench", *source, [](EventBatch&) -> Status { return {}; }, quarantine);
  for (auto _ : state) WEERBAAR_CHECK(intake.feed(lines).has_value());
  WEERBAAR_CHECK(intake.counts().refused == 0);
  state.SetItemsProcessed(state.iterations() * kLines);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(lines.size()));
}
BENCHMARK(intake_of_jsonl)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weerbaar::ingest
