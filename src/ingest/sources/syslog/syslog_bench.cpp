// Messages a second on one core.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "base/check.h"
#include "ingest/sources/syslog/syslog.h"

namespace weerbaar::ingest {
namespace {

constexpr int kMessages = 20'000;

constexpr std::string_view kHead = R"(format = "syslog"
source = "brp"
[[access]]
app = "brp"
[fields]
system = { constant = "BRP" }
action = { constant = "read" }
)";

void take_in(benchmark::State& state, const std::string& mapping, const std::string& input) {
  for (auto _ : state) {
    const auto source = create_syslog({mapping, "bench"}).value();
    Output output;
    source->feed(input, output);
    source->finish(output);
    WEERBAAR_CHECK(output.events.size() == kMessages && output.refusals.empty());
  }
  state.SetItemsProcessed(state.iterations() * kMessages);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(input.size()));
}

void cef_counted_by_octets(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kMessages; ++i) {
    const std::string message = fmt::format(
        "<134>1 2026-03-02T08:{:02}:{:02}.{:06}+01:00 gw1 brp 812 READ - CEF:0|Example|Gateway|1.2|100|person viewed|3|"
        "suser=u{} src=10.1.2.3 outcome=success cs1Label=BSN cs1={:09} request=/persons/view msg=shown to the clerk",
        i / 60 % 60, i % 60, i, 104'233 + i % 500, 10'000'000 + i * 7);
    input += fmt::format("{} {}", message.size(), message);
  }
  take_in(state,
          std::string(kHead) +
              "actor.id = { column = \"cef.suser\" }\n[[subjects]]\ntype = \"bsn\"\n"
              "column = \"cef.label.BSN\"\n",
          input);
}
BENCHMARK(cef_counted_by_octets);

void json_on_lines(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kMessages; ++i) {
    input += fmt::format(
        "<134>1 2026-03-02T08:{:02}:{:02}.{:06}Z gw1 brp 812 READ - {{\"id\":\"v{}\",\"user\":{{\"id\":"
        "\"u{}\"}},\"person\":\"{:09}\",\"screen\":\"BVR0210\"}}\n",
        i / 60 % 60, i % 60, i, i, 104'233 + i % 500, 10'000'000 + i * 7);
  }
  take_in(state,
          std::string(kHead) +
              "id = { column = \"json.id\" }\nactor.id = { column = \"json.user.id\" }\n"
              "[[subjects]]\ntype = \"bsn\"\ncolumn = \"json.person\"\n",
          input);
}
BENCHMARK(json_on_lines);

}  // namespace
}  // namespace weerbaar::ingest
