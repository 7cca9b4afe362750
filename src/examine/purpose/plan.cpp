#include "examine/purpose/plan.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace weerbaar::purpose {
namespace {

using facts::Kind;

constexpr size_t kColumnsMax = 8;
// Rows that are looked at before another column is asked whether it has fewer.
constexpr size_t kFewRows = 32;

int64_t plus(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

// "3511AB 12-2" or "Kerkstraat 14 A": what lies before the house number, and that number.
struct Address {
  std::string_view street;
  uint64_t number = 0;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The bytes of a Dutch postcode in front, "3511AB" or "3511 AB", when a space follows; else 0.
size_t postcode_bytes(std::string_view text) {
  constexpr size_t kDigits = 4;
  constexpr size_t kLetters = 2;
  if (text.size() <= kDigits || !std::ranges::all_of(text.substr(0, kDigits), is_digit)) return 0;
  const size_t letters = kDigits + (text[kDigits] == ' ' ? 1 : 0);
  const size_t end = letters + kLetters;
  const bool is_one =
      text.size() > end && text[end] == ' ' && std::ranges::all_of(text.substr(letters, kLetters), is_letter);
  return is_one ? end : 0;
}

// The number is the one right behind a postcode; behind a street, whose name may hold numbers, the last that a space
// precedes. What follows it is an addition.
std::optional<Address> split_address(std::string_view address) {
  size_t space = postcode_bytes(address);
  const size_t behind = address.find_first_not_of(' ', space);
  if (space != 0 && (behind == std::string_view::npos || !is_digit(address[behind]))) space = 0;
  if (space == 0) {
    for (size_t i = 1; i + 1 < address.size(); ++i) {
      if (address[i] == ' ' && is_digit(address[i + 1])) space = i;
    }
  }
  const size_t begin = address.find_first_not_of(' ', space);
  if (space == 0 || begin == std::string_view::npos) return std::nullopt;
  Address split{address.substr(0, space), 0};
  const auto [end, error] = std::from_chars(address.data() + begin, address.data() + address.size(), split.number);
  if (error != std::errc()) return std::nullopt;
  return split;
}

bool are_same_but_for_spaces(std::string_view a, std::string_view b) {
  size_t at = 0;
  for (const char c : a) {
    if (c == ' ') continue;
    at = b.find_first_not_of(' ', at);
    if (at == std::string_view::npos || b[at] != c) return false;
    ++at;
  }
  return b.find_first_not_of(' ', at) == std::string_view::npos;
}

bool are_neighbouring(std::string_view a, std::string_view b) {
  const auto left = split_address(a);
  const auto right = split_address(b);
  if (!left || !right || a == b || !are_same_but_for_spaces(left->street, right->street)) return false;
  const uint64_t apart = left->number < right->number ? right->number - left->number : left->number - right->number;
  return apart <= kNeighbourNumbers;
}

}  // namespace

bool PlannedStep::holds_at(uint32_t row, int64_t time, Bindings& bindings) const {
  if (window.ever) return true;
  const int64_t begin = plus(table->valid_from(row), -window.early);
  const int64_t end = plus(table->valid_to(row), window.late);
  if (time < begin) {
    bindings.until = std::min(bindings.until, begin);
    return false;
  }
  if (time >= end) {
    bindings.since = std::max(bindings.since, end);
    return false;
  }
  bindings.since = std::max(bindings.since, begin);
  bindings.until = std::min(bindings.until, end);
  return true;
}

FactIndex::Rows PlannedStep::candidates(std::span<const Symbol> symbols) const {
  for (size_t i = 0; i < equal.size(); ++i) {
    if (!equal[i].mentions->has(symbols[i], equal[i].mention_bit)) return {};
  }
  FactIndex::Rows rows = equal[0].index->rows(symbols[0]);
  for (size_t i = 1; i < equal.size() && rows.size() > kFewRows; ++i) {
    const FactIndex::Rows others = equal[i].index->rows(symbols[i]);
    if (others.size() < rows.size()) rows = others;
  }
  return rows;
}

bool PlannedStep::matches(uint32_t row, std::span<const Symbol> symbols) const {
  for (size_t i = 0; i < equal.size(); ++i) {
    if (table->cell(row, equal[i].place) != symbols[i]) return false;
  }
  return true;
}

bool Plan::holds(const PlannedCompare& compare, const Bindings& bindings) const {
  const Symbol left = compare.left.in(bindings);
  const Symbol right = compare.right.in(bindings);
  if (left == kNoSymbol || right == kNoSymbol) return false;
  const bool is_same = left == right && left != kUnknown;
  switch (compare.how) {
    case Comparison::kSame:
      return is_same;
    case Comparison::kDifferent:
      return !is_same;
    case Comparison::kNeighbouring:
      return are_neighbouring(facts->text(Kind::kAddress, left), facts->text(Kind::kAddress, right));
  }
  return false;
}

bool Plan::bind(const PlannedStep& step, uint32_t row, Bindings& bindings) const {
  for (const Binding& binding : step.binds) {
    const Symbol symbol = step.table->cell(row, binding.place);
    // A column that says nothing joins with nothing.
    if (symbol == kNoSymbol) return false;
    Symbol& variable = bindings.variables[binding.variable];
    if (binding.is_first) {
      variable = symbol;
    } else if (variable != symbol) {
      return false;
    }
  }
  return std::ranges::all_of(step.compares, [&](const PlannedCompare& compare) { return holds(compare, bindings); });
}

bool Plan::fires(const Access& access, Bindings& bindings) const {
  if (!may_fire(bindings)) return false;
  const auto fires_here = [&] {
    return std::ranges::all_of(compares, [&](const auto& compare) { return holds(compare, bindings); }) &&
           fires(0, access.time, bindings);
  };
  if (!asks_data) return fires_here();
  return std::ranges::any_of(access.data, [&](Symbol data) {
    bindings.properties[static_cast<size_t>(Property::kData)] = data;
    return fires_here();
  });
}

bool Plan::fires(size_t number, int64_t time, Bindings& bindings) const {
  if (number == steps.size()) return true;
  const PlannedStep& step = steps[number];
  std::array<Symbol, kColumnsMax> known;
  const std::span<Symbol> symbols(known.data(), step.equal.size());
  for (size_t i = 0; i < symbols.size(); ++i) symbols[i] = step.equal[i].source.in(bindings);
  const FactIndex::Rows candidates = step.candidates(symbols);
  for (uint32_t i = candidates.begin; i < candidates.end; ++i) {
    const uint32_t row = candidates.at(i);
    if (!step.matches(row, symbols) || !step.holds_at(row, time, bindings)) continue;
    if (step.absent) return false;
    if (!bind(step, row, bindings)) continue;
    bindings.rows[step.number] = row;
    if (fires(number + 1, time, bindings)) return true;
  }
  if (!step.absent) return false;
  bindings.rows[step.number] = Finding::kNoRow;
  return fires(number + 1, time, bindings);
}

namespace {

// Orders the steps of one rule and says where each term comes from.
class Planner {
 public:
  Planner(const Rule& rule, FactBase& facts) : rule_(rule), facts_(facts), known_(rule.variables.size()) {}

  std::vector<PlannedStep> steps() {
    std::vector<bool> done(rule_.steps.size());
    for (size_t i = 0; i < rule_.steps.size(); ++i) {
      const size_t next = best(done);
      done[next] = true;
      planned_.push_back(plan(next));
    }
    return std::move(planned_);
  }
  // Those of the access alone. Call it before steps().
  std::vector<PlannedCompare> compares_without_steps() { return ready_compares(); }

 private:
  [[nodiscard]] bool is_known(const Term& term) const {
    const auto* variable = std::get_if<Variable>(&term);
    return variable == nullptr || known_[variable->number];
  }

  // How many rows it has to look at, at best; less than 0 when nothing is known of it.
  double rows_of(const Step& step) {
    double fewest = -1;
    for (const Match& match : step.matches) {
      if (!is_known(match.term)) continue;
      const double rows = facts_.index(*step.table, match.column).rows_each();
      if (fewest < 0 || rows < fewest) fewest = rows;
    }
    return fewest;
  }

  // The step with the fewest rows to look at; an absent one only when all that it names is known, and then at once.
  size_t best(const std::vector<bool>& done) {
    size_t best = SIZE_MAX;
    double fewest = 0;
    for (size_t i = 0; i < done.size(); ++i) {
      if (done[i]) continue;
      const Step& step = rule_.steps[i];
      const bool is_complete =
          std::ranges::all_of(step.matches, [this](const Match& match) { return is_known(match.term); });
      const double rows = rows_of(step);
      if (rows < 0 || (step.absent && !is_complete)) continue;
      if (best == SIZE_MAX || (step.absent ? 0 : rows) < fewest) {
        best = i;
        fewest = step.absent ? 0 : rows;
      }
    }
    // read_rule() saw to it that every step hangs on the access.
    WEERBAAR_CHECK(best != SIZE_MAX);
    return best;
  }

  PlannedStep plan(size_t number) {
    const Step& step = rule_.steps[number];
    const FactTable& table = facts_.table(*step.table);
    PlannedStep planned{number, &table, step.window, step.absent, {}, {}, {}};
    std::vector<const Match*> unknown;
    for (const Match& match : step.matches) {
      if (!is_known(match.term)) {
        unknown.push_back(&match);
        continue;
      }
      const Kind kind = step.table->columns[match.column].kind;
      const FactIndex& index = facts_.index(*step.table, match.column);
      planned.equal.push_back({table.place(match.column), source(match.term, kind), &index, &facts_.mentions(kind),
                               facts_.mention_bit(*step.table, match.column)});
    }
    WEERBAAR_CHECK(planned.equal.size() <= kColumnsMax);
    std::ranges::sort(planned.equal, {}, [](const Equal& equal) { return equal.index->rows_each(); });
    for (const Match* match : unknown) {
      const uint32_t variable = std::get<Variable>(match->term).number;
      planned.binds.push_back({table.place(match->column), variable, !known_[variable]});
      known_[variable] = true;
    }
    planned.compares = ready_compares();
    return planned;
  }

  std::vector<PlannedCompare> ready_compares() {
    std::vector<PlannedCompare> ready;
    compared_.resize(rule_.compares.size());
    for (size_t i = 0; i < rule_.compares.size(); ++i) {
      const Compare& compare = rule_.compares[i];
      if (compared_[i] || !is_known(compare.left) || !is_known(compare.right)) continue;
      compared_[i] = true;
      const Kind kind = kind_of_compare(compare);
      ready.push_back({source(compare.left, kind), compare.how, source(compare.right, kind)});
    }
    return ready;
  }

  [[nodiscard]] Kind kind_of_compare(const Compare& compare) const {
    for (const Term* term : {&compare.left, &compare.right}) {
      if (const auto* property = std::get_if<Property>(term)) return kind_of(*property);
      const auto* variable = std::get_if<Variable>(term);
      if (variable == nullptr) continue;
      for (const Step& step : rule_.steps) {
        for (const Match& match : step.matches) {
          if (match.term == Term(*variable)) return step.table->columns[match.column].kind;
        }
      }
    }
    return Kind::kText;
  }

  [[nodiscard]] Source source(const Term& term, Kind kind) {
    if (const auto* property = std::get_if<Property>(&term)) {
      return {Source::From::kProperty, static_cast<uint32_t>(*property)};
    }
    if (const auto* variable = std::get_if<Variable>(&term)) return {Source::From::kVariable, variable->number};
    return {Source::From::kConstant, facts_.intern(kind, std::get<Word>(term).text)};
  }

  const Rule& rule_;
  FactBase& facts_;
  std::vector<bool> known_;
  std::vector<bool> compared_;
  std::vector<PlannedStep> planned_;
};

constexpr unsigned kBreakGlassBit = 16;  // and the next: whether it is so, whether it is not
constexpr unsigned kReasonBit = 18;

uint32_t allowed_by(const Rule& rule) {
  const auto either = [](const std::optional<bool>& wanted) { return !wanted ? 3U : *wanted ? 1U : 2U; };
  uint32_t actions = rule.actions.empty() ? (1U << kBreakGlassBit) - 1 : 0;
  for (const std::string& action : rule.actions) actions |= 1U << static_cast<unsigned>(*parse_action(action));
  return actions | either(rule.break_glass) << kBreakGlassBit | either(rule.reason) << kReasonBit;
}

// What a term asks of an access must be said.
void ask(const Term& term, std::array<uint32_t, kProperties>& needs) {
  if (const auto* property = std::get_if<Property>(&term)) {
    needs[static_cast<size_t>(*property)] |= FactBase::Mentions::kIsSaid;
  }
}

// A step that is not absent needs a fact that mentions what it asks of the access.
void need_mentions(const PlannedStep& step, std::array<uint32_t, kProperties>& needs) {
  if (step.absent) return;
  for (const Equal& equal : step.equal) {
    const bool is_data = equal.source.value == static_cast<uint32_t>(Property::kData);
    if (equal.source.from == Source::From::kProperty && !is_data) needs[equal.source.value] |= equal.mention_bit;
  }
}

}  // namespace

Plan Plan::make(const Rule& rule, std::span<const Rule> rules, FactBase& facts) {
  Plan plan;
  plan.rule = &rule;
  plan.facts = &facts;
  plan.allows = allowed_by(rule);
  for (const Step& step : rule.steps) {
    for (const Match& match : step.matches) ask(match.term, plan.needs);
  }
  for (const Compare& compare : rule.compares) {
    ask(compare.left, plan.needs);
    ask(compare.right, plan.needs);
  }
  // A rule that names both says itself what leads from whom.
  plan.looks_at_both = plan.needs[static_cast<size_t>(Property::kEmployee)] != 0 &&
                       plan.needs[static_cast<size_t>(Property::kOnBehalfOf)] == 0;
  uint32_t& data = plan.needs[static_cast<size_t>(Property::kData)];
  plan.asks_data = data != 0;
  data = 0;
  Planner planner(rule, facts);
  plan.compares = planner.compares_without_steps();
  plan.steps = planner.steps();
  for (const PlannedStep& step : plan.steps) need_mentions(step, plan.needs);
  for (const std::string& other : rule.unless) {
    const auto found = std::ranges::find(rules, other, &Rule::id);
    WEERBAAR_CHECK(found != rules.end() && &*found < &rule);
    plan.unless.push_back(static_cast<uint32_t>(found - rules.begin()));
  }
  return plan;
}

uint32_t bits_of(const Access& access) {
  return 1U << static_cast<unsigned>(access.action) | 1U << (kBreakGlassBit + (access.break_glass ? 0 : 1)) |
         1U << (kReasonBit + (access.reason ? 0 : 1));
}

}  // namespace weerbaar::purpose
