// A tax administration at work, made up but shaped like one: deterministic from its seed, in the order of time.
//
// 30,000 employees with skewed activity; each has a portfolio of persons near each other and looks mostly there, at
// times at persons that many look at, rarely at anybody. Looks come in sessions of several events on one person. 900
// systems, of which an employee uses a few; a third of the sessions name a case. Office hours weigh heavier than
// nights. workload_test.cpp holds it to that.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "domain/access_event.h"

namespace weerbaar::benchmarks {

struct WorkloadOptions {
  uint64_t events = 1'000'000;
  uint64_t days = 90;
  uint64_t employees = 30'000;
  uint64_t persons = 5'000'000;
  uint64_t systems = 900;
  uint64_t seed = 1;
};

// Valid and different for each n below 80,000,000, and neighbours for neighbours.
std::string bsn_of(uint64_t n);

// One event in numbers: what a store of events is fed from without the texts being made again by chance.
struct Look {
  int64_t micros;  // since 1970, whole milliseconds
  uint32_t employee;
  uint32_t person;
  uint32_t case_number;  // 0: none
  uint32_t number;       // of the event within its source, from 0
  uint16_t system;
  uint8_t component;
  Action action;
};

// The event of a look, with its texts in the batch.
void add_event(const Look& look, EventBatch& batch);

class Workload {
 public:
  explicit Workload(const WorkloadOptions& options);
  // The next event; nothing when all were given.
  std::optional<Look> next();
  // Fills the batch with up to `count` more events; none when all were given.
  void next(size_t count, EventBatch& batch);
  // A person as the workload picks one for a look, for needles: busy persons come more often.
  std::string any_person();

 private:
  struct Session {
    int64_t micros;  // of its next event
    uint32_t employee;
    uint32_t person;
    uint32_t system;
    uint32_t events_left;
    uint32_t case_number;  // 0: none
    bool operator>(const Session& other) const { return micros > other.micros; }
  };

  uint64_t below(uint64_t limit) { return random_() % limit; }
  double uniform() { return static_cast<double>(random_() >> 11U) * 0x1.0p-53; }
  // 0 to limit - 1, small numbers far more often: a power law.
  uint64_t skewed(uint64_t limit, double exponent);
  int64_t next_start();
  Session start(int64_t micros);
  uint32_t pick_person(uint32_t employee);
  Look look_of(const Session& session);

  WorkloadOptions options_;
  std::mt19937_64 random_;
  double clock_micros_ = 0;
  int64_t next_start_ = 0;
  uint64_t given_ = 0;
  std::priority_queue<Session, std::vector<Session>, std::greater<>> active_;
  std::vector<uint32_t> source_counters_;
};

}  // namespace weerbaar::benchmarks
