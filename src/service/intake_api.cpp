#include "service/intake_api.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.h"
#include "os/file_system.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;

constexpr uint32_t kRetrySeconds = 1;
constexpr uint32_t kRetrySecondsAfterFailure = 5;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProtobuf = "application/x-protobuf";

// google.rpc.Code, as OTLP tells faults.
constexpr int kRpcInvalidArgument = 3;
constexpr int kRpcResourceExhausted = 8;
constexpr int kRpcInternal = 13;
constexpr int kRpcUnavailable = 14;
constexpr int kRpcUnauthenticated = 16;

Response json_response(int status, const nlohmann::ordered_json& json) {
  Response response;
  response.status = status;
  response.content_type = kJson;
  response.body = to_line(json);
  return response;
}

// OTLP is answered as it asks.
bool is_protobuf(const Request& request) {
  return request.media_type() == kProtobuf;
}

Response protobuf_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = kProtobuf;
  response.body = std::move(body);
  return response;
}

Response rpc_problem(const Request& request, int status, int code, std::string_view message) {
  if (is_protobuf(request)) return protobuf_response(status, ingest::otlp::protobuf_status(code, message));
  return json_response(status, {{"code", code}, {"message", message}});
}

int rpc_code(int status) {
  if (status == 429) return kRpcResourceExhausted;
  if (status == 503) return kRpcUnavailable;
  return status < 500 ? kRpcInvalidArgument : kRpcInternal;
}

// What the server refuses before a request of OTLP is here.
void form_rpc(const Request& head, Response& refusal) {
  const auto problem = nlohmann::json::parse(refusal.body, nullptr, false);
  const std::string why = problem.is_object() ? problem.value("detail", "") : std::string();
  Response formed = rpc_problem(head, refusal.status, rpc_code(refusal.status), why);
  refusal.content_type = std::move(formed.content_type);
  refusal.body = std::move(formed.body);
}

bool is_json_lines(const std::string& type) {
  return type == "application/x-ndjson" || type == "application/jsonl" || type == kJson;
}

