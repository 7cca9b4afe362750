// A leak traced over a data directory: who consulted the persons whose data leaked, and how far that points to them.
// docs/trace.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "examine/trace/gather.h"
#include "examine/trace/trace.h"
#include "server/console.h"
#include "server/data_directory.h"

namespace weerbaar::server {

struct LeakQuestion {
  std::span<const trail::Whom> persons;  // each once
  trail::TimeRange range;                // with both ends
  trace::Assumptions assumptions;
};

struct LeakTrace {
  trace::Gathered gathered;
  trace::Finding finding;
  std::vector<std::string> problems;  // verdicts of checks that could not be used, with the remedy
};

// Up to `before`; without `from` a year.
trail::TimeRange leak_range(std::optional<Time> from, Time before);
// Weighs consultations by the verdicts of the checks that were made. Takes seconds, and more for thousands of persons.
// Errors of trace::gather(), trace::trace() and Verdicts::open().
Result<LeakTrace> trace_leak(const DataDirectory& data, const trail::Trail& trail, const LeakQuestion& question,
                             Console& console);

// Whom a list means, each once, for the record of the question.
Result<std::vector<trail::OfSubject>> named_persons(const trail::Trail& trail, std::span<const trail::Whom> persons);

// What is shown of it, and to whom.
struct LeakAnswer {
  const trace::Gathered& gathered;
  const trace::Finding& finding;
  size_t shown;  // of the ranking
  bool shows_identities;

  // As it is shown: an identity, or a pseudonym.
  [[nodiscard]] std::string name(trace::Reader reader) const;
};

// One of the ranking, from place 0.
nlohmann::ordered_json json_of(const LeakAnswer& answer, size_t place);
// How much the ranking means, and on what it rests.
nlohmann::ordered_json summary_json(const LeakAnswer& answer);
// What was asked, for the record of it: without who leaked.
std::string question_in_words(const LeakAnswer& answer);

}  // namespace weerbaar::server
