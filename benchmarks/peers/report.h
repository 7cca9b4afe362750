// A run, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "peers/figures.h"
#include "peers/machine.h"
#include "peers/options.h"

namespace weerbaar::benchmarks {

struct Column {
  std::string name;
  std::string title;
  std::string settings;
  Figures figures;
};

struct Comparison {
  Machine machine;
  Options options;
  std::string memory_means;  // how memory was limited
  double others_share = 0;   // of the cores, that was used by others meanwhile
  uint64_t json_events = 0;
  std::vector<std::string> left_out;  // stores, each with why
  std::vector<Column> columns;        // Weerbaar first, unless it was left out
};

// Markdown: what was measured where, the table, settings and notes.
std::string table_of(const Comparison& comparison);
nlohmann::json json_of(const Comparison& comparison);

// What stores answer differently: no figures should be compared then.
std::vector<std::string> differences(const Comparison& comparison);

}  // namespace weerbaar::benchmarks
