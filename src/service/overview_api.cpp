#include "service/overview_api.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "service/api_json.h"
#include "service/negotiation.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;
using http::PathArguments;
using http::Request;
using http::Response;

// Uses of Weerbaar itself are no use of the person's data by the organisation's work, and are told by other requests.
constexpr std::string_view kOwnSource = "self";

constexpr std::string_view kAboutInDutch =
    "Dit overzicht noemt elke raadpleging van gegevens van deze persoon die in het logboek staat: wanneer (op de "
    "minuut), in welk "
    "systeem en voor welke verwerking. Het noemt geen namen van medewerkers: wie onder het gezag van de organisatie "
    "werkt, is geen "
    "ontvanger in de zin van artikel 15 van de AVG (Hof van Justitie, C-579/21). Raadplegingen in Weerbaar zelf staan "
    "er niet in, en "
    "van kwartalen waarvan de sleutel is vernietigd is niets meer te vinden. Dat een raadpleging hier staat, zegt niet "
    "dat zij "
    "onterecht was.";
constexpr std::string_view kAboutInEnglish =
    "This overview names every consultation of data of this person that is in the log: when (to the minute), in which "
    "system and for "
    "which processing. It names no employees: who works under the authority of the organisation is no recipient in the "
    "sense of "
    "Article 15 of the GDPR (Court of Justice, C-579/21). Uses of Weerbaar itself are not in it, and of quarters whose "
    "key was "
    "destroyed nothing can be found any more. That a consultation is listed does not mean that it was wrong.";

struct Overview {
  uint64_t count = 0;  // accesses in all, on whatever page
  Json items = Json::array();
  std::vector<trail::Period> destroyed;
  ListCursor next;
  bool has_more = false;
};

// Exact moments would lead to a line in the log of an application, which says who it was.
std::string minute_of(Time time) {
  constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
  return format_time(Time{floor_div(time.micros, kMicrosPerMinute) * kMicrosPerMinute, 0});
}

Json item_of(const AccessEvent& event) {
  Json item = {{"time", minute_of(event.time)},
               {"action", to_string(event.action)},
               {"outcome", to_string(event.outcome)},
               {"by", to_string(event.actor.type)},
               {"system", event.system}};
  if (!event.component.empty()) item["component"] = event.component;
  if (!event.purpose.processing_activity.empty()) item["processing_activity"] = event.purpose.processing_activity;
  if (!event.purpose.legal_basis.empty()) item["legal_basis"] = event.purpose.legal_basis;
  for (const std::string_view category : event.data) item["data"].push_back(category);
  return item;
}

bool concerns(const trail::TimeRange& range, trail::Period period) {
  return (!range.from || *range.from < trail::end_of(period)) && (!range.to || trail::start_of(period) < *range.to);
}

// Pages are of the trail as it was at the first one: what comes in meanwhile moves nothing. kBusy beyond `at_once`.
Status fill(const trail::Trail& trail, const OverviewRequest& asked, size_t at_once, Overview& overview) {
  const ListCursor from = asked.cursor.value_or(ListCursor{trail.size().value(), 0});
  WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, asked.of, asked.range));
  if (found.hits.size() > kOverviewAccessesMax) {
    return fail(Code::kInvalid,
                fmt::format("there are more than {} accesses in this time: ask for parts of it, by from "
                            "and to",
                            kOverviewAccessesMax));
  }
  if (found.hits.size() > at_once) return fail(Code::kBusy, "there are many");
  for (const trail::Period period : found.destroyed) {
    if (concerns(asked.range, period)) overview.destroyed.push_back(period);
  }
  EventBatch batch;
  for (const trail::Hit& hit : found.hits) {
    if (hit.index.value() >= from.of) continue;
    WEERBAAR_ASSIGN(const bool is_event, read_event(trail, hit.index, trail::Disclosure::kPseudonyms, batch));
    if (!is_event || batch.events()[0].source == kOwnSource) continue;
    if (overview.count++ < from.passed) continue;
    if (overview.items.size() < asked.limit) {
      overview.items.push_back(item_of(batch.events()[0]));
    } else {
      overview.has_more = true;
    }
  }
  overview.next = {from.of, from.passed + overview.items.size()};
  return {};
}

