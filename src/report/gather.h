// Reads a month of a trail, judges it, and counts what a report says.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "examine/purpose/check.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/judge.h"
#include "report/calendar.h"
#include "report/gaps.h"
#include "report/tally.h"
#include "trail/store/trail.h"

namespace weerbaar::report {

inline constexpr int64_t kMonthsBefore = 5;

// What one unit did, and the function that most of its accesses were made in: units that have it too are comparable.
struct UnitTally {
  Tally tally;
  std::map<std::string, uint64_t> functions;
};

struct SourceTally {
  std::vector<bool> days;  // of the month, on which it delivered anything
  SourceGaps gaps;         // of the days that are over
};

struct Gathered {
  Tally all;
  FirstTally first;
  uint64_t persons = 0;                    // different ones
  uint64_t unreadable = 0;                 // under keys that are destroyed
  std::string findings;                    // SHA-256 of what the check found
  std::map<std::string, UnitTally> units;  // "": of which nobody knows the unit
  std::map<std::string, Tally> systems;
  std::map<std::string, SourceTally> sources;
  uint32_t days_over = 0;         // of the month: of others nobody knows yet what a source will deliver
  std::map<Month, Tally> before;  // months before, without those of which nothing is there
};

// A source of the settings: one that delivers nothing is there all the same.
struct KnownSource {
  std::string name;
  bool has_heartbeat = false;
};

struct GatherChoice {
  Month month;
  uint64_t size = 0;            // of the trail
  std::string_view own_source;  // whose accesses are left out
  std::vector<KnownSource> sources = {};
  Time now = {};  // days are over or not at this moment
};
using TellProgress = std::function<void(uint64_t index)>;

// Says what will be asked, beside what the judge does; before facts are loaded.
void want(purpose::FactBase& facts);
// Takes what purpose::check() and detect::Observer take, and 8 bytes for each person of the month and each of the
// accesses of one segment: nothing that grows with the accesses. Errors of both.
Result<Gathered> gather(const trail::Trail& trail, const purpose::Judge& judge, purpose::FactBase& facts,
                        const Calendar& calendar, const GatherChoice& choice, const TellProgress& tell);

}  // namespace weerbaar::report
