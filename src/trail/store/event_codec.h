// Access events into canonical entries with pseudonyms, and back for who holds the keys.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/access_event.h"
#include "trail/format/entry.h"
#include "trail/privacy/period.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/pseudonym_cache.h"

namespace weerbaar::trail {

// The period whose key an event's identities come under: that of its time, but never one that has not begun, so that a
// source with a wrong clock cannot postpone retention.
Period period_of_event(Time time, Time received);

// period_of_event() for many events received at one moment: fast while they are of one quarter.
class PeriodOfEvents {
 public:
  explicit PeriodOfEvents(Time received) : received_(received) {}
  Period at(Time time) {
    if (time.micros < from_micros_ || time.micros >= until_micros_) turn_to(time);
    return period_;
  }

 private:
  void turn_to(Time time);

  Time received_;
  Period period_;
  int64_t from_micros_ = 0;  // of the moments of period_, until until_micros_
  int64_t until_micros_ = 0;
};

// The pseudonym form of a subject: a number for identifiers that are exactly as many digits as their type has, else
// bytes.
Domain domain_of(SubjectType type);
// Digits of the numeric identifiers of a type: 9, 9 and 8 for bsn, rsin and kvk; 0 for types that are texts.
unsigned digits_of(SubjectType type);
// `storage` keeps the bytes of the pseudonym.
StoredSubject pseudonym_of(SubjectType type, std::string_view id, const Pseudonymiser& key, Bytes& storage);

// Turns events into entries. Keeps the pseudonyms of who returns, within a bound. Not thread-safe.
class EventEncoder {
 public:
  // Events whose source clock runs ahead by more than this are marked.
  static constexpr int64_t kFutureMicros = 5 * 60 * kMicrosPerSecond;

  // Says that these events, all of `period`, are encoded before others: pseudonyms are then looked up and worked out
  // together, which is much faster. They must stay where they are until then.
  void look_ahead(std::span<const AccessEvent> events, Period period, const Pseudonymiser& key);

  // Appends the entry of a valid event (domain: validate()). `key` is that of `period`. kInvalid when the entry would
  // be longer than kEntryBytesMax. `hashes`: appended with the filter keys of its subjects and actor.
  Status encode(const AccessEvent& event, Time received, Period period, const Pseudonymiser& key, Bytes& out,
                std::vector<uint64_t>& hashes);

 private:
  std::string_view keep(size_t begin, size_t end) const;
  std::string_view sealed(Domain domain, std::string_view text, const Pseudonymiser& key);
  std::string_view identifier(Period period, Domain domain, std::string_view text, const Pseudonymiser& key);
  StoredSubject subject(Period period, const Subject& subject, const Pseudonymiser& key);
  // Those of the event at hand, in order; `actor`: its pseudonym.
  void take_people(const AccessEvent& event, Period period, const Pseudonymiser& key, std::string_view& actor);
  void encode_data(std::span<const std::string_view> data);
  void encode_attributes(std::span<const Attribute> attributes, const Pseudonymiser& key);

  Bytes arena_;       // pseudonyms of the event at hand; never grows while views into it are held
  Bytes data_;        // canonical CBOR of the data categories
  Bytes attributes_;  // canonical CBOR of the attributes
  std::vector<StoredSubject> subjects_;
  std::vector<const Attribute*> sorted_;
  PseudonymCache pseudonyms_;
  // What look_ahead() found: the actors of these events, and all their subjects; each event takes its own from where
  // the one before it ended.
  std::span<const AccessEvent> ahead_;
  struct Ahead {
    std::string_view actor;
    size_t subjects;  // first of them
  };
  std::vector<Ahead> people_;
  std::vector<StoredSubject> people_subjects_;
};

// How identities are shown.
enum class Disclosure {
  kPseudonyms,  // "~2026-Q1:5f3a…" for identities; texts that may name people are left out
  kIdentities,  // what the source said
};

// Adds the event as the source gave it, as far as `disclosure` and the key allow; its texts live in `out`. Without a
// key (its period was destroyed) it shows pseudonyms. kCorrupt when the stored form does not decrypt under the key.
Status decode(const StoredEvent& stored, Disclosure disclosure, const Pseudonymiser* key, EventBatch& out);

// The text form of a pseudonym: "~", the period, ":", and its digits or its bytes in hexadecimal.
std::string pseudonym_text(Period period, const StoredSubject& subject);
std::string pseudonym_text(Period period, std::string_view bytes);

}  // namespace weerbaar::trail
