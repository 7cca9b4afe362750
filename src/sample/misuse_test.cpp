#include "sample/misuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace weerbaar::sample {
namespace {

constexpr int64_t kFirstDay = 20'458;  // 2026-01-05

struct World {
  World(uint64_t seed, uint32_t employees, int64_t days)
      : population(seed, employees * kPersonsPerEmployee, kFirstDay),
        organisation({seed, employees, kFirstDay, days}, population),
        wanted(population.size()),
        plan(plan_misuse(seed, population, organisation, wanted)) {}

  Population population;
  Organisation organisation;
  Wanted wanted;
  Plan plan;
};

class MisuseTest : public ::testing::Test {
 protected:
  // Calls take(case, its accesses) for each planted case of a kind, of several samples.
  template <class Take>
  static void for_each(MisuseKind kind, Take take) {
    int seen = 0;
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      World world(seed, 600, 92);
      for (size_t i = 0; i < world.plan.cases.size(); ++i) {
        if (world.plan.cases[i].kind != kind) continue;
        std::vector<PlannedAccess> accesses;
        for (const PlannedAccess& access : world.plan.accesses) {
          if (access.planted == i + 1) accesses.push_back(access);
        }
        ASSERT_FALSE(accesses.empty());
        take(world, world.plan.cases[i], accesses);
        ++seen;
      }
    }
    EXPECT_GE(seen, 4);
  }
  static std::set<PersonNumber> persons_of(const std::vector<PlannedAccess>& accesses) {
    std::set<PersonNumber> persons;
    for (const PlannedAccess& access : accesses) {
      for (const Target& target : access.targets) persons.insert(target.person);
    }
    return persons;
  }
};

