// The cases of a rule: situations in which it must fire, and in which it must not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "examine/purpose/rule.h"
#include "register/schema.h"

namespace weerbaar::purpose {

struct CaseFact {
  const facts::Table* table = nullptr;
  std::vector<std::string> values;  // of its columns
  int64_t valid_from = facts::kAlways;
  int64_t valid_to = facts::kUntilFurtherNotice;
};

struct RuleCase {
  std::string place;  // FILE:LINE:COLUMN
  std::string name;
  bool fires = false;
  std::vector<CaseFact> facts;
  // The access.
  int64_t time = 0;
  Action action = Action::kRead;
  bool break_glass = false;
  bool reason = false;
  std::string single[kProperties];  // by Property; not of those that it may have several of
  std::vector<std::string> subjects;
  std::vector<std::string> data;
};

// Reads rules/<id>/cases.toml. kInvalid with `file`, line, column and remedy: also of a fact that the register would
// refuse (a column that it needs and lacks, a word that is none of the column's, a subject that is none, a validity
// that ends before it begins), and when there is no case in which the rule fires, or none in which it does not.
Result<std::vector<RuleCase>> read_cases(std::string_view text, std::string_view file);

// Tries the cases of the rule `id` among `rules`, which are in order. kInvalid, with the place of the case, for the
// first that comes out otherwise or cannot be tried.
Status try_cases(std::span<const Rule> rules, std::string_view id, std::span<const RuleCase> cases);

}  // namespace weerbaar::purpose
