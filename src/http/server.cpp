#include "http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "http/connection.h"
#include "http/peer.h"
#include "http/stream.h"
#include "http/tls_context.h"

namespace weerbaar::http {
namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds kSweep{100};
// After accept() failed, as it does when there are no file descriptors left.
constexpr std::chrono::milliseconds kAcceptRetry{100};
constexpr int kBacklog = 1'024;

// A thread, and the connections that belong to it.
class Loop {
 public:
  explicit Loop(Common& common) : common_(common), sweep_(context_) {}

  void start() {
    asio::co_spawn(context_, sweep(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  asio::io_context& context() { return context_; }

  // In its thread.
  void begin(std::unique_ptr<Stream> stream, Peer peer) {
    auto connection =
        std::make_shared<Connection>(common_, context_.get_executor(), std::move(stream), std::move(peer));
    connections_.insert(connection);
    // What a connection lets out, as when memory is short, ends that connection only.
    asio::co_spawn(context_, connection->run(),
                   [this, connection]([[maybe_unused]] const std::exception_ptr& thrown) { end(connection); });
  }

  // From another thread.
  void end_idle() {
    asio::post(context_, [this] {
      for (const auto& connection : connections_) connection->end_if_idle();
    });
  }
  void close_all() {
    asio::post(context_, [this] {
      for (const auto& connection : connections_) connection->close();
    });
  }
  // Returns when the last connection is over.
  void finish() {
    asio::post(context_, [this] {
      finishing_ = true;
      sweep_.cancel();
    });
    if (thread_.joinable()) thread_.join();
  }

 private:
  void end(const std::shared_ptr<Connection>& connection) {
    connection->close();
    common_.clients.disconnect(connection->client());
    connections_.erase(connection);
    common_.connections_open.fetch_sub(1);
  }

  asio::awaitable<void> sweep() {
    while (!finishing_ || !connections_.empty()) {
      ErrorCode ignored;
      sweep_.expires_after(kSweep);
      co_await sweep_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      const auto now = Connection::Clock::now();
      for (const auto& connection : connections_) {
        if (connection->check_deadline(now)) common_.timeouts.fetch_add(1, std::memory_order_relaxed);
      }
    }
  }

  Common& common_;
  asio::io_context context_{1};
  asio::steady_timer sweep_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  bool finishing_ = false;
  std::thread thread_;
};

class RunningServer final : public Server {
 public:
  RunningServer(const ServerOptions& options, Handler& handler, std::shared_ptr<asio::ssl::context> tls)
      : common_(options, handler), secure_(tls != nullptr), tls_(std::move(tls)) {
    for (size_t i = 0; i < std::max<size_t>(options.io_threads, 1); ++i) {
      loops_.push_back(std::make_unique<Loop>(common_));
    }
  }
  ~RunningServer() override { stop(std::chrono::milliseconds(0)); }

  Status listen(const tcp::endpoint& endpoint) {
    acceptor_.emplace(loops_.front()->context());
    ErrorCode error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) acceptor_->set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(kBacklog, error);
    if (error) return cannot_listen(endpoint, error);
    port_ = acceptor_->local_endpoint(error).port();
    asio::co_spawn(loops_.front()->context(), accept(), asio::detached);
    for (const auto& loop : loops_) loop->start();
    return {};
  }

  [[nodiscard]] uint16_t port() const override { return port_; }

  [[nodiscard]] Statistics statistics() const override {
    Statistics now;
    now.connections_open = common_.connections_open;
    now.connections_accepted = common_.connections_accepted;
    now.connections_refused = common_.connections_refused;
    now.timeouts = common_.timeouts;
    now.handshakes_failed = common_.handshakes_failed;
    now.requests_refused = common_.requests_refused;
    now.requests_handled = common_.requests_handled;
    now.body_bytes_held = common_.bodies.used();
    now.requests_waiting = common_.workers.waiting();
    return now;
  }

  Status use_tls(const TlsOptions& tls) override {
    if (!secure_) return fail(Code::kInvalid, "this server speaks plain HTTP: it has no use for a certificate");
    WEERBAAR_ASSIGN(auto context, make_tls_context(tls));
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(context);
    return {};
  }

  void stop(std::chrono::milliseconds grace) override {
    const std::lock_guard lock(stop_mutex_);
    if (stopped_) return;
    stopped_ = true;
    common_.stopping = true;
    close_acceptor();
    for (const auto& loop : loops_) loop->end_idle();
    const auto until = std::chrono::steady_clock::now() + grace;
    while (common_.connections_open > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::min(grace, std::chrono::milliseconds(5)));
    }
    for (const auto& loop : loops_) loop->close_all();
    common_.workers.finish();
    for (const auto& loop : loops_) loop->finish();
  }

 private:
  static Status cannot_listen(const tcp::endpoint& endpoint, const ErrorCode& error) {
    Code code = Code::kInvalid;
    std::string_view remedy = "choose an address of this machine";
    if (error == asio::error::address_in_use) {
      code = Code::kBusy;
      remedy = "another program listens there; stop it, or choose another port";
    }
    if (error == asio::error::access_denied) {
      code = Code::kDenied;
      remedy = "a port below 1024 needs a right of its own; choose a higher one";
    }
    return fail(code, fmt::format("cannot listen on {} port {} ({}): {}", endpoint.address().to_string(),
                                  endpoint.port(), error.message(), remedy));
  }

  // The acceptor belongs to the thread of the first loop.
  void close_acceptor() {
    if (!acceptor_ || port_ == 0) return;
    std::promise<void> closed;
    asio::post(loops_.front()->context(), [this, &closed] {
      ErrorCode ignored;
      acceptor_->close(ignored);
      closed.set_value();
    });
    closed.get_future().wait();
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(loops_.front()->context());
    for (size_t next = 0; acceptor_->is_open(); next = (next + 1) % loops_.size()) {
      ErrorCode error;
      Loop& loop = *loops_[next];
      tcp::socket socket =
          co_await acceptor_->async_accept(loop.context(), asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        take(loop, std::move(socket));
      } else if (acceptor_->is_open() && error != asio::error::connection_aborted) {
        pause.expires_after(kAcceptRetry);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
  }

  void take(Loop& loop, tcp::socket socket) {
    common_.connections_accepted.fetch_add(1, std::memory_order_relaxed);
    ErrorCode error;
    const tcp::endpoint endpoint = socket.remote_endpoint(error);
    if (error) return;
    Peer peer = peer_of(endpoint.address());
    if (common_.connections_open >= common_.limits.connections_max ||
        !common_.clients.connect(peer.client, Connection::Clock::now())) {
      common_.connections_refused.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    common_.connections_open.fetch_add(1);
    socket.set_option(tcp::no_delay(true), error);
    std::unique_ptr<Stream> stream;
    if (secure_) {
      const std::lock_guard lock(tls_mutex_);
      stream = make_tls_stream(std::move(socket), tls_);
    } else {
      stream = make_plain_stream(std::move(socket));
    }
    asio::post(loop.context(),
               [&loop, peer = std::move(peer), held = std::make_shared<std::unique_ptr<Stream>>(std::move(stream))] {
                 loop.begin(std::move(*held), peer);
               });
  }

  Common common_;
  const bool secure_;
  std::mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::optional<tcp::acceptor> acceptor_;
  uint16_t port_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, Handler& handler) {
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) return fail(Code::kInvalid, "the address to listen on must be one of numbers, such as 127.0.0.1 or ::1");
  if (!options.tls && !address.is_loopback()) {
    return fail(Code::kDenied,
                "plain HTTP is for a loopback address only (127.0.0.1 or ::1): give a certificate for another one");
  }
  if (options.tls && options.behind_proxy) {
    return fail(Code::kInvalid, "what a proxy says of clients is believed on plain HTTP only, of the same machine");
  }
  std::shared_ptr<asio::ssl::context> tls;
  if (options.tls) {
    WEERBAAR_ASSIGN(tls, make_tls_context(*options.tls));
  }
  auto server = std::make_unique<RunningServer>(options, handler, std::move(tls));
  WEERBAAR_TRY(server->listen(tcp::endpoint(address, options.port)));
  return server;
}

}  // namespace weerbaar::http
