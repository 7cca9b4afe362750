#include "trail/store/integer_scan.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

std::unexpected<Error> corrupt(const char* what) {
  return fail(Code::kCorrupt, what);
}

// Columns that stand in others have an encoding that takes no memory.
Status scan_part(ByteView& bytes, uint64_t rows, std::vector<int64_t>& values) {
  const bool is_known =
      bytes.size() >= 2 && load_le<uint16_t>(bytes.data()) <= static_cast<uint16_t>(Encoding::kIntegers16);
  if (!is_known) return corrupt("a part of a column has another encoding than parts have");
  uint64_t no_budget = 0;
  WEERBAAR_ASSIGN(const IntegerColumn part, open_nested(bytes, rows, no_budget));
  values.resize(rows);
  part.read_all(values);
  return {};
}

Status scan_steps(uint64_t rows, ByteView bytes, std::vector<int64_t>& values) {
  if (rows < 2 || bytes.size() < 8) return corrupt("a column of steps is cut short");
  auto value = load_le<uint64_t>(bytes.data());
  bytes = bytes.subspan(8);
  WEERBAAR_TRY(scan_part(bytes, rows - 1, values));
  if (!bytes.empty()) return corrupt("a column of steps has bytes left over");
  for (int64_t& row : values) {
    const auto step = static_cast<uint64_t>(row);
    row = static_cast<int64_t>(value);
    value += step;
  }
  values.push_back(static_cast<int64_t>(value));
  return {};
}

// What is said of a column that stands in another one: u16 encoding, u16 zero, u32 length. Moves `bytes` past it.
struct Nested {
  Encoding encoding;
  ByteView bytes;
};
Result<Nested> take_nested(ByteView& bytes) {
  if (bytes.size() < 8) return corrupt("a nested column is cut short");
  const auto encoding = static_cast<Encoding>(load_le<uint16_t>(bytes.data()));
  const auto length = load_le<uint32_t>(bytes.data() + 4);
  bytes = bytes.subspan(8);
  if (length > bytes.size()) return corrupt("a nested column is cut short");
  const Nested nested{encoding, bytes.first(length)};
  bytes = bytes.subspan(length);
  return nested;
}

}  // namespace

const SectionPlace& place_of(const SegmentHead& head, Section section) {
  const auto found = std::ranges::find(head.sections, section, &SectionPlace::id);
  WEERBAAR_CHECK(found != head.sections.end());
  return *found;
}

Result<ByteView> checked_section(ByteView file, const SegmentHead& head, Section section) {
  const SectionPlace& place = place_of(head, section);
  const ByteView bytes = file.subspan(place.offset, place.length);
  if (XXH3_64bits(bytes.data(), bytes.size()) == place.checksum) return bytes;
  return fail(Code::kCorrupt, fmt::format("section \"{}\" is damaged: its checksum is wrong", to_string(section)));
}

Status scan_integers(Encoding encoding, uint64_t rows, ByteView bytes, std::vector<int64_t>& values) {
  if (encoding == Encoding::kIntegersSteps) return scan_steps(rows, bytes, values);
  if (encoding == Encoding::kIntegersRuns) {
    IntegerRuns runs;
    WEERBAAR_TRY(scan_runs(encoding, rows, bytes, runs));
    values.resize(rows);
    auto to = values.begin();
    for (size_t run = 0; run < runs.values.size(); ++run) to = std::fill_n(to, runs.lengths[run], runs.values[run]);
    return {};
  }
  uint64_t no_budget = 0;
  WEERBAAR_ASSIGN(const IntegerColumn column, IntegerColumn::open(encoding, rows, bytes, no_budget));
  values.resize(rows);
  column.read_all(values);
  return {};
}

Status scan_runs(Encoding encoding, uint64_t rows, ByteView bytes, IntegerRuns& runs) {
  if (encoding == Encoding::kIntegersConstant && rows > 0) {
    if (bytes.size() != 8) return corrupt("a constant column is not 8 bytes");
    runs.values.assign(1, static_cast<int64_t>(load_le<uint64_t>(bytes.data())));
    runs.lengths.assign(1, static_cast<int64_t>(rows));
    return {};
  }
  if (encoding != Encoding::kIntegersRuns) {
    WEERBAAR_TRY(scan_integers(encoding, rows, bytes, runs.values));
    runs.lengths.assign(runs.values.size(), 1);
    return {};
  }
  if (bytes.size() < 8) return corrupt("a column of runs is cut short");
  const auto count = load_le<uint64_t>(bytes.data());
  if (count == 0 || count > rows) return corrupt("a column of runs has an impossible number of them");
  bytes = bytes.subspan(8);
  WEERBAAR_TRY(scan_part(bytes, count, runs.values));
  WEERBAAR_TRY(scan_part(bytes, count, runs.lengths));
  if (!bytes.empty()) return corrupt("a column of runs has bytes left over");
  uint64_t left = rows;
  for (const int64_t length : runs.lengths) {
    if (length <= 0 || static_cast<uint64_t>(length) > left) return corrupt("a run goes beyond its column");
    left -= static_cast<uint64_t>(length);
  }
  return left == 0 ? Status() : corrupt("the runs do not fill their column");
}

