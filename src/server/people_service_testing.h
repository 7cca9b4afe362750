// For tests only: all of the API of the server around one data directory, and the OpenAPI document beside it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decide/decision_record.h"
#include "domain/access_event_json.h"
#include "os/testing.h"
#include "people/testing.h"
#include "register/fact_file.h"
#include "server/checks.h"
#include "server/fact_import.h"
#include "server/log_service.h"
#include "server/people_service.h"
#include "server/policies.h"
#include "server/signal_files.h"
#include "service/decision_api.h"
#include "service/document_testing.h"
#include "service/intake_api.h"
#include "service/operations_api.h"
#include "service/source_api.h"
#include "trail/store/needle.h"
#include "trail/store/search.h"

namespace weerbaar::server::testing {

using people::Role;
using people::Roles;
using service::Document;
using service::Operation;

inline constexpr std::string_view kOwnPassword = "heel iets anders 7";
// What somebody may try to have shown as more than text.
inline const std::string kHostile =
    "<script>alert('x')</script> \" ' & \\ {{7*7}} ${x} \xe2\x80\xae"
    "evil\xe2\x80\xac \xf0\x9f\x98\x80\xcc\x88'; DROP TABLE account; --";

class ApiTest : public ::testing::Test, protected people::Office {
 protected:
  void SetUp() override {
    const std::string path = directory_.path() + "/data";
    os::FileSystem& files = os::real_file_system();
    ASSERT_TRUE(DataDirectory::create(files, path, "example.org/reads", path + ".keys", 84).has_value());
    data_ = std::make_unique<DataDirectory>(std::move(*DataDirectory::open(files, path, "")));
    reading_ = std::make_unique<DataDirectory>(std::move(*DataDirectory::open(files, path, "")));
    const std::string address = "sqlite:" + directory_.path() + "/people.db";
    open_people(address);
    auto trail = std::move(*data_->open_trail());
    adopt_policy(*trail);
    writer_ = std::make_unique<service::EventWriter>(std::move(trail), [this] { return data_->open_trail(); });
    auto store = people::Store::open(std::move(*sql::Database::open(address)), people::test_box(),
                                     [this] { return Time{now_, 0}; });
    ASSERT_TRUE(store) << (store ? "" : store.error().text);
    ASSERT_TRUE(data_->keys());
    reading_->use_keys_of(*data_);
    people_ = std::make_unique<PeopleService>(std::move(*store), *writer_, *reading_, log_);
    people_->use_oidc({});
    intake_ = std::make_unique<service::NetworkIntake>(*writer_, files, path);
    intake_api_ = std::make_unique<service::IntakeApi>(*intake_, metrics_, log_);
    decision_api_ = std::make_unique<service::DecisionApi>(point_, *writer_, **data_->keys(), metrics_, log_);
    operations_ = std::make_unique<service::OperationsApi>(*writer_, metrics_);
    intake_api_->add_routes(router_);
    decision_api_->add_routes(router_);
    operations_->add_routes(router_);
    people_->add_routes(router_);
    log_service_ = std::move(*LogService::open(*data_, *writer_, log_));
    log_service_->add_routes(router_);
    const auto reports = [] {
      service::SourceReport report;
      report.source = "bvr";
      return std::vector<service::SourceReport>{report};
    };
    source_api_ = std::make_unique<service::SourceApi>(reports, people_->record, people_->guard);
    source_api_->add_routes(router_);
    append_access("e1", "u9", "123456782");
    append_access("e2", "u9", "111222333");
  }
  void TearDown() override {
    source_api_.reset();
    log_service_.reset();
    people_.reset();
    EXPECT_TRUE(writer_->finish());
  }

