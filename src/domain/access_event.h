// The access event: one employee or account touched the data of zero or more persons once.
//
// Plain data, in views: the text belongs to the EventBatch (or to whoever made the event) and must outlive it. An empty
// text, an empty list and an absent field are the same thing. Field by field: docs/formats/access-event.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace weerbaar {

// The numbers of these enumerations are written to disk: append, never renumber.
enum class ActorType : uint8_t { kEmployee, kService, kExternal };
enum class Action : uint8_t {
  kRead,
  kSearch,
  kList,
  kExport,
  kPrint,
  kCreate,
  kUpdate,
  kDelete,
  kExecute,
  kLogin,
  kLogout,
  kDecide
};
enum class SubjectType : uint8_t { kBsn, kRsin, kKvk, kVehicle, kAddress, kEmployee, kOther };
enum class Outcome : uint8_t { kSuccess, kDenied, kFailure };

// The word of the JSON form: "read", "bsn" ….
std::string_view to_string(ActorType type);
std::string_view to_string(Action action);
std::string_view to_string(SubjectType type);
std::string_view to_string(Outcome outcome);
// Nothing when the word is not one of the vocabulary.
std::optional<ActorType> parse_actor_type(std::string_view word);
std::optional<Action> parse_action(std::string_view word);
std::optional<SubjectType> parse_subject_type(std::string_view word);
std::optional<Outcome> parse_outcome(std::string_view word);

struct Subject {
  SubjectType type = SubjectType::kOther;
  std::string_view id;
  std::string_view role;

  auto operator<=>(const Subject&) const = default;
};

// A scalar that the source knows and we keep without interpreting. `value` is its JSON text: "\"abc\"", "12.5", "true".
struct Attribute {
  std::string_view key;
  std::string_view value;

  auto operator<=>(const Attribute&) const = default;
};

struct Actor {
  std::string_view id;
  ActorType type = ActorType::kEmployee;
  std::string_view function;
  std::string_view unit;
  std::string_view on_behalf_of;
};

struct Purpose {
  std::string_view processing_activity;
  std::string_view case_id;
  std::string_view legal_basis;
  std::string_view reason;
  bool break_glass = false;
};

struct Workplace {
  std::string_view terminal;
  std::string_view ip;
  std::string_view location;
};

// W3C Trace Context identifiers as raw bytes: 16, 8 and 8 long, or empty.
struct TraceContext {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_span_id;
};

struct AccessEvent {
  std::string_view id;
  std::string_view source;
  Time time;
  Actor actor;
  Action action = Action::kRead;
  std::string_view system;
  std::string_view component;
  std::span<const Subject> subjects;
  std::span<const std::string_view> data;
  std::string_view query;
  std::optional<uint64_t> records;  // at most kRecordsMax
  Purpose purpose;
  Outcome outcome = Outcome::kSuccess;
  Workplace workplace;
  TraceContext trace;
  std::span<const Attribute> attributes;
};

// Limits in bytes or items. Beyond them an event is refused, with the field named.
inline constexpr size_t kLineBytesMax = 64 * 1024;
inline constexpr size_t kIdBytesMax = 128;
inline constexpr size_t kNameBytesMax = 64;   // source, actor id, system
inline constexpr size_t kTextBytesMax = 512;  // every other plain text field
inline constexpr size_t kQueryBytesMax = 4'096;
inline constexpr size_t kSubjectsMax = 1'000;
inline constexpr size_t kSubjectIdBytesMax = 128;
inline constexpr size_t kDataCategoriesMax = 64;
inline constexpr size_t kAttributesMax = 256;
inline constexpr uint64_t kRecordsMax = (uint64_t{1} << 62U) - 1;

// A shown pseudonym of an employee or a person begins with it: "~2026-Q1:5f3a…". So no identity may.
inline constexpr char kPseudonymMark = '~';

// Checks an event against the rules of docs/formats/access-event.md that hold whatever the source: required fields,
// lengths, UTF-8, no control characters in names, no identity that could pass for a pseudonym, distinct attribute keys,
// sizes of trace ids. kInvalid names the field and the remedy, never the content.
Status validate(const AccessEvent& event);

// Events together with the memory of their texts. Movable; clear() keeps the memory for the next use.
class EventBatch {
 public:
  EventBatch();

  // A copy of `text` that lives as long as the batch.
  std::string_view keep(std::string_view text);
  // The same with `padding` bytes of zero behind the copy, which may be read but are no part of it.
  std::string_view keep_padded(std::string_view text, size_t padding);
  // Copies of the items that live as long as the batch (their texts are not copied).
  std::span<const Subject> keep(std::span<const Subject> subjects);
  std::span<const std::string_view> keep(std::span<const std::string_view> texts);
  std::span<const Attribute> keep(std::span<const Attribute> attributes);

  void add(const AccessEvent& event) { events_.push_back(event); }
  // A deep copy: every text of the event is kept in this batch first.
  void add_copy(const AccessEvent& event);
  void clear();

  [[nodiscard]] std::span<AccessEvent> events() { return events_; }
  [[nodiscard]] std::span<const AccessEvent> events() const { return events_; }
  [[nodiscard]] size_t size() const { return events_.size(); }
  [[nodiscard]] bool empty() const { return events_.empty(); }

 private:
  template <class T>
  std::span<const T> keep_items(std::span<const T> items);

  void* allocate(size_t bytes, size_t alignment);

  // Grows with clear() to what one filling takes, so that a batch that is used again allocates nothing.
  std::unique_ptr<std::byte[]> buffer_;
  size_t buffer_bytes_ = 0;
  size_t used_bytes_ = 0;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
  std::vector<AccessEvent> events_;
};

}  // namespace weerbaar
