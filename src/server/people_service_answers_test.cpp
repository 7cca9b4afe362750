// What the requests of judgement and accounts answer: as the document says, under pseudonyms, on record.
#include "server/people_service.h"

#include <algorithm>

#include "base/utf8.h"
#include "server/people_service_testing.h"
#include "trail/store/records.h"

namespace weerbaar::server::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

struct Asked {
  std::string method;
  std::string target;
  std::string session;
  std::string body;
};

class ApiAnswersTest : public ApiTest {
 protected:
  std::string mandate_body(const std::string& about) const {
    return nlohmann::json({{"case", "Z-1"},
                           {"ground", "report of a citizen"},
                           {"about", about},
                           {"from", format_time(Time{now_, 0})},
                           {"to", format_time(Time{now_ + 7 * kMicrosPerDay, 0})}})
        .dump();
  }
  // "employee:~2026-Q1:5f3a…": as a signal shows him.
  std::string by_pseudonym(const std::string& employee) {
    return "employee:" +
           trail::actor_pseudonym(**reading_->keys(), trail::period_of(Time{kAccessTime, 0}), employee).value();
  }
  std::string mandate_for(const std::string& investigator, const std::string& officer, const std::string& about) {
    const Document mandate = good("POST", "/api/v1/mandates", investigator, mandate_body(about), 201);
    const std::string number = mandate["number"].dump();
    good("POST", "/api/v1/mandates/" + number + "/approval", officer);
    return number;
  }
};

TEST_F(ApiAnswersTest, checks_are_given_in_pages_the_newest_first_to_who_sees_reports) {
  for (uint64_t number = 1; number <= 5; ++number) append_check(number);
  const std::string manager = enter("manager", "m1", {Role::kManager});
  std::vector<int> seen;
  std::string cursor;
  for (int page = 0; page < 4; ++page) {
    const Document found = good("GET", "/api/v1/checks?limit=2" + cursor, manager);
    for (const Document& item : found["items"]) seen.push_back(item["check"].get<int>());
    if (!found.contains("next")) break;
    cursor = "&cursor=" + found["next"].get<std::string>();
  }
  EXPECT_EQ(seen, (std::vector<int>{5, 4, 3, 2, 1}));
  EXPECT_EQ(good("GET", "/api/v1/checks/3", manager)["checked"], 2);
  EXPECT_EQ(get("/api/v1/checks/6", manager).status, 404);
  for (const char* const wrong : {"?limit=0", "?limit=1001", "?cursor=x", "?limit="}) {
    EXPECT_EQ(get(std::string("/api/v1/checks") + wrong, manager).status, 400) << wrong;
  }
}

TEST_F(ApiAnswersTest, what_came_of_a_check_is_told_to_who_sees_signals_or_all_accesses_only) {
  append_check(1);
  const auto members = [](const Document& check) {
    std::set<std::string> names;
    for (const auto& [name, value] : check.items()) names.insert(name);
    return names;
  };
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  const Document whole = good("GET", "/api/v1/checks/1", analyst);
  for (const char* const outcome : {"explained", "flagged", "unexplained"}) EXPECT_TRUE(whole.contains(outcome));
  for (const Role role : people::all_roles()) {
    if (!people::may(role, people::Permission::kSeeReports)) continue;
    const std::string name(people::to_string(role));
    const std::string session = enter("other-" + name, "e-" + name, {role});
    const Document one = good("GET", "/api/v1/checks/1", session);
    const Document listed = good("GET", "/api/v1/checks", session);
    EXPECT_EQ(members(one), members(listed["items"][0])) << name;
    const bool sees = role == Role::kAnalyst || role == Role::kConfidentialAdviser || role == Role::kAuditor;
    for (const char* const outcome :
         {"explained", "flagged", "unexplained", "first_flagged", "own_uses", "own_flagged"}) {
      EXPECT_EQ(one.contains(outcome), sees && whole.contains(outcome)) << name << outcome;
    }
    EXPECT_EQ(one["checked"], 2);
  }
}

TEST_F(ApiAnswersTest, signals_are_told_in_the_language_that_is_wanted_and_under_pseudonyms) {
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  EXPECT_EQ(get("/api/v1/signals", analyst).status, 404);
  write_run(1, 1, {"u8"});
  write_run(2, 2, {"u9", "u8", "u4"});
  const Document dutch = good("GET", "/api/v1/signals", analyst);
  EXPECT_EQ(dutch["run"], 2);
  ASSERT_EQ(dutch["items"].size(), 2U) << "one is about who asks";
  EXPECT_EQ(dutch["items"][0]["why"], "keek dichtbij");
  EXPECT_TRUE(dutch["items"][0]["actor"].get<std::string>().starts_with("~2026-Q1:"));
  EXPECT_EQ(dutch.dump().find("\"u9\""), std::string::npos);
  http::Request english = request("GET", "/api/v1/signals?run=1", analyst, "");
  english.fields.push_back({"accept-language", "en, nl;q=0.5"});
  const http::Response told = answer(english);
  EXPECT_EQ(field(told, "Content-Language"), "en");
  EXPECT_EQ(json(told)["items"][0]["why"], "looked nearby");
  EXPECT_EQ(json(told)["items"][0]["rules"][0]["why"], "looked nearby");
  EXPECT_EQ(get("/api/v1/signals?run=3", analyst).status, 404);
  EXPECT_EQ(get("/api/v1/signals?run=x", analyst).status, 400);
  EXPECT_EQ(get("/api/v1/signals?reveal=true", analyst).status, 403);
}

