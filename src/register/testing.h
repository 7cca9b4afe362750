// What a delivery keeps to when it is read, whatever its bytes: for fuzzers.
#pragma once

#include <string_view>
#include <utility>

#include "base/check.h"
#include "register/formats.h"

namespace weerbaar::facts {

// Each row that comes out fits its table, each refusal says where and why, and an error is one of the input.
inline void check_reading_of(Delivery& delivery) {
  const auto read = delivery.read(
      [&](const FactRow& row) -> Status {
        WEERBAAR_CHECK(row.table != nullptr && row.place > 0 && row.valid_from < row.valid_to);
        WEERBAAR_CHECK(row.cells.size() == row.table->columns.size());
        for (size_t i = 0; i < row.cells.size(); ++i) {
          const bool is_filled_in_later =
              row.cells[i].empty() && (!row.reference.empty() || (row.withdraws && i >= row.table->key));
          WEERBAAR_CHECK(is_filled_in_later || check_cell(row.table->columns[i], row.cells[i]).has_value());
          WEERBAAR_CHECK(row.cells[i].empty() || delivery.knows(*row.table, i));
        }
        return {};
      },
      [](const Refusal& refusal) { WEERBAAR_CHECK(refusal.place > 0 && !refusal.why.empty()); });
  WEERBAAR_CHECK(read.has_value() || read.error().code == Code::kInvalid);
}

// The same of a file in a format: as a snapshot that must be whole, and as one delivery of several.
inline void check_reading_of(std::string_view format, std::string_view file, std::string_view mapping_text) {
  for (const bool is_snapshot : {false, true}) {
    auto mapping = parse_delivery_mapping(format, mapping_text, "m.toml");
    WEERBAAR_CHECK(mapping.has_value());
    mapping->may_lack_its_end = !is_snapshot;
    check_reading_of(*find_delivery_format(format)->open(file, std::move(*mapping), is_snapshot));
  }
}

}  // namespace weerbaar::facts
