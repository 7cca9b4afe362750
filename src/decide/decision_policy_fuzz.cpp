// Any bytes as a decision policy: it is read or refused, with the name of the file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "decide/decision_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const auto policy = decide::DecisionPolicy::read({reinterpret_cast<const char*>(data), size}, "decisions.toml");
  if (!policy) {
    WEERBAAR_CHECK(policy.error().code == Code::kInvalid && policy.error().text.starts_with("decisions.toml"));
    return 0;
  }
  for (const auto& rule : policy->rules())
    WEERBAAR_CHECK(&policy->of_flag(rule) != &policy->of(decide::Condition::kFlagged));
  return 0;
}