TEST_F(ApiAnswersTest, a_signal_shows_who_it_is_to_an_investigator_under_a_mandate_about_that_employee_only) {
  write_run(1, 1, {"u9", "u8"});
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  EXPECT_EQ(get("/api/v1/signals?reveal=true", investigator).status, 403);
  mandate_for(investigator, officer, "employee:u9");
  const Document shown = good("GET", "/api/v1/signals?reveal=true", investigator);
  EXPECT_EQ(shown["items"][0]["actor"], "u9");
  EXPECT_TRUE(shown["items"][1]["actor"].get<std::string>().starts_with("~"));
  const std::vector<Document> uses = uses_of("u9");
  const bool is_on_record = std::ranges::any_of(uses, [](const Document& use) {
    return use.value("component", "") == "signals" && use["attributes"]["identities_shown"] == true &&
           use["purpose"]["case"] == "Z-1";
  });
  EXPECT_TRUE(is_on_record) << Document(uses).dump(1);
}

TEST_F(ApiAnswersTest, feedback_on_a_signal_is_on_record_and_shown_beside_later_ones_and_nobody_judges_his_own) {
  write_run(1, 1, {"u9", "u4"});
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  const std::string body = R"({"justified":false,"remark":"a typing error"})";
  EXPECT_EQ(good("POST", "/api/v1/signals/1/feedback", analyst, body)["justified"], false);
  const http::Response own = ask("POST", "/api/v1/signals/2/feedback", analyst, body);
  const http::Response none = ask("POST", "/api/v1/signals/77/feedback", analyst, body);
  EXPECT_EQ(own.status, 404);
  EXPECT_EQ(own.body, none.body) << "he is not told that it is there";
  for (const char* const wrong : {"{}", "[]", R"({"justified":"no","remark":""})", R"({"justified":true})",
                                  R"({"justified":true,"remark":"","more":1})"}) {
    EXPECT_EQ(ask("POST", "/api/v1/signals/1/feedback", analyst, wrong).status, 400) << wrong;
  }
  write_run(2, 3, {"u9"});
  const Document later = good("GET", "/api/v1/signals", analyst);
  ASSERT_EQ(later["items"][0]["feedback"].size(), 1U);
  EXPECT_EQ(later["items"][0]["feedback"][0]["signal"], 1);
  const auto kept = os::read_file(os::real_file_system(), reading_->path() + "/feedback/1.json", 4'096);
  ASSERT_TRUE(kept);
  EXPECT_EQ(as_text(*kept).find("u4"), std::string::npos) << "by whom is kept as a pseudonym";
}

TEST_F(ApiAnswersTest, a_report_is_made_in_each_form_and_is_on_record) {
  const std::string manager = enter("manager", "m1", {Role::kManager});
  const Document report = good("GET", "/api/v1/reports/2026-01", manager);
  EXPECT_EQ(report["month"], "2026-01");
  const auto in_form = [&](const std::string& accept) {
    http::Request asked = request("GET", "/api/v1/reports/2026-01", manager, "");
    asked.fields.push_back({"accept", accept});
    return answer(asked);
  };
  const http::Response table = in_form("text/csv");
  EXPECT_EQ(table.content_type, "text/csv; charset=utf-8");
  EXPECT_TRUE(table.body.starts_with("month,")) << table.body.substr(0, 80);
  http::Request of_browser = request("GET", "/api/v1/reports/2026-01", manager, "");
  of_browser.fields.push_back({"accept", "text/csv"});
  of_browser.fields.push_back({"accept-language", "nl-NL,nl;q=0.9,en;q=0.5"});
  EXPECT_TRUE(answer(of_browser).body.starts_with("\xEF\xBB\xBFmonth;"));
  const http::Response page = in_form("application/pdf;q=0.9, text/html");
  EXPECT_EQ(page.content_type, "application/pdf");
  EXPECT_TRUE(page.body.starts_with("%PDF"));
  EXPECT_EQ(field(page, "Content-Disposition"), "attachment; filename=\"report-2026-01.pdf\"");
  EXPECT_EQ(in_form("image/png").status, 406);
  EXPECT_EQ(table.body.find("u9"), std::string::npos);
  EXPECT_EQ(report.dump().find("u9"), std::string::npos);
  uint64_t records = 0;
  ASSERT_TRUE(people_->reader.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(const auto found, trail::records_of_type(trail, kReportRecord));
    records = found.size();
    return {};
  }));
  EXPECT_EQ(records, 4U);
}

