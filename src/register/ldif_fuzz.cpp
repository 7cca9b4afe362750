// Any bytes as LDIF: what comes out does not depend on the cuts, each row fits its table, and a name that was parsed is
// its own normal form.
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "register/distinguished_name.h"
#include "register/formats.h"
#include "register/ldif_records.h"

namespace {

using namespace weerbaar::facts;

std::string records(std::string_view input, size_t piece_bytes) {
  std::string all;
  LdifSplitter splitter;
  LdifRecord record;
  const auto take = [&] {
    while (splitter.next(record)) {
      WEERBAAR_CHECK(record.line > 0);
      WEERBAAR_CHECK(record.problem.empty() != record.attributes.empty());
      all += fmt::format("{} {}\n", record.line, record.problem);
      for (const LdifAttribute& attribute : record.attributes) {
        all += fmt::format("{} {} {} {}\n", attribute.line, attribute.name, attribute.options, attribute.value);
      }
    }
  };
  for (size_t at = 0; at < input.size(); at += piece_bytes) {
    splitter.feed(input.substr(at, piece_bytes));
    take();
  }
  splitter.finish();
  take();
  return all;
}

void check_name(std::string_view text) {
  const auto name = parse_distinguished_name(text);
  if (!name) return;
  const auto again = parse_distinguished_name(name->normal);
  WEERBAAR_CHECK(again.has_value() && again->normal == name->normal && again->parent == name->parent);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  WEERBAAR_CHECK(records(input, 7) == records(input, input.size() + 1));
  check_name(input.substr(0, input.find('\n')));
  auto mapping = parse_delivery_mapping("ldif", "system = \"S\"", "m.toml");
  WEERBAAR_CHECK(mapping.has_value());
  const auto delivery = find_delivery_format("ldif")->open(input, std::move(*mapping), true);
  const auto read = delivery->read(
      [&](const FactRow& row) -> weerbaar::Status {
        WEERBAAR_CHECK(row.table != nullptr && row.place > 0);
        for (size_t i = 0; i < row.cells.size(); ++i) {
          WEERBAAR_CHECK(check_cell(row.table->columns[i], row.cells[i]).has_value());
          WEERBAAR_CHECK(row.cells[i].empty() || delivery->knows(*row.table, i));
        }
        return {};
      },
      [](const Refusal& refusal) { WEERBAAR_CHECK(refusal.place > 0 && !refusal.why.empty()); });
  WEERBAAR_CHECK(read.has_value());
  return 0;
}
