#include "peers/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cstring>

namespace weerbaar::benchmarks {
namespace {

std::unexpected<Error> failure(std::string_view what) {
  return fail(Code::kIo, fmt::format("HTTP: {}: {}", what, std::strerror(errno)));
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

Result<size_t> parse_size(std::string_view text, int base) {
  size_t size = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), size, base);
  if (read.ec != std::errc()) return fail(Code::kIo, "HTTP: the answer has no size");
  return size;
}

}  // namespace

Result<uint16_t> find_free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return failure("socket");
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(probe);
  if (!bound) return failure("bind");
  return ntohs(address.sin_port);
}

Status HttpClient::connect() {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return failure("socket");
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = loopback(port_);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {};
  Status status = failure("connect");
  disconnect();
  return status;
}

void HttpClient::disconnect() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  buffer_.clear();
  at_ = 0;
}

Status HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return failure("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

Status HttpClient::receive() {
  constexpr size_t kPiece = 64 << 10U;
  if (at_ > 0) buffer_.erase(0, at_);
  at_ = 0;
  const size_t had = buffer_.size();
  buffer_.resize(had + kPiece);
  const ssize_t received = recv(socket_, buffer_.data() + had, kPiece, 0);
  buffer_.resize(had + static_cast<size_t>(std::max<ssize_t>(received, 0)));
  if (received < 0) return failure("receive");
  return received == 0 ? Status(fail(Code::kIo, "HTTP: the server closed the connection")) : Status();
}

Result<std::string> HttpClient::read_line() {
  for (;;) {
    const size_t end = buffer_.find("\r\n", at_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(at_, end - at_);
      at_ = end + 2;
      return line;
    }
    WEERBAAR_TRY(receive());
  }
}

Status HttpClient::read_bytes(size_t count, std::string& to) {
  while (count > 0) {
    if (at_ == buffer_.size()) WEERBAAR_TRY(receive());
    const size_t piece = std::min(count, buffer_.size() - at_);
    to.append(buffer_, at_, piece);
    at_ += piece;
    count -= piece;
  }
  return {};
}

Status HttpClient::read_chunks(std::string& to) {
  for (;;) {
    WEERBAAR_ASSIGN(const std::string head, read_line());
    WEERBAAR_ASSIGN(const size_t size, parse_size(head, 16));
    WEERBAAR_TRY(read_bytes(size, to));
    WEERBAAR_ASSIGN(const std::string end, read_line());
    if (size == 0) return {};
  }
}

Result<std::string> HttpClient::exchange(std::string_view request, std::string_view body) {
  if (socket_ < 0) WEERBAAR_TRY(connect());
  WEERBAAR_TRY(send(request));
  WEERBAAR_TRY(send(body));
  WEERBAAR_ASSIGN(const std::string first, read_line());
  const bool is_fine = first.starts_with("HTTP/1.1 200");
  size_t size = 0;
  bool chunked = false;
  bool closes = false;
  for (;;) {
    WEERBAAR_ASSIGN(const std::string line, read_line());
    if (line.empty()) break;
    const std::string header = lower(line);
    if (header == "transfer-encoding: chunked") chunked = true;
    if (header == "connection: close") closes = true;
    constexpr std::string_view kLength = "content-length: ";
    if (header.starts_with(kLength)) {
      WEERBAAR_ASSIGN(size, parse_size(std::string_view(header).substr(kLength.size()), 10));
    }
  }
  std::string answer;
  WEERBAAR_TRY(chunked ? read_chunks(answer) : read_bytes(size, answer));
  if (closes) disconnect();
  if (!is_fine) return fail(Code::kIo, fmt::format("{}: {}", first, answer));
  return answer;
}

Result<std::string> HttpClient::post(std::string_view target, std::string_view body) {
  auto answer = exchange(fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: keep-alive\r\n"
                                     "Content-Length: {}\r\n\r\n",
                                     target, port_, body.size()),
                         body);
  if (!answer) disconnect();
  return answer;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace weerbaar::benchmarks
