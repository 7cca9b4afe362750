#include "service/consultation_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/json.h"
#include "domain/access_event_json.h"
#include "service/api_json.h"
#include "service/consultation_question.h"
#include "trail/store/hidden_others.h"
#include "trail/store/search.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;
using people::Permission;

constexpr std::string_view kOwnSource = "self";

// Whom the question is about; nothing when it is asked by a pseudonym, of which no mandate can be.
std::optional<people::About> about_of(const trail::Whom& whom) {
  if (const auto* const subject = std::get_if<trail::OfSubject>(&whom))
    return people::About{subject->type, subject->id};
  if (const auto* const actor = std::get_if<trail::ByActor>(&whom)) {
    return people::About{SubjectType::kEmployee, actor->id};
  }
  return std::nullopt;
}

// Whether it is asked by the name of an employee. What he did stands under his pseudonym, which would then be known;
// and what was done here about him tells of mandates, and of him by what he did here himself.
bool names_employee(const trail::Whom& whom) {
  const auto* const subject = std::get_if<trail::OfSubject>(&whom);
  return std::holds_alternative<trail::ByActor>(whom) ||
         (subject != nullptr && subject->type == SubjectType::kEmployee);
}

// What lets who was refused go on. Who may ask for no mandate is not sent to ask for one.
const char* why_denied(const people::Account& account, const ConsultationQuestion& question) {
  const bool may_ask = people::may(account.roles, Permission::kAskMandate);
  if (may_ask && !about_of(question.whom)) return "a mandate is about an identity: ask by it, not by a pseudonym";
  if (may_ask) return "no mandate that is valid now lets you see this: ask for one";
  if (question.reveal) return "who it is, an investigator sees under a mandate: ask without reveal";
  return "about an employee ask by a pseudonym: by name, an investigator sees it under a mandate";
}

bool is_true(const AccessEvent& use, std::string_view attribute) {
  const auto found = std::ranges::find(use.attributes, attribute, &Attribute::key);
  return found != use.attributes.end() && found->value == "true";
}

bool is_behind(const trail::Hit& hit, const trail::Hit& other) {
  return std::pair(hit.time, hit.index) > std::pair(other.time, other.index);
}

}  // namespace

struct ConsultationApi::Page {
  std::string items;  // of a JSON array, without its brackets
  uint64_t count = 0;
  uint64_t accesses = 0;                // of those: uses of Weerbaar itself are not counted, for others see other ones
  std::string next;                     // cursor; empty: this is the last page
  std::vector<trail::OfSubject> meant;  // whom was asked about, whatever was found
  std::set<std::pair<SubjectType, std::string>> bared;  // persons and employees whose identities are in it

  void add(EntryIndex index, const AccessEvent& event);
  // With identities, as far as a mandate about `about` reaches.
  void add_bare(EntryIndex index, AccessEvent event, const AccessEvent& pseudonyms, const people::About& about);
  [[nodiscard]] http::Response response() const;
};

void ConsultationApi::Page::add(EntryIndex index, const AccessEvent& event) {
  items += fmt::format("{}{{\"index\":{},", items.empty() ? "" : ",", index.value());
  items += std::string_view(to_json(event)).substr(1);
  ++count;
}

// A mandate about a person bares who consulted that person, and none of the others whom the same access was about: free
// text, which may name them, is left out then.
void ConsultationApi::Page::add_bare(EntryIndex index, AccessEvent event, const AccessEvent& pseudonyms,
                                     const people::About& about) {
  bared.emplace(SubjectType::kEmployee, event.actor.id);
  const bool is_of_employee = about.type == SubjectType::kEmployee && about.id == event.actor.id;
  const std::span<const Subject> subjects = event.subjects;
  const trail::ShowsSubject shows = [&](size_t place) {
    return is_of_employee || (subjects[place].type == about.type && subjects[place].id == about.id);
  };
  for (size_t i = 0; i < subjects.size(); ++i) {
    if (shows(i)) bared.emplace(subjects[i].type, subjects[i].id);
  }
  EventBatch texts;
  trail::hide_others(event, pseudonyms, shows, texts);
  add(index, event);
}

Response ConsultationApi::Page::response() const {
  Response response;
  response.content_type = "application/json";
  response.body = "{\"items\":[" + items + "]";
  if (!next.empty()) response.body += ",\"next\":\"" + next + "\"";
  response.body += "}";
  return response;
}

