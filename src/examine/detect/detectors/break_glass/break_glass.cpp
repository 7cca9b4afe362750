#include "examine/detect/detectors/break_glass/break_glass.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

// A reason that says something takes a few words.
constexpr uint32_t kReasonBytesMin = 15;
constexpr double kGoodReason = 0.3;

struct Broken {
  uint64_t reason = 0;
  uint64_t person = 0;
};

class BreakGlass : public Detector {
 public:
  explicit BreakGlass(const Surroundings& surroundings [[maybe_unused]]) {}

  void observe(const Observation& access) override {
    if (!access.break_glass) return;
    if (access.employee >= last_.size()) last_.resize(access.employee + 1);
    Broken& last = last_[access.employee];
    uint64_t person = 0;
    for (const ObservedSubject& subject : access.subjects) person ^= subject.hash;
    // For one person it is one emergency, and so one reason.
    const bool repeats = access.reason != 0 && access.reason == last.reason && person != last.person;
    const bool is_good = access.reason_bytes >= kReasonBytesMin && !repeats;
    last = {access.reason, person};
    const double weight = recent_.add(access.employee, person, access.time, is_good ? kGoodReason : 1);
    broken_.add(access.employee, weight, access.index);
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words peers = words_on_peers(one.rate);
      const Words times = in_times(one.count);
      return {
          fmt::format("gebruikte de noodprocedure {} in deze periode, per persoon en uur één keer geteld en met een "
                      "goede reden licht; {}",
                      times.nl, peers.nl),
          fmt::format("broke the glass {} in this period, counted once for a person and an hour, and little with a "
                      "good reason; {}",
                      times.en, peers.en)};
    };
    broken_.tell(crowd, strength_now_or_long, say, evidence);
  }

 private:
  std::vector<Broken> last_;  // by employee
  RecentLooks recent_;
  PeerCount broken_{{.peers = PeerCount::Peers::kFunction,
                     .exposure = PeerCount::Exposure::kPersons,
                     .rate = {0.5, 0.85},
                     .events_stay = true}};
};

}  // namespace

std::unique_ptr<Detector> make_break_glass(const Surroundings& surroundings) {
  return std::make_unique<BreakGlass>(surroundings);
}

}  // namespace weerbaar::detect
