// The persons whom the administration knows: households along streets, families, vehicles and firms.
//
// Everything that identifies is made from a number, so that a person takes few bytes. Numbers of citizens pass the
// 11-test, and nothing else is known of them: they are drawn without regard to who may bear them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sample/random.h"

namespace weerbaar::sample {

using PersonNumber = uint32_t;
inline constexpr PersonNumber kNobody = UINT32_MAX;

inline constexpr uint32_t kPersonsPerEmployee = 60;
// Each person is drawn from 8,000,000 numbers, so that no two are the same.
inline constexpr uint64_t kPersonsMax = 8'000'000;

struct Person {
  uint32_t household = 0;
  uint16_t surname = 0;
  bool is_adult = true;
  bool is_employee = false;
  bool is_public_figure = false;
  bool is_shielded = false;
  bool is_honey = false;
};

// Its persons follow each other, adults first.
struct Household {
  uint32_t street = 0;
  uint16_t house = 0;
  uint8_t persons = 0;
  uint8_t adults = 0;
  PersonNumber first = 0;
};

// The people behind a door until a day, when somebody moved.
struct FormerAddress {
  PersonNumber person = 0;
  uint32_t household = 0;  // where it was
  int64_t until_micros = 0;
};

class Population {
 public:
  Population(uint64_t seed, uint32_t persons, int64_t first_day);

  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(persons_.size()); }
  [[nodiscard]] const Person& person(PersonNumber number) const { return persons_[number]; }
  Person& person(PersonNumber number) { return persons_[number]; }
  [[nodiscard]] const Household& household_of(PersonNumber number) const {
    return households_[persons_[number].household];
  }
  [[nodiscard]] const std::vector<Household>& households() const { return households_; }
  // Those who moved, by person.
  [[nodiscard]] const std::vector<FormerAddress>& former_addresses() const { return former_; }
  void add_former_address(const FormerAddress& former);
  // Null for who did not move.
  [[nodiscard]] const FormerAddress* former_address(PersonNumber person) const;

  // Nine digits.
  [[nodiscard]] std::string bsn(PersonNumber number) const;
  // Of a firm: nine digits that pass the same test.
  [[nodiscard]] std::string rsin(PersonNumber owner) const;
  // Of the same firm in the trade register: eight digits.
  [[nodiscard]] std::string kvk(PersonNumber owner) const;
  [[nodiscard]] std::string number_plate(PersonNumber owner) const;
  [[nodiscard]] bool has_vehicle(PersonNumber number) const;
  [[nodiscard]] bool has_firm(PersonNumber number) const;
  [[nodiscard]] const std::string& surname(PersonNumber number) const { return surnames_[persons_[number].surname]; }
  [[nodiscard]] const std::string& surname_at(uint32_t place) const { return surnames_[place]; }
  [[nodiscard]] uint32_t surnames() const { return static_cast<uint32_t>(surnames_.size()); }
  // "3511AB Lindelaan 12".
  [[nodiscard]] std::string address(uint32_t household) const;
  // "3511".
  [[nodiscard]] std::string region(uint32_t household) const;
  // Regions are numbered; those of an office follow each other.
  [[nodiscard]] uint32_t region_number(uint32_t household) const;
  [[nodiscard]] std::string region_name(uint32_t region) const;
  [[nodiscard]] uint32_t regions() const { return regions_; }

  [[nodiscard]] const std::vector<PersonNumber>& public_figures() const { return public_figures_; }
  [[nodiscard]] const std::vector<PersonNumber>& shielded() const { return shielded_; }
  [[nodiscard]] const std::vector<PersonNumber>& honey() const { return honey_; }

  // An adult who lives in the zone of an office.
  [[nodiscard]] PersonNumber adult_near(uint32_t office, Random& random) const;
  // An adult anywhere.
  [[nodiscard]] PersonNumber adult(Random& random) const;
  // An adult of a region; kNobody when nobody lives there.
  [[nodiscard]] PersonNumber adult_in_region(uint32_t region, Random& random) const;
  // Somebody of the same surname; the person itself when there is no other.
  [[nodiscard]] PersonNumber namesake(PersonNumber number, Random& random) const;

 private:
  void add_household(uint32_t street, uint16_t house, Random& random);
  void choose_special(Random& random);
  void move_some(int64_t first_day, Random& random);
  void make_indexes();
  [[nodiscard]] uint64_t office_of_street(uint32_t street) const;
  [[nodiscard]] std::string number_with_test(uint64_t prefix, uint64_t eighth) const;

  uint64_t seed_;
  uint32_t streets_ = 0;
  uint32_t regions_ = 0;
  std::vector<std::string> surnames_;
  std::vector<Person> persons_;
  std::vector<Household> households_;
  std::vector<FormerAddress> former_;
  std::vector<uint32_t> region_begins_;  // the first household of each region, and the end
  std::vector<PersonNumber> by_surname_;
  std::vector<uint32_t> surname_begins_;
  std::vector<PersonNumber> public_figures_;
  std::vector<PersonNumber> shielded_;
  std::vector<PersonNumber> honey_;
};

}  // namespace weerbaar::sample
