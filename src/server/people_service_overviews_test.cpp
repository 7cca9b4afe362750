// What a citizen's desk is answered: all that was consulted of one person, and nothing that leads to a colleague.
#include "service/overview_api.h"

#include "server/people_service_testing.h"

namespace weerbaar::server::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kOverviews = "/api/v1/overviews";

class OverviewTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    desk_ = enter("dora", "d1", {Role::kCitizensDesk});
  }
  static std::string body_for(const std::string& of, nlohmann::json more = nlohmann::json::object()) {
    more["of"] = of;
    more["request"] = "AVG-17";
    return more.dump();
  }
  Document overview(nlohmann::json more = nlohmann::json::object()) {
    return good("POST", kOverviews, desk_, body_for("bsn:123456782", std::move(more)));
  }
  void append_at(const std::string& id, int64_t micros) {
    AccessEvent event;
    event.id = id;
    event.source = "bvr";
    event.time = Time{micros, 0};
    event.actor.id = "u9";
    event.system = "BVR";
    const Subject subject{SubjectType::kBsn, "123456782", ""};
    event.subjects = {&subject, 1};
    append_event(event);
  }

  std::string desk_;
};

TEST_F(OverviewTest, tells_when_where_and_for_what_and_nothing_that_leads_to_a_colleague_or_to_another_person) {
  AccessEvent event;
  event.id = "full-4711";
  event.source = "bvr-3270";
  event.time = Time{kAccessTime + 90 * kMicrosPerSecond + 123'456, 789};
  event.actor = {"u4242", ActorType::kEmployee, "invorderaar", "inning-west", "u4343"};
  event.action = Action::kUpdate;
  event.system = "KLANT";
  event.component = "KLT0210";
  const std::vector<Subject> subjects = {{SubjectType::kBsn, "123456782", "debtor"},
                                         {SubjectType::kBsn, "111222333", "partner"}};
  event.subjects = subjects;
  const std::vector<std::string_view> data = {"address", "income"};
  event.data = data;
  event.query = "naam=Jansen";
  event.records = 2;
  event.purpose = {"https://register.example/bezwaar", "Z-4711", "artikel 7", "vraag van collega", true};
  event.workplace = {"T01A4", "192.0.2.7", "Utrecht"};
  const std::string trace(16, 't');
  const std::string span(8, 's');
  event.trace = {trace, span, span};
  const Attribute attribute{"user", "\"u4242\""};
  event.attributes = {&attribute, 1};
  append_event(event);

  const Document found = overview();
  ASSERT_EQ(found["count"], 2);
  const Document item = found["items"][1];
  const Document expected = {{"time", "2026-01-06T11:48:00Z"},
                             {"action", "update"},
                             {"outcome", "success"},
                             {"by", "employee"},
                             {"system", "KLANT"},
                             {"component", "KLT0210"},
                             {"processing_activity", "https://register.example/bezwaar"},
                             {"legal_basis", "artikel 7"},
                             {"data", {"address", "income"}}};
  EXPECT_EQ(item, expected) << "and no other member";
  const std::string text = found.dump();
  for (const char* const lead :
       {"u4242",     "u4343",    "u9",     "invorderaar", "inning-west", "111222333", "partner",
        "debtor",    "Jansen",   "Z-4711", "collega",     "T01A4",       "192.0.2.7", "Utrecht",
        "full-4711", "bvr-3270", "123456", "123456782",   "2026-Q1",     "index"}) {
    EXPECT_THAT(text, Not(HasSubstr(lead)));
  }
}

TEST_F(OverviewTest, is_on_record_with_the_person_and_the_request_and_leaves_uses_of_weerbaar_out) {
  EXPECT_EQ(overview()["count"], 1);
  EXPECT_EQ(overview()["count"], 1) << "the first look is a use of Weerbaar";
  std::vector<std::string> requests;
  each_use_about(trail::OfSubject{SubjectType::kBsn, "123456782"}, [&](const AccessEvent& use) {
    EXPECT_EQ(use.component, "overview");
    EXPECT_EQ(use.actor.id, "d1");
    requests.emplace_back(use.purpose.case_id);
  });
  EXPECT_EQ(requests, (std::vector<std::string>{"AVG-17", "AVG-17"}));
  ASSERT_TRUE(writer_->finish());
  EXPECT_EQ(ask("POST", kOverviews, desk_, body_for("bsn:123456782")).status, 503)
      << "what is not on record is not shown";
}

TEST_F(OverviewTest, pages_are_of_the_log_as_it_was_at_the_first_one_and_lead_to_no_entry) {
  for (int i = 1; i <= 4; ++i) append_at("m" + std::to_string(i), kAccessTime + i * kMicrosPerDay);
  std::vector<std::string> days;
  std::string cursor;
  for (int page = 0; page < 4; ++page) {
    const Document found =
        overview(cursor.empty() ? nlohmann::json({{"limit", 2}}) : nlohmann::json({{"limit", 2}, {"cursor", cursor}}));
    EXPECT_EQ(found["count"], 5);
    for (const Document& item : found["items"]) days.push_back(item["time"].get<std::string>().substr(8, 2));
    if (!found.contains("next")) break;
    cursor = found["next"];
    append_at("late" + std::to_string(page), kAccessTime - kMicrosPerDay);
  }
  EXPECT_EQ(days, (std::vector<std::string>{"06", "07", "08", "09", "10"}));
  const Document one_day = overview({{"from", "2026-01-07"}, {"to", "2026-01-08"}});
  EXPECT_EQ(one_day["count"], 1);
}

TEST_F(OverviewTest, says_of_which_quarters_nothing_can_be_found_any_more) {
  append_at("old", kAccessTime - 100 * kMicrosPerDay);
  EXPECT_EQ(overview()["count"], 2);
  ASSERT_TRUE((*data_->keys())->destroy(*trail::parse_period("2025-Q3"), Time{now_, 0}, "test"));
  EXPECT_EQ(overview()["destroyed"], Document::array({"2025-Q3"}));
  EXPECT_EQ(overview()["count"], 1);
  EXPECT_EQ(overview({{"from", "2026-01-01"}})["destroyed"], Document::array());
}

TEST_F(OverviewTest, is_about_one_person_by_identity_and_never_about_an_employee) {
  const std::vector<std::string> wrong = {body_for("employee:u9"),
                                          body_for("address:1234AB 5"),
                                          body_for("bsn:~2026-Q1:123456782"),
                                          body_for("bsn:123456789"),
                                          body_for("u9"),
                                          R"({"of":"bsn:123456782"})",
                                          R"({"of":"bsn:123456782","request":""})",
                                          R"({"of":"bsn:123456782","request":"a\nb"})",
                                          R"({"of":["bsn:123456782"],"request":"1"})",
                                          R"({"of":"bsn:123456782","request":"1","reveal":true})",
                                          body_for("bsn:123456782", {{"from", "2026-02-01"}, {"to", "2026-01-01"}}),
                                          body_for("bsn:123456782", {{"from", "2026-02-30"}}),
                                          body_for("bsn:123456782", {{"limit", 0}}),
                                          body_for("bsn:123456782", {{"limit", 1'001}}),
                                          body_for("bsn:123456782", {{"cursor", "5"}}),
                                          "[]",
                                          "{"};
  for (const std::string& body : wrong) {
    const http::Response response = ask("POST", kOverviews, desk_, body);
    EXPECT_EQ(response.status, 400) << body << response.body;
    EXPECT_THAT(response.body, Not(HasSubstr("123456782"))) << "what was sent is not repeated";
  }
}

TEST_F(OverviewTest, of_very_many_accesses_is_asked_in_parts) {
  std::vector<std::string> ids;
  for (size_t i = 0; i <= service::kOverviewAccessesMax; ++i) ids.push_back("n" + std::to_string(i));
  const Subject subject{SubjectType::kBsn, "123456782", ""};
  std::vector<AccessEvent> events(ids.size());
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].id = ids[i];
    events[i].source = "bvr";
    events[i].time = Time{kAccessTime + static_cast<int64_t>(i) * kMicrosPerSecond, 0};
    events[i].actor.id = "u9";
    events[i].system = "BVR";
    events[i].subjects = {&subject, 1};
  }
  ASSERT_TRUE(writer_->append(events));
  EXPECT_EQ(ask("POST", kOverviews, desk_, body_for("bsn:123456782")).status, 400);
  EXPECT_EQ(overview({{"to", "2026-01-06T13:00:00Z"}, {"limit", 1}})["items"].size(), 1U);
  const auto first = people_->long_work.begin();
  const auto second = people_->long_work.begin();
  const std::string long_one = body_for("bsn:123456782", {{"to", "2026-01-06T13:00:00Z"}});
  EXPECT_EQ(ask("POST", kOverviews, desk_, long_one).status, 503) << "many take a turn of long work";
  EXPECT_GT(overview({{"to", "2026-01-06T11:48:00Z"}})["count"], 1) << "and few do not";
}

TEST_F(OverviewTest, speaks_the_language_that_is_wanted) {
  http::Request english = request("POST", kOverviews, desk_, body_for("bsn:123456782"));
  english.fields.push_back({"accept-language", "en"});
  const http::Response told = answer(english);
  EXPECT_EQ(field(told, "Content-Language"), "en");
  EXPECT_THAT(json(told)["about"].get<std::string>(), HasSubstr("names no employees"));
  EXPECT_THAT(overview()["about"].get<std::string>(), HasSubstr("geen namen van medewerkers"));
}

}  // namespace
}  // namespace weerbaar::server::testing
