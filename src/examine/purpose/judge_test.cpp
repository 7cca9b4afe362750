#include "examine/purpose/judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace weerbaar::purpose {
namespace {

using ::testing::ElementsAre;

struct Row {
  std::string table;
  std::vector<std::string> values;
  int64_t from = facts::kAlways;
  int64_t to = facts::kUntilFurtherNotice;
};

// An access in words.
struct Situation {
  int64_t time = 0;
  std::string employee{};
  std::vector<std::string> subjects{};
  std::string claimed_case{};
  std::string activity{};
  std::vector<std::string> data{};
  std::string on_behalf_of{};
};

class World {
  struct Symbols {
    std::vector<Symbol> subjects;
    std::vector<Symbol> data;
  };
  Access access_of(const Situation& situation, Symbols& symbols) const {
    for (const std::string& subject : situation.subjects)
      symbols.subjects.push_back(facts_.find(facts::Kind::kSubject, subject));
    for (const std::string& one : situation.data) symbols.data.push_back(facts_.find(facts::Kind::kData, one));
    Access access;
    access.time = situation.time;
    access.employee = facts_.find(facts::Kind::kEmployee, situation.employee);
    access.on_behalf_of = facts_.find(facts::Kind::kEmployee, situation.on_behalf_of);
    access.claimed_case = facts_.find(facts::Kind::kCase, situation.claimed_case);
    access.activity = facts_.find(facts::Kind::kActivity, situation.activity);
    access.subjects = symbols.subjects;
    access.data = symbols.data;
    return access;
  }
  template <class Use>
  auto with(const Situation& situation, Use use) const {
    Symbols symbols;
    return use(access_of(situation, symbols));
  }
  [[nodiscard]] std::string to_text(const Verdict& verdict) const {
    constexpr const char* kWords[] = {"explained", "flagged", "unexplained"};
    std::string text = kWords[static_cast<size_t>(verdict.outcome)];
    for (const Finding& finding : verdict.findings) {
      text += fmt::format(" {}{}@{}({})", judge_->rules()[finding.rule].id, finding.is_on_behalf ? "*" : "",
                          finding.subject, fmt::join(facts_of(finding), ","));
    }
    return text;
  }

 public:
  World(const std::vector<std::pair<std::string, std::string>>& rules, const std::vector<Row>& rows) {
    std::vector<Rule> read;
    for (const auto& [id, text] : rules) {
      auto rule = read_rule(id, text, id);
      EXPECT_TRUE(rule.has_value()) << rule.error().text;
      read.push_back(std::move(*rule));
    }
    EXPECT_TRUE(put_in_order(read).has_value());
    Judge::want(read, facts_);
    for (const Row& row : rows) {
      facts::Fact fact;
      fact.values.assign(row.values.begin(), row.values.end());
      fact.valid_from = row.from;
      fact.valid_to = row.to;
      EXPECT_TRUE(facts_.add(*facts::find_table(row.table), fact).has_value());
    }
    judge_ = std::make_unique<Judge>(std::move(read), facts_);
  }

  [[nodiscard]] const Judge& judge() const { return *judge_; }
  [[nodiscard]] std::span<const uint32_t> facts_of(const Finding& finding) const {
    return std::span(finding.rows).first(judge_->rules()[finding.rule].steps.size());
  }
  [[nodiscard]] bool fires(std::string_view rule, const Situation& situation) const {
    return with(situation, [&](const Access& access) { return judge_->fires(rule, access); });
  }
  // "outcome: rule@subject(rows) …".
  [[nodiscard]] std::string verdict(const Situation& situation) const {
    return with(situation, [&](const Access& access) {
      Verdict verdict;
      judge_->judge(access, verdict);
      return to_text(verdict);
    });
  }
  [[nodiscard]] Verdict judged(const Situation& situation) const {
    return with(situation, [&](const Access& access) {
      Verdict verdict;
      judge_->judge(access, verdict);
      return verdict;
    });
  }
  // verdict() of each, judged together.
  [[nodiscard]] std::vector<std::string> verdicts(const std::vector<Situation>& situations) const {
    std::vector<Symbols> symbols(situations.size());
    std::vector<Access> accesses;
    for (size_t i = 0; i < situations.size(); ++i) accesses.push_back(access_of(situations[i], symbols[i]));
    std::vector<std::string> texts;
    judge_->judge_all(accesses, [&](size_t place, const Verdict& verdict) {
      EXPECT_EQ(place, texts.size());
      texts.push_back(to_text(verdict));
    });
    return texts;
  }

