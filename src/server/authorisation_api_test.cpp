// Who may use what, as the register says it: at a moment, in pages, held against the trail, on record.
#include "server/authorisation_api.h"

#include "server/people_service_testing.h"
#include "sql/database.h"

namespace weerbaar::server::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kAuthorisations = "/api/v1/authorisations";

class AuthorisationTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    manager_ = enter("marit", "m1", {Role::kAuthorisationManager});
  }
  Document asked(const nlohmann::json& body) { return good("POST", kAuthorisations, manager_, body.dump()); }
  static std::vector<std::string> lines_of(const Document& found) {
    std::vector<std::string> lines;
    for (const Document& item : found["items"]) {
      lines.push_back(item["employee"].get<std::string>() + " " + item["system"].get<std::string>() + " " +
                      item["role"].get<std::string>());
    }
    return lines;
  }

  std::string manager_;
};

TEST_F(AuthorisationTest, without_facts_the_remedy_is_told_and_no_register_is_made) {
  const std::string body = R"({"employee":"e1"})";
  const http::Response none = ask("POST", kAuthorisations, manager_, body);
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("register DIR import authorisation"));
  EXPECT_FALSE(os::real_file_system().exists(data_->path() + "/register.db"));
  import("unit", "unit,name\nA,West\n");
  EXPECT_EQ(ask("POST", kAuthorisations, manager_, body).status, 404) << "that nothing is known is not that nobody may";
}

TEST_F(AuthorisationTest, are_those_of_the_moment_with_validity_and_import_of_an_employee_or_for_a_system) {
  import("authorisation",
         "employee,system,role,valid_from,valid_to\n"
         "e1,BVR,read,2026-01-01,2026-03-01\n"
         "e1,KLANT,write,2026-02-01,\n"
         "e2,BVR,read,,\n");
  import("authorisation", "employee,system,role,valid_from,valid_to\ne1,BVR,admin,2026-02-01,2026-02-10\n");
  const Document february = asked({{"employee", "e1"}, {"at", "2026-02-05"}});
  EXPECT_EQ(lines_of(february), (std::vector<std::string>{"e1 BVR admin", "e1 BVR read", "e1 KLANT write"}));
  EXPECT_EQ(february["items"][0]["import"], 2);
  EXPECT_EQ(february["items"][1]["from"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(february["items"][1]["to"], "2026-03-01T00:00:00Z");
  EXPECT_FALSE(february["items"][2].contains("to"));
  EXPECT_EQ(february["known_at"], 2);
  EXPECT_EQ(lines_of(asked({{"employee", "e1"}, {"at", "2026-03-01"}})), std::vector<std::string>{"e1 KLANT write"});
  const Document of_system = asked({{"system", "BVR"}, {"at", "2026-01-15"}});
  EXPECT_EQ(lines_of(of_system), (std::vector<std::string>{"e1 BVR read", "e2 BVR read"}));
  EXPECT_EQ(lines_of(asked({{"system", "BVR"}, {"employee", "e2"}})), std::vector<std::string>{"e2 BVR read"});
  EXPECT_EQ(asked({{"employee", "e3"}})["count"], 0);
}

TEST_F(AuthorisationTest, come_in_pages_of_what_was_known_at_the_first_one) {
  import("authorisation", "employee,system,role\ne1,A,r\ne2,A,r\ne3,A,r\n");
  Document page = asked({{"system", "A"}, {"limit", 2}});
  EXPECT_EQ(page["count"], 3);
  import("authorisation", "employee,system,role\ne0,A,r\n");
  const nlohmann::json rest = {{"system", "A"}, {"limit", 2}, {"cursor", page["next"]}, {"at", page["at"]}};
  page = asked(rest);
  EXPECT_EQ(lines_of(page), std::vector<std::string>{"e3 A r"});
  EXPECT_FALSE(page.contains("next"));
  EXPECT_EQ(asked({{"system", "A"}})["count"], 4);
}

TEST_F(AuthorisationTest, are_on_record_about_each_employee_shown_and_about_who_was_asked_for) {
  import("authorisation", "employee,system,role\ne1,A,r\ne2,A,r\n");
  asked({{"system", "A"}});
  asked({{"employee", "e7"}});
  for (const auto& [employee, shown] :
       std::map<std::string, std::string>{{"e1", "true"}, {"e2", "true"}, {"e7", "false"}}) {
    size_t uses = 0;
    each_use_about(trail::OfSubject{SubjectType::kEmployee, employee}, [&](const AccessEvent& use) {
      EXPECT_EQ(use.component, "authorisations");
      EXPECT_EQ(use.attributes[0].value, shown);
      ++uses;
    });
    EXPECT_EQ(uses, 1U) << employee;
  }
  ASSERT_TRUE(writer_->finish());
  EXPECT_EQ(ask("POST", kAuthorisations, manager_, R"({"system":"A"})").status, 503);
}

TEST_F(AuthorisationTest, of_a_register_that_is_not_what_the_trail_says_are_not_shown) {
  import("authorisation", "employee,system,role\ne1,A,r\n");
  auto database = sql::Database::open("sqlite:" + data_->path() + "/register.db");
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->change("UPDATE fact_authorisation SET role = 'admin'"));
  const http::Response response = ask("POST", kAuthorisations, manager_, R"({"system":"A"})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body.find("e1"), std::string::npos);
}

TEST_F(AuthorisationTest, are_asked_of_somebody_or_for_something) {
  for (const char* const body :
       {"{}", "[]", R"({"at":"2026-01-01"})", R"({"employee":""})", R"({"employee":"~2026-Q1:00"})",
        R"({"employee":1})", R"({"system":"A","at":"2026-02-30"})", R"({"system":"A","limit":0})",
        R"({"system":"A","unit":"x"})", R"({"system":"A","cursor":"1.1"})",
        R"({"system":"A","at":"2026-01-01","cursor":"x"})"}) {
    EXPECT_EQ(ask("POST", kAuthorisations, manager_, body).status, 400) << body;
  }
  import("authorisation", "employee,system,role\ne1,A,r\n");
  const std::string ahead = R"({"system":"A","at":"2026-01-01","cursor":"9.1"})";
  EXPECT_EQ(ask("POST", kAuthorisations, manager_, ahead).status, 400);
}

}  // namespace
}  // namespace weerbaar::server::testing
