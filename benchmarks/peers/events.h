// The events of a run, made once, and mapped by every process that feeds a store.
//
// In a file, so that what is measured does not hold them in memory of its own, and a store of which the memory is
// limited does not pay for them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "os/file_system.h"
#include "peers/json_lines.h"
#include "workload.h"

namespace weerbaar::benchmarks {

class Events {
 public:
  // Makes the file.
  static Result<Events> make(const std::string& path, const WorkloadOptions& options);

  [[nodiscard]] std::span<const Look> looks() const { return looks_; }
  [[nodiscard]] uint64_t count() const { return looks_.size(); }
  // Clears the batch and puts events [begin, end) in it.
  void fill(uint64_t begin, uint64_t end, EventBatch& batch) const;
  // Reads all of it, so that the system has it in memory.
  void touch() const;

 private:
  Events() = default;

  std::shared_ptr<const os::Mapping> mapping_;
  std::span<const Look> looks_;
};

// The first `count` events as JSON Lines.
Result<JsonLines> write_json(const Events& events, uint64_t count, const std::string& path);

// What is asked of every store. A person is that of an event drawn at random: each has accesses, and whom many look at
// comes more often.
struct Questions {
  std::vector<std::string> needles;             // warm
  std::vector<std::string> cold;                // each once
  std::vector<std::string> growth;              // who was looked at among the first events
  std::vector<std::string> grown;               // who has as many looks among all events as those among the first
  std::vector<std::vector<std::string>> leaks;  // lists of persons, each once in a list
};
inline constexpr size_t kNeedles = 1'000;
inline constexpr size_t kColdNeedles = 200;
inline constexpr size_t kLeaks = 50;
inline constexpr size_t kLeakPersons = 50;

inline constexpr size_t kGrowthNeedles = 300;

// Fewer when there are few events. `first`: how many events are the first ones.
Questions draw_questions(const Events& events, uint64_t first);

}  // namespace weerbaar::benchmarks
