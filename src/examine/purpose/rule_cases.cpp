#include "examine/purpose/rule_cases.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "base/toml.h"
#include "examine/purpose/judge.h"
#include "register/fact_file.h"

namespace weerbaar::purpose {
namespace {

class CaseReader {
 public:
  explicit CaseReader(std::string_view file) : file_(file) {}

  Result<std::vector<RuleCase>> read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (key.str() != "case") return wrong(key.source(), "an unknown key: there are only sections [[case]]");
    }
    std::vector<RuleCase> cases;
    const toml::node* sections = table.get("case");
    const auto* array = sections == nullptr ? nullptr : sections->as_array();
    if (sections != nullptr && array == nullptr) return wrong(sections->source(), "write sections [[case]]");
    for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto* section = array->get(i)->as_table();
      if (section == nullptr) return wrong(array->get(i)->source(), "write sections [[case]]");
      WEERBAAR_ASSIGN(RuleCase one, read_case(*section));
      cases.push_back(std::move(one));
    }
    for (const bool fires : {true, false}) {
      if (std::ranges::find(cases, fires, &RuleCase::fires) != cases.end()) continue;
      return fail(Code::kInvalid, fmt::format("{}: there is no case in which the rule must{} fire: add a [[case]] with "
                                              "fires = {}",
                                              file_, fires ? "" : " not", fires));
    }
    return cases;
  }

 private:
  [[nodiscard]] std::string place_of(const toml::source_region& at) const {
    return fmt::format("{}:{}:{}", file_, at.begin.line, at.begin.column);
  }
  std::unexpected<Error> wrong(const toml::source_region& at, std::string_view what) const {
    return fail(Code::kInvalid, fmt::format("{}: {}", place_of(at), what));
  }
  Result<std::string> text(const toml::node& node) const {
    const auto* value = node.as_string();
    if (value == nullptr || value->get().empty()) return wrong(node.source(), "write a text here");
    return value->get();
  }
  Result<bool> truth(const toml::node& node) const {
    const auto* value = node.as_boolean();
    if (value == nullptr) return wrong(node.source(), "write true or false");
    return value->get();
  }
  Result<int64_t> moment(const toml::node& node) const {
    WEERBAAR_ASSIGN(const std::string written, text(node));
    const auto time = parse_time_or_date(written);
    if (!time) return wrong(node.source(), time.error().text);
    return time->micros;
  }
  Result<std::string> subject(const toml::node& node) const {
    WEERBAAR_ASSIGN(std::string written, text(node));
    if (const Status checked = facts::check_subject(written); !checked) {
      return wrong(node.source(), checked.error().text);
    }
    return written;
  }
  // As the register would take it.
  Result<std::string> cell(const toml::node& node, const facts::Column& column) const {
    if (column.kind == facts::Kind::kSubject) return subject(node);
    WEERBAAR_ASSIGN(std::string written, text(node));
    if (column.kind == facts::Kind::kWord && std::ranges::find(column.words, written) == column.words.end()) {
      return wrong(node.source(), fmt::format("this is none of the words of the column \"{}\": {}", column.name,
                                              fmt::join(column.words, ", ")));
    }
    if (const Status checked = facts::check_cell(column, written); !checked) {
      return wrong(node.source(), fmt::format("column \"{}\": {}", column.name, checked.error().text));
    }
    return written;
  }
  // One text or a list of them.
  Result<std::vector<std::string>> texts(const toml::node& node,
                                         Result<std::string> (CaseReader::*read_one)(const toml::node&) const) const {
    std::vector<std::string> values;
    const auto* array = node.as_array();
    for (size_t i = 0; i < (array == nullptr ? 1 : array->size()); ++i) {
      WEERBAAR_ASSIGN(std::string value, (this->*read_one)(array == nullptr ? node : *array->get(i)));
      values.push_back(std::move(value));
    }
    return values;
  }

  Result<RuleCase> read_case(const toml::table& section) const;
  Status read_facts(const toml::node& node, RuleCase& to) const;
  Result<CaseFact> read_fact(const toml::table& fact) const;
  Status check_fact(const toml::table& item, const CaseFact& fact) const;
  Status read_access(const toml::table& access, RuleCase& to) const;
  Status read_property(const toml::key& key, const toml::node& node, RuleCase& to) const;

  std::string_view file_;
};

