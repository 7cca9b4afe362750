// The purpose check: every access of a trail, judged.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "examine/purpose/access_reader.h"
#include "examine/purpose/judge.h"
#include "trail/format/sha256.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"

namespace weerbaar::purpose {

struct Tally {
  uint64_t checked = 0;
  uint64_t explained = 0;
  uint64_t flagged = 0;
  uint64_t unexplained = 0;
};

// What came of it. The first accesses are those of an employee to a subject whom the employee did not look at before in
// this check, by whatever account: they are harder to explain than the others.
struct CheckReport {
  Tally all;
  Tally first;
  std::vector<uint64_t> by_rule;  // accesses in which it is a finding, by its number in Judge::rules()
  uint64_t unreadable = 0;        // under keys that are destroyed: they can be judged no more
  // SHA-256 over the findings of all accesses in order (docs/formats/policy.md): the same accesses, facts and rules
  // give the same.
  trail::Hash findings{};
};

struct Judged {
  uint64_t index = 0;
  const Access* access = nullptr;
  Outcome outcome = Outcome::kUnexplained;
  bool is_first = false;
  std::span<const Finding> findings;
};
// Called for each access, in the order of the trail. An error ends the check.
using TakeJudged = std::function<Status(const Judged&)>;

// Called for accesses in the range, in order, at least once for each 65,536 entries that hold any: the first of these
// entries, the bytes of verdicts (findings.h), and by whose keys each of these was written.
using TakeVerdicts = std::function<Status(uint64_t first, ByteView verdicts, std::span<const uint16_t> periods)>;

// Judges every access of the portion whose time lies in the range. `facts` are those of the judge, which says by want()
// and want_accounts() what they must hold. kDenied when the trail was opened without keys, kCorrupt names what is
// damaged. Takes 16 bytes of memory for each pair of employee and subject, and for each thread what AccessReader takes
// and three batches of it.
Result<CheckReport> check(const trail::Trail& trail, const Judge& judge, FactBase& facts, const trail::TimeRange& range,
                          const TakeJudged& take, const TakeVerdicts& take_verdicts, const Portion& portion = {});

}  // namespace weerbaar::purpose
