#include "examine/purpose/missing_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"

namespace weerbaar::purpose {
namespace {

using facts::Kind;

// Fewer explained accesses tell nothing of what explains the others there.
constexpr uint64_t kExplainedMin = 20;
constexpr int64_t kHourMicros = int64_t{3'600} * 1'000'000;
constexpr int64_t kHoursOfDay = 24;

const facts::Table& position_table() {
  return *facts::find_table("position");
}
size_t column_of(const facts::Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &facts::Column::name);
  WEERBAAR_CHECK(found != table.columns.end());
  return static_cast<size_t>(found - table.columns.begin());
}

bool asks(const Step& step, Property property) {
  return !step.absent && std::ranges::any_of(step.matches, [&](const Match& match) {
    const auto* asked = std::get_if<Property>(&match.term);
    return asked != nullptr && *asked == property;
  });
}

bool leads_to_subject(const Rule& rule) {
  return std::ranges::any_of(rule.steps, [](const Step& step) { return asks(step, Property::kSubject); });
}

size_t facts_needed(const Rule& rule) {
  return static_cast<size_t>(std::ranges::count(rule.steps, false, &Step::absent));
}

// Whether every step still hangs on the access, and every variable that a comparison or an absent step names is bound.
bool is_whole(const Rule& rule) {
  std::vector<bool> known(rule.variables.size());
  const auto is_known = [&](const Term& term) {
    const auto* variable = std::get_if<Variable>(&term);
    return variable == nullptr || known[variable->number];
  };
  std::vector<bool> joined(rule.steps.size());
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t i = 0; i < rule.steps.size(); ++i) {
      const Step& step = rule.steps[i];
      if (joined[i] || step.absent) continue;
      const bool hangs = std::ranges::any_of(step.matches, [&](const Match& match) {
        return !std::holds_alternative<Word>(match.term) && is_known(match.term);
      });
      if (!hangs) continue;
      joined[i] = grew = true;
      for (const Match& match : step.matches) {
        if (const auto* variable = std::get_if<Variable>(&match.term)) known[variable->number] = true;
      }
    }
  }
  for (size_t i = 0; i < rule.steps.size(); ++i) {
    const Step& step = rule.steps[i];
    const bool holds = step.absent ? std::ranges::all_of(step.matches, [&](const Match& m) { return is_known(m.term); })
                                   : static_cast<bool>(joined[i]);
    if (!holds) return false;
  }
  return std::ranges::all_of(rule.compares,
                             [&](const Compare& compare) { return is_known(compare.left) && is_known(compare.right); });
}

