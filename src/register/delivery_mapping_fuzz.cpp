// Any text as a mapping: it is refused with its place, or a delivery is read by it.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "register/formats.h"

namespace {

constexpr std::string_view kLdif =
    "dn: cn=a\nobjectClass: inetOrgPerson\nuid: a\nemployeeNumber: 1\ntitle: t\ndepartment: d\n\n"
    "dn: cn=g\nobjectClass: groupOfNames\ncn: g\nmember: cn=a\n";
constexpr std::string_view kZgw =
    R"({"url":"https://x/1","identificatie":"Z","zaaktype":"T","startdatum":"2026-01-01"})"
    R"({"zaak":"https://x/1","betrokkeneType":"medewerker","omschrijvingGeneriek":"behandelaar",)"
    R"("registratiedatum":"2026-01-01","betrokkeneIdentificatie":{"identificatie":"1"}})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::facts;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const DeliveryFormat& format : delivery_formats()) {
    auto mapping = parse_delivery_mapping(format.name, text, "fuzz.toml");
    if (!mapping) {
      WEERBAAR_CHECK(mapping.error().code == weerbaar::Code::kInvalid);
      WEERBAAR_CHECK(mapping.error().text.starts_with("fuzz.toml:"));
      continue;
    }
    WEERBAAR_CHECK(!mapping->tables.empty());
    const auto delivery = format.open(format.name == "zgw" ? kZgw : kLdif, std::move(*mapping), true);
    const auto read = delivery->read([](const FactRow&) { return weerbaar::Status(); },
                                     [](const Refusal& refusal) { WEERBAAR_CHECK(refusal.place > 0); });
    WEERBAAR_CHECK(read.has_value() || read.error().code == weerbaar::Code::kInvalid);
  }
  return 0;
}
