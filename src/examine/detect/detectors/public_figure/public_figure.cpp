#include "examine/detect/detectors/public_figure/public_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr double kShieldedWeight = 0.5;

class PublicFigure : public Detector {
 public:
  explicit PublicFigure(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    for (const ObservedSubject& subject : access.subjects) {
      const double doubt = doubt_of(access, subject);
      if (doubt <= 0) continue;
      const bool is_public = surroundings_.is_public_figure(subject.symbol, access.time);
      if (!is_public && (subject.flags & kShielded) == 0) continue;
      const double all = doubt * (is_public ? 1 : kShieldedWeight);
      const double weight = recent_.add(access.employee, subject.hash, access.time, all);
      looks_.add(access.employee, weight, access.index);
    }
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    const auto say = [](const Counted& one) -> Words {
      const Words times = in_times(one.count);
      return {
          fmt::format("zag in deze periode {}, zonder reden in het werk, bekende of afgeschermde personen", times.nl),
          fmt::format("saw {} in this period, without a reason in the work, persons of public interest or "
                      "shielded ones",
                      times.en)};
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

std::unique_ptr<Detector> make_public_figure(const Surroundings& surroundings) {
  return std::make_unique<PublicFigure>(surroundings);
}

}  // namespace weerbaar::detect
