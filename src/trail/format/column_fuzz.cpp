// Whatever the bytes of a column, every row can be read, and its texts stay within the budget. The input: encoding in
// two bytes, rows in two bytes, content.
#include <string>
#include <vector>

#include "base/check.h"
#include "trail/format/column.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  using namespace weerbaar::trail;
  if (size < 4) return 0;
  const auto encoding = static_cast<Encoding>(load_le<uint16_t>(data));
  const uint64_t rows = load_le<uint16_t>(data + 2);
  const Bytes content(data + 4, data + size);  // a copy of its own, so that a sanitizer sees every byte beyond it
  constexpr uint64_t kBudget = 1 << 20;
  uint64_t budget = kBudget;
  if (const auto column = IntegerColumn::open(encoding, rows, content, budget)) {
    std::vector<int64_t> all(rows);
    column->read_all(all);
    for (uint64_t row = 0; row < rows; ++row) WEERBAAR_CHECK(column->at(row) == all[row]);
    std::vector<int64_t> visited;
    column->visit([&](uint64_t first, std::span<const int64_t> values) {
      WEERBAAR_CHECK(first == visited.size());
      visited.insert(visited.end(), values.begin(), values.end());
    });
    WEERBAAR_CHECK(visited == all);
  }
  budget = kBudget;
  if (const auto column = TextColumn::open(encoding, rows, content, budget)) {
    uint64_t bytes = 0;
    for (uint64_t row = 0; row < rows; ++row) {
      const auto text = column->at(row);
      WEERBAAR_CHECK(text.size() <= kColumnTextBytesMax + 20);  // a pattern and its number
      for (const char c : text) bytes += static_cast<uint8_t>(c);
    }
    WEERBAAR_CHECK(budget <= kBudget && bytes < UINT64_MAX);
    for (uint64_t item = 0; item < column->items(); ++item) bytes += column->item(item).size();
    const std::vector<uint32_t> items = column->item_numbers();
    for (uint64_t row = 0; row < rows; ++row) WEERBAAR_CHECK(column->item(items[row]) == column->at(row));
    std::vector<uint32_t> filled;
    column->rows_with_text(filled);
    WEERBAAR_CHECK(filled.size() <= rows && bytes < UINT64_MAX);
  }
  budget = kBudget;
  if (const auto column = NumberedColumn::open(rows, content, budget)) {
    std::string text;
    for (uint64_t row = 0; row < rows; ++row) {
      text.clear();
      column->append(row, text);
      WEERBAAR_CHECK(text.size() <= kColumnTextBytesMax + 20 && text.size() <= column->bytes_max());
    }
  }
  return 0;
}