TEST_F(ApiAnswersTest, a_month_is_reported_once_it_is_over_so_that_no_two_reports_differ_by_one_access) {
  const std::string manager = enter("manager", "m1", {Role::kManager});
  // Not yet over in Amsterdam, whose clock is at most two hours ahead.
  const std::string running = format_time(Time{os::now().micros + 2 * 3'600 * kMicrosPerSecond, 0}).substr(0, 7);
  const http::Response early = get("/api/v1/reports/" + running, manager);
  EXPECT_EQ(early.status, 404);
  EXPECT_THAT(early.body, ::testing::HasSubstr("it can be asked from 2"));
  EXPECT_THAT(early.body, ::testing::Not(::testing::HasSubstr(running + "-01")));
  EXPECT_EQ(get("/api/v1/reports/9998-12", manager).status, 404);
}

TEST_F(ApiAnswersTest, long_work_is_done_for_two_at_once_and_others_are_told_to_come_back) {
  const std::string manager = enter("manager", "m1", {Role::kManager});
  const auto first = people_->long_work.begin();
  EXPECT_EQ(get("/api/v1/reports/2026-01", manager).status, 200);
  {
    const auto second = people_->long_work.begin();
    const http::Response busy = get("/api/v1/reports/2026-01", manager);
    EXPECT_EQ(busy.status, 503);
    EXPECT_NE(field(busy, "Retry-After"), "");
    EXPECT_EQ(get("/api/v1/checks", manager).status, 200) << "others do not wait";
  }
  EXPECT_EQ(get("/api/v1/reports/2026-01", manager).status, 200);
}

TEST_F(ApiAnswersTest, a_leak_is_traced_under_pseudonyms_and_each_person_of_the_list_has_it_on_record) {
  append_access("e3", "u8", "111222333");
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const std::string body = nlohmann::json({{"leaked", {"bsn:123456782", "bsn:111222333"}},
                                           {"before", "2026-02-01"},
                                           {"case", "Z-9"},
                                           {"reason", "a list was found"}})
                               .dump();
  const Document traced = good("POST", "/api/v1/traces", investigator, body);
  ASSERT_EQ(traced["ranking"].size(), 2U);
  EXPECT_EQ(traced["ranking"][0]["leaked_seen"], 2);
  EXPECT_EQ(traced["summary"]["leaked_consulted"], 2);
  for (const char* const identity : {"\"u9\"", "\"u8\"", "123456782", "111222333"}) {
    EXPECT_EQ(traced.dump().find(identity), std::string::npos) << identity;
  }
  for (const char* const person : {"123456782", "111222333"}) {
    const Document uses = json(look(auditor, {{"of", std::string("bsn:") + person}}));
    const bool is_on_record = std::ranges::any_of(uses["items"], [](const Document& use) {
      return use.value("component", "") == "trace" && use["purpose"]["case"] == "Z-9";
    });
    EXPECT_TRUE(is_on_record) << Document(uses).dump(1);
  }
}

TEST_F(ApiAnswersTest, a_trace_by_pseudonyms_is_on_record_with_each_person_whom_they_mean) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  Document leaked = Document::array();
  for (const char* const person : {"123456782", "111222333"}) {
    const Document shown = json(look(auditor, {{"of", std::string("bsn:") + person}, {"limit", 1}}));
    leaked.push_back("bsn:" + shown["items"][0]["subjects"][0]["id"].get<std::string>());
  }
  const Document body = {{"leaked", leaked}, {"before", "2026-02-01"}, {"case", "Z-9"}, {"reason", "a list was found"}};
  good("POST", "/api/v1/traces", investigator, body.dump());
  for (const char* const person : {"123456782", "111222333"}) {
    size_t traces = 0;
    each_use_about(trail::OfSubject{SubjectType::kBsn, person},
                   [&traces](const AccessEvent& use) { traces += use.component == "trace" ? 1U : 0U; });
    EXPECT_EQ(traces, 1U) << person;
  }
}

TEST_F(ApiAnswersTest, a_trace_says_the_same_whether_or_not_weerbaar_was_used_about_somebody) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string other = enter("irene", "u2", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u5", {Role::kDataProtectionOfficer});
  const std::string from = format_time(os::now());
  const auto traced = [&](const std::string& leaked) {
    const Document body = {
        {"leaked", {leaked}}, {"from", from}, {"before", "2999-01-01"}, {"case", "Z-9"}, {"reason", "a list"}};
    Document answer = good("POST", "/api/v1/traces", investigator, body.dump());
    return answer;
  };
  const std::vector<std::string> leaked = {"employee:u1", "bsn:123456782", "bsn:111222333", "employee:u8"};
  std::vector<Document> before;
  for (const std::string& one : leaked) before.push_back(traced(one));
  for (const char* const about : {"employee:u1", "bsn:123456782"}) mandate_for(other, officer, about);
  EXPECT_EQ(look(other, {{"by", "u1"}, {"reveal", true}}).status, 200);
  EXPECT_EQ(look(other, {{"of", "bsn:123456782"}, {"reveal", true}}).status, 200);
  for (size_t i = 0; i < leaked.size(); ++i) EXPECT_EQ(traced(leaked[i]), before[i]) << leaked[i];
  EXPECT_EQ(before[0]["summary"]["not_counted"], 0);
  EXPECT_EQ(before[0]["summary"]["sampled_persons"], 0);
}

TEST_F(ApiAnswersTest, decisions_are_reviewed_once_and_not_by_who_asked_for_them) {
  const std::string own = std::to_string(append_decision("u6").value());
  const std::string other = std::to_string(append_decision("u9").value());
  const std::string adviser = enter("vera", "u6", {Role::kConfidentialAdviser});
  const Document open = good("GET", "/api/v1/decisions?toReview=true", adviser);
  ASSERT_EQ(open["items"].size(), 2U);
  EXPECT_EQ(open["items"][0]["decision"].dump(), other) << "the newest first";
  EXPECT_EQ(open.dump().find("123456782"), std::string::npos);
  EXPECT_EQ(open.dump().find("script"), std::string::npos) << "what somebody wrote may name people: it stays sealed";
  const std::string body = R"({"justified":true,"remark":"an emergency"})";
  EXPECT_EQ(ask("POST", "/api/v1/decisions/" + own + "/review", adviser, body).status, 403);
  EXPECT_TRUE(good("POST", "/api/v1/decisions/" + other + "/review", adviser, body)["justified"]);
  EXPECT_EQ(ask("POST", "/api/v1/decisions/" + other + "/review", adviser, body).status, 409);
  EXPECT_EQ(ask("POST", "/api/v1/decisions/1/review", adviser, body).status, 404);
  EXPECT_EQ(good("GET", "/api/v1/decisions?toReview=true", adviser)["items"].size(), 1U);
  const Document all = good("GET", "/api/v1/decisions", adviser);
  EXPECT_EQ(all["items"][0]["review"]["outcome"], "justified");
  const Document page = good("GET", "/api/v1/decisions?limit=1", adviser);
  const Document rest = good("GET", "/api/v1/decisions?limit=1&cursor=" + page["next"].get<std::string>(), adviser);
  EXPECT_EQ(rest["items"][0]["decision"].dump(), own);
  EXPECT_FALSE(rest.contains("next"));
  EXPECT_EQ(get("/api/v1/decisions?toReview=1", adviser).status, 400);
}

TEST_F(ApiAnswersTest, accounts_are_kept_by_administrators_of_whom_one_alone_lets_nobody_see_anything) {
  const std::string anna = enter("anna", "a1", {Role::kAdministrator});
  const std::string bert = enter("bert", "a2", {Role::kAdministrator});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const std::string body = R"({"name":"ghost","employee":"g1","password":"twelve or more 1"})";
  const Document made = good("POST", "/api/v1/accounts", anna, body, 201);
  EXPECT_TRUE(made["must_renew"]);
  EXPECT_THAT(made["roles"], IsEmpty());
  EXPECT_TRUE(made["otpauth_uri"].get<std::string>().starts_with("otpauth://"));
  EXPECT_EQ(ask("POST", "/api/v1/accounts", anna, body).status, 409);
  const std::string roles = "/api/v1/accounts/ghost/roles";
  // Who made it could log in by it.
  EXPECT_EQ(ask("POST", roles, anna, R"({"role":"analyst"})").status, 403);
  EXPECT_THAT(good("POST", roles, bert, R"({"role":"analyst"})")["roles"], Contains("analyst"));
  EXPECT_EQ(ask("POST", roles, bert, R"({"role":"root"})").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/accounts/bert/roles", bert, R"({"role":"employee"})").status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/accounts/anna/roles", bert, R"({"role":"analyst"})").status, 403)
      << "an administrator sees no content";
  EXPECT_THAT(good("DELETE", roles + "/analyst", anna)["roles"], IsEmpty());
  EXPECT_EQ(ask("DELETE", roles + "/analyst", anna).status, 404);
  EXPECT_EQ(ask("POST", "/api/v1/accounts/anna/disabling", anna).status, 403);
  EXPECT_TRUE(good("POST", "/api/v1/accounts/ghost/disabling", anna)["disabled"]);
  EXPECT_TRUE(good("GET", "/api/v1/accounts/ghost", anna)["disabled"]);
  const Document all = good("GET", "/api/v1/accounts", anna);
  EXPECT_EQ(all["items"].size(), 4U);
  EXPECT_EQ(all.dump().find("argon2"), std::string::npos);
  const std::vector<std::string> uses = uses_about("g1");
  for (const char* const use : {"account add", "account give-role", "account take-role", "account disable"}) {
    EXPECT_THAT(uses, Contains(use));
  }
}

