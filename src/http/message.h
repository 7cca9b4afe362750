// A request and a response of HTTP/1.1 (RFC 9110, RFC 9112), as handlers see them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::http {

struct Field {
  std::string name;  // in requests in lower case
  std::string value;
};

struct Request {
  std::string method;  // "GET", as the client wrote it
  std::string target;  // begins with '/', or is "*"; not decoded
  std::vector<Field> fields;
  std::string body;  // whole, decompressed
  std::string peer;  // address of the client, without its port
  // Subject of the certificate that the client showed and that the authorities in the options vouch for, as in
  // RFC 2253; empty when it showed none.
  std::string certificate_subject;

  // The target up to '?', and what follows.
  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
  // The value of the first field of that name, which is given in lower case; empty when there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  // Of the body, without its parameters and in lower case: "application/json"; empty when it is not said.
  [[nodiscard]] std::string media_type() const;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  std::vector<Field> fields;  // beside those of the server: lengths, dates, and what keeps browsers careful
  // Where the request went, for logs and counts: a constant, never what the client wrote.
  std::string_view route = "none";
};

// "Not Found" for 404; "Unknown" for what RFC 9110 does not name.
std::string_view reason_phrase(int status);

// {"title": …, "status": …, "detail": …} as in RFC 9457. `detail` is UTF-8, without personal data.
Response problem(int status, std::string_view detail);
// The same, with the field Retry-After.
Response problem_retry(int status, std::string_view detail, uint32_t seconds);

struct ResponseHead {
  bool keep_alive = true;
  bool version_1_0 = false;  // of the request: keeping alive is then said
  bool secure = false;       // over TLS
  int64_t unix_seconds = 0;  // for the field Date
};
// Status line and fields, up to the empty line. A response whose fields could break out of their line is replaced by
// one with status 500 first, in place.
std::string format_head(Response& response, const ResponseHead& head);

}  // namespace weerbaar::http
