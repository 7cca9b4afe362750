// For tests only: a client that sends exactly the bytes it is told to, plain or by TLS, and waits for answers.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"

namespace weerbaar::http {

struct Answer {
  int status = 0;
  std::string head;  // with the empty line
  std::string body;

  // The value of a field; empty when there is none.
  [[nodiscard]] std::string field(std::string_view name) const {
    const std::string mark = "\r\n" + std::string(name) + ": ";
    const size_t at = head.find(mark);
    if (at == std::string::npos) return {};
    return head.substr(at + mark.size(), head.find("\r\n", at + 2) - at - mark.size());
  }
};

class TestClient {
 public:
  // Waits so long for anything before a test is taken to have failed.
  static constexpr std::chrono::milliseconds kPatience{20'000};

  explicit TestClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    WEERBAAR_CHECK(socket_ >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
    if (socket_ >= 0) ::close(socket_);
  }

  [[nodiscard]] bool connected() const { return connected_; }

  // False when the handshake fails. `trusted`: the certificate that the server must show, in a file; the client shows
  // the other two.
  bool begin_tls(const std::string& trusted, int version_max = TLS1_3_VERSION, const std::string& certificate = "",
                 const std::string& key = "") {
    context_ = SSL_CTX_new(TLS_client_method());
    WEERBAAR_CHECK(SSL_CTX_load_verify_locations(context_, trusted.c_str(), nullptr) == 1);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context_, version_max);
    if (!certificate.empty()) {
      WEERBAAR_CHECK(SSL_CTX_use_certificate_file(context_, certificate.c_str(), SSL_FILETYPE_PEM) == 1);
      WEERBAAR_CHECK(SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) == 1);
    }
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, socket_);
    SSL_set1_host(tls_, "localhost");
    return SSL_connect(tls_) == 1;
  }
  [[nodiscard]] int tls_version() const { return SSL_version(tls_); }

  // False when the connection is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                            : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }
  // The client sends no more, and listens on.
  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  // The next answer; nothing when the connection ends first.
  std::optional<Answer> receive(bool has_body = true) {
    size_t end = 0;
    while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    Answer answer;
    answer.head = read_.substr(0, end + 4);
    read_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    size_t length = 0;
    const std::string said = answer.field("Content-Length");
    std::from_chars(said.data(), said.data() + said.size(), length);
    if (!has_body) length = 0;
    while (read_.size() < length) {
      if (!more()) return std::nullopt;
    }
    answer.body = read_.substr(0, length);
    read_.erase(0, length);
    return answer;
  }
  std::optional<Answer> ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  // The server ends the connection without sending anything more.
  bool ends() { return read_.empty() && !more() && !timed_out_; }
  // Nothing comes within that time.
  bool stays_silent(std::chrono::milliseconds time) const {
    pollfd wait{socket_, POLLIN, 0};
    return ::poll(&wait, 1, static_cast<int>(time.count())) == 0;
  }

 private:
  bool more() {
    if (tls_ == nullptr || SSL_pending(tls_) == 0) {
      pollfd wait{socket_, POLLIN, 0};
      timed_out_ = ::poll(&wait, 1, static_cast<int>(kPatience.count())) == 0;
      if (timed_out_) return false;
    }
    char buffer[65'536];
    const ssize_t count =
        tls_ != nullptr ? SSL_read(tls_, buffer, sizeof buffer) : ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    read_.append(buffer, static_cast<size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool timed_out_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  std::string read_;
};

}  // namespace weerbaar::http
