#include "service/intake_api.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "domain/access_event_json.h"
#include "ingest/sources/otlp/json_splitter.h"
#include "service/operations_api.h"
#include "trail/store/search.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

constexpr std::string_view kSpan =
    R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"inning"}}]},)"
    R"("scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
    R"("name":"open","startTimeUnixNano":"1764068470669123456","endTimeUnixNano":"1764068470675000000",)"
    R"("attributes":[{"key":"enduser.id","value":{"stringValue":"u1"}},)"
    R"({"key":"dpl.core.data_subject_id","value":{"stringValue":"123456782"}},)"
    R"({"key":"dpl.core.data_subject_id_type","value":{"stringValue":"BSN"}}]}]}]}]})";
constexpr std::string_view kLog =
    R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"inning"}}]},)"
    R"("scopeLogs":[{"logRecords":[{"timeUnixNano":"1764068470669200000",)"
    R"("traceId":"5b8efff798038103d269b633813fc60d","spanId":"eee19b7ec3c1b174",)"
    R"("attributes":[{"key":"enduser.id","value":{"stringValue":"u1"}}]}]}]}]})";

class IntakeApiTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    writer_ =
        std::make_unique<EventWriter>(open(), [this] { return trail::Trail::open(options(), trail::Access::kAppend); });
    intake_ = std::make_unique<NetworkIntake>(*writer_, files_, "data");
    api_ = std::make_unique<IntakeApi>(*intake_, metrics_, log_);
    operations_ = std::make_unique<OperationsApi>(*writer_, metrics_);
    api_->add_routes(router_);
    operations_->add_routes(router_);
    token_ = make_token().value();
    auto senders = Senders::read({{"bvr", token_hash(token_), "", ""}}, files_, "data");
    ASSERT_TRUE(senders.has_value());
    api_->use_senders(*senders);
  }

  http::Request request(const std::string& method, const std::string& target, std::string body = "",
                        const std::string& type = "application/json") {
    http::Request made;
    made.method = method;
    made.target = target;
    made.fields = {{"authorization", "Bearer " + token_}, {"content-type", type}};
    made.body = std::move(body);
    return made;
  }
  http::Response answer(http::Request made) {
    if (auto admitted = router_.admit(made); !admitted) return admitted.error();
    return router_.handle(made);
  }
  http::Response get(const std::string& target) { return answer(request("GET", target)); }
  http::Response post(const std::string& target, std::string body, const std::string& type = "application/json") {
    return answer(request("POST", target, std::move(body), type));
  }
  static nlohmann::json json(const http::Response& response) { return nlohmann::json::parse(response.body); }

  static std::string line(int number, const std::string& source = "bvr") {
    return R"({"id":"e)" + std::to_string(number) + R"(","source":")" + source +
           R"(","time":"2026-03-02T08:00:00Z","actor":{"id":"u1"},"action":"read","system":"BVR",)"
           R"("subjects":[{"type":"bsn","id":"123456782"}]})"
           "\n";
  }
  uint64_t entries() {
    EXPECT_TRUE(writer_->finish());
    return open(trail::Access::kRead)->size().value();
  }
  std::string quarantine() {
    const auto bytes = os::read_file(files_, "data/quarantine/refused-by-network.jsonl", 16 << 20);
    return bytes ? std::string(as_text(*bytes)) : std::string();
  }

  Metrics metrics_;
  std::FILE* log_file_ = std::tmpfile();
  JsonLog log_{log_file_};
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<NetworkIntake> intake_;
  std::unique_ptr<IntakeApi> api_;
  std::unique_ptr<OperationsApi> operations_;
  http::Router router_;
  std::string token_;
};

TEST_F(IntakeApiTest, json_lines_are_durable_when_it_says_so_and_each_is_taken_once) {
  const std::string body = line(1) + line(2) + line(3);
  for (int i = 0; i < 2; ++i) {
    const auto response = post("/v1/events", body, "application/x-ndjson; charset=utf-8");
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(json(response)["accepted"], 3);
    EXPECT_EQ(json(response)["refused"], 0);
    EXPECT_EQ(response.route, "events");
  }
  EXPECT_EQ(entries(), 3U);
}

