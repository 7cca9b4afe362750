// Any bytes at all as a request for a package: one that is taken is about a person or about entries, with a case and a
// reason, and no refusal is empty.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "server/proof_api.h"

namespace server = weerbaar::server;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request = server::read_package_request({reinterpret_cast<const char*>(data), size});
  if (!request) {
    WEERBAAR_CHECK(!request.error().text.empty() && weerbaar::is_utf8(request.error().text));
    return 0;
  }
  const server::ProofAsked& asked = request->asked;
  WEERBAAR_CHECK(asked.whom.has_value() == asked.entries.empty());
  WEERBAAR_CHECK(asked.entries.size() <= server::kProvenOfRequestMax);
  WEERBAAR_CHECK(!asked.range.from || !asked.range.to || *asked.range.from < *asked.range.to);
  WEERBAAR_CHECK(asked.disclosure == weerbaar::trail::Disclosure::kPseudonyms);
  WEERBAAR_CHECK(!request->case_id.empty() && !request->reason.empty());
  return 0;
}
