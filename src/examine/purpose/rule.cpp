#include "examine/purpose/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>

#include "base/time.h"
#include "base/toml.h"
#include "domain/access_event.h"
#include "register/fact_file.h"

namespace weerbaar::purpose {
namespace {

using facts::Column;
using facts::Kind;
using facts::Table;

constexpr std::string_view kPropertyNames[kProperties] = {"employee", "subject", "system",   "case",        "activity",
                                                          "data",     "unit",    "function", "on_behalf_of"};
constexpr std::string_view kAccess = "access.";
constexpr std::string_view kStepKeys[] = {"table", "early", "late", "ever", "absent"};
// Longer than anybody's work on a case lasts: what is meant is "ever".
constexpr int64_t kWindowDaysMax = 36'525;

std::optional<Property> property_of(std::string_view name) {
  const auto found = std::ranges::find(kPropertyNames, name);
  if (found == std::end(kPropertyNames)) return std::nullopt;
  return static_cast<Property>(found - std::begin(kPropertyNames));
}

std::string property_names() {
  std::vector<std::string> names;
  for (const std::string_view name : kPropertyNames) names.push_back(fmt::format("access.{}", name));
  return fmt::format("{}", fmt::join(names, ", "));
}

// "14d", "8h", "30m" as microseconds.
std::optional<int64_t> period_of(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || end + 1 != text.data() + text.size()) return std::nullopt;
  constexpr int64_t kMinutesPerDay = 24 * 60;
  const int64_t minutes_of = *end == 'd' ? kMinutesPerDay : *end == 'h' ? 60 : *end == 'm' ? 1 : 0;
  if (minutes_of == 0 || number > kWindowDaysMax * kMinutesPerDay / minutes_of) return std::nullopt;
  return number * minutes_of * 60 * kMicrosPerSecond;
}

// How many letters must be put in, taken out or changed to make one text of the other (Levenshtein 1966).
size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// "acces.employee", "Access.employee": what was meant is a property, and would be taken for a word that no fact says.
bool looks_like_property(std::string_view word) {
  constexpr size_t kEditsMax = 2;
  const size_t dot = word.find('.');
  // npos is larger.
  if (dot > kAccess.size() + kEditsMax) return false;
  std::string front(word.substr(0, dot + 1));
  std::ranges::transform(front, front.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return edits_between(front, kAccess) <= kEditsMax;
}

// Reads one file. Remembers where each variable was first named, for the errors that only the whole shows.
class RuleReader {
 public:
  RuleReader(std::string_view id, std::string_view file) : file_(file) { rule_.id = id; }

  Result<Rule> read(const toml::table& table) {
    WEERBAAR_TRY(read_head(table));
    WEERBAAR_TRY(each_of(table, "step", [this](const toml::table& item) { return read_step(item); }));
    WEERBAAR_TRY(each_of(table, "where", [this](const toml::table& item) { return read_compare(item); }));
    if (rule_.steps.empty() && rule_.actions.empty() && !rule_.break_glass && !rule_.reason && rule_.unless.empty()) {
      return wrong(table.source(), "the rule asks nothing: add a [[step]], or actions, break_glass or reason");
    }
    WEERBAAR_TRY(check_variables());
    WEERBAAR_TRY(check_joined());
    return std::move(rule_);
  }

 private:
  struct VariableUse {
    toml::source_region first;
    std::optional<Kind> kind;
    size_t terms = 0;
    bool is_bound = false;  // by a step that is not absent
  };

  std::unexpected<Error> wrong(const toml::source_region& at, std::string_view what) const {
    return fail(Code::kInvalid, fmt::format("{}: {}", place_of(at), what));
  }

  template <class Take>
  Status each_of(const toml::table& table, std::string_view key, Take take) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    const auto* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
      return wrong(node->source(), fmt::format("write sections [[{}]]", key));
    }
    if (array->size() > kStepsMax)
      return wrong(node->source(), fmt::format("at most {} sections [[{}]]", kStepsMax, key));
    for (const toml::node& item : *array) WEERBAAR_TRY(take(*item.as_table()));
    return {};
  }

