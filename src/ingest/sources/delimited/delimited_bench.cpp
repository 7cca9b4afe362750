// Records a second on one core.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "base/check.h"
#include "ingest/sources/delimited/delimited.h"

namespace weerbaar::ingest {
namespace {

constexpr int kRecords = 20'000;

constexpr std::string_view kFields = R"(
time = { columns = ["DATE", "TIME"], format = "%d-%m-%Y %H:%M:%S", zone = "Europe/Amsterdam" }
actor.id = { column = "USER" }
actor.unit = { column = "UNIT" }
action = { column = "FUNC", values = { "I" = "read", "Z" = "search", "M" = "update" }, default = "execute" }
system = { constant = "BVR" }
component = { column = "SCREEN" }
data = { column = "SCREEN", values = { BVR0210 = ["address", "income"], BVR0220 = "debt" } }
records = { column = "ROWS" }
workplace.terminal = { column = "TERM" }
[[subjects]]
type = "bsn"
column = "SOFINR"
pad = 9
)";

// Ten columns, as an old system exports them.
std::string csv_input(std::string_view name) {
  std::string text = "SEQ;DATE;TIME;USER;UNIT;FUNC;SCREEN;SOFINR;ROWS;TERM\r\n";
  for (int i = 0; i < kRecords; ++i) {
    text += fmt::format("{:08};{:02}-03-2026;{:02}:{:02}:{:02};u{};\"{}\";{};BVR02{}0;{};{};T01A{}\r\n", i, i % 28 + 1,
                        i / 3'600 % 24, i / 60 % 60, i % 60, 104'233 + i % 500, name, "IZM"[i % 3], i % 2 + 1,
                        10'000'000 + i * 7, i % 5, i % 10);
  }
  return text;
}

void take_in(benchmark::State& state, SourceFactory create, const std::string& mapping, const std::string& input) {
  for (auto _ : state) {
    const auto source = create({mapping, "bench"}).value();
    Output output;
    source->feed(input, output);
    source->finish(output);
    WEERBAAR_CHECK(output.events.size() == kRecords && output.refusals.empty());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(input.size()));
}

std::string csv_mapping(std::string_view code_page, std::string_view id) {
  return fmt::format("format = \"csv\"\nsource = \"bvr\"\ncode_page = \"{}\"\ndelimiter = \";\"\n[fields]\nid = {}{}",
                     code_page, id, kFields);
}

void csv_of_ten_columns(benchmark::State& state) {
  take_in(state, create_csv, csv_mapping("utf-8", "{ column = \"SEQ\" }"), csv_input("inning-west"));
}
BENCHMARK(csv_of_ten_columns);

void csv_in_windows_1252(benchmark::State& state) {
  take_in(state, create_csv, csv_mapping("windows-1252", "{ column = \"SEQ\" }"), csv_input("Fri\xEBsland"));
}
BENCHMARK(csv_in_windows_1252);

void csv_with_ids_by_hash(benchmark::State& state) {
  take_in(state, create_csv, csv_mapping("utf-8", "{ hash = true }"), csv_input("inning-west"));
}
BENCHMARK(csv_with_ids_by_hash);

void fixed_records_of_80_bytes(benchmark::State& state) {
  const std::string mapping = R"(format = "fixed"
source = "bvr"
record_length = 80
[columns]
SEQ = { start = 1, length = 8 }
DATE = { start = 9, length = 10 }
TIME = { start = 19, length = 8 }
USER = { start = 27, length = 8 }
UNIT = { start = 35, length = 12 }
FUNC = { start = 47, length = 1 }
SCREEN = { start = 48, length = 8 }
SOFINR = { start = 56, length = 9 }
ROWS = { start = 65, length = 4 }
TERM = { start = 69, length = 6 }
[fields]
id = { column = "SEQ" }
)" + std::string(kFields);
  std::string input;
  for (int i = 0; i < kRecords; ++i) {
    input += fmt::format("{:08}{:02}-03-2026{:02}:{:02}:{:02}{:8}{:12}{}{:8}{:09}{:<4}{:6}      ", i, i % 28 + 1,
                         i / 3'600 % 24, i / 60 % 60, i % 60, "u104233", "inning-west", "IZM"[i % 3], "BVR0210",
                         10'000'000 + i * 7, i % 5, "T01A4");
  }
  take_in(state, create_fixed, mapping, input);
}
BENCHMARK(fixed_records_of_80_bytes);

}  // namespace
}  // namespace weerbaar::ingest
