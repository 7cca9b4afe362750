// Finds who answers a request, by its method and path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.h"

namespace weerbaar::http {

// What stands in a path where its route has names in braces, in order and decoded. Not empty; anything else may be in
// it.
using PathArguments = std::vector<std::string>;

// Of a body: whatever the server takes.
inline constexpr size_t kBodyBytesOfServer = SIZE_MAX;
// Of who proved nothing, whatever the route takes.
inline constexpr size_t kBodyBytesOfUnknownMax = 128 * 1024;

struct Route {
  std::string_view method;  // "GET" answers HEAD too
  // "/mandates/{number}/approval": a segment in braces stands for any. "/tile/{path...}": at the end it stands for all
  // that follows, slashes too. Of routes that fit, the one that was added first answers.
  std::string_view path;
  std::string_view name;  // http::Response::route
  // What answers; called by a worker, may wait.
  std::function<Response(Request&, const PathArguments&)> answer;
  // Handler::admit, which gives Admission::sender; empty: anybody, and nobody is proved.
  std::function<std::expected<std::string, Response>(const Request& head)> admit;
  // Admission::body_bytes_max, where kBodyBytesOfUnknownMax does not count. Of a "GET" it is 0.
  size_t body_bytes_max = 0;
  // Handler::form; empty: a problem() stays one.
  std::function<void(const Request& head, Response& refusal)> form = {};
};

class Router final : public Handler {
 public:
  // Before the server opens. The texts must outlive it. No two routes have the same method and path.
  void add(Route route);
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
  // Every answer to a path that begins so gets this field too, refusals among them. Before the server opens.
  void mark(std::string_view path_begin, Field field) { marks_.push_back({path_begin, std::move(field)}); }

  // 404 for a path that no route has, 405 with the methods for one that has others, 400 for one with a bad escape.
  std::expected<Admission, Response> admit(const Request& head) override;
  Response handle(Request& request) override;
  void form(const Request& head, Response& refusal) override;

 private:
  // Nothing but its arguments, or who refuses.
  struct Found {
    const Route* route = nullptr;
    PathArguments arguments;
    std::optional<Response> refusal;
  };
  struct Mark {
    std::string_view path_begin;
    Field field;
  };
  [[nodiscard]] Found find(const Request& request) const;
  void put_marks(const Request& request, Response& response) const;

  std::vector<Route> routes_;
  std::vector<Mark> marks_;
};

// The value of a name in the query "a=1&b=two+words", decoded (application/x-www-form-urlencoded, WHATWG URL 5.1);
// nothing when it is not there, or badly escaped.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace weerbaar::http
