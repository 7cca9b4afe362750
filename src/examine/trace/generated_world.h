// For tests and the evaluation only: an administration of which everything is known, the same for the same seed.
//
// 2,000 employees read the data of 100,000 persons for 90 days because of their work: handlers of cases, each in one
// of 50 regions, with a case load of their own that they consult again and again, persons of their region besides, and
// a few of other regions; a call centre that answers whoever calls, some of it five per cent of everybody; specialists
// who work in a few regions; and others who hardly read. How much everybody does is skewed, and so is how often a
// person is read.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "examine/trace/activity.h"
#include "examine/trace/leak.h"

namespace weerbaar::trace::testing {

enum class Function : uint8_t { kHandler, kCallCentre, kSpecialist, kOther };

struct Employee {
  Function function = Function::kHandler;
  uint32_t region = 0;
  std::vector<Person> cases;  // of a handler
};

// A list of persons, and who gave it away: nobody for a list that was not leaked from here.
struct Planted {
  std::vector<Person> persons;
  std::vector<Reader> leakers;
};

class GeneratedWorld {
 public:
  static constexpr uint32_t kEmployees = 2'000;
  static constexpr uint32_t kPersons = 100'000;
  static constexpr uint32_t kRegions = 50;
  static constexpr int kDays = 90;
  static constexpr size_t kListPersons = 20;

  explicit GeneratedWorld(uint64_t seed);

  // 30 % of the list came from elsewhere, and the others were looked up by one employee of any function but the last,
  // a day here and a day there. They are anybody, or persons of the employee's own region.
  Planted plant_seller();
  Planted plant_seller_at_home();
  // The same, but looked up by two, each half of them.
  Planted plant_pair();
  // Lists that nobody looked up for: of anybody, as often read as others; of one region; of one case load.
  Planted list_of_anybody();
  Planted list_of_region();
  Planted list_of_case_load();

  // With all that was planted by now.
  [[nodiscard]] Activity activity() const;
  // The list as a leak on the day after the last, in that activity.
  [[nodiscard]] Leak leak_of(const Planted& planted) const;
  // Both as a trail gives them: of the leaked persons, and of so many others drawn by lot. Persons have other numbers.
  [[nodiscard]] std::pair<Activity, Leak> sample_of(const Planted& planted, size_t others, uint64_t seed) const;
  [[nodiscard]] const Employee& employee(Reader reader) const { return employees_[reader]; }
  [[nodiscard]] size_t looks() const { return days_.size(); }

 private:
  struct DatedLook {
    Person person;
    Reader reader;
    int day;

    auto operator<=>(const DatedLook&) const = default;
  };

  [[nodiscard]] Activity activity_of(std::span<const Person> numbers, size_t persons) const;
  uint32_t below(uint32_t limit) { return std::uniform_int_distribution<uint32_t>(0, limit - 1)(random_); }
  uint32_t about(double mean) { return std::poisson_distribution<uint32_t>(mean)(random_); }
  double skewed(double spread) { return std::lognormal_distribution<double>(0, spread)(random_); }
  void make_persons();
  void make_employees();
  void work_cases(Reader reader, double activity);
  void read(Reader reader, Person person) { days_.push_back({person, reader, static_cast<int>(below(kDays))}); }
  void read_anybody(Reader reader, double mean);
  void read_region(Reader reader, uint32_t region, double mean);
  // As likely as they are often read.
  Person anybody();
  Person one_of_region(uint32_t region);
  Reader leaker();
  template <class Draw>
  std::vector<Person> distinct(size_t count, Draw draw);
  void look_up(Reader reader, std::span<const Person> persons);

  std::mt19937_64 random_;
  std::vector<double> popularity_;  // summed up to each person
  std::vector<Employee> employees_;
  std::vector<DatedLook> days_;
};

}  // namespace weerbaar::trace::testing