Result<RuleCase> CaseReader::read_case(const toml::table& section) const {
  RuleCase one;
  one.place = place_of(section.source());
  for (const std::string_view key : {"name", "fires", "access"}) {
    if (section.get(key) == nullptr) return wrong(section.source(), fmt::format("{} is missing", key));
  }
  for (const auto& [key, node] : section) {
    const std::string_view name = key.str();
    if (name == "name") {
      WEERBAAR_ASSIGN(one.name, text(node));
    } else if (name == "fires") {
      WEERBAAR_ASSIGN(one.fires, truth(node));
    } else if (name == "access") {
      if (!node.is_table()) return wrong(node.source(), "write access = { time = …, employee = …, … }");
      WEERBAAR_TRY(read_access(*node.as_table(), one));
    } else if (name == "facts") {
      WEERBAAR_TRY(read_facts(node, one));
    } else {
      return wrong(key.source(), "an unknown key: there are name, fires, facts and access");
    }
  }
  return one;
}

Status CaseReader::read_facts(const toml::node& node, RuleCase& to) const {
  const auto* array = node.as_array();
  if (array == nullptr) return wrong(node.source(), "write a list, also of one: facts = [ { table = …, … } ]");
  for (const toml::node& item : *array) {
    if (!item.is_table()) return wrong(item.source(), "write facts as { table = …, … }");
    WEERBAAR_ASSIGN(CaseFact fact, read_fact(*item.as_table()));
    to.facts.push_back(std::move(fact));
  }
  return {};
}

Result<CaseFact> CaseReader::read_fact(const toml::table& item) const {
  CaseFact fact;
  const toml::node* name = item.get("table");
  if (name == nullptr) return wrong(item.source(), "the fact names no table: say table = \"…\"");
  WEERBAAR_ASSIGN(const std::string table_name, text(*name));
  fact.table = facts::find_table(table_name);
  if (fact.table == nullptr) return wrong(name->source(), "there is no such table of facts");
  fact.values.resize(fact.table->columns.size());
  for (const auto& [key, node] : item) {
    if (key.str() == "table") continue;
    if (key.str() == facts::kValidFrom) {
      WEERBAAR_ASSIGN(fact.valid_from, moment(node));
    } else if (key.str() == facts::kValidTo) {
      WEERBAAR_ASSIGN(fact.valid_to, moment(node));
    } else {
      const auto column = std::ranges::find(fact.table->columns, key.str(), &facts::Column::name);
      if (column == fact.table->columns.end()) {
        return wrong(key.source(), fmt::format("the table \"{}\" has no such column", fact.table->name));
      }
      WEERBAAR_ASSIGN(fact.values[static_cast<size_t>(column - fact.table->columns.begin())], cell(node, *column));
    }
  }
  WEERBAAR_TRY(check_fact(item, fact));
  return fact;
}

Status CaseReader::check_fact(const toml::table& item, const CaseFact& fact) const {
  for (size_t i = 0; i < fact.values.size(); ++i) {
    const facts::Column& column = fact.table->columns[i];
    if (!column.required || !fact.values[i].empty()) continue;
    return wrong(item.source(), fmt::format("the fact says no \"{}\", which a fact of \"{}\" must: add it", column.name,
                                            fact.table->name));
  }
  if (fact.valid_from < fact.valid_to) return {};
  const toml::node* end = item.get(facts::kValidTo);
  return wrong(end == nullptr ? item.source() : end->source(),
               "the fact ends before it begins: valid_to must be later than valid_from");
}

