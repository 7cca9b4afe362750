// Any bytes as the record of a decision: it is shown or refused, with a key and without.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/check.h"
#include "decide/decision_record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const Bytes kKey(trail::kPeriodKeyBytes, 7);
  static const trail::Pseudonymiser kPseudonymiser = trail::Pseudonymiser::create(kKey).value();
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto period = decide::period_of_record(body);
  WEERBAAR_CHECK(period || period.error().code == Code::kCorrupt);
  for (const trail::Pseudonymiser* const key : {&kPseudonymiser, static_cast<const trail::Pseudonymiser*>(nullptr)}) {
    const auto opened = decide::open_record(body, key);
    WEERBAAR_CHECK(opened || opened.error().code == Code::kCorrupt);
  }
  return 0;
}
