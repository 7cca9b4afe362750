// What follows from what is known of an access: permit, deny, or permit with obligations. The file decisions.toml;
// docs/decisions.md tells what to write in it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::decide {

// What may be known of an access; several at once, but of kExplained, kFlagged and kUnexplained the last alone. The
// words are those of the file, of records and of answers: never another meaning for one that was used.
enum class Condition : uint8_t {
  kExplained,                // a rule of the control policy leads from the employee to the person
  kUnexplained,              // none does, and none flags
  kFlagged,                  // a rule flags it
  kShielded,                 // the person is shielded, and no task leads there
  kNotAuthorised,            // the employee has no authorisation for the system now
  kUnknownEmployee,          // the register knows no such employee, or one who left
  kUnknownPerson,            // the register says nothing of the person
  kUnknownAction,            // it is no action of an access event
  kBreakGlass,               // the glass was broken, with a reason, and that opened what was denied
  kBreakGlassWithoutReason,  // the same without one
};
inline constexpr size_t kConditions = 10;
// "explained", "not_authorised" ….
std::string_view to_string(Condition condition);

struct Consequence {
  bool permit = false;
  bool opens_by_break_glass = false;  // of a denial
  bool ask_reason = false;            // met by a question that gives one
  bool review = false;                // somebody looks at it afterwards
  bool mask_beyond_activity = false;  // the categories of data that the processing activity does not need
  std::vector<std::string> mask;      // categories of data
  std::vector<std::string> notify;    // roles
};

class DecisionPolicy {
 public:
  // kInvalid with `file`, line and column: no TOML, a section that is missing or unknown, a key that does not belong
  // there, an obligation that a denial cannot have.
  static Result<DecisionPolicy> read(std::string_view toml, std::string_view file);

  [[nodiscard]] const Consequence& of(Condition condition) const {
    return by_condition_[static_cast<size_t>(condition)];
  }
  // Of a rule that flags; that of kFlagged unless the policy says another for it.
  [[nodiscard]] const Consequence& of_flag(std::string_view rule) const;
  // The rules that it says something of, in order.
  [[nodiscard]] std::vector<std::string> rules() const;

 private:
  std::array<Consequence, kConditions> by_condition_;
  std::map<std::string, Consequence, std::less<>> by_rule_;
};

// That of the program, for who adopted none.
std::string_view standard_decision_policy();

}  // namespace weerbaar::decide
