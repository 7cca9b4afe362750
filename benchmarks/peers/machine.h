// Where and when figures were measured: without it they say nothing.
#pragma once

#include <chrono>
#include <string>

namespace weerbaar::benchmarks {

struct Machine {
  std::string date;
  unsigned cores = 0;
  std::string processor;
  std::string kernel;
  unsigned memory_gib = 0;
  std::string file_system;  // of the directory
  double sync_seconds = 0;  // 4 KiB written and fdatasync, median
  double write_bytes = 0;   // a second, in one piece with fdatasync
};

// How busy others kept the cores between its making and the question. What the kernel does for us counts as others; on
// a quiet machine that is a few percent.
class OthersLoad {
 public:
  OthersLoad();
  // Of all cores, 0 to 1.
  [[nodiscard]] double share() const;

 private:
  double busy_seconds_;
  double our_seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Machine this_machine(const std::string& directory);

}  // namespace weerbaar::benchmarks
