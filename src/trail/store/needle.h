// What to look for: a person or an employee, as the pseudonym that they have in each period.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/access_event.h"
#include "trail/format/entry.h"
#include "trail/privacy/key_store.h"
#include "trail/privacy/period.h"

namespace weerbaar::trail {

// A person whose data was consulted: a real identity.
struct OfSubject {
  SubjectType type;
  std::string id;
};
// An employee or account that consulted: a real identity.
struct ByActor {
  std::string id;
};
// Either of them as it was shown without keys: "~2026-Q1:5f3a…". It means one person in one period.
struct OfPseudonym {
  SubjectType type;
  std::string text;
};
struct ByPseudonym {
  std::string text;
};
using Whom = std::variant<OfSubject, ByActor, OfPseudonym, ByPseudonym>;

// "bsn:123456782", or with a pseudonym "bsn:~2026-Q1:012345678". kInvalid names what is wrong: an unknown type, a bsn
// of eight digits (write the leading zero), a bsn that fails the 11-test …, without repeating the identity.
Result<Whom> parse_subject(std::string_view text);
// "u104233", or with a pseudonym "~2026-Q1:5f3a…".
Result<Whom> parse_actor(std::string_view text);

// An employee or account as it is shown to who may not know the identity: the pseudonym of a quarter, whose key is made
// when it never was. Errors of KeyStore::period_or_create().
Result<std::string> actor_pseudonym(KeyStore& keys, Period quarter, std::string_view id);
// Who that is; nothing when the key of its quarter is destroyed. kInvalid for what was never shown so, kCorrupt for
// what is no pseudonym under that key.
Result<std::optional<std::string>> actor_behind(KeyStore& keys, std::string_view pseudonym);

// The persons and employees whom it means, as subjects: one by identity; by a pseudonym nobody when the key of its
// quarter is not there, or when it is none of that key; two when its text may mean two things. What is in the trail
// plays no part. kInvalid for what was never shown so; errors of KeyStore::period().
Result<std::vector<OfSubject>> persons_behind(KeyStore* keys, const Whom& whom);

// What to look for in one period.
struct Needle {
  Period period;
  bool is_actor = false;
  StoredSubject subject;  // when not an actor; its bytes point into `bytes`: see stored()
  Bytes bytes;            // pseudonym of an actor, or of a subject that is a text
  Bytes key;              // trail/format/index_key.h
  uint64_t hash = 0;      // of the key

  [[nodiscard]] std::string_view actor() const { return as_text(bytes); }
  [[nodiscard]] StoredSubject stored() const {
    StoredSubject stored = subject;
    if (!stored.is_number) stored.bytes = as_text(bytes);
    return stored;
  }
  // In the index of a tail.
  [[nodiscard]] uint64_t tail_hash() const;
  [[nodiscard]] bool is_in(const StoredEvent& event) const;
};

// One for each period whose key is alive; the others go to `destroyed`. A pseudonym as it was shown needs no keys, and
// may mean two things. kDenied when an identity is asked without keys; kInvalid for what was never shown so.
Result<std::vector<Needle>> needles_of(KeyStore* keys, const Whom& whom, std::vector<Period>& destroyed);

}  // namespace weerbaar::trail
