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
// As somebody writes it who wants to look: kInvalid, with the reason, also for a number by which nobody is found, and
// for what cannot be seen or stands around an id: such a mandate would be approved, and be about nobody.
Result<About> parse_asked_about(std::string_view text);
std::string to_string(const About& about);

}  // namespace weerbaar::people
