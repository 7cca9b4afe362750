// What was measured of one store.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace weerbaar::benchmarks {

// Named as in rows.cpp: "ingest", "needle p50" …. In events a second, seconds and bytes.
struct Figures {
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> answers;  // checksums, to compare between stores
  std::map<std::string, std::string> notes;    // what a figure must not be read without, by row

  // Takes over what another has.
  void add(Figures other);
};

nlohmann::json to_json(const Figures& figures);
Figures figures_of(const nlohmann::json& json);

}  // namespace weerbaar::benchmarks
