// One planted case while it is being thought out.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sample/misuse.h"

namespace weerbaar::sample {

class Plot {
 public:
  // What plots share. All must outlive them.
  struct World {
    uint64_t seed;
    Population& population;
    Organisation& organisation;
    Wanted& wanted;
    Plan& plan;
    std::vector<bool> is_actor;  // by employee: nobody plots twice
  };

  Plot(World& world, MisuseKind kind, uint64_t number);

  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] Population& population() { return world_.population; }
  [[nodiscard]] Organisation& organisation() { return world_.organisation; }
  [[nodiscard]] PlantedCase& planted() { return world_.plan.cases[number_ - 1U]; }
  [[nodiscard]] int64_t day_at(int64_t hundredth) const;  // of the time that the sample covers

  // Somebody who reads for work, is in service all the time, leads nobody, and fits. kNone when nobody does.
  EmployeeNumber choose_actor(const std::function<bool(EmployeeNumber)>& fits);
  EmployeeNumber choose_actor() {
    return choose_actor([](EmployeeNumber) { return true; });
  }
  void add_actor(EmployeeNumber actor);
  // On which the employee works, in [begin, end).
  [[nodiscard]] std::vector<int64_t> days_at_work(EmployeeNumber actor, int64_t begin, int64_t end) const;

  // A person with whom the actor's unit will have no business.
  PersonNumber choose_person(EmployeeNumber actor);
  void keep_from(EmployeeNumber actor, PersonNumber person);

  // A moment of the working day, or not long after it, in microseconds.
  [[nodiscard]] int64_t moment(EmployeeNumber actor, int64_t day);
  // A system that the actor uses for work.
  [[nodiscard]] SystemNumber any_system(EmployeeNumber actor);
  // Adds an access; what it does not say is as usual for the actor on that day. Gives it, to change more.
  PlannedAccess& look(EmployeeNumber actor, int64_t day, int64_t micros, Action action, SystemNumber system,
                      std::span<const Target> targets);
  PlannedAccess& look(EmployeeNumber actor, int64_t day, int64_t micros, Action action, SystemNumber system,
                      PersonNumber person) {
    const Target target{person, Guise::kCitizen};
    return look(actor, day, micros, action, system, {&target, 1});
  }
  // A search by number and some reads, as one look at a person is: gives when it ends.
  int64_t look_up(EmployeeNumber actor, int64_t day, int64_t micros, PersonNumber person, uint64_t reads);

  void declare_former_partner(EmployeeNumber actor, PersonNumber person) {
    world_.plan.former_partners.push_back({actor, person});
  }
  // Seven of ten persons of the list come out together with others, three of ten of all; and some weeks later some of
  // them are named in reports.
  void leak(std::span<const PersonNumber> persons, int64_t day);

 private:
  World& world_;
  Random random_;
  uint16_t number_;
  bool is_careless_;  // also looks after hours, when nobody else is there
};

// How each kind goes.
void plot_curious_neighbour(Plot& plot);
void plot_ex_partner(Plot& plot);
void plot_celebrity(Plot& plot);
void plot_address_seller(Plot& plot);
void plot_mass_export(Plot& plot);
void plot_shared_account(Plot& plot);
void plot_slow_leaker(Plot& plot);
void plot_break_glass_abuse(Plot& plot);
void plot_corrupt_pair(Plot& plot);

}  // namespace weerbaar::sample
