#include "examine/detect/detectors/returning/returning.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr size_t kKept = 64;

struct Seen {
  uint64_t subject = 0;
  uint64_t first = 0;  // entry
  int64_t day = 0;     // of the last look
  uint32_t days = 0;
};

class Returning : public Detector {
 public:
  explicit Returning(const Surroundings& surroundings [[maybe_unused]]) {}

  void observe(const Observation& access) override {
    if (access.employee >= seen_.size()) seen_.resize(access.employee + 1);
    std::vector<Seen>& seen = seen_[access.employee];
    for (const ObservedSubject& subject : access.subjects) {
      const double doubt = doubt_of(access, subject);
      const auto known = std::ranges::find(seen, subject.hash, &Seen::subject);
      if (subject.explained && !subject.by_broken_glass && known != seen.end()) seen.erase(known);
      if (doubt < 1) continue;
      const int64_t day = floor_div(access.time, kMicrosPerDay);
      if (known == seen.end()) {
        make_room(seen);
        seen.push_back({subject.hash, access.index, day, 1});
      } else if (known->day != day) {
        if (known->days == 1) returns_.add(access.employee, 0, known->first);
        known->day = day;
        ++known->days;
        returns_.add(access.employee, 1, access.index);
      }
    }
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words peers = words_on_peers(one.rate);
      const Words times = in_times(one.count);
      return {
          fmt::format("kwam in deze periode {} op een andere dag terug bij een persoon bij wie het werk dat niet "
                      "verklaart; {}",
                      times.nl, peers.nl),
          fmt::format("came back {} in this period, on another day, to a person where the work does not explain it; {}",
                      times.en, peers.en)};
    };
    returns_.tell(crowd, strength_now_or_long, say, evidence);
  }

 private:
  // Who was seen on one day only, and longest ago, goes first.
  static void make_room(std::vector<Seen>& seen) {
    if (seen.size() < kKept) return;
    seen.erase(std::ranges::min_element(seen, {}, [](const Seen& one) { return std::pair(one.days > 1, one.day); }));
  }

  std::vector<std::vector<Seen>> seen_;  // by employee
  PeerCount returns_{{.peers = PeerCount::Peers::kFunction,
                      .exposure = PeerCount::Exposure::kPersons,
                      .rate = {1.0, 0.85, kByMistake},
                      .events_stay = true}};
};

}  // namespace

std::unique_ptr<Detector> make_returning(const Surroundings& surroundings) {
  return std::make_unique<Returning>(surroundings);
}

}  // namespace weerbaar::detect