TEST_F(ApiAnswersTest, a_mandate_is_shown_by_its_number_to_who_sees_it_in_the_list) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string other = enter("irene", "u5", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string number = mandate_for(investigator, officer, "employee:u5");
  const std::string target = "/api/v1/mandates/" + number;
  EXPECT_EQ(good("GET", target, investigator)["about"], "employee:u5");
  EXPECT_EQ(good("GET", target, officer)["state"], "approved");
  EXPECT_EQ(get(target, other).status, 404) << "whom it is about learns of it later";
  EXPECT_EQ(good("GET", "/api/v1/mandates", officer)["items"].size(), 1U);
}

TEST_F(ApiAnswersTest, mandates_are_listed_the_newest_first_in_pages_and_how_many_somebody_saw_is_nowhere) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  std::vector<Document> asked;
  std::string hidden;
  for (const char* const about : {"employee:u9", "employee:u2", "employee:u8", "employee:u7", "employee:u6"}) {
    now_ += kMicrosPerSecond;
    const Document number = good("POST", "/api/v1/mandates", investigator, mandate_body(about), 201)["number"];
    EXPECT_THAT(number.get<int64_t>(), ::testing::AllOf(::testing::Ge(100'000'000), ::testing::Le(999'999'999)));
    if (about == std::string("employee:u2")) {
      hidden = number.dump();
    } else {
      asked.insert(asked.begin(), number);
    }
  }
  std::vector<Document> listed;
  std::string cursor;
  for (int page = 0; page < 4; ++page) {
    const Document shown = good("GET", "/api/v1/mandates?limit=1" + cursor, officer);
    for (const Document& mandate : shown["items"]) listed.push_back(mandate["number"]);
    cursor = "&cursor=" + shown.value("next", "");
  }
  EXPECT_EQ(listed, asked);
  EXPECT_THAT(good("GET", "/api/v1/mandates?limit=1" + cursor, officer)["items"], IsEmpty());
  const std::string unknown = get("/api/v1/mandates?cursor=1", officer).body;
  for (const std::string& wrong : {hidden, std::string("x"), std::string("99999999999999999999")}) {
    const http::Response refused = get("/api/v1/mandates?cursor=" + wrong, officer);
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_EQ(refused.body, unknown) << wrong;
  }
  size_t looks = 0;
  each_use_about(trail::ByActor{"u2"}, [&looks](const AccessEvent& use) {
    if (use.component != "mandates") return;
    ++looks;
    EXPECT_FALSE(use.records);
  });
  EXPECT_EQ(looks, 5U);
}

