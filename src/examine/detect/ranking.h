// One ranking of employees: combined evidence of a period, within a budget of signals.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "examine/detect/detector.h"
#include "examine/detect/signal_policy.h"

namespace weerbaar::detect {

// What one detector adds to a signal.
struct SignalPart {
  size_t detector = 0;  // in detectors()
  double score = 0;     // its share of the score
  Evidence evidence;
};

// An indication that deserves a conversation; never proof.
struct Signal {
  uint32_t employee = 0;
  int64_t from = 0;  // the period that it is about
  int64_t to = 0;
  double score = 0;
  double left = 0;                // of the score: what earlier periods left
  bool is_random = false;         // drawn by lot, whatever the score
  std::vector<SignalPart> parts;  // the largest share first
  std::vector<uint64_t> events;   // at most kEventsMax, ascending
};

// Kept of each employee: 24 bytes, and the last events while a score is left.
class Ranking {
 public:
  // `policy` must outlive it. The lot is drawn from `seed` and the accesses of the period, so that nobody chooses who
  // is drawn, and nobody knows it before.
  Ranking(const SignalPolicy& policy, std::string seed) : policy_(policy), seed_(std::move(seed)) {}

  // The signals of a period, in order: those within the budget, then those drawn by lot among the others.
  // `evidence` is by detector. `employees`: how many the budget is for; `ids` are theirs by number.
  std::vector<Signal> end_of_period(const Crowd& crowd, std::span<std::vector<Evidence>> evidence, uint64_t employees,
                                    std::span<const std::string_view> ids);

 private:
  struct Standing {
    double left = 0;
    uint32_t rest = 0;
    std::vector<uint64_t> events;
  };

  std::vector<Signal> combine(const Crowd& crowd, std::span<std::vector<Evidence>> evidence);
  void gather_events(Signal& signal) const;
  void draw(const Crowd& crowd, std::span<const std::string_view> ids, size_t places, std::vector<Signal>& all,
            std::vector<Signal>& chosen) const;

  const SignalPolicy& policy_;
  std::string seed_;
  std::vector<Standing> standings_;  // by employee
};

// Higher scores first; the same for the same signals.
void put_in_order(std::vector<Signal>& signals);

}  // namespace weerbaar::detect
