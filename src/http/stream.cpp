#include "http/stream.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace weerbaar::http {
namespace {

using asio::ip::tcp;

std::string subject_of(X509* certificate) {
  std::string subject;
  BIO* const bio = BIO_new(BIO_s_mem());
  if (bio == nullptr) return subject;
  if (X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    subject.assign(data, static_cast<size_t>(size));
  }
  BIO_free_all(bio);
  return subject;
}

class PlainStream final : public Stream {
 public:
  explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<void> begin([[maybe_unused]] ErrorCode& error) override { co_return; }
  asio::awaitable<size_t> read_some(std::span<char> buffer, ErrorCode& error) override {
    const asio::mutable_buffer to(buffer.data(), buffer.size());
    co_return co_await socket_.async_read_some(to, asio::redirect_error(asio::use_awaitable, error));
  }
  // A read gave all there was.
  size_t read_ready(std::span<char> /*buffer*/) override { return 0; }
  asio::awaitable<void> write(std::string_view bytes, ErrorCode& error) override {
    const asio::const_buffer from(bytes.data(), bytes.size());
    co_await asio::async_write(socket_, from, asio::redirect_error(asio::use_awaitable, error));
  }
  asio::awaitable<void> end(ErrorCode& error) override {
    socket_.shutdown(tcp::socket::shutdown_send, error);
    co_return;
  }
  asio::awaitable<size_t> discard_some(std::span<char> buffer, ErrorCode& error) override {
    return read_some(buffer, error);
  }
  void end_below() override {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() override {
    ErrorCode ignored;
    socket_.close(ignored);
  }
  [[nodiscard]] bool secure() const override { return false; }
  [[nodiscard]] std::string certificate_subject() const override { return {}; }

 private:
  tcp::socket socket_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  asio::awaitable<void> begin(ErrorCode& error) override {
    co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
  }
  asio::awaitable<size_t> read_some(std::span<char> buffer, ErrorCode& error) override {
    const asio::mutable_buffer to(buffer.data(), buffer.size());
    co_return co_await stream_.async_read_some(to, asio::redirect_error(asio::use_awaitable, error));
  }
  size_t read_ready(std::span<char> buffer) override {
    ErrorCode error;
    stream_.next_layer().non_blocking(true, error);
    size_t size = 0;
    while (!error && size < buffer.size()) {
      size += stream_.read_some(asio::mutable_buffer(buffer.data() + size, buffer.size() - size), error);
    }
    return size;
  }
  asio::awaitable<void> write(std::string_view bytes, ErrorCode& error) override {
    const asio::const_buffer from(bytes.data(), bytes.size());
    co_await asio::async_write(stream_, from, asio::redirect_error(asio::use_awaitable, error));
  }
  asio::awaitable<void> end(ErrorCode& error) override {
    // Sends close_notify without waiting for that of the client, who need not send one.
    SSL_set_quiet_shutdown(stream_.native_handle(), 0);
    SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    ErrorCode ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }
  asio::awaitable<size_t> discard_some(std::span<char> buffer, ErrorCode& error) override {
    const asio::mutable_buffer to(buffer.data(), buffer.size());
    co_return co_await stream_.next_layer().async_read_some(to, asio::redirect_error(asio::use_awaitable, error));
  }
  void end_below() override {
    ErrorCode ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() override {
    ErrorCode ignored;
    stream_.lowest_layer().close(ignored);
  }
  [[nodiscard]] bool secure() const override { return true; }
  [[nodiscard]] std::string certificate_subject() const override {
    X509* const certificate = SSL_get0_peer_certificate(const_cast<Ssl&>(stream_).native_handle());
    return certificate == nullptr ? std::string() : subject_of(certificate);
  }

 private:
  using Ssl = asio::ssl::stream<tcp::socket>;

  std::shared_ptr<asio::ssl::context> context_;
  Ssl stream_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(tcp::socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> make_tls_stream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace weerbaar::http
