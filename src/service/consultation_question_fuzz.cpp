// Any bytes at all as a question about accesses: one that is taken is about somebody and keeps within its limits, no
// refusal is empty, and a cursor that is taken is written as it was meant.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "service/consultation_question.h"

namespace service = weerbaar::service;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto question = service::read_consultation_question({reinterpret_cast<const char*>(data), size});
  if (!question) {
    WEERBAAR_CHECK(!question.error().text.empty() && weerbaar::is_utf8(question.error().text));
    return 0;
  }
  WEERBAAR_CHECK(question->text.starts_with("of ") || question->text.starts_with("by "));
  WEERBAAR_CHECK(question->limit >= 1 && question->limit <= service::kItemsOfPageMax);
  const auto& range = question->range;
  WEERBAAR_CHECK(!range.from || !range.to || *range.from < *range.to);
  if (question->after) {
    const auto again = service::parse_cursor(service::cursor_of(*question->after));
    WEERBAAR_CHECK(again && again->hit == question->after->hit && again->size == question->after->size);
  }
  return 0;
}
