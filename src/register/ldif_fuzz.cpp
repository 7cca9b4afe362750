// Any bytes as LDIF: what comes out does not depend on the cuts, each row fits its table, and a name that was parsed is
// its own normal form.
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "register/distinguished_name.h"
#include "register/ldif_records.h"
#include "register/testing.h"

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
      all += fmt::format("{} {} {}\n", record.line, static_cast<int>(record.sort), record.problem);
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
  check_reading_of("ldif", input, "system = \"S\"");
  return 0;
}