  Result<std::string> text(const toml::node& node, std::string_view key) const {
    const auto* value = node.as_string();
    if (value == nullptr || value->get().empty() || value->get().size() > kTextBytesMax) {
      return wrong(node.source(), fmt::format("{} must be a text of 1 to {} bytes", key, kTextBytesMax));
    }
    return value->get();
  }
  Result<bool> truth(const toml::node& node, std::string_view key) const {
    const auto* value = node.as_boolean();
    if (value == nullptr) return wrong(node.source(), fmt::format("{} must be true or false", key));
    return value->get();
  }
  Result<std::vector<std::string>> texts(const toml::node& node, std::string_view key) const {
    const auto* array = node.as_array();
    if (array == nullptr || array->empty()) {
      return wrong(node.source(), fmt::format("{} must be a list of texts, of at least one", key));
    }
    std::vector<std::string> values;
    for (const toml::node& item : *array) {
      WEERBAAR_ASSIGN(std::string value, text(item, key));
      values.push_back(std::move(value));
    }
    return values;
  }

  Status read_head(const toml::table& table);
  Status read_step(const toml::table& item);
  Status read_window(const toml::table& item, Step& step);
  Status read_match(const toml::key& key, const toml::node& node, Step& step);
  Status read_compare(const toml::table& item);
  Result<Term> term(const toml::node& node, const Column* column);
  Result<Term> variable(const toml::node& node, std::string_view name, std::optional<Kind> kind);
  Status check_word(const toml::node& node, const Column* column, std::string_view word) const;
  Status check_compare(const toml::table& item, const Compare& compare) const;
  Status check_word_of(const toml::node& node, const Term& other, const Word& word) const;
  [[nodiscard]] std::string place_of(const toml::source_region& at) const {
    return fmt::format("{}:{}:{}", file_, at.begin.line, at.begin.column);
  }
  Status check_variables() const;
  Status check_joined() const;

  std::string_view file_;
  Rule rule_;
  std::vector<VariableUse> uses_;            // by the number of the variable
  std::vector<toml::source_region> places_;  // of the steps
  bool in_absent_step_ = false;
};

Status RuleReader::read_head(const toml::table& table) {
  bool has_conclusion = false;
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    if (name == "step" || name == "where") continue;
    if (name == "conclusion") {
      WEERBAAR_ASSIGN(const std::string word, text(node, name));
      if (word != "explained" && word != "flagged") {
        return wrong(node.source(), "conclusion must be \"explained\" or \"flagged\"");
      }
      rule_.conclusion = word == "explained" ? Conclusion::kExplained : Conclusion::kFlagged;
      has_conclusion = true;
    } else if (name == "actions") {
      WEERBAAR_ASSIGN(rule_.actions, texts(node, name));
      for (const std::string& action : rule_.actions) {
        if (!parse_action(action)) return wrong(node.source(), "there is no such action");
      }
    } else if (name == "break_glass") {
      WEERBAAR_ASSIGN(rule_.break_glass, truth(node, name));
    } else if (name == "reason") {
      WEERBAAR_ASSIGN(rule_.reason, truth(node, name));
    } else if (name == "unless") {
      WEERBAAR_ASSIGN(rule_.unless, texts(node, name));
      for (const toml::node& item : *node.as_array()) rule_.unless_places.push_back(place_of(item.source()));
    } else {
      return wrong(key.source(),
                   "an unknown key: there are conclusion, actions, break_glass, reason, unless, [[step]] "
                   "and [[where]]");
    }
  }
  if (!has_conclusion) return wrong(table.source(), "say conclusion = \"explained\" or \"flagged\"");
  return {};
}

Status RuleReader::read_step(const toml::table& item) {
  Step step;
  const toml::node* name = item.get("table");
  if (name == nullptr) return wrong(item.source(), "the step names no table: say table = \"…\"");
  WEERBAAR_ASSIGN(const std::string table_name, text(*name, "table"));
  step.table = facts::find_table(table_name);
  if (step.table == nullptr) {
    std::vector<std::string_view> names;
    for (const Table& table : facts::tables()) names.push_back(table.name);
    return wrong(name->source(), fmt::format("there is no such table of facts; there are {}", fmt::join(names, ", ")));
  }
  WEERBAAR_TRY(read_window(item, step));
  in_absent_step_ = step.absent;
  for (const auto& [key, node] : item) {
    if (std::ranges::find(kStepKeys, key.str()) != std::end(kStepKeys)) continue;
    WEERBAAR_TRY(read_match(key, node, step));
  }
  in_absent_step_ = false;
  if (step.matches.empty()) {
    return wrong(item.source(), "the step says of no column what it must equal, so any fact would do: name one");
  }
  rule_.steps.push_back(std::move(step));
  places_.push_back(item.source());
  return {};
}

