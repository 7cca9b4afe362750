// The signals that were given, DIR/signals/<run>.jsonl, and what conversations about them gave,
// DIR/feedback/<number>.json. docs/formats/signals.md. They hold pseudonyms, so that they end with the keys of their
// periods.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/data_directory.h"
#include "trail/privacy/period.h"

namespace weerbaar::server {

// A signal as far as others ask for it.
struct KeptSignal {
  uint64_t number = 0;
  std::string actor;  // a pseudonym as it is shown: "~2026-Q1:5f3a…"
  trail::Period period;
};

struct Feedback {
  uint64_t signal = 0;
  bool justified = false;
  std::string at;  // RFC 3339
  std::string by;
};

// One line of a run, and a file of feedback. kInvalid with `place` when it is not that form.
Result<KeptSignal> read_kept_signal(std::string_view json, std::string_view place);
Result<Feedback> read_feedback(std::string_view json, std::string_view place);

// A run as it was given: the head, and a line a signal.
struct SignalRun {
  nlohmann::ordered_json head;  // "run", "first", "policy" and the like
  std::vector<nlohmann::ordered_json> signals;
};
// The last one, or the one of this number. kNotFound when there is none.
Result<SignalRun> read_signals(const DataDirectory& data, std::optional<uint64_t> run);

// The type of the record of feedback in the trail.
inline constexpr std::string_view kFeedbackRecord = "signal feedback";
// That record.
nlohmann::ordered_json record_of(const Feedback& feedback);
// "feedback 17 justified": for the record of who used Weerbaar so.
std::string in_words(const Feedback& feedback);
// As it is shown beside later signals: without who gave it.
nlohmann::ordered_json json_of(const std::vector<Feedback>& feedback);

struct NextNumbers {
  uint64_t run = 1;
  uint64_t signal = 1;
};
// The numbers that the next run and its first signal get. kCorrupt names a file that cannot be read.
Result<NextNumbers> next_signal_numbers(const DataDirectory& data);
// Durable when it returns. `head` says what was looked at; a line a signal.
Status write_signals(const DataDirectory& data, uint64_t run, const nlohmann::ordered_json& head,
                     const std::vector<nlohmann::ordered_json>& signals);
// kNotFound when there is no such signal.
Result<KeptSignal> find_signal(const DataDirectory& data, uint64_t number);
// Durable when it returns.
Status write_feedback(const DataDirectory& data, const Feedback& feedback);

// All feedback that was given, to be shown beside later signals of the same employee.
class FeedbackList {
 public:
  static Result<FeedbackList> open(const DataDirectory& data);

  // In order, about signals of this employee. `keys` are those of the trail; periods whose key was destroyed are passed
  // over, for nobody can tell any more who that was.
  Result<std::vector<Feedback>> about(std::string_view employee, trail::KeyStore& keys) const;

 private:
  std::map<trail::Period, std::map<std::string, std::vector<Feedback>>> by_actor_;
};

}  // namespace weerbaar::server
