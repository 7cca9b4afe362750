#include "decide/knowledge.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/check.h"
#include "register/schema.h"

namespace weerbaar::decide {
namespace {

using facts::Kind;
using purpose::kNoSymbol;
using purpose::kUnknown;
using purpose::Symbol;

struct Wanted {
  std::string_view table;
  std::string_view column;
};
// Beside what the rules ask.
constexpr Wanted kWanted[] = {
    {"account", "account"},        {"account", "employee"},       {"employee", "employee"},
    {"authorisation", "employee"}, {"authorisation", "system"},   {"shielded", "subject"},
    {"person", "subject"},         {"activity_data", "activity"}, {"activity_data", "data"},
};

const facts::Table& table_named(std::string_view name) {
  const facts::Table* const table = facts::find_table(name);
  WEERBAAR_CHECK(table != nullptr);
  return *table;
}

size_t column_named(const facts::Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &facts::Column::name);
  WEERBAAR_CHECK(found != table.columns.end());
  return static_cast<size_t>(found - table.columns.begin());
}

void add_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& word : from) {
    if (std::ranges::find(to, word) == to.end()) to.push_back(word);
  }
}

bool is_known(Symbol symbol) {
  return symbol != kNoSymbol && symbol != kUnknown;
}

}  // namespace

// Gathers what is known of one access, and what follows from it.
class Knowledge::Weighing {
 public:
  explicit Weighing(const DecisionPolicy& policy) : policy_(policy) {}

  void add(Condition condition, std::string_view rule = {}) { grounds_.push_back({condition, std::string(rule)}); }
  [[nodiscard]] bool empty() const { return grounds_.empty(); }
  [[nodiscard]] bool mask_beyond_activity() const {
    return std::ranges::any_of(grounds_, [&](const Ground& ground) { return of(ground).mask_beyond_activity; });
  }

  Decision decide(const Question& question, const std::vector<std::string>& beyond_activity) {
    const auto denies = [&](const Ground& ground) { return !of(ground).permit; };
    const bool is_denied = std::ranges::any_of(grounds_, denies);
    const bool opens = is_denied && std::ranges::all_of(grounds_, [&](const Ground& ground) {
                         return of(ground).permit || of(ground).opens_by_break_glass;
                       });
    const bool is_broken = opens && question.break_glass;
    if (is_broken) add(question.reason.empty() ? Condition::kBreakGlassWithoutReason : Condition::kBreakGlass);
    Decision decision;
    decision.permit = is_broken ? of(grounds_.back()).permit : !is_denied;
    decision.break_glass_would_open = !decision.permit && opens && (!is_broken || question.reason.empty()) &&
                                      policy_.of(Condition::kBreakGlass).permit;
    for (const Ground& ground : grounds_) {
      // Of what is denied only what denies it counts; of what is permitted all.
      if (decision.permit || denies(ground)) oblige(of(ground), question, beyond_activity, decision);
    }
    const auto denial = std::ranges::find_if(grounds_, denies);
    decision.decisive = is_broken                  ? grounds_.back().condition
                        : denial != grounds_.end() ? denial->condition
                                                   : grounds_.front().condition;
    decision.grounds = std::move(grounds_);
    return decision;
  }

 private:
  [[nodiscard]] const Consequence& of(const Ground& ground) const {
    return ground.condition == Condition::kFlagged ? policy_.of_flag(ground.rule) : policy_.of(ground.condition);
  }
  static void oblige(const Consequence& consequence, const Question& question,
                     const std::vector<std::string>& beyond_activity, Decision& decision) {
    Obligations& to = decision.obligations;
    to.ask_reason = to.ask_reason || (consequence.ask_reason && question.reason.empty());
    to.review = to.review || consequence.review;
    add_new(to.notify, consequence.notify);
    add_new(to.mask, consequence.mask);
    if (consequence.mask_beyond_activity) add_new(to.mask, beyond_activity);
  }

  const DecisionPolicy& policy_;
  std::vector<Ground> grounds_;
};

Knowledge::Lookup::Lookup(std::string_view name, size_t column, purpose::FactBase& facts)
    : table(facts.table(table_named(name))), index(facts.index(table_named(name), column)) {}

template <class Take>
bool Knowledge::Lookup::any(Symbol symbol, int64_t now, Take take) const {
  const purpose::FactIndex::Rows rows = index.rows(symbol);
  for (uint32_t i = rows.begin; i < rows.end; ++i) {
    const uint32_t row = rows.at(i);
    if (now < table.valid_from(row) || now >= table.valid_to(row)) continue;
    if (take(row)) return true;
  }
  return false;
}

void Knowledge::want(std::span<const purpose::Rule> rules, purpose::FactBase& facts) {
  purpose::Judge::want(rules, facts);
  for (const Wanted& wanted : kWanted) {
    const facts::Table& table = table_named(wanted.table);
    facts.want(table, column_named(table, wanted.column));
  }
}

