// Whom a mandate, or a question, is about: a person by name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/access_event.h"

namespace weerbaar::people {

struct About {
  SubjectType type = SubjectType::kEmployee;
  std::string id;

  bool operator==(const About&) const = default;
};
// "employee:u1234", "bsn:123456782". kInvalid else, and for a pseudonym.
Result<About> parse_about(std::string_view text);
std::string to_string(const About& about);

}  // namespace weerbaar::people
