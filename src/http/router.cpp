#include "http/router.h"

#include <algorithm>

#include "base/check.h"

namespace weerbaar::http {
namespace {

std::optional<unsigned> hexadecimal(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const auto high = i + 1 < text.size() ? hexadecimal(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : std::nullopt;
      if (!high || !low) return std::nullopt;
      decoded += static_cast<char>(*high << 4U | *low);
      i += 2;
    }
  }
  return decoded;
}

// Takes the front of `path` up to the next '/'.
std::string_view take_segment(std::string_view& path) {
  const size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

// The arguments as they are written; nothing when the path is another.
std::optional<std::vector<std::string_view>> match(std::string_view route, std::string_view path) {
  const bool takes_rest = route.ends_with("...}");
  const auto slashes = std::ranges::count(route, '/');
  const auto there_are = std::ranges::count(path, '/');
  if (takes_rest ? there_are < slashes : there_are != slashes) return std::nullopt;
  std::vector<std::string_view> arguments;
  while (!route.empty() || !path.empty()) {
    const std::string_view wanted = take_segment(route);
    if (takes_rest && route.empty()) {
      if (path.empty()) return std::nullopt;
      arguments.push_back(path);
      return arguments;
    }
    const std::string_view there = take_segment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != there) return std::nullopt;
    } else if (there.empty()) {
      return std::nullopt;
    } else {
      arguments.push_back(there);
    }
  }
  return arguments;
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

}  // namespace

void Router::add(Route route) {
  WEERBAAR_CHECK(std::ranges::none_of(
      routes_, [&](const Route& other) { return other.method == route.method && other.path == route.path; }));
  WEERBAAR_CHECK(route.method != "GET" || route.body_bytes_max == 0);
  routes_.push_back(std::move(route));
}

Router::Found Router::find(const Request& request) const {
  std::string allowed;
  const Route* other = nullptr;
  for (const Route& route : routes_) {
    const auto written = match(route.path, request.path());
    if (!written) continue;
    if (!answers(route, request.method)) {
      other = &route;
      const std::string_view methods = route.method == "GET" ? "GET, HEAD" : route.method;
      if (allowed.find(methods) != std::string::npos) continue;
      allowed += allowed.empty() ? "" : ", ";
      allowed += methods;
      continue;
    }
    Found found{&route, {}, std::nullopt};
    for (const std::string_view argument : *written) {
      auto decoded = decode(argument, false);
      if (!decoded) return {&route, {}, problem(400, "the path holds a % that escapes nothing")};
      found.arguments.push_back(std::move(*decoded));
    }
    return found;
  }
  if (other == nullptr) return {nullptr, {}, problem(404, "there is nothing at this path")};
  Response refusal = problem(405, "the path takes another method");
  refusal.fields.push_back({"Allow", allowed});
  return {other, {}, std::move(refusal)};
}

std::expected<Admission, Response> Router::admit(const Request& head) {
  Found found = find(head);
  std::expected<std::string, Response> sender;
  if (found.refusal) {
    sender = std::unexpected(std::move(*found.refusal));
  } else if (found.route->admit) {
    sender = found.route->admit(head);
  }
  if (sender) {
    const size_t most = sender->empty() ? kBodyBytesOfUnknownMax : kBodyBytesOfServer;
    return Admission{std::move(*sender), std::min(found.route->body_bytes_max, most)};
  }
  if (found.route != nullptr) sender.error().route = found.route->name;
  put_marks(head, sender.error());
  return std::unexpected(std::move(sender.error()));
}

void Router::put_marks(const Request& request, Response& response) const {
  for (const Mark& mark : marks_) {
    if (request.path().starts_with(mark.path_begin)) response.fields.push_back(mark.field);
  }
}

Response Router::handle(Request& request) {
  Found found = find(request);
  Response response = found.refusal ? std::move(*found.refusal) : found.route->answer(request, found.arguments);
  if (found.route != nullptr) response.route = found.route->name;
  put_marks(request, response);
  return response;
}

void Router::form(const Request& head, Response& refusal) {
  const Found found = find(head);
  if (found.route != nullptr) refusal.route = found.route->name;
  if (!found.refusal && found.route->form) found.route->form(head, refusal);
  put_marks(head, refusal);
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (decode(pair.substr(0, equals), true) != name) continue;
    return decode(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return std::nullopt;
}

}  // namespace weerbaar::http
