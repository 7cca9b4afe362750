#include "peers/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weerbaar::benchmarks {
namespace {

constexpr std::array<std::pair<Row, std::string_view>, 12> kNames = {{
    {Row::kIngestJson, "ingest-json"},
    {Row::kIngest, "ingest"},
    {Row::kScarce, "scarce"},
    {Row::kDisk, "disk"},
    {Row::kNeedle, "needle"},
    {Row::kCold, "cold"},
    {Row::kLeak, "leak"},
    {Row::kCount, "count"},
    {Row::kVerify, "verify"},
    {Row::kMemory, "memory"},
    {Row::kGrowth, "growth"},
    {Row::kCompleteness, "completeness"},
}};

constexpr Line kLines[] = {
    {Row::kIngestJson, "durable ingest, from JSON Lines, k events/s", "ingest json", Unit::kEventsPerSecond,
     Better::kMore},
    {Row::kIngest, "durable ingest, binary, k events/s", "ingest", Unit::kEventsPerSecond, Better::kMore},
    {Row::kIngest, "  the clock stood still meanwhile, % of it", "ingest paused", Unit::kPercent, Better::kNeither},
    {Row::kIngest, "  settling afterwards, not in it, s", "settle", Unit::kSeconds, Better::kNeither},
    {Row::kScarce, "the same with scarce memory, k events/s", "scarce", Unit::kEventsPerSecond, Better::kMore},
    {Row::kScarce, "  its last tenth, k events/s", "scarce last", Unit::kEventsPerSecond, Better::kMore},
    {Row::kScarce, "  events that went in, M", "scarce events", Unit::kNumber, Better::kNeither},
    {Row::kDisk, "disk, all in, bytes/event", "disk", Unit::kBytes, Better::kLess},
    {Row::kNeedle, "needle by subject, warm, p50, us", "needle p50", Unit::kMicros, Better::kLess},
    {Row::kNeedle, "  p99, us", "needle p99", Unit::kMicros, Better::kLess},
    {Row::kNeedle, "  accesses found, each", "needle hits", Unit::kNumber, Better::kNeither},
    {Row::kCold, "the same cold, p50, us", "cold p50", Unit::kMicros, Better::kLess},
    {Row::kCold, "  p99, us", "cold p99", Unit::kMicros, Better::kLess},
    {Row::kCold, "  opening it cold, ms", "cold open", Unit::kMillis, Better::kNeither},
    {Row::kLeak, "leak query, 50 subjects, warm, p50, ms", "leak p50", Unit::kMillis, Better::kLess},
    {Row::kLeak, "  p99, ms", "leak p99", Unit::kMillis, Better::kLess},
    {Row::kCount, "accesses by day x system, all, p50, ms", "count p50", Unit::kMillis, Better::kLess},
    {Row::kVerify, "full verification, k events/s", "verify", Unit::kEventsPerSecond, Better::kMore},
    {Row::kMemory, "memory while ingesting, peak, MiB", "memory", Unit::kMebibytes, Better::kLess},
    {Row::kGrowth, "growth: ingest of the first tenth, k events/s", "growth ingest first", Unit::kEventsPerSecond,
     Better::kMore},
    {Row::kGrowth, "  of the last tenth, k events/s", "growth ingest last", Unit::kEventsPerSecond, Better::kMore},
    {Row::kGrowth, "  needle at a tenth, p50, us", "growth needle first", Unit::kMicros, Better::kLess},
    {Row::kGrowth, "  accesses found, each", "growth hits first", Unit::kNumber, Better::kNeither},
    {Row::kGrowth, "  needle at the end, p50, us", "growth needle last", Unit::kMicros, Better::kLess},
    {Row::kGrowth, "  accesses found, each", "growth hits last", Unit::kNumber, Better::kNeither},
    {Row::kGrowth, "  at the end, for as many accesses, us", "growth needle grown", Unit::kMicros, Better::kLess},
    {Row::kGrowth, "  accesses found, each", "growth hits grown", Unit::kNumber, Better::kNeither},
    {Row::kCompleteness, "completeness package, KiB", "completeness bytes", Unit::kNumber, Better::kNeither},
    {Row::kCompleteness, "  made in, ms", "completeness made", Unit::kMillis, Better::kNeither},
    {Row::kCompleteness, "  checked in, ms", "completeness checked", Unit::kMillis, Better::kNeither},
};

}  // namespace

std::string_view to_string(Row row) {
  return std::ranges::find(kNames, row, &std::pair<Row, std::string_view>::first)->second;
}

std::set<Row> all_rows() {
  std::set<Row> rows;
  for (const auto& [row, name] : kNames) rows.insert(row);
  return rows;
}

Result<std::set<Row>> parse_rows(std::string_view text) {
  std::set<Row> rows;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    const auto found = std::ranges::find(kNames, name, &std::pair<Row, std::string_view>::second);
    if (found == kNames.end()) {
      std::string known;
      for (const auto& [row, known_name] : kNames) known += fmt::format(" {}", known_name);
      return fail(Code::kInvalid, fmt::format("there is no row {}; there are{}", name, known));
    }
    rows.insert(found->first);
  }
  return rows;
}

std::span<const Line> all_lines() {
  return kLines;
}

}  // namespace weerbaar::benchmarks