// Numbers that follow from the first alone (splitmix64, Steele, Lea and Flood 2014).
uint64_t next_random(uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

bool has(std::span<const Finding> findings, uint32_t number, uint32_t Finding::* member) {
  return std::ranges::find(findings, number, member) != findings.end();
}

void add_to(std::vector<uint64_t>& to, const std::vector<uint64_t>& from) {
  to.resize(std::max(to.size(), from.size()));
  for (size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

uint64_t beyond_chance(uint64_t accesses, uint64_t subjects, uint64_t shown, uint64_t by_chance) {
  if (shown <= by_chance || by_chance >= subjects) return 0;
  const double share = static_cast<double>(shown - by_chance) / static_cast<double>(subjects - by_chance);
  return std::min(accesses, static_cast<uint64_t>(std::llround(share * static_cast<double>(subjects))));
}

}  // namespace

std::string_view to_string(Lack lack) {
  constexpr std::string_view kNames[] = {"fact", "time", "alike"};
  return kNames[static_cast<size_t>(lack)];
}

std::string_view to_string(PlaceField field) {
  constexpr std::string_view kNames[] = {"unit", "system", "hour"};
  return kNames[static_cast<size_t>(field)];
}

void MissingFacts::want(std::span<const Rule> rules, FactBase& facts) {
  Judge::want(rules, facts);
  const facts::Table& table = position_table();
  for (const std::string_view column : {"employee", "unit"}) facts.want(table, column_of(table, column));
  // So that those which an access names have a text, whatever other facts say of them.
  for (const std::string_view name : {"system", "unit"}) {
    const facts::Table& named = *facts::find_table(name);
    facts.want(named, column_of(named, name));
  }
}

MissingFacts::MissingFacts(const Judge& judge, FactBase& facts)
    : judge_(judge),
      facts_(facts),
      positions_(facts.table(position_table())),
      unit_place_(positions_.place(column_of(position_table(), "unit"))),
      by_employee_(facts.index(position_table(), column_of(position_table(), "employee"))) {
  std::vector<Rule> rules;
  for (uint32_t number = 0; number < judge.rules().size(); ++number) {
    const Rule& rule = judge.rules()[number];
    if (rule.conclusion == Conclusion::kExplained && leads_to_subject(rule)) add_almost(number, rules);
  }
  // The judge wants them by name; the names are their numbers here.
  WEERBAAR_CHECK(put_in_order(rules).has_value());
  for (const Rule& rule : rules) almost_of_rule_.push_back(static_cast<uint32_t>(std::stoul(rule.id)));
  almost_judge_ = std::make_unique<const Judge>(std::move(rules), facts);
}

// Each flags, so that the judge names all that fire and not the first alone.
void MissingFacts::add_almost(uint32_t number, std::vector<Rule>& rules) {
  const Rule& rule = judge_.rules()[number];
  const auto add = [&](Rule almost, Lack lack, std::string_view table) {
    almost.id = std::to_string(almost_.size());
    almost.conclusion = Conclusion::kFlagged;
    almost.unless.clear();
    almost_.push_back({number, lack, std::string(table)});
    rules.push_back(std::move(almost));
  };
  Rule later = rule;
  for (Step& step : later.steps) {
    if (step.absent || step.window.ever) continue;
    step.window.early += kTimeOff;
    step.window.late += kTimeOff;
  }
  add(std::move(later), Lack::kTime, "");
  if (facts_needed(rule) == 1) single_.push_back(number);
  for (size_t i = 0; i < rule.steps.size(); ++i) {
    if (rule.steps[i].absent) continue;
    Rule less = rule;
    less.steps.erase(less.steps.begin() + static_cast<ptrdiff_t>(i));
    if (leads_to_subject(less) && is_whole(less)) add(std::move(less), Lack::kFact, rule.steps[i].table->name);
  }
}

MissingFacts::Place MissingFacts::place_of(const Access& access) const {
  const int64_t hours = access.time / kHourMicros - (access.time % kHourMicros < 0 ? 1 : 0);
  Place place{access.unit, access.system, static_cast<uint32_t>((hours % kHoursOfDay + kHoursOfDay) % kHoursOfDay)};
  const FactIndex::Rows rows = by_employee_.rows(access.employee);
  for (uint32_t i = rows.begin; i < rows.end; ++i) {
    const uint32_t row = rows.at(i);
    if (access.time < positions_.valid_from(row) || access.time >= positions_.valid_to(row)) continue;
    place.unit = positions_.cell(row, unit_place_);
    break;
  }
  return place;
}

void MissingFacts::add(const Judged& judged) {
  const Place place = place_of(*judged.access);
  Counts& counts = places_[place];
  Counts one;
  ++one.checked;
  one.employees.push_back(judged.access->employee);
  if (judged.outcome == Outcome::kExplained) add_explained(judged, one);
  if (judged.outcome == Outcome::kUnexplained) add_unexplained(judged, one);
  counts.add(one);
  by_unit_and_system_[{place.unit, place.system, 0}].add(one);
  by_system_[{kNoSymbol, place.system, 0}].add(one);
  all_.add(one);
}

void MissingFacts::Counts::add(const Counts& other) {
  checked += other.checked;
  unexplained += other.unexplained;
  subjects += other.subjects;
  explained += other.explained;
  add_to(accesses, other.accesses);
  add_to(shown, other.shown);
  add_to(by_chance, other.by_chance);
  add_to(explained_by, other.explained_by);
  for (const Symbol employee : other.employees) {
    if (employees.size() == kPlaceEmployeesMin) break;
    const auto place = std::ranges::lower_bound(employees, employee);
    if (place == employees.end() || *place != employee) employees.insert(place, employee);
  }
}

void MissingFacts::add_explained(const Judged& judged, Counts& counts) const {
  counts.explained = 1;
  counts.explained_by.resize(single_.size());
  for (size_t i = 0; i < single_.size(); ++i) {
    counts.explained_by[i] = has(judged.findings, single_[i], &Finding::rule) ? 1 : 0;
  }
}

void MissingFacts::add_unexplained(const Judged& judged, Counts& counts) {
  counts.unexplained = 1;
  counts.shown.resize(almost_.size());
  counts.by_chance.resize(almost_.size());
  const std::span<const Symbol> subjects = judged.access->subjects;
  for (uint32_t i = 0; i < subjects.size(); ++i) {
    if (has(judged.findings, i, &Finding::subject)) continue;
    ++counts.subjects;
    try_subject(*judged.access, subjects[i], counts.shown);
    // kNoSymbol is the first of the kind, and nobody.
    const auto known = static_cast<Symbol>(facts_.symbols(Kind::kSubject));
    if (known > 1)
      try_subject(*judged.access, 1 + static_cast<Symbol>(next_random(random_) % (known - 1)), counts.by_chance);
  }
  counts.accesses = counts.shown;
  for (uint64_t& shows : counts.accesses) shows = std::min<uint64_t>(shows, 1);
}

void MissingFacts::try_subject(const Access& access, Symbol subject, std::vector<uint64_t>& fired) {
  Access of_one = access;
  of_one.subjects = std::span(&subject, 1);
  almost_judge_->judge(of_one, verdict_);
  for (const Finding& finding : verdict_.findings) ++fired[almost_of_rule_[finding.rule]];
}

std::vector<double> MissingFacts::alike(const Place& place, const Counts& counts) const {
  const Counts* like = &by_unit_and_system_.at({place.unit, place.system, 0});
  if (like->explained < kExplainedMin) like = &by_system_.at({kNoSymbol, place.system, 0});
  if (like->explained < kExplainedMin) like = &all_;
  std::vector<double> expected(single_.size());
  if (like->explained < kExplainedMin) return expected;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double share = static_cast<double>(like->explained_by[i]) / static_cast<double>(like->explained);
    expected[i] = share * static_cast<double>(counts.unexplained);
  }
  return expected;
}

std::vector<MissingFact> MissingFacts::missing(const Counts& counts, std::span<const double> alike) const {
  std::vector<MissingFact> all;
  for (size_t i = 0; i < almost_.size() && counts.unexplained > 0; ++i) {
    const Almost& almost = almost_[i];
    all.push_back({judge_.rules()[almost.rule].id, almost.table, almost.lack, counts.accesses[i],
                   beyond_chance(counts.accesses[i], counts.subjects, counts.shown[i], counts.by_chance[i])});
  }
  for (size_t i = 0; i < single_.size(); ++i) {
    const Rule& rule = judge_.rules()[single_[i]];
    const auto step = std::ranges::find(rule.steps, false, &Step::absent);
    const auto expected = static_cast<uint64_t>(std::llround(alike[i]));
    all.push_back({rule.id, std::string(step->table->name), Lack::kAlike, expected, expected});
  }
  std::erase_if(all, [](const MissingFact& fact) { return fact.more == 0; });
  std::ranges::sort(all, [](const MissingFact& a, const MissingFact& b) {
    return std::tuple(b.more, a.rule, a.table, a.lack) < std::tuple(a.more, b.rule, b.table, b.lack);
  });
  return all;
}

std::string MissingFacts::text(PlaceField field, const Place& place) const {
  switch (field) {
    case PlaceField::kUnit:
      return std::string(facts_.text(Kind::kUnit, place.unit));
    case PlaceField::kSystem:
      return std::string(facts_.text(Kind::kSystem, place.system));
    case PlaceField::kHour:
      return fmt::format("{:02}", place.hour);
  }
  return "";
}

std::vector<MissingPlace> MissingFacts::by(std::span<const PlaceField> fields) const {
  struct Sum {
    Counts counts;
    std::vector<double> alike;

    void add(const Counts& more, std::span<const double> more_alike) {
      counts.add(more);
      alike.resize(std::max(alike.size(), more_alike.size()));
      for (size_t i = 0; i < more_alike.size(); ++i) alike[i] += more_alike[i];
    }
  };
  std::map<std::vector<std::string>, Sum> sums;
  for (const auto& [place, counts] : places_) {
    std::vector<std::string> values;
    for (const PlaceField field : fields) values.push_back(text(field, place));
    sums[values].add(counts, alike(place, counts));
  }
  std::vector<MissingPlace> all;
  const auto take = [&](std::vector<std::string> values, bool few, const Sum& sum) {
    all.push_back({std::move(values), few, sum.counts.checked, sum.counts.unexplained, missing(sum.counts, sum.alike)});
  };
  Sum few;
  for (const auto& [values, sum] : sums) {
    if (fields.empty() || sum.counts.employees.size() >= kPlaceEmployeesMin) {
      take(values, false, sum);
    } else {
      few.add(sum.counts, sum.alike);
    }
  }
  if (few.counts.checked > 0) take(std::vector(fields.size(), std::string(kFewEmployees)), true, few);
  std::ranges::sort(all, [](const MissingPlace& a, const MissingPlace& b) {
    return std::tie(b.unexplained, a.values) < std::tie(a.unexplained, b.values);
  });
  return all;
}

}  // namespace weerbaar::purpose
