// Any bytes as a policy: it is read or refused, what is read is written again alike, and its rules are right or named.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "examine/purpose/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const auto policy = purpose::read_policy({reinterpret_cast<const char*>(data), size}, "policy.json");
  if (!policy) {
    WEERBAAR_CHECK(policy.error().text.starts_with("policy.json: "));
    return 0;
  }
  const std::string json = purpose::to_json(*policy);
  const auto again = purpose::read_policy(json, "policy.json");
  WEERBAAR_CHECK(again.has_value() && purpose::to_json(*again) == json);
  const auto rules = purpose::check_rules(*policy);
  WEERBAAR_CHECK(rules || !rules.error().text.empty());
  return 0;
}