Json to_json(Overview overview, Language language) {
  Json destroyed = Json::array();
  for (const trail::Period period : overview.destroyed) destroyed.push_back(to_string(period));
  Json json = {{"count", overview.count}, {"destroyed", std::move(destroyed)}, {"items", std::move(overview.items)}};
  if (overview.has_more) json["next"] = to_string(overview.next);
  json["about"] = language == Language::kDutch ? kAboutInDutch : kAboutInEnglish;
  return json;
}

}  // namespace

Result<OverviewRequest> read_overview_request(std::string_view body) {
  static constexpr std::array<std::string_view, 6> kMembers = {"of", "request", "from", "to", "limit", "cursor"};
  WEERBAAR_ASSIGN(const Json json, parse_body(body, kMembers));
  OverviewRequest asked;
  constexpr size_t kOfBytesMax = kNameBytesMax + kSubjectIdBytesMax;
  WEERBAAR_ASSIGN(const std::string of, text_in(json, "of", kOfBytesMax));
  const auto whom = trail::parse_subject(of);
  if (!whom) return fail_in("of", whom.error());
  const auto* const person = std::get_if<trail::OfSubject>(&*whom);
  if (person == nullptr) return fail(Code::kInvalid, "of is the identity of who asks, and not a pseudonym");
  if (person->type == SubjectType::kEmployee) {
    return fail(Code::kInvalid, "an employee sees who looked at him in Weerbaar by GET /api/v1/me/consulted");
  }
  if (person->type == SubjectType::kAddress) {
    return fail(Code::kInvalid, "others may live at an address: ask by an identity of the person");
  }
  asked.of = *person;
  WEERBAAR_ASSIGN(asked.request, text_in(json, "request", kTextBytesMax));
  WEERBAAR_ASSIGN(asked.range, range_in(json));
  WEERBAAR_ASSIGN(asked.limit, limit_in(json));
  WEERBAAR_ASSIGN(asked.cursor, cursor_in(json));
  return asked;
}

void OverviewApi::add_routes(http::Router& router) {
  guard_.add(router, {"POST", "/api/v1/overviews", "overview", people::Permission::kAnswerCitizens},
             [this](Request& request, const PathArguments&, const Visitor& visitor) { return show(request, visitor); });
}

Response OverviewApi::show(const Request& request, const Visitor& visitor) {
  const auto asked = read_overview_request(request.body);
  if (!asked) return failure(asked.error());
  Overview overview;
  Status read =
      reader_.read([&](const trail::Trail& trail) { return fill(trail, *asked, kOverviewAtOnceMax, overview); });
  if (!read && read.error().code == Code::kBusy) {
    const auto turn = long_work_.begin();
    if (!turn) return LongWork::come_back();
    const auto trail = reader_.open_apart();
    if (!trail) return failure(trail.error(), log_);
    read = fill(**trail, *asked, kOverviewAccessesMax, overview);
  }
  if (!read) return failure(read.error(), log_);
  auto deed = new_deed(visitor, Action::kSearch, "overview");
  if (!deed) return failure(deed.error(), log_);
  deed->about = {{asked->of.type, asked->of.id}};
  deed->case_id = asked->request;
  deed->records = overview.items.size();
  if (const Status recorded = record_(*deed); !recorded) return unrecorded(recorded.error(), log_);
  const Language language = wanted_language(request.field("accept-language"));
  Response response = json_answer(200, to_json(std::move(overview), language));
  response.fields.push_back({"Content-Language", language == Language::kDutch ? "nl" : "en"});
  response.fields.push_back({"Vary", "Accept-Language"});
  return response;
}

}  // namespace weerbaar::service