TEST_F(MisuseTest, comes_in_proportion_and_each_kind_at_least_once) {
  const auto count = [](const World& world) {
    std::map<MisuseKind, int> counts;
    for (const PlantedCase& planted : world.plan.cases) ++counts[planted.kind];
    return counts;
  };
  const std::map<MisuseKind, int> usual = count(World(1, 2'000, 92));
  EXPECT_EQ(usual.size(), static_cast<size_t>(MisuseKind::kKinds));
  for (const auto& [kind, cases] : usual) {
    EXPECT_GE(cases, 2) << to_string(kind);
    EXPECT_LE(cases, 3) << to_string(kind);
  }
  for (const auto& [kind, cases] : count(World(1, 120, 14))) EXPECT_EQ(cases, 1) << to_string(kind);
  for (const auto& [kind, cases] : count(World(1, 4'000, 184))) EXPECT_EQ(cases, 10) << to_string(kind);
}

TEST_F(MisuseTest, is_planned_in_the_order_of_days_and_by_nobody_twice) {
  const World world(2, 800, 92);
  EXPECT_TRUE(std::ranges::is_sorted(world.plan.accesses, {}, &PlannedAccess::day));
  std::set<std::string> actors;
  for (const PlantedCase& planted : world.plan.cases) {
    for (const std::string& actor : planted.actors) EXPECT_TRUE(actors.insert(actor).second);
  }
  for (const PlannedAccess& access : world.plan.accesses) {
    EXPECT_GE(access.access.micros, micros_at(access.day, 0));
    EXPECT_LT(access.access.micros, micros_at(access.day + 1, 0));
    for (const Target& target : access.targets) {
      if (access.is_of_own_case || world.population.person(target.person).is_honey) continue;
      EXPECT_FALSE(world.wanted.may_handle(world.organisation.employee(access.access.employee).unit, target.person));
    }
  }
}

TEST_F(MisuseTest, mostly_takes_place_while_the_actor_is_at_work) {
  uint64_t at_work = 0;
  const World world(3, 2'000, 92);
  for (const PlannedAccess& access : world.plan.accesses) {
    const auto work = world.organisation.working(access.access.seated, access.day);
    if (!work) continue;
    const int64_t micros = access.access.micros;
    if (micros >= micros_at(access.day, work->begin) && micros < micros_at(access.day, work->end)) ++at_work;
  }
  EXPECT_GT(at_work * 100, world.plan.accesses.size() * 80);
}

TEST_F(MisuseTest, neighbours_live_in_the_street_of_who_looks) {
  for_each(MisuseKind::kCuriousNeighbour, [](const World& world, const PlantedCase&, const auto& accesses) {
    const PersonNumber self = world.organisation.employee(accesses[0].access.employee).person;
    std::set<uint32_t> households;
    for (const PersonNumber person : persons_of(accesses)) {
      EXPECT_EQ(world.population.household_of(person).street, world.population.household_of(self).street);
      EXPECT_NE(world.population.person(person).household, world.population.person(self).household);
      households.insert(world.population.person(person).household);
    }
    EXPECT_LE(households.size(), 3U);
    EXPECT_GT(accesses.size(), 8U);
  });
}

TEST_F(MisuseTest, former_partners_shared_an_address_or_were_declared) {
  for_each(MisuseKind::kExPartner, [](const World& world, const PlantedCase&, const auto& accesses) {
    const EmployeeNumber actor = accesses[0].access.employee;
    const FormerAddress* const own = world.population.former_address(world.organisation.employee(actor).person);
    bool is_former = std::ranges::any_of(world.plan.former_partners,
                                         [&](const DeclaredRelation& relation) { return relation.employee == actor; });
    for (const PersonNumber person : persons_of(accesses)) {
      const FormerAddress* const other = world.population.former_address(person);
      is_former = is_former || (own != nullptr && other != nullptr && own->household == other->household);
    }
    EXPECT_TRUE(is_former);
  });
}

TEST_F(MisuseTest, sellers_look_at_addresses_and_at_nothing_else) {
  for_each(MisuseKind::kAddressSeller, [](const World&, const PlantedCase& planted, const auto& accesses) {
    for (const PlannedAccess& access : accesses) {
      const auto& components = systems()[access.access.system].components;
      EXPECT_THAT(components[access.access.component].data, ::testing::Contains("address"));
    }
    const size_t persons = persons_of(accesses).size();
    EXPECT_GE(persons, 20U);
    EXPECT_LE(persons, 60U);
    EXPECT_EQ(planted.leaked.size(), ((persons * 7 + 9) / 10 * 100 + 50) / 70);
  });
}

TEST_F(MisuseTest, exporters_take_lists_of_many_before_their_last_day) {
  for_each(MisuseKind::kMassExport, [](const World& world, const PlantedCase&, const auto& accesses) {
    const Employee& actor = world.organisation.employee(accesses[0].access.employee);
    EXPECT_LT(actor.end_day, world.organisation.end_day());
    for (const PlannedAccess& access : accesses) {
      EXPECT_LT(access.day, actor.end_day);
      EXPECT_GE(access.day, actor.end_day - 20);
      EXPECT_GE(access.targets.size(), 60U);
    }
  });
}

TEST_F(MisuseTest, shared_accounts_are_used_from_another_office_than_their_owners) {
  for_each(MisuseKind::kSharedAccount, [](const World& world, const PlantedCase& planted, const auto& accesses) {
    EXPECT_EQ(planted.actors.size(), 2U);
    for (const PlannedAccess& access : accesses) {
      EXPECT_EQ(world.organisation.employee(access.access.employee).id, planted.actors[0]);
      EXPECT_EQ(world.organisation.employee(access.access.seated).id, planted.actors[1]);
      EXPECT_NE(world.organisation.employee(access.access.seated).office,
                world.organisation.employee(access.access.employee).office);
    }
  });
}

TEST_F(MisuseTest, slow_leakers_look_up_no_more_than_three_a_week) {
  for_each(MisuseKind::kSlowLeaker, [](const World&, const PlantedCase& planted, const auto& accesses) {
    std::map<int64_t, std::set<PersonNumber>> of_week;
    for (const PlannedAccess& access : accesses) {
      of_week[(access.day - kFirstDay) / 7].insert(access.targets[0].person);
    }
    EXPECT_GE(of_week.size(), 8U);
    for (const auto& [week, persons] : of_week) EXPECT_LE(persons.size(), 3U);
    EXPECT_FALSE(planted.leaked.empty());
  });
}

TEST_F(MisuseTest, pairs_split_the_list) {
  for_each(MisuseKind::kCorruptPair, [](const World&, const PlantedCase& planted, const auto& accesses) {
    EXPECT_EQ(planted.actors.size(), 2U);
    std::map<EmployeeNumber, std::set<PersonNumber>> halves;
    for (const PlannedAccess& access : accesses) {
      if (!access.is_of_own_case) halves[access.access.employee].insert(access.targets[0].person);
    }
    ASSERT_EQ(halves.size(), 2U);
    const auto& one = halves.begin()->second;
    const auto& other = halves.rbegin()->second;
    EXPECT_LE(one.size() > other.size() ? one.size() - other.size() : other.size() - one.size(), 1U);
    for (const PersonNumber person : one) EXPECT_FALSE(other.contains(person));
  });
}

TEST_F(MisuseTest, those_who_break_the_glass_write_no_reason_down) {
  for_each(MisuseKind::kBreakGlassAbuse, [](const World&, const PlantedCase&, const auto& accesses) {
    std::set<int64_t> days;
    for (const PlannedAccess& access : accesses) {
      EXPECT_TRUE(access.access.break_glass);
      EXPECT_EQ(access.access.reason, 0);
      days.insert(access.day);
    }
    EXPECT_GE(days.size(), 4U);
  });
}

}  // namespace
}  // namespace weerbaar::sample
