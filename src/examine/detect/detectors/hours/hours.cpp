#include "examine/detect/detectors/hours/hours.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

// Who comes early or stays on is not outside.
constexpr int64_t kMargin = 3'600 * kMicrosPerSecond;
constexpr double kExplainedWeight = 0.1;
// Where no shifts are known: the night and the weekend, in UTC.
constexpr int64_t kHourFirst = 5;
constexpr int64_t kHourLast = 19;

class Hours : public Detector {
 public:
  explicit Hours(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    if (access.subjects.empty() && access.action != Action::kExport && access.action != Action::kPrint) return;
    if (!is_outside(access)) return;
    double doubt = kExplainedWeight;
    for (const ObservedSubject& subject : access.subjects) doubt = std::max(doubt, doubt_of(access, subject));
    if (access.subjects.empty() && !access.is_explained) doubt = 1;
    looks_.add(access.employee, doubt, access.index);
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto strength_of = [](const Counted& one) {
      const RateResult& rate = one.rate;
      return rate.has_past ? std::min(rate.now_peers, std::max(rate.now_own, rate.long_peers)) : rate.now_peers;
    };
    const auto say = [](const Counted& one) -> Words {
      const RateResult& rate = one.rate;
      const Words times = in_times(one.count);
      const Words most = short_number(rate.usual);
      return {
          fmt::format(
              "keek in deze periode {} buiten de eigen diensten; van {} collega's in dezelfde eenheid hebben 19 "
              "van de 20 ten hoogste {}",
              times.nl, rate.peers, most.nl),
          fmt::format("looked {} in this period outside the own shifts; of {} peers in the same unit 19 in 20 have at "
                      "most {}",
                      times.en, rate.peers, most.en)};
    };
    looks_.tell(crowd, strength_of, say, evidence);
  }

 private:
  [[nodiscard]] bool is_outside(const Observation& access) const {
    const auto outside = surroundings_.outside_shift(access.employee_symbol, access.time);
    if (outside) return *outside > kMargin;
    const int64_t day = floor_div(access.time, kMicrosPerDay);
    const int64_t hour = (access.time - day * kMicrosPerDay) / (kMicrosPerDay / 24);
    const int64_t weekday = ((day + 3) % 7 + 7) % 7;  // from Monday
    return hour < kHourFirst || hour >= kHourLast || weekday > 4;
  }

  const Surroundings& surroundings_;
  PeerCount looks_{{.peers = PeerCount::Peers::kUnit, .exposure = PeerCount::Exposure::kAccesses, .rate = {0.5, 0.8}}};
};

}  // namespace

std::unique_ptr<Detector> make_hours(const Surroundings& surroundings) {
  return std::make_unique<Hours>(surroundings);
}

}  // namespace weerbaar::detect
