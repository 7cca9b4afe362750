#include "examine/trace/assumptions.h"

#include <fmt/format.h>

namespace weerbaar::trace {

Status check(const Assumptions& assumptions) {
  // Written so that what is no number is refused too.
  if (!(assumptions.elsewhere >= kElsewhereMin && assumptions.elsewhere <= kElsewhereMax)) {
    return fail(Code::kInvalid, fmt::format("the chance that data came from elsewhere lies between {} and {}",
                                            kElsewhereMin, kElsewhereMax));
  }
  if (!(assumptions.explained_weight >= 0 && assumptions.explained_weight <= 1)) {
    return fail(Code::kInvalid, "the weight of an explained consultation lies between 0 and 1");
  }
  if (assumptions.leakers < 1 || assumptions.leakers > kLeakersMax) {
    return fail(Code::kInvalid, fmt::format("the number of leakers considered lies between 1 and {}", kLeakersMax));
  }
  if (assumptions.drawings < 1 || assumptions.drawings > kDrawingsMax) {
    return fail(Code::kInvalid, fmt::format("the number of control lists lies between 1 and {}", kDrawingsMax));
  }
  return {};
}

}  // namespace weerbaar::trace
