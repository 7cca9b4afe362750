// Who consulted this person; what did this employee consult.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "trail/privacy/period.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

// A person whose data was consulted: a real identity.
struct OfSubject {
  SubjectType type;
  std::string id;
};
// An employee or account that consulted: a real identity.
struct ByActor {
  std::string id;
};
// Either of them as it was shown without keys: "~2026-Q1:5f3a…". It means one person in one period.
struct OfPseudonym {
  SubjectType type;
  std::string text;
};
struct ByPseudonym {
  std::string text;
};
using Whom = std::variant<OfSubject, ByActor, OfPseudonym, ByPseudonym>;

// "bsn:123456782", or with a pseudonym "bsn:~2026-Q1:012345678". kInvalid names what is wrong: an unknown type, a bsn
// of eight digits (write the leading zero), a bsn that fails the 11-test …, without repeating the identity.
Result<Whom> parse_subject(std::string_view text);
// "u104233", or with a pseudonym "~2026-Q1:5f3a…".
Result<Whom> parse_actor(std::string_view text);

// Half open: from `from` up to, not including, `to`.
struct TimeRange {
  std::optional<Time> from;
  std::optional<Time> to;

  [[nodiscard]] bool contains(Time time) const { return (!from || time >= *from) && (!to || time < *to); }
};

struct Hit {
  EntryIndex index;
  Time time;

  auto operator<=>(const Hit&) const = default;
};

struct SearchResult {
  std::vector<Hit> hits;          // by time, then by index
  std::vector<Period> destroyed;  // periods whose accesses can no longer be found by identity
};

// Every access in the trail, sealed or not. kDenied when an identity is asked and the trail was opened without keys.
Result<SearchResult> search(const Trail& trail, const Whom& whom, const TimeRange& range);

}  // namespace weerbaar::trail
