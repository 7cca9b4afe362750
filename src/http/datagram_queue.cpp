#include "http/datagram_queue.h"

#include <algorithm>
#include <utility>

namespace weerbaar::http {
namespace {

// Of memory, besides its bytes.
constexpr size_t kOverhead = sizeof(Datagram) + 32;

size_t memory_of(const Datagram& datagram) {
  return datagram.bytes.size() + kOverhead;
}

}  // namespace

void DatagramQueue::add(const std::string& sender, Datagram datagram, std::vector<std::string>& lost) {
  Queue& own = queues_[sender];
  const size_t memory = memory_of(datagram);
  while (bytes_ + memory > bytes_max_) {
    const auto largest = std::ranges::max_element(queues_, {}, [](const auto& queue) { return queue.second.bytes; });
    Queue& most = largest->second;
    if (most.bytes <= own.bytes + memory) {
      lost.push_back(std::move(datagram.address));
      return;
    }
    const size_t freed = memory_of(most.datagrams.back());
    lost.push_back(std::move(most.datagrams.back().address));
    most.datagrams.pop_back();
    most.bytes -= freed;
    bytes_ -= freed;
    --waiting_;
  }
  own.bytes += memory;
  bytes_ += memory;
  ++waiting_;
  own.datagrams.push_back(std::move(datagram));
  if (own.turns >= own.datagrams.size()) return;
  ++own.turns;
  order_.push_back(&own);
}

void DatagramQueue::take(size_t bytes, std::vector<Datagram>& to) {
  for (size_t taken = 0; waiting_ > 0 && (taken == 0 || taken < bytes);) {
    Queue& next = *order_.front();
    order_.pop_front();
    --next.turns;
    if (next.datagrams.empty()) continue;
    const size_t memory = memory_of(next.datagrams.front());
    to.push_back(std::move(next.datagrams.front()));
    next.datagrams.pop_front();
    next.bytes -= memory;
    bytes_ -= memory;
    taken += memory;
    --waiting_;
  }
}

}  // namespace weerbaar::http
