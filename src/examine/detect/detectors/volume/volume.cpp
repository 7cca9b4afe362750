#include "examine/detect/detectors/volume/volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

class Volume : public Detector {
 public:
  explicit Volume(const Surroundings& surroundings [[maybe_unused]]) {}

  void observe(const Observation& access) override {
    if (!access.subjects.empty()) persons_.add(access.employee, 0, access.index);
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    for (uint32_t i = 0; i < crowd.activities.size(); ++i) persons_.add(i, crowd.activities[i].persons);
    // Both: a team is busy together, and some always do more than others.
    const auto strength_of = [](const Counted& one) {
      return one.rate.has_past ? std::min(one.rate.now_peers, one.rate.now_own) : one.rate.now_peers / 2;
    };
    const auto say = [](const Counted& one) -> Words {
      const Words peers = words_on_peers(one.rate);
      return {fmt::format("zag ongeveer {:.0f} personen in deze periode; {}", one.count, peers.nl),
              fmt::format("saw about {:.0f} persons in this period; {}", one.count, peers.en)};
    };
    persons_.tell(crowd, strength_of, say, evidence);
  }

 private:
  PeerCount persons_{
      {.peers = PeerCount::Peers::kFunction, .exposure = PeerCount::Exposure::kDays, .rate = {0.05, 0.8}}};
};

}  // namespace

std::unique_ptr<Detector> make_volume(const Surroundings& surroundings) {
  return std::make_unique<Volume>(surroundings);
}

}  // namespace weerbaar::detect
