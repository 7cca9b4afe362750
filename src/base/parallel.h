// Work spread over threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace weerbaar {

// Calls work(i) once for every i < count, from at most `threads` threads (0: one a processor), and returns when all are
// done. Lower numbers begin first.
template <class Work>
void for_each_in_parallel(unsigned threads, size_t count, const Work& work) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<size_t> next = 0;
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < std::min<size_t>(threads, count); ++i) others.emplace_back(run);
  run();
}

}  // namespace weerbaar
