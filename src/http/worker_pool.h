// Threads that do jobs which may wait, so that who reads from the network never does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace weerbaar::http {

// Thread-safe.
class WorkerPool {
 public:
  using Job = std::function<void()>;  // lets no exception out

  WorkerPool(size_t threads, size_t waiting_max);
  ~WorkerPool() { finish(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when `waiting_max` jobs wait already, and after finish().
  bool give(Job job);
  // Does what waits, and ends the threads. Not from a job.
  void finish();

  [[nodiscard]] size_t waiting() const;

 private:
  void run();

  const size_t waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weerbaar::http
