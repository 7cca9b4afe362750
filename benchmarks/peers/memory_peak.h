// The most memory that this process and all that it started took, while this lived.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace weerbaar::benchmarks {

// Of each process what is its own, and once what they share, such as PostgreSQL's buffers. Mapped files and the page
// cache do not count: the system takes them back when it wants. Looked at every 50 ms.
class MemoryPeak {
 public:
  MemoryPeak();
  MemoryPeak(const MemoryPeak&) = delete;
  MemoryPeak& operator=(const MemoryPeak&) = delete;
  ~MemoryPeak();

  [[nodiscard]] uint64_t bytes() const { return bytes_; }

 private:
  std::atomic<uint64_t> bytes_ = 0;
  std::jthread thread_;
};

}  // namespace weerbaar::benchmarks
