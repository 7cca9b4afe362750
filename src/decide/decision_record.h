// The record of a decision in the trail, in the terms of the Authorization Decision Log (Logius, consultation version
// 1.0.0), with pseudonyms in place of identities. Byte for byte: docs/formats/decision.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "decide/knowledge.h"
#include "decide/request.h"
#include "trail/privacy/period.h"
#include "trail/privacy/pseudonymiser.h"

namespace weerbaar::decide {

// Types of records.
inline constexpr std::string_view kDecisionRecord = "decision";
inline constexpr std::string_view kToReviewRecord = "decision-to-review";  // one that somebody is to look at
inline constexpr std::string_view kReviewRecord = "decision-review";       // that somebody did, and what came of it

// What is recorded of a call beside its questions. The ids are those of W3C Trace Context, in hexadecimal.
struct Call {
  std::string_view application;
  Time at;  // of the decision: whole milliseconds
  bool is_batch = false;
  size_t items = 1;
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id;   // empty: the call began the trace
  std::string_view request_id;  // of the application; empty: none
};

std::string_view record_type(const Decision& decision);
// `item`: which of the call, from 0. `key` is that of `period`, the quarter of the call. A question that was wrong in
// itself was denied without a ground.
std::string record_of(const Call& call, size_t item, const Result<Question>& question, const Decision& decision,
                      const Versions& versions, trail::Period period, const trail::Pseudonymiser& key);

// "[{"code":"explained",…}]", and the obligations in the same form.
void append_grounds(std::string& to, const std::vector<Ground>& grounds, bool with_words);
void append_obligations(std::string& to, const Obligations& obligations);

// The quarter whose key its pseudonyms are under. kCorrupt when it is no such record.
Result<trail::Period> period_of_record(std::string_view body);
// The record with identities in place of pseudonyms, and the texts that were sealed; without a key it keeps the
// pseudonyms, and drops those texts. kCorrupt when it is no such record, or was written under another key.
Result<nlohmann::ordered_json> open_record(std::string_view body, const trail::Pseudonymiser* key);

}  // namespace weerbaar::decide
