// Any bytes at all: what is read as a line of the state of the sources is written again, and means the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/source_state.h"
#include "service/waiting_file.h"

namespace service = weerbaar::service;

namespace {

void check(std::string_view line) {
  service::SourceStates states;
  if (!service::read_state_line(line, states)) {
    WEERBAAR_CHECK(states.empty());
    return;
  }
  service::SourceStates again;
  for (const auto& [source, state] : states) {
    std::string text = service::source_line(source, state);
    WEERBAAR_CHECK(service::read_state_line(std::string_view(text).substr(0, text.size() - 1), again).has_value());
    for (const auto& [counter, run] : state.counters) {
      text = service::counter_line(source, counter, run);
      WEERBAAR_CHECK(service::read_state_line(std::string_view(text).substr(0, text.size() - 1), again).has_value());
    }
  }
  WEERBAAR_CHECK(again == states);
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
