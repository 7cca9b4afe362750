// A claim that somebody accessed something, put together from the records of one span.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// What one claim takes from one side, so that two of them, an LDV line and an audit record, fit an event.
inline constexpr size_t kClaimItemsMax = kRecordItemsMax + 5;  // with name, status, end or body, and resource
inline constexpr size_t kClaimBytesMax = kRecordBytesMax + kResourceBytesMax;

// Views the records that it was made of, which must outlive it.
class Claim {
 public:
  explicit Claim(const Record& record);

  [[nodiscard]] std::span<const Item> items() const { return items_; }
  [[nodiscard]] bool has(Field field) const { return find_field(items_, field) != nullptr; }
  [[nodiscard]] bool has_actor() const { return has(Field::kActorId); }
  // The LDV half: whose data, or for what.
  [[nodiscard]] bool has_line() const { return has(Field::kSubjectId) || has(Field::kProcessingActivity); }
  [[nodiscard]] std::string_view service() const { return service_; }
  // Start of the span where that is known, else the time of the first record.
  [[nodiscard]] Time time() const { return time_; }

  // Neither contradicts the other in what makes an access the one that it is, and together they stay within the limits.
  [[nodiscard]] bool can_take(const Claim& other) const;
  // Adds what the other knows. Where both know something different, the first stays, and the other is kept as
  // attribute.
  void take(const Claim& other);
  // Adds what passes from a span to those below it: the user, and with `context` also purpose and workplace, and when
  // passes_on_all() the attributes.
  void inherit(const Claim& ancestor, bool context);
  // Besides user, purpose and workplace it tells nothing that makes an access, at most attributes, and the name, status
  // and end of its span.
  [[nodiscard]] bool passes_on_all() const;
  [[nodiscard]] bool has_same_actor(const Claim& other) const;

  // The same for claims of the same access: made of the fields that can_take() compares.
  [[nodiscard]] ContentHash identity() const;

 private:
  void add(const Item& item);

  std::vector<Item> items_;
  size_t bytes_ = 0;
  Time time_;
  bool is_span_time_;
  std::string_view service_;
};

}  // namespace weerbaar::ingest::otlp
