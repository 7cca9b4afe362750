#include "sample/population.h"

#include <fmt/format.h>

#include <algorithm>

#include "sample/words.h"

namespace weerbaar::sample {
namespace {

constexpr uint32_t kHousesOfStreetMin = 24;
constexpr uint32_t kHousesOfStreetMax = 56;
// Streets that make a region of four digits; small, because whoever has a duty for one may open all of it.
constexpr uint32_t kStreetsOfRegion = 3;
// In ten houses four have one adult and the others two, and 35 in a hundred of those have children: about 2.2 people a
// house, as in the Netherlands.
constexpr uint64_t kAloneOfTen = 4;
constexpr uint64_t kChildrenOfHundred = 55;
// Of couples, in which both bear one surname in the register.
constexpr uint64_t kOneNameOfHundred = 70;
// Grown children who live near their parents and bear their name: relatives are many, and most are no misuse.
constexpr uint64_t kHeirsOfHundred = 30;
// Of all surnames, those that are borne by many: 96 names for a quarter of the people, as in reality.
constexpr uint64_t kUsualNameOfHundred = 27;

constexpr uint32_t kPublicFigures = 60;
constexpr uint32_t kShielded = 200;
constexpr uint32_t kHoney = 25;
// One of so many is special at most, so that a small sample is not full of them.
constexpr uint32_t kSpecialOne = 40;

constexpr uint64_t kMovedOfThousand = 15;
constexpr uint64_t kVehicleOfHundred = 48;
constexpr uint64_t kFirmOfHundred = 9;

// No divisor in common with that: a walk with this step meets each prefix once.
constexpr uint64_t kBsnStep = 4'810'423;

}  // namespace

Population::Population(uint64_t seed, uint32_t persons, int64_t first_day)
    : seed_(seed), surnames_(sample::surnames()) {
  Random random(seed, Stream::kPopulation);
  persons_.reserve(persons);
  while (persons_.size() < persons) {
    const auto houses = static_cast<uint16_t>(random.between(kHousesOfStreetMin, kHousesOfStreetMax));
    for (uint16_t house = 1; house <= houses && persons_.size() < persons; ++house) {
      add_household(streets_, house, random);
    }
    ++streets_;
  }
  const auto per_office = static_cast<uint32_t>((streets_ + offices().size() - 1) / offices().size());
  regions_ = static_cast<uint32_t>(offices().size()) * ((per_office + kStreetsOfRegion - 1) / kStreetsOfRegion);
  make_indexes();
  choose_special(random);
  move_some(first_day, random);
}

void Population::add_household(uint32_t street, uint16_t house, Random& random) {
  Household household;
  household.street = street;
  household.house = house;
  household.first = static_cast<uint32_t>(persons_.size());
  household.adults = random.below(10) < kAloneOfTen ? 1 : 2;
  uint64_t children = 0;
  if (household.adults == 2 && random.chance(kChildrenOfHundred, 100)) children = 1 + random.below(3);
  household.persons = static_cast<uint8_t>(household.adults + children);
  const auto any_name = [&] {
    if (random.chance(kUsualNameOfHundred, 100)) return static_cast<uint16_t>(random.small_below(kSurnamesUsual));
    return static_cast<uint16_t>(kSurnamesUsual + random.below(surnames_.size() - kSurnamesUsual));
  };
  uint16_t surname = any_name();
  if (!households_.empty() && random.chance(kHeirsOfHundred, 100)) {
    // Parents live before them, and most of them not far.
    const uint64_t back = random.small_below(std::min<uint64_t>(households_.size(), 4'000));
    surname = persons_[households_[households_.size() - 1 - back].first].surname;
  }
  const auto number = static_cast<uint32_t>(households_.size());
  const bool one_name = random.chance(kOneNameOfHundred, 100);
  for (uint8_t i = 0; i < household.persons; ++i) {
    Person person;
    person.household = number;
    person.is_adult = i < household.adults;
    person.surname = i == 1 && household.adults == 2 && !one_name ? any_name() : surname;
    persons_.push_back(person);
  }
  households_.push_back(household);
}

void Population::make_indexes() {
  region_begins_.assign(regions_ + 1, 0);
  for (uint32_t number = 0; number < households_.size(); ++number) ++region_begins_[region_number(number) + 1];
  for (uint32_t region = 0; region < regions_; ++region) region_begins_[region + 1] += region_begins_[region];
  surname_begins_.assign(surnames_.size() + 1, 0);
  for (const Person& person : persons_) ++surname_begins_[person.surname + 1U];
  for (size_t i = 0; i < surnames_.size(); ++i) surname_begins_[i + 1] += surname_begins_[i];
  std::vector<uint32_t> next(surname_begins_.begin(), surname_begins_.end() - 1);
  by_surname_.resize(persons_.size());
  for (PersonNumber number = 0; number < persons_.size(); ++number) {
    by_surname_[next[persons_[number].surname]++] = number;
  }
}

void Population::choose_special(Random& random) {
  const auto few = [&](uint32_t wanted) { return std::min(wanted, size() / kSpecialOne / 4 + 1); };
  const auto choose = [&](uint32_t wanted, std::vector<PersonNumber>& chosen, bool Person::* mark) {
    while (chosen.size() < few(wanted)) {
      const PersonNumber number = adult(random);
      Person& person = persons_[number];
      if (person.is_public_figure || person.is_shielded || person.is_honey) continue;
      person.*mark = true;
      chosen.push_back(number);
    }
    std::ranges::sort(chosen);
  };
  choose(kPublicFigures, public_figures_, &Person::is_public_figure);
  choose(kShielded, shielded_, &Person::is_shielded);
  choose(kHoney, honey_, &Person::is_honey);
}

void Population::move_some(int64_t first_day, Random& random) {
  constexpr int64_t kDaysBack = 700;
  for (uint32_t number = 0; number < households_.size(); ++number) {
    if (!random.chance(kMovedOfThousand)) continue;
    const auto from = static_cast<uint32_t>(random.below(households_.size()));
    const int64_t day = first_day - random.between(30, kDaysBack);
    const Household& household = households_[number];
    for (uint32_t i = 0; i < household.persons; ++i) {
      former_.push_back({household.first + i, from, day * kMicrosPerDay});
    }
  }
}

void Population::add_former_address(const FormerAddress& former) {
  const auto place = std::ranges::lower_bound(former_, former.person, {}, &FormerAddress::person);
  if (place != former_.end() && place->person == former.person) {
    *place = former;
  } else {
    former_.insert(place, former);
  }
}

const FormerAddress* Population::former_address(PersonNumber person) const {
  const auto place = std::ranges::lower_bound(former_, person, {}, &FormerAddress::person);
  return place != former_.end() && place->person == person ? &*place : nullptr;
}

// The ninth digit is what makes the weighted sum of the others fit: 9a + 8b + … + 2h - i is a multiple of 11. When that
// would be ten, the eighth digit goes one up, and the sum two.
std::string Population::number_with_test(uint64_t prefix, uint64_t eighth) const {
  std::string digits = fmt::format("{:07}", prefix);
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 7; ++i) sum += (9 - i) * static_cast<uint64_t>(digits[i] - '0');
  if ((sum + 2 * eighth) % 11 == 10) eighth = eighth == 9 ? 0 : eighth + 1;
  digits += static_cast<char>('0' + eighth);
  digits += static_cast<char>('0' + (sum + 2 * eighth) % 11);
  return digits;
}

std::string Population::bsn(PersonNumber number) const {
  const uint64_t place = (number + scramble(seed_, 1) % kPersonsMax) % kPersonsMax;
  return number_with_test(1'000'000 + place * kBsnStep % kPersonsMax, scramble(seed_, number) % 10);
}

std::string Population::rsin(PersonNumber owner) const {
  return number_with_test(1'000'000 + owner * uint64_t{611'953} % kPersonsMax, scramble(owner, 3) % 10);
}

std::string Population::kvk(PersonNumber owner) const {
  return fmt::format("{}", 10'000'000 + owner * uint64_t{7'654'321} % 79'999'987);
}

std::string Population::number_plate(PersonNumber owner) const {
  constexpr std::string_view kLetters = "BDFGHJKLNPRSTVXZ";
  uint64_t number = (owner + scramble(seed_, 2) % 1'000'003) % 16'000'000;
  number = number * 6'700'417 % 65'536'000;
  const auto letter = [&] {
    const char c = kLetters[number % kLetters.size()];
    number /= kLetters.size();
    return c;
  };
  const char a = letter();
  const char b = letter();
  const char c = letter();
  const char d = letter();
  return fmt::format("{}{}{:03}{}{}", a, b, number % 1'000, c, d);
}

bool Population::has_vehicle(PersonNumber number) const {
  return persons_[number].is_adult && scramble(number, 11) % 100 < kVehicleOfHundred;
}
bool Population::has_firm(PersonNumber number) const {
  return persons_[number].is_adult && scramble(number, 12) % 100 < kFirmOfHundred;
}

uint64_t Population::office_of_street(uint32_t street) const {
  return uint64_t{street} * offices().size() / streets_;
}

std::string Population::address(uint32_t number) const {
  const Household& household = households_[number];
  const uint64_t letters = scramble(7, household.street);
  return fmt::format("{}{}{} {} {}", region(number), static_cast<char>('A' + household.street % kStreetsOfRegion),
                     static_cast<char>('A' + letters / 64 % 20), street_names()[letters % street_names().size()],
                     household.house);
}

uint32_t Population::region_number(uint32_t household) const {
  const uint32_t street = households_[household].street;
  const uint64_t office = office_of_street(street);
  const uint64_t first_street = (office * streets_ + offices().size() - 1) / offices().size();
  return static_cast<uint32_t>(office * (regions_ / offices().size()) + (street - first_street) / kStreetsOfRegion);
}

std::string Population::region(uint32_t household) const {
  return region_name(region_number(household));
}

std::string Population::region_name(uint32_t number) const {
  const auto per_office = static_cast<uint32_t>(regions_ / offices().size());
  return fmt::format("{}", offices()[number / per_office].postcode + number % per_office);
}

PersonNumber Population::adult_near(uint32_t office, Random& random) const {
  const uint64_t households = households_.size();
  const uint64_t begin = households * office / offices().size();
  const uint64_t end = std::max(households * (office + 1) / offices().size(), begin + 1);
  const Household& household = households_[begin + random.below(end - begin)];
  return household.first + static_cast<uint32_t>(random.below(household.adults));
}

PersonNumber Population::adult_in_region(uint32_t region, Random& random) const {
  const uint32_t begin = region_begins_[region];
  const uint32_t end = region_begins_[region + 1];
  if (begin == end) return kNobody;
  const Household& household = households_[begin + random.below(end - begin)];
  return household.first + static_cast<uint32_t>(random.below(household.adults));
}

PersonNumber Population::namesake(PersonNumber number, Random& random) const {
  const uint32_t surname = persons_[number].surname;
  const uint32_t begin = surname_begins_[surname];
  return by_surname_[begin + random.below(surname_begins_[surname + 1] - begin)];
}

PersonNumber Population::adult(Random& random) const {
  const Household& household = households_[random.below(households_.size())];
  return household.first + static_cast<uint32_t>(random.below(household.adults));
}

}  // namespace weerbaar::sample
