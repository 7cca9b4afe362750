// How many connections, and how many requests a second, one client may have.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <unordered_map>

#include "http/limits.h"

namespace weerbaar::http {

// Who is taken for one client: an IPv4 address, or the first 64 bits of an IPv6 address, for whoever has one of those
// has them all.
struct Client {
  bool version_6 = false;
  uint64_t prefix = 0;

  bool operator==(const Client&) const = default;
};
// `address` has 4 or 16 bytes. An IPv4 address in the form of IPv6 counts as what it is.
Client client_of(std::span<const uint8_t> address);

// Thread-safe. Remembers limits.clients_remembered clients, or as many as are connected when those are more.
class ClientLimits {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  explicit ClientLimits(const Limits& limits) : limits_(limits) {}

  // False when the client has too many connections. Each success is to be followed by a disconnect().
  bool connect(const Client& client, Moment now);
  void disconnect(const Client& client);
  // Whether a client may have a request answered now; it need not be connected itself, as behind a proxy.
  bool take_request(const Client& client, Moment now);

  [[nodiscard]] size_t remembered() const;

 private:
  struct Hash {
    size_t operator()(const Client& client) const noexcept {
      return std::hash<uint64_t>{}(client.prefix * 2 + (client.version_6 ? 1 : 0));
    }
  };
  // Requests are paid for with tokens, which come back with time.
  struct Account {
    size_t connections = 0;
    double tokens = 0;
    Moment counted;
  };

  Account& account_of(const Client& client, Moment now);
  void forget_the_idle(Moment now);
  void refill(Account& account, Moment now) const;

  const Limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<Client, Account, Hash> accounts_;
};

}  // namespace weerbaar::http
