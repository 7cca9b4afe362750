// An entry as a package shows it to people: decoded, with identities or pseudonyms. Made from the trail by who has the
// keys, or read back from the JSON in a package by who has not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "domain/access_event.h"
#include "trail/format/entry.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "trail/store/hidden_others.h"

namespace weerbaar::trail {

struct ShownEntry {
  EntryIndex index;
  Time received;
  std::string period;                               // of the key; of an event only
  Disclosure disclosure = Disclosure::kPseudonyms;  // of an event only
  std::vector<std::string> marks;                   // "future": trail/format/entry.h
  std::vector<std::string> withheld;                // fields that the entry has and that are not shown
  std::optional<AccessEvent> event;                 // else it is a record; texts live in the batch
  std::string record_type;
  std::string record_body;  // JSON
};

// Identities need the key of the event's period; without one the entry shows pseudonyms. Subjects of which `shows` says
// no keep theirs, and take the free text along (trail/store/hidden_others.h); without it all are shown. Texts of the
// event live in `texts`. kCorrupt when the entry does not decrypt under the key, or says what no entry of ours does.
Result<ShownEntry> show(EntryIndex index, const Entry& entry, const Pseudonymiser* key, EventBatch& texts,
                        const ShowsSubject& shows = nullptr);

// One line of JSON with its LF; equal entries give equal text.
std::string to_json(const ShownEntry& entry);

// What JSON with identities says to stand behind a pseudonym.
struct Disclosed {
  Domain domain;
  unsigned digits = 0;    // of a numeric pseudonym; 0: the pseudonym is bytes
  bool sealed = false;    // free text (encrypt_text), not an identifier
  std::string pseudonym;  // the bytes, or the number in decimal
  std::string hidden;     // of a subject: what stands in its place where it keeps its pseudonym
  std::string text;
};

struct ReadEntry {
  ShownEntry entry;
  std::vector<Disclosed> disclosed;  // nothing when the JSON shows pseudonyms
};

// Reads to_json() of the entry back. Everything that is not under the period key must be exactly what `bytes`, the
// canonical entry, say; what is under the key is either the pseudonym or disclosed, for all fields alike but for
// subjects, of which each may keep its own pseudonym: exactly then the free text is withheld. kInvalid with the place
// in the JSON when it is not so; kCorrupt when `bytes` are no entry of ours.
Result<ReadEntry> read_json(std::string_view json, EntryIndex index, ByteView bytes, EventBatch& texts);

}  // namespace weerbaar::trail
