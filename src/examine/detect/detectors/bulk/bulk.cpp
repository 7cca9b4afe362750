#include "examine/detect/detectors/bulk/bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "examine/detect/doubt.h"
#include "examine/detect/peer_count.h"

namespace weerbaar::detect {
namespace {

// Fewer records than this are an ordinary list.
constexpr uint64_t kRecordsMin = 25;
constexpr double kExplainedWeight = 0.1;
// Who is about to leave may want to take something along.
constexpr int64_t kLeaving = 45 * kMicrosPerDay;
constexpr double kLeavingTimes = 2;

class Bulk : public Detector {
 public:
  explicit Bulk(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access) override {
    const bool takes = access.action == Action::kExport || access.action == Action::kPrint;
    const bool lists = access.action == Action::kList || access.action == Action::kSearch;
    const uint64_t records = std::max<uint64_t>(access.records, access.subjects.size());
    if ((!takes && !lists) || records < kRecordsMin) return;
    double weight = std::log2(static_cast<double>(records) / kRecordsMin + 1) * (takes ? 1 : 0.5);
    weight *= std::max(kExplainedWeight, doubt_of(access));
    if (surroundings_.leaves_within(access.employee_symbol, access.time, kLeaving)) weight *= kLeavingTimes;
    taken_.add(access.employee, weight, access.index);
    if (access.employee >= records_.size()) records_.resize(access.employee + 1);
    records_[access.employee] += records;
  }
  void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) override {
    records_.resize(crowd.activities.size());
    const auto strength_of = [](const Counted& one) {
      return one.rate.has_past ? std::min(one.rate.now_peers, one.rate.now_own) : one.rate.now_peers;
    };
    const auto say = [&](const Counted& one) -> Words {
      const bool leaves = surroundings_.leaves_within(crowd.symbols[one.employee], crowd.from, kLeaving);
      const uint64_t records = records_[one.employee];
      return {
          fmt::format(
              "haalde in deze periode {} gegevens op in uitvoer, afdruk of lijsten{}, veel meer dan collega's in "
              "dezelfde functie",
              records, leaves ? ", kort voor vertrek" : ""),
          fmt::format(
              "took {} records in this period in exports, prints or lists{}, far more than peers in the same function",
              records, leaves ? ", shortly before leaving" : "")};
    };
    taken_.tell(crowd, strength_of, say, evidence);
    std::ranges::fill(records_, 0U);
  }

 private:
  // Of the list as a whole: on average over its persons.
  static double doubt_of(const Observation& access) {
    if (access.subjects.empty()) return access.is_explained || access.claims_case ? 0 : 1;
    double sum = 0;
    for (const ObservedSubject& subject : access.subjects) sum += detect::doubt_of(access, subject);
    return sum / static_cast<double>(access.subjects.size());
  }

  const Surroundings& surroundings_;
  std::vector<uint64_t> records_;  // by employee
  PeerCount taken_{{.peers = PeerCount::Peers::kFunction, .exposure = PeerCount::Exposure::kDays, .rate = {1.0, 0.8}}};
};

}  // namespace

std::unique_ptr<Detector> make_bulk(const Surroundings& surroundings) {
  return std::make_unique<Bulk>(surroundings);
}

}  // namespace weerbaar::detect
