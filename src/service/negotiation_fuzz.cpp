// Any bytes at all: what is wanted is one of what there is, and large and small letters say the same.
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/negotiation.h"

namespace service = weerbaar::service;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::array<std::string_view, 3> kTypes = {"application/json", "text/csv", "application/pdf"};
  const std::string field(reinterpret_cast<const char*>(data), size);
  std::string large = field;
  for (char& c : large) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto wanted = service::wanted_type(field, kTypes);
  WEERBAAR_CHECK(!wanted || *wanted < kTypes.size());
  WEERBAAR_CHECK(wanted == service::wanted_type(large, kTypes));
  WEERBAAR_CHECK(service::wanted_language(field) == service::wanted_language(large));
  return 0;
}
