#include "trail/package/package.h"
#include "trail/store/needle.h"

namespace weerbaar::trail {

Result<std::vector<Bytes>> person_pseudonyms(const Trail& trail, const Whom& whom) {
  if (!std::holds_alternative<OfSubject>(whom) && !std::holds_alternative<OfPseudonym>(whom)) {
    return fail(Code::kInvalid, "a complete answer is about whose data was consulted, and not about who consulted it");
  }
  std::vector<Period> destroyed;
  WEERBAAR_ASSIGN(std::vector<Needle> needles, needles_of(trail.keys(), whom, destroyed));
  std::vector<Bytes> keys;
  keys.reserve(needles.size());
  for (Needle& needle : needles) keys.push_back(std::move(needle.key));
  return keys;
}

}  // namespace weerbaar::trail
