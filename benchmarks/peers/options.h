// The command line of the benchmark.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "peers/rows.h"

namespace weerbaar::benchmarks {

struct Options {
  uint64_t events = 10'000'000;
  uint64_t memory_bytes = 300'000'000;
  std::vector<std::string> only;  // names of stores; empty: all
  std::set<Row> rows = all_rows();
  std::string directory;  // empty: one of its own under /var/tmp
  std::string json_file;  // empty: none
  std::string commit = "unknown";
  std::chrono::seconds patience{600};
  bool keep_page_cache = false;
};

// "10M": k, M and G are thousands, millions and milliards. kInvalid otherwise.
Result<uint64_t> parse_amount(std::string_view text);

// Nothing in `exit_code` when there is work to do; else the text was shown, as for --help or wrong use.
struct ParsedOptions {
  Options options;
  int exit_code = -1;
};
ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace weerbaar::benchmarks
