#include "service/decision_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "domain/access_event_json.h"
#include "os/file_system.h"
#include "trail/privacy/period.h"

namespace weerbaar::service {
namespace {

using decide::Decision;
using decide::Question;
using http::Request;
using http::Response;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvaluation = "/access/v1/evaluation";
constexpr std::string_view kEvaluations = "/access/v1/evaluations";
constexpr std::string_view kMetadata = "/.well-known/authzen-configuration";
constexpr uint32_t kRetrySeconds = 1;
constexpr uint32_t kRetrySecondsAfterFailure = 5;
constexpr size_t kRequestIdBytesMax = 256;
constexpr size_t kHostBytesMax = 256;
constexpr int64_t kMicrosPerMilli = 1'000;
// W3C Trace Context: 00-TRACE-PARENT-FLAGS.
constexpr size_t kTraceDigits = 32;
constexpr size_t kSpanDigits = 16;
constexpr size_t kTraceParentBytes = 55;

// 400, 401, 403 and 500 have a text for a body, as the API wants it.
Response text_response(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string(text) + "\n";
  return response;
}

// Every answer has it, those too that the server gives by itself.
void repeat_request_id(const Request& request, Response& response) {
  const std::string_view id = request.field("x-request-id");
  if (!id.empty()) response.fields.push_back({"X-Request-ID", std::string(id)});
}

Response json_response(std::string body) {
  Response response;
  response.content_type = kJson;
  response.body = std::move(body);
  return response;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

// Takes the trace of the application over, or begins one; its own span it has in any case.
Status trace(const Request& request, decide::Call& call) {
  std::array<uint8_t, (kTraceDigits + kSpanDigits) / 2> random{};
  WEERBAAR_TRY(os::fill_random(random));
  const std::string digits = to_hex(random);
  call.span_id = digits.substr(kTraceDigits);
  call.trace_id = digits.substr(0, kTraceDigits);
  const std::string_view said = request.field("traceparent");
  if (said.size() < kTraceParentBytes || said.starts_with("ff") || said[2] != '-' || said[35] != '-') return {};
  const std::string_view trace_id = said.substr(3, kTraceDigits);
  const std::string_view parent = said.substr(36, kSpanDigits);
  if (!is_hex(trace_id) || !is_hex(parent)) return {};
  call.trace_id = trace_id;
  call.parent_span_id = parent;
  return {};
}

// An application that asks about one system need not say which.
Status settle_system(const Application& application, Question& question) {
  if (question.system.empty() && application.systems.size() == 1) question.system = application.systems.front();
  if (question.system.empty()) {
    return fail(Code::kInvalid, "context.system is missing: this application asks about several systems");
  }
  if (application.may_ask_about(question.system)) return {};
  return fail(Code::kDenied, "context.system is none that this application may ask about");
}

int status_of(const Error& error) {
  return error.code == Code::kDenied ? 403 : 400;
}

void append_error(std::string& to, const Error& error) {
  fmt::format_to(std::back_inserter(to), R"({{"decision":false,"context":{{"error":{{"status":{},"message":)",
                 status_of(error));
  append_json_string(to, error.text);
  to += "}}}";
}

void append_decision(std::string& to, const Decision& decision, uint64_t entry, const decide::Versions& versions) {
  const auto out = std::back_inserter(to);
  fmt::format_to(out, R"({{"decision":{},"context":{{"id":"{}","reasons":)", decision.permit, entry);
  decide::append_grounds(to, decision.grounds, true);
  if (!decision.obligations.empty()) {
    to += R"(,"obligations":)";
    decide::append_obligations(to, decision.obligations);
  }
  if (decision.break_glass_would_open) to += R"(,"break_glass":"would_open")";
  fmt::format_to(out, R"(,"policies":{{"decision_policy":{},"control_policy":{}}},"register_import":{}}}}})",
                 versions.decision_policy, versions.control_policy, versions.import);
}

// Whether the answers that follow are not wanted any more.
bool ends(decide::Semantic semantic, bool permit) {
  return (semantic == decide::Semantic::kDenyOnFirstDeny && !permit) ||
         (semantic == decide::Semantic::kPermitOnFirstPermit && permit);
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']';
  });
}

}  // namespace

DecisionApi::DecisionApi(const decide::DecisionPoint& point, EventWriter& writer, trail::KeyStore& keys,
                         Metrics& metrics, JsonLog& log)
    : point_(point),
      writer_(writer),
      keys_(keys),
      metrics_(metrics),
      log_(log),
      applications_(std::make_shared<Applications>(std::vector<Application>())) {}

void DecisionApi::add_routes(http::Router& router) {
  const auto add = [&](std::string_view path, std::string_view name, bool may_be_batch) {
    router.add(
        {"POST", path, name,
         [this, may_be_batch](Request& request, const http::PathArguments&) { return answer(request, may_be_batch); },
         [this, name](const Request& head) { return sender_of(head, name); }, decide::kRequestBytesMax,
         repeat_request_id});
  };
  add(kEvaluation, "evaluation", false);
  add(kEvaluations, "evaluations", true);
  router.add({"GET",
              kMetadata,
              "authzen_configuration",
              [this](Request& request, const http::PathArguments&) { return metadata(request); },
              {}});
}

void DecisionApi::use_applications(std::shared_ptr<const Applications> applications, std::string base_url) {
  const std::lock_guard lock(mutex_);
  applications_ = std::move(applications);
  base_url_ = std::move(base_url);
}

std::shared_ptr<const Applications> DecisionApi::applications() const {
  const std::lock_guard lock(mutex_);
  return applications_;
}

