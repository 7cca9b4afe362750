// Any bytes as a file of facts: each row that comes out fits its table, and each refusal says where and why.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "register/fact_file.h"
#include "register/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::facts;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"contact", "unit"}) {
    const Table& table = *find_table(name);
    const auto delivery = open_fact_file(table, input);
    if (!delivery) {
      WEERBAAR_CHECK(delivery.error().code == weerbaar::Code::kInvalid);
      continue;
    }
    check_reading_of(**delivery);
  }
  return 0;
}
