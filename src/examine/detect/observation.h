// One access as the detectors see it: judged, with who did it and from where, without identities.
#pragma once

#include <cstdint>
#include <span>

#include "domain/access_event.h"
#include "examine/purpose/judge.h"

namespace weerbaar::detect {

using purpose::kNoSymbol;
using purpose::kUnknown;
using purpose::Symbol;

// Why the purpose check flagged a subject, as bits: rules of the program that detectors know by their id.
enum Flag : uint32_t {
  kSelf = 1U << 0U,
  kDeclaredRelation = 1U << 1U,
  kSameAddress = 1U << 2U,
  kNeighbour = 1U << 3U,
  kColleague = 1U << 4U,
  kShielded = 1U << 5U,
  kWrongCase = 1U << 6U,  // the claimed case is unknown, closed, or about somebody else
  kOtherFlag = 1U << 7U,
};

struct ObservedSubject {
  Symbol symbol = kUnknown;  // kUnknown when no fact is about it
  uint64_t hash = 0;         // the same for the same person; of one whom no fact is about, within a quarter
  uint64_t number = 0;       // what its identifier is as a number, above 0; 0 when it is none
  uint32_t flags = 0;        // Flag
  bool explained = false;
  bool by_broken_glass = false;  // it is explained, and by nothing but that the glass was broken with a reason
  // The work explained an earlier look of this employee, in this period or the one before. About one in a hundred is
  // taken for one by mistake.
  bool known_by_work = false;
};

struct Observation {
  uint64_t index = 0;     // of the entry
  int64_t time = 0;       // microseconds since 1970
  uint32_t employee = 0;  // numbered as they come
  uint32_t account = 0;   // numbered as they come
  Symbol employee_symbol = kUnknown;
  Symbol system = kNoSymbol;
  Symbol location = kNoSymbol;
  uint64_t terminal = 0;  // a hash; 0 when nothing is said
  Action action = Action::kRead;
  uint64_t records = 0;
  bool is_explained = false;  // the access as a whole
  bool claims_case = false;   // and the case is there, open, and about the person
  bool break_glass = false;
  uint32_t reason_bytes = 0;
  uint64_t reason = 0;  // a hash: equal reasons of one quarter have the same
  std::span<const ObservedSubject> subjects;
};

}  // namespace weerbaar::detect
