// How many accesses, by any of the fields that identify nobody.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

// What accesses can be grouped by and chosen on. Times are UTC.
enum class CountField : uint8_t {
  kYear,     // 2026
  kMonth,    // 2026-03
  kDay,      // 2026-03-02
  kHour,     // 00 to 23, of the day
  kWeekday,  // 1 (Monday) to 7, ISO 8601
  kSource,
  kSystem,
  kComponent,
  kAction,
  kOutcome,
  kActivity,  // processing activity
  kLegalBasis,
  kUnit,
  kFunction,
  kActorType,
  kBreakGlass,  // "true" or "false"
};

enum class Comparison : uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// Compared as text; the forms above sort as what they mean.
struct Condition {
  CountField field;
  Comparison comparison;
  std::string value;
};

struct CountQuery {
  std::vector<CountField> group_by;
  std::vector<Condition> where;  // all must hold
};

struct CountGroup {
  std::vector<std::string> values;  // one for each field of group_by, empty where the event has none
  uint64_t events = 0;
};

std::string_view to_string(CountField field);
// "day,system". kInvalid names what is no field, and lists those there are.
Result<std::vector<CountField>> parse_group_by(std::string_view text);
// "system=BVR and hour>=19 and unit!='inning west'". kInvalid with the position.
Result<std::vector<Condition>> parse_where(std::string_view text);

// Groups in ascending order of their values; those without events are not there. Reads the columns concerned of every
// segment, no identities, and needs no keys.
Result<std::vector<CountGroup>> count(const Trail& trail, const CountQuery& query);

}  // namespace weerbaar::trail
