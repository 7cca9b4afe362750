#include "server/employee_directory.h"

#include <chrono>
#include <thread>

#include "server/people_service_testing.h"
#include "sql/database.h"

namespace weerbaar::server::testing {
namespace {

using Ids = std::vector<std::string>;

class EmployeeDirectoryTest : public ApiTest {
 protected:
  // One that looks at once.
  Result<Ids> of(std::string_view id) {
    EmployeeDirectory directory(*reading_, [this](const auto& work) { return people_->reader.read(work); }, log_);
    return directory.of(id);
  }
  Result<Ids> ever_of(std::string_view id) {
    EmployeeDirectory directory(*reading_, [this](const auto& work) { return people_->reader.read(work); }, log_);
    return directory.ever_of(id);
  }
  std::string mandate(const std::string& about) {
    return nlohmann::json({{"case", "Z-1"},
                           {"ground", "report of a citizen"},
                           {"about", about},
                           {"from", format_time(Time{now_, 0})},
                           {"to", format_time(Time{now_ + 7 * kMicrosPerDay, 0})}})
        .dump();
  }
};

TEST_F(EmployeeDirectoryTest, knows_nothing_and_makes_no_register_without_imports) {
  EXPECT_EQ(of("x1").value(), Ids{"x1"});
  EXPECT_FALSE(os::real_file_system().exists(data_->path() + "/register.db"));
}

TEST_F(EmployeeDirectoryTest, gives_all_ids_of_a_person_as_they_are_now_whichever_is_asked) {
  import("account",
         "account,employee,valid_from,valid_to\n"
         "x1,u1,,\n"
         "z1,u1,2026-01-01,\n"
         "y1,u1,2020-01-01,2020-02-01\n"
         "u2,u2,,\n");
  for (const char* const id : {"u1", "x1", "z1"}) EXPECT_EQ(of(id).value(), (Ids{"u1", "x1", "z1"})) << id;
  EXPECT_EQ(of("y1").value(), Ids{"y1"}) << "of nobody any more";
  EXPECT_EQ(of("u2").value(), Ids{"u2"});
  import("account", "account,employee\nx2,u2\n");
  EXPECT_EQ(of("u2").value(), (Ids{"u2", "x2"}));
}

TEST_F(EmployeeDirectoryTest, finds_an_id_in_large_and_small_letters_and_gives_it_as_the_register_writes_it) {
  import("account", "account,employee\nX1,u1\n");
  import("employee", "employee,name,surname,subject,address\nu7,,,bsn:123456782,\n");
  for (const char* const id : {"u1", "U1", "x1", "X1"}) {
    EXPECT_EQ(of(id).value(), (Ids{"u1", "X1"})) << id;
    EXPECT_EQ(ever_of(id).value(), (Ids{"X1", "u1"})) << id;
  }
  EXPECT_EQ(of("U7").value(), Ids{"u7"});
  EXPECT_EQ(of("U8").value(), Ids{"U8"});
}

TEST_F(EmployeeDirectoryTest, an_account_is_joined_from_its_first_moment_and_kept_apart_before_and_after) {
  const auto moment = [](int64_t seconds) {
    return format_time(Time{os::now().micros + seconds * kMicrosPerSecond, 0});
  };
  const std::string begins = moment(2);
  import("account", "account,employee,valid_from,valid_to\nx1,u1," + begins + ",\ny1,u1,2020-01-01,2020-02-01\n" +
                        "y1,u2,2020-02-01,\n");
  EmployeeDirectory directory(*reading_, [this](const auto& work) { return people_->reader.read(work); }, log_);
  EXPECT_EQ(directory.of("x1").value(), Ids{"x1"});
  EXPECT_EQ(directory.of("u1").value(), Ids{"u1"});
  // For both eyes any time counts, whichever is asked; and two who had one account after each other stay two.
  EXPECT_EQ(directory.ever_of("x1").value(), (Ids{"u1", "x1", "y1"}));
  accounts_->know_employees(directory);
  for (const auto& [a, b] : {std::pair("u1", "x1"), {"u1", "Y1"}, {"U2", "y1"}, {"x1", "y1"}}) {
    EXPECT_TRUE(accounts_->is_same_employee(a, b)) << a << b;
    EXPECT_TRUE(accounts_->is_same_employee(b, a)) << a << b;
  }
  EXPECT_FALSE(accounts_->is_same_employee("u1", "u2"));
  EXPECT_FALSE(accounts_->is_same_employee("u2", "u1"));
  while (os::now().micros < parse_time(begins)->micros) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(directory.of("x1").value(), (Ids{"u1", "x1"})) << "without another import";
}

TEST_F(EmployeeDirectoryTest, letters_make_no_other_person_of_somebody) {
  import("account", "account,employee\nx1,u1\nx2,u2\n");
  import("employee",
         "employee,name,surname,subject,address\nu1,,,bsn:123456782,\nu2,,,bsn:100000083,\nu3,,,bsn:111222333,\n");
  const std::string investigators[] = {enter("ingrid", "X1", {Role::kInvestigator}),
                                       enter("irene", "U2", {Role::kInvestigator})};
  const std::string officers[] = {enter("fatima", "u1", {Role::kDataProtectionOfficer}),
                                  enter("frits", "x2", {Role::kDataProtectionOfficer})};
  const std::vector<std::string> own[] = {{"employee:u1", "employee:x1", "employee:X1", "bsn:123456782"},
                                          {"employee:u2", "employee:x2", "employee:U2", "bsn:100000083"}};
  for (size_t i = 0; i < 2; ++i) {
    for (const std::string& about : own[i]) {
      EXPECT_EQ(ask("POST", "/api/v1/mandates", investigators[i], mandate(about)).status, 403) << about;
    }
    const http::Response made = ask("POST", "/api/v1/mandates", investigators[i], mandate("bsn:111222333"));
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string target = "/api/v1/mandates/" + nlohmann::json::parse(made.body)["number"].dump();
    EXPECT_EQ(ask("POST", target + "/approval", officers[i]).status, 403) << "one person would be both eyes";
    EXPECT_EQ(ask("POST", target + "/approval", officers[1 - i]).status, 200);
  }
}

TEST_F(EmployeeDirectoryTest, joins_employees_who_are_one_citizen_and_accounts_of_accounts) {
  import("employee", "employee,subject\nu1,bsn:123456782\nu2,bsn:123456782\n");
  import("account", "account,employee\nx4,u4\ny4,x4\n");
  import("relation", "employee,subject,relation\nu5,bsn:111222333,self\nu5,bsn:100000083,partner\n");
  const std::pair<const char*, const char*> pairs[] = {{"u1", "u2"}, {"y4", "u4"}};
  for (const auto& [asker, approver] : pairs) {
    const std::string investigator = enter(std::string("asks-") + asker, asker, {Role::kInvestigator});
    const std::string officer = enter(std::string("decides-") + approver, approver, {Role::kDataProtectionOfficer});
    EXPECT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate(std::string("employee:") + approver)).status, 403);
    const http::Response made = ask("POST", "/api/v1/mandates", investigator, mandate("employee:u9"));
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string target = "/api/v1/mandates/" + nlohmann::json::parse(made.body)["number"].dump();
    EXPECT_EQ(ask("POST", target + "/approval", officer).status, 403) << asker;
  }
  const std::string himself = enter("asks-u5", "u5", {Role::kInvestigator});
  for (const char* const about : {"bsn:111222333", "other:111222333"}) {
    EXPECT_EQ(ask("POST", "/api/v1/mandates", himself, mandate(about)).status, 403) << about;
  }
  EXPECT_EQ(ask("POST", "/api/v1/mandates", himself, mandate("bsn:100000083")).status, 201) << "a partner is another";
}

