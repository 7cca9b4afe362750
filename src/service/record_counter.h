// Which numbers of records are missing, of one sender that numbers its records by one.
//
// Numbers come late, twice and out of order. A sender that begins anew (RFC 5424 section 7.3.1: at 1 after a restart)
// is told from one that sends again by time: what is sent again bears the time it had, what is new a later one. A
// number not above the highest, of a time later than every one before by more than kDisorder, begins a new run. What
// comes with a time before that run belongs to the run before.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/number_set.h"
#include "base/time.h"

namespace weerbaar::service {

class RecordCounter {
 public:
  // Records that a sender makes at about the same time may be out of order by so much.
  static constexpr std::chrono::microseconds kDisorder{2'000'000};
  // Ranges that are remembered of a run. Beyond it the lowest is only counted, for ever.
  static constexpr size_t kRangesMax = 256;

  // The numbers of one run, from its first number on.
  struct Run {
    NumberSet missing;
    NumberSet told;  // of them, and of those that came since: that they are missing was said with told()

    bool operator==(const Run&) const = default;
  };
  // All that it knows; what it is made from again.
  struct State {
    uint64_t last = 0;  // the highest of this run
    Time began;         // of the first record of this run
    Time latest;        // of its records
    Run run;
    Run before;              // the run before this one
    uint64_t forgotten = 0;  // numbers missing of older runs, and of ranges that were too many
    uint64_t restarts = 0;

    bool operator==(const State&) const = default;
  };

  // Begins with its first record: what was sent before that is not missed.
  RecordCounter(uint64_t number, Time time);
  explicit RecordCounter(State state) : state_(std::move(state)) {}

  void add(uint64_t number, Time time);

  // What changed since told(): numbers that were missing at the last look too, so that what is only out of order is not
  // told, and numbers that came though they were told to be missing.
  struct Changes {
    NumberSet missing;
    NumberSet missing_before;  // of the run before this one
    NumberSet came;
    NumberSet came_before;

    [[nodiscard]] bool empty() const {
      return missing.empty() && missing_before.empty() && came.empty() && came_before.empty();
    }
  };
  Changes look();
  void told(const Changes& changes);

  [[nodiscard]] const State& state() const { return state_; }
  // Numbers missing of all runs.
  [[nodiscard]] uint64_t missing() const;

 private:
  void begin_anew(uint64_t number, Time time);
  void forget_the_lowest();

  State state_;
  // Missing at the last look.
  NumberSet seen_;
  NumberSet seen_before_;
};

}  // namespace weerbaar::service