// What is hidden from the viewer takes no place on a page, and no cursor comes from it.
Status ConsultationApi::fill_page(const trail::Trail& trail, const ConsultationQuestion& question,
                                  const people::Account& viewer, Page& page) {
  WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, question.whom, question.range));
  // Later pages are of the log as it was at the first: each look at one adds to it.
  const uint64_t size = question.after ? question.after->size : trail.size().value();
  auto next = found.hits.begin();
  if (question.after) {
    next = std::ranges::find_if(found.hits, [&](const trail::Hit& hit) { return is_behind(hit, question.after->hit); });
  }
  const std::optional<people::About> about = about_of(question.whom);
  WEERBAAR_ASSIGN(page.meant, trail::persons_behind(trail.keys(), question.whom));
  EventBatch plain;
  EventBatch known;
  const trail::Hit* last = nullptr;
  for (; next != found.hits.end(); ++next) {
    if (next->index.value() >= size) continue;
    WEERBAAR_ASSIGN(const bool is_event, read_event(trail, next->index, trail::Disclosure::kPseudonyms, plain));
    if (!is_event) continue;
    WEERBAAR_TRY(read_event(trail, next->index, trail::Disclosure::kIdentities, known));
    const AccessEvent& shown = plain.events()[0];
    const AccessEvent& event = known.events()[0];
    const bool is_own = shown.source == kOwnSource;
    if (is_own && !may_see(event, viewer)) continue;
    if (page.count == question.limit) {
      page.next = cursor_of({*last, size});
      break;
    }
    if (!is_own) ++page.accesses;
    // What others did here is shown under pseudonyms, for it may tell of other investigations.
    if (question.reveal && !is_own) {
      page.add_bare(next->index, event, shown, *about);
    } else {
      page.add(next->index, shown);
    }
    last = &*next;
  }
  return {};
}

// Under a mandate that the viewer does not see, it is not there for him until whom it is about may be told; nor what
// was done on the command line for a case, which is as good as under one. About him: as an employee, or as a citizen.
bool ConsultationApi::may_see(const AccessEvent& use, const people::Account& viewer) {
  if (may_be_told(use)) return true;
  const bool about_viewer = std::ranges::any_of(use.subjects, [&](const Subject& subject) {
    return accounts_.is_about({subject.type, std::string(subject.id)}, viewer.employee);
  });
  if (about_viewer) return false;
  // Of more persons than an event holds: who stands in the other parts is not known here.
  if (use.subjects.size() == kSubjectsMax || use.id.find('+') != std::string_view::npos) return false;
  const auto mandate = std::ranges::find(use.attributes, "mandate", &Attribute::key);
  if (mandate == use.attributes.end()) return people::may(viewer.roles, Permission::kProve);
  const auto number = whole_number(mandate->value);
  return mandates_.find(viewer, static_cast<int64_t>(number.value_or(0))).has_value();
}

void ConsultationApi::add_routes(http::Router& router) {
  guard_.add(router, {"POST", "/api/v1/consultations", "consultations", Permission::kSeeConsultations},
             [this](Request& request, const http::PathArguments&, const Visitor& visitor) {
               return consultations(request, visitor);
             });
  guard_.add(router, {"GET", "/api/v1/me/consulted", "consulted", Permission::kSeeOwn},
             [this](Request& request, const http::PathArguments&, const Visitor& visitor) {
               return consulted(request, visitor);
             });
}

Response ConsultationApi::failed(const Error& error) {
  if (error.code != Code::kInvalid) log_.often("a look failed", {{"why", std::string_view(error.text)}});
  return failure(error.code == Code::kInvalid ? error : Error{Code::kStopped, ""});
}

Response ConsultationApi::consultations(const Request& request, const Visitor& visitor) {
  const auto question = read_consultation_question(request.body);
  if (!question) return failure(question.error());
  auto deed = people::new_deed(visitor.account.employee, Action::kSearch, "consultations");
  if (!deed) return failed(deed.error());
  const std::optional<people::About> about = about_of(question->whom);
  const bool free = people::may(visitor.account.roles, Permission::kSeeWithoutMandate);
  if (question->reveal || !free || names_employee(question->whom)) {
    if (!about) return http::problem(403, why_denied(visitor.account, *question));
    const auto mandate = mandates_.covering(visitor.account, *about);
    if (!mandate) return failed(mandate.error());
    if (!mandate->has_value()) {
      return http::problem(403, why_denied(visitor.account, *question));
    }
    deed->mandate = (*mandate)->number;
    deed->case_id = (*mandate)->case_id;
    deed->reason = (*mandate)->ground;
    deed->shows_identities = question->reveal;
  }
  Page page;
  if (const Status read =
          reader_.read([&](const trail::Trail& trail) { return fill_page(trail, *question, visitor.account, page); });
      !read) {
    return failed(read.error());
  }
  deed->ip = visitor.address;
  deed->query = question->text;
  deed->records = page.accesses;
  // Who is asked about by a pseudonym learns of it as well.
  for (const trail::OfSubject& one : page.meant) {
    page.bared.erase({one.type, one.id});
    deed->about.push_back({one.type, one.id});
  }
  for (const auto& [type, id] : page.bared) deed->about.push_back({type, id});
  if (const Status recorded = record_(*deed); !recorded) return failed(recorded.error());
  return page.response();
}

