// Datagrams that wait to be taken, in bounded memory that their senders share: when it is full, the sender that has
// most of it loses its newest. A sender with less than an equal share loses nothing because of another.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "http/datagram_server.h"

namespace weerbaar::http {

// Not thread-safe.
class DatagramQueue {
 public:
  explicit DatagramQueue(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Of `sender`; `lost` is told the addresses of what is lost for it, which may be its own.
  void add(const std::string& sender, Datagram datagram, std::vector<std::string>& lost);
  // Appends those that came first, until they have `bytes` or none is left.
  void take(size_t bytes, std::vector<Datagram>& to);

  [[nodiscard]] bool empty() const { return waiting_ == 0; }
  [[nodiscard]] size_t bytes() const { return bytes_; }  // of memory

 private:
  struct Queue {
    std::deque<Datagram> datagrams;
    size_t bytes = 0;
    size_t turns = 0;  // in order_
  };

  const size_t bytes_max_;
  std::map<std::string, Queue> queues_;
  std::deque<Queue*> order_;  // whose turn it is; a turn without a datagram is passed over
  size_t waiting_ = 0;
  size_t bytes_ = 0;
};

}  // namespace weerbaar::http
