// Questions as the OpenID AuthZEN Authorization API 1.0 puts them: may this subject do this to this resource?
//
// What Weerbaar understands of them: docs/decisions.md. What it does not know is passed over, as the text demands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"

namespace weerbaar::decide {

inline constexpr size_t kRequestBytesMax = size_t{256} << 10U;
inline constexpr size_t kEvaluationsMax = 100;  // of one request
inline constexpr size_t kNestingMax = 16;       // objects and arrays within each other

// May this employee open this person?
struct Question {
  enum class Asker : uint8_t { kEmployee, kAccount, kUnknown };

  Asker asker = Asker::kUnknown;  // what `employee` is the name of
  std::string employee;
  std::optional<SubjectType> person_type;  // nothing: of no kind that Weerbaar knows
  std::string person;
  std::optional<Action> action;  // nothing: none that Weerbaar knows
  std::string system;
  std::string case_id;
  std::string activity;
  std::string unit;
  std::string function;
  std::string purpose;
  std::string reason;
  std::vector<std::string> data;
  bool break_glass = false;
};

enum class Semantic : uint8_t { kExecuteAll, kDenyOnFirstDeny, kPermitOnFirstPermit };

struct Request {
  bool is_batch = false;  // answered by a list
  Semantic semantic = Semantic::kExecuteAll;
  // In order. One that is wrong in itself is an error of its own in a batch; outside it the request is.
  std::vector<Result<Question>> questions;
};

// The body of /access/v1/evaluation. kInvalid names the member and the remedy, and repeats nothing that was sent: no
// JSON, a name that is there twice, a member that is missing, of another type, empty or too long.
Result<Request> read_evaluation(std::string_view body);
// That of /access/v1/evaluations; without `evaluations`, or with none in it, it is as the one above.
Result<Request> read_evaluations(std::string_view body);

}  // namespace weerbaar::decide
