#include "service/people_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "people/testing.h"
#include "service/consultation_api.h"
#include "service/evidence.h"
#include "service/mandate_api.h"
#include "service/oidc_api.h"
#include "service/source_api.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

using people::Role;
using people::Roles;

constexpr std::string_view kOwnPassword = "heel iets anders 7";

// All of the API for people around one trail in memory.
class PeopleApiTest : public trail::testing::TrailFixture, protected people::Office {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    open_people();
    writer_ =
        std::make_unique<EventWriter>(open(), [this] { return trail::Trail::open(options(), trail::Access::kAppend); });
    const people::Record record = record_in(*writer_);
    guard_ = std::make_unique<Guard>(*sessions_, log_);
    people_ = std::make_unique<PeopleApi>(*accounts_, *sessions_, record, *guard_, log_, "example.org");
    mandate_api_ = std::make_unique<MandateApi>(*store_, *mandates_, *keys_, record, *guard_);
    reader_ =
        std::make_unique<TrailReader>(*writer_, [this] { return trail::Trail::open(options(), trail::Access::kRead); });
    consultations_ =
        std::make_unique<ConsultationApi>(*reader_, *store_, *accounts_, *mandates_, record, *guard_, log_);
    people::OidcSettings provider;
    provider.issuer = "https://login.example";
    oidc_login_ = std::make_unique<people::OidcLogin>(
        provider, [](const people::ProviderRequest&) -> Result<std::string> { return fail(Code::kIo, "no network"); });
    oidc_ = std::make_unique<OidcApi>(*oidc_login_, *accounts_, *people_, record, *guard_, log_);
    sources_ = std::make_unique<SourceApi>(
        [] {
          SourceReport report;
          report.source = "gateway";
          return std::vector<SourceReport>{report};
        },
        record, *guard_);
    people_->add_routes(router_);
    sources_->add_routes(router_);
    oidc_->add_routes(router_);
    mandate_api_->add_routes(router_);
    consultations_->add_routes(router_);
    begun_ = now_ - kMicrosPerSecond;
    append_access("e1", "u9", "123456782");
    append_access("e2", "u9", "111222333");
  }
  void TearDown() override { EXPECT_TRUE(writer_->finish()); }

  void append_access(std::string_view id, std::string_view employee, std::string_view person) {
    AccessEvent event;
    event.id = id;
    event.source = "bvr";
    event.time = Time{now_ - kMicrosPerSecond, 0};
    event.actor.id = employee;
    event.system = "BVR";
    const Subject subject{SubjectType::kBsn, person, ""};
    event.subjects = {&subject, 1};
    ASSERT_TRUE(writer_->append({&event, 1}));
  }
  // Logged in, with a password of its own.
  std::string enter(const std::string& name, const std::string& employee, const Roles& roles) {
    const people::Account account = make(name, employee, roles);
    const auto secret = accounts_->renew(account.number, people::kTestPassword, kOwnPassword, deed(), this->record());
    EXPECT_TRUE(secret);
    secrets_[name] = *secret;
    return *sessions_->begin(account.number);
  }
  http::Request request(const std::string& method, const std::string& target, const std::string& session,
                        const std::string& body = "") {
    http::Request made;
    made.method = method;
    made.target = target;
    made.body = body;
    made.peer = "127.0.0.1";
    made.fields = {
        {"host", "localhost"}, {"content-type", "application/json"}, {"content-length", std::to_string(body.size())}};
    if (!session.empty()) {
      made.fields.push_back({"cookie", std::string(kSessionCookie) + "=" + session});
      made.fields.push_back({"x-csrf-token", people::csrf_token(session)});
    }
    return made;
  }
  http::Response ask(const std::string& method, const std::string& target, const std::string& session,
                     const std::string& body = "") {
    http::Request made = request(method, target, session, body);
    if (auto admitted = router_.admit(made); !admitted) return admitted.error();
    return router_.handle(made);
  }
  // Under which the accesses of SetUp are shown.
  std::string pseudonym_of(std::string_view employee) {
    return trail::actor_pseudonym(*keys_, trail::period_of(Time{begun_, 0}), employee).value();
  }
  // Under which the first thing that was done about an employee is shown.
  std::string subject_pseudonym_of(const std::string& employee) {
    std::string pseudonym;
    EXPECT_TRUE(reader_->read([&](const trail::Trail& trail) -> Status {
      WEERBAAR_ASSIGN(const auto found, trail::search(trail, trail::OfSubject{SubjectType::kEmployee, employee}, {}));
      EventBatch batch;
      WEERBAAR_TRY(read_event(trail, found.hits.at(0).index, trail::Disclosure::kPseudonyms, batch));
      pseudonym = batch.events()[0].subjects[0].id;
      return {};
    }));
    return pseudonym;
  }
  // Whose consultations: {"by": "u9"}, and how.
  http::Response look(const std::string& session, const nlohmann::json& question) {
    return ask("POST", "/api/v1/consultations", session, question.dump());
  }
  static nlohmann::json json(const http::Response& response) {
    return nlohmann::json::parse(response.body, nullptr, false);
  }
  std::string login_body(const std::string& name, std::string_view password, const std::string& totp) {
    return nlohmann::json({{"name", name}, {"password", password}, {"code", totp}}).dump();
  }
  std::string mandate_body(const std::string& about = "employee:u9") {
    return nlohmann::json({{"case", "Z-1"},
                           {"ground", "report of a citizen"},
                           {"about", about},
                           {"from", format_time(Time{now_, 0})},
                           {"to", format_time(Time{now_ + 7 * kMicrosPerDay, 0})}})
        .dump();
  }
  // The session that an answer begins.
  static std::string session_of(const http::Response& response) {
    for (const http::Field& field : response.fields) {
      const std::string mark = std::string(kSessionCookie) + "=";
      if (field.name == "Set-Cookie" && field.value.starts_with(mark)) {
        return field.value.substr(mark.size(), people::kSessionIdDigits);
      }
    }
    return {};
  }

  std::FILE* log_file_ = std::tmpfile();
  JsonLog log_{log_file_};
  int64_t begun_ = 0;
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<Guard> guard_;
  std::unique_ptr<PeopleApi> people_;
  std::unique_ptr<MandateApi> mandate_api_;
  std::unique_ptr<TrailReader> reader_;
  std::unique_ptr<ConsultationApi> consultations_;
  std::unique_ptr<SourceApi> sources_;
  std::unique_ptr<people::OidcLogin> oidc_login_;
  std::unique_ptr<OidcApi> oidc_;
  http::Router router_;
};

