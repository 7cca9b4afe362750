#include "server/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "os/file_system.h"
#include "server/console.h"

namespace weerbaar::server {
namespace {

using http::Request;
using http::Response;

constexpr uint32_t kRetrySeconds = 1;
constexpr uint32_t kRetrySecondsAfterFailure = 5;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProtobuf = "application/x-protobuf";

// google.rpc.Code, as OTLP tells faults.
constexpr int kRpcInvalidArgument = 3;
constexpr int kRpcUnavailable = 14;
constexpr int kRpcUnauthenticated = 16;

Response json_response(int status, const nlohmann::ordered_json& json) {
  Response response;
  response.status = status;
  response.content_type = kJson;
  response.body = to_line(json);
  return response;
}

Response text_response(int status, std::string text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

// The type without its parameters, in lower case.
std::string media_type(const Request& request) {
  std::string_view said = request.field("content-type");
  said = said.substr(0, said.find(';'));
  while (said.ends_with(' ') || said.ends_with('\t')) said.remove_suffix(1);
  std::string type(said);
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return type;
}

// OTLP is answered as it asks.
bool is_protobuf(const Request& request) {
  return media_type(request) == kProtobuf;
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

struct Api::Route {
  std::string_view path;
  std::string_view name;
  std::string_view method;
  bool by_sender;  // only for who may write events
  bool otlp;
  Response (Api::*answer)(Request&);
};

const Api::Route* Api::find_route(std::string_view path) {
  static constexpr Route kRoutes[] = {
      {"/health", "health", "GET", false, false, &Api::health},
      {"/ready", "ready", "GET", false, false, &Api::ready},
      {"/metrics", "metrics", "GET", false, false, &Api::metrics},
      {"/v1/events", "events", "POST", true, false, &Api::events},
      {"/v1/traces", "traces", "POST", true, true, &Api::traces},
      {"/v1/logs", "logs", "POST", true, true, &Api::logs},
  };
  const Route* const found = std::ranges::find(kRoutes, path, &Route::path);
  return found == std::end(kRoutes) ? nullptr : found;
}

Api::Api(EventWriter& writer, NetworkIntake& intake, Metrics& metrics, JsonLog& log)
    : writer_(writer), intake_(intake), metrics_(metrics), log_(log), senders_(std::make_shared<Senders>()) {}

void Api::use_senders(std::shared_ptr<const Senders> senders) {
  const std::lock_guard lock(mutex_);
  senders_ = std::move(senders);
}

void Api::use_statistics(std::function<http::Statistics()> statistics) {
  const std::lock_guard lock(mutex_);
  statistics_ = std::move(statistics);
}

std::shared_ptr<const Senders> Api::senders() const {
  const std::lock_guard lock(mutex_);
  return senders_;
}

std::optional<Response> Api::admit(const Request& head) {
  const Route* const route = find_route(head.path());
  if (route == nullptr) return http::problem(404, "there is nothing at this path");
  const bool read = route->method == "GET" && (head.method == "GET" || head.method == "HEAD");
  if (!read && head.method != route->method) {
    Response refusal = http::problem(405, "the path takes another method");
    refusal.fields.push_back({"Allow", route->method == "GET" ? "GET, HEAD" : std::string(route->method)});
    refusal.route = route->name;
    return refusal;
  }
  if (!route->by_sender || senders()->find(head) != nullptr) return std::nullopt;
  log_.often("a sender was refused", {{"route", route->name}});
  constexpr std::string_view kWhy = "a token or a certificate of a source is needed, and this is none that is known";
  Response refusal = route->otlp ? rpc_problem(head, 401, kRpcUnauthenticated, kWhy) : http::problem(401, kWhy);
  refusal.fields.push_back({"WWW-Authenticate", "Bearer"});
  refusal.route = route->name;
  return refusal;
}

Response Api::handle(Request& request) {
  const Route* const route = find_route(request.path());
  if (route == nullptr) return http::problem(404, "there is nothing at this path");
  Response response = (this->*route->answer)(request);
  response.route = route->name;
  return response;
}

Response Api::health([[maybe_unused]] Request& request) {
  return text_response(200, "ok\n");
}

Response Api::ready([[maybe_unused]] Request& request) {
  if (stopping_) return text_response(503, "stopping\n");
  // The error may name places on this machine, which are nobody's business here: the log has it.
  if (!writer_.state()) return text_response(503, "the trail takes no events: see the log\n");
  return text_response(200, "ready\n");
}

Response Api::metrics([[maybe_unused]] Request& request) {
  std::function<http::Statistics()> statistics;
  {
    const std::lock_guard lock(mutex_);
    statistics = statistics_;
  }
  const bool is_ready = !stopping_ && writer_.state().has_value();
  Response response =
      text_response(200, metrics_.text(statistics ? statistics() : http::Statistics(), writer_.totals(), is_ready));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

// What could not be made durable is to be sent again.
Response Api::failed(const Request& request, const Error& error, bool otlp) {
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

Result<Taken> Api::take(Request& request, std::string_view format, const Sender& sender) {
  auto taken = intake_.take(request.body, format, sender);
  if (taken) metrics_.count_source(sender.source, taken->accepted, taken->refused, os::now());
  return taken;
}

Response Api::events(Request& request) {
  const auto known = senders();
  const Sender* const sender = known->find(request);
  // Its token was taken away while the body came.
  if (sender == nullptr) return http::problem(401, "the token is not known any more");
  if (!is_json_lines(media_type(request))) {
    return http::problem(415, "events come as JSON Lines: Content-Type application/x-ndjson");
  }
  const auto taken = take(request, "jsonl", *sender);
  if (!taken) return failed(request, taken.error(), false);
  nlohmann::ordered_json json = {{"accepted", taken->accepted}, {"refused", taken->refused}};
  if (taken->refused > 0) json["refusals"] = refusals_of(*taken);
  return json_response(taken->accepted == 0 && taken->refused > 0 ? 422 : 200, json);
}

Response Api::traces(Request& request) {
  return take_otlp(request, ingest::otlp::Request::kTraces);
}

Response Api::logs(Request& request) {
  return take_otlp(request, ingest::otlp::Request::kLogs);
}

Response Api::take_otlp(Request& request, ingest::otlp::Request kind) {
  const auto known = senders();
  const Sender* const sender = known->find(request);
  if (sender == nullptr) return rpc_problem(request, 401, kRpcUnauthenticated, "the token is not known any more");
  const bool protobuf = is_protobuf(request);
  if (!protobuf && media_type(request) != kJson) {
    return rpc_problem(request, 415, kRpcInvalidArgument,
                       "OTLP comes as application/json or application/x-protobuf: say which in Content-Type");
  }
  if (protobuf) {
    auto json = ingest::otlp::json_of_protobuf(request.body, kind);
    if (!json) return failed(request, json.error(), true);
    request.body = std::move(*json);
  }
  const auto taken = take(request, "otlp", *sender);
  if (!taken) return failed(request, taken.error(), true);
  const std::string_view why = taken->told.empty() ? std::string_view() : taken->told.front().reason;
  if (protobuf) return protobuf_response(200, ingest::otlp::protobuf_response(taken->refused, why));
  if (taken->refused == 0) return json_response(200, nlohmann::ordered_json::object());
  if (taken->accepted == 0 && !nlohmann::json::accept(request.body)) {
    return rpc_problem(request, 400, kRpcInvalidArgument, "the body is no JSON");
  }
  const bool of_spans = kind == ingest::otlp::Request::kTraces;
  const nlohmann::ordered_json partial = {
      {of_spans ? "rejectedSpans" : "rejectedLogRecords", std::to_string(taken->refused)}, {"errorMessage", why}};
  return json_response(200, {{"partialSuccess", partial}});
}

}  // namespace weerbaar::server
