#include "http/feed_server.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "http/client_limits.h"
#include "http/stream.h"
#include "http/tls_context.h"
#include "http/worker_pool.h"

namespace weerbaar::http {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSweep{100};
// After accept() failed, as it does when there are no file descriptors left.
constexpr std::chrono::milliseconds kAcceptRetry{100};
constexpr int kBacklog = 1'024;

std::string name_of(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

Client client_at(const asio::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return client_of(bytes);
  }
  const auto bytes = address.to_v6().to_bytes();
  return client_of(bytes);
}

Limits client_limits(const FeedOptions& options) {
  Limits limits;
  limits.connections_a_client_max = options.connections_a_client_max;
  return limits;
}

// Belongs to the thread that reads, but for the sink while a worker has it.
struct Feed {
  Feed(std::unique_ptr<Stream> from, const asio::ip::address& address, asio::io_context& context)
      : stream(std::move(from)), peer(name_of(address)), client(client_at(address)), taken(context) {}

  void close() {
    closed = true;
    stream->close();
  }

  std::unique_ptr<Stream> stream;
  std::string peer;
  Client client;
  asio::steady_timer taken;  // ends when the worker is done
  std::unique_ptr<FeedSink> sink;
  std::vector<char> buffer;
  Clock::time_point deadline = Clock::time_point::max();
  bool closed = false;
  bool gave_way = false;  // closed for another
  bool worked = false;    // the worker is done
  bool goes_on = true;
};

class RunningFeedServer final : public FeedServer {
 public:
  RunningFeedServer(const FeedOptions& options, FeedHandler& handler, std::shared_ptr<asio::ssl::context> tls)
      : options_(options),
        handler_(handler),
        tls_(std::move(tls)),
        clients_(client_limits(options)),
        // A connection has one job at a time, so none is refused.
        workers_(options.workers, options.connections_max + 1),
        acceptor_(context_),
        pause_(context_),
        sweep_(context_) {}
  ~RunningFeedServer() override { stop(); }

