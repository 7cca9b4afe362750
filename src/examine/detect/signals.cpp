#include "examine/detect/signals.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "examine/detect/crowd.h"
#include "examine/detect/observer.h"
#include "examine/detect/registry.h"
#include "trail/format/entry.h"

namespace weerbaar::detect {
namespace {

// By which Weerbaar records its own use.
constexpr std::string_view kOwnSource = "self";
// 1970-01-05 was a Monday.
constexpr int64_t kMonday = 4 * kMicrosPerDay;

// Which periods may hold accesses, by their first moments: of a segment all from its earliest access to its latest.
Result<std::set<int64_t>> periods_of(const trail::Trail& trail) {
  std::set<int64_t> periods;
  for (uint64_t number = 0; number < trail.sealed().count(); ++number) {
    const trail::SegmentHeader header = trail.sealed().header(number);
    // So it says of a segment that holds no access.
    if (header.time_min == 0 && header.time_max == 0) continue;
    const int64_t last = period_of(header.time_max);
    // One wrong clock must not make a segment span an age.
    const int64_t first = std::max(period_of(header.time_min), last - kPeriodsMax * kPeriodMicros);
    for (int64_t period = first; period <= last; period += kPeriodMicros) periods.insert(period);
  }
  trail::Entry entry;
  for (const auto& tail : trail.tails()) {
    for (const ByteView bytes : tail->entries()) {
      WEERBAAR_TRY(entry.decode(bytes));
      if (entry.is_event()) periods.insert(period_of(entry.event().time.micros));
    }
  }
  return periods;
}

class Run {
 public:
  Run(const trail::Trail& trail, const purpose::Judge& judge, purpose::FactBase& facts, const SignalPolicy& policy,
      const std::string& seed, const TellProgress& tell)
      : trail_(trail),
        judge_(judge),
        facts_(facts),
        surroundings_(facts),
        observer_(trail, judge, facts, kOwnSource),
        crowd_(surroundings_),
        ranking_(policy, seed),
        tell_(tell) {
    for (const DetectorKind& kind : detectors()) detectors_.push_back(kind.make(surroundings_));
  }

  // Of the accesses from one moment up to another; `counts`: signals are given.
  Status look(int64_t from, int64_t to, bool counts, SignalReport& report) {
    const auto take = [&](const purpose::Judged& judged) -> Status {
      WEERBAAR_ASSIGN(const Observation* const observation, observer_.observe(judged));
      if (observation == nullptr) return {};
      ++accesses_;
      crowd_.observe(*observation);
      for (const auto& detector : detectors_) detector->observe(*observation);
      constexpr uint64_t kEvery = 100'000;
      if (tell_ && judged.index % kEvery == 0) tell_(judged.index);
      return {};
    };
    const trail::TimeRange range{Time{from, 0}, Time{to, 0}};
    WEERBAAR_ASSIGN(const purpose::CheckReport checked, purpose::check(trail_, judge_, facts_, range, take, {}));
    if (counts) {
      report.periods += accesses_ > 0 ? 1 : 0;
      report.accesses += accesses_;
      report.unreadable += checked.unreadable;
    }
    end_period(from, to, counts, report);
    accesses_ = 0;
    return {};
  }
  void finish(SignalReport& report) {
    put_in_order(report.signals);
    for (const ObservedEmployee& employee : observer_.employees()) report.actors.push_back(employee.id);
  }

 private:
  void end_period(int64_t from, int64_t to, bool counts, SignalReport& report) {
    const Crowd crowd = crowd_.end_of_period(from, to, observer_.employees());
    std::vector<std::vector<Evidence>> evidence(detectors_.size());
    for (size_t i = 0; i < detectors_.size(); ++i) detectors_[i]->end_of_period(crowd, evidence[i]);
    observer_.end_of_period();
    std::vector<std::string_view> ids;
    for (const ObservedEmployee& employee : observer_.employees()) ids.push_back(employee.id);
    const auto seen = static_cast<uint64_t>(
        std::ranges::count_if(crowd.activities, [](const Activity& one) { return one.accesses > 0; }));
    const uint64_t employees = std::max(seen, surroundings_.employees(from, to));
    std::vector<Signal> signals = ranking_.end_of_period(crowd, evidence, employees, ids);
    if (counts) std::ranges::move(signals, std::back_inserter(report.signals));
  }

  const trail::Trail& trail_;
  const purpose::Judge& judge_;
  purpose::FactBase& facts_;
  Surroundings surroundings_;
  Observer observer_;
  CrowdCounter crowd_;
  Ranking ranking_;
  const TellProgress& tell_;
  uint64_t accesses_ = 0;  // in the period
  std::vector<std::unique_ptr<Detector>> detectors_;
};

}  // namespace

int64_t period_of(int64_t micros) {
  return floor_div(micros - kMonday, kPeriodMicros) * kPeriodMicros + kMonday;
}

Result<SignalReport> find_signals(const trail::Trail& trail, const purpose::Judge& judge, purpose::FactBase& facts,
                                  const SignalPolicy& policy, const trail::TimeRange& range, const std::string& seed,
                                  const TellProgress& tell) {
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied, "signals need the keys of the periods: name their directory with --keys");
  }
  SignalReport report;
  WEERBAAR_ASSIGN(const std::set<int64_t> periods, periods_of(trail));
  if (periods.empty()) return report;
  report.to = *periods.rbegin() + kPeriodMicros;
  if (range.to) report.to = std::min(report.to, range.to->micros);
  report.from = range.from ? range.from->micros : *periods.begin();
  report.from = std::max(report.from, period_of(report.to - 1) - (kPeriodsMax - 1) * kPeriodMicros);
  const int64_t first = period_of(report.from) - (range.from ? kPeriodsBefore * kPeriodMicros : 0);
  Run run(trail, judge, facts, policy, seed, tell);
  for (auto period = periods.lower_bound(first); period != periods.end() && *period < report.to; ++period) {
    const int64_t end = std::min(*period + kPeriodMicros, report.to);
    // What lies before the range is looked at too: it is the past of what lies inside.
    const int64_t asked = std::clamp(report.from, *period, end);
    if (asked > *period) WEERBAAR_TRY(run.look(*period, asked, false, report));
    if (asked < end) WEERBAAR_TRY(run.look(asked, end, true, report));
  }
  run.finish(report);
  return report;
}

}  // namespace weerbaar::detect
