#include "service/api_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace weerbaar::service {

http::Response json_answer(int status, const nlohmann::ordered_json& json) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = to_line(json);
  return response;
}

Result<std::map<std::string, std::string, std::less<>>> read_texts(std::string_view body,
                                                                   std::span<const std::string_view> names) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Code::kInvalid, "the body is to be an object in JSON");
  std::map<std::string, std::string, std::less<>> texts;
  for (const std::string_view name : names) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) {
      return fail(Code::kInvalid, fmt::format("the member \"{}\" is missing, or is no text", name));
    }
    texts.emplace(name, found->get<std::string>());
  }
  if (json.size() != names.size()) {
    return fail(Code::kInvalid, fmt::format("the members are {}, and no others", fmt::join(names, ", ")));
  }
  return texts;
}

http::Response failure(const Error& error) {
  switch (error.code) {
    case Code::kInvalid:
      return http::problem(400, error.text);
    case Code::kDenied:
      return http::problem(403, error.text);
    case Code::kNotFound:
      return http::problem(404, error.text);
    case Code::kExists:
      return http::problem(409, error.text);
    case Code::kCorrupt:
    case Code::kIo:
    case Code::kNoSpace:
    case Code::kBusy:
    case Code::kStopped:
      break;
  }
  return http::problem_retry(503, "this cannot be done now: try again later, and tell the administrator", 5);
}

}  // namespace weerbaar::service
