// Any bytes as requests on one connection: read alike however they are cut, within the limits, and the memory of bodies
// is given back. The first byte says how they are cut.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/body.h"
#include "http/peer.h"
#include "http/request_reader.h"

namespace {

using namespace weerbaar::http;
using State = RequestReader::State;

struct Seen {
  std::string target;
  std::string body;
  int status = 0;

  bool operator==(const Seen&) const = default;
};

Limits small_limits() {
  Limits limits;
  limits.header_bytes_max = 2'048;
  limits.header_fields_max = 20;
  limits.body_bytes_max = 8'192;
  limits.bodies_bytes_max = 100'000;
  return limits;
}

// All requests in `bytes`, the last with a status when it was refused.
std::vector<Seen> read_all(std::string_view bytes, size_t piece) {
  const Limits limits = small_limits();
  MemoryBudget budget(limits.bodies_bytes_max);
  std::vector<Seen> all;
  RequestReader reader(limits, budget);
  while (!bytes.empty()) {
    const size_t used = reader.read(bytes.substr(0, piece));
    WEERBAAR_CHECK(used <= bytes.size());
    bytes.remove_prefix(used);
    if (reader.state() == State::kHeadIs) reader.read_body(limits.body_bytes_max);
    if (reader.state() == State::kRefused) {
      // Of two faults the one that shows first is told.
      WEERBAAR_CHECK(reader.refusal().status >= 400);
      all.push_back({"", "", 400});
      return all;
    }
    if (reader.state() != State::kDone) {
      WEERBAAR_CHECK(used > 0 || reader.state() == State::kBody);
      continue;
    }
    Request& request = reader.request();
    WEERBAAR_CHECK(request.body.size() <= limits.body_bytes_max);
    const auto peer = forwarded_peer(request);
    WEERBAAR_CHECK(!peer ||
                   (!peer->name.empty() && peer->name.find_first_not_of("0123456789abcdef.:") == peer->name.npos));
    const auto refusal = decode_body(request, reader.body_bytes_max(), reader.body_memory());
    WEERBAAR_CHECK(refusal || request.body.size() <= limits.body_bytes_max);
    all.push_back({request.target, refusal ? "" : request.body, refusal ? refusal->status : 0});
    reader = RequestReader(limits, budget);
    WEERBAAR_CHECK(budget.used() == 0);
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::vector<Seen> whole = read_all(bytes, bytes.size());
  WEERBAAR_CHECK(read_all(bytes, 1 + data[0] % 64U) == whole);
  return 0;
}