TEST_F(ApiAnswersTest, from_a_signal_to_a_name_by_a_mandate_that_was_asked_by_the_pseudonym) {
  write_run(1, 1, {"u9", "u8"});
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const Document signals = good("GET", "/api/v1/signals", investigator);
  const std::string about = "employee:" + signals["items"][0]["actor"].get<std::string>();
  ASSERT_EQ(about, by_pseudonym("u9"));
  const Document asked = good("POST", "/api/v1/mandates", investigator, mandate_body(about), 201);
  EXPECT_EQ(asked["about"], about);
  const std::string mandate = "/api/v1/mandates/" + asked["number"].dump();
  EXPECT_EQ(get(mandate + "?reveal=true", investigator).status, 403);
  EXPECT_EQ(get("/api/v1/signals?reveal=true", investigator).status, 403);
  EXPECT_EQ(look(investigator, {{"by", "u9"}}).status, 403);
  const Document approved = good("POST", mandate + "/approval", officer);
  EXPECT_EQ(approved["about"], about);
  EXPECT_EQ(get(mandate + "?reveal=true", officer).status, 403);
  EXPECT_EQ(get(mandate + "?reveal=true", auditor).status, 403);
  EXPECT_EQ(get(mandate + "?reveal=yes", investigator).status, 400);
  EXPECT_EQ(good("GET", mandate, investigator)["about"], about);
  EXPECT_EQ(good("GET", mandate + "?reveal=true", investigator)["about"], "employee:u9");
  const Document shown = good("GET", "/api/v1/signals?reveal=true", investigator);
  EXPECT_EQ(shown["items"][0]["actor"], "u9");
  EXPECT_TRUE(shown["items"][1]["actor"].get<std::string>().starts_with("~"));
  EXPECT_EQ(look(investigator, {{"by", "u9"}, {"reveal", true}}).status, 200);
  for (const std::string& session : {investigator, officer, auditor}) {
    EXPECT_EQ(good("GET", "/api/v1/mandates", session)["items"][0]["about"], about);
    EXPECT_EQ(good("GET", mandate, session)["about"], about);
  }
  EXPECT_EQ(good("POST", mandate + "/withdrawal", officer)["about"], about);
  EXPECT_EQ(get(mandate + "?reveal=true", investigator).status, 403);
  EXPECT_EQ(good("GET", mandate, investigator)["about"], about);
}

