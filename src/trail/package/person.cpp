#include <charconv>

#include "trail/format/index_key.h"
#include "trail/package/package.h"
#include "trail/store/event_codec.h"

namespace weerbaar::trail {
namespace {

Bytes key_of(Period period, const StoredSubject& subject) {
  Bytes key;
  append_subject_key(period.number, subject, key);
  return key;
}

// One for each period whose key is alive.
Result<std::vector<Bytes>> pseudonyms_of(const Trail& trail, const OfSubject& person) {
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied, "a search by identity needs the keys of the periods: name their directory with --keys");
  }
  WEERBAAR_ASSIGN(const std::vector<PeriodStatus> periods, trail.keys()->periods());
  std::vector<Bytes> keys;
  for (const PeriodStatus& status : periods) {
    if (status.state == PeriodState::kDestroyed) continue;
    WEERBAAR_ASSIGN(const Pseudonymiser* const key, trail.keys()->period(status.period));
    Bytes storage;
    keys.push_back(key_of(status.period, pseudonym_of(person.type, person.id, *key, storage)));
  }
  return keys;
}

// The digits of a number may also be the hexadecimal bytes of a text: both are meant then, as in a search.
Result<std::vector<Bytes>> pseudonyms_of(const OfPseudonym& person) {
  const std::string_view text = person.text;
  const size_t colon = text.find(':');
  if (!text.starts_with('~') || colon == std::string_view::npos || colon + 1 == text.size()) {
    return fail(Code::kInvalid, "a pseudonym is written as it was shown: ~2026-Q1:… with its period");
  }
  WEERBAAR_ASSIGN(const Period period, parse_period(text.substr(1, colon - 1)));
  const std::string_view code = text.substr(colon + 1);
  std::vector<Bytes> keys;
  StoredSubject subject;
  subject.type = person.type;
  const auto read = std::from_chars(code.data(), code.data() + code.size(), subject.number);
  if (code.size() == digits_of(person.type) && read.ec == std::errc() && read.ptr == code.data() + code.size()) {
    subject.is_number = true;
    keys.push_back(key_of(period, subject));
  }
  const auto bytes = from_hex(code);
  if (bytes) {
    subject.is_number = false;
    subject.bytes = as_text(*bytes);
    keys.push_back(key_of(period, subject));
  }
  if (keys.empty()) return fail(Code::kInvalid, "what follows the period is no pseudonym");
  return keys;
}

}  // namespace

Result<std::vector<Bytes>> person_pseudonyms(const Trail& trail, const Whom& whom) {
  if (const auto* subject = std::get_if<OfSubject>(&whom)) return pseudonyms_of(trail, *subject);
  if (const auto* pseudonym = std::get_if<OfPseudonym>(&whom)) return pseudonyms_of(*pseudonym);
  return fail(Code::kInvalid, "a complete answer is about whose data was consulted, and not about who consulted it");
}

}  // namespace weerbaar::trail
