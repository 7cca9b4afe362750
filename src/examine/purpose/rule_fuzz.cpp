// Any text at all as a rule and as its cases: it is read or refused with a place, and what is read can be judged by.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "examine/purpose/rule.h"
#include "examine/purpose/rule_cases.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  // A rule, a line "---", and cases.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = input.find("\n---\n");
  auto rule = purpose::read_rule("r", input.substr(0, cut), "rule.toml");
  WEERBAAR_CHECK(rule || !rule.error().text.empty());
  if (cut == std::string_view::npos) return 0;
  const auto cases = purpose::read_cases(input.substr(cut + 5), "cases.toml");
  WEERBAAR_CHECK(cases || cases.error().text.starts_with("cases.toml:"));
  if (!rule || !cases) return 0;
  std::vector<purpose::Rule> rules;
  rules.push_back(std::move(*rule));
  if (!purpose::put_in_order(rules)) return 0;
  const Status tried = purpose::try_cases(rules, "r", *cases);
  WEERBAAR_CHECK(tried || tried.error().text.starts_with("cases.toml:"));
  return 0;
}
