// What becomes of a row of a delivery, as the table "incoming" keeps it.
#pragma once

#include <cstdint>

namespace weerbaar::facts {

enum class Fate : uint8_t {
  kNew = 0,
  kUnchanged = 1,    // an earlier row or a fact says it already
  kWithdraws = 2,    // it withdraws a fact
  kOverlap = 3,      // refused, as all that follow: another one says something else of the same time
  kNoCase = 4,       // it refers to a case that is not known
  kOutsideCase = 5,  // the case was not open in that time
  kEndedBefore = 6,  // it ended before the moment of the snapshot
  kNoFact = 7,       // it withdraws what never was a fact
  kContradicts = 8,  // it withdraws what another row says
};
// In statements it is its number.
constexpr int format_as(Fate fate) {
  return static_cast<int>(fate);
}

}  // namespace weerbaar::facts