Status RuleReader::read_window(const toml::table& item, Step& step) {
  const auto period = [&](std::string_view key, int64_t& to) -> Status {
    const toml::node* node = item.get(key);
    if (node == nullptr) return {};
    WEERBAAR_ASSIGN(const std::string written, text(*node, key));
    const auto micros = period_of(written);
    if (!micros) {
      return wrong(node->source(), fmt::format("{} must be a period such as \"14d\", \"8h\" or \"30m\", of at most {} "
                                               "days; for longer say ever = true",
                                               key, kWindowDaysMax));
    }
    to = *micros;
    return {};
  };
  WEERBAAR_TRY(period("early", step.window.early));
  WEERBAAR_TRY(period("late", step.window.late));
  if (const toml::node* node = item.get("ever")) {
    WEERBAAR_ASSIGN(step.window.ever, truth(*node, "ever"));
    if (step.window.ever && (step.window.early != 0 || step.window.late != 0)) {
      return wrong(node->source(), "ever and early or late exclude each other: remove one");
    }
  }
  if (const toml::node* node = item.get("absent")) {
    WEERBAAR_ASSIGN(step.absent, truth(*node, "absent"));
  }
  return {};
}

Status RuleReader::read_match(const toml::key& key, const toml::node& node, Step& step) {
  const auto column = std::ranges::find(step.table->columns, key.str(), &Column::name);
  if (column == step.table->columns.end()) {
    std::vector<std::string_view> names;
    for (const Column& known : step.table->columns) names.push_back(known.name);
    return wrong(key.source(), fmt::format("the table \"{}\" has no such column; it has {}", step.table->name,
                                           fmt::join(names, ", ")));
  }
  WEERBAAR_ASSIGN(Term read, term(node, &*column));
  step.matches.push_back({static_cast<size_t>(column - step.table->columns.begin()), std::move(read)});
  return {};
}

Status RuleReader::read_compare(const toml::table& item) {
  Compare compare;
  for (const auto& [key, node] : item) {
    const std::string_view name = key.str();
    if (name == "left") {
      WEERBAAR_ASSIGN(compare.left, term(node, nullptr));
    } else if (name == "right") {
      WEERBAAR_ASSIGN(compare.right, term(node, nullptr));
    } else if (name == "is") {
      WEERBAAR_ASSIGN(const std::string how, text(node, name));
      constexpr std::string_view kWords[] = {"same", "different", "neighbouring"};
      const auto found = std::ranges::find(kWords, how);
      if (found == std::end(kWords)) {
        return wrong(node.source(), fmt::format("is must be one of {}", fmt::join(kWords, ", ")));
      }
      compare.how = static_cast<Comparison>(found - std::begin(kWords));
    } else {
      return wrong(key.source(), "an unknown key: there are left, is and right");
    }
  }
  for (const std::string_view key : {"left", "is", "right"}) {
    if (item.get(key) == nullptr) return wrong(item.source(), fmt::format("{} is missing", key));
  }
  WEERBAAR_TRY(check_compare(item, compare));
  rule_.compares.push_back(std::move(compare));
  return {};
}

Status RuleReader::check_compare(const toml::table& item, const Compare& compare) const {
  const auto kind_of_term = [this](const Term& side) -> std::optional<Kind> {
    if (const auto* property = std::get_if<Property>(&side)) return kind_of(*property);
    if (const auto* number = std::get_if<Variable>(&side)) return uses_[number->number].kind;
    return std::nullopt;
  };
  const auto left = kind_of_term(compare.left);
  const auto right = kind_of_term(compare.right);
  if (left && right && *left != *right) {
    return wrong(item.source(), fmt::format("left is of the kind {}, right of the kind {}: they never are the same",
                                            to_string(*left), to_string(*right)));
  }
  if (compare.how == Comparison::kNeighbouring && (left != Kind::kAddress || right != Kind::kAddress)) {
    return wrong(item.source(), "only addresses can be neighbouring");
  }
  for (const auto& [side, other, key] :
       {std::tuple(&compare.left, right, "left"), std::tuple(&compare.right, left, "right")}) {
    const auto* word = std::get_if<Word>(side);
    if (word == nullptr) continue;
    if (other == Kind::kWord)
      WEERBAAR_TRY(check_word_of(*item.get(key), side == &compare.left ? compare.right : compare.left, *word));
    if (other != Kind::kSubject) continue;
    if (const Status checked = facts::check_subject(word->text); !checked) {
      return wrong(item.get(key)->source(), checked.error().text);
    }
  }
  return {};
}

