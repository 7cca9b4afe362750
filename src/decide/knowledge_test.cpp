#include "decide/knowledge.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "examine/purpose/policy.h"

namespace weerbaar::decide {
namespace {

constexpr int64_t kNow = 1'780'000'000'000'000;
constexpr int64_t kDay = kMicrosPerDay;

class KnowledgeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rules_ = purpose::check_rules({1, "test", "2026-03-01", "test", purpose::standard_policy_rules()}).value();
    Knowledge::want(rules_, *facts_);
    add("employee", {"e1", "", "", "bsn:999990007", ""});
    add("employee", {"e2", "", "", "", ""});
    add("authorisation", {"e1", "BVR", "raadplegen"});
    add("authorisation", {"e2", "BVR", "raadplegen"});
    add("account", {"u1", "e1"});
    add("person", {"bsn:123456782", "", "", ""});
    add("case", {"Z-1", "inning", ""});
    add("case_subject", {"Z-1", "bsn:111222333", ""});
    add("case_employee", {"Z-1", "e1"});
  }

  void add(std::string_view table, const std::vector<std::string>& values, int64_t from = facts::kAlways,
           int64_t to = facts::kUntilFurtherNotice) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    fact.valid_to = to;
    WEERBAAR_CHECK(facts_->add(*facts::find_table(table), fact).has_value());
  }
  // e1 reads somebody of an own case.
  static Question question(const std::string& person = "111222333") {
    Question made;
    made.asker = Question::Asker::kEmployee;
    made.employee = "e1";
    made.person_type = SubjectType::kBsn;
    made.person = person;
    made.action = Action::kRead;
    made.system = "BVR";
    return made;
  }
  Decision decide(const Question& question, std::string_view policy = standard_decision_policy(), int64_t now = kNow) {
    if (knowledge_ == nullptr || policy != policy_) {
      policy_ = policy;
      auto facts = std::make_unique<purpose::FactBase>();
      facts.swap(facts_);
      knowledge_ =
          std::make_unique<Knowledge>(rules_, std::move(facts), DecisionPolicy::read(policy, "p").value(), Versions{});
    }
    return knowledge_->decide(question, Time{now, 0});
  }
  static std::string grounds(const Decision& decision) {
    std::string all;
    for (const Ground& ground : decision.grounds) {
      all += std::string(all.empty() ? "" : " ") + std::string(to_string(ground.condition));
      if (!ground.rule.empty()) all += "(" + ground.rule + ")";
    }
    return all;
  }
  // The standard policy with one text in place of another.
  static std::string policy_with(std::string_view what, std::string_view instead) {
    std::string text(standard_decision_policy());
    const size_t at = text.find(what);
    WEERBAAR_CHECK(at != std::string::npos);
    return text.replace(at, what.size(), instead);
  }

  std::vector<purpose::Rule> rules_;
  std::unique_ptr<purpose::FactBase> facts_ = std::make_unique<purpose::FactBase>();
  std::string_view policy_;
  std::unique_ptr<Knowledge> knowledge_;
};

TEST_F(KnowledgeTest, permits_what_a_path_of_facts_explains_and_names_the_rule) {
  const Decision decision = decide(question());
  EXPECT_TRUE(decision.permit);
  EXPECT_EQ(grounds(decision), "explained(handles-case)");
  EXPECT_TRUE(decision.obligations.empty());
  Question by_account = question();
  by_account.asker = Question::Asker::kAccount;
  by_account.employee = "u1";
  EXPECT_TRUE(decide(by_account).permit);
}

TEST_F(KnowledgeTest, asks_for_a_reason_where_nothing_explains_and_is_content_with_one) {
  const Decision without = decide(question("123456782"));
  EXPECT_TRUE(without.permit);
  EXPECT_EQ(grounds(without), "unexplained");
  EXPECT_TRUE(without.obligations.ask_reason);
  Question with = question("123456782");
  with.reason = "spoed";
  EXPECT_TRUE(decide(with).obligations.empty());
}

