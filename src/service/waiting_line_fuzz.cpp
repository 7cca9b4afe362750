// Any bytes at all: what is read as a line of the waiting room is written again as it was.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/waiting_file.h"

namespace service = weerbaar::service;

namespace {

void check(std::string_view line) {
  const auto parsed = service::parse_waiting_line(line);
  if (!parsed) return;
  const std::string again = parsed->json.empty() ? service::gone_line(parsed->source, parsed->trace)
                                                 : service::waiting_line(parsed->source, parsed->came, parsed->json);
  const auto reread = service::parse_waiting_line(std::string_view(again).substr(0, again.size() - 1));
  WEERBAAR_CHECK(reread.has_value());
  WEERBAAR_CHECK(reread->source == parsed->source && reread->came == parsed->came);
  WEERBAAR_CHECK(reread->json == parsed->json && reread->trace == parsed->trace);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  check(line);
  // A sum cannot be guessed: the same with the right one.
  const std::string summed = service::with_sum(line);
  check(std::string_view(summed).substr(0, summed.size() - 1));
  return 0;
}
