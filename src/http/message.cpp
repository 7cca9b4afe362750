#include "http/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace weerbaar::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};
constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool is_safe(const Response& response) {
  return !breaks_line(response.content_type) && std::ranges::none_of(response.fields, [](const Field& field) {
    return field.name.empty() || breaks_line(field.name) || breaks_line(field.value) ||
           field.name.find(':') != std::string::npos;
  });
}

// IMF-fixdate of RFC 9110, whatever the locale.
void append_date(std::string& to, int64_t unix_seconds) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  const std::time_t seconds = unix_seconds;
  gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(to), "Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
                 kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday, kMonths[static_cast<size_t>(utc.tm_mon)],
                 utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

// What is written here is ours and UTF-8.
std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string_view Request::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

std::string Request::media_type() const {
  std::string_view said = field("content-type");
  said = said.substr(0, said.find(';'));
  while (said.ends_with(' ') || said.ends_with('\t')) said.remove_suffix(1);
  std::string type(said);
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return type;
}

std::string_view reason_phrase(int status) {
  const auto* const found = std::ranges::find(kPhrases, status, &Phrase::status);
  return found == std::end(kPhrases) ? "Unknown" : found->text;
}

Response problem(int status, std::string_view detail) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body =
      fmt::format(R"({{"title":"{}","status":{},"detail":"{}"}})", reason_phrase(status), status, json_text(detail));
  return response;
}

Response problem_retry(int status, std::string_view detail, uint32_t seconds) {
  Response response = problem(status, detail);
  response.fields.push_back({"Retry-After", std::to_string(seconds)});
  return response;
}

std::string format_head(Response& response, const ResponseHead& head) {
  if (!is_safe(response)) {
    const std::string_view route = response.route;
    response = problem(500, "the answer could not be written");
    response.route = route;
  }
  std::string text;
  text.reserve(384);
  fmt::format_to(std::back_inserter(text), "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_date(text, head.unix_seconds);
  // These two have no body by definition, and no length of it.
  if (response.status != 204 && response.status != 304) {
    fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", response.body.size());
  }
  if (!response.content_type.empty()) {
    fmt::format_to(std::back_inserter(text), "Content-Type: {}\r\n", response.content_type);
  }
  for (const Field& field : response.fields) {
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", field.name, field.value);
  }
  // Nothing is kept by anybody, unless the handler says otherwise.
  if (std::ranges::find(response.fields, "Cache-Control", &Field::name) == response.fields.end()) {
    text += "Cache-Control: no-store\r\n";
  }
  text += "X-Content-Type-Options: nosniff\r\n";
  if (head.secure) text += "Strict-Transport-Security: max-age=31536000\r\n";
  if (!head.keep_alive) {
    text += "Connection: close\r\n";
  } else if (head.version_1_0) {
    text += "Connection: keep-alive\r\n";
  }
  text += "\r\n";
  return text;
}

}  // namespace weerbaar::http
