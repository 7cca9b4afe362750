// Any bytes as a signal policy: what is read is within its bounds, what is not is refused with the file named.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "examine/detect/registry.h"
#include "examine/detect/signal_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const auto policy = detect::read_signal_policy({reinterpret_cast<const char*>(data), size}, "policy.toml");
  if (!policy) {
    WEERBAAR_CHECK(policy.error().text.starts_with("policy.toml:"));
    return 0;
  }
  WEERBAAR_CHECK(policy->budget >= 0 && policy->budget <= 10'000 && policy->left < 1);
  WEERBAAR_CHECK(policy->detectors.size() == detect::detectors().size());
  for (const auto& one : policy->detectors) WEERBAAR_CHECK(std::isfinite(one.weight) && std::isfinite(one.cap));
  return 0;
}
