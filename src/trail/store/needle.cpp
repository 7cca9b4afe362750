#include "trail/store/needle.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "domain/identifiers.h"
#include "trail/format/filter.h"
#include "trail/format/index_key.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"

namespace weerbaar::trail {
namespace {

// The longest text form of a pseudonym: "~2026-Q1:" and its bytes in hexadecimal.
constexpr size_t kPseudonymTextBytesMax = 9 + 2 * identifier_pseudonym_bytes(kSubjectIdBytesMax);

// "~2026-Q1:" and what follows.
Result<std::pair<Period, std::string_view>> split_pseudonym(std::string_view text) {
  const size_t colon = text.find(':');
  if (!text.starts_with(kPseudonymMark) || colon == std::string_view::npos || colon + 1 == text.size()) {
    return fail(Code::kInvalid, "a pseudonym is written as it was shown: ~2026-Q1:… with its period");
  }
  WEERBAAR_ASSIGN(const Period period, parse_period(text.substr(1, colon - 1)));
  return std::pair(period, text.substr(colon + 1));
}

Result<Bytes> pseudonym_bytes(std::string_view hex) {
  auto bytes = from_hex(hex);
  if (!bytes) {
    return fail(Code::kInvalid,
                "what stands behind the colon of the pseudonym is neither hexadecimal nor a number of that type: copy "
                "it as it was shown");
  }
  return bytes;
}

Result<std::vector<Needle>> needles_of(const ByPseudonym& whom) {
  WEERBAAR_ASSIGN(const auto parts, split_pseudonym(whom.text));
  Needle needle;
  needle.period = parts.first;
  needle.is_actor = true;
  WEERBAAR_ASSIGN(needle.bytes, pseudonym_bytes(parts.second));
  std::vector<Needle> needles;
  needles.push_back(std::move(needle));
  return needles;
}

// Eight digits are the number of a kvk, or the bytes of an identifier of that type with at most four characters: the
// text does not tell, so both are looked for.
Result<std::vector<Needle>> needles_of(const OfPseudonym& whom) {
  WEERBAAR_ASSIGN(const auto parts, split_pseudonym(whom.text));
  Needle needle;
  needle.period = parts.first;
  needle.subject.type = whom.type;
  std::vector<Needle> needles;
  const std::string_view id = parts.second;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), needle.subject.number);
  const bool is_number = digits_of(whom.type) != 0 && id.size() == digits_of(whom.type) && read.ec == std::errc() &&
                         read.ptr == id.data() + id.size();
  if (is_number) {
    needle.subject.is_number = true;
    needles.push_back(needle);
    needle.subject.is_number = false;
  }
  needle.subject.number = 0;
  auto bytes = pseudonym_bytes(id);
  if (bytes) {
    needle.bytes = std::move(*bytes);
    needles.push_back(std::move(needle));
  } else if (needles.empty()) {
    return std::unexpected(std::move(bytes.error()));
  }
  return needles;
}

Needle needle_of(const OfSubject& whom, Period period, const Pseudonymiser& key) {
  Needle needle;
  needle.period = period;
  needle.subject = pseudonym_of(whom.type, whom.id, key, needle.bytes);
  needle.subject.bytes = {};
  return needle;
}

Needle needle_of(const ByActor& whom, Period period, const Pseudonymiser& key) {
  Needle needle;
  needle.period = period;
  needle.is_actor = true;
  key.encrypt_identifier(Domain::kActor, whom.id, needle.bytes);
  return needle;
}

// One needle for each period whose key is alive.
template <class Identity>
Result<std::vector<Needle>> needles_of(KeyStore* keys, const Identity& whom, std::vector<Period>& destroyed) {
  if (keys == nullptr) {
    return fail(Code::kDenied, "a search by identity needs the keys of the periods: name their directory with --keys");
  }
  WEERBAAR_ASSIGN(const auto readable, keys->readable());
  destroyed = readable->destroyed;
  std::vector<Needle> needles;
  needles.reserve(readable->alive.size());
  for (const auto& [period, key] : readable->alive) needles.push_back(needle_of(whom, period, *key));
  return needles;
}

Result<std::vector<Needle>> all_needles_of(KeyStore* keys, const Whom& whom, std::vector<Period>& destroyed) {
  if (const auto* subject = std::get_if<OfSubject>(&whom)) return needles_of(keys, *subject, destroyed);
  if (const auto* actor = std::get_if<ByActor>(&whom)) return needles_of(keys, *actor, destroyed);
  if (const auto* pseudonym = std::get_if<OfPseudonym>(&whom)) return needles_of(*pseudonym);
  return needles_of(std::get<ByPseudonym>(whom));
}

Status check_form(std::string_view id) {
  const size_t bytes_max = id.starts_with(kPseudonymMark) ? kPseudonymTextBytesMax : kSubjectIdBytesMax;
  if (!is_utf8(id)) return fail(Code::kInvalid, "an identifier is text in UTF-8: write it as the source does");
  if (!id.empty() && id.size() <= bytes_max) return {};
  return fail(Code::kInvalid, fmt::format("an identifier has 1 to {} bytes", bytes_max));
}

