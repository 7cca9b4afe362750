#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "domain/access_event_json.h"
#include "server/checks.h"
#include "server/commands.h"
#include "server/event_output.h"
#include "server/explanation.h"
#include "trail/store/needle.h"
#include "trail/store/search.h"

namespace weerbaar::server {
namespace {

Use use_of(const ConsultationsOptions& options) {
  Use use;
  use.component = "consultations";
  use.shows_identities = !options.keys.empty();
  use.query = options.of.empty() ? "by " + options.by : "of " + options.of;
  if (options.why) use.query += ", why";
  return use;
}

Status show_why(DataDirectory& data, const trail::Trail& trail, ShownEvents& explained, EventTable& table,
                Console& console) {
  WEERBAAR_TRY(explain(data, trail, console, explained));
  for (size_t i = 0; i < explained.events.size(); ++i) {
    ShownEvent& event = explained.events[i];
    if (event.verdict) event.why = json_of(explained.reasons[i]).dump();
    table.add(event);
  }
  for (const std::string& problem : explained.problems) console.note(problem);
  return {};
}

void show_reasons(const ShownEvents& explained, Console& console) {
  for (size_t i = 0; i < explained.events.size(); ++i) {
    if (!explained.events[i].verdict) continue;
    for (const std::string& line : text_of(explained.events[i], explained.reasons[i])) console.result(line);
  }
}

}  // namespace

Status check_range(const std::optional<Time>& from, const std::optional<Time>& to) {
  if (!from || !to || *from < *to) return {};
  return fail(Code::kInvalid, "--to must be later than --from: it is the first moment that is left out");
}

Result<int> run_consultations(const ConsultationsOptions& options, Console& console) {
  if (options.of.empty() == options.by.empty()) {
    return fail(Code::kInvalid, "say whose consultations: --of TYPE:ID (a person) or --by EMPLOYEE, one of the two");
  }
  if (options.why && options.keys.empty()) {
    return fail(
        Code::kInvalid,
        "--why shows what the register says of people, to who holds the keys of the periods: add --keys DIRECTORY");
  }
  WEERBAAR_TRY(check_range(options.from, options.to));
  auto whom = options.of.empty() ? trail::parse_actor(options.by) : trail::parse_subject(options.of);
  if (!whom) return fail_in(options.of.empty() ? "--by" : "--of", whom.error());
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(trail::SearchResult found, trail::search(*trail, *whom, {options.from, options.to}));
  const size_t total = found.hits.size();
  if (options.limit && found.hits.size() > *options.limit) found.hits.resize(*options.limit);

  Use use = use_of(options);
  use.records = found.hits.size();
  EventBatch memory;
  // Who is asked about learns of it, by a pseudonym too.
  WEERBAAR_ASSIGN(const std::vector<trail::OfSubject> about, trail::persons_behind(trail->keys(), *whom));
  for (const trail::OfSubject& one : about) use.subjects.push_back({one.type, memory.keep(one.id), ""});
  if (use.shows_identities) {
    std::vector<EntryIndex> entries;
    entries.reserve(found.hits.size());
    for (const trail::Hit& hit : found.hits) entries.push_back(hit.index);
    WEERBAAR_TRY(add_persons(*trail, entries, memory, use.subjects));
  }
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));

  const trail::Disclosure disclosure =
      options.keys.empty() ? trail::Disclosure::kPseudonyms : trail::Disclosure::kIdentities;
  WEERBAAR_ASSIGN(Verdicts verdicts, Verdicts::open(data, *trail));
  EventTable table(console);
  ShownEvents explained;
  for (const trail::Hit& hit : found.hits) {
    WEERBAAR_ASSIGN(ShownEvent shown, show_event(*trail, hit.index, disclosure));
    shown.verdict = verdicts.of(hit.index);
    if (options.why) {
      explained.events.push_back(std::move(shown));
    } else {
      table.add(shown);
    }
  }
  if (options.why) WEERBAAR_TRY(show_why(data, *trail, explained, table, console));
  table.finish();
  if (options.why && !console.json()) show_reasons(explained, console);
  for (const std::string& problem : verdicts.problems()) console.note("Without the verdicts of a check: " + problem);
  if (total > found.hits.size()) {
    console.note(fmt::format("{} more: raise --limit to see them.", grouped(total - found.hits.size())));
  }
  if (!console.json() && found.hits.empty()) console.result("No consultations found.");
  for (const trail::Period period : found.destroyed) {
    console.note(
        fmt::format("The key of {} was destroyed at the end of its retention: who was consulted then can no "
                    "longer be found.",
                    to_string(period)));
  }
  if (disclosure == trail::Disclosure::kPseudonyms && !found.hits.empty()) {
    console.note("Identities are shown as pseudonyms; who holds the keys of the periods adds --keys DIRECTORY.");
  }
  return kExitYes;
}

}  // namespace weerbaar::server