TEST_F(IntakeApiTest, what_is_refused_is_told_and_kept_and_the_others_go_in) {
  const auto response = post("/v1/events", line(1) + "{\"id\":\"secret\"\n" + line(2));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(json(response)["accepted"], 2);
  EXPECT_EQ(json(response)["refused"], 1);
  EXPECT_EQ(json(response)["refusals"][0]["line"], 2);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_NE(quarantine().find("secret"), std::string::npos);
  EXPECT_EQ(post("/v1/events", "nonsense\n").status, 422);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(IntakeApiTest, a_source_writes_as_nobody_else) {
  const auto response = post("/v1/events", line(1) + line(2, "inning") + line(3, "self") + line(4));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(json(response)["accepted"], 2);
  EXPECT_EQ(json(response)["refused"], 2);
  EXPECT_EQ(json(response)["refusals"][0]["line"], 2);
  EXPECT_EQ(json(response)["refusals"][1]["line"], 3);
  EXPECT_NE(quarantine().find("inning"), std::string::npos);
  EXPECT_EQ(metrics_.sources().find("bvr")->second.accepted, 2U);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(IntakeApiTest, otlp_traces_and_logs_are_taken_as_the_source_of_the_token) {
  const auto traces = post("/v1/traces", std::string(kSpan));
  EXPECT_EQ(traces.status, 200);
  EXPECT_EQ(traces.body, "{}");
  EXPECT_EQ(traces.content_type, "application/json");
  EXPECT_EQ(post("/v1/traces", std::string(kSpan)).body, "{}");
  EXPECT_EQ(post("/v1/logs", std::string(kLog)).body, "{}");
  EXPECT_EQ(post("/v1/logs", "{}").body, "{}");
  EXPECT_EQ(metrics_.sources().find("bvr")->second.refused, 0U);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(IntakeApiTest, otlp_says_how_many_were_rejected_and_what_is_no_json_is_an_error) {
  const std::string zero = R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz","spanId":"eee19b7ec3c1b174",)"
                           R"("attributes":[{"key":"enduser.id","value":{"stringValue":"u1"}}]}]}]}]})";
  const auto partial = post("/v1/traces", zero);
  ASSERT_EQ(partial.status, 200);
  EXPECT_EQ(json(partial)["partialSuccess"]["rejectedSpans"], "1");
  EXPECT_NE(json(partial)["partialSuccess"]["errorMessage"], "");
  const auto broken = post("/v1/logs", "{\"resourceLogs\":");
  EXPECT_EQ(broken.status, 400);
  EXPECT_EQ(json(broken)["code"], 3);
  EXPECT_EQ(post("/v1/traces", "x", "text/plain").status, 415);
}

TEST_F(IntakeApiTest, otlp_in_protobuf_is_answered_in_protobuf) {
  const std::string type = "application/x-protobuf";
  const auto file = os::read_file(os::real_file_system(),
                                  WEERBAAR_SOURCE_DIR "/tests/fuzz/corpus/ingest_otlp_protobuf_fuzz/trace", 1 << 16);
  ASSERT_TRUE(file.has_value());
  for (int i = 0; i < 2; ++i) {
    const auto response = post("/v1/traces", std::string(as_text(*file)), type);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, type);
    EXPECT_EQ(response.body, "");
  }
  EXPECT_EQ(post("/v1/logs", "", type).status, 200);
  const auto broken = post("/v1/traces", "{}", type);
  EXPECT_EQ(broken.status, 400);
  EXPECT_EQ(broken.content_type, type);
  EXPECT_TRUE(broken.body.starts_with("\x08\x03\x12"));
  EXPECT_EQ(entries(), 1U);
}

// A request with a span for each number; `more` stands in each.
std::string many_spans(int first, int count, const std::string& more = "") {
  std::string request =
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"inning"}}]},)"
      R"("scopeSpans":[{"spans":[)";
  for (int i = first; i < first + count; ++i) {
    if (i > first) request += ',';
    request += fmt::format(
        R"({{"traceId":"{:032x}","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1764068470669123456","attributes":[)"
        R"({{"key":"enduser.id","value":{{"stringValue":"u1"}}}},{}{{"key":"dpl.core.data_subject_id",)"
        R"("value":{{"stringValue":"123456782"}}}}]}})",
        i + 1, more);
  }
  return request + "]}]}]}";
}

