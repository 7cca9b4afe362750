// Any bytes as a delivery: each row that comes out fits its table, and each refusal says where and why.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "register/formats.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::facts;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const bool is_snapshot : {false, true}) {
    auto mapping = parse_delivery_mapping("scim", "system = \"S\"", "m.toml");
    WEERBAAR_CHECK(mapping.has_value());
    const auto delivery = find_delivery_format("scim")->open(input, std::move(*mapping), is_snapshot);
    const auto read = delivery->read(
        [&](const FactRow& row) -> weerbaar::Status {
          WEERBAAR_CHECK(row.table != nullptr && row.place > 0 && row.valid_from < row.valid_to);
          for (size_t i = 0; i < row.cells.size(); ++i) {
            const bool is_filled_in_later = !row.reference.empty() && row.cells[i].empty();
            WEERBAAR_CHECK(is_filled_in_later || check_cell(row.table->columns[i], row.cells[i]).has_value());
            WEERBAAR_CHECK(row.cells[i].empty() || delivery->knows(*row.table, i));
          }
          return {};
        },
        [](const Refusal& refusal) { WEERBAAR_CHECK(refusal.place > 0 && !refusal.why.empty()); });
    WEERBAAR_CHECK(read.has_value() || read.error().code == weerbaar::Code::kInvalid);
  }
  return 0;
}
