#include "examine/detect/detectors/unexplained/unexplained.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"
#include "examine/detect/person_filter.h"

namespace weerbaar::detect {
namespace {

constexpr size_t kKept = 256;
// Of all employees together, for persons of a period beyond these: 32 million of them.
constexpr size_t kMoreBytesMax = size_t{64} << 20U;
// A number that was mistyped is followed by the right one soon, and differs in a digit or two.
constexpr int64_t kMistyped = 5 * 60 * kMicrosPerSecond;
constexpr double kMistypedWeight = 0.1;
constexpr double kNewsMin = 1;
// Over a long time some differ for reasons of their work that nobody recorded: that alone is not enough.
constexpr double kSlowMax = 3;

bool are_alike(uint64_t a, uint64_t b) {
  constexpr int kDigitsMax = 2;
  if (a == 0 || b == 0 || a == b) return false;
  int different = 0;
  for (; a != 0 || b != 0; a /= 10, b /= 10) different += a % 10 == b % 10 ? 0 : 1;
  return different <= kDigitsMax;
}

struct Doubtful {
  uint64_t subject = 0;
  uint64_t number = 0;
  uint64_t index = 0;
  int64_t time = 0;
  double weight = 0;
};

class Unexplained : public Detector {
 public:
  explicit Unexplained(const Surroundings& surroundings [[maybe_unused]]) {}

  void observe(const Observation& access) override {
    if (access.employee >= doubtful_.size()) doubtful_.resize(access.employee + 1);
    std::vector<Doubtful>& doubtful = doubtful_[access.employee];
    for (const ObservedSubject& subject : access.subjects) {
      const auto known = std::ranges::find(doubtful, subject.hash, &Doubtful::subject);
      if (subject.explained && !subject.by_broken_glass) {
        // The fact came later than the look: the work is real.
        if (known != doubtful.end()) doubtful.erase(known);
        if (!doubtful.empty() &&
            std::max(access.time, doubtful.back().time) - std::min(access.time, doubtful.back().time) <= kMistyped &&
            are_alike(doubtful.back().number, subject.number)) {
          doubtful.back().weight = std::min(doubtful.back().weight, kMistypedWeight);
        }
        continue;
      }
      const double doubt = doubt_of(access, subject);
      if (known != doubtful.end()) {
        known->weight = std::min(known->weight, doubt);
      } else if (doubt > 0 && doubtful.size() < kKept) {
        doubtful.push_back({subject.hash, subject.number, access.index, access.time, doubt});
      } else if (doubt > 0 && more_.add(access.employee, subject.hash)) {
        persons_.add(access.employee, doubt, access.index);
      }
    }
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    for (uint32_t i = 0; i < doubtful_.size(); ++i) {
      for (const Doubtful& one : doubtful_[i]) persons_.add(i, one.weight, one.index);
      doubtful_[i].clear();
    }
    const auto say = [this](const Counted& one) -> Words {
      const Words peers = words_on_peers(one.rate);
      const bool is_slow = strength_of(one) > strength_now_of(one.rate);
      const bool is_about = more_.holds_any(one.employee);
      const Words persons = in_words(one.count, {"één persoon", "one person"}, {" personen", " persons"}, is_about);
      return {fmt::format("zag {} in deze periode zonder dat het werk het verklaart{}; {}", persons.nl,
                          is_slow ? ", en al langer meer dan anderen" : "", peers.nl),
              fmt::format("saw {} in this period whom the work does not explain{}; {}", persons.en,
                          is_slow ? ", and for longer more than others" : "", peers.en)};
    };
    persons_.tell(crowd, &strength_of, say, evidence);
    more_.clear();
  }

 private:
  static double strength_now_of(const RateResult& rate) {
    return std::max(rate.now_peers, std::min(rate.now_own, 2 * rate.now_peers));
  }
  static double strength_of(const Counted& one) {
    // What was long ago is no news.
    if (one.count < kNewsMin) return 0;
    return std::max(strength_now_of(one.rate), std::min(one.rate.long_peers, kSlowMax));
  }

  std::vector<std::vector<Doubtful>> doubtful_;  // by employee
  PersonFilters more_{kMoreBytesMax};            // those that do not fit there
  PeerCount persons_{{.peers = PeerCount::Peers::kFunction,
                      .exposure = PeerCount::Exposure::kPersons,
                      .rate = {0.2, 0.85},
                      .events_stay = true}};
};

}  // namespace

std::unique_ptr<Detector> make_unexplained(const Surroundings& surroundings) {
  return std::make_unique<Unexplained>(surroundings);
}

}  // namespace weerbaar::detect
