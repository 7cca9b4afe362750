// Any bytes as a list of leaked persons: refused with lines named, or persons that come back when written again.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "examine/trace/leaked_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = trace::parse_leaked_list(text);
  if (!list) {
    WEERBAAR_CHECK(list.error().code == Code::kInvalid && !list.error().text.empty());
    return 0;
  }
  WEERBAAR_CHECK(!list->persons.empty() && list->persons.size() <= trace::kLeakedPersonsMax);
  std::string again;
  for (const trail::Whom& whom : list->persons) {
    const auto* const subject = std::get_if<trail::OfSubject>(&whom);
    const auto* const pseudonym = std::get_if<trail::OfPseudonym>(&whom);
    WEERBAAR_CHECK(subject != nullptr || pseudonym != nullptr);
    again += to_string(subject != nullptr ? subject->type : pseudonym->type);
    again += ':';
    again += subject != nullptr ? subject->id : pseudonym->text;
    again += '\n';
  }
  const auto second = trace::parse_leaked_list(again);
  WEERBAAR_CHECK(second.has_value() && second->persons.size() == list->persons.size() && second->repeated == 0);
  return 0;
}