std::expected<std::string, Response> DecisionApi::sender_of(const Request& head, std::string_view route) {
  const auto known = applications();
  if (const Application* const application = known->find(head)) return "application " + application->name;
  log_.often("an application was refused", {{"route", route}});
  Response refusal =
      text_response(401, "a token or a certificate of an application is needed, and this is none that is known");
  refusal.fields.push_back({"WWW-Authenticate", "Bearer"});
  repeat_request_id(head, refusal);
  return std::unexpected(std::move(refusal));
}

Response DecisionApi::answer(const Request& request, bool may_be_batch) {
  Response response = evaluate(request, may_be_batch);
  repeat_request_id(request, response);
  return response;
}

Response DecisionApi::evaluate(const Request& request, bool may_be_batch) {
  const auto known = applications();
  const Application* const application = known->find(request);
  // Its token was taken away while the body came.
  if (application == nullptr) return text_response(401, "the token is not known any more");
  if (request.media_type() != kJson) return http::problem(415, "a question comes as Content-Type application/json");
  if (request.field("x-request-id").size() > kRequestIdBytesMax) {
    return text_response(400, fmt::format("X-Request-ID is longer than {} bytes", kRequestIdBytesMax));
  }
  auto asked = may_be_batch ? decide::read_evaluations(request.body) : decide::read_evaluation(request.body);
  if (!asked) return text_response(400, asked.error().text);
  return decide_all(request, *application, *asked);
}

Response DecisionApi::decide_all(const Request& request, const Application& application, decide::Request& asked) {
  const auto knowledge = point_.knowledge();
  if (knowledge == nullptr) {
    log_.often(
        "a decision was asked for, and none can be taken: the facts are being read, or no control policy is in force",
        {{"application", std::string_view(application.name)}});
    return http::problem_retry(503, "the facts are being read, or no control policy was adopted: see the log",
                               kRetrySecondsAfterFailure);
  }
  decide::Call call;
  call.application = application.name;
  // As the record tells it, so that the decision can be taken again from it.
  call.at = Time{floor_div(os::now().micros, kMicrosPerMilli) * kMicrosPerMilli, 0};
  call.is_batch = asked.is_batch;
  call.items = asked.questions.size();
  call.request_id = request.field("x-request-id");
  if (const Status traced = trace(request, call); !traced) return failed(traced.error());
  std::vector<Answered> answered;
  for (Result<Question>& question : asked.questions) {
    if (question) {
      const Status settled = settle_system(application, *question);
      if (!settled) question = std::unexpected(settled.error());
    }
    if (!question && !asked.is_batch) return text_response(status_of(question.error()), question.error().text);
    Decision decision = question ? knowledge->decide(*question, call.at) : Decision();
    const bool permit = decision.permit;
    answered.push_back({std::move(question), std::move(decision)});
    if (ends(asked.semantic, permit)) break;
  }
  const auto first = record(call, answered, knowledge->versions());
  if (!first) return failed(first.error());
  std::string body = asked.is_batch ? R"({"evaluations":[)" : "";
  for (size_t i = 0; i < answered.size(); ++i) {
    const auto& [question, decision] = answered[i];
    if (i > 0) body += ',';
    if (question) {
      append_decision(body, decision, first->value() + i, knowledge->versions());
    } else {
      append_error(body, question.error());
    }
    metrics_.count_decision(decision.permit, question ? to_string(decision.decisive) : "error");
  }
  if (asked.is_batch) body += "]}";
  return json_response(std::move(body));
}

Result<EntryIndex> DecisionApi::record(const decide::Call& call, std::span<const Answered> answered,
                                       const decide::Versions& versions) {
  const trail::Period period = trail::period_of(call.at);
  WEERBAAR_ASSIGN(const trail::Pseudonymiser* const key, keys_.period_or_create(period));
  std::vector<std::string> bodies;
  bodies.reserve(answered.size());
  std::vector<trail::NewRecord> records;
  for (size_t i = 0; i < answered.size(); ++i) {
    const auto& [question, decision] = answered[i];
    bodies.push_back(decide::record_of(call, i, question, decision, versions, period, *key));
    records.push_back({decide::record_type(decision), bodies.back()});
  }
  return writer_.append_records(records);
}

// What is not on record is not decided.
Response DecisionApi::failed(const Error& error) {
  const bool busy = error.code == Code::kBusy;
  if (!busy) log_.often("decisions could not be recorded", {{"why", std::string_view(error.text)}});
  if (busy) return http::problem_retry(429, "too many decisions wait to be recorded: ask again later", kRetrySeconds);
  return http::problem_retry(503, "the decision could not be recorded, so it was not taken: ask again later",
                             kRetrySecondsAfterFailure);
}

Response DecisionApi::metadata(const Request& request) const {
  std::string base;
  {
    const std::lock_guard lock(mutex_);
    base = base_url_;
  }
  if (base.empty()) {
    const std::string_view host = request.field("host");
    if (!is_host(host)) return text_response(400, "the field Host names no host");
    base = fmt::format("https://{}", host);
  }
  std::string body = R"({"policy_decision_point":)";
  append_json_string(body, base);
  for (const auto& [name, path] :
       {std::pair{"access_evaluation_endpoint", kEvaluation}, std::pair{"access_evaluations_endpoint", kEvaluations}}) {
    fmt::format_to(std::back_inserter(body), ",\"{}\":", name);
    append_json_string(body, fmt::format("{}{}", base, path));
  }
  return json_response(body + "}");
}

}  // namespace weerbaar::service