TEST_F(PeopleApiTest, login_needs_name_password_and_code_and_the_first_time_leads_to_new_secrets_only) {
  make("ali", "u4", {Role::kAnalyst});
  EXPECT_EQ(ask("POST", "/api/v1/login", "", login_body("ali", "wrong wrong wrong", code("ali"))).status, 401);
  EXPECT_EQ(ask("POST", "/api/v1/login", "", login_body("ali", people::kTestPassword, "000000")).status, 401);
  EXPECT_EQ(ask("POST", "/api/v1/login", "", "nonsense").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/login", "", R"({"name":"ali","password":1,"code":"1"})").status, 400);
  const http::Response first = ask("POST", "/api/v1/login", "", login_body("ALI", people::kTestPassword, code("ali")));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_TRUE(json(first)["must_renew"]);
  std::string session = session_of(first);
  EXPECT_EQ(json(first)["csrf_token"], people::csrf_token(session));
  EXPECT_EQ(look(session, {{"by", pseudonym_of("u9")}}).status, 403);
  const std::string body = nlohmann::json({{"password", people::kTestPassword}, {"new_password", kOwnPassword}}).dump();
  const http::Response renewed = ask("POST", "/api/v1/me/secrets", session, body);
  ASSERT_EQ(renewed.status, 200) << renewed.body;
  EXPECT_EQ(ask("GET", "/api/v1/me", session).status, 401);
  const std::string uri = json(renewed)["otpauth_uri"];
  secrets_["ali"] = uri.substr(uri.find("secret=") + 7, 32);
  pass(60);
  const http::Response second = ask("POST", "/api/v1/login", "", login_body("ali", kOwnPassword, code("ali")));
  ASSERT_EQ(second.status, 200) << second.body;
  session = session_of(second);
  EXPECT_EQ(look(session, {{"by", pseudonym_of("u9")}}).status, 200);
  const http::Response left = ask("POST", "/api/v1/logout", session);
  EXPECT_EQ(left.status, 204);
  EXPECT_EQ(session_of(left).substr(0, 1), ";") << "the cookie is taken back";
  EXPECT_EQ(ask("GET", "/api/v1/me", session).status, 401);
}

TEST_F(PeopleApiTest, people_see_and_end_their_own_sessions) {
  const std::string here = enter("ali", "u4", {Role::kEmployee});
  const std::string other = enter("bo", "u5", {Role::kEmployee});
  pass(60);
  const std::string there = *sessions_->begin(accounts_->find("ali")->number);
  const http::Response shown = ask("GET", "/api/v1/me/sessions", here);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_THAT(shown.body, ::testing::Not(::testing::HasSubstr(here)));
  const auto items = json(shown)["items"];
  ASSERT_EQ(items.size(), 2U);
  EXPECT_FALSE(items[0]["is_this"]);
  EXPECT_TRUE(items[1]["is_this"]);
  const std::string mark = items[0]["mark"];
  EXPECT_EQ(ask("DELETE", "/api/v1/me/sessions/" + mark, other).status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/me/sessions/" + mark, here).status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/me", there).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/me", here).status, 200);
  EXPECT_EQ(ask("DELETE", "/api/v1/me/sessions", here).status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/me", here).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/me", other).status, 200);
}

