#include "examine/detect/detectors/sleeping/sleeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr size_t kSystemsMax = 64;
constexpr int64_t kSleep = 56 * kMicrosPerDay;
constexpr int64_t kAwake = 14 * kMicrosPerDay;  // for so long its use is looked at
constexpr double kExplainedWeight = 0.05;

struct Used {
  Symbol system = kNoSymbol;
  int64_t last = 0;
  int64_t woken = INT64_MIN;
};

class Sleeping : public Detector {
 public:
  explicit Sleeping(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    if (access.system == kNoSymbol || access.system == kUnknown) return;
    if (begin_ == INT64_MIN) begin_ = access.time;
    if (access.employee >= used_.size()) used_.resize(access.employee + 1);
    std::vector<Used>& systems = used_[access.employee];
    auto used = std::ranges::find(systems, access.system, &Used::system);
    if (used == systems.end()) {
      if (systems.size() == kSystemsMax) return;
      // Never seen: it slept since the stream began, when the employee might have used it then.
      const bool might = surroundings_.may_use(access.employee_symbol, access.system, begin_);
      used = systems.insert(used, {access.system, might ? begin_ : access.time, INT64_MIN});
    }
    if (access.time - used->last >= kSleep) used->woken = access.time;
    used->last = access.time;
    if (used->woken == INT64_MIN || access.time - used->woken > kAwake) return;
    double doubt = kExplainedWeight;
    for (const ObservedSubject& subject : access.subjects) doubt = std::max(doubt, doubt_of(access, subject));
    uses_.add(access.employee, doubt, access.index);
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {fmt::format(
                  "gebruikte in deze periode {} een systeem dat acht weken niet gebruikt was, zonder dat het werk dat "
                  "verklaart",
                  times.nl),
              fmt::format("used {} in this period a system that was not used for eight weeks, where the work does not "
                          "explain it",
                          times.en)};
    };
    uses_.tell(crowd, strength_now, say, evidence);
  }

 private:
  const Surroundings& surroundings_;
  int64_t begin_ = INT64_MIN;
  std::vector<std::vector<Used>> used_;  // by employee
  PeerCount uses_{{.peers = PeerCount::Peers::kEveryone,
                   .exposure = PeerCount::Exposure::kAccesses,
                   .rate = {1.0, 0.8, kByMistake}}};
};

}  // namespace

std::unique_ptr<Detector> make_sleeping(const Surroundings& surroundings) {
  return std::make_unique<Sleeping>(surroundings);
}

}  // namespace weerbaar::detect