TEST_F(IntakeApiTest, a_request_larger_than_can_be_parsed_at_once_is_taken_whole) {
  const std::string note(2'000, 'n');
  const std::string body = many_spans(0, 8'000, R"({"key":"note","value":{"stringValue":")" + note + R"("}},)");
  ASSERT_GT(body.size(), ingest::otlp::kJsonBytesMax);
  const auto response = post("/v1/traces", body);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(entries(), 8'000U);
}

// A span that is refused, of about as many bytes, before three others.
std::string refused_before_three(size_t bytes) {
  const std::string refused =
      many_spans(5, 1, R"({"key":"note","value":{"stringValue":")" + std::string(bytes, 'n') + R"("}},)");
  const size_t start = refused.find(R"({"traceId")");
  std::string body = many_spans(0, 3);
  body.insert(body.find(R"({"traceId")"),
              refused.substr(start, refused.size() - start - std::string_view("]}]}]}").size()) + ",");
  return body;
}

TEST_F(IntakeApiTest, a_large_span_that_is_refused_is_kept_whole_and_the_others_are_taken) {
  for (const size_t bytes : {size_t{20'000}, size_t{3} << 20U}) {
    const auto partial = post("/v1/traces", refused_before_three(bytes));
    EXPECT_EQ(partial.status, 200) << partial.body;
    EXPECT_EQ(json(partial)["partialSuccess"]["rejectedSpans"], "1");
    EXPECT_NE(quarantine().find(std::string(bytes, 'n')), std::string::npos);
  }
  EXPECT_EQ(entries(), 3U);  // the second time they were there already
}

TEST_F(IntakeApiTest, nothing_is_taken_of_a_request_of_which_a_refused_part_could_not_be_kept_whole) {
  const auto response = post("/v1/traces", refused_before_three(ingest::otlp::kJsonBytesMax));
  EXPECT_EQ(response.status, 413) << response.body.substr(0, 1'000);
  EXPECT_NE(json(response)["message"].get<std::string>().find("16 MiB"), std::string::npos);
  EXPECT_EQ(post("/v1/traces", std::string(100'000, 'x')).status, 400);
  EXPECT_EQ(quarantine(), "");
  EXPECT_EQ(entries(), 0U);
  const auto counted = metrics_.sources();
  EXPECT_TRUE(!counted.contains("bvr") || counted.find("bvr")->second.refused == 0U);
}

// As many lists in each other, as the value of an attribute.
std::string nested(int lists) {
  std::string value = R"({"stringValue":"x"})";
  for (int i = 0; i < lists; ++i) value = R"({"kvlistValue":{"values":[{"key":"k","value":)" + value + "}]}}";
  return value;
}

TEST_F(IntakeApiTest, of_what_nests_too_deep_one_span_is_refused_and_the_others_are_taken) {
  const std::string deep = R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
                           R"("startTimeUnixNano":"1764068470669123456","attributes":[{"key":"k","value":)" +
                           nested(30) + "}]}";
  std::string body = many_spans(0, 10);
  body.insert(body.find(R"(,{"traceId")"), "," + deep);
  const auto partial = post("/v1/traces", body);
  EXPECT_EQ(partial.status, 200);
  EXPECT_EQ(json(partial)["partialSuccess"]["rejectedSpans"], "1") << partial.body;
  EXPECT_NE(quarantine().find("kvlistValue"), std::string::npos);
  EXPECT_EQ(metrics_.sources().find("bvr")->second.accepted, 10U);
  EXPECT_EQ(metrics_.sources().find("bvr")->second.refused, 1U);
  EXPECT_EQ(entries(), 10U);
}

TEST_F(IntakeApiTest, nothing_is_taken_of_a_request_of_which_a_part_cannot_be_read) {
  const std::string bodies[] = {
      many_spans(0, 3) + "\n" + many_spans(3, 3).substr(0, 300),
      many_spans(0, 3) + "}",
      many_spans(0, 3, R"({"key":"k","value":{"doubleValue":1e999}},)"),
      R"({"resourceLogs":[],"x":)" + std::string(70, '[') + std::string(70, ']') + many_spans(0, 3).replace(0, 1, ","),
  };
  for (const std::string& body : bodies) {
    const auto response = post("/v1/traces", body);
    EXPECT_EQ(response.status, 400) << response.body;
    EXPECT_EQ(json(response)["code"], 3);
  }
  EXPECT_EQ(quarantine(), "");
  EXPECT_EQ(entries(), 0U);
}

TEST_F(IntakeApiTest, what_the_server_refuses_of_otlp_is_a_status_in_the_type_of_the_request) {
  for (const auto& [status, code] : {std::pair{400, 3}, {413, 3}, {415, 3}, {429, 8}, {500, 13}, {503, 14}}) {
    for (const char* const target : {"/v1/traces", "/v1/logs"}) {
      http::Response refusal = http::problem_retry(status, "why", 1);
      router_.form(request("POST", target), refusal);
      EXPECT_EQ(refusal.content_type, "application/json");
      EXPECT_EQ(json(refusal), (nlohmann::json{{"code", code}, {"message", "why"}}));
      EXPECT_EQ(refusal.status, status);
      EXPECT_EQ(refusal.fields.at(0).name, "Retry-After");
      http::Response binary = http::problem(status, "why");
      router_.form(request("POST", target, "", "application/x-protobuf"), binary);
      EXPECT_EQ(binary.content_type, "application/x-protobuf");
      EXPECT_EQ(binary.body, ingest::otlp::protobuf_status(code, "why"));
    }
  }
  http::Response other = http::problem(413, "why");
  router_.form(request("POST", "/v1/events"), other);
  EXPECT_EQ(other.content_type, http::problem(413, "why").content_type);
}

TEST_F(IntakeApiTest, otlp_counts_the_spans_in_a_block_that_is_refused) {
  std::string body = many_spans(0, 7);
  body.insert(body.find(R"("scopeSpans")"), R"("scope_spans":[],)");
  const auto partial = post("/v1/traces", body);
  EXPECT_EQ(json(partial)["partialSuccess"]["rejectedSpans"], "7") << partial.body;
  EXPECT_EQ(metrics_.sources().find("bvr")->second.refused, 1U);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(IntakeApiTest, lets_nobody_write_without_a_token_that_is_known_and_reads_no_body_first) {
  for (const char* const target : {"/v1/events", "/v1/traces", "/v1/logs"}) {
    for (const char* const said : {"", "Bearer wrong", "Basic eDp5"}) {
      http::Request made = request("POST", target);
      made.fields[0].value = said;
      const auto admitted = router_.admit(made);
      ASSERT_FALSE(admitted.has_value());
      EXPECT_EQ(admitted.error().status, 401);
      EXPECT_EQ(admitted.error().fields.at(0).name, "WWW-Authenticate");
    }
  }
  http::Request made = request("POST", "/v1/events", line(1));
  const auto admitted = router_.admit(made);
  ASSERT_TRUE(admitted.has_value());
  EXPECT_EQ(admitted->sender, "source bvr");
  EXPECT_EQ(admitted->body_bytes_max, http::kBodyBytesOfServer);
  // The token is taken away while the body comes.
  api_->use_senders(std::make_shared<Senders>());
  EXPECT_EQ(router_.handle(made).status, 401);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(IntakeApiTest, knows_its_paths_and_their_methods) {
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(get("/health?x=y").status, 200);
  EXPECT_EQ(answer(request("HEAD", "/health")).status, 200);
  for (const char* const target : {"/", "/nothing", "/health/", "/v1", "/../etc/passwd", "/%68ealth", "*"}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
  const auto wrong = get("/v1/events");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.fields.at(0).value, "POST");
  EXPECT_EQ(post("/metrics", "").status, 405);
  EXPECT_EQ(post("/v1/events", line(1), "text/html").status, 415);
}

TEST_F(IntakeApiTest, is_ready_only_while_events_are_taken) {
  EXPECT_EQ(get("/ready").status, 200);
  operations_->begin_stopping();
  EXPECT_EQ(get("/ready").status, 503);
  EXPECT_EQ(get("/health").status, 200);
  ASSERT_TRUE(writer_->finish());
  const auto response = post("/v1/events", line(1));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.fields.at(0).name, "Retry-After");
  const auto otlp = post("/v1/traces", std::string(kSpan));
  EXPECT_EQ(otlp.status, 503);
  EXPECT_EQ(json(otlp)["code"], 14);
}

TEST_F(IntakeApiTest, metrics_and_log_hold_nothing_of_what_was_sent) {
  post("/v1/events", line(1) + "{\"id\":\"secret\"\n");
  http::Request wrong = request("POST", "/v1/events?secret=1");
  wrong.fields[0].value = "Bearer secret";
  answer(wrong);
  const std::string metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("weerbaar_events_accepted_total 1\n"), std::string::npos) << metrics;
  std::rewind(log_file_);
  std::string log(100'000, '\0');
  log.resize(std::fread(log.data(), 1, log.size(), log_file_));
  EXPECT_NE(log.find("a sender was refused"), std::string::npos);
  for (const char* const personal : {"secret", "123456782", "u1"}) {
    EXPECT_EQ(metrics.find(personal), std::string::npos) << personal;
    EXPECT_EQ(log.find(personal), std::string::npos) << personal;
  }
}

}  // namespace
}  // namespace weerbaar::service
