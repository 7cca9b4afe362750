// The canonical entry: the bytes that are hashed into the tree. docs/formats/entry.md.
//
// An access event stands in the trail with pseudonyms in place of identities (trail/privacy). Views point into the
// bytes that were decoded, or to whatever the writer filled in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/access_event.h"

namespace weerbaar::trail {

inline constexpr size_t kEntryBytesMax = 65'535;  // C2SP tlog-tiles: a 16-bit length

// Facts that intake adds to an event, as bits. Written to disk: append, never renumber.
inline constexpr uint64_t kMarkFuture = 1;  // the source's time lay more than five minutes ahead of ours

// A subject's pseudonym: a number below 10^width for identifiers of a fixed number of digits, else bytes.
struct StoredSubject {
  SubjectType type = SubjectType::kOther;
  bool is_number = false;
  uint64_t number = 0;
  std::string_view bytes;
  std::string_view role;

  // Canonical order within an entry, and of every index.
  auto operator<=>(const StoredSubject&) const = default;
};

struct StoredActor {
  std::string_view id;  // pseudonym, bytes
  ActorType type = ActorType::kEmployee;
  std::string_view function;
  std::string_view unit;

  auto operator<=>(const StoredActor&) const = default;
};

// What many events of one application have in common: stored once per segment.
struct StoredShape {
  std::string_view source;
  Action action = Action::kRead;
  std::string_view system;
  std::string_view component;
  std::string_view data;  // canonical CBOR array of text, empty for none
  std::string_view processing_activity;
  std::string_view legal_basis;
  Outcome outcome = Outcome::kSuccess;

  auto operator<=>(const StoredShape&) const = default;
};

struct StoredEvent {
  std::string_view id;
  Time time;
  int64_t received_ms = 0;  // since 1970, when intake took it
  uint16_t period = 0;      // whose key the pseudonyms are under: quarters since year 0
  StoredActor actor;
  StoredShape shape;
  std::span<const StoredSubject> subjects;  // ascending, without repetition
  std::optional<uint64_t> records;
  std::string_view case_id;
  std::string_view query;  // under the period key, like all below that identify
  bool break_glass = false;
  std::string_view trace_id, span_id, parent_span_id;
  uint64_t marks = 0;
  std::string_view on_behalf_of;
  std::string_view reason;
  std::string_view terminal;
  std::string_view ip;
  std::string_view location;
  std::string_view attributes;  // canonical CBOR map of text to bytes, bool or null; empty for none
};

// Anything else that is evidence: that a period's key was destroyed, what was imported ….
struct StoredRecord {
  std::string_view type;  // "retention" …
  int64_t received_ms = 0;
  std::string_view body;  // JSON text, without personal data
};

// Appends the canonical form. The caller keeps within kEntryBytesMax.
void encode(const StoredEvent& event, Bytes& out);
void encode(const StoredRecord& record, Bytes& out);

// A decoded entry: an event, or a record. Reusable: keeps its memory for the next decode.
class Entry {
 public:
  // kCorrupt when `bytes` are not exactly a canonical entry. `bytes` must outlive the views.
  Status decode(ByteView bytes);

  [[nodiscard]] bool is_event() const { return is_event_; }
  [[nodiscard]] const StoredEvent& event() const { return event_; }
  [[nodiscard]] const StoredRecord& record() const { return record_; }

 private:
  Status decode_event(ByteView bytes);
  Status decode_record(ByteView bytes);

  bool is_event_ = false;
  StoredEvent event_;
  StoredRecord record_;
  std::vector<StoredSubject> subjects_;
};

}  // namespace weerbaar::trail
