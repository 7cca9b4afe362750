#include "examine/detect/detectors/near/near.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr double kColleagueWeight = 0.3;
constexpr double kSurnameWeight = 0.5;
// A surname that one person in so many has may be a coincidence.
constexpr double kSurnameRarity = 2'000;

class Near : public Detector {
 public:
  explicit Near(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    for (const ObservedSubject& subject : access.subjects) {
      const double doubt = doubt_of(access, subject);
      if (doubt <= 0) continue;
      const double nearness = nearness_of(access, subject);
      if (nearness <= 0) continue;
      const double weight = recent_.add(access.employee, subject.hash, access.time, doubt * nearness);
      looks_.add(access.employee, weight, access.index);
    }
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {fmt::format("zag in deze periode {}, zonder reden in het werk, mensen uit de eigen omgeving: relaties, "
                          "een adres van nu of vroeger, buren of dezelfde zeldzame naam",
                          times.nl),
              fmt::format("saw {} in this period, without a reason in the work, people from the own surroundings: "
                          "relations, an address of now or earlier, neighbours or the same rare surname",
                          times.en)};
    };
    looks_.tell(crowd, strength_now_or_long, say, evidence);
  }

 private:
  [[nodiscard]] double nearness_of(const Observation& access, const ObservedSubject& subject) const {
    if ((subject.flags & (kDeclaredRelation | kSameAddress | kNeighbour)) != 0) return 1;
    if (surroundings_.ever_lived_together(access.employee_symbol, subject.symbol)) return 1;
    if ((subject.flags & kColleague) != 0) return kColleagueWeight;
    const double rarity = surroundings_.surname_in_common(access.employee_symbol, subject.symbol);
    return rarity >= kSurnameRarity ? kSurnameWeight : 0;
  }

  const Surroundings& surroundings_;
  RecentLooks recent_;
  PeerCount looks_{{.peers = PeerCount::Peers::kEveryone,
                    .exposure = PeerCount::Exposure::kPersons,
                    .rate = {1.0, 0.85, kByMistake},
                    .events_stay = true}};
};

}  // namespace

std::unique_ptr<Detector> make_near(const Surroundings& surroundings) {
  return std::make_unique<Near>(surroundings);
}

}  // namespace weerbaar::detect