TEST_F(EmployeeDirectoryTest, is_known_to_be_unknown_when_the_register_was_changed_behind_its_back) {
  import("account", "account,employee\nx1,u1\n");
  const auto database = sql::Database::open("sqlite:" + data_->path() + "/register.db");
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->change("DELETE FROM fact_account"));
  EXPECT_EQ(os::refusal(of("x1")), Code::kCorrupt);
}

TEST_F(EmployeeDirectoryTest, while_it_cannot_be_read_mandates_stay_hidden_from_whom_they_are_about) {
  import("account", "account,employee\nx2,u2\n");
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const http::Response made = ask("POST", "/api/v1/mandates", investigator, mandate("employee:x2"));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string target = "/api/v1/mandates/" + nlohmann::json::parse(made.body)["number"].dump();
  EXPECT_EQ(ask("GET", target, officer).status, 404);
  import("unit", "unit\nU1\n");
  const auto database = sql::Database::open("sqlite:" + data_->path() + "/register.db");
  ASSERT_TRUE(database && (*database)->change("DELETE FROM fact_account"));
  std::this_thread::sleep_for(EmployeeDirectory::kLookEvery);
  EXPECT_EQ(ask("GET", target, officer).status, 404);
  EXPECT_EQ(ask("POST", target + "/withdrawal", officer).status, 404);
  EXPECT_TRUE(nlohmann::json::parse(ask("GET", "/api/v1/mandates", officer).body)["items"].empty());
  EXPECT_EQ(ask("GET", target, investigator).status, 200) << "who asked it knows of it";
}

