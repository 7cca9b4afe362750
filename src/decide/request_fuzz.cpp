// Any bytes as a request: it is read or refused, and what is read obeys the limits of access events.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "decide/request.h"

namespace {

void check(const weerbaar::Result<weerbaar::decide::Request>& request) {
  using namespace weerbaar;
  if (!request) {
    WEERBAAR_CHECK(request.error().code == Code::kInvalid && !request.error().text.empty());
    return;
  }
  WEERBAAR_CHECK(!request->questions.empty() && request->questions.size() <= decide::kEvaluationsMax);
  WEERBAAR_CHECK(request->is_batch || request->questions.size() == 1);
  for (const Result<decide::Question>& question : request->questions) {
    WEERBAAR_CHECK(question || request->is_batch);
    if (!question) continue;
    WEERBAAR_CHECK(!question->employee.empty() && question->employee.size() <= kNameBytesMax);
    WEERBAAR_CHECK(!question->person.empty() && question->person.size() <= kSubjectIdBytesMax);
    WEERBAAR_CHECK(question->reason.size() <= kTextBytesMax && question->data.size() <= kDataCategoriesMax);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(weerbaar::decide::read_evaluation(body));
  check(weerbaar::decide::read_evaluations(body));
  return 0;
}
