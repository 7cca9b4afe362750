// The rows of the table: what is measured, and how it is shown.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::benchmarks {

enum class Row : uint8_t {
  kIngestJson,
  kIngest,
  kScarce,
  kDisk,
  kNeedle,
  kCold,
  kLeak,
  kCount,
  kVerify,
  kMemory,
  kGrowth,
  kCompleteness,
};

// As in --rows.
std::string_view to_string(Row row);
std::set<Row> all_rows();
// "needle,disk". kInvalid names what is no row, and lists those there are.
Result<std::set<Row>> parse_rows(std::string_view text);

enum class Unit : uint8_t { kEventsPerSecond, kBytes, kMebibytes, kMicros, kMillis, kSeconds, kPercent, kNumber };
// Which is better, for the ratio; kNeither has none.
enum class Better : uint8_t { kMore, kLess, kNeither };

// One line of the table.
struct Line {
  Row row;
  std::string_view title;
  std::string_view number;  // in Figures::numbers
  Unit unit;
  Better better;
};

std::span<const Line> all_lines();

}  // namespace weerbaar::benchmarks
