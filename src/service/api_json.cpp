#include "service/api_json.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "domain/access_event.h"
#include "http/router.h"
#include "service/json_body.h"

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
  WEERBAAR_ASSIGN(const auto json, parse_object(body));
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

http::Response failure(const Error& error, JsonLog& log) {
  http::Response response = failure(error);
  constexpr int kOwnFaults = 500;
  if (response.status >= kOwnFaults) log.often("a request failed", {{"why", std::string_view(error.text)}});
  return response;
}

http::Response unrecorded(const Error& error, JsonLog& log) {
  return failure(Error{Code::kStopped, error.text}, log);
}

nlohmann::ordered_json account_json(const people::Account& account) {
  auto roles = nlohmann::ordered_json::array();
  for (const people::Role role : account.roles) roles.push_back(people::to_string(role));
  return {{"name", account.name},
          {"employee", account.employee},
          {"roles", std::move(roles)},
          {"disabled", account.disabled},
          {"must_renew", account.must_renew}};
}

std::optional<uint64_t> whole_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<size_t> read_limit(std::string_view query) {
  const auto limit = http::query_value(query, "limit");
  if (!limit) return kItemsOfPage;
  const auto number = whole_number(*limit);
  if (!number || *number < 1 || *number > kItemsOfPageMax) {
    return fail(Code::kInvalid, fmt::format("limit is 1 to {}", kItemsOfPageMax));
  }
  return *number;
}

Result<PageAsked> read_page(std::string_view query) {
  PageAsked page;
  if (const auto cursor = http::query_value(query, "cursor")) {
    const auto number = whole_number(*cursor);
    if (!number) return fail(Code::kInvalid, "cursor is what the page before gave as next");
    page.before = *number;
  }
  WEERBAAR_ASSIGN(page.limit, read_limit(query));
  return page;
}

Result<Judged> read_judged(std::string_view body) {
  WEERBAAR_ASSIGN(const auto json, parse_object(body));
  const bool is_whole = json.is_object() && json.size() == 2 && json.contains("justified") &&
                        json["justified"].is_boolean() && json.contains("remark") && json["remark"].is_string();
  if (!is_whole) {
    return fail(Code::kInvalid, R"(the body is {"justified": true or false, "remark": a text, which may be empty})");
  }
  Judged judged{json["justified"].get<bool>(), json["remark"].get<std::string>()};
  if (judged.remark.size() > kTextBytesMax) {
    return fail(Code::kInvalid, fmt::format("remark has at most {} bytes", kTextBytesMax));
  }
  return judged;
}

}  // namespace weerbaar::service
