// Any bytes as a file of facts: each row that comes out fits its table, and each refusal says where and why.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "register/fact_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::facts;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"contact", "unit"}) {
    const Table& table = *find_table(name);
    const auto delivery = open_fact_file(table, input);
    if (!delivery) {
      WEERBAAR_CHECK(delivery.error().code == weerbaar::Code::kInvalid);
      continue;
    }
    const auto read = (*delivery)->read(
        [&](const FactRow& row) -> weerbaar::Status {
          WEERBAAR_CHECK(row.table == &table && row.place > 1 && row.valid_from < row.valid_to);
          for (size_t i = 0; i < row.cells.size(); ++i) {
            WEERBAAR_CHECK(check_cell(table.columns[i], row.cells[i]).has_value());
          }
          return {};
        },
        [](const Refusal& refusal) { WEERBAAR_CHECK(refusal.place > 1 && !refusal.why.empty()); });
    WEERBAAR_CHECK(read.has_value());
  }
  return 0;
}
