// As much of HTTP/1.1 as it takes to talk to a server on this machine: POST over one connection that stays open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::benchmarks {

// A port that nobody listens on, on the loopback interface, at this moment.
Result<uint16_t> find_free_port();

class HttpClient {
 public:
  explicit HttpClient(uint16_t port) : port_(port) {}
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() { disconnect(); }

  // The body of the answer. kIo when there is no connection, or the answer is not 200: its body is the text then.
  // `target` is a path with a query, percent-encoded. Connects when needed.
  Result<std::string> post(std::string_view target, std::string_view body);

 private:
  Status connect();
  void disconnect();
  Status send(std::string_view bytes);
  // Reads more into buffer_.
  Status receive();
  Result<std::string> read_line();
  Status read_bytes(size_t count, std::string& to);
  Status read_chunks(std::string& to);
  Result<std::string> exchange(std::string_view request, std::string_view body);

  uint16_t port_;
  int socket_ = -1;
  std::string buffer_;  // received, and not used up to at_
  size_t at_ = 0;
};

std::string percent_encode(std::string_view text);

}  // namespace weerbaar::benchmarks
