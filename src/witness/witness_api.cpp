#include "witness/witness_api.h"

#include <fmt/format.h>

#include <utility>

namespace weerbaar::witness {
namespace {

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr uint32_t kRetrySeconds = 10;
// Monitors may see a checkpoint so much later.
constexpr const char* kCheckpointKept = "public, max-age=5";
constexpr size_t kConnectionsMax = 1'024;
constexpr size_t kConnectionsOfAClientMax = 32;

http::Response text_response(std::string text, std::string type = kText) {
  http::Response response;
  response.content_type = std::move(type);
  response.body = std::move(text);
  return response;
}

}  // namespace

http::Limits witness_limits(double requests_a_second) {
  http::Limits limits;
  limits.connections_max = kConnectionsMax;
  limits.connections_a_client_max = kConnectionsOfAClientMax;
  limits.requests_a_second = requests_a_second;
  limits.requests_burst = 2 * requests_a_second;
  limits.body_bytes_max = trail::kAddCheckpointBytesMax;
  limits.bodies_bytes_max = kConnectionsMax * trail::kAddCheckpointBytesMax;
  return limits;
}

void WitnessApi::add_routes(http::Router& router) {
  router.add({"POST",
              "/add-checkpoint",
              "add-checkpoint",
              [this](http::Request& request, const http::PathArguments&) { return add_checkpoint(request); },
              {},
              trail::kAddCheckpointBytesMax});
  router.add({"GET",
              "/health",
              "health",
              [](http::Request&, const http::PathArguments&) { return text_response("ok\n"); },
              {}});
  router.add(
      {"GET", "/metrics", "metrics", [this](http::Request&, const http::PathArguments&) { return metrics(); }, {}});
  router.add({"GET",
              "/{origin}/checkpoint",
              "checkpoint",
              [this](http::Request&, const http::PathArguments& arguments) { return checkpoint(arguments[0]); },
              {}});
}

http::Response WitnessApi::add_checkpoint(const http::Request& request) {
  Answer answer = witness_.add_checkpoint(request.body);
  const int status = static_cast<int>(answer.outcome);
  {
    const std::lock_guard lock(mutex_);
    ++by_status_[status];
  }
  if (observe_) observe_(answer);
  switch (answer.outcome) {
    case Outcome::kCosigned:
      return text_response(std::move(answer.body));
    case Outcome::kOtherSize: {
      http::Response response = text_response(std::move(answer.body), std::string(trail::kTreeSizeMediaType));
      response.status = status;
      return response;
    }
    case Outcome::kUnavailable:
      return http::problem_retry(status, answer.why, kRetrySeconds);
    default:
      return http::problem(status, answer.why);
  }
}

http::Response WitnessApi::checkpoint(const std::string& origin_hash) const {
  auto note = witness_.checkpoint(origin_hash);
  if (note) {
    http::Response response = text_response(std::move(*note));
    response.fields.push_back({"Cache-Control", kCheckpointKept});
    return response;
  }
  if (note.error().code == Code::kNotFound) return http::problem(404, note.error().text);
  return http::problem_retry(503, "the witness cannot read what it cosigned: its operator must look", kRetrySeconds);
}

http::Response WitnessApi::metrics() const {
  std::string text =
      "# HELP weerbaar_witness_requests_total Checkpoints that were handed in, by the status of the answer.\n"
      "# TYPE weerbaar_witness_requests_total counter\n";
  const std::lock_guard lock(mutex_);
  for (const auto& [status, count] : by_status_) {
    text += fmt::format("weerbaar_witness_requests_total{{status=\"{}\"}} {}\n", status, count);
  }
  return text_response(std::move(text), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace weerbaar::witness