TEST_F(PeopleApiTest, login_slows_down_who_guesses_and_says_how_long_to_wait) {
  make("ali", "u4", {});
  for (unsigned i = 0; i < people::Attempts::kFreeHere; ++i) {
    EXPECT_EQ(ask("POST", "/api/v1/login", "", login_body("ali", "wrong wrong wrong", "000000")).status, 401);
  }
  const http::Response waits = ask("POST", "/api/v1/login", "", login_body("ali", people::kTestPassword, code("ali")));
  EXPECT_EQ(waits.status, 429);
  EXPECT_THAT(waits.fields, ::testing::Contains(::testing::Field(&http::Field::name, "Retry-After")));
}

TEST_F(PeopleApiTest, identities_are_shown_to_an_investigator_under_a_mandate_and_to_nobody_else) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const nlohmann::json revealing = {{"by", "u9"}, {"reveal", true}};
  const nlohmann::json plainly = {{"by", "u9"}};
  const auto sees_pseudonyms = [&](const std::string& session, const nlohmann::json& question) {
    const http::Response plain = look(session, question);
    EXPECT_EQ(plain.status, 200) << plain.body;
    EXPECT_NE(plain.body.find("~"), std::string::npos);
    EXPECT_EQ(plain.body.find("123456782"), std::string::npos);
    EXPECT_EQ(plain.body.find("\"u9\""), std::string::npos);
  };
  sees_pseudonyms(analyst, {{"by", pseudonym_of("u9")}});
  // Else a name would lead to the pseudonym under which signals show it.
  EXPECT_NE(look(analyst, plainly).body.find("ask by a pseudonym"), std::string::npos);
  EXPECT_EQ(look(analyst, plainly).status, 403);
  EXPECT_EQ(look(auditor, plainly).status, 403);
  for (const nlohmann::json& question :
       {nlohmann::json{{"of", "bsn:123456782"}, {"reveal", true}}, {{"by", pseudonym_of("u9")}, {"reveal", true}}}) {
    const http::Response refused = look(analyst, question);
    EXPECT_EQ(refused.status, 403);
    EXPECT_NE(refused.body.find("ask without reveal"), std::string::npos) << refused.body;
  }
  sees_pseudonyms(auditor, {{"of", "bsn:123456782"}});
  EXPECT_EQ(look(analyst, revealing).status, 403);
  EXPECT_EQ(look(investigator, plainly).status, 403);
  const http::Response asked = ask("POST", "/api/v1/mandates", investigator, mandate_body());
  ASSERT_EQ(asked.status, 201) << asked.body;
  const std::string number = std::to_string(json(asked)["number"].get<int64_t>());
  EXPECT_EQ(look(investigator, revealing).status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/mandates/" + number + "/approval", investigator).status, 403);
  ASSERT_EQ(ask("POST", "/api/v1/mandates/" + number + "/approval", officer).status, 200);
  const http::Response revealed = look(investigator, revealing);
  ASSERT_EQ(revealed.status, 200) << revealed.body;
  EXPECT_NE(revealed.body.find("123456782"), std::string::npos);
  EXPECT_EQ(look(analyst, revealing).status, 403);
  sees_pseudonyms(investigator, plainly);
  EXPECT_EQ(look(investigator, {{"by", "u8"}}).status, 403);
  EXPECT_EQ(look(investigator, {{"by", "u8"}, {"reveal", true}}).status, 403);
  EXPECT_EQ(look(investigator, {{"of", "bsn:123456782"}, {"reveal", true}}).status, 403);
  ASSERT_EQ(ask("POST", "/api/v1/mandates/" + number + "/withdrawal", officer).status, 200);
  EXPECT_EQ(look(investigator, revealing).status, 403);
  EXPECT_EQ(look(investigator, plainly).status, 403);
}