Knowledge::Knowledge(std::vector<purpose::Rule> rules, std::unique_ptr<purpose::FactBase> facts, DecisionPolicy policy,
                     Versions versions)
    : facts_(std::move(facts)),
      judge_(std::move(rules), *facts_),
      policy_(std::move(policy)),
      versions_(std::move(versions)),
      accounts_("account", 0, *facts_),
      employees_("employee", 0, *facts_),
      authorisations_("authorisation", 0, *facts_),
      shielded_("shielded", 0, *facts_),
      activity_data_("activity_data", 0, *facts_) {
  const facts::Table& shielded = table_named("shielded");
  for (const purpose::Rule& rule : judge_.rules()) {
    asks_shielded_.push_back(rule.conclusion == purpose::Conclusion::kFlagged &&
                             std::ranges::any_of(rule.steps, [&](const purpose::Step& step) {
                               return step.table == &shielded && !step.absent;
                             }));
  }
}

// kUnknown for one who is not known, or whom the register knew and who left.
Symbol Knowledge::employee_of(const Question& question, int64_t now) const {
  if (question.asker == Question::Asker::kUnknown) return kUnknown;
  Symbol employee = facts_->find(Kind::kEmployee, question.employee);
  if (question.asker == Question::Asker::kAccount) {
    const size_t place = accounts_.table.place(1);
    accounts_.any(facts_->find(Kind::kAccount, question.employee), now, [&](uint32_t row) {
      employee = accounts_.table.cell(row, place);
      return true;
    });
  }
  if (!is_known(employee)) return kUnknown;
  const bool is_listed = employees_.index.rows(employee).size() > 0;
  const bool is_there = employees_.any(employee, now, [](uint32_t) { return true; });
  return is_listed && !is_there ? kUnknown : employee;
}

bool Knowledge::is_authorised(Symbol employee, const Question& question, int64_t now) const {
  const Symbol system = facts_->find(Kind::kSystem, question.system);
  if (!is_known(system)) return false;
  const size_t place = authorisations_.table.place(1);
  return authorisations_.any(employee, now,
                             [&](uint32_t row) { return authorisations_.table.cell(row, place) == system; });
}

// The glass is not broken for the judge: first is known what would be without.
void Knowledge::judge(const Question& question, Symbol employee, int64_t now, Weighing& weighing) const {
  Symbol person = kUnknown;
  if (question.person_type) {
    person = facts_->find(Kind::kSubject, fmt::format("{}:{}", to_string(*question.person_type), question.person));
  }
  std::vector<Symbol> data;
  data.reserve(question.data.size());
  for (const std::string& category : question.data) data.push_back(facts_->find(Kind::kData, category));
  purpose::Access access;
  access.time = now;
  access.action = *question.action;
  access.reason = !question.reason.empty();
  access.employee = employee;
  access.system = facts_->find(Kind::kSystem, question.system);
  access.claimed_case = facts_->find(Kind::kCase, question.case_id);
  access.activity = facts_->find(Kind::kActivity, question.activity);
  access.unit = facts_->find(Kind::kUnit, question.unit);
  access.function = facts_->find(Kind::kFunction, question.function);
  access.subjects = {&person, 1};
  access.data = data;
  purpose::Verdict verdict;
  judge_.judge(access, verdict);
  bool is_explained = false;
  bool is_flagged = false;
  bool is_shielded = false;
  for (const purpose::Finding& finding : verdict.findings) {
    const purpose::Rule& rule = judge_.rules()[finding.rule];
    if (rule.conclusion == purpose::Conclusion::kExplained) {
      is_explained = true;
      weighing.add(Condition::kExplained, rule.id);
    } else if (asks_shielded_[finding.rule]) {
      is_shielded = true;
    } else {
      is_flagged = true;
      weighing.add(Condition::kFlagged, rule.id);
    }
  }
  // Also when the control policy has no rule about it.
  is_shielded = is_shielded || (!is_explained && shielded_.any(person, now, [](uint32_t) { return true; }));
  if (is_shielded) weighing.add(Condition::kShielded);
  if (!is_known(person)) {
    weighing.add(Condition::kUnknownPerson);
  } else if (!is_explained && !is_flagged && !is_shielded) {
    weighing.add(Condition::kUnexplained);
  }
}

std::vector<std::string> Knowledge::beyond_activity(const Question& question, int64_t now) const {
  const Symbol activity = facts_->find(Kind::kActivity, question.activity);
  const size_t place = activity_data_.table.place(1);
  std::vector<std::string> beyond;
  for (const std::string& category : question.data) {
    const Symbol data = facts_->find(Kind::kData, category);
    const bool is_needed = is_known(activity) && activity_data_.any(activity, now, [&](uint32_t row) {
      return activity_data_.table.cell(row, place) == data;
    });
    if (!is_needed) beyond.push_back(category);
  }
  return beyond;
}

Decision Knowledge::decide(const Question& question, Time now) const {
  Weighing weighing(policy_);
  const Symbol employee = employee_of(question, now.micros);
  if (!question.action) weighing.add(Condition::kUnknownAction);
  if (!is_known(employee)) weighing.add(Condition::kUnknownEmployee);
  if (weighing.empty()) {
    if (!is_authorised(employee, question, now.micros)) weighing.add(Condition::kNotAuthorised);
    judge(question, employee, now.micros, weighing);
  }
  return weighing.decide(
      question, weighing.mask_beyond_activity() ? beyond_activity(question, now.micros) : std::vector<std::string>());
}

}  // namespace weerbaar::decide
