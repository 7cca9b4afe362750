// What the end-to-end benchmarks print, and how they end when something fails.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace weerbaar::benchmarks {

using Clock = std::chrono::steady_clock;
inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline void must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().text);
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().text);
  std::exit(1);
}

inline uint64_t peak_memory_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) / 1'024;
}

// That all threads of this process took together: unlike the clock, hardly different when others use the processor.
inline double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline void row(std::string_view what, const std::string& value) {
  fmt::print("{:<58} {:>18}\n", what, value);
}

}  // namespace weerbaar::benchmarks
