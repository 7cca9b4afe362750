#include "server/decision_loader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "os/testing.h"
#include "register/fact_file.h"
#include "server/fact_import.h"
#include "sql/database.h"

namespace weerbaar::server {
namespace {

class DecisionLoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = directory_.path() + "/data";
    ASSERT_TRUE(
        DataDirectory::create(os::real_file_system(), path, "example.org/reads", path + ".keys", 84).has_value());
    auto data = DataDirectory::open(os::real_file_system(), path, "");
    ASSERT_TRUE(data.has_value());
    data_ = std::make_unique<DataDirectory>(std::move(*data));
    trail_ = data_->open_trail().value();
  }

  void adopt_control_policy(const std::string& on = "2026-01-01") {
    purpose::Policy policy;
    policy.name = "control";
    policy.adopted_on = on;
    policy.adopted_by = "test";
    policy.rules = purpose::standard_policy_rules();
    ASSERT_TRUE(adopt(*data_, *trail_, std::move(policy)).has_value());
  }
  Result<AdoptedDecisionPolicy> adopt_decisions(const std::string& on = "2026-01-01") {
    AdoptedDecisionPolicy policy;
    policy.name = "decisions";
    policy.adopted_on = on;
    policy.adopted_by = "test";
    policy.text = "# ours\n" + std::string(decide::standard_decision_policy());
    return adopt_decision_policy(*data_, *trail_, std::move(policy), "decisions.toml");
  }
  void import(std::string_view table, const std::string& file) {
    const auto facts = data_->open_register().value();
    const auto delivery = facts::open_fact_file(*facts::find_table(table), file).value();
    const facts::Source source{"a.csv", std::string(64, 'a'), "test", os::now()};
    const auto turn = data_->lock_register();
    ASSERT_TRUE(turn.has_value());
    const auto report = import_facts(**turn, [this](const auto& work) { return with_trail(work); }, *facts, *delivery,
                                     {source, std::string(table), ""});
    ASSERT_TRUE(report.has_value()) << report.error().text;
    ASSERT_EQ(report->added, 1U);
  }
  void import_authorisation(const std::string& employee) {
    import("authorisation", "employee,system,role\n" + employee + ",BVR,r\n");
  }
  std::unique_ptr<DecisionLoader> loader() {
    const auto read = [this](const auto& work) { return with_trail(work); };
    auto made = DecisionLoader::create(*data_, read, point_, log_);
    EXPECT_TRUE(made.has_value()) << made.error().text;
    return std::move(*made);
  }
  // The loader and the test have one trail between them.
  Status with_trail(const std::function<Status(trail::Trail&)>& work) {
    const std::lock_guard lock(mutex_);
    return work(*trail_);
  }
  bool is_authorised(const std::string& employee) {
    decide::Question question;
    question.asker = decide::Question::Asker::kEmployee;
    question.employee = employee;
    question.person = "123456782";
    question.person_type = SubjectType::kBsn;
    question.action = Action::kRead;
    question.system = "BVR";
    const decide::Decision decision = point_.knowledge()->decide(question, os::now());
    return decision.grounds[0].condition == decide::Condition::kUnknownPerson;
  }

  os::TemporaryDirectory directory_;
  std::unique_ptr<DataDirectory> data_;
  std::unique_ptr<trail::Trail> trail_;
  std::mutex mutex_;
  decide::DecisionPoint point_;
  [[nodiscard]] std::string logged() const {
    std::string text(1 << 16, '\0');
    std::fflush(log_file_);
    text.resize(static_cast<size_t>(std::max<ssize_t>(0, ::pread(::fileno(log_file_), text.data(), text.size(), 0))));
    return text;
  }

  std::FILE* const log_file_ = std::tmpfile();
  service::JsonLog log_{log_file_};
};

TEST_F(DecisionLoaderTest, takes_the_facts_of_the_last_import_and_the_policies_in_force) {
  adopt_control_policy();
  import_authorisation("e1");
  const auto made = loader();
  ASSERT_TRUE(made->look());
  ASSERT_NE(point_.knowledge(), nullptr);
  EXPECT_EQ(point_.knowledge()->versions().import, 1U);
  EXPECT_EQ(point_.knowledge()->versions().control_policy, 1U);
  EXPECT_EQ(point_.knowledge()->versions().decision_policy, 0U);
  EXPECT_EQ(point_.knowledge()->versions().decision_policy_sha256.size(), 64U);
  EXPECT_TRUE(is_authorised("e1"));
  EXPECT_FALSE(is_authorised("e2"));
}

TEST_F(DecisionLoaderTest, sees_a_new_import_at_the_next_look_and_reads_nothing_when_there_is_none) {
  adopt_control_policy();
  import_authorisation("e1");
  const auto made = loader();
  ASSERT_TRUE(made->look());
  const auto before = point_.knowledge();
  ASSERT_TRUE(made->look());
  EXPECT_EQ(point_.knowledge(), before);
  import_authorisation("e2");
  ASSERT_TRUE(made->look());
  EXPECT_EQ(point_.knowledge()->versions().import, 2U);
  EXPECT_TRUE(is_authorised("e2"));
}

