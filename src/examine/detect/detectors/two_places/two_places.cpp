#include "examine/detect/detectors/two_places/two_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr size_t kRemembered = 4;
constexpr int64_t kTravel = 15 * 60 * kMicrosPerSecond;
// Two screens beside each other are no two places, though an account that two share looks alike.
constexpr double kScreensWeight = 0.002;

constexpr int64_t kNever = INT64_MIN;

struct Spot {
  uint64_t terminal = 0;
  uint64_t index = 0;
  int64_t time = kNever;
  Symbol location = kNoSymbol;
};

class TwoPlaces : public Detector {
 public:
  explicit TwoPlaces(const Surroundings& surroundings [[maybe_unused]]) {}

  void observe(const Observation& access) override {
    if (access.location == kNoSymbol && access.terminal == 0) return;
    if (access.account >= spots_.size()) spots_.resize(access.account + 1);
    std::array<Spot, kRemembered>& spots = spots_[access.account];
    const Spot here{access.terminal, access.index, access.time, access.location};
    double weight = 0;
    const Spot* other = nullptr;
    for (const Spot& spot : spots) {
      if (!are_within(kTravel, access.time, spot.time)) continue;
      const double apart = apart_by(here, spot);
      if (apart < weight || apart == 0 || (apart == weight && spot.time < other->time)) continue;
      weight = apart;
      other = &spot;
    }
    if (other != nullptr) {
      uses_.add(access.employee, 0, other->index);
      uses_.add(access.employee, weight, access.index);
    }
    remember(spots, here);
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {
          fmt::format("het account werd in deze periode {} op twee plaatsen binnen een kwartier gebruikt", times.nl),
          fmt::format("the account was used at two places within a quarter of an hour, {} in this period", times.en)};
    };
    uses_.tell(crowd, strength_now, say, evidence);
  }

 private:
  static bool are_within(int64_t most, int64_t a, int64_t b) {
    return a != kNever && b != kNever && (a > b ? a - b : b - a) <= most;
  }
  static double apart_by(const Spot& a, const Spot& b) {
    if (a.location != b.location) return a.location != kNoSymbol && b.location != kNoSymbol ? 1 : 0;
    return a.terminal != b.terminal && a.terminal != 0 && b.terminal != 0 ? kScreensWeight : 0;
  }
  // The latest look at each spot. What is delivered late is about an earlier moment, and replaces nothing later.
  static void remember(std::array<Spot, kRemembered>& spots, const Spot& here) {
    auto place = std::ranges::find_if(
        spots, [&](const Spot& spot) { return spot.terminal == here.terminal && spot.location == here.location; });
    if (place == spots.end()) place = std::ranges::min_element(spots, {}, &Spot::time);
    if (place->time <= here.time) *place = here;
  }

  std::vector<std::array<Spot, kRemembered>> spots_;  // by account
  PeerCount uses_{{.peers = PeerCount::Peers::kEveryone,
                   .exposure = PeerCount::Exposure::kAccesses,
                   .rate = {1.0, 0.8, kByMistake}}};
};

}  // namespace

std::unique_ptr<Detector> make_two_places(const Surroundings& surroundings) {
  return std::make_unique<TwoPlaces>(surroundings);
}

}  // namespace weerbaar::detect
