// A policy that parses judges any note without harm; and nothing is cosigned by nobody.
#include "base/check.h"
#include "trail/format/tlog_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const auto policy = trail::TlogPolicy::parse(as_text({data, size}));
  if (!policy) {
    WEERBAAR_CHECK(policy.error().code == Code::kInvalid);
    return 0;
  }
  const auto judged = policy->judge(as_text({data, size}));
  if (judged) WEERBAAR_CHECK(judged->cosigned.size() <= policy->witnesses().size());
  return 0;
}
