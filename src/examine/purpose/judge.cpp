#include "examine/purpose/judge.h"

#include <algorithm>
#include <optional>

#include "examine/purpose/plan.h"

namespace weerbaar::purpose {

void Judge::want(std::span<const Rule> rules, FactBase& facts) {
  for (const Rule& rule : rules) {
    for (const Step& step : rule.steps) {
      for (const Match& match : step.matches) facts.want(*step.table, match.column);
    }
  }
}

namespace {

// Smaller ones stay in the caches, longer lists are not fetched row by row.
constexpr size_t kLargeRows = 65'536;
// What foresee() fetches: where the rows of a symbol are listed, the list, the rows, and the same of the tables that
// these lead to.
constexpr size_t kStages = 6;
constexpr size_t kStagesOfHop = 3;
constexpr size_t kAhead = 4;  // accesses between two stages
constexpr size_t kRowsForeseen = 4;
constexpr size_t kSubjectsForeseen = 8;

bool is_by(const PlannedStep& step, Property property) {
  const Source& source = step.equal[0].source;
  return source.from == Source::From::kProperty && source.value == static_cast<uint32_t>(property);
}

// The place in the rows of `step` that binds what the first column of `next` must equal.
std::optional<size_t> place_that_leads_to(const PlannedStep& step, const PlannedStep& next) {
  const Source& source = next.equal[0].source;
  if (source.from != Source::From::kVariable) return std::nullopt;
  const auto found = std::ranges::find(step.binds, source.value, &Binding::variable);
  if (found == step.binds.end()) return std::nullopt;
  return found->place;
}

}  // namespace

void Judge::add_hops(const Plan& plan) {
  const auto hop_to = [](std::vector<Hop>& hops, const PlannedStep& step, size_t place) -> Hop& {
    const auto found = std::ranges::find_if(
        hops, [&](const Hop& hop) { return hop.index == step.equal[0].index && hop.place == place; });
    return found != hops.end() ? *found : hops.emplace_back(step.equal[0].index, step.table, place, std::vector<Hop>());
  };
  for (const PlannedStep& step : plan.steps) {
    if (step.table->rows() < kLargeRows) continue;
    const bool by_subject = is_by(step, Property::kSubject);
    if (!by_subject && !is_by(step, Property::kCase)) continue;
    Hop& hop = hop_to(by_subject ? by_subject_ : by_case_, step, 0);
    for (const PlannedStep& next : plan.steps) {
      const auto place = place_that_leads_to(step, next);
      if (place && next.table->rows() >= kLargeRows) hop_to(hop.next, next, *place);
    }
  }
}

void Judge::foresee(const Hop& hop, Symbol symbol, size_t stage) {
  if (stage == 0) return hop.index->expect(symbol);
  const FactIndex::Rows rows = hop.index->rows(symbol);
  if (rows.size() > kRowsForeseen) return;
  if (stage == 1) return rows.expect();
  for (uint32_t i = rows.begin; i < rows.end; ++i) {
    const uint32_t row = rows.at(i);
    if (stage == 2) {
      hop.table->expect(row);
      continue;
    }
    for (const Hop& next : hop.next) foresee(next, hop.table->cell(row, next.place), stage - kStagesOfHop);
  }
}

void Judge::foresee(const Access& access, size_t stage) const {
  for (const Symbol subject : access.subjects.first(std::min(access.subjects.size(), kSubjectsForeseen))) {
    if (stage == 0) mentions_[static_cast<size_t>(Property::kSubject)]->expect(subject);
    for (const Hop& hop : by_subject_) foresee(hop, subject, stage);
  }
  if (access.claimed_case == kNoSymbol) return;
  if (stage == 0) mentions_[static_cast<size_t>(Property::kCase)]->expect(access.claimed_case);
  for (const Hop& hop : by_case_) foresee(hop, access.claimed_case, stage);
}

Judge::Judge(std::vector<Rule> rules, FactBase& facts) : rules_(std::move(rules)) {
  for (size_t i = 0; i < kProperties; ++i) mentions_[i] = &facts.mentions(kind_of(static_cast<Property>(i)));
  for (const Rule& rule : rules_) {
    const Plan& plan = plans_.emplace_back(Plan::make(rule, rules_, facts));
    add_hops(plan);
    asked_.bits |= ~plan.allows;
    for (size_t i = 0; i < kProperties; ++i) asked_.properties[i] = asked_.properties[i] || plan.needs[i] != 0;
    bool& asks_data = asked_.properties[static_cast<size_t>(Property::kData)];
    asks_data = asks_data || plan.asks_data;
    bool& asks_behalf = asked_.properties[static_cast<size_t>(Property::kOnBehalfOf)];
    asks_behalf = asks_behalf || plan.looks_at_both;
  }
}

void Verdicts::clear() {
  numbers_.clear();
  verdicts_.clear();
  findings_.clear();
  latest_.clear();
}

uint32_t Verdicts::add(const Verdict& verdict) {
  const auto begin = static_cast<uint32_t>(findings_.size());
  findings_.insert(findings_.end(), verdict.findings.begin(), verdict.findings.end());
  verdicts_.push_back({verdict.outcome, begin, static_cast<uint32_t>(findings_.size()), verdict.since, verdict.until});
  return count() - 1;
}

void Judge::judge_all(std::span<const Access> accesses, Verdicts& verdicts) const {
  verdicts.clear();
  verdicts.alike_.group(accesses, asked_);
  const std::span firsts = verdicts.alike_.firsts();
  Verdict verdict;
  // Places before the first wrap around, and so lie behind the last.
  for (size_t i = 0; i < firsts.size() + kStages * kAhead; ++i) {
    if (i + 2 * kAhead < firsts.size()) {
      const Access& next = accesses[firsts[i + 2 * kAhead]];
      __builtin_prefetch(&next);
      __builtin_prefetch(&next.data);
    }
    if (i + kAhead < firsts.size()) __builtin_prefetch(accesses[firsts[i + kAhead]].subjects.data());
    for (size_t stage = 0; stage < kStages; ++stage) {
      const size_t place = i - stage * kAhead;
      if (place < firsts.size()) foresee(accesses[firsts[place]], stage);
    }
    const size_t place = i - kStages * kAhead;
    if (place >= firsts.size()) continue;
    judge(accesses[firsts[place]], verdict);
    verdicts.latest_.push_back(verdicts.add(verdict));
  }
  for (size_t i = 0; i < accesses.size(); ++i) {
    uint32_t& latest = verdicts.latest_[verdicts.alike_.groups()[i]];
    const Verdicts::One& known = verdicts.verdicts_[latest];
    if (accesses[i].time < known.since || accesses[i].time >= known.until) {
      judge(accesses[i], verdict);
      latest = verdicts.add(verdict);
    }
    verdicts.numbers_.push_back(latest);
  }
}

void Judge::judge_subject(const Access& access, uint32_t subject, Bindings& bindings, Verdict& verdict) const {
  bool is_explained = false;
  for (uint32_t number = 0; number < plans_.size(); ++number) {
    const Plan& plan = plans_[number];
    const bool explains = plan.rule->conclusion == Conclusion::kExplained;
    if ((explains && is_explained) || !fires(plan, access, bindings)) continue;
    is_explained = is_explained || explains;
    if (!explains) verdict.outcome = Outcome::kFlagged;
    verdict.findings.push_back({number, subject, bindings.is_on_behalf, bindings.rows});
  }
  if (!is_explained && verdict.outcome == Outcome::kExplained) verdict.outcome = Outcome::kUnexplained;
}

void Judge::set(Property property, Symbol symbol, Bindings& bindings) const {
  const auto place = static_cast<size_t>(property);
  bindings.properties[place] = symbol;
  bindings.mentioned_by[place] = mentions_[place]->of(symbol);
}

void Judge::bind(const Access& access, Bindings& bindings) const {
  bindings.access = bits_of(access);
  set(Property::kEmployee, access.employee, bindings);
  set(Property::kSystem, access.system, bindings);
  set(Property::kCase, access.claimed_case, bindings);
  set(Property::kActivity, access.activity, bindings);
  set(Property::kUnit, access.unit, bindings);
  set(Property::kFunction, access.function, bindings);
  set(Property::kOnBehalfOf, access.on_behalf_of, bindings);
}

void Judge::judge(const Access& access, Verdict& verdict) const {
  verdict.findings.clear();
  verdict.outcome = Outcome::kExplained;
  Bindings bindings;
  bind(access, bindings);
  if (access.subjects.empty()) judge_subject(access, 0, bindings, verdict);
  for (uint32_t subject = 0; subject < access.subjects.size(); ++subject) {
    set(Property::kSubject, access.subjects[subject], bindings);
    judge_subject(access, subject, bindings, verdict);
  }
  verdict.since = bindings.since;
  verdict.until = bindings.until;
}

bool Judge::fires(std::string_view rule, const Access& access) const {
  const auto found = std::ranges::find(rules_, rule, &Rule::id);
  if (found == rules_.end()) return false;
  const Plan& plan = plans_[static_cast<size_t>(found - rules_.begin())];
  Bindings bindings;
  bind(access, bindings);
  if (access.subjects.empty()) return fires(plan, access, bindings);
  return std::ranges::any_of(access.subjects, [&](Symbol subject) {
    set(Property::kSubject, subject, bindings);
    return fires(plan, access, bindings);
  });
}

bool Judge::leads_on_behalf(const Plan& plan, const Access& access, Bindings& bindings) const {
  if (access.on_behalf_of == kNoSymbol || !plan.looks_at_both) return false;
  // Who says to act for another, and is nobody that facts know, has not shown anything.
  const bool is_nobody = access.employee == kNoSymbol || access.employee == kUnknown;
  if (is_nobody && plan.rule->conclusion == Conclusion::kExplained) return false;
  set(Property::kEmployee, access.on_behalf_of, bindings);
  bindings.is_on_behalf = plan.fires(access, bindings);
  set(Property::kEmployee, access.employee, bindings);
  return bindings.is_on_behalf;
}

// What `unless` names is looked at last: that a rule would fire but for it is rare.
bool Judge::fires(const Plan& plan, const Access& access, Bindings& bindings) const {
  bindings.is_on_behalf = false;
  if (!plan.fires(access, bindings) && !leads_on_behalf(plan, access, bindings)) return false;
  if (plan.unless.empty()) return true;
  Bindings others = bindings;
  const bool is_excused =
      std::ranges::any_of(plan.unless, [&](uint32_t other) { return fires(plans_[other], access, others); });
  bindings.since = others.since;
  bindings.until = others.until;
  return !is_excused;
}

Judge::Judge(Judge&&) noexcept = default;
Judge::~Judge() = default;

}  // namespace weerbaar::purpose
