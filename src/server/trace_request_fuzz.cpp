// Any bytes at all as a request for a trace: one that is taken keeps within its limits, and no refusal is empty.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "server/trace_api.h"

namespace server = weerbaar::server;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto asked = server::read_trace_request({reinterpret_cast<const char*>(data), size});
  if (!asked) {
    WEERBAAR_CHECK(!asked.error().text.empty() && weerbaar::is_utf8(asked.error().text));
    return 0;
  }
  WEERBAAR_CHECK(!asked->leaked.empty() && asked->leaked.size() <= server::kLeakedOfRequestMax);
  WEERBAAR_CHECK(asked->range.from && asked->range.to && *asked->range.from < *asked->range.to);
  WEERBAAR_CHECK(asked->top >= 1 && asked->top <= server::kRankedMax);
  WEERBAAR_CHECK(!asked->case_id.empty() && !asked->reason.empty());
  return 0;
}