TEST_F(PeopleApiTest, a_mandate_about_whom_nobody_can_be_is_refused_as_the_question_would_be) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  for (const char* const wrong : {"bsn:123456789", "bsn:12", "rsin:1", "employee:", "person:1"}) {
    const http::Response refused = ask("POST", "/api/v1/mandates", investigator, mandate_body(wrong));
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_EQ(look(investigator, {{"of", wrong}}).status, 400) << wrong;
    EXPECT_EQ(refused.body.find("123456789"), std::string::npos);
  }
  EXPECT_NE(ask("POST", "/api/v1/mandates", investigator, mandate_body("bsn:123456789")).body.find("11-test"),
            std::string::npos);
  EXPECT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate_body("employee:u9\u200b")).status, 400);
}

TEST_F(PeopleApiTest, every_look_is_evidence_and_the_employee_learns_of_it_once_the_silence_is_over) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  std::string employee = enter("piet", "u9", {Role::kEmployee});
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  // By whatever name.
  ASSERT_EQ(look(analyst, {{"by", pseudonym_of("u9")}}).status, 200);
  const http::Response asked = ask("POST", "/api/v1/mandates", investigator, mandate_body());
  const std::string number = std::to_string(json(asked)["number"].get<int64_t>());
  ASSERT_EQ(ask("POST", "/api/v1/mandates/" + number + "/approval", officer).status, 200);
  ASSERT_EQ(look(investigator, {{"by", "u9"}, {"reveal", true}}).status, 200);
  const http::Response told = ask("GET", "/api/v1/me/consulted", employee);
  ASSERT_EQ(told.status, 200) << told.body;
  ASSERT_EQ(json(told)["items"].size(), 1U) << told.body;
  EXPECT_EQ(json(told)["items"][0]["by"], "u4");
  EXPECT_EQ(told.body.find("mandate"), std::string::npos);
  pass((7 + people::kSilenceDays) * 86'400 - 60);
  employee = *sessions_->begin(accounts_->find("piet")->number);
  EXPECT_EQ(json(ask("GET", "/api/v1/me/consulted", employee))["items"].size(), 1U);
  pass(120);
  EXPECT_EQ(json(ask("GET", "/api/v1/me/consulted", employee))["items"].size(), 4U);
}

