#include "sample/misuse.h"

#include <fmt/format.h>

#include <algorithm>

#include "sample/plot.h"

namespace weerbaar::sample {
namespace {

// Of each kind, in tenths, for so many days of so many employees.
constexpr uint64_t kCasesOfTen = 25;
constexpr uint64_t kUsualEmployeeDays = uint64_t{2'000} * 92;

struct KindOfPlot {
  std::string_view name;
  void (*make)(Plot& plot);
};
constexpr KindOfPlot kKindsOfPlot[] = {
    {"curious_neighbour", plot_curious_neighbour},
    {"ex_partner", plot_ex_partner},
    {"celebrity", plot_celebrity},
    {"address_seller", plot_address_seller},
    {"mass_export", plot_mass_export},
    {"shared_account", plot_shared_account},
    {"slow_leaker", plot_slow_leaker},
    {"break_glass_abuse", plot_break_glass_abuse},
    {"corrupt_pair", plot_corrupt_pair},
};
static_assert(std::size(kKindsOfPlot) == static_cast<size_t>(MisuseKind::kKinds));

}  // namespace

std::string_view to_string(MisuseKind kind) {
  return kKindsOfPlot[static_cast<size_t>(kind)].name;
}

Plan plan_misuse(uint64_t seed, Population& population, Organisation& organisation, Wanted& wanted) {
  Plan plan;
  Plot::World world{seed, population, organisation, wanted, plan, {}};
  world.is_actor.resize(organisation.employees().size());
  const uint64_t employee_days =
      organisation.employees().size() * static_cast<uint64_t>(organisation.end_day() - organisation.first_day());
  for (uint8_t kind = 0; kind < static_cast<uint8_t>(MisuseKind::kKinds); ++kind) {
    Random random(seed, Stream::kMisuse, 1'000, kind);
    const uint64_t count = std::max<uint64_t>(1, random.rounded(kCasesOfTen * employee_days, 10 * kUsualEmployeeDays));
    for (uint64_t i = 0; i < count; ++i) {
      Plot plot(world, static_cast<MisuseKind>(kind), i);
      kKindsOfPlot[kind].make(plot);
    }
  }
  std::ranges::stable_sort(plan.accesses, {}, &PlannedAccess::day);
  return plan;
}

void Misuse::add_day(int64_t day, const CaseLedger& cases, DayBook& book) {
  for (; next_ < plan_.accesses.size() && plan_.accesses[next_].day <= day; ++next_) {
    PlannedAccess& planned = plan_.accesses[next_];
    if (planned.is_of_own_case) {
      const std::vector<Case>& active = cases.active(planned.access.employee);
      const auto real = std::ranges::find_if(active, [&](const Case& one) {
        return one.registered < planned.access.micros && one.handled_since < planned.access.micros;
      });
      if (real == active.end()) continue;
      planned.targets = {{real->person, Guise::kCitizen}};
      planned.access.case_number = real->number;
    }
    book.note(planned.access, planned.targets);
  }
}

void Misuse::took_place(uint16_t planted, const AccessEvent& event) {
  PlantedCase& one = plan_.cases[planted - 1U];
  one.events.emplace_back(event.id);
}

Status Misuse::tell_reports(FactWriter& facts) const {
  for (const Report& report : plan_.reports) {
    WEERBAAR_TRY(facts.add(
        "reported",
        {fmt::format("M-{:03}", report.planted), "bsn:" + population_.bsn(report.person), "gegevens gezien bij derden"},
        report.micros));
  }
  return {};
}

std::vector<PlantedCase> Misuse::planted() const {
  std::vector<PlantedCase> all;
  for (const PlantedCase& one : plan_.cases) {
    if (!one.events.empty()) all.push_back(one);
  }
  return all;
}

}  // namespace weerbaar::sample
