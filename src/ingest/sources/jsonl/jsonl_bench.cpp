// Parsing and validation of JSON Lines, without the trail behind it. Target: 1.2 M events/s on one core.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "base/check.h"
#include "ingest/sources/jsonl/jsonl.h"

namespace weerbaar::ingest {
namespace {

constexpr int kLines = 3000;

// Lines of about 350 bytes, like that of docs/formats/access-event.md, each a little different.
std::string sample_lines() {
  std::string lines;
  for (int i = 0; i < kLines; ++i) {
    lines += fmt::format(
        R"({{"id":"7f0c-{:06}","source":"bvr-3270","time":"2026-03-02T08:14:{:02}.412+01:00",)"
        R"("actor":{{"id":"u10{:04}","function":"inner","unit":"inning-west"}},"action":"read","system":"BVR","component":"BVR0210",)"
        R"("subjects":[{{"type":"bsn","id":"123456782"}}],"data":["address","income"],"records":{},)"
        R"("purpose":{{"case":"Z-2026-{:07}"}},"workplace":{{"terminal":"T{:02}A4"}}}})"
        "\n",
        i, i % 60, i % 10'000, i % 7, i, i % 100);
  }
  return lines;
}

void jsonl_parse(benchmark::State& state) {
  const std::string lines = sample_lines();
  const auto source = create_jsonl({}).value();
  Output output;
  for (auto _ : state) {
    source->feed(lines, output);
    WEERBAAR_CHECK(output.events.size() == kLines && output.refusals.empty());
    output.events.clear();
  }
  state.SetItemsProcessed(state.iterations() * kLines);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(lines.size()));
  state.counters["bytes_per_line"] = static_cast<double>(lines.size()) / kLines;
}
BENCHMARK(jsonl_parse)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weerbaar::ingest