TEST_F(PeopleApiTest, looks_under_a_mandate_are_not_given_away_to_whom_they_are_about_or_who_sees_no_mandates) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator, Role::kAnalyst});
  const std::string other = enter("irene", "u5", {Role::kInvestigator, Role::kAnalyst});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  for (const char* const about : {"employee:u4", "employee:u5"}) {
    ASSERT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate_body(about)).status, 201);
  }
  const auto seen = [&](const std::string& about, const std::string& session) {
    EXPECT_EQ(look(session, {{"of", "employee:" + about}}).status, 403) << "by name it takes a mandate";
    const http::Response response = look(session, {{"of", "employee:" + subject_pseudonym_of(about)}});
    EXPECT_EQ(response.status, 200) << response.body;
    std::multiset<std::string> asks;
    for (const nlohmann::json answer = json(response); const auto& item : answer["items"]) {
      if (item["component"] == "mandate ask") asks.insert(item["component"].get<std::string>());
    }
    return asks.size();
  };
  EXPECT_EQ(seen("u4", analyst), 0U);
  EXPECT_EQ(seen("u5", analyst), 0U);
  EXPECT_EQ(seen("u5", other), 0U);
  EXPECT_EQ(seen("u4", other), 0U) << "it is not shown to him among mandates either";
  EXPECT_EQ(seen("u5", investigator), 1U);
  EXPECT_EQ(json(ask("GET", "/api/v1/mandates", officer))["items"].size(), 2U);
}

// By his pseudonym, in a time when there was something that he may not see, and in one when there was nothing.
TEST_F(PeopleApiTest, the_record_of_a_look_by_a_pseudonym_is_the_same_whether_or_not_something_was_hidden) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst, Role::kEmployee});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const std::string asked_for = mandate_body("employee:u4");
  ASSERT_EQ(ask("POST", "/api/v1/mandates", investigator, asked_for).status, 201);
  const std::string pseudonym = "employee:" + subject_pseudonym_of("u4");
  const auto moment = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return format_time(os::now());
  };
  const std::string first = moment();
  const std::string second = moment();
  ASSERT_EQ(ask("POST", "/api/v1/mandates", investigator, asked_for).status, 201);
  const nlohmann::json nothing = {{"from", first}, {"to", second}};
  const nlohmann::json something = {{"from", second}, {"to", moment()}};
  const auto asked_in = [&](const std::string& session, const nlohmann::json& when, size_t shown) {
    nlohmann::json question = when;
    question["of"] = pseudonym;
    const http::Response response = look(session, question);
    EXPECT_EQ(json(response)["items"].size(), shown) << response.body;
  };
  asked_in(analyst, nothing, 0);
  asked_in(analyst, something, 0);
  asked_in(auditor, nothing, 0);
  asked_in(auditor, something, 1);
  // All that the analyst sees of those looks: of her own, and of those of another who saw more.
  for (const char* const by : {"u4", "u3"}) {
    std::vector<nlohmann::json> looks;
    for (const nlohmann::json found = json(look(analyst, {{"by", pseudonym_of(by)}}));
         nlohmann::json item : found["items"]) {
      if (item["component"] != "consultations") continue;
      for (const char* const one : {"index", "id", "time"}) item.erase(one);
      looks.push_back(item);
    }
    ASSERT_EQ(looks.size(), 2U) << by;
    EXPECT_EQ(looks[0], looks[1]);
    EXPECT_EQ(looks[0]["subjects"].size(), 1U) << looks[0];
  }
  const nlohmann::json told = json(ask("GET", "/api/v1/me/consulted", analyst));
  EXPECT_EQ(std::ranges::count_if(told["items"], [](const auto& item) { return item["by"] == "u3"; }), 2) << told;
  EXPECT_EQ(look(analyst, {{"of", "employee:~2026-Q1:00ff00ff00ff00ff00"}}).status, 200) << "means nobody";
}

TEST_F(PeopleApiTest, a_look_at_a_mandate_is_hidden_from_whom_the_mandate_is) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  for (const auto& [about, shown] : {std::pair("employee:u3", 0U), std::pair("employee:u9", 1U)}) {
    const http::Response made = ask("POST", "/api/v1/mandates", investigator, mandate_body(about));
    ASSERT_EQ(made.status, 201) << made.body;
    ASSERT_EQ(ask("GET", "/api/v1/mandates/" + json(made)["number"].dump(), officer).status, 200);
    const nlohmann::json looks = json(look(auditor, {{"by", pseudonym_of("u2")}}));
    EXPECT_EQ(looks["items"].size(), shown) << about << looks;
  }
}