TEST_F(DecisionLoaderTest, sees_a_new_import_within_seconds_by_itself) {
  adopt_control_policy();
  const auto made = loader();
  made->start();
  made->start();
  import_authorisation("e1");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (point_.knowledge() == nullptr || point_.knowledge()->versions().import == 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(is_authorised("e1"));
  made->stop();
}

TEST_F(DecisionLoaderTest, without_a_policy_nothing_is_wrong_until_somebody_asks) {
  const auto made = loader();
  made->start();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (logged().find("no decisions can be taken yet") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  made->stop();
  EXPECT_EQ(logged().find("\"error\""), std::string::npos) << logged();
  EXPECT_EQ(logged().find("start again"), std::string::npos);
}

TEST_F(DecisionLoaderTest, facts_that_the_trail_does_not_record_are_refused_and_the_old_ones_count_on) {
  adopt_control_policy();
  import_authorisation("e1");
  const auto made = loader();
  ASSERT_TRUE(made->look());
  const auto before = point_.knowledge();
  EXPECT_NE(made->metrics().find("weerbaar_decision_facts_current 1\n"), std::string::npos);
  {
    const auto database = sql::Database::open("sqlite:" + data_->path() + "/register.db").value();
    ASSERT_TRUE(database->change("UPDATE fact_authorisation SET employee = 'e9'"));
  }
  import("person", "subject\nbsn:123456782\n");
  EXPECT_EQ(os::refusal(made->look()), Code::kCorrupt);
  EXPECT_EQ(point_.knowledge(), before);
  EXPECT_NE(made->metrics().find("weerbaar_decision_facts_current 0\n"), std::string::npos);
}

TEST_F(DecisionLoaderTest, sees_a_policy_that_another_process_adopted_when_it_is_told) {
  const auto made = loader();
  EXPECT_EQ(os::refusal(made->look()), Code::kNotFound);
  adopt_control_policy();
  EXPECT_EQ(os::refusal(made->look()), Code::kNotFound);
  made->look_at_policies();
  ASSERT_TRUE(made->look());
  EXPECT_EQ(point_.knowledge()->versions().control_policy, 1U);
}

TEST_F(DecisionLoaderTest, without_a_control_policy_in_force_nothing_is_decided) {
  const auto made = loader();
  EXPECT_EQ(os::refusal(made->look()), Code::kNotFound);
  EXPECT_EQ(made->metrics(), "");
  adopt_control_policy("2999-01-01");
  EXPECT_EQ(os::refusal(loader()->look()), Code::kNotFound);
  EXPECT_EQ(point_.knowledge(), nullptr);
}

TEST_F(DecisionLoaderTest, a_decision_policy_counts_from_its_day_under_its_number_and_digest) {
  adopt_control_policy();
  const auto first = adopt_decisions();
  ASSERT_TRUE(first.has_value()) << first.error().text;
  const auto later = adopt_decisions("2999-01-01");
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(later->number, 2U);
  ASSERT_TRUE(loader()->look());
  EXPECT_EQ(point_.knowledge()->versions().decision_policy, 1U);
  EXPECT_EQ(point_.knowledge()->versions().decision_policy_sha256, first->digest);
  const auto recorded = decision_adoptions(*trail_);
  ASSERT_EQ(recorded->size(), 2U);
  EXPECT_EQ((*recorded)[0].digest, first->digest);
}

TEST_F(DecisionLoaderTest, a_policy_that_was_changed_after_its_adoption_is_refused_and_the_old_one_counts_on) {
  adopt_control_policy();
  ASSERT_TRUE(adopt_decisions().has_value());
  const auto made = loader();
  ASSERT_TRUE(made->look());
  const auto before = point_.knowledge();
  std::ofstream(data_->path() + "/decision-policies/1.json", std::ios::app) << " ";
  import_authorisation("e1");
  EXPECT_EQ(os::refusal(made->look()), Code::kCorrupt);
  EXPECT_EQ(point_.knowledge(), before);
}

TEST_F(DecisionLoaderTest, a_policy_about_a_rule_that_is_not_there_is_refused) {
  const auto rules = purpose::check_rules({1, "t", "2026-01-01", "t", purpose::standard_policy_rules()}).value();
  const auto read = [](const std::string& more) {
    return decide::DecisionPolicy::read(std::string(decide::standard_decision_policy()) + more, "p").value();
  };
  EXPECT_TRUE(check_decision_policy(read(""), rules, "p"));
  for (const std::string rule : {"neighbor", "handles-case"}) {
    const Status status =
        check_decision_policy(read("[flagged.rules." + rule + "]\ndecision = \"deny\"\n"), rules, "p");
    ASSERT_EQ(os::refusal(status), Code::kInvalid);
    EXPECT_NE(status.error().text.find(rule), std::string::npos);
  }
}

}  // namespace
}  // namespace weerbaar::server
