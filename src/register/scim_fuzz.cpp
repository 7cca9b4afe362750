// Any bytes as a delivery of SCIM: each row that comes out fits its table, and each refusal says where and why.
#include <cstdint>
#include <string_view>

#include "register/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weerbaar::facts::check_reading_of("scim", {reinterpret_cast<const char*>(data), size}, "system = \"S\"");
  return 0;
}
