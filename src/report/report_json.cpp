#include <cmath>
#include <nlohmann/json.hpp>

#include "report/report.h"

namespace weerbaar::report {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(Figure figure) {
  return figure ? Json(*figure) : Json(nullptr);
}

// To four digits: more is not meant.
Json json_of(std::optional<double> number) {
  constexpr double kDigits = 10'000;
  return number ? Json(std::round(*number * kDigits) / kDigits) : Json(nullptr);
}

Json json_of(const Figures& figures) {
  return {{"accesses", json_of(figures.accesses)},
          {"employees", json_of(figures.employees)},
          {"searches", json_of(figures.searches)},
          {"searches_by_other_key", json_of(figures.other_keys)},
          {"searches_by_unknown_key", json_of(figures.unknown_keys)},
          {"outside_hours", json_of(figures.outside_hours)},
          {"break_glass", json_of(figures.break_glass)},
          {"explained", json_of(figures.explained)},
          {"flagged", json_of(figures.flagged)},
          {"unexplained", json_of(figures.unexplained)}};
}

Json json_of(const Shares& shares) {
  return {{"accesses_each", json_of(shares.accesses_each)},
          {"searches_by_other_key", json_of(shares.other_keys)},
          {"outside_hours", json_of(shares.outside_hours)},
          {"unexplained", json_of(shares.unexplained)},
          {"flagged", json_of(shares.flagged)}};
}

Json json_of(const Place& place) {
  Json json = place.is_rest ? Json{{"rest", true}} : Json{{"name", place.name}};
  json.update(json_of(place.figures));
  return json;
}

Json json_of(const UnitBenchmark& unit) {
  Json json = json_of(unit.place);
  json["compared_with"] = unit.compared_with;
  json["comparable_units"] = unit.comparable;
  json["shares"] = json_of(unit.own);
  json["median"] = json_of(unit.median);
  return json;
}

Json coverage_of(const Report& report) {
  Json sources = Json::array();
  for (const SourceCoverage& source : report.sources) {
    sources.push_back({{"source", source.name},
                       {"days_with_delivery", source.days_with_delivery},
                       {"days_without_delivery", source.days_without_delivery},
                       {"missing_records", source.missing_records},
                       {"silent_minutes", source.silent_minutes}});
  }
  return {{"judged", json_of(report.all.accesses)},
          {"unreadable", report.unreadable},
          {"policy", report.basis.policy},
          {"policy_name", report.basis.policy_name},
          {"policy_sha256", report.basis.policy_digest},
          {"facts_of_import", report.basis.known_at},
          {"register_sha256", report.basis.register_digest},
          {"findings_sha256", report.findings},
          {"days_over", report.days_over},
          {"sources", std::move(sources)}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json json = {{"format", "weerbaar-report/2"},
               {"month", report.basis.month},
               {"origin", report.basis.origin},
               {"size", report.basis.size},
               {"zone", report.basis.zone},
               {"office_hours", {{"begin", report.basis.hours.begin}, {"end", report.basis.hours.end}}},
               {"employees_min", kEmployeesMin}};
  json["total"] = json_of(report.all);
  json["total"]["persons"] = json_of(report.persons);
  json["total"]["judged_by_shift"] = json_of(report.on_shift);
  json["first"] = {{"accesses", json_of(report.first)},
                   {"explained", json_of(report.first_explained)},
                   {"flagged", json_of(report.first_flagged)},
                   {"unexplained", json_of(report.first_unexplained)}};
  json["months"] = Json::array();
  for (const MonthFigures& month : report.months) {
    Json line = {{"month", month.month}};
    line.update(json_of(month.figures));
    json["months"].push_back(std::move(line));
  }
  json["systems"] = Json::array();
  for (const Place& place : report.systems) json["systems"].push_back(json_of(place));
  json["units"] = Json::array();
  for (const UnitBenchmark& unit : report.units) json["units"].push_back(json_of(unit));
  json["coverage"] = coverage_of(report);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weerbaar::report
