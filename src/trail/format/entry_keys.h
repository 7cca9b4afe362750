// The keys of an entry. docs/formats/entry.md.
#pragma once

#include <cstdint>

namespace weerbaar::trail::entry_key {

// Keys of the map of an access event. Ascending in the order of the fields below, so that what belongs to the actor
// (5–8) and to the shape (9–16) stands together.
enum Key : int64_t {
  kKind = 0,
  kId = 1,
  kTime = 2,
  kReceived = 3,
  kPeriod = 4,
  kActorId = 5,
  kActorType = 6,
  kFunction = 7,
  kUnit = 8,
  kSource = 9,
  kAction = 10,
  kSystem = 11,
  kComponent = 12,
  kData = 13,
  kProcessingActivity = 14,
  kLegalBasis = 15,
  kOutcome = 16,
  kSubjects = 17,
  kRecords = 18,
  kCase = 19,
  kQuery = 20,
  kBreakGlass = 21,
  kTraceId = 22,
  kSpanId = 23,
  kMarks = 24,
  kOnBehalfOf = 25,
  kReason = 26,
  kTerminal = 27,
  kIp = 28,
  kLocation = 29,
  kParentSpanId = 30,
  kAttributes = 31,
};
}  // namespace weerbaar::trail::entry_key
