// The bytes of one connection, plain or by TLS, behind one type, so that what HTTP does is compiled once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weerbaar::http {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

// For one thread. Errors come by the argument; nothing is thrown.
class Stream {
 public:
  virtual ~Stream() = default;

  // What TLS begins with; nothing on a plain connection.
  virtual asio::awaitable<void> begin(ErrorCode& error) = 0;
  // Waits for something; 0 with an error at the end.
  virtual asio::awaitable<size_t> read_some(std::span<char> buffer, ErrorCode& error) = 0;
  // More of what is there already, without waiting; 0: nothing is, or the end, which read_some() then tells. One read
  // gives no more than a record of TLS, and many a sender makes one of each line.
  virtual size_t read_ready(std::span<char> buffer) = 0;
  virtual asio::awaitable<void> write(std::string_view bytes, ErrorCode& error) = 0;
  // Says that nothing more is sent.
  virtual asio::awaitable<void> end(ErrorCode& error) = 0;
  // After end(): reads whatever still comes, without understanding it.
  virtual asio::awaitable<size_t> discard_some(std::span<char> buffer, ErrorCode& error) = 0;
  // Says so to the connection below, and to nothing that encrypts above it, while something may be read: who writes
  // without listening sees it, and what he wrote before can be read on.
  virtual void end_below() = 0;
  // At once; what waits above gets an error.
  virtual void close() = 0;

  [[nodiscard]] virtual bool secure() const = 0;
  // Of the certificate of the client, once begin() is over: http::Request::certificate_subject.
  [[nodiscard]] virtual std::string certificate_subject() const = 0;
};

std::unique_ptr<Stream> make_plain_stream(asio::ip::tcp::socket socket);
// Keeps `context` as long as it lives.
std::unique_ptr<Stream> make_tls_stream(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context);

}  // namespace weerbaar::http
