#include "examine/detect/detectors/absence/absence.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

// Who is ill at home finishes a thing now and then; a badge is forgotten.
constexpr double kExplainedWeight = 0.05;
constexpr double kBadgeWeight = 0.5;

class Absence : public Detector {
 public:
  explicit Absence(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    const bool was_absent = surroundings_.is_absent(access.employee_symbol, access.time);
    if (!was_absent && !is_elsewhere(access)) return;
    double doubt = access.subjects.empty() && !access.is_explained ? 1 : kExplainedWeight;
    for (const ObservedSubject& subject : access.subjects) doubt = std::max(doubt, doubt_of(access, subject));
    uint64_t person = 0;
    for (const ObservedSubject& subject : access.subjects) person ^= subject.hash;
    const double weight = (was_absent ? 1 : kBadgeWeight) * doubt;
    looks_.add(access.employee, recent_.add(access.employee, person, access.time, weight), access.index);
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {
          fmt::format("het account werd in deze periode {} gebruikt terwijl de medewerker afwezig was, of volgens de "
                      "toegangspas ergens anders",
                      times.nl),
          fmt::format("the account was used {} in this period while the employee was absent, or elsewhere by badge",
                      times.en)};
    };
    looks_.tell(crowd, strength_now, say, evidence);
  }

 private:
  [[nodiscard]] bool is_elsewhere(const Observation& access) const {
    if (access.location == kNoSymbol || !surroundings_.has_badges(access.location)) return false;
    const auto badged = surroundings_.badged_at(access.employee_symbol, access.time);
    return badged && *badged != access.location;
  }

  const Surroundings& surroundings_;
  RecentLooks recent_;
  PeerCount looks_{{.peers = PeerCount::Peers::kEveryone,
                    .exposure = PeerCount::Exposure::kAccesses,
                    .rate = {1.0, 0.8, kByMistake}}};
};

}  // namespace

std::unique_ptr<Detector> make_absence(const Surroundings& surroundings) {
  return std::make_unique<Absence>(surroundings);
}

}  // namespace weerbaar::detect
