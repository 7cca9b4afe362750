#include "ingest/sources/otlp/claim.h"

#include <algorithm>
#include <string>

#include "domain/access_event.h"

namespace weerbaar::ingest::otlp {
namespace {

// Two records that differ in one of these tell of two accesses.
constexpr Field kIdentityFields[] = {Field::kActorId,   Field::kOnBehalfOf,    Field::kAction,
                                     Field::kSystem,    Field::kComponent,     Field::kCase,
                                     Field::kSubjectId, Field::kSubjectIdType, Field::kProcessingActivity};
constexpr Field kActorFields[] = {Field::kActorId, Field::kActorType, Field::kActorFunction, Field::kActorUnit,
                                  Field::kOnBehalfOf};
constexpr Field kContextFields[] = {Field::kCase,     Field::kLegalBasis, Field::kReason,  Field::kBreakGlass,
                                    Field::kTerminal, Field::kIp,         Field::kLocation};

bool is_same(const Item* a, const Item* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->value == b->value;
}

}  // namespace

Claim::Claim(const Record& record)
    : time_(record.head().time), is_span_time_(record.head().kind == Kind::kSpan), service_(record.resource().service) {
  items_.reserve(record.items().size() + 1);
  for (const Item& item : record.items()) add(item);
  if (!record.resource().attributes.empty() && record.tells_of_access()) {
    add({Field::kNone, true, "resource", record.resource().attributes});
  }
}

bool Claim::can_take(const Claim& other) const {
  if (items_.size() + other.items_.size() > kClaimItemsMax || bytes_ + other.bytes_ > kClaimBytesMax) return false;
  return std::ranges::all_of(kIdentityFields, [&](Field field) {
    const Item* ours = find_field(items_, field);
    const Item* theirs = find_field(other.items_, field);
    return ours == nullptr || theirs == nullptr || ours->value == theirs->value;
  });
}

void Claim::take(const Claim& other) {
  for (const Item& item : other.items_) add(item);
  if (service_.empty()) service_ = other.service_;
  if (is_span_time_ && !other.is_span_time_) return;
  if (is_span_time_ == other.is_span_time_) {
    time_ = std::min(time_, other.time_);
  } else {
    time_ = other.time_;
    is_span_time_ = true;
  }
}

void Claim::inherit(const Claim& ancestor, bool context) {
  const auto copy = [&](Field field) {
    const Item* item = find_field(ancestor.items_, field);
    if (item != nullptr && !has(field)) add(*item);
  };
  for (const Field field : kActorFields) copy(field);
  if (!context) return;
  for (const Field field : kContextFields) copy(field);
  if (!ancestor.passes_on_all()) return;
  for (const Item& item : ancestor.items_) {
    if (item.field == Field::kNone && item.key != kEndTimeKey) add(item);
  }
}

bool Claim::passes_on_all() const {
  return std::ranges::all_of(items_, [](const Item& item) {
    return item.field == Field::kNone || item.field == Field::kName || item.field == Field::kStatus ||
           std::ranges::find(kActorFields, item.field) != std::end(kActorFields) ||
           std::ranges::find(kContextFields, item.field) != std::end(kContextFields);
  });
}

bool Claim::has_same_actor(const Claim& other) const {
  return is_same(find_field(items_, Field::kActorId), find_field(other.items_, Field::kActorId)) &&
         is_same(find_field(items_, Field::kOnBehalfOf), find_field(other.items_, Field::kOnBehalfOf));
}

ContentHash Claim::identity() const {
  std::string bytes;
  for (const Field field : kIdentityFields) {
    const Item* item = find_field(items_, field);
    bytes += item == nullptr ? '-' : '+';
    if (item == nullptr) continue;
    bytes += std::to_string(item->value.size());
    bytes += ':';
    bytes += item->value;
  }
  return content_hash(bytes);
}

void Claim::add(const Item& item) {
  Item added = item;
  if (item.field == Field::kData) {
    const auto is_data = [](const Item& known) { return known.field == Field::kData; };
    if (std::ranges::count_if(items_, is_data) >= static_cast<ptrdiff_t>(kDataCategoriesMax))
      added.field = Field::kNone;
  } else if (item.field != Field::kNone) {
    if (const Item* known = find_field(items_, item.field)) {
      if (known->value == item.value) return;
      added.field = Field::kNone;
    }
  }
  const bool is_known = std::ranges::any_of(items_, [&](const Item& known) {
    return known.field == added.field && known.key == added.key && known.value == added.value &&
           known.is_text == added.is_text;
  });
  if (is_known) return;
  items_.push_back(added);
  bytes_ += json_bytes(added);
}

}  // namespace weerbaar::ingest::otlp
