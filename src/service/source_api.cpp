#include "service/source_api.h"

#include <nlohmann/json.hpp>

#include "service/api_json.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

Json ranges_of(const NumberSet& numbers) {
  Json list = Json::array();
  for (const NumberRange& range : numbers.ranges()) {
    if (list.size() == kRangesShown) break;
    list.push_back({range.from, range.to});
  }
  return list;
}

Json to_json(uint64_t counter, const RecordCounter::State& state) {
  Json json = {{"counter", counter_name(counter)}, {"last", state.last}, {"latest", format_time(state.latest)}};
  json["missing"] = RecordCounter(state).missing();
  json["restarts"] = state.restarts;
  json["ranges"] = ranges_of(state.run.missing);
  if (!state.before.missing.empty()) json["ranges_before_restart"] = ranges_of(state.before.missing);
  return json;
}

}  // namespace

Json to_json(const SourceReport& report) {
  const SourceState& state = report.state;
  Json json = {{"source", report.source}};
  if (state.heard.micros != 0) json["heard"] = format_time(state.heard);
  if (report.heartbeat.count() > 0) json["heartbeat_seconds"] = report.heartbeat.count() / 1'000;
  if (state.silent_since) json["silent_since"] = format_time(*state.silent_since);
  if (report.heartbeat.count() > 0 || state.silences > 0) {
    json["silences"] = state.silences;
    json["silent_seconds"] = state.silent_seconds;
  }
  if (state.counters.empty()) return json;
  json["missing"] = report.missing();
  json["counters"] = Json::array();
  for (const auto& [counter, counted] : state.counters) json["counters"].push_back(to_json(counter, counted));
  return json;
}

void SourceApi::add_routes(http::Router& router) {
  guard_.add(router, {"GET", "/api/v1/sources", "sources", people::Permission::kSeeReports},
             [this](http::Request&, const http::PathArguments&, const Visitor& visitor) { return sources(visitor); });
}

http::Response SourceApi::sources(const Visitor& visitor) {
  Json items = Json::array();
  for (const SourceReport& report : reports_()) items.push_back(to_json(report));
  auto deed = people::new_deed(visitor.account.employee, Action::kRead, "sources");
  if (!deed) return failure(deed.error());
  deed->ip = visitor.address;
  deed->records = items.size();
  if (const Status recorded = record_(*deed); !recorded) return failure(recorded.error());
  return json_answer(200, {{"items", std::move(items)}});
}

}  // namespace weerbaar::service