  Status listen(const tcp::endpoint& endpoint) {
    ErrorCode error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (error) {
      Code code = error == asio::error::address_in_use ? Code::kBusy : Code::kInvalid;
      if (error == asio::error::access_denied) code = Code::kDenied;
      return fail(code, fmt::format("cannot listen on {} port {}: {}", endpoint.address().to_string(), endpoint.port(),
                                    error.message()));
    }
    port_ = acceptor_.local_endpoint(error).port();
    asio::co_spawn(context_, accept(), asio::detached);
    asio::co_spawn(context_, sweep(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  [[nodiscard]] uint16_t port() const override { return port_; }
  [[nodiscard]] FeedStatistics statistics() const override { return {open_, accepted_, refused_, timeouts_}; }

  void stop() override {
    const std::lock_guard lock(stop_mutex_);
    if (!thread_.joinable()) return;
    asio::post(context_, [this] { begin_stopping(); });
    thread_.join();
    workers_.finish();
  }

 private:
  void begin_stopping() {
    accept_those_that_wait();
    stopping_ = true;
    drain_until_ = Clock::now() + options_.drain;
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& feed : feeds_) {
      if (feed->sink == nullptr) {
        // A sender by TLS may have written behind its part of the handshake already.
        feed->deadline = std::min(feed->deadline, drain_until_);
        continue;
      }
      feed->stream->end_below();
      if (feed->deadline != Clock::time_point::max()) feed->deadline = reading_deadline();
    }
  }

  // The kernel took their connections, and they may have sent something.
  void accept_those_that_wait() {
    ErrorCode error;
    acceptor_.non_blocking(true, error);
    while (!error) {
      tcp::socket socket(context_);
      acceptor_.accept(socket, error);
      if (!error) begin(std::move(socket));
    }
  }

  [[nodiscard]] bool is_drained() const { return stopping_ && Clock::now() >= drain_until_; }
  [[nodiscard]] Clock::time_point reading_deadline() const {
    const auto now = Clock::now();
    return stopping_ ? std::min(now + options_.drain_quiet, drain_until_) : now + options_.idle;
  }

  asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      ErrorCode error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        begin(std::move(socket));
      } else if (acceptor_.is_open() && error != asio::error::connection_aborted) {
        pause_.expires_after(kAcceptRetry);
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
    accepting_ = false;
  }

  void begin(tcp::socket socket) {
    ++accepted_;
    ErrorCode error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    const bool has_room = open_ - closing_ < options_.connections_max || close_a_stranger();
    if (error || !has_room || !clients_.connect(client_at(peer.address()), Clock::now())) {
      ++refused_;
      return;
    }
    ++open_;
    auto stream = tls_ ? make_tls_stream(std::move(socket), tls_) : make_plain_stream(std::move(socket));
    auto feed = std::make_shared<Feed>(std::move(stream), peer.address(), context_);
    feeds_.insert(feed);
    // It holds the feed until run() is over.
    asio::co_spawn(context_, run(*feed), [this, feed]([[maybe_unused]] const std::exception_ptr& thrown) {
      feed->close();
      clients_.disconnect(feed->client);
      feeds_.erase(feed);
      --open_;
      if (feed->gave_way) --closing_;
    });
  }

  // Of those that have not said who they are, the one that had longest to do so: connections that never do must not
  // keep out who does. False when there is none.
  bool close_a_stranger() {
    const auto is_stranger = [](const auto& feed) { return feed->sink == nullptr && !feed->closed; };
    std::shared_ptr<Feed> oldest;
    for (const auto& feed : feeds_) {
      if (is_stranger(feed) && (oldest == nullptr || feed->deadline < oldest->deadline)) oldest = feed;
    }
    if (oldest == nullptr) return false;
    oldest->close();
    oldest->gave_way = true;
    ++closing_;
    return true;
  }

  asio::awaitable<void> run(Feed& feed) {
    ErrorCode error;
    feed.deadline = Clock::now() + options_.handshake;
    if (stopping_) feed.deadline = std::min(feed.deadline, drain_until_);
    co_await feed.stream->begin(error);
    const std::string subject = error ? std::string() : feed.stream->certificate_subject();
    if (!error) feed.sink = handler_.begin({feed.peer, subject, feed.stream->secure()});
    if (feed.sink == nullptr) {
      ++refused_;
      co_return;
    }
    if (stopping_) feed.stream->end_below();
    feed.buffer.resize(options_.read_bytes);
    size_t size = 0;
    const std::function<void()> take = [&] { feed.goes_on = feed.sink->take({feed.buffer.data(), size}); };
    while (!feed.closed && feed.goes_on && !error && !is_drained()) {
      feed.deadline = reading_deadline();
      size = co_await feed.stream->read_some(feed.buffer, error);
      feed.deadline = Clock::time_point::max();
      if (size > 0 && !error) size += feed.stream->read_ready(std::span(feed.buffer).subspan(size));
      if (size > 0) co_await work(feed, take);
    }
    const std::function<void()> end = [&] { feed.sink->end(); };
    co_await work(feed, end);
  }

  // Has a worker do the job, and waits for it without holding up the thread.
  asio::awaitable<void> work(Feed& feed, const std::function<void()>& job) {
    feed.worked = false;
    feed.taken.expires_at(Clock::time_point::max());
    const bool given = workers_.give([this, &feed, &job] {
      try {
        job();
      } catch (...) {
        feed.goes_on = false;
      }
      asio::post(context_, [&feed] {
        feed.worked = true;
        feed.taken.cancel();
      });
    });
    ErrorCode ignored;
    while (given && !feed.worked) co_await feed.taken.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    feed.goes_on = feed.goes_on && given;
  }

  asio::awaitable<void> sweep() {
    while (accepting_ || !feeds_.empty()) {
      ErrorCode ignored;
      sweep_.expires_after(kSweep);
      co_await sweep_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      const auto now = Clock::now();
      for (const auto& feed : feeds_) {
        if (feed->closed || now < feed->deadline) continue;
        if (!stopping_) ++timeouts_;
        feed->close();
      }
    }
  }

  const FeedOptions options_;
  FeedHandler& handler_;
  const std::shared_ptr<asio::ssl::context> tls_;
  asio::io_context context_{1};
  ClientLimits clients_;
  WorkerPool workers_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::steady_timer sweep_;
  std::unordered_set<std::shared_ptr<Feed>> feeds_;
  size_t closing_ = 0;  // of feeds_: closed to make room, and not gone yet
  bool accepting_ = true;
  bool stopping_ = false;
  Clock::time_point drain_until_;
  uint16_t port_ = 0;
  std::atomic<uint64_t> open_ = 0;
  std::atomic<uint64_t> accepted_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<uint64_t> timeouts_ = 0;
  std::mutex stop_mutex_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<FeedServer>> FeedServer::open(const FeedOptions& options, FeedHandler& handler) {
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) return fail(Code::kInvalid, "the address to listen on must be one of numbers, such as 127.0.0.1 or ::1");
  std::shared_ptr<asio::ssl::context> tls;
  if (options.tls) {
    WEERBAAR_ASSIGN(tls, make_tls_context(*options.tls));
    // A sender that never reads sees that the connection ended only when nothing else waits to be read before that.
    SSL_CTX_set_num_tickets(tls->native_handle(), 0);
  }
  auto server = std::make_unique<RunningFeedServer>(options, handler, std::move(tls));
  WEERBAAR_TRY(server->listen(tcp::endpoint(address, options.port)));
  return server;
}

}  // namespace weerbaar::http
