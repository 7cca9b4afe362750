// A tax administration that does not exist: its facts, its accesses, and the misuse that is planted among them.
//
// The same options give the same facts and events, down to ids and microseconds, on any machine. docs/sample.md says
// what is in it and why.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "sample/day_book.h"
#include "sample/desk.h"
#include "sample/misuse.h"
#include "sample/organisation.h"
#include "sample/population.h"
#include "sample/wanted.h"

namespace weerbaar::sample {

struct SampleOptions {
  uint64_t seed = 1;
  uint64_t employees = 2'000;
  uint64_t days = 92;
  int64_t first_day = 0;  // since 1970-01-01
  uint64_t events = 0;    // about so many; 0: what the work amounts to
};
inline constexpr uint64_t kEmployeesMin = 60;
inline constexpr uint64_t kEmployeesMax = 100'000;
inline constexpr uint64_t kDaysMin = 14;
inline constexpr uint64_t kDaysMax = 1'100;
inline constexpr uint64_t kEventsMax = 1'000'000'000;

// kInvalid names what is out of range.
Status check_options(const SampleOptions& options);

struct SampleReport {
  Counts counts;
  uint64_t facts = 0;
  std::vector<PlantedCase> planted;  // in the order of the kinds
};

class Sample {
 public:
  // The options must pass check_options().
  explicit Sample(const SampleOptions& options);
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  // Gives events in the order of time, in batches that the taker may empty; and facts as files of a table of the
  // register, several of a table when they are many. Events hold views of this object: it must outlive them. Memory
  // grows with employees and open cases, not with events. An error of a taker ends it. To be called once.
  using TakeEvents = std::function<Status(EventBatch& events)>;
  using TakeFacts = std::function<Status(std::string_view table, std::string_view csv)>;
  Result<SampleReport> make(const TakeEvents& take_events, const TakeFacts& take_facts);

  [[nodiscard]] const Population& population() const { return population_; }
  [[nodiscard]] const Organisation& organisation() const { return organisation_; }

 private:
  [[nodiscard]] Result<Scale> scale_for_events() const;

  SampleOptions options_;
  Population population_;
  Organisation organisation_;
  Wanted wanted_;
  Plan plan_;
};

// A line of truth.jsonl, without its end. `leak_file`: where the leaked list is, when there is one.
std::string truth_line(const PlantedCase& planted, std::string_view leak_file);

}  // namespace weerbaar::sample
