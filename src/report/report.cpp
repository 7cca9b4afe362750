#include "report/report.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "domain/dutch_calendar.h"

namespace weerbaar::report {
namespace {

constexpr size_t kComparableMin = 3;
constexpr size_t kDateLength = 10;

std::vector<const Cell*> pointers(std::span<const Cell> cells) {
  std::vector<const Cell*> all;
  for (const Cell& cell : cells) all.push_back(&cell);
  return all;
}

// What becomes visible of the rows of one table, whose sums may be known.
std::vector<Figures> figures_of(std::span<const Tally* const> rows) {
  std::vector<CellGroup> searches(rows.size());
  std::vector<CellGroup> hours(rows.size());
  std::vector<CellGroup> glass(rows.size());
  std::vector<CellGroup> unexplained(rows.size());
  std::vector<CellGroup> outcomes(rows.size());
  std::deque<Cell> others;  // explained or flagged
  std::vector<Figures> all(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Tally& row = *rows[i];
    const bool is_small = row.all.employees.are_few();
    searches[i] = {pointers(row.searches), is_small};
    hours[i] = {pointers(row.hours), is_small};
    glass[i] = {pointers(row.glass), is_small};
    Cell& other = others.emplace_back(row.outcomes[0]);
    other.add(row.outcomes[1]);
    unexplained[i] = {{&row.outcomes[2], &other}, is_small};
    outcomes[i] = {pointers(row.outcomes), is_small};
  }
  for (auto* groups : {&searches, &hours, &glass, &unexplained}) hide_small(*groups);
  // Few are flagged, mostly: then what is unexplained is shown all the same, and what is explained is not.
  for (size_t i = 0; i < rows.size(); ++i) outcomes[i].is_hidden = unexplained[i].is_hidden;
  hide_small(outcomes);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Tally& row = *rows[i];
    Figures& figures = all[i];
    if (row.all.employees.are_few()) continue;
    figures.accesses = row.all.accesses;
    figures.employees = row.employees.size();
    if (!searches[i].is_hidden) {
      figures.searches = row.all.accesses - row.searches[Tally::kNoSearch].accesses;
      figures.other_keys = row.searches[Tally::kByOther].accesses;
      figures.unknown_keys = row.searches[Tally::kByUnknown].accesses;
    }
    if (!hours[i].is_hidden) figures.outside_hours = row.hours[0].accesses;
    if (!glass[i].is_hidden) figures.break_glass = row.glass[0].accesses;
    if (!unexplained[i].is_hidden) figures.unexplained = row.outcomes[2].accesses;
    if (outcomes[i].is_hidden) continue;
    figures.explained = row.outcomes[0].accesses;
    figures.flagged = row.outcomes[1].accesses;
  }
  return all;
}

Figures figures_of(const Tally& tally) {
  const Tally* const rows[] = {&tally};
  return figures_of(rows)[0];
}

// The rows of a table, and what is put together.
struct Rows {
  std::vector<std::pair<std::string, const Tally*>> shown;  // the most employees first
  Tally rest;
  bool has_rest = false;
};

Rows put_together(std::vector<std::pair<std::string, const Tally*>> all, size_t shown_max) {
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return std::pair(b.second->all.accesses, a.first) < std::pair(a.second->all.accesses, b.first);
  });
  Rows rows;
  const auto put_in_rest = [&](const Tally& tally) {
    rows.rest.add(tally);
    rows.has_rest = true;
  };
  for (auto& row : all) {
    if (row.second->all.employees.are_few() || rows.shown.size() == shown_max) {
      put_in_rest(*row.second);
    } else {
      rows.shown.push_back(std::move(row));
    }
  }
  // A rest of few employees could be computed from the total.
  while (rows.has_rest && rows.rest.all.employees.are_few() && !rows.shown.empty()) {
    put_in_rest(*rows.shown.back().second);
    rows.shown.pop_back();
  }
  return rows;
}