bool ConsultationApi::may_be_told(const AccessEvent& use) {
  const int64_t now = store_.now();
  // What was done on the command line for a case or with names, or under a mandate that is not known any more, could
  // belong to one of any length.
  int64_t ends = use.time.micros + people::kMandateDaysMax * kMicrosPerDay;
  const auto mandate = std::ranges::find(use.attributes, "mandate", &Attribute::key);
  if (mandate != use.attributes.end()) {
    const auto number = whole_number(mandate->value);
    const auto found = mandates_.find(static_cast<int64_t>(number.value_or(0)));
    if (found) ends = found->ends();
  } else if (use.purpose.case_id.empty() && !(is_true(use, "identities_shown") && use.workplace.ip.empty())) {
    return true;
  }
  return now >= ends + people::kSilenceDays * kMicrosPerDay;
}

// Of all ids of the person, by time.
Result<std::vector<trail::Hit>> ConsultationApi::looks_at(const trail::Trail& trail,
                                                          const std::vector<std::string>& ids) {
  std::vector<trail::Hit> hits;
  for (const std::string& id : ids) {
    WEERBAAR_ASSIGN(const trail::SearchResult found,
                    trail::search(trail, trail::OfSubject{SubjectType::kEmployee, id}, {}));
    hits.insert(hits.end(), found.hits.begin(), found.hits.end());
  }
  std::ranges::sort(hits, {}, [](const trail::Hit& hit) { return std::pair(hit.time, hit.index); });
  hits.erase(std::ranges::unique(hits).begin(), hits.end());
  return hits;
}

Response ConsultationApi::consulted(const Request& request, const Visitor& visitor) {
  const auto cursor = http::query_value(request.query(), "cursor");
  const auto limit = read_limit(request.query());
  if (!limit) return failure(limit.error());
  std::optional<HitCursor> after;
  if (cursor) {
    const auto parsed = parse_cursor(*cursor);
    if (!parsed) return failure(parsed.error());
    after = *parsed;
  }
  const auto ids = accounts_.ids_of(visitor.account.employee);
  if (!ids) return failed(ids.error());
  auto items = nlohmann::ordered_json::array();
  std::string next;
  trail::Hit last;
  const Status read = reader_.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(const std::vector<trail::Hit> hits, looks_at(trail, *ids));
    const uint64_t size = after ? after->size : trail.size().value();
    EventBatch batch;
    for (const trail::Hit& hit : hits) {
      if (hit.index.value() >= size || (after && !is_behind(hit, after->hit))) continue;
      WEERBAAR_ASSIGN(const bool is_event, read_event(trail, hit.index, trail::Disclosure::kIdentities, batch));
      if (!is_event) continue;
      const AccessEvent& use = batch.events()[0];
      const bool is_own = std::ranges::find(*ids, use.actor.id) != ids->end();
      if (use.source != kOwnSource || is_own || !may_be_told(use)) continue;
      if (items.size() == *limit) {
        next = cursor_of({last, size});
        return {};
      }
      items.push_back({{"time", format_time(use.time)},
                       {"by", use.actor.id},
                       {"action", to_string(use.action)},
                       {"what", use.component},
                       {"case", use.purpose.case_id}});
      last = hit;
    }
    return {};
  });
  if (!read) return failed(read.error());
  auto deed = people::new_deed(visitor.account.employee, Action::kRead, "consulted");
  if (!deed) return failed(deed.error());
  deed->ip = visitor.address;
  deed->records = items.size();
  deed->about = {{SubjectType::kEmployee, visitor.account.employee}};
  if (const Status recorded = record_(*deed); !recorded) return failed(recorded.error());
  nlohmann::ordered_json json = {{"items", std::move(items)}};
  if (!next.empty()) json["next"] = next;
  return json_answer(200, json);
}

}  // namespace weerbaar::service
