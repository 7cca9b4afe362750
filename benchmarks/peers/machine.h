// Where and when figures were measured: without it they say nothing.
#pragma once

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

Machine this_machine(const std::string& directory);

}  // namespace weerbaar::benchmarks
