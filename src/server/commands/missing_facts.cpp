#include "examine/purpose/missing_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/event_output.h"
#include "server/judgement.h"

namespace weerbaar::server {
namespace {

using purpose::PlaceField;

constexpr size_t kMissingShown = 5;  // of a place
constexpr PlaceField kFields[] = {PlaceField::kUnit, PlaceField::kSystem, PlaceField::kHour};

// One table of the answer.
struct Grouping {
  std::vector<PlaceField> fields;
  std::vector<purpose::MissingPlace> places;
};

// "unit,system" is one table; nothing is all accesses in one, and a table for each field.
Result<std::vector<Grouping>> parse_groupings(const std::string& by) {
  std::vector<Grouping> groupings;
  if (by.empty()) {
    groupings.emplace_back();
    for (const PlaceField field : kFields) groupings.push_back({{field}, {}});
    return groupings;
  }
  Grouping grouping;
  for (size_t begin = 0; begin <= by.size();) {
    const size_t end = std::min(by.find(',', begin), by.size());
    const std::string name = by.substr(begin, end - begin);
    const auto field = std::ranges::find(kFields, name, [](PlaceField one) { return to_string(one); });
    if (field == std::end(kFields)) {
      return fail(Code::kInvalid, "--by: name fields of unit, system and hour, separated by commas");
    }
    if (std::ranges::find(grouping.fields, *field) != grouping.fields.end()) {
      return fail(Code::kInvalid, fmt::format("--by: {} is there twice", name));
    }
    grouping.fields.push_back(*field);
    begin = end + 1;
  }
  groupings.push_back(std::move(grouping));
  return groupings;
}

std::string described(const purpose::MissingFact& fact) {
  switch (fact.lack) {
    case purpose::Lack::kFact:
      return fmt::format("a fact of {}, for {}", fact.table, fact.rule);
    case purpose::Lack::kTime:
      return fmt::format("facts within a week of the moment, for {}", fact.rule);
    case purpose::Lack::kAlike:
      return fmt::format("a fact of {}, for {} (as others there)", fact.table, fact.rule);
  }
  return "";
}

void print_json(const Grouping& grouping, size_t top, Console& console) {
  for (size_t i = 0; i < std::min(top, grouping.places.size()); ++i) {
    const purpose::MissingPlace& place = grouping.places[i];
    nlohmann::ordered_json line = nlohmann::ordered_json::object();
    for (size_t field = 0; field < grouping.fields.size(); ++field) {
      line[std::string(to_string(grouping.fields[field]))] = place.values[field];
    }
    if (place.few) line["few"] = true;
    line["checked"] = place.checked;
    line["unexplained"] = place.unexplained;
    line["missing"] = nlohmann::ordered_json::array();
    for (const purpose::MissingFact& fact : place.missing) {
      nlohmann::ordered_json json = {{"rule", fact.rule}, {"lack", to_string(fact.lack)}};
      if (!fact.table.empty()) json["table"] = fact.table;
      json["accesses"] = fact.accesses;
      json["more"] = fact.more;
      line["missing"].push_back(std::move(json));
    }
    console.result(to_line(line));
  }
}

void print_table(const Grouping& grouping, size_t top, Console& console) {
  std::string heading;
  for (const PlaceField field : grouping.fields)
    heading += fmt::format("{}{}", heading.empty() ? "By " : ", ", to_string(field));
  console.result(grouping.fields.empty() ? "All together" : heading);
  for (size_t i = 0; i < std::min(top, grouping.places.size()); ++i) {
    const purpose::MissingPlace& place = grouping.places[i];
    std::string name = place.few ? fmt::format("{}  ", purpose::kFewEmployees) : "";
    for (const std::string& value : place.values) {
      if (place.few) break;
      name += fmt::format("{}  ", value.empty() ? "(not in the register)" : printable(value));
    }
    console.result(fmt::format("  {}{} unexplained of {}", name, grouped(place.unexplained), grouped(place.checked)));
    for (size_t k = 0; k < std::min(kMissingShown, place.missing.size()); ++k) {
      console.result(
          fmt::format("    {:>10} more with {}", grouped(place.missing[k].more), described(place.missing[k])));
    }
  }
  if (grouping.places.size() > top) {
    console.result(fmt::format("  … and {} more: --top shows them", grouped(grouping.places.size() - top)));
  }
}

}  // namespace

Result<int> run_missing_facts(const MissingFactsOptions& options, Console& console) {
  WEERBAAR_TRY(check_range(options.from, options.to));
  WEERBAAR_ASSIGN(std::vector<Grouping> groupings, parse_groupings(options.by));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                  load_judgement(data, *trail, {options.policy, std::nullopt}, console, &purpose::MissingFacts::want));
  purpose::MissingFacts missing(*judgement->judge, judgement->facts);
  const auto take = [&](const purpose::Judged& judged) -> Status {
    missing.add(judged);
    return {};
  };
  WEERBAAR_ASSIGN(const purpose::CheckReport report,
                  purpose::check(*trail, *judgement->judge, judgement->facts, {options.from, options.to}, take, {},
                                 {UINT64_MAX, kOwnSource, false}));
  Use use;
  use.component = "missing-facts";
  use.query = options.by.empty() ? "" : "by " + options.by;
  use.records = report.all.unexplained;
  WEERBAAR_ASSIGN(trail, data.open_trail());
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  for (Grouping& grouping : groupings) {
    grouping.places = missing.by(grouping.fields);
    if (console.json()) {
      print_json(grouping, options.top, console);
    } else {
      print_table(grouping, options.top, console);
    }
  }
  console.note("An access may be counted with several facts: they are not to be added up. Hours are UTC.");
  return kExitYes;
}

}  // namespace weerbaar::server
