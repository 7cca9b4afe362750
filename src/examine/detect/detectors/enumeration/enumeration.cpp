#include "examine/detect/detectors/enumeration/enumeration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr size_t kRemembered = 4;
// Somebody, and who belongs to the same file: a partner, children.
constexpr size_t kPersonsOfLookMax = 4;
// Valid numbers lie about eleven apart: within so much there are one or two.
constexpr uint64_t kNumbersApart = 22;
constexpr uint32_t kHousesApart = 4;
constexpr int64_t kTogether = 4 * 3'600 * kMicrosPerSecond;

struct Step {
  uint64_t subject = 0;
  uint64_t number = 0;
  uint64_t index = 0;
  int64_t time = 0;
  House house;
};

template <class T>
bool are_near(T a, T b, T most) {
  return a != b && (a > b ? a - b : b - a) <= most;
}

class Enumeration : public Detector {
 public:
  explicit Enumeration(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    if (access.employee >= steps_.size()) steps_.resize(access.employee + 1);
    // A list is one look, and nobody went from one person of it to the next.
    if (access.subjects.size() > kPersonsOfLookMax) return;
    // Their order in an entry is that of pseudonyms, which is another one in each trail.
    std::array<const ObservedSubject*, kPersonsOfLookMax> order{};
    for (size_t i = 0; i < access.subjects.size(); ++i) order[i] = &access.subjects[i];
    const auto persons = std::span(order).first(access.subjects.size());
    std::ranges::sort(persons, {}, [](const ObservedSubject* one) { return std::pair(one->number, one->symbol); });
    for (const ObservedSubject* const subject : persons) {
      if (doubt_of(access, *subject) < 1) continue;
      const House house = surroundings_.house(surroundings_.address_of(subject->symbol, access.time));
      take({subject->hash, subject->number, access.index, access.time, house}, access.employee);
    }
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {
          fmt::format(
              "ging in deze periode {} van een persoon naar het volgende nummer of de volgende deur, zonder reden "
              "in het werk",
              times.nl),
          fmt::format("went {} in this period from a person to the next number or the next door, without a reason in "
                      "the work",
                      times.en)};
    };
    links_.tell(crowd, strength_now, say, evidence);
  }

 private:
  void take(const Step& step, uint32_t employee) {
    std::vector<Step>& steps = steps_[employee];
    if (std::ranges::find(steps, step.subject, &Step::subject) != steps.end()) return;
    const auto next_to = std::ranges::find_if(steps, [&](const Step& earlier) {
      const int64_t apart = std::max(step.time, earlier.time) - std::min(step.time, earlier.time);
      if (step.index == earlier.index || apart > kTogether) return false;
      const bool numbers =
          step.number != 0 && earlier.number != 0 && are_near(step.number, earlier.number, kNumbersApart);
      const bool doors = step.house.street != 0 && step.house.street == earlier.house.street &&
                         are_near(step.house.number, earlier.house.number, kHousesApart);
      return numbers || doors;
    });
    if (next_to != steps.end()) {
      links_.add(employee, 0, next_to->index);
      links_.add(employee, 1, step.index);
    }
    if (steps.size() == kRemembered) steps.erase(steps.begin());
    steps.push_back(step);
  }

  const Surroundings& surroundings_;
  std::vector<std::vector<Step>> steps_;  // by employee
  PeerCount links_{{.peers = PeerCount::Peers::kFunction,
                    .exposure = PeerCount::Exposure::kPersons,
                    .rate = {1.0, 0.8, kByMistake}}};
};

}  // namespace

std::unique_ptr<Detector> make_enumeration(const Surroundings& surroundings) {
  return std::make_unique<Enumeration>(surroundings);
}

}  // namespace weerbaar::detect