  void adopt_policy(trail::Trail& trail) {
    purpose::Policy policy;
    policy.name = "control";
    policy.adopted_on = "2026-01-01";
    policy.adopted_by = "test";
    policy.rules = purpose::standard_policy_rules();
    ASSERT_TRUE(adopt(*data_, trail, std::move(policy)).has_value());
  }
  void append_access(std::string_view id, std::string_view employee, std::string_view person) {
    AccessEvent event;
    event.id = id;
    event.source = "bvr";
    event.time = Time{kAccessTime, 0};
    event.actor.id = employee;
    event.system = "BVR";
    event.purpose.processing_activity = "https://register.example/inning";
    const Subject subject{SubjectType::kBsn, person, ""};
    event.subjects = {&subject, 1};
    const auto appended = writer_->append({&event, 1});
    ASSERT_TRUE(appended) << appended.error().text;
    ASSERT_THAT(*appended, ::testing::IsEmpty());
  }
  EntryIndex append_record(std::string_view type, const std::string& body) {
    const trail::NewRecord record{type, body};
    return writer_->append_records({&record, 1}).value();
  }
  void append_check(uint64_t number) {
    append_record(kCheckRecord, nlohmann::json({{"check", number},
                                                {"checked", 2},
                                                {"explained", 1},
                                                {"flagged", 0},
                                                {"unexplained", 1},
                                                {"policy", 1},
                                                {"size", 4}})
                                    .dump());
  }
  void write_run(uint64_t run, uint64_t first, const std::vector<std::string>& employees) {
    std::vector<nlohmann::ordered_json> lines;
    for (const std::string& employee : employees) {
      const std::string actor =
          trail::actor_pseudonym(**reading_->keys(), trail::period_of(Time{kAccessTime, 0}), employee).value();
      const nlohmann::ordered_json rule = {
          {"rule", "near"}, {"score", 3.0}, {"events", {1}}, {"why", "looked nearby"}, {"why_nl", "keek dichtbij"}};
      lines.push_back({{"rank", lines.size() + 1},
                       {"actor", actor},
                       {"score", 3.0},
                       {"rule", "near"},
                       {"events", {1}},
                       {"why", "looked nearby"},
                       {"from", "2026-01-05T00:00:00Z"},
                       {"to", "2026-01-19T00:00:00Z"},
                       {"why_nl", "keek dichtbij"},
                       {"rules", nlohmann::ordered_json::array({rule})},
                       {"signal", first + lines.size()}});
    }
    const nlohmann::ordered_json head = {{"first", first}, {"run", run}, {"policy", 1}, {"budget", 5.0}};
    ASSERT_TRUE(write_signals(*reading_, run, head, lines).has_value());
  }
  EntryIndex append_decision(const std::string& employee) {
    decide::Question question;
    question.asker = decide::Question::Asker::kEmployee;
    question.employee = employee;
    question.person_type = SubjectType::kBsn;
    question.person = "123456782";
    question.action = Action::kRead;
    question.system = "BVR";
    question.reason = kHostile;
    question.break_glass = true;
    decide::Decision decision;
    decision.permit = true;
    decision.grounds = {{decide::Condition::kBreakGlass, ""}};
    decision.obligations.review = true;
    decide::Call call;
    call.application = "web";
    call.at = Time{kAccessTime, 0};
    call.trace_id = "5b8efff798038103d269b633813fc60c";
    call.span_id = "eee19b7ec3c1b174";
    const trail::Period period = trail::period_of(call.at);
    const trail::Pseudonymiser* const key = (*reading_->keys())->period_or_create(period).value();
    return append_record(decide::record_type(decision),
                         decide::record_of(call, 0, question, decision, {1, 1, "aa", 0, "bb"}, period, *key));
  }

