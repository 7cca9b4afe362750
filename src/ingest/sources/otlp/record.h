// What one span, LDV line or log record says, taken out of its JSON: when, within which trace, and items with a
// meaning.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ingest/sources/otlp/mapping.h"

namespace weerbaar::ingest::otlp {

// Limits of one record, chosen so that an LDV line, an audit record, and what they inherit fit one event together.
inline constexpr size_t kRecordItemsMax = 120;
inline constexpr size_t kRecordBytesMax = 16 * 1024;   // keys and values in JSON text, without the resource
inline constexpr size_t kResourceBytesMax = 8 * 1024;  // its attributes in JSON text
inline constexpr size_t kKeyBytesMax = 120;            // leaves room for "#2" (interpret.h)

// The value of a kStatus item. There is none for Unset and Ok.
inline constexpr std::string_view kStatusError = "Error";

// The attribute for the end of a span.
inline constexpr std::string_view kEndTimeKey = "end_time";

// The meaning of an item in an access event.
enum class Field : uint8_t {
  kNone,  // kept as an attribute
  kName,  // of the span: the component, unless there is a kComponent
  kStatus,
  kActorId,
  kActorType,
  kActorFunction,
  kActorUnit,
  kOnBehalfOf,
  kAction,
  kSystem,
  kComponent,
  kData,  // the only one of which a record may have several
  kQuery,
  kRecords,
  kCase,
  kLegalBasis,
  kReason,
  kBreakGlass,
  kOutcome,
  kTerminal,
  kIp,
  kLocation,
  kSubjectId,
  kSubjectIdType,
  kProcessingActivity,
};

// `rank` orders the attributes that mean the same: of those in one record the lowest is taken, the others are kept.
struct Meaning {
  Field field = Field::kNone;
  uint8_t rank = 0;
};
Meaning meaning_of(std::string_view key, const Mapping& mapping);

struct Item {
  Field field = Field::kNone;
  bool is_text = true;  // false: `value` is the JSON text of a number, true or false
  std::string_view key;
  std::string_view value;
};

// Null when there is none. Not for kNone and kData.
const Item* find_field(std::span<const Item> items, Field field);
// Size of the item in JSON text.
size_t json_bytes(const Item& item);

// What produced the records of one block.
struct Resource {
  std::string service;     // service.name, or the name in an LDV resource; may be empty
  std::string attributes;  // all of them as the JSON text of an object; empty when the service is all there is
};

using TraceId = std::array<char, 16>;
using SpanId = std::array<char, 8>;
// SHA-256, so that nobody can craft a record that passes for another and hides behind it.
using ContentHash = std::array<uint8_t, 32>;
ContentHash content_hash(std::string_view bytes);

enum class Kind : uint8_t { kSpan, kLog };  // an LDV line is a span in another spelling

struct RecordHead {
  Kind kind = Kind::kSpan;
  std::optional<TraceId> trace_id;  // a log record may lack them, or have only the first
  std::optional<SpanId> span_id;
  std::optional<SpanId> parent_span_id;
  Time time;          // start of the span, or time of the log record
  uint64_t line = 0;  // of the input
};

// Owns its texts. Movable.
class Record {
 public:
  Record(const RecordHead& head, std::shared_ptr<const Resource> resource, std::span<const Item> items);

  [[nodiscard]] const RecordHead& head() const { return head_; }
  [[nodiscard]] const Resource& resource() const { return *resource_; }
  [[nodiscard]] std::span<const Item> items() const { return items_; }
  // The same for the same content, whatever the spelling of its JSON and the request that it came in.
  [[nodiscard]] const ContentHash& hash() const { return hash_; }
  // Memory that it takes, counting the whole resource though records of one block share it.
  [[nodiscard]] size_t bytes() const;
  // It says more than the name and the status of a span.
  [[nodiscard]] bool tells_of_access() const;

 private:
  RecordHead head_;
  std::shared_ptr<const Resource> resource_;
  std::unique_ptr<char[]> text_;
  size_t text_bytes_ = 0;
  std::vector<Item> items_;  // in views of text_
  ContentHash hash_;
};

}  // namespace weerbaar::ingest::otlp