TEST_F(ApiAnswersTest, the_name_behind_a_mandate_is_on_record_as_a_look_about_that_employee_before_it_is_told) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  std::string employee = enter("piet", "u9", {Role::kEmployee});
  const std::string number = mandate_for(investigator, officer, by_pseudonym("u9"));
  good("GET", "/api/v1/mandates/" + number, investigator);
  good("GET", "/api/v1/mandates/" + number + "?reveal=true", investigator);
  size_t looks = 0;
  for (const Document& use : uses_of("u9")) {
    if (use.value("component", "") != "mandates") continue;
    ++looks;
    EXPECT_EQ(use["attributes"]["identities_shown"], true);
    EXPECT_EQ(use["purpose"]["case"], "Z-1");
  }
  EXPECT_EQ(looks, 1U) << "the one that showed the name";
  for (const Document told = json(get("/api/v1/me/consulted", employee)); const Document& item : told["items"]) {
    EXPECT_EQ(item["by"], "u3") << "he learns of it later";
  }
  ASSERT_TRUE(writer_->finish());
  const http::Response unrecorded = get("/api/v1/mandates/" + number + "?reveal=true", investigator);
  EXPECT_EQ(unrecorded.status, 503);
  EXPECT_EQ(unrecorded.body.find("u9"), std::string::npos);
}

// Whoever it is, and whether or not there is another mandate about him, every answer is the same but for what was sent.
TEST_F(ApiAnswersTest, no_answer_before_approval_tells_who_is_behind_a_pseudonym_not_even_to_himself) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string adviser = enter("victor", "u6", {Role::kConfidentialAdviser});
  EXPECT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate_body("employee:u1")).status, 403);
  good("POST", "/api/v1/mandates", investigator, mandate_body("employee:u8"), 201);
  // Himself, one who decides, one about whom a mandate was asked by identity, and one of whom nothing is known.
  std::vector<Document> answers;
  std::vector<std::string> numbers;
  for (const char* const employee : {"u1", "u6", "u8", "u0"}) {
    const std::string about = by_pseudonym(employee);
    const http::Response response = ask("POST", "/api/v1/mandates", investigator, mandate_body(about));
    EXPECT_EQ(response.status, 201) << employee << response.body;
    Document asked = json(response);
    numbers.push_back(asked["number"].dump());
    const std::string target = "/api/v1/mandates/" + numbers.back();
    EXPECT_EQ(asked["about"], about);
    EXPECT_EQ(field(response, "Location"), target);
    EXPECT_EQ(good("GET", target, investigator), asked);
    EXPECT_THAT(good("GET", "/api/v1/mandates", investigator)["items"], Contains(asked));
    const http::Response refused = get(target + "?reveal=true", investigator);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(look(investigator, {{"by", employee}}).status, 403);
    EXPECT_EQ(look(investigator, {{"by", about.substr(9)}}).status, 403);
    asked.erase("number");
    asked.erase("about");
    asked["refused"] = refused.body;
    answers.push_back(asked);
  }
  for (const Document& one : answers) EXPECT_EQ(one, answers[0]);
  const Document of_all = good("GET", "/api/v1/mandates", officer);
  EXPECT_EQ(of_all["items"].size(), 5U);
  EXPECT_EQ(good("GET", "/api/v1/mandates", investigator), of_all);
  // The first is about who asked it: it is never approved. The second is about the adviser: for him there is none.
  const std::string of_asker = "/api/v1/mandates/" + numbers[0];
  const std::string of_adviser = "/api/v1/mandates/" + numbers[1];
  EXPECT_EQ(ask("POST", of_asker + "/approval", officer).status, 403);
  EXPECT_EQ(get(of_asker + "?reveal=true", investigator).status, 403);
  EXPECT_EQ(good("GET", "/api/v1/mandates", adviser)["items"].size(), 4U);
  const std::string none = get("/api/v1/mandates/99999", adviser).body;
  const std::vector<Asked> of_himself = {{"GET", of_adviser, adviser, ""},
                                         {"GET", of_adviser + "?reveal=true", adviser, ""},
                                         {"POST", of_adviser + "/approval", adviser, ""},
                                         {"POST", of_adviser + "/withdrawal", adviser, ""}};
  for (const auto& [method, target, session, body] : of_himself) {
    const http::Response response = ask(method, target, session, body);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.body, none) << target;
  }
  EXPECT_EQ(good("POST", of_asker + "/withdrawal", investigator)["state"], "withdrawn");
}

