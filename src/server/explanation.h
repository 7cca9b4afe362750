// By which facts an access was judged so: a check keeps no facts, for beside the register they would name people whose
// period's key is gone. So the access is judged again, by the policy and the facts as they were known then.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "register/register.h"
#include "server/console.h"
#include "server/data_directory.h"
#include "server/event_output.h"

namespace weerbaar::server {

// A step of a rule, and the fact that it fired by.
struct ShownStep {
  std::string table;
  std::vector<std::pair<std::string, std::string>> columns;  // that the rule looks at
  std::optional<facts::RecordedFact> fact;                   // nothing: it fired because there is none
};

// A rule that fired, for one of the persons.
struct ShownReason {
  std::string rule;
  bool flags = false;
  bool is_on_behalf = false;  // it leads from the one on whose behalf the employee acted
  size_t subject = 0;         // of the event
  std::vector<ShownStep> steps;
};

struct ShownEvents {
  std::vector<ShownEvent> events;
  std::vector<std::vector<ShownReason>> reasons;  // of each event
  std::vector<std::string> problems;              // to be told: what cannot be shown, and the remedy
};

// Gives the reasons of those events that have a verdict. Needs the keys of the periods; loads the facts once for each
// policy and import that a check was made with, which takes seconds for millions of facts. Errors of load_judgement()
// and of the trail.
Status explain(DataDirectory& data, const trail::Trail& trail, Console& console, ShownEvents& shown);

// An array, for the member "why" of an event.
nlohmann::ordered_json json_of(std::span<const ShownReason> reasons);
// Lines for people, with the persons of the event.
std::vector<std::string> text_of(const ShownEvent& event, std::span<const ShownReason> reasons);

}  // namespace weerbaar::server