Status CaseReader::read_access(const toml::table& access, RuleCase& to) const {
  if (access.get("time") == nullptr) return wrong(access.source(), "the access says no time");
  for (const auto& [key, node] : access) {
    const std::string_view name = key.str();
    if (name == "time") {
      WEERBAAR_ASSIGN(to.time, moment(node));
    } else if (name == "action") {
      WEERBAAR_ASSIGN(const std::string word, text(node));
      const auto action = parse_action(word);
      if (!action) return wrong(node.source(), "there is no such action");
      to.action = *action;
    } else if (name == "break_glass") {
      WEERBAAR_ASSIGN(to.break_glass, truth(node));
    } else if (name == "reason") {
      WEERBAAR_ASSIGN(to.reason, truth(node));
    } else if (name == "subject") {
      WEERBAAR_ASSIGN(to.subjects, texts(node, &CaseReader::subject));
    } else if (name == "data") {
      WEERBAAR_ASSIGN(to.data, texts(node, &CaseReader::text));
    } else {
      WEERBAAR_TRY(read_property(key, node, to));
    }
  }
  return {};
}

Status CaseReader::read_property(const toml::key& key, const toml::node& node, RuleCase& to) const {
  for (size_t i = 0; i < kProperties; ++i) {
    if (to_string(static_cast<Property>(i)) != key.str()) continue;
    WEERBAAR_ASSIGN(to.single[i], text(node));
    return {};
  }
  return wrong(key.source(), "an access has no such property");
}

// The facts of one case, and its access in their symbols.
Result<bool> fires_in(const std::vector<Rule>& rules, std::string_view id, const RuleCase& one) {
  FactBase base;
  Judge::want(rules, base);
  for (const CaseFact& fact : one.facts) {
    facts::Fact added;
    added.values.assign(fact.values.begin(), fact.values.end());
    added.valid_from = fact.valid_from;
    added.valid_to = fact.valid_to;
    WEERBAAR_TRY(base.add(*fact.table, added));
  }
  // First, for it names what no fact says.
  const Judge judge(rules, base);
  const auto single = [&](Property property) {
    return base.find(kind_of(property), one.single[static_cast<size_t>(property)]);
  };
  const auto several = [&](Property property, const std::vector<std::string>& texts) {
    std::vector<Symbol> symbols;
    symbols.reserve(texts.size());
    for (const std::string& text : texts) symbols.push_back(base.find(kind_of(property), text));
    return symbols;
  };
  const std::vector<Symbol> subjects = several(Property::kSubject, one.subjects);
  const std::vector<Symbol> data = several(Property::kData, one.data);
  Access access;
  access.time = one.time;
  access.action = one.action;
  access.break_glass = one.break_glass;
  access.reason = one.reason;
  access.employee = single(Property::kEmployee);
  access.on_behalf_of = single(Property::kOnBehalfOf);
  access.system = single(Property::kSystem);
  access.claimed_case = single(Property::kCase);
  access.activity = single(Property::kActivity);
  access.unit = single(Property::kUnit);
  access.function = single(Property::kFunction);
  access.subjects = subjects;
  access.data = data;
  return judge.fires(id, access);
}

}  // namespace

Result<std::vector<RuleCase>> read_cases(std::string_view text, std::string_view file) {
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, file));
  return CaseReader(file).read(table);
}

Status try_cases(std::span<const Rule> rules, std::string_view id, std::span<const RuleCase> cases) {
  const std::vector<Rule> all(rules.begin(), rules.end());
  for (const RuleCase& one : cases) {
    const Result<bool> fires = fires_in(all, id, one);
    if (!fires) return fail_in(one.place, fires.error());
    if (*fires == one.fires) continue;
    return fail(Code::kInvalid,
                fmt::format("{}: in the case \"{}\" the rule {} {}: mend the rule or the case", one.place, one.name, id,
                            *fires ? "fires, and must not" : "does not fire, and must"));
  }
  return {};
}

}  // namespace weerbaar::purpose
