// Takes datagrams (UDP) from senders that get no answer, as syslog is sent. What cannot be handed on at once waits in
// bounded memory; beyond it datagrams are dropped, and counted, here and by the kernel.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::http {

struct Datagram {
  std::string address;  // of the sender, in numbers; anybody on the way can write another one
  std::string bytes;
};

// Called by one thread, but for sender_of() and drop(), which another calls: they must not wait.
class DatagramHandler {
 public:
  virtual ~DatagramHandler() = default;
  // In the order in which they came. May wait: the others wait meanwhile, and are dropped when they are too many.
  virtual void take(std::span<const Datagram> datagrams) = 0;
  // Whose share of what may wait a datagram from there takes. Empty: nobody knows it, and it is passed over.
  virtual std::string sender_of(const std::string& address) = 0;
  // One from there was dropped here: too many waited, and its sender had most of them.
  virtual void drop(const std::string& address) = 0;
  // No more comes. May wait.
  virtual void end() = 0;
};

struct DatagramOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any that is free
  // Of the kernel; it gives less when net.core.rmem_max is less and this process may not go beyond it.
  size_t receive_buffer_bytes = size_t{8} << 20U;
  // That wait here; what is handed on comes on top.
  size_t waiting_bytes_max = size_t{16} << 20U;
  // That are handed on at once.
  size_t take_bytes_max = size_t{1} << 20U;
  // After stop(), what the kernel holds is read for so long at most.
  std::chrono::milliseconds drain{2'000};
};

struct DatagramStatistics {
  uint64_t received = 0;
  uint64_t dropped = 0;            // here: too many waited
  uint64_t dropped_by_kernel = 0;  // its buffer was full
  uint64_t waiting_bytes = 0;
  uint64_t receive_buffer_bytes = 0;  // that the kernel gave
};

// Thread-safe.
class DatagramServer {
 public:
  // Listens when it returns. `handler` must outlive it. Errors as of Server::open.
  static Result<std::unique_ptr<DatagramServer>> open(const DatagramOptions& options, DatagramHandler& handler);
  virtual ~DatagramServer() = default;

  [[nodiscard]] virtual uint16_t port() const = 0;
  [[nodiscard]] virtual DatagramStatistics statistics() const = 0;
  // Reads what the kernel holds, hands on everything, and closes. The destructor does the same.
  virtual void stop() = 0;
};

}  // namespace weerbaar::http