TEST_F(ApiAnswersTest, a_pseudonym_behind_which_is_nobody_is_refused_alike_whatever_is_wrong_with_it) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string right = by_pseudonym("u9");
  const std::string hex = right.substr(18);
  std::string large = hex;
  std::ranges::transform(large, large.begin(), [](char c) { return c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c; });
  std::vector<std::string> all_wrong = {
      "employee:~",           "employee:~2026-Q1:", "employee:~2026-Q9:" + hex,        "employee:~2025-Q4:" + hex,
      "employee:~2026-Q1:zz", right + "0",          right.substr(0, right.size() - 2), right + std::string(80, '0')};
  if (large != hex) all_wrong.push_back("employee:~2026-Q1:" + large);
  std::set<std::string> bodies;
  for (const std::string& wrong : all_wrong) {
    const http::Response response = ask("POST", "/api/v1/mandates", investigator, mandate_body(wrong));
    EXPECT_EQ(response.status, 400) << wrong;
    bodies.insert(response.body);
  }
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(ask("POST", "/api/v1/mandates", investigator, mandate_body("bsn:" + right.substr(9))).status, 400);
  EXPECT_THAT(good("GET", "/api/v1/mandates", investigator)["items"], IsEmpty());
  good("POST", "/api/v1/mandates", investigator, mandate_body(right), 201);
}

