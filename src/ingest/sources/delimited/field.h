// The fields of an access event that a mapping can fill from one text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/access_event.h"

namespace weerbaar::ingest::delimited {

enum class FieldKind : uint8_t { kText, kActorType, kAction, kOutcome, kNumber, kBoolean, kTraceId, kSpanId };

struct Field {
  std::string_view name;  // as in the JSON form: "actor.id"
  FieldKind kind;
  bool required;
  std::string_view& (*text)(AccessEvent& event);  // where kText, kTraceId and kSpanId go
};

// nullptr when there is no such field. `time`, `data`, `subjects` and `attributes` are not texts and not here.
const Field* find_field(std::string_view name);
// Every name, for error texts.
std::string field_names();

// Puts `text`, which must outlive the event, in its field. kInvalid when it is not a word, number … of that field; the
// reason does not repeat the text. Lengths are left to validate().
Status set_field(const Field& field, std::string_view text, AccessEvent& event, EventBatch& batch);

}  // namespace weerbaar::ingest::delimited