TEST_F(PeopleApiTest, of_a_use_about_more_persons_than_an_entry_holds_no_part_is_shown_early) {
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const auto shown_of = [&](size_t persons) {
    auto trace = people::new_deed("u2", Action::kSearch, "trace");
    trace->case_id = "LEK-1";
    if (persons > kSubjectsMax) trace->about.push_back({SubjectType::kEmployee, "u3"});
    for (size_t i = 0; i < persons; ++i) trace->about.push_back({SubjectType::kOther, "p" + std::to_string(i)});
    EXPECT_TRUE(record_in(*writer_)(*trace));
    return json(look(auditor, {{"by", pseudonym_of("u2")}}))["items"].size();
  };
  EXPECT_EQ(shown_of(10), 1U);
  EXPECT_EQ(shown_of(kSubjectsMax + 200), 1U) << "in which part somebody stands would tell that he does";
}

// A page that is not full, or a cursor behind nothing, would tell that there is something, and when.
TEST_F(PeopleApiTest, what_is_hidden_takes_no_place_on_a_page_and_gives_no_cursor) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate_body("employee:u4")).status, 201);
  }
  const std::string by_subject = "employee:" + subject_pseudonym_of("u4");
  const auto pages = [&](size_t limit) {
    std::vector<std::string> shown;
    nlohmann::json question = {{"of", by_subject}, {"limit", limit}};
    for (int page = 0; page < 50; ++page) {
      const nlohmann::json answer = json(look(analyst, question));
      for (const auto& item : answer["items"]) shown.push_back(item["component"]);
      if (!answer.contains("next")) return shown;
      EXPECT_EQ(answer["items"].size(), limit);
      question["cursor"] = answer["next"];
    }
    ADD_FAILURE() << "the pages have no end";
    return shown;
  };
  size_t before = 0;
  for (const size_t limit : {1U, 2U, 100U, 1U}) {
    const std::vector<std::string> shown = pages(limit);
    EXPECT_EQ(std::ranges::count(shown, "mandate ask"), 0) << limit;
    EXPECT_TRUE(before == 0 || shown.size() > before) << "the looks before, and not those of its own pages";
    before = shown.size();
  }
}

TEST_F(PeopleApiTest, an_employee_whose_identity_was_bared_under_a_mandate_is_named_in_the_record) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  std::string employee = enter("piet", "u9", {Role::kEmployee});
  const http::Response asked = ask("POST", "/api/v1/mandates", investigator, mandate_body("bsn:123456782"));
  const std::string number = std::to_string(json(asked)["number"].get<int64_t>());
  ASSERT_EQ(ask("POST", "/api/v1/mandates/" + number + "/approval", officer).status, 200);
  const http::Response revealed = look(investigator, {{"of", "bsn:123456782"}, {"reveal", true}});
  ASSERT_NE(revealed.body.find("\"u9\""), std::string::npos) << revealed.body;
  EXPECT_EQ(json(ask("GET", "/api/v1/me/consulted", employee))["items"].size(), 0U);
  pass((8 + people::kSilenceDays) * 86'400);
  employee = *sessions_->begin(accounts_->find("piet")->number);
  EXPECT_EQ(json(ask("GET", "/api/v1/me/consulted", employee))["items"].size(), 1U);
}

