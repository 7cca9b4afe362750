// Who consulted this person; what did this employee consult.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "trail/privacy/period.h"
#include "trail/store/needle.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

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

// Every access in the trail, sealed or not. kDenied when an identity is asked and the trail was opened without keys;
// kCorrupt names what is damaged: nothing is left out silently.
Result<SearchResult> search(const Trail& trail, const Whom& whom, const TimeRange& range);

// An employee or account, as the trail knows them.
struct ActorPseudonym {
  Period period;
  Bytes id;

  auto operator<=>(const ActorPseudonym&) const = default;
};

struct Consultation {
  EntryIndex index;
  Time time;
  uint32_t actor = 0;  // in ConsultationList::actors

  auto operator<=>(const Consultation&) const = default;
};

struct ConsultationList {
  std::vector<Consultation> consultations;  // by time, then by index
  std::vector<ActorPseudonym> actors;       // each once
  std::vector<Period> destroyed;
};

// The same with who it was, from the indexes alone: for tracing a leak over many persons.
Result<ConsultationList> consultations_of(const Trail& trail, const Whom& whom, const TimeRange& range);

// Of several persons or employees.
struct ConsultationLists {
  std::vector<std::vector<Consultation>> consultations;  // of each of them, as above
  std::vector<ActorPseudonym> actors;                    // of all, each once
  std::vector<Period> destroyed;
};

// The same as one after another. What may hold an answer for any of them is asked for before the first is read, and
// who consulted several of them is looked up once.
Result<ConsultationLists> consultations_of(const Trail& trail, std::span<const Whom> whom, const TimeRange& range);

}  // namespace weerbaar::trail