  // Logged in, with a password of its own.
  std::string enter(const std::string& name, const std::string& employee, const Roles& roles) {
    const people::Account account = make(name, employee, roles);
    EXPECT_TRUE(accounts_->renew(account.number, people::kTestPassword, kOwnPassword, deed(), record()));
    return *sessions_->begin(account.number);
  }
  static http::Request request(const std::string& method, const std::string& target, const std::string& session,
                               const std::string& body) {
    http::Request made;
    made.method = method;
    made.target = target;
    made.body = body;
    made.peer = "127.0.0.1";
    made.fields = {{"host", "localhost"}};
    if (!body.empty()) {
      made.fields.push_back({"content-type", "application/json"});
      made.fields.push_back({"content-length", std::to_string(body.size())});
    }
    if (!session.empty()) {
      made.fields.push_back({"cookie", std::string(service::kSessionCookie) + "=" + session});
      made.fields.push_back({"x-csrf-token", people::csrf_token(session)});
    }
    return made;
  }
  http::Response answer(http::Request made) {
    if (auto admitted = router_.admit(made); !admitted) return admitted.error();
    return router_.handle(made);
  }
  http::Response ask(const std::string& method, const std::string& target, const std::string& session,
                     const std::string& body = "") {
    return answer(request(method, target, session, body));
  }
  http::Response get(const std::string& target, const std::string& session) { return ask("GET", target, session); }
  // Whose consultations: {"by": "u9"}, and how.
  http::Response look(const std::string& session, const nlohmann::json& question) {
    return ask("POST", "/api/v1/consultations", session, question.dump());
  }
  static Document json(const http::Response& response) { return Document::parse(response.body, nullptr, false); }
  static std::string field(const http::Response& response, std::string_view name) {
    for (const http::Field& one : response.fields) {
      if (one.name == name) return one.value;
    }
    return {};
  }
  // Asks, and holds the answer against the document.
  Document good(const std::string& method, const std::string& target, const std::string& session,
                const std::string& body = "", int status = 200) {
    const http::Response response = ask(method, target, session, body);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    const std::string path = target.substr(0, target.find('?'));
    for (const Operation& operation : operations_of_document_) {
      const std::regex form(std::regex_replace(operation.path, std::regex("\\{[a-z]+\\}"), "[^/]+"));
      if (operation.method != method || !std::regex_match(path, form)) continue;
      const Document& answers = (*operation.said)["responses"];
      if (response.status != status) return {};
      const Document* const answer = service::whole(document_, answers[std::to_string(response.status)]);
      service::Problems problems;
      service::differences(document_, (*answer)["content"]["application/json"]["schema"], json(response), "", problems);
      EXPECT_THAT(problems, ::testing::IsEmpty()) << target;
      return json(response);
    }
    ADD_FAILURE() << target << " is not in the document";
    return {};
  }
  // Adds an access, of which the texts live until it returns.
  void append_event(const AccessEvent& event) {
    const auto appended = writer_->append({&event, 1});
    ASSERT_TRUE(appended && appended->empty()) << (appended ? (*appended)[0].error.text : appended.error().text);
  }
  // Looks at the uses of Weerbaar that the trail has of somebody, with identities.
  void each_use_about(const trail::Whom& whom, const std::function<void(const AccessEvent&)>& look) {
    const Status read = people_->reader.read([&](const trail::Trail& trail) -> Status {
      WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, whom, {}));
      EventBatch batch;
      for (const trail::Hit& hit : found.hits) {
        WEERBAAR_ASSIGN(const bool is_event,
                        service::read_event(trail, hit.index, trail::Disclosure::kIdentities, batch));
        if (is_event && batch.events()[0].source == kOwnSource) look(batch.events()[0]);
      }
      return {};
    });
    EXPECT_TRUE(read) << (read ? "" : read.error().text);
  }
  // Facts from a file of one table.
  void import(const std::string& table, const std::string& file) {
    const auto turn = data_->lock_register();
    ASSERT_TRUE(turn.has_value());
    const auto facts = data_->open_register().value();
    const auto delivery = facts::open_fact_file(*facts::find_table(table), file).value();
    const facts::Source source{"a.csv", std::string(64, 'a'), "test", os::now()};
    const auto with_trail = [this](const std::function<Status(trail::Trail&)>& work) {
      return writer_->between_groups(work);
    };
    const auto report = import_facts(**turn, with_trail, *facts, *delivery, {source, table, ""});
    ASSERT_TRUE(report.has_value()) << report.error().text;
    ASSERT_EQ(report->refused, 0U);
  }
  // What was done in Weerbaar about an employee, as the trail tells it to who holds the keys.
  std::vector<Document> uses_of(const std::string& employee) {
    std::vector<Document> uses;
    each_use_about(trail::OfSubject{SubjectType::kEmployee, employee},
                   [&uses](const AccessEvent& use) { uses.push_back(Document::parse(to_json(use))); });
    return uses;
  }
  std::vector<std::string> uses_about(const std::string& employee) {
    std::vector<std::string> uses;
    for (const Document& use : uses_of(employee)) uses.push_back(use.value("component", ""));
    return uses;
  }
  // With the values that stand in its path.
  static std::string target_of(const Operation& operation, const std::map<std::string, std::string>& values = {}) {
    std::string target = operation.path;
    for (size_t at = target.find('{'); at != std::string::npos; at = target.find('{')) {
      const std::string name = target.substr(at + 1, target.find('}') - at - 1);
      static const std::map<std::string, std::string> kUsual = {{"number", "99"},  {"month", "2026-01"},
                                                                {"name", "none"},  {"role", "analyst"},
                                                                {"path", "0/000"}, {"mark", "none"}};
      const auto given = values.find(name);
      target.replace(at, name.size() + 2, given == values.end() ? kUsual.at(name) : given->second);
    }
    return target;
  }
  static std::string body_of(const Operation& operation) { return operation.said->contains("requestBody") ? "{}" : ""; }

  static constexpr int64_t kAccessTime = 1'767'700'000 * kMicrosPerSecond;  // 6 January 2026

  const Document document_ = Document::parse(service::api_document());
  const std::vector<Operation> operations_of_document_ = service::operations_of(document_);
  std::FILE* log_file_ = std::tmpfile();
  service::JsonLog log_{log_file_};
  std::unique_ptr<DataDirectory> data_;
  std::unique_ptr<DataDirectory> reading_;
  std::unique_ptr<service::EventWriter> writer_;
  service::Metrics metrics_;
  decide::DecisionPoint point_;
  std::unique_ptr<service::NetworkIntake> intake_;
  std::unique_ptr<service::IntakeApi> intake_api_;
  std::unique_ptr<service::DecisionApi> decision_api_;
  std::unique_ptr<service::OperationsApi> operations_;
  http::Router router_;
  std::unique_ptr<PeopleService> people_;
  std::unique_ptr<LogService> log_service_;
  std::unique_ptr<service::SourceApi> source_api_;
};

}  // namespace weerbaar::server::testing
