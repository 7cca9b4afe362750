#include "service/meant.h"

#include <fmt/format.h>

#include <string>
#include <variant>

namespace weerbaar::service {

std::optional<people::About> meant_by(const trail::Whom& whom, const AccessEvent& shown, const AccessEvent& event) {
  if (std::holds_alternative<trail::ByPseudonym>(whom)) {
    if (event.actor.id.starts_with(kPseudonymMark)) return std::nullopt;
    return people::About{SubjectType::kEmployee, std::string(event.actor.id)};
  }
  const auto* const asked = std::get_if<trail::OfPseudonym>(&whom);
  if (asked == nullptr) return std::nullopt;
  for (size_t i = 0; i < shown.subjects.size(); ++i) {
    const Subject& subject = event.subjects[i];
    const auto one = trail::parse_subject(fmt::format("{}:{}", to_string(subject.type), shown.subjects[i].id));
    const auto* const pseudonym = one ? std::get_if<trail::OfPseudonym>(&*one) : nullptr;
    if (pseudonym == nullptr || pseudonym->type != asked->type || pseudonym->text != asked->text) continue;
    if (subject.id.starts_with(kPseudonymMark)) continue;
    return people::About{subject.type, std::string(subject.id)};
  }
  return std::nullopt;
}

}  // namespace weerbaar::service
