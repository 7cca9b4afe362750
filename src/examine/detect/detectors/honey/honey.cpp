#include "examine/detect/detectors/honey/honey.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

class Honey : public Detector {
 public:
  explicit Honey(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    for (const ObservedSubject& subject : access.subjects) {
      if (!surroundings_.is_honey(subject.symbol, access.time)) continue;
      const double doubt = doubt_of(access, subject);
      const double weight = recent_.add(access.employee, subject.hash, access.time, doubt);
      looks_.add(access.employee, weight, access.index);
    }
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {
          fmt::format("kreeg in deze periode {} een verzonnen persoon te zien, die niemand voor het werk nodig heeft",
                      times.nl),
          fmt::format("saw a fictitious person, whom nobody needs for the work, {} in this period", times.en)};
    };
    looks_.tell(crowd, strength_now_or_long, say, evidence);
  }

 private:
  const Surroundings& surroundings_;
  RecentLooks recent_;
  PeerCount looks_{{.peers = PeerCount::Peers::kEveryone,
                    .exposure = PeerCount::Exposure::kPersons,
                    .rate = {1.0, 0.85, kByMistake},
                    .events_stay = true}};
};

}  // namespace

std::unique_ptr<Detector> make_honey(const Surroundings& surroundings) {
  return std::make_unique<Honey>(surroundings);
}

}  // namespace weerbaar::detect
