#include "server/employee_directory.h"

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

TEST_F(EmployeeDirectoryTest, is_known_to_be_unknown_when_the_register_was_changed_behind_its_back) {
  import("account", "account,employee\nx1,u1\n");
  const auto database = sql::Database::open("sqlite:" + data_->path() + "/register.db");
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->change("DELETE FROM fact_account"));
  EXPECT_EQ(os::refusal(of("x1")), Code::kCorrupt);
}

TEST_F(EmployeeDirectoryTest, makes_two_ids_of_one_person_one_pair_of_eyes) {
  import("account", "account,employee\nx1,u1\nx2,u2\n");
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string herself = enter("ingrid-too", "x1", {Role::kDataProtectionOfficer});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const auto mandate = [&](const std::string& about) {
    return nlohmann::json({{"case", "Z-1"},
                           {"ground", "report of a citizen"},
                           {"about", about},
                           {"from", format_time(Time{now_, 0})},
                           {"to", format_time(Time{now_ + 7 * kMicrosPerDay, 0})}})
        .dump();
  };
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
    return ask("POST", "/api/v1/mandates", investigator,
               nlohmann::json({{"case", "Z-1"},
                               {"ground", "report of a citizen"},
                               {"about", about},
                               {"from", format_time(Time{now_, 0})},
                               {"to", format_time(Time{now_ + 7 * kMicrosPerDay, 0})}})
                   .dump());
  };
  EXPECT_EQ(ask_about("bsn:123456782").status, 403) << "by the other id of hers too";
  const http::Response made = ask_about("bsn:111222333");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string mandate = "/api/v1/mandates/" + nlohmann::json::parse(made.body)["number"].dump();
  EXPECT_EQ(get(mandate, officer).status, 404);
  EXPECT_EQ(ask("POST", mandate + "/approval", officer).status, 404);
  EXPECT_EQ(nlohmann::json::parse(get("/api/v1/mandates", officer).body)["items"].size(), 0U);
  EXPECT_EQ(ask("POST", mandate + "/approval", adviser).status, 200);
  const std::string body = R"({"of":"bsn:111222333","case":"Z-1","reason":"why"})";
  EXPECT_EQ(ask("POST", "/api/v1/packages", officer, body).status, 403);
}

}  // namespace
}  // namespace weerbaar::server::testing
