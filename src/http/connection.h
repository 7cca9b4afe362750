// One connection: reads requests, has them answered, writes the responses, one after another, within the limits.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/client_limits.h"
#include "http/limits.h"
#include "http/memory_budget.h"
#include "http/peer.h"
#include "http/request_reader.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/worker_pool.h"

namespace weerbaar::http {

// What all connections of a server share. Thread-safe.
struct Common {
  explicit Common(const ServerOptions& options, Handler& handled_by)
      : limits(options.limits),
        behind_proxy(options.behind_proxy),
        handler(handled_by),
        observe(options.observe),
        bodies(limits.bodies_bytes_max, limits.bodies_bytes_a_sender_max()),
        clients(limits),
        workers(options.workers, limits.requests_waiting_max) {}

  const Limits limits;
  const bool behind_proxy;
  Handler& handler;
  const std::function<void(const Exchange&)> observe;
  MemoryBudget bodies;
  ClientLimits clients;
  std::atomic<bool> stopping = false;
  std::atomic<uint64_t> connections_open = 0;
  std::atomic<uint64_t> connections_accepted = 0;
  std::atomic<uint64_t> connections_refused = 0;
  std::atomic<uint64_t> timeouts = 0;
  std::atomic<uint64_t> handshakes_failed = 0;
  std::atomic<uint64_t> requests_refused = 0;
  std::atomic<uint64_t> requests_handled = 0;
  WorkerPool workers;
};

// Belongs to the thread that runs its executor, which is one; all methods are called there.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Common& common, asio::any_io_executor executor, std::unique_ptr<Stream> stream, Peer peer);

  // Until the connection is over.
  asio::awaitable<void> run();
  // Closes it when its time is over; true when it did.
  bool check_deadline(Clock::time_point now);
  // The server stops: closes it when nothing is under way on it.
  void end_if_idle();
  void close();

  [[nodiscard]] const Client& client() const { return peer_.client; }

 private:
  // Bytes that are read at once, and held by each connection.
  static constexpr size_t kReadBytes = 16 * 1024;

  asio::awaitable<void> serve();
  asio::awaitable<bool> receive(RequestReader& reader);
  asio::awaitable<bool> fill();
  std::expected<Admission, Response> admit(const Request& head, const Client& client);
  asio::awaitable<bool> begin_body(RequestReader& reader, bool& answered);
  asio::awaitable<Response> answer(RequestReader& reader);
  asio::awaitable<bool> respond(Response& response, const RequestReader& reader, bool keep_alive);
  asio::awaitable<void> linger();
  void feed(RequestReader& reader);
  void expect_within(std::chrono::milliseconds time) { deadline_ = Clock::now() + time; }
  void expect_nothing() { deadline_ = Clock::time_point::max(); }

  Common& common_;
  const asio::any_io_executor executor_;
  const std::unique_ptr<Stream> stream_;
  const Peer peer_;
  std::string certificate_subject_;
  asio::steady_timer answered_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point begun_;  // the request
  bool idle_ = false;        // between requests
  bool closed_ = false;
  bool is_last_ = false;     // request that this connection may have
  bool refused_ = false;     // this request never reached the handler
  std::string method_;       // of this request
  uint64_t body_bytes_ = 0;  // of it, as it came
  std::vector<char> buffer_;
  std::string_view unread_;  // in it
};

}  // namespace weerbaar::http
