// Records a second through the pgaudit source: audit lines of short statements, among them one in four of another kind.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "base/check.h"
#include "ingest/sources/pgaudit/pgaudit.h"

namespace weerbaar::ingest {
namespace {

constexpr int kRecords = 10'000;

std::string make_log() {
  std::string log;
  for (int i = 0; i < kRecords; ++i) {
    const std::string message =
        i % 4 == 3 ? "duration: 0.123 ms"
                   : fmt::format(
                         "AUDIT: SESSION,{},1,READ,SELECT,TABLE,public.person,\"\"select p.name, i.amount from "
                         "person p join income i on i.bsn = p.bsn where p.bsn = '{:09}'\"\",<none>,1",
                         i, 100'000'000 + i);
    log += fmt::format(
        "2026-03-02 07:14:03.412 UTC,\"u104233\",\"inning\",7,\"10.1.2.3:5000\",69a5.{},{},\"SELECT\","
        "2026-03-02 07:14:00 UTC,3/1,0,LOG,00000,\"{}\",,,,,,,,,\"psql\",\"client backend\",,0\n",
        i % 50, i, message);
  }
  return log;
}

void pgaudit_records(benchmark::State& state) {
  const std::string log = make_log();
  const SourceOptions options = {
      "last_statement_may_go_on = true\n[[persons]]\ntable = \"public.person\"\ncolumn = \"bsn\"\ntype = \"bsn\"\n",
      "m"};
  Output output;
  for (auto _ : state) {
    auto source = create_pgaudit(options);
    WEERBAAR_CHECK(source.has_value());
    (*source)->feed(log, output);
    (*source)->finish(output);
    WEERBAAR_CHECK(output.events.size() == kRecords * 3 / 4 && output.refusals.empty());
    output.events.clear();
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(log.size()));
}
BENCHMARK(pgaudit_records)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weerbaar::ingest
