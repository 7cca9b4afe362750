// Takes streams of bytes from senders that get no answer, as syslog is sent, by TLS or by TCP. A sender is read only
// while its sink keeps up: what it cannot send waits with the sender.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server.h"

namespace weerbaar::http {

struct FeedSender {
  std::string_view address;              // in numbers
  std::string_view certificate_subject;  // as RFC 2253 writes it; empty: it showed none
  bool secure = false;                   // it came by TLS
};

// One stream. Called by one thread at a time.
class FeedSink {
 public:
  virtual ~FeedSink() = default;
  // May wait, and answers for the bytes when it returns: nothing more is read before. False: the stream is to end.
  virtual bool take(std::string_view bytes) = 0;
  // The stream is over. May wait.
  virtual void end() = 0;
};

class FeedHandler {
 public:
  virtual ~FeedHandler() = default;
  // Null: nobody knows this sender, and its connection is closed. Called in the thread that reads: must not wait.
  virtual std::unique_ptr<FeedSink> begin(const FeedSender& sender) = 0;
};

struct FeedOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;              // 0: any that is free
  std::optional<TlsOptions> tls;  // TLS 1.3; without it: plain TCP
  // Beyond it the oldest of those that are still in their handshake is closed for a new one, and when none is, the new.
  size_t connections_max = 256;
  size_t connections_a_client_max = 64;  // beyond it a new one is closed; a client as of http::Limits
  size_t read_bytes = 64 * 1024;         // held by each connection, and given to its sink at once at most
  size_t workers = 8;
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds idle{3'600'000};  // without a byte; looked at ten times a second
  // After stop() a sender is told that nobody listens, and what it sent before is read: until it ends, until nothing
  // came for the one, and for the other at most.
  std::chrono::milliseconds drain_quiet{300};
  std::chrono::milliseconds drain{5'000};
};

struct FeedStatistics {
  uint64_t connections_open = 0;
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;  // too many, in all or of one client, unknown, or without a handshake
  uint64_t timeouts = 0;
};

// Thread-safe.
class FeedServer {
 public:
  // Listens when it returns. `handler` must outlive it. Errors as of Server::open.
  static Result<std::unique_ptr<FeedServer>> open(const FeedOptions& options, FeedHandler& handler);
  virtual ~FeedServer() = default;

  [[nodiscard]] virtual uint16_t port() const = 0;
  [[nodiscard]] virtual FeedStatistics statistics() const = 0;
  // Takes no more connections, reads what was sent over those there are (FeedOptions::drain), and returns when every
  // sink has taken it and was told the end. The destructor does the same.
  virtual void stop() = 0;
};

}  // namespace weerbaar::http
