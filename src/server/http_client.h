// Asks another server over the network, by libcurl.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::server {

struct HttpQuestion {
  std::string_view whom;  // for errors: "the provider of logins"
  std::string url;
  std::string body;                                                     // empty: GET; else it is posted
  std::string_view content_type = "application/x-www-form-urlencoded";  // of the body
  std::string user;                                                     // empty: none is told
  std::string password;
  std::string authorities;  // in PEM: who vouches for the server; empty: those of the machine
  bool plain_http = false;  // HTTP too, past no proxy: for loopback, which the caller sees to
};

struct HttpAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Over TLS 1.2 or later. Follows nothing, takes at most a mebibyte, and waits ten seconds at most. Thread-safe: each
// thread keeps its last connection. kIo when there is no answer.
Result<HttpAnswer> ask_http(const HttpQuestion& question);

}  // namespace weerbaar::server
