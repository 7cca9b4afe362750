// The rules that come with the program, read from its sources, for tests and benchmarks.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/check.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose::testing {

inline std::string read_all(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// One for each rule, by id.
inline std::vector<std::filesystem::path> rule_folders() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(WEERBAAR_SOURCE_DIR) / "rules")) {
    if (entry.is_directory()) all.push_back(entry.path());
  }
  std::ranges::sort(all);
  return all;
}

// In order.
inline std::vector<Rule> standard_rules() {
  std::vector<Rule> rules;
  for (const std::filesystem::path& folder : rule_folders()) {
    const std::string id = folder.filename().string();
    auto rule = read_rule(id, read_all(folder / "rule.toml"), id + "/rule.toml");
    WEERBAAR_CHECK(rule.has_value());
    rules.push_back(std::move(*rule));
  }
  WEERBAAR_CHECK(put_in_order(rules).has_value());
  return rules;
}

}  // namespace weerbaar::purpose::testing