nlohmann::ordered_json refusals_of(const Taken& taken) {
  auto list = nlohmann::ordered_json::array();
  for (const Taken::Told& told : taken.told) {
    nlohmann::ordered_json one;
    if (told.line != 0) one["line"] = told.line;
    one["reason"] = told.reason;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

IntakeApi::IntakeApi(NetworkIntake& intake, Metrics& metrics, JsonLog& log)
    : intake_(intake), metrics_(metrics), log_(log), senders_(std::make_shared<Senders>()) {}

void IntakeApi::add_routes(http::Router& router) {
  const auto admit = [this](std::string_view route, bool otlp) {
    return [this, route, otlp](const Request& head) { return sender_of(head, route, otlp); };
  };
  const auto take_kind = [this](ingest::otlp::Request kind) {
    return [this, kind](Request& request, const http::PathArguments&) { return take_otlp(request, kind); };
  };
  router.add({"POST", "/v1/events", "events",
              [this](Request& request, const http::PathArguments&) { return events(request); }, admit("events", false),
              http::kBodyBytesOfServer});
  router.add({"POST", "/v1/traces", "traces", take_kind(ingest::otlp::Request::kTraces), admit("traces", true),
              http::kBodyBytesOfServer, form_rpc});
  router.add({"POST", "/v1/logs", "logs", take_kind(ingest::otlp::Request::kLogs), admit("logs", true),
              http::kBodyBytesOfServer, form_rpc});
}

void IntakeApi::use_senders(std::shared_ptr<const Senders> senders) {
  const std::lock_guard lock(mutex_);
  senders_ = std::move(senders);
}

std::shared_ptr<const Senders> IntakeApi::senders() const {
  const std::lock_guard lock(mutex_);
  return senders_;
}

std::expected<std::string, Response> IntakeApi::sender_of(const Request& head, std::string_view route, bool otlp) {
  const auto known = senders();
  if (const Sender* const sender = known->find(head)) return "source " + sender->source;
  log_.often("a sender was refused", {{"route", route}});
  constexpr std::string_view kWhy = "a token or a certificate of a source is needed, and this is none that is known";
  Response refusal = otlp ? rpc_problem(head, 401, kRpcUnauthenticated, kWhy) : http::problem(401, kWhy);
  refusal.fields.push_back({"WWW-Authenticate", "Bearer"});
  return std::unexpected(std::move(refusal));
}

// What could not be made durable is to be sent again.
Response IntakeApi::failed(const Request& request, const Error& error, bool otlp) {
  if (error.code == Code::kInvalid) {
    return otlp ? rpc_problem(request, 400, kRpcInvalidArgument, error.text) : http::problem(400, error.text);
  }
  const bool busy = error.code == Code::kBusy;
  if (!busy) log_.often("events could not be written", {{"why", std::string_view(error.text)}});
  const std::string_view why = busy ? "too many events are waiting to be written: send these again later"
                                    : "the events could not be written: send them again later";
  const uint32_t seconds = busy ? kRetrySeconds : kRetrySecondsAfterFailure;
  if (!otlp) return http::problem_retry(503, why, seconds);
  Response response = rpc_problem(request, 503, kRpcUnavailable, why);
  response.fields.push_back({"Retry-After", std::to_string(seconds)});
  return response;
}

void IntakeApi::count(const Sender& sender, const Taken& taken) {
  metrics_.count_source(sender.source, taken.accepted, taken.refused, os::now(), taken.waiting);
}

Response IntakeApi::refuse_whole(const Request& request, const Taken& taken) {
  log_.often("a request of OTLP was refused whole", {{"why", std::string_view(taken.too_large)}});
  return rpc_problem(request, 413, kRpcInvalidArgument, taken.too_large);
}

Response IntakeApi::events(Request& request) {
  const auto known = senders();
  const Sender* const sender = known->find(request);
  // Its token was taken away while the body came.
  if (sender == nullptr) return http::problem(401, "the token is not known any more");
  if (!is_json_lines(request.media_type())) {
    return http::problem(415, "events come as JSON Lines: Content-Type application/x-ndjson");
  }
  const auto taken = intake_.take_lines(request.body, *sender);
  if (!taken) return failed(request, taken.error(), false);
  count(*sender, *taken);
  nlohmann::ordered_json json = {{"accepted", taken->accepted}, {"refused", taken->refused}};
  if (taken->refused > 0) json["refusals"] = refusals_of(*taken);
  return json_response(taken->accepted == 0 && taken->refused > 0 ? 422 : 200, json);
}

Response IntakeApi::take_otlp(Request& request, ingest::otlp::Request kind) {
  const auto known = senders();
  const Sender* const sender = known->find(request);
  if (sender == nullptr) return rpc_problem(request, 401, kRpcUnauthenticated, "the token is not known any more");
  const bool protobuf = is_protobuf(request);
  if (!protobuf && request.media_type() != kJson) {
    return rpc_problem(request, 415, kRpcInvalidArgument,
                       "OTLP comes as application/json or application/x-protobuf: say which in Content-Type");
  }
  ingest::otlp::RequestBody body{request.body};
  if (protobuf) body.protobuf = kind;
  const auto taken = intake_.take_otlp(body, *sender);
  if (!taken) return failed(request, taken.error(), true);
  if (!taken->too_large.empty()) return refuse_whole(request, *taken);
  count(*sender, *taken);
  const std::string_view why = taken->told.empty() ? std::string_view() : taken->told.front().reason;
  if (protobuf) return protobuf_response(200, ingest::otlp::protobuf_response(taken->refused_records, why));
  if (taken->refused == 0) return json_response(200, nlohmann::ordered_json::object());
  const bool of_spans = kind == ingest::otlp::Request::kTraces;
  const nlohmann::ordered_json partial = {
      {of_spans ? "rejectedSpans" : "rejectedLogRecords", std::to_string(taken->refused_records)},
      {"errorMessage", why}};
  return json_response(200, {{"partialSuccess", partial}});
}

}  // namespace weerbaar::service
