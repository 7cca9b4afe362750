#include "service/record_counter.h"

#include <algorithm>
#include <utility>

namespace weerbaar::service {
namespace {

Time moved(Time time, std::chrono::microseconds by) {
  return {time.micros + by.count(), time.nanos};
}

}  // namespace

RecordCounter::RecordCounter(uint64_t number, Time time) {
  state_.last = number;
  state_.began = time;
  state_.latest = time;
}

void RecordCounter::add(uint64_t number, Time time) {
  if (state_.restarts > 0 && time < moved(state_.began, -kDisorder)) {
    state_.before.missing.remove({number, number});
    return;
  }
  if (number <= state_.last && time > moved(state_.latest, kDisorder)) {
    begin_anew(number, time);
    return;
  }
  state_.latest = std::max(state_.latest, time);
  if (number <= state_.last) {
    state_.run.missing.remove({number, number});
  } else {
    if (number > state_.last + 1) state_.run.missing.add({state_.last + 1, number - 1});
    state_.last = number;
  }
  forget_the_lowest();
}

void RecordCounter::begin_anew(uint64_t number, Time time) {
  state_.forgotten = add_up(state_.forgotten, state_.before.missing.count());
  state_.before = std::exchange(state_.run, {});
  seen_before_ = std::exchange(seen_, {});
  state_.last = number;
  state_.began = time;
  state_.latest = time;
  ++state_.restarts;
}

void RecordCounter::forget_the_lowest() {
  while (state_.run.missing.ranges().size() > kRangesMax) {
    const NumberRange lowest = state_.run.missing.ranges().front();
    state_.forgotten = add_up(state_.forgotten, add_up(lowest.to - lowest.from, 1));
    for (NumberSet* const set : {&state_.run.missing, &state_.run.told, &seen_}) set->remove(lowest);
  }
}

RecordCounter::Changes RecordCounter::look() {
  Changes changes;
  changes.missing = state_.run.missing.common(seen_).without(state_.run.told);
  changes.missing_before = state_.before.missing.common(seen_before_).without(state_.before.told);
  changes.came = state_.run.told.without(state_.run.missing);
  changes.came_before = state_.before.told.without(state_.before.missing);
  seen_ = state_.run.missing;
  seen_before_ = state_.before.missing;
  return changes;
}

void RecordCounter::told(const Changes& changes) {
  const auto apply = [](Run& run, const NumberSet& missing, const NumberSet& came) {
    for (const NumberRange& range : missing.ranges()) run.told.add(range);
    run.told = run.told.without(came);
  };
  apply(state_.run, changes.missing, changes.came);
  apply(state_.before, changes.missing_before, changes.came_before);
}

uint64_t RecordCounter::missing() const {
  return add_up(state_.forgotten, add_up(state_.run.missing.count(), state_.before.missing.count()));
}

}  // namespace weerbaar::service