 private:
  FactBase facts_;
  std::unique_ptr<Judge> judge_;
};

constexpr const char* kHandles = R"(conclusion = "explained"
[[step]]
table = "case_subject"
subject = "access.subject"
case = "$case"
[[step]]
table = "case_employee"
case = "$case"
employee = "access.employee"
)";
constexpr const char* kSelf = R"(conclusion = "flagged"
[[step]]
table = "employee"
employee = "access.employee"
subject = "access.subject"
)";
constexpr const char* kShielded = R"(conclusion = "flagged"
unless = ["handles"]
[[step]]
table = "shielded"
subject = "access.subject"
)";

TEST(Judge, says_by_which_rule_and_which_facts) {
  const World world({{"handles", kHandles}, {"self", kSelf}, {"shielded", kShielded}},
                    {{"case_subject", {"Z-0", "bsn:1", ""}},
                     {"case_subject", {"Z-1", "bsn:1", ""}},
                     {"case_employee", {"Z-2", "e1"}},
                     {"case_employee", {"Z-1", "e1"}},
                     {"employee", {"e2", "", "", "bsn:1", ""}},
                     {"shielded", {"bsn:1", ""}},
                     {"shielded", {"bsn:3", ""}}});
  EXPECT_EQ(world.verdict({.employee = "e1", .subjects = {"bsn:1"}}), "explained handles@0(1,1)");
  EXPECT_EQ(world.verdict({.employee = "e2", .subjects = {"bsn:1"}}), "flagged self@0(0) shielded@0(0)");
  EXPECT_EQ(world.verdict({.employee = "e1", .subjects = {"bsn:2"}}), "unexplained");
  EXPECT_EQ(world.verdict({.employee = "e9", .subjects = {"bsn:9"}}), "unexplained");
  // One subject explains nothing of another.
  EXPECT_EQ(world.verdict({.employee = "e1", .subjects = {"bsn:1", "bsn:2"}}), "unexplained handles@0(1,1)");
  EXPECT_EQ(world.verdict({.employee = "e1", .subjects = {"bsn:1", "bsn:3"}}), "flagged handles@0(1,1) shielded@1(1)");
  EXPECT_EQ(world.verdict({.employee = "e1"}), "unexplained");
}

TEST(Judge, an_explanation_does_not_lift_a_flag) {
  const World world({{"handles", kHandles}, {"self", kSelf}}, {{"case_subject", {"Z-1", "bsn:1", ""}},
                                                               {"case_employee", {"Z-1", "e1"}},
                                                               {"employee", {"e1", "", "", "bsn:1", ""}}});
  EXPECT_EQ(world.verdict({.employee = "e1", .subjects = {"bsn:1"}}), "flagged handles@0(0,0) self@0(0)");
}

TEST(Judge, a_fact_counts_from_its_first_moment_until_before_its_last) {
  const World world({{"self", kSelf}}, {{"employee", {"e1", "", "", "bsn:1", ""}, 100, 200}});
  for (const auto& [time, fires] : std::map<int64_t, bool>{{99, false}, {100, true}, {199, true}, {200, false}}) {
    EXPECT_EQ(world.fires("self", {.time = time, .employee = "e1", .subjects = {"bsn:1"}}), fires) << time;
  }
}

TEST(Judge, a_window_never_runs_past_the_end_of_time) {
  const World world({{"late", std::string(kSelf) + "early = \"36525d\"\nlate = \"36525d\"\n"}},
                    {{"employee", {"e1", "", "", "bsn:1", ""}}});
  for (const int64_t time : {INT64_MIN, int64_t{0}, INT64_MAX - 1}) {
    EXPECT_TRUE(world.fires("late", {.time = time, .employee = "e1", .subjects = {"bsn:1"}})) << time;
  }
}