// A word that is compared with a variable which stands for one of the words of a column.
Status RuleReader::check_word_of(const toml::node& node, const Term& other, const Word& word) const {
  for (const Step& step : rule_.steps) {
    for (const Match& match : step.matches) {
      if (match.term == other) WEERBAAR_TRY(check_word(node, &step.table->columns[match.column], word.text));
    }
  }
  return {};
}

// `column` is that which the term must equal; null within a comparison.
Result<Term> RuleReader::term(const toml::node& node, const Column* column) {
  const std::string_view key = column == nullptr ? "it" : column->name;
  WEERBAAR_ASSIGN(const std::string written, text(node, key));
  if (written.starts_with('$')) {
    return variable(node, std::string_view(written).substr(1),
                    column == nullptr ? std::nullopt : std::optional(column->kind));
  }
  if (written.starts_with(kAccess)) {
    const auto property = property_of(std::string_view(written).substr(kAccess.size()));
    if (!property) {
      return wrong(node.source(), fmt::format("an access has no such property; there are {}", property_names()));
    }
    if (column != nullptr && kind_of(*property) != column->kind) {
      return wrong(node.source(), fmt::format("{} is not of the kind {}, as the column \"{}\" is", written,
                                              to_string(column->kind), column->name));
    }
    return Term(*property);
  }
  WEERBAAR_TRY(check_word(node, column, written));
  return Term(Word{written});
}

Status RuleReader::check_word(const toml::node& node, const Column* column, std::string_view word) const {
  if ((column == nullptr || column->kind != Kind::kText) && looks_like_property(word)) {
    return wrong(node.source(), fmt::format("this looks like a property of the access, and is none: write one of {}",
                                            property_names()));
  }
  if (column == nullptr) return {};
  if (column->kind == Kind::kSubject) {
    const Status checked = facts::check_subject(word);
    if (!checked) {
      return wrong(node.source(), fmt::format("{}; a variable begins with $, a property of the access with access.",
                                              checked.error().text));
    }
  }
  if (column->kind != Kind::kWord || std::ranges::find(column->words, word) != column->words.end()) return {};
  return wrong(
      node.source(),
      fmt::format("this is none of the words of the column \"{}\": {}; a variable begins with $, a property of the "
                  "access with access.",
                  column->name, fmt::join(column->words, ", ")));
}

Result<Term> RuleReader::variable(const toml::node& node, std::string_view name, std::optional<Kind> kind) {
  if (name.empty()) return wrong(node.source(), "a variable has a name behind the $");
  const auto found = std::ranges::find(rule_.variables, name);
  const auto number = static_cast<uint32_t>(found - rule_.variables.begin());
  if (found == rule_.variables.end()) {
    if (rule_.variables.size() == kVariablesMax) {
      return wrong(node.source(), fmt::format("a rule has at most {} variables", kVariablesMax));
    }
    rule_.variables.emplace_back(name);
    uses_.push_back({node.source(), kind, 0, false});
  }
  VariableUse& use = uses_[number];
  ++use.terms;
  if (kind && !in_absent_step_) use.is_bound = true;
  if (!use.kind) use.kind = kind;
  if (kind && *kind != *use.kind) {
    return wrong(node.source(), fmt::format("${} is of the kind {}, and here of the kind {}: it never is both", name,
                                            to_string(*use.kind), to_string(*kind)));
  }
  return Term(Variable{number});
}

Status RuleReader::check_variables() const {
  for (size_t i = 0; i < uses_.size(); ++i) {
    const VariableUse& use = uses_[i];
    if (!use.is_bound) {
      return wrong(use.first,
                   fmt::format("no step that is not absent names ${}, so nothing says what it is: name it in "
                               "one",
                               rule_.variables[i]));
    }
    if (use.terms == 1) {
      return wrong(use.first,
                   fmt::format("${} is named once, and joins nothing: remove it, or name it in another place",
                               rule_.variables[i]));
    }
  }
  return {};
}

