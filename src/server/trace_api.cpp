#include "server/trace_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "examine/trace/leaked_list.h"
#include "service/api_json.h"
#include "service/json_body.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;
using http::PathArguments;
using http::Request;
using http::Response;
using people::Permission;
using service::Visitor;

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{} {}", member, what));
}

Result<std::vector<trail::Whom>> read_leaked(const Json& json) {
  const auto found = json.find("leaked");
  if (found == json.end() || !found->is_array() || found->empty() || found->size() > kLeakedOfRequestMax) {
    return wrong("leaked", fmt::format("is a list of 1 to {} persons: longer ones are for the command line",
                                       kLeakedOfRequestMax));
  }
  // As the file that the command takes: a person a line.
  std::string lines;
  for (const Json& person : *found) {
    const bool is_line =
        person.is_string() && person.get_ref<const std::string&>().find_first_of("\r\n") == std::string::npos;
    if (!is_line) return wrong("leaked", "holds texts of the form TYPE:ID");
    lines += person.get_ref<const std::string&>() + "\n";
  }
  auto list = trace::parse_leaked_list(lines);
  if (!list) return fail_in("leaked", list.error());
  return std::move(list->persons);
}

Json ranking_of(const LeakAnswer& answer) {
  Json ranking = Json::array();
  for (size_t place = 0; place < answer.shown; ++place) ranking.push_back(json_of(answer, place));
  return ranking;
}

}  // namespace

Result<TraceRequest> read_trace_request(std::string_view body) {
  static constexpr std::array<std::string_view, 6> kMembers = {"leaked", "before", "from", "top", "case", "reason"};
  WEERBAAR_ASSIGN(const Json json, service::parse_body(body, kMembers));
  TraceRequest request;
  WEERBAAR_ASSIGN(request.case_id, service::text_in(json, "case", kTextBytesMax));
  WEERBAAR_ASSIGN(request.reason, service::text_in(json, "reason", kTextBytesMax));
  WEERBAAR_ASSIGN(const std::optional<Time> before, service::moment_in(json, "before"));
  if (!before) return wrong("before", "says before when the data leaked: a moment or a date");
  WEERBAAR_ASSIGN(const std::optional<Time> from, service::moment_in(json, "from"));
  request.range = leak_range(from, *before);
  if (*request.range.from >= *request.range.to) return wrong("before", "must be later than from");
  if (const auto top = json.find("top"); top != json.end()) {
    const bool is_right = top->is_number_unsigned() && top->get<uint64_t>() >= 1 && top->get<uint64_t>() <= kRankedMax;
    if (!is_right) return wrong("top", fmt::format("is 1 to {}", kRankedMax));
    request.top = top->get<size_t>();
  }
  WEERBAAR_ASSIGN(request.leaked, read_leaked(json));
  return request;
}

void TraceApi::add_routes(http::Router& router) {
  guard_.add(
      router, {"POST", "/api/v1/traces", "trace", Permission::kTraceLeaks},
      [this](Request& request, const PathArguments&, const Visitor& visitor) { return trace(request, visitor); });
}

Status TraceApi::record(const TraceRequest& asked, const LeakAnswer& answer, const trail::Trail& trail,
                        const Visitor& visitor) {
  WEERBAAR_ASSIGN(people::Deed deed, service::new_deed(visitor, Action::kSearch, "trace"));
  deed.query = question_in_words(answer);
  deed.case_id = asked.case_id;
  deed.reason = asked.reason;
  deed.records = answer.gathered.entries.size();
  WEERBAAR_ASSIGN(const std::vector<trail::OfSubject> persons, named_persons(trail, asked.leaked));
  for (const trail::OfSubject& one : persons) deed.about.push_back({one.type, one.id});
  return record_(deed);
}

Response TraceApi::trace(const Request& request, const Visitor& visitor) {
  const auto asked = read_trace_request(request.body);
  if (!asked) return service::failure(asked.error());
  const auto turn = long_work_.begin();
  if (!turn) return service::LongWork::come_back();
  const auto trail = reader_.open_apart();
  if (!trail) return service::failure(trail.error(), log_);
  Console console = Console::without_progress();
  const auto traced = trace_leak(data_, **trail, {asked->leaked, asked->range, {}}, console);
  if (!traced) return service::failure(traced.error(), log_);
  for (const std::string& problem : traced->problems) {
    log_.often("a trace goes without the verdicts of a check", {{"why", std::string_view(problem)}});
  }
  const LeakAnswer answer{traced->gathered, traced->finding, std::min(asked->top, traced->finding.ranking.size()),
                          false};
  if (const Status recorded = record(*asked, answer, **trail, visitor); !recorded) {
    return service::unrecorded(recorded.error(), log_);
  }
  const Json json = {{"ranking", ranking_of(answer)}, {"summary", summary_json(answer)}};
  return service::json_answer(200, json);
}

}  // namespace weerbaar::server
