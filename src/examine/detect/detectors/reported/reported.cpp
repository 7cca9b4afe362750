#include "examine/detect/detectors/reported/reported.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

constexpr size_t kKept = 256;
constexpr int64_t kBefore = 150 * kMicrosPerDay;  // so long before its report a look counts

struct Look {
  uint64_t subject = 0;
  uint64_t index = 0;
  int64_t reported = 0;
  double doubt = 0;
};

class Reported : public Detector {
 public:
  explicit Reported(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    for (const ObservedSubject& subject : access.subjects) {
      const double doubt = doubt_of(access, subject);
      if (doubt <= 0) continue;
      const auto reported = surroundings_.reported_after(subject.symbol, access.time);
      if (!reported || *reported - access.time > kBefore) continue;
      if (access.employee >= looks_.size()) looks_.resize(access.employee + 1);
      std::vector<Look>& looks = looks_[access.employee];
      const auto known = std::ranges::find(looks, subject.hash, &Look::subject);
      if (known != looks.end()) {
        known->doubt = std::max(known->doubt, doubt);
      } else if (looks.size() < kKept) {
        looks.push_back({subject.hash, access.index, *reported, doubt});
      }
    }
  }
  // What a report tells counts in the period in which it was made: before, nobody knew.
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    for (uint32_t i = 0; i < looks_.size(); ++i) {
      for (const Look& look : looks_[i]) {
        if (look.reported < crowd.to) persons_.add(i, look.doubt, look.index);
      }
      std::erase_if(looks_[i], [&](const Look& look) { return look.reported < crowd.to; });
    }
    const auto say = [](const Counted& one) -> Words {
      const Words persons = in_words(one.count, {"één", "one"}, {"", ""});
      return {
          fmt::format(
              "zag eerder, zonder reden in het werk, {} van de personen over wie in deze twee weken een melding kwam",
              persons.nl),
          fmt::format(
              "saw before, without a reason in the work, {} of the persons who appeared in a report in these two "
              "weeks",
              persons.en)};
    };
    persons_.tell(crowd, strength_now_or_long, say, evidence);
  }

 private:
  const Surroundings& surroundings_;
  std::vector<std::vector<Look>> looks_;  // by employee
  PeerCount persons_{{.peers = PeerCount::Peers::kEveryone,
                      .exposure = PeerCount::Exposure::kPersons,
                      .rate = {1.0, 0.85, kByMistake},
                      .events_stay = true}};
};

}  // namespace

std::unique_ptr<Detector> make_reported(const Surroundings& surroundings) {
  return std::make_unique<Reported>(surroundings);
}

}  // namespace weerbaar::detect