// What was never a pseudonym mostly decrypts to what no identity is.
bool can_be_named(SubjectType type, std::string_view id) {
  const auto whom = parse_subject(fmt::format("{}:{}", to_string(type), id));
  if (!whom || !std::holds_alternative<OfSubject>(*whom)) return false;
  const Subject subject{type, id, ""};
  AccessEvent event;
  event.id = event.source = event.system = event.actor.id = "x";
  event.subjects = {&subject, 1};
  return validate(event).has_value();
}

}  // namespace

Result<std::string> actor_pseudonym(KeyStore& keys, Period quarter, std::string_view id) {
  auto key = keys.period(quarter);
  if (!key && key.error().code == Code::kNotFound) key = keys.period_or_create(quarter);
  if (!key) return std::unexpected(key.error());
  Bytes pseudonym;
  (*key)->encrypt_identifier(Domain::kActor, id, pseudonym);
  return pseudonym_text(quarter, as_text(pseudonym));
}

Result<std::optional<std::string>> actor_behind(KeyStore& keys, std::string_view pseudonym) {
  WEERBAAR_ASSIGN(const auto parts, split_pseudonym(pseudonym));
  WEERBAAR_ASSIGN(const Bytes bytes, pseudonym_bytes(parts.second));
  const auto key = keys.period(parts.first);
  if (!key && key.error().code == Code::kDenied) return std::nullopt;
  if (!key) return std::unexpected(key.error());
  WEERBAAR_ASSIGN(std::string id, (*key)->decrypt_identifier(Domain::kActor, bytes));
  return id;
}

Result<std::vector<OfSubject>> persons_behind(KeyStore* keys, const Whom& whom) {
  if (const auto* subject = std::get_if<OfSubject>(&whom)) return std::vector<OfSubject>{*subject};
  if (const auto* actor = std::get_if<ByActor>(&whom)) {
    return std::vector<OfSubject>{{SubjectType::kEmployee, actor->id}};
  }
  std::vector<Period> destroyed;
  WEERBAAR_ASSIGN(const std::vector<Needle> needles, all_needles_of(keys, whom, destroyed));
  std::vector<OfSubject> persons;
  for (const Needle& needle : needles) {
    const auto key = keys == nullptr ? fail(Code::kDenied, "") : keys->period(needle.period);
    if (!key && (key.error().code == Code::kDenied || key.error().code == Code::kNotFound)) continue;
    if (!key) return std::unexpected(key.error());
    const SubjectType type = needle.is_actor ? SubjectType::kEmployee : needle.subject.type;
    const Domain domain = needle.is_actor ? Domain::kActor : domain_of(type);
    auto id = needle.subject.is_number ? (*key)->decrypt_digits(domain, needle.subject.number, digits_of(type))
                                       : (*key)->decrypt_identifier(domain, needle.bytes);
    if (id && can_be_named(type, *id)) persons.push_back({type, std::move(*id)});
  }
  return persons;
}

uint64_t Needle::tail_hash() const {
  return is_actor ? actor_hash(actor()) : subject_hash(stored());
}

bool Needle::is_in(const StoredEvent& event) const {
  if (event.period != period.number) return false;
  if (is_actor) return event.actor.id == actor();
  const StoredSubject wanted = stored();
  return std::any_of(event.subjects.begin(), event.subjects.end(), [&](StoredSubject subject_of_event) {
    subject_of_event.role = {};
    return subject_of_event == wanted;
  });
}

Result<std::vector<Needle>> needles_of(KeyStore* keys, const Whom& whom, std::vector<Period>& destroyed) {
  WEERBAAR_ASSIGN(std::vector<Needle> needles, all_needles_of(keys, whom, destroyed));
  for (Needle& needle : needles) {
    if (needle.is_actor) {
      append_actor_key(needle.period.number, needle.actor(), needle.key);
    } else {
      append_subject_key(needle.period.number, needle.stored(), needle.key);
    }
    needle.hash = key_hash(needle.key);
  }
  return needles;
}

Result<Whom> parse_subject(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(Code::kInvalid,
                "write a person as TYPE:ID, such as bsn:… (types: bsn, rsin, kvk, vehicle, address, "
                "employee, other)");
  }
  const auto type = parse_subject_type(text.substr(0, colon));
  const std::string_view id = text.substr(colon + 1);
  if (!type) {
    return fail(Code::kInvalid, "the type of a person is one of bsn, rsin, kvk, vehicle, address, employee, other");
  }
  WEERBAAR_TRY(check_form(id));
  if (id[0] == kPseudonymMark) return Whom(OfPseudonym{*type, std::string(id)});
  WEERBAAR_TRY(check_number(*type, id));
  return Whom(OfSubject{*type, std::string(id)});
}

Result<Whom> parse_actor(std::string_view text) {
  if (const Status status = check_form(text); !status) {
    return fail(Code::kInvalid, "write the employee as the source does, such as u104233");
  }
  if (text[0] == kPseudonymMark) return Whom(ByPseudonym{std::string(text)});
  return Whom(ByActor{std::string(text)});
}

}  // namespace weerbaar::trail