TEST_F(KnowledgeTest, denies_who_has_no_authorisation_for_the_system_or_had_one) {
  add("authorisation", {"e1", "OLD", "r"}, kNow - 9 * kDay, kNow);
  add("authorisation", {"e1", "NEW", "r"}, kNow, kNow + kDay);
  add("authorisation", {"e2", "OTHER", "r"});
  Question asked = question();
  for (const std::string system : {"OLD", "OTHER", "nothing", ""}) {
    asked.system = system;
    const Decision decision = decide(asked);
    EXPECT_FALSE(decision.permit) << system;
    EXPECT_EQ(grounds(decision), "not_authorised explained(handles-case)") << system;
    EXPECT_FALSE(decision.break_glass_would_open) << system;
  }
  asked.system = "NEW";
  EXPECT_TRUE(decide(asked).permit);
  asked.break_glass = true;
  asked.reason = "spoed";
  asked.system = "OLD";
  EXPECT_FALSE(decide(asked).permit) << "breaking the glass authorises nobody";
}

TEST_F(KnowledgeTest, denies_whom_the_register_does_not_know_or_who_left) {
  add("employee", {"e3", "", "", "", ""}, kNow - 9 * kDay, kNow - kDay);
  add("authorisation", {"e3", "BVR", "r"});
  Question asked = question();
  for (const std::string employee : {"nobody", "e3"}) {
    asked.employee = employee;
    EXPECT_EQ(grounds(decide(asked)), "unknown_employee") << employee;
    EXPECT_FALSE(decide(asked).permit);
  }
  asked = question();
  asked.asker = Question::Asker::kUnknown;
  EXPECT_EQ(grounds(decide(asked)), "unknown_employee");
  asked = question();
  asked.action.reset();
  EXPECT_EQ(grounds(decide(asked)), "unknown_action");
  EXPECT_FALSE(decide(asked).permit);
  asked = question("987654321");
  EXPECT_EQ(grounds(decide(asked)), "unknown_person");
  EXPECT_FALSE(decide(asked).permit);
  asked = question();
  asked.person_type.reset();
  EXPECT_EQ(grounds(decide(asked)), "unknown_person");
}

TEST_F(KnowledgeTest, a_shielded_person_is_open_only_to_who_has_a_task_or_breaks_the_glass) {
  add("shielded", {"bsn:123456782", "dreiging"});
  add("shielded", {"bsn:111222333", "dreiging"});
  EXPECT_TRUE(decide(question()).permit) << "handles the case";
  Question asked = question("123456782");
  Decision decision = decide(asked);
  EXPECT_FALSE(decision.permit);
  EXPECT_EQ(grounds(decision), "shielded");
  EXPECT_TRUE(decision.break_glass_would_open);
  EXPECT_EQ(decision.obligations.notify, std::vector<std::string>{"data-protection-officer"});
  asked.reason = "a reason alone opens nothing";
  EXPECT_FALSE(decide(asked).permit);
  asked.break_glass = true;
  decision = decide(asked);
  EXPECT_TRUE(decision.permit);
  EXPECT_EQ(grounds(decision), "shielded break_glass");
  EXPECT_TRUE(decision.obligations.review);
  EXPECT_EQ(decision.obligations.notify, (std::vector<std::string>{"data-protection-officer", "supervisor"}));
  asked.reason = "";
  decision = decide(asked);
  EXPECT_FALSE(decision.permit);
  EXPECT_EQ(grounds(decision), "shielded break_glass_without_reason");
  EXPECT_TRUE(decision.obligations.ask_reason);
  EXPECT_TRUE(decision.break_glass_would_open);
}

TEST_F(KnowledgeTest, shielding_holds_without_a_rule_of_the_control_policy_about_it) {
  add("shielded", {"bsn:123456782", ""});
  std::erase_if(rules_, [](const purpose::Rule& rule) { return rule.id != "handles-case"; });
  EXPECT_EQ(grounds(decide(question("123456782"))), "shielded");
  EXPECT_EQ(grounds(decide(question())), "explained(handles-case)");
}

