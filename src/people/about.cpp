#include "people/about.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "domain/identifiers.h"

namespace weerbaar::people {

Result<About> parse_about(std::string_view text) {
  const size_t colon = text.find(':');
  const auto type = parse_subject_type(text.substr(0, std::min(colon, text.size())));
  const std::string_view id = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (!type || id.empty() || id.size() > kSubjectIdBytesMax || id.starts_with(kPseudonymMark) || !is_utf8(id) ||
      std::ranges::any_of(id, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return fail(Code::kInvalid, "whom it is about is written TYPE:ID, such as employee:u1234 or bsn:123456782");
  }
  return About{*type, std::string(id)};
}

Result<About> parse_asked_about(std::string_view text) {
  WEERBAAR_ASSIGN(About about, parse_about(text));
  WEERBAAR_TRY(check_number(about.type, about.id));
  if (about.id.starts_with(' ') || about.id.ends_with(' ') || has_unseen(about.id)) {
    return fail(Code::kInvalid,
                "whom it is about has a blank around it, or a character that cannot be seen: write it again by hand");
  }
  return about;
}

std::string to_string(const About& about) {
  return fmt::format("{}:{}", to_string(about.type), about.id);
}

}  // namespace weerbaar::people
