// Any bytes as a line of a run of signals, or as feedback: read or refused, with the place named.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "server/signal_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto signal = server::read_kept_signal(text, "1.jsonl, line 2");
  WEERBAAR_CHECK(signal || signal.error().text.starts_with("1.jsonl, line 2: "));
  if (signal) WEERBAAR_CHECK(trail::is_period(signal->period.number) && signal->actor.starts_with('~'));
  const auto feedback = server::read_feedback(text, "1.json");
  WEERBAAR_CHECK(feedback || feedback.error().text.starts_with("1.json: "));
  return 0;
}