TEST_F(KnowledgeTest, what_a_rule_flags_is_denied_also_beside_what_explains_and_the_policy_says_for_which_the_glass) {
  add("case_subject", {"Z-1", "bsn:999990007", ""});
  add("relation", {"e1", "bsn:123456782", "partner"});
  Question asked = question("999990007");
  asked.break_glass = true;
  asked.reason = "nieuwsgierig";
  EXPECT_FALSE(decide(asked).permit);
  EXPECT_EQ(grounds(decide(asked)), "explained(handles-case) flagged(self)");
  asked = question();
  asked.case_id = "Z-9";
  EXPECT_EQ(grounds(decide(asked)), "flagged(case-unknown) explained(handles-case)");
  EXPECT_FALSE(decide(asked).permit);
  EXPECT_TRUE(decide(asked).break_glass_would_open);
  asked.break_glass = true;
  asked.reason = "het systeem loopt achter";
  EXPECT_TRUE(decide(asked).permit);
  EXPECT_TRUE(decide(asked).obligations.review);
}

TEST_F(KnowledgeTest, masks_the_categories_that_the_activity_does_not_need) {
  add("activity_data", {"inning", "address"});
  add("activity_data", {"inning", "debt"});
  Question asked = question();
  asked.activity = "inning";
  asked.data = {"debt", "income", "address", "health"};
  Decision decision = decide(asked);
  EXPECT_TRUE(decision.permit);
  EXPECT_EQ(decision.obligations.mask, (std::vector<std::string>{"income", "health"}));
  asked.data = {"debt"};
  EXPECT_TRUE(decide(asked).obligations.empty());
}

TEST_F(KnowledgeTest, follows_the_policy_that_was_adopted) {
  const std::string policy = policy_with("[unexplained]\ndecision = \"permit\"\nask_reason = true",
                                         "[unexplained]\ndecision = \"permit\"\nmask = [\"income\"]\nnotify = [\"x\"]");
  const Decision decision = decide(question("123456782"), policy);
  EXPECT_TRUE(decision.permit);
  EXPECT_EQ(decision.obligations.mask, std::vector<std::string>{"income"});
  EXPECT_FALSE(decision.obligations.ask_reason);
}

TEST_F(KnowledgeTest, a_glass_that_need_not_be_broken_stays_whole) {
  Question asked = question();
  asked.break_glass = true;
  asked.reason = "spoed";
  const Decision decision = decide(asked);
  EXPECT_TRUE(decision.permit);
  EXPECT_EQ(grounds(decision), "explained(handles-case)");
  EXPECT_FALSE(decision.obligations.review);
}

TEST_F(KnowledgeTest, facts_count_at_the_moment_of_the_question) {
  add("case", {"Z-2", "inning", ""}, kNow, kNow + kDay);
  add("case_subject", {"Z-2", "bsn:123456782", ""}, kNow, kNow + kDay);
  add("case_employee", {"Z-2", "e1"}, kNow, kNow + kDay);
  const Question asked = question("123456782");
  EXPECT_EQ(grounds(decide(asked, standard_decision_policy(), kNow - 1)), "unexplained");
  EXPECT_EQ(grounds(decide(asked, standard_decision_policy(), kNow)), "explained(handles-case)");
  EXPECT_EQ(grounds(decide(asked, standard_decision_policy(), kNow + 30 * kDay)), "unexplained");
}

TEST(DecisionPoint, gives_what_was_put_in_last_and_keeps_alive_what_somebody_uses) {
  DecisionPoint point;
  EXPECT_EQ(point.knowledge(), nullptr);
  const auto make = [](uint64_t import) {
    auto facts = std::make_unique<purpose::FactBase>();
    Knowledge::want({}, *facts);
    Versions versions;
    versions.import = import;
    return std::make_shared<const Knowledge>(std::vector<purpose::Rule>(), std::move(facts),
                                             DecisionPolicy::read(standard_decision_policy(), "p").value(), versions);
  };
  point.use(make(1));
  const auto held = point.knowledge();
  point.use(make(2));
  EXPECT_EQ(held->versions().import, 1U);
  EXPECT_EQ(point.knowledge()->versions().import, 2U);
}

}  // namespace
}  // namespace weerbaar::decide
