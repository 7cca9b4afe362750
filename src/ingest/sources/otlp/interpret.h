// From items to the fields of an access event. Nothing is guessed: a word or number that is not understood is an error.
#pragma once

#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// What `dpl.core.data_subject_id_type` names, in any case. The types of LDV are words of practice, not a closed list:
// of another one nothing, and the subject is SubjectType::kOther.
std::optional<SubjectType> subject_type_of(std::string_view id_type);

// An event in the making, with the lists and texts that it views. Not movable.
class EventDraft {
 public:
  EventDraft() = default;
  EventDraft(const EventDraft&) = delete;
  EventDraft& operator=(const EventDraft&) = delete;

  AccessEvent event;

  // Adds to `event` what the items say; their texts must outlive the draft. Of an attribute that comes again with
  // another value both are kept, the later ones as "key#2", "key#3" …. kInvalid names the attribute and the remedy,
  // never its value. Call once.
  Status interpret(std::span<const Item> items);
  // `json` is the JSON text of a scalar and must outlive the draft.
  void add_attribute(std::string_view key, std::string_view json);
  // A text that lives as long as the draft.
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  Status interpret(const Item& item);
  Status interpret_word(const Item& item);
  Status interpret_records(const Item& item);
  std::string_view* text_field(Field field);
  void add_subject(const Item* id, const Item* id_type);
  void keep_as_attribute(const Item& item);

  std::vector<Subject> subjects_;
  std::vector<std::string_view> data_;
  std::vector<Attribute> attributes_;
  std::list<std::string> texts_;
};

}  // namespace weerbaar::ingest::otlp