TEST(Judge, what_the_access_does_not_say_is_no_unknown) {
  const World world({{"case-unknown", R"(conclusion = "flagged"
[[step]]
table = "case"
case = "access.case"
ever = true
absent = true
)"}},
                    {{"case", {"Z-1", "", ""}}});
  EXPECT_TRUE(world.fires("case-unknown", {.employee = "e1", .claimed_case = "Z-9"}));
  EXPECT_FALSE(world.fires("case-unknown", {.employee = "e1", .claimed_case = "Z-1"}));
  EXPECT_FALSE(world.fires("case-unknown", {.employee = "e1"}));
}

TEST(Judge, two_things_that_no_fact_knows_are_not_the_same) {
  const World world({{"same", R"(conclusion = "flagged"
[[step]]
table = "honey"
subject = "access.subject"
absent = true
[[where]]
left = "access.subject"
is = "same"
right = "access.subject"
)"}},
                    {{"honey", {"bsn:1", ""}}});
  EXPECT_FALSE(world.fires("same", {.employee = "e1", .subjects = {"bsn:9"}}));
}

TEST(Judge, a_word_that_no_fact_says_is_the_same_as_itself_and_as_nothing_else) {
  const auto rule = [](std::string_view left, std::string_view is, std::string_view right) {
    const bool has_variable = left.starts_with('$') || right.starts_with('$');
    return fmt::format(
        "conclusion = \"flagged\"\n[[step]]\ntable = \"case\"\ncase = \"access.case\"\n{}[[where]]\nleft = \"{}\"\nis "
        "= "
        "\"{}\"\nright = \"{}\"\n",
        has_variable ? "activity = \"$activity\"\n" : "", left, is, right);
  };
  const World world({{"property-same", rule("access.activity", "same", "urn:b")},
                     {"property-different", rule("urn:b", "different", "access.activity")},
                     {"variable-same", rule("$activity", "same", "urn:b")},
                     {"variable-known-same", rule("urn:a", "same", "$activity")},
                     {"variable-different", rule("$activity", "different", "urn:b")},
                     {"words-same", rule("urn:z", "same", "urn:z")},
                     {"both", rule("$activity", "different", "access.activity")}},
                    {{"case", {"Z-1", "urn:a", ""}}});
  const auto flags = [&](std::string_view activity) {
    return world.verdict(
        {.employee = "e1", .subjects = {"bsn:1"}, .claimed_case = "Z-1", .activity = std::string(activity)});
  };
  const std::string always = " variable-different@0(0) variable-known-same@0(0) words-same@0(0)";
  EXPECT_EQ(flags("urn:b"), "flagged both@0(0) property-same@0(0)" + always);
  EXPECT_EQ(flags("urn:a"), "flagged property-different@0(0)" + always);
  EXPECT_EQ(flags("urn:c"), "flagged both@0(0) property-different@0(0)" + always);
  EXPECT_EQ(flags(""), "flagged" + always);
}

constexpr const char* kActsFor = R"(conclusion = "flagged"
[[step]]
table = "supervisor"
employee = "access.employee"
supervisor = "access.on_behalf_of"
)";

TEST(Judge, looks_at_who_acts_and_at_the_one_on_whose_behalf) {
  const World world({{"handles", kHandles}, {"self", kSelf}, {"shielded", kShielded}, {"acts-for", kActsFor}},
                    {{"case_subject", {"Z-1", "bsn:1", ""}},
                     {"case_employee", {"Z-1", "e1"}},
                     {"employee", {"e1", "", "", "bsn:3", ""}},
                     {"employee", {"e2", "", "", "bsn:2", ""}},
                     {"supervisor", {"e2", "e1"}},
                     {"shielded", {"bsn:1", ""}}});
  const auto verdict = [&](std::string_view employee, std::string_view other, std::string_view subject) {
    return world.verdict(
        {.employee = std::string(employee), .subjects = {std::string(subject)}, .on_behalf_of = std::string(other)});
  };
  EXPECT_EQ(verdict("e2", "", "bsn:1"), "flagged shielded@0(0)");
  // What leads from the other explains, and excuses.
  EXPECT_EQ(verdict("e2", "e1", "bsn:1"), "flagged acts-for@0(0) handles*@0(0,0)");
  EXPECT_EQ(verdict("e1", "e2", "bsn:1"), "explained handles@0(0,0)");
  // Flags look at both.
  EXPECT_EQ(verdict("e2", "e1", "bsn:2"), "flagged acts-for@0(0) self@0(1)");
  EXPECT_EQ(verdict("e1", "e2", "bsn:2"), "flagged self*@0(1)");
  // Both must be known for an explanation by the other; a flag needs one.
  EXPECT_EQ(verdict("e9", "e1", "bsn:1"), "flagged shielded@0(0)");
  EXPECT_EQ(verdict("e9", "e1", "bsn:3"), "flagged self*@0(0)");
  EXPECT_EQ(verdict("e2", "e9", "bsn:1"), "flagged shielded@0(0)");
  EXPECT_EQ(world.verdicts({{.employee = "e2", .subjects = {"bsn:2"}},
                            {.employee = "e1", .subjects = {"bsn:2"}},
                            {.employee = "e1", .subjects = {"bsn:2"}, .on_behalf_of = "e2"}}),
            (std::vector<std::string>{"flagged self@0(1)", "unexplained", "flagged self*@0(1)"}));
}

// ---------------------------------------------------------------------------- against all combinations of facts

// Tries every combination of rows for the steps that are not absent, then looks for the absent ones.
class SlowJudge {
 public:
  SlowJudge(const Rule& rule, const std::vector<Row>& rows) : rule_(rule), rows_(rows) {}

  [[nodiscard]] bool fires(const Situation& situation, const std::string& subject) const {
    std::map<uint32_t, std::string> variables;
    return try_step(0, situation, subject, variables);
  }

 private:
  using Variables = std::map<uint32_t, std::string>;

  static std::string value(const Term& term, const Situation& situation, const std::string& subject,
                           const Variables& variables) {
    if (const auto* word = std::get_if<Word>(&term)) return word->text;
    if (const auto* variable = std::get_if<Variable>(&term)) {
      const auto found = variables.find(variable->number);
      return found == variables.end() ? "" : found->second;
    }
    switch (std::get<Property>(term)) {
      case Property::kEmployee:
        return situation.employee;
      case Property::kSubject:
        return subject;
      default:
        return situation.claimed_case;
    }
  }

  [[nodiscard]] bool matches(const Step& step, const Row& row, const Situation& situation, const std::string& subject,
                             Variables& variables) const {
    if (row.table != step.table->name) return false;
    if (situation.time < row.from - step.window.early || situation.time >= row.to + step.window.late) return false;
    for (const Match& match : step.matches) {
      const std::string known = value(match.term, situation, subject, variables);
      if (row.values[match.column].empty()) return false;
      if (known.empty() && std::holds_alternative<Variable>(match.term)) {
        variables[std::get<Variable>(match.term).number] = row.values[match.column];
      } else if (known != row.values[match.column]) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool try_step(size_t number, const Situation& situation, const std::string& subject,
                              const Variables& variables) const {
    if (number == rule_.steps.size()) return rest_holds(situation, subject, variables);
    const Step& step = rule_.steps[number];
    if (step.absent) return try_step(number + 1, situation, subject, variables);
    return std::ranges::any_of(rows_, [&](const Row& row) {
      Variables more = variables;
      return matches(step, row, situation, subject, more) && try_step(number + 1, situation, subject, more);
    });
  }

  [[nodiscard]] bool rest_holds(const Situation& situation, const std::string& subject,
                                const Variables& variables) const {
    for (const Compare& compare : rule_.compares) {
      const bool same =
          value(compare.left, situation, subject, variables) == value(compare.right, situation, subject, variables);
      if (same != (compare.how == Comparison::kSame)) return false;
    }
    return std::ranges::none_of(rule_.steps, [&](const Step& step) {
      return step.absent && std::ranges::any_of(rows_, [&](const Row& row) {
               Variables copy = variables;
               return matches(step, row, situation, subject, copy);
             });
    });
  }

  const Rule& rule_;
  const std::vector<Row>& rows_;
};

std::vector<Row> random_rows(std::mt19937& random, int count) {
  std::vector<Row> rows;
  const auto one_of = [&](const char* prefix, unsigned many) { return fmt::format("{}{}", prefix, random() % many); };
  for (int i = 0; i < count; ++i) {
    Row row;
    switch (random() % 5) {
      case 0:
        row = {"case_subject", {one_of("Z", 4), one_of("s", 4), ""}};
        break;
      case 1:
        row = {"case_employee", {one_of("Z", 4), one_of("e", 4)}};
        break;
      case 2:
        row = {"employee", {one_of("e", 4), "", "", random() % 4 == 0 ? "" : one_of("s", 4), ""}};
        break;
      case 3:
        row = {"supervisor", {one_of("e", 4), one_of("e", 4)}};
        break;
      default:
        row = {"position", {one_of("e", 4), one_of("U", 3), "f", ""}};
    }
    row.from = static_cast<int64_t>(random() % 10);
    row.to = row.from + 1 + static_cast<int64_t>(random() % 10);
    rows.push_back(std::move(row));
  }
  return rows;
}

constexpr const char* kRandomRules[] = {kHandles, kSelf,
                                        R"(conclusion = "explained"
[[step]]
table = "case_employee"
case = "$case"
employee = "$other"
[[step]]
table = "supervisor"
employee = "$other"
supervisor = "access.employee"
[[step]]
table = "case_subject"
case = "$case"
subject = "access.subject"
)",
                                        R"(conclusion = "flagged"
[[step]]
table = "employee"
subject = "access.subject"
employee = "$colleague"
[[step]]
table = "position"
employee = "$colleague"
unit = "$unit"
[[step]]
table = "position"
employee = "access.employee"
unit = "$unit"
[[where]]
left = "$colleague"
is = "different"
right = "access.employee"
[[step]]
table = "supervisor"
employee = "access.employee"
supervisor = "$colleague"
absent = true
)",
                                        R"(conclusion = "flagged"
[[step]]
table = "supervisor"
employee = "$same"
supervisor = "$same"
[[step]]
table = "case_employee"
case = "access.case"
employee = "$same"
[[step]]
table = "case_subject"
case = "access.case"
subject = "access.subject"
absent = true
)"};

TEST(Judge, agrees_with_trying_all_combinations_of_facts) {
  std::mt19937 random(3);
  int fired = 0;
  for (int round = 0; round < 1'000; ++round) {
    const std::vector<Row> rows = random_rows(random, 4 + static_cast<int>(random() % 30));
    std::vector<std::pair<std::string, std::string>> rules;
    for (const char* text : kRandomRules) rules.emplace_back(fmt::format("r{}", rules.size()), text);
    const World world(rules, rows);
    for (int trial = 0; trial < 20; ++trial) {
      const Situation situation{.time = static_cast<int64_t>(random() % 20),
                                .employee = fmt::format("e{}", random() % 5),
                                .subjects = {fmt::format("s{}", random() % 5)},
                                .claimed_case = fmt::format("Z{}", random() % 5),
                                .activity = {},
                                .data = {}};
      for (const Rule& rule : world.judge().rules()) {
        const bool expected = SlowJudge(rule, rows).fires(situation, situation.subjects[0]);
        ASSERT_EQ(world.fires(rule.id, situation), expected) << rule.id << " in round " << round;
        fired += expected ? 1 : 0;
      }
    }
  }
  EXPECT_GT(fired, 1'000);
}

World random_world(std::mt19937& random) {
  std::vector<std::pair<std::string, std::string>> rules;
  for (const char* text : kRandomRules) rules.emplace_back(fmt::format("r{}", rules.size()), text);
  rules.emplace_back("unless", std::string(kSelf) + "late = \"1m\"\n");
  rules.back().second.insert(0, "unless = [\"r0\"]\n");
  return World(rules, random_rows(random, 4 + static_cast<int>(random() % 30)));
}

Situation random_situation(std::mt19937& random, unsigned many) {
  Situation situation{.time = static_cast<int64_t>(random() % 20),
                      .employee = fmt::format("e{}", random() % many),
                      .claimed_case = random() % 3 == 0 ? "" : fmt::format("Z{}", random() % many)};
  for (size_t i = random() % 3; i-- > 0;) situation.subjects.push_back(fmt::format("s{}", random() % many));
  return situation;
}

TEST(Judge, judges_many_together_as_it_judges_each) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    const World world = random_world(random);
    std::vector<Situation> situations(random() % 300);
    for (Situation& situation : situations) situation = random_situation(random, 4);
    const std::vector<std::string> together = world.verdicts(situations);
    ASSERT_EQ(together.size(), situations.size());
    for (size_t i = 0; i < situations.size(); ++i) ASSERT_EQ(together[i], world.verdict(situations[i])) << round;
  }
}

TEST(Judge, says_for_which_moments_a_verdict_is_the_same) {
  std::mt19937 random(5);
  int others = 0;
  for (int round = 0; round < 300; ++round) {
    const World world = random_world(random);
    for (int trial = 0; trial < 20; ++trial) {
      Situation situation = random_situation(random, 5);
      const Verdict verdict = world.judged(situation);
      ASSERT_TRUE(verdict.since <= situation.time && situation.time < verdict.until);
      const std::string expected = world.verdict(situation);
      for (int64_t time = -1; time < 25; ++time) {
        if (time < verdict.since || time >= verdict.until || time == situation.time) continue;
        situation.time = time;
        ASSERT_EQ(world.verdict(situation), expected) << "at " << time << " in round " << round;
        ++others;
      }
    }
  }
  EXPECT_GT(others, 10'000);
}

}  // namespace
}  // namespace weerbaar::purpose