Result<TextParts> split_texts(Encoding encoding, uint64_t rows, ByteView bytes) {
  constexpr uint64_t kSizes = 16;  // that of a list, and the one that it is stored in, or 0
  if (bytes.size() < 8 + kSizes) return corrupt("a dictionary is cut short");
  TextParts parts;
  parts.items = load_le<uint64_t>(bytes.data());
  if (parts.items > rows) return corrupt("a list of texts has more items than rows");
  bytes = bytes.subspan(8);
  if (encoding == Encoding::kTextsTable) {
    WEERBAAR_ASSIGN(const Nested table, take_nested(bytes));
    if (table.encoding != Encoding::kTextsPlain && table.encoding != Encoding::kTextsNumbered) {
      return corrupt("a table of texts has another encoding than tables have");
    }
    parts.items_encoding = table.encoding;
    parts.item_bytes = table.bytes;
  } else {
    const auto raw = load_le<uint64_t>(bytes.data());
    const auto stored = load_le<uint64_t>(bytes.data() + 8);
    const uint64_t taken = stored == 0 ? raw : stored;
    if (taken > bytes.size() - kSizes) return corrupt("a block of texts has an impossible size");
    parts.item_bytes = bytes.first(kSizes + taken);
    bytes = bytes.subspan(kSizes + taken);
  }
  WEERBAAR_ASSIGN(const Nested codes, take_nested(bytes));
  parts.codes_encoding = codes.encoding;
  parts.code_bytes = codes.bytes;
  if (encoding == Encoding::kTextsNumbered) {
    WEERBAAR_ASSIGN(const Nested steps, take_nested(bytes));
    parts.steps_encoding = steps.encoding;
    parts.step_bytes = steps.bytes;
  }
  if (!bytes.empty()) return corrupt("a column of texts has bytes left over");
  return parts;
}

Status scan_rows_with_text(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget,
                           std::vector<uint32_t>& with_text) {
  with_text.clear();
  if (encoding != Encoding::kTextsDictionary && encoding != Encoding::kTextsTable) {
    WEERBAAR_ASSIGN(const TextColumn column, TextColumn::open(encoding, rows, bytes, budget));
    column.rows_with_text(with_text);
    return {};
  }
  WEERBAAR_ASSIGN(const TextParts parts, split_texts(encoding, rows, bytes));
  WEERBAAR_ASSIGN(const TextColumn items,
                  TextColumn::open(parts.items_encoding, parts.items, parts.item_bytes, budget));
  IntegerRuns runs;
  WEERBAAR_TRY(scan_runs(parts.codes_encoding, rows, parts.code_bytes, runs));
  if (!all_below(runs.values, items.rows())) return corrupt("a code points outside its dictionary");
  uint64_t row = 0;
  for (size_t run = 0; run < runs.values.size(); ++run) {
    const uint64_t end = row + static_cast<uint64_t>(runs.lengths[run]);
    if (items.at(static_cast<uint64_t>(runs.values[run])).empty()) row = end;
    for (; row < end; ++row) with_text.push_back(static_cast<uint32_t>(row));
  }
  return {};
}

Status scan_text(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget, uint64_t row, std::string& text) {
  if (encoding != Encoding::kTextsDictionary && encoding != Encoding::kTextsTable) {
    WEERBAAR_ASSIGN(const TextColumn column, TextColumn::open(encoding, rows, bytes, budget));
    text = column.at(row);
    return {};
  }
  WEERBAAR_ASSIGN(const TextParts parts, split_texts(encoding, rows, bytes));
  WEERBAAR_ASSIGN(const TextColumn items,
                  TextColumn::open(parts.items_encoding, parts.items, parts.item_bytes, budget));
  IntegerRuns runs;
  WEERBAAR_TRY(scan_runs(parts.codes_encoding, rows, parts.code_bytes, runs));
  if (!all_below(runs.values, items.rows())) return corrupt("a code points outside its dictionary");
  size_t run = 0;
  for (auto end = static_cast<uint64_t>(runs.lengths[0]); row >= end;) {
    end += static_cast<uint64_t>(runs.lengths[++run]);
  }
  text = items.at(static_cast<uint64_t>(runs.values[run]));
  return {};
}

bool all_below(std::span<const int64_t> values, uint64_t limit) {
  // Without a comparison a compiler takes several values at a time: what lies inside has no sign, and gets one when the
  // limit is taken off.
  uint64_t any = 0;
  uint64_t all = ~uint64_t{0};
  for (const int64_t value : values) {
    any |= static_cast<uint64_t>(value);
    all &= static_cast<uint64_t>(value) - limit;
  }
  constexpr uint64_t kSign = uint64_t{1} << 63U;
  return values.empty() || ((any & kSign) == 0 && (all & kSign) != 0);
}

}  // namespace weerbaar::trail
