// Any bytes at all as a question about authorisations: one that is taken asks for somebody or something, within its
// limits, and no refusal is empty.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "server/authorisation_api.h"
#include "service/api_json.h"

namespace server = weerbaar::server;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const weerbaar::Time now{1'767'700'000'000'000, 0};
  const auto asked = server::read_authorisation_request({reinterpret_cast<const char*>(data), size}, now);
  if (!asked) {
    WEERBAAR_CHECK(!asked.error().text.empty() && weerbaar::is_utf8(asked.error().text));
    return 0;
  }
  WEERBAAR_CHECK(!asked->employee.empty() || !asked->system.empty());
  WEERBAAR_CHECK(weerbaar::is_utf8(asked->employee) && weerbaar::is_utf8(asked->system));
  WEERBAAR_CHECK(asked->limit >= 1 && asked->limit <= weerbaar::service::kItemsOfPageMax);
  return 0;
}
