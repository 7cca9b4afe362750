// What the stores answer, in one form, so that it can be compared: speed counts only between equal answers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weerbaar::benchmarks {

// One access to the data of a person: when, and by whom.
struct Access {
  int64_t micros = 0;
  std::string actor;
};

// An employee who saw persons of a leaked list.
struct Suspect {
  std::string actor;
  uint64_t persons = 0;  // how many of the list
  uint64_t accesses = 0;
  int64_t last_micros = 0;

  bool operator==(const Suspect&) const = default;
};

struct DayCount {
  int64_t day = 0;  // since 1970, UTC
  std::string system;
  uint64_t events = 0;
};

// Counts accesses by day and system one by one, for stores that only give their rows.
class DayCounter {
 public:
  void add(int64_t micros, std::string_view system);
  [[nodiscard]] std::vector<DayCount> counts() const;

 private:
  struct HashText : std::hash<std::string_view> {
    using is_transparent = void;
  };

  // By the day, from the first one on.
  std::unordered_map<std::string, std::vector<uint64_t>, HashText, std::equal_to<>> counts_;
  int64_t first_day_ = -1;
};

// Whoever saw most persons of the list first, then by name. `accesses[i]` are those to the i-th person.
std::vector<Suspect> rank_suspects(std::span<const std::vector<Access>> accesses);
void sort_suspects(std::vector<Suspect>& suspects);

// Counts answers and sums their hashes, in whatever order they come.
class Checksum {
 public:
  void add(const Access& access);
  void add(const Suspect& suspect);
  void add(const DayCount& count);
  [[nodiscard]] uint64_t answers() const { return answers_; }
  // "answers, hash": equal for equal answers.
  [[nodiscard]] std::string text() const;

 private:
  uint64_t answers_ = 0;
  uint64_t sum_ = 0;
};

}  // namespace weerbaar::benchmarks