TEST_F(ApiAnswersTest, processing_activities_are_found_by_person_activity_and_trace_without_an_identity) {
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const auto found = [&](const nlohmann::json& body) {
    const Document all = good("POST", "/api/v1/processing-activities", auditor, body.dump());
    EXPECT_EQ(all.dump().find("123456782"), std::string::npos);
    EXPECT_EQ(all.dump().find("u9"), std::string::npos);
    return all["processingActivities"];
  };
  const Document by_person =
      found({{"dpl.core.data_subject_id", "123456782"}, {"dpl.core.data_subject_id_type", "BSN"}});
  ASSERT_EQ(by_person.size(), 1U);
  EXPECT_EQ(found({{"dpl.core.processing_activity_id", "https://register.example/inning"}}).size(), 2U);
  EXPECT_EQ(found({{"dpl.core.processing_activity_id", "https://register.example/none"}}).size(), 0U);
  const Document by_trace = found({{"traceId", by_person[0]["traceId"]}});
  EXPECT_EQ(by_trace, by_person);
  EXPECT_EQ(found({{"dpl.core.data_subject_id", "123456782"}, {"startTime", kAccessTime / 1'000 + 1}}).size(), 0U);
  EXPECT_EQ(ask("POST", "/api/v1/processing-activities", auditor, R"({"startTime":1})").status, 400);
  const std::string pseudonym = by_person[0]["attributes"]["dpl.core.data_subject_id"];
  EXPECT_EQ(found({{"dpl.core.data_subject_id", pseudonym}}).size(), 1U);
}

TEST_F(ApiAnswersTest, accesses_of_a_quarter_that_began_since_the_server_did_are_found) {
  const std::string auditor = enter("abel", "u3", {Role::kAuditor});
  const nlohmann::json about = {{"of", "bsn:123456782"}};
  EXPECT_EQ(json(look(auditor, about))["items"].size(), 1U);
  AccessEvent event;
  event.id = "later";
  event.source = "bvr";
  event.time = Time{kAccessTime + 100 * kMicrosPerDay, 0};
  event.actor.id = "u9";
  event.system = "BVR";
  const Subject subject{SubjectType::kBsn, "123456782", ""};
  event.subjects = {&subject, 1};
  ASSERT_TRUE(writer_->append({&event, 1}));
  const Document found = json(look(auditor, about));
  const auto later = std::ranges::count_if(found["items"], [](const Document& item) { return item["id"] == "later"; });
  EXPECT_EQ(later, 1) << found.dump(1);
}

TEST_F(ApiAnswersTest, nothing_is_shown_or_done_that_cannot_be_recorded) {
  append_check(1);
  write_run(1, 1, {"u9"});
  const std::string decision = std::to_string(append_decision("u9").value());
  const std::string analyst = enter("ali", "u4", {Role::kAnalyst});
  const std::string adviser = enter("vera", "u6", {Role::kConfidentialAdviser});
  const std::string admin = enter("anna", "a1", {Role::kAdministrator});
  const std::string judged = R"({"justified":true,"remark":""})";
  const std::vector<Asked> looks = {
      {"GET", "/api/v1/checks", analyst, ""},
      {"GET", "/api/v1/checks/1", analyst, ""},
      {"GET", "/api/v1/signals", analyst, ""},
      {"GET", "/api/v1/reports/2026-01", analyst, ""},
      {"GET", "/api/v1/decisions", adviser, ""},
      {"GET", "/api/v1/mandates", adviser, ""},
      {"GET", "/api/v1/accounts", admin, ""},
      {"GET", "/api/v1/accounts/ali", admin, ""},
      {"POST", "/api/v1/consultations", analyst, R"({"of":"bsn:123456782"})"},
      {"POST", "/api/v1/processing-activities", analyst, R"({"dpl.core.data_subject_id":"123456782"})"}};
  for (const Asked& look : looks) {
    EXPECT_EQ(ask(look.method, look.target, look.session, look.body).status, 200) << look.target;
  }
  ASSERT_TRUE(writer_->finish());
  std::vector<Asked> all = looks;
  all.push_back({"POST", "/api/v1/signals/1/feedback", analyst, judged});
  all.push_back({"POST", "/api/v1/decisions/" + decision + "/review", adviser, judged});
  all.push_back({"POST", "/api/v1/accounts/ali/disabling", admin, ""});
  for (const Asked& one : all) {
    const http::Response response = ask(one.method, one.target, one.session, one.body);
    EXPECT_EQ(response.status, 503) << one.target << response.body;
    EXPECT_EQ(response.content_type, "application/problem+json") << one.target;
  }
  EXPECT_FALSE(accounts_->find("ali")->disabled);
  EXPECT_FALSE(os::real_file_system().exists(reading_->path() + "/feedback/1.json"));
}

TEST_F(ApiAnswersTest, hostile_text_comes_back_as_data_in_every_field_that_is_shown) {
  const std::string investigator = enter("ingrid", "u1", {Role::kInvestigator});
  const std::string officer = enter("fatima", "u2", {Role::kDataProtectionOfficer});
  const std::string admin = enter("anna", "a1", {Role::kAdministrator});
  const std::string hostile = kHostile.substr(0, 64);
  AccessEvent event;
  event.id = "hostile";
  event.source = "bvr";
  event.time = Time{kAccessTime, 0};
  event.actor.id = "u9";
  event.actor.function = hostile;
  event.system = "<b>BVR</b>";
  event.component = "\"><svg onload=alert(1)>";
  event.purpose.case_id = hostile;
  event.purpose.reason = kHostile;
  const Subject subject{SubjectType::kOther, hostile, "<i>"};
  event.subjects = {&subject, 1};
  const auto appended = writer_->append({&event, 1});
  ASSERT_TRUE(appended && appended->empty()) << (appended ? (*appended)[0].error.text : appended.error().text);
  const std::string asked = nlohmann::json({{"case", hostile},
                                            {"ground", kHostile},
                                            {"about", "employee:u9"},
                                            {"from", format_time(Time{now_, 0})},
                                            {"to", format_time(Time{now_ + 7 * kMicrosPerDay, 0})}})
                                .dump();
  const Document mandate = good("POST", "/api/v1/mandates", investigator, asked, 201);
  EXPECT_EQ(mandate["ground"], kHostile);
  good("POST", "/api/v1/mandates/" + mandate["number"].dump() + "/approval", officer);
  const auto account = [](const std::string& employee) {
    return nlohmann::json({{"name", "x"}, {"employee", employee}, {"password", "twelve or more 1"}}).dump();
  };
  EXPECT_EQ(ask("POST", "/api/v1/accounts", admin, account(hostile)).status, 400)
      << "it turns the direction of reading";
  const std::string seen = hostile.substr(0, hostile.find('\xe2') - 1);
  EXPECT_EQ(good("POST", "/api/v1/accounts", admin, account(seen), 201)["employee"], seen);
  const std::vector<Asked> looks = {{"POST", "/api/v1/consultations", investigator, R"({"by":"u9","reveal":true})"},
                                    {"GET", "/api/v1/mandates", officer, ""},
                                    {"GET", "/api/v1/accounts", admin, ""},
                                    {"GET", "/api/v1/accounts/x", admin, ""}};
  for (const auto& [method, target, session, body] : looks) {
    const http::Response response = ask(method, target, session, body);
    ASSERT_EQ(response.status, 200) << target << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_TRUE(is_utf8(response.body));
    EXPECT_TRUE(json(response).is_object()) << target;
    EXPECT_NE(response.body.find("<script>"), std::string::npos) << "as it was, for JSON is no page";
    EXPECT_THAT(field(response, "Content-Security-Policy"), ::testing::HasSubstr("default-src 'none'"));
    http::Response written = response;
    EXPECT_THAT(http::format_head(written, {}), ::testing::HasSubstr("X-Content-Type-Options: nosniff"));
    EXPECT_THAT(http::format_head(written, {}), ::testing::HasSubstr("Cache-Control: no-store"));
  }
  // Control characters are refused, wherever they come in.
  for (const char* const member : {"case", "ground", "about"}) {
    nlohmann::json body = nlohmann::json::parse(asked);
    body[member] = body[member].get<std::string>() + "\x01\n";
    EXPECT_EQ(ask("POST", "/api/v1/mandates", investigator, body.dump()).status, 400) << member;
  }
}

}  // namespace
}  // namespace weerbaar::server::testing
