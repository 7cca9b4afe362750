// Any bytes at all as a question: one that is taken says what it is about, and no refusal is empty.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "service/processing_activities.h"

namespace service = weerbaar::service;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto question = service::read_processing_question({reinterpret_cast<const char*>(data), size});
  if (!question) {
    WEERBAAR_CHECK(!question.error().text.empty() && weerbaar::is_utf8(question.error().text));
    return 0;
  }
  WEERBAAR_CHECK(!question->trace_id.empty() || !question->activity.empty() || !question->subjects.empty());
  WEERBAAR_CHECK(question->trace_id.empty() || question->trace_id.size() == 16);
  WEERBAAR_CHECK(!question->start_ms || *question->start_ms >= 0);
  return 0;
}
