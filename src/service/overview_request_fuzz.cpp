// Any bytes at all as a request for an overview: one that is taken is about one person by identity, within its limits,
// and no refusal is empty.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "service/api_json.h"
#include "service/overview_api.h"

namespace service = weerbaar::service;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto asked = service::read_overview_request({reinterpret_cast<const char*>(data), size});
  if (!asked) {
    WEERBAAR_CHECK(!asked.error().text.empty() && weerbaar::is_utf8(asked.error().text));
    return 0;
  }
  WEERBAAR_CHECK(!asked->of.id.empty() && asked->of.id[0] != weerbaar::kPseudonymMark);
  WEERBAAR_CHECK(asked->of.type != weerbaar::SubjectType::kEmployee &&
                 asked->of.type != weerbaar::SubjectType::kAddress);
  WEERBAAR_CHECK(!asked->request.empty() && weerbaar::is_utf8(asked->request));
  WEERBAAR_CHECK(!asked->range.from || !asked->range.to || *asked->range.from < *asked->range.to);
  WEERBAAR_CHECK(asked->limit >= 1 && asked->limit <= service::kItemsOfPageMax);
  return 0;
}