std::vector<Place> places_of(const Rows& rows) {
  std::vector<const Tally*> tallies;
  std::vector<Place> places;
  for (const auto& [name, tally] : rows.shown) {
    tallies.push_back(tally);
    places.push_back({name, false, {}});
  }
  if (rows.has_rest) {
    tallies.push_back(&rows.rest);
    places.push_back({"", true, {}});
  }
  const std::vector<Figures> figures = figures_of(tallies);
  for (size_t i = 0; i < places.size(); ++i) places[i].figures = figures[i];
  return places;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Shares shares_of(const Figures& figures) {
  return {share(figures.accesses, figures.employees), share(figures.other_keys, figures.searches),
          share(figures.outside_hours, figures.accesses), share(figures.unexplained, figures.accesses),
          share(figures.flagged, figures.accesses)};
}

Shares median_of(const std::vector<const Shares*>& all) {
  Shares medians;
  for (std::optional<double> Shares::* const member :
       {&Shares::accesses_each, &Shares::other_keys, &Shares::outside_hours, &Shares::unexplained, &Shares::flagged}) {
    std::vector<double> values;
    for (const Shares* shares : all) {
      if (shares->*member) values.push_back(*(shares->*member));
    }
    medians.*member = median(std::move(values));
  }
  return medians;
}

std::string main_function_of(const UnitTally& unit) {
  const auto most = std::ranges::max_element(unit.functions, {}, &std::pair<const std::string, uint64_t>::second);
  return most == unit.functions.end() ? "" : most->first;
}

void compare(std::vector<UnitBenchmark>& units) {
  for (UnitBenchmark& unit : units) {
    std::vector<const Shares*> alike;
    std::vector<const Shares*> all;
    for (const UnitBenchmark& other : units) {
      if (other.place.is_rest || other.place.name.empty()) continue;
      all.push_back(&other.own);
      if (other.compared_with == unit.compared_with) alike.push_back(&other.own);
    }
    if (alike.size() >= kComparableMin && !unit.compared_with.empty()) {
      unit.comparable = alike.size();
      unit.median = median_of(alike);
    } else {
      unit.comparable = all.size();
      unit.median = median_of(all);
    }
  }
  // Only now, so that each was compared by its function.
  for (UnitBenchmark& unit : units) {
    const auto alike = std::ranges::count_if(units, [&](const UnitBenchmark& other) {
      return !other.place.is_rest && other.compared_with == unit.compared_with;
    });
    if (alike < static_cast<ptrdiff_t>(kComparableMin)) unit.compared_with.clear();
  }
}

std::vector<UnitBenchmark> units_of(const std::map<std::string, UnitTally>& units) {
  std::vector<std::pair<std::string, const Tally*>> all;
  all.reserve(units.size());
  for (const auto& [name, unit] : units) all.emplace_back(name, &unit.tally);
  std::vector<UnitBenchmark> benchmarks;
  for (Place& place : places_of(put_together(std::move(all), SIZE_MAX))) {
    UnitBenchmark unit;
    const auto found = units.find(place.name);
    if (!place.is_rest && found != units.end()) unit.compared_with = main_function_of(found->second);
    unit.own = shares_of(place.figures);
    unit.place = std::move(place);
    benchmarks.push_back(std::move(unit));
  }
  std::ranges::sort(benchmarks, [](const UnitBenchmark& a, const UnitBenchmark& b) {
    return std::tie(a.place.is_rest, a.place.name) < std::tie(b.place.is_rest, b.place.name);
  });
  compare(benchmarks);
  return benchmarks;
}

std::vector<Place> systems_of(const std::map<std::string, Tally>& systems) {
  std::vector<std::pair<std::string, const Tally*>> all;
  all.reserve(systems.size());
  for (const auto& [name, tally] : systems) all.emplace_back(name, &tally);
  return places_of(put_together(std::move(all), kSystemsShown));
}

std::vector<SourceCoverage> sources_of(const Gathered& gathered, Month month) {
  constexpr uint64_t kSecondsOfMinute = 60;
  std::vector<SourceCoverage> all;
  for (const auto& [name, source] : gathered.sources) {
    SourceCoverage coverage;
    coverage.name = name;
    coverage.missing_records = source.gaps.missing_records;
    coverage.silent_minutes = (source.gaps.silent_seconds + kSecondsOfMinute - 1) / kSecondsOfMinute;
    for (uint32_t day = 0; day < gathered.days_over; ++day) {
      if (is_day_off(first_day_of(month) + day)) continue;
      if (day < source.days.size() && source.days[day]) {
        ++coverage.days_with_delivery;
      } else {
        const Time midnight{(first_day_of(month) + day) * kMicrosPerDay, 0};
        coverage.days_without_delivery.push_back(format_time(midnight).substr(0, kDateLength));
      }
    }
    all.push_back(std::move(coverage));
  }
  return all;
}

void set_first(const FirstTally& tally, Report& report) {
  CellGroup group;
  for (const auto* cells : {&tally.first, &tally.later}) {
    for (const Cell& cell : *cells) group.cells.push_back(&cell);
  }
  hide_small(std::span(&group, 1));
  if (group.is_hidden || !report.all.explained) return;
  report.first = tally.first[0].accesses + tally.first[1].accesses + tally.first[2].accesses;
  report.first_explained = tally.first[0].accesses;
  report.first_flagged = tally.first[1].accesses;
  report.first_unexplained = tally.first[2].accesses;
}

}  // namespace

std::optional<double> share(Figure part, Figure whole) {
  if (!part || !whole || *whole == 0) return std::nullopt;
  return static_cast<double>(*part) / static_cast<double>(*whole);
}

Report make_report(Basis basis, Month month, const Gathered& gathered) {
  Report report;
  report.basis = std::move(basis);
  report.all = figures_of(gathered.all);
  if (report.all.accesses) report.persons = gathered.persons;
  CellGroup shifts{pointers(gathered.all.shifts), !report.all.accesses};
  hide_small(std::span(&shifts, 1));
  if (!shifts.is_hidden) report.on_shift = gathered.all.shifts[0].accesses;
  set_first(gathered.first, report);
  for (const auto& [before, tally] : gathered.before) {
    report.months.push_back({format_month(before), figures_of(tally)});
  }
  report.months.push_back({format_month(month), report.all});
  report.systems = systems_of(gathered.systems);
  report.units = units_of(gathered.units);
  report.days_over = gathered.days_over;
  report.sources = sources_of(gathered, month);
  report.unreadable = gathered.unreadable;
  report.findings = gathered.findings;
  return report;
}

}  // namespace weerbaar::report