TEST_F(EmployeeDirectoryTest, makes_two_ids_of_one_person_one_pair_of_eyes) {
  import("account", "account,employee\nx1,u1\nx2,u2\n");
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string herself = enter("ingrid-too", "x1", {Role::kDataProtectionOfficer});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  EXPECT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate("employee:x1")).status, 403);
  const auto asked = [&](const std::string& about) {
    const http::Response made = ask("POST", "/api/v1/mandates", investigator, mandate(about));
    EXPECT_EQ(made.status, 201) << made.body;
    return "/api/v1/mandates/" + nlohmann::json::parse(made.body)["number"].dump();
  };
  const std::string about_other = asked("employee:u9");
  EXPECT_EQ(ask("POST", about_other + "/approval", herself).status, 403);
  const std::string about_officer = asked("employee:x2");
  EXPECT_EQ(ask("POST", about_officer + "/approval", officer).status, 404) << "it is about herself";
  EXPECT_EQ(ask("POST", about_other + "/approval", officer).status, 200);
}

TEST_F(EmployeeDirectoryTest, an_employee_is_a_citizen_too_and_nobody_looks_into_himself_or_decides_about_that) {
  import("account", "account,employee\nx1,u1\n");
  import("employee", "employee,name,surname,subject,address\nu1,,,bsn:123456782,\nu2,,,bsn:111222333,\n");
  const std::string investigator = enter("ingrid", "x1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string adviser = enter("bas", "u3", {Role::kConfidentialAdviser});
  const auto ask_about = [&](const std::string& about) {
    return ask("POST", "/api/v1/mandates", investigator, mandate(about));
  };
  EXPECT_EQ(ask_about("bsn:123456782").status, 403) << "by the other id of hers too";
  const http::Response made = ask_about("bsn:111222333");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string about_officer = "/api/v1/mandates/" + nlohmann::json::parse(made.body)["number"].dump();
  EXPECT_EQ(get(about_officer, officer).status, 404);
  EXPECT_EQ(ask("POST", about_officer + "/approval", officer).status, 404);
  EXPECT_EQ(nlohmann::json::parse(get("/api/v1/mandates", officer).body)["items"].size(), 0U);
  EXPECT_EQ(ask("POST", about_officer + "/approval", adviser).status, 200);
  const std::string body = R"({"of":"bsn:111222333","case":"Z-1","reason":"why"})";
  EXPECT_EQ(ask("POST", "/api/v1/packages", officer, body).status, 403);
}

// As about an employee: under a mandate, and on the command line for a case.
TEST_F(EmployeeDirectoryTest, uses_about_a_citizen_are_not_there_for_the_auditor_who_is_that_citizen) {
  import("account", "account,employee\nx3,u3\n");
  import("employee", "employee,name,surname,subject,address\nu3,,,bsn:123456782,\nu4,,,bsn:111222333,\n");
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string himself = enter("abel", "X3", {Role::kAuditor});
  const std::string other = enter("anton", "u4", {Role::kAuditor});
  ASSERT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate("bsn:123456782")).status, 201);
  AccessEvent use;
  use.id = "line";
  use.source = kOwnSource;
  use.system = "weerbaar";
  use.component = "consultations";
  use.time = os::now();
  use.actor.id = "root";
  use.purpose.case_id = "Z-2";
  const Subject subject{SubjectType::kBsn, "123456782", ""};
  use.subjects = {&subject, 1};
  append_event(use);
  const auto uses = [&](const std::string& session, const std::string& of) {
    std::set<std::string> found;
    for (const Document answer = json(look(session, {{"of", of}})); const Document& item : answer["items"]) {
      if (item["source"] == kOwnSource && item.contains("purpose")) found.insert(item["component"]);
    }
    return found;
  };
  const std::set<std::string> both = {"mandate ask", "consultations"};
  EXPECT_EQ(uses(other, "bsn:123456782"), both);
  EXPECT_EQ(uses(himself, "bsn:123456782"), std::set<std::string>());
  const Document shown = json(look(other, {{"of", "bsn:123456782"}}));
  const std::string pseudonym = shown["items"].back()["subjects"][0]["id"];
  EXPECT_EQ(uses(other, "bsn:" + pseudonym), both);
  EXPECT_EQ(uses(himself, "bsn:" + pseudonym), std::set<std::string>());
}

}  // namespace
}  // namespace weerbaar::server::testing