// Every step must hang on the access, by way of other steps.
Status RuleReader::check_joined() const {
  std::vector<bool> known(rule_.variables.size());
  std::vector<bool> joined(rule_.steps.size());
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t i = 0; i < rule_.steps.size(); ++i) {
      const Step& step = rule_.steps[i];
      const bool hangs = std::ranges::any_of(step.matches, [&](const Match& match) {
        const auto* number = std::get_if<Variable>(&match.term);
        return number == nullptr ? std::holds_alternative<Property>(match.term) : known[number->number];
      });
      if (joined[i] || !hangs) continue;
      joined[i] = grew = true;
      if (step.absent) continue;
      for (const Match& match : step.matches) {
        if (const auto* number = std::get_if<Variable>(&match.term)) known[number->number] = true;
      }
    }
  }
  const auto loose = std::ranges::find(joined, false);
  if (loose == joined.end()) return {};
  return wrong(places_[static_cast<size_t>(loose - joined.begin())],
               "nothing joins this step to the access: let a column equal access.… or a variable of a step that does");
}

// Depth first over `unless`.
class RuleOrder {
 public:
  explicit RuleOrder(std::vector<Rule>& rules) : rules_(rules), states_(rules.size()) {
    for (size_t i = 0; i < rules.size(); ++i) places_[rules[i].id] = i;
  }

  Status put() {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (states_[i] == State::kNew) WEERBAAR_TRY(visit(i));
    }
    std::vector<Rule> sorted;
    sorted.reserve(order_.size());
    for (const size_t i : order_) sorted.push_back(std::move(rules_[i]));
    rules_ = std::move(sorted);
    return {};
  }

 private:
  enum class State : uint8_t { kNew, kOnPath, kDone };

  Status visit(size_t place) {
    states_[place] = State::kOnPath;
    path_.push_back(place);
    const Rule& rule = rules_[place];
    for (size_t i = 0; i < rule.unless.size(); ++i) {
      const auto found = places_.find(rule.unless[i]);
      if (found == places_.end()) {
        return wrong(rule, i,
                     fmt::format("unless names the rule \"{}\", which is not among these: mend its id, or remove it",
                                 rule.unless[i]));
      }
      const size_t other = found->second;
      if (states_[other] == State::kOnPath) {
        return wrong(rule, i, fmt::format("unless leads in a circle, {}: remove one of these", circle(other)));
      }
      if (states_[other] == State::kNew) WEERBAAR_TRY(visit(other));
    }
    path_.pop_back();
    states_[place] = State::kDone;
    order_.push_back(place);
    return {};
  }

  // Of an entry in `unless`.
  static std::unexpected<Error> wrong(const Rule& rule, size_t entry, std::string_view what) {
    return fail(Code::kInvalid, entry < rule.unless_places.size()
                                    ? fmt::format("{}: {}", rule.unless_places[entry], what)
                                    : fmt::format("rule {}: {}", rule.id, what));
  }

  // "a, b, a": the path from that rule back to it.
  [[nodiscard]] std::string circle(size_t first) const {
    std::string ids;
    for (auto at = std::ranges::find(path_, first); at != path_.end(); ++at) ids += rules_[*at].id + ", ";
    return ids + rules_[first].id;
  }

  std::vector<Rule>& rules_;
  std::vector<State> states_;
  std::vector<size_t> path_;
  std::map<std::string, size_t> places_;
  std::vector<size_t> order_;
};

}  // namespace

std::string_view to_string(Property property) {
  return kPropertyNames[static_cast<size_t>(property)];
}

Kind kind_of(Property property) {
  constexpr Kind kKindsOf[kProperties] = {Kind::kEmployee, Kind::kSubject,  Kind::kSystem,
                                          Kind::kCase,     Kind::kActivity, Kind::kData,
                                          Kind::kUnit,     Kind::kFunction, Kind::kEmployee};
  return kKindsOf[static_cast<size_t>(property)];
}

Result<Rule> read_rule(std::string_view id, std::string_view text, std::string_view file) {
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, file));
  return RuleReader(id, file).read(table);
}

Status put_in_order(std::vector<Rule>& rules) {
  if (rules.size() > kRulesMax) return fail(Code::kInvalid, fmt::format("there are more than {} rules", kRulesMax));
  std::ranges::sort(rules, {}, &Rule::id);
  const auto twice = std::ranges::adjacent_find(rules, {}, &Rule::id);
  if (twice != rules.end())
    return fail(Code::kInvalid, fmt::format("rule {}: it is there twice: remove one", twice->id));
  return RuleOrder(rules).put();
}

}  // namespace weerbaar::purpose
