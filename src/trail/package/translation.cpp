#include "trail/package/translation.h"

#include <algorithm>

#include "trail/privacy/siv.h"

namespace weerbaar::trail {
namespace {

bool is_digits(std::string_view text, unsigned digits) {
  return text.size() == digits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Subjects whose identifiers are this many digits have numeric pseudonyms, so no others.
unsigned digits_in(Domain domain) {
  for (const SubjectType type : {SubjectType::kBsn, SubjectType::kRsin, SubjectType::kKvk}) {
    if (domain_of(type) == domain) return digits_of(type);
  }
  return 0;
}

// The log takes none of those that begins as shown pseudonyms do.
bool is_identity(Domain domain) {
  return domain <= Domain::kOnBehalfOf || (domain >= Domain::kSubjectBsn && domain <= Domain::kSubjectOther);
}

bool can_be_behind(const Disclosed& disclosed) {
  const size_t bytes = disclosed.pseudonym.size();
  if (disclosed.text.empty()) return false;
  if (is_identity(disclosed.domain) && disclosed.text.starts_with(kPseudonymMark)) return false;
  if (disclosed.digits > 0) return is_digits(disclosed.text, disclosed.digits) && bytes <= disclosed.digits;
  if (disclosed.sealed) return bytes == disclosed.text.size() + Siv::kTagBytes;
  const unsigned digits = digits_in(disclosed.domain);
  if (digits > 0 && is_digits(disclosed.text, digits)) return false;
  return bytes == identifier_pseudonym_bytes(disclosed.text.size());
}

}  // namespace

Status Translation::add(std::string_view period, const Disclosed& disclosed) {
  if (!can_be_behind(disclosed)) {
    return fail(Code::kInvalid, "an identity or text in it cannot be what its pseudonym in the entry stands for");
  }
  std::string place(period);
  place += static_cast<char>(disclosed.domain);
  place += disclosed.digits > 0 ? 'n' : 'b';
  const auto text = texts_.emplace(place + disclosed.pseudonym, disclosed.text).first;
  const auto pseudonym = pseudonyms_.emplace(place + disclosed.text, disclosed.pseudonym).first;
  if (text->second == disclosed.text && pseudonym->second == disclosed.pseudonym) return {};
  return fail(Code::kInvalid,
              "an identity or text in it is given to another pseudonym, or its pseudonym to another "
              "identity, elsewhere in the package");
}

}  // namespace weerbaar::trail
