// An HTTP/1.1 server: asynchronous towards the network, so that a slow client costs memory and no thread, and plain
// towards a handler, which gets a whole request, may wait, and gives a response.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/certificate.h"
#include "http/limits.h"
#include "http/message.h"

namespace weerbaar::http {

struct TlsOptions {
  Certificate certificate;
  // Authorities, in PEM, that vouch for certificates of clients. Empty: clients are not asked for one.
  std::string client_authorities;
  bool client_certificate_required = false;
};

// What became of a request, for logs and counts. Nothing in it is what the client wrote.
struct Exchange {
  std::string_view route;  // of the response
  int status;
  uint64_t request_bytes;  // of the body as it came
  uint64_t response_bytes;
  std::chrono::microseconds time;  // from the first byte of the request to the last of the response
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // "::" and "0.0.0.0" are all of the machine
  uint16_t port = 0;                  // 0: any that is free
  std::optional<TlsOptions> tls;      // TLS 1.3. Without it: plain HTTP, on a loopback address only
  // The only client is a proxy on this machine: who asks is whom its X-Forwarded-For names last. Without TLS only.
  bool behind_proxy = false;
  Limits limits;
  size_t io_threads = 1;
  size_t workers = 32;
  // Called in the threads that read: must not wait. May be empty.
  std::function<void(const Exchange&)> observe;
};

// A request may go on, with its body.
struct Admission {
  // Who asks, by a name that a token or certificate proved: as one sender in Limits::bodies_bytes_a_sender_max().
  // Empty: nothing was proved, and the address of the client counts.
  std::string sender;
  // Of the body, as it comes and again after decompression; beyond it the answer is 413. Limits::body_bytes_max counts
  // in any case.
  size_t body_bytes_max = 0;
};

// Methods are called by several threads at once. What they throw becomes status 500.
class Handler {
 public:
  virtual ~Handler() = default;
  // The head has come, the body has not. A response refuses the request, and its body is not read. Called in the
  // threads that read: must not wait.
  virtual std::expected<Admission, Response> admit([[maybe_unused]] const Request& head) { return Admission(); }
  // Called by a worker: may wait.
  virtual Response handle(Request& request) = 0;
  // The server refuses a request by itself, with a problem() and its fields: it may be given another form and more
  // fields. Of the head there may be only a part, the target not among it. Must not wait.
  virtual void form([[maybe_unused]] const Request& head, [[maybe_unused]] Response& refusal) {}
};

struct Statistics {
  uint64_t connections_open = 0;
  uint64_t connections_accepted = 0;  // those that were closed at once too
  uint64_t connections_refused = 0;   // closed at once: too many
  uint64_t timeouts = 0;              // connections closed for a limit of time
  uint64_t handshakes_failed = 0;
  uint64_t requests_refused = 0;  // that never reached the handler: not HTTP, too large, too many, not admitted
  uint64_t requests_handled = 0;
  uint64_t body_bytes_held = 0;
  uint64_t requests_waiting = 0;  // for a worker
};

// Thread-safe.
class Server {
 public:
  // Listens when it returns. `handler` must outlive it. kInvalid for a wrong address, certificate or key, kDenied for
  // plain HTTP beyond loopback and for a port that needs another right, kBusy when the port is taken.
  static Result<std::unique_ptr<Server>> open(ServerOptions options, Handler& handler);
  virtual ~Server() = default;

  [[nodiscard]] virtual uint16_t port() const = 0;
  [[nodiscard]] virtual Statistics statistics() const = 0;
  // For connections from now on. kInvalid, and nothing changes, when it is wrong or the server speaks plain HTTP.
  virtual Status use_tls(const TlsOptions& tls) = 0;
  // Takes no more connections, ends idle ones at once, and each other one after the answer to its request; what is not
  // over after `grace` is cut off, except that a handler at work is waited for. Returns when all is over. The
  // destructor does it without grace.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace weerbaar::http