TEST_F(PeopleApiTest, a_mandate_about_a_person_bares_neither_the_others_of_an_access_nor_other_investigations) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string other = enter("irene", "u5", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  AccessEvent event;
  event.id = "list";
  event.source = "bvr";
  event.time = Time{now_ - kMicrosPerSecond, 0};
  event.actor.id = "u9";
  event.system = "BVR";
  const Subject subjects[] = {{SubjectType::kBsn, "123456782", ""}, {SubjectType::kBsn, "111222333", ""}};
  event.subjects = subjects;
  event.query = "SELECT * FROM person WHERE bsn IN (123456782, 111222333)";
  event.purpose.reason = "with 111222333";
  const Attribute attribute{"also", "\"111222333\""};
  event.attributes = {&attribute, 1};
  ASSERT_TRUE(writer_->append({&event, 1}));
  const auto begin = [&](const std::string& session, const std::string& about) {
    const http::Response asked = ask("POST", "/api/v1/mandates", session, mandate_body(about));
    const std::string number = std::to_string(json(asked)["number"].get<int64_t>());
    EXPECT_EQ(ask("POST", "/api/v1/mandates/" + number + "/approval", officer).status, 200);
  };
  begin(other, "employee:u9");
  ASSERT_EQ(look(other, {{"by", "u9"}, {"reveal", true}}).status, 200);
  begin(investigator, "bsn:123456782");
  const http::Response shown = look(investigator, {{"of", "bsn:123456782"}, {"reveal", true}});
  ASSERT_EQ(shown.status, 200) << shown.body;
  const auto items = json(shown)["items"];
  ASSERT_EQ(items.size(), 4U) << shown.body;
  // Her own mandate is on record, and the look of the other, which was about this person too, is not for her.
  EXPECT_EQ(items[2]["component"], "mandate ask");
  EXPECT_EQ(items[3]["component"], "mandate approve");
  EXPECT_EQ(items[1]["actor"]["id"], "u9");
  // In the order of the pseudonyms.
  const std::set<std::string> of_list = {items[1]["subjects"][0]["id"], items[1]["subjects"][1]["id"]};
  EXPECT_THAT(of_list, ::testing::Contains("123456782"));
  EXPECT_EQ(shown.body.find("111222333"), std::string::npos);
  EXPECT_EQ(shown.body.find("u5"), std::string::npos);
}

TEST_F(PeopleApiTest, pages_follow_each_other_without_loss) {
  for (int i = 0; i < 7; ++i) append_access("x" + std::to_string(i), "u9", "123456782");
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  std::set<int64_t> seen;
  nlohmann::json question = {{"by", pseudonym_of("u9")}, {"limit", 2}};
  for (int page = 0; page < 5; ++page) {
    const http::Response response = look(analyst, question);
    ASSERT_EQ(response.status, 200) << response.body;
    const nlohmann::json answer = json(response);
    for (const auto& item : answer["items"]) seen.insert(item["index"].get<int64_t>());
    if (!answer.contains("next")) break;
    question["cursor"] = answer["next"];
  }
  EXPECT_EQ(seen.size(), 9U);
}

TEST_F(PeopleApiTest, questions_that_are_wrong_are_refused_without_repeating_them) {
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  for (const char* const wrong :
       {"", "{}", "12345678", R"({"of":"bsn:123456782","by":"u9"})", R"({"of":"bsn:123456789"})", R"({"of":"x:1"})",
        R"({"by":"u9","from":"x"})", R"({"by":"u9","limit":0})", R"({"by":"u9","12345678":1})"}) {
    const http::Response response = ask("POST", "/api/v1/consultations", analyst, wrong);
    EXPECT_EQ(response.status, 400) << wrong << response.body;
    EXPECT_EQ(response.body.find("12345678"), std::string::npos);
  }
}

TEST_F(PeopleApiTest, whom_a_question_is_about_stands_in_no_address_and_is_not_taken_from_one) {
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  const std::string address = "/api/v1/consultations?of=bsn:123456782";
  const http::Response asked = ask("GET", address, analyst);
  EXPECT_EQ(asked.status, 405) << asked.body;
  EXPECT_EQ(asked.body.find("123456782"), std::string::npos);
  EXPECT_EQ(ask("POST", address, analyst, "{}").status, 400);
  EXPECT_EQ(look(analyst, {{"of", "bsn:123456782"}}).status, 200);
}

}  // namespace
}  // namespace weerbaar::service
