#include "ingest/sources/otlp/interpret.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "domain/access_event_json.h"

namespace weerbaar::ingest::otlp {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Enum>
Status read_word(const Item& item, std::optional<Enum> parsed, std::string_view words, Enum& to) {
  if (!parsed) return fail(Code::kInvalid, fmt::format("{} is none of {}: mend it at the source", item.key, words));
  to = *parsed;
  return {};
}

}  // namespace

std::optional<SubjectType> subject_type_of(std::string_view id_type) {
  constexpr std::pair<std::string_view, SubjectType> kTypes[] = {
      {"bsn", SubjectType::kBsn},           {"rsin", SubjectType::kRsin},
      {"kvk", SubjectType::kKvk},           {"kvk-nummer", SubjectType::kKvk},
      {"kvknummer", SubjectType::kKvk},     {"kenteken", SubjectType::kVehicle},
      {"vehicle", SubjectType::kVehicle},   {"personeelsnummer", SubjectType::kEmployee},
      {"employee", SubjectType::kEmployee}, {"adres", SubjectType::kAddress},
      {"address", SubjectType::kAddress},
  };
  for (const auto& [word, type] : kTypes) {
    if (equal_ignoring_case(id_type, word)) return type;
  }
  return std::nullopt;
}

Status EventDraft::interpret(std::span<const Item> items) {
  for (const Item& item : items) WEERBAAR_TRY(interpret(item));
  add_subject(find_field(items, Field::kSubjectId), find_field(items, Field::kSubjectIdType));
  // An outcome that is told in so many words goes before the status of the span.
  if (const Item* status = find_field(items, Field::kStatus)) {
    if (status->value == kStatusError && find_field(items, Field::kOutcome) == nullptr)
      event.outcome = Outcome::kFailure;
  }
  // The name of a span says what it did; where a component is named, it is only kept.
  if (const Item* name = find_field(items, Field::kName)) {
    if (event.component.empty()) {
      event.component = name->value;
    } else {
      keep_as_attribute(*name);
    }
  }
  event.subjects = subjects_;
  event.data = data_;
  event.attributes = attributes_;
  return {};
}

Status EventDraft::interpret(const Item& item) {
  if (std::string_view* field = text_field(item.field)) {
    *field = item.value;
    return {};
  }
  switch (item.field) {
    case Field::kNone:
      keep_as_attribute(item);
      return {};
    case Field::kData:
      data_.push_back(item.value);
      return {};
    case Field::kRecords:
      return interpret_records(item);
    case Field::kName:
    case Field::kStatus:
    case Field::kSubjectId:
    case Field::kSubjectIdType:
      return {};
    default:
      return interpret_word(item);
  }
}

std::string_view* EventDraft::text_field(Field field) {
  switch (field) {
    case Field::kActorId:
      return &event.actor.id;
    case Field::kActorFunction:
      return &event.actor.function;
    case Field::kActorUnit:
      return &event.actor.unit;
    case Field::kOnBehalfOf:
      return &event.actor.on_behalf_of;
    case Field::kSystem:
      return &event.system;
    case Field::kComponent:
      return &event.component;
    case Field::kQuery:
      return &event.query;
    case Field::kCase:
      return &event.purpose.case_id;
    case Field::kLegalBasis:
      return &event.purpose.legal_basis;
    case Field::kReason:
      return &event.purpose.reason;
    case Field::kTerminal:
      return &event.workplace.terminal;
    case Field::kIp:
      return &event.workplace.ip;
    case Field::kLocation:
      return &event.workplace.location;
    case Field::kProcessingActivity:
      return &event.purpose.processing_activity;
    default:
      return nullptr;
  }
}

Status EventDraft::interpret_word(const Item& item) {
  switch (item.field) {
    case Field::kActorType:
      return read_word(item, parse_actor_type(item.value), "employee, service, external", event.actor.type);
    case Field::kAction:
      return read_word(item, parse_action(item.value),
                       "read, search, list, export, print, create, update, delete, execute, login, logout, decide",
                       event.action);
    case Field::kOutcome:
      return read_word(item, parse_outcome(item.value), "success, denied, failure", event.outcome);
    case Field::kBreakGlass:
      if (item.value != "true" && item.value != "false") {
        return fail(Code::kInvalid, fmt::format("{} is neither true nor false: mend it at the source", item.key));
      }
      event.purpose.break_glass = item.value == "true";
      return {};
    default:
      return {};
  }
}

Status EventDraft::interpret_records(const Item& item) {
  uint64_t records = 0;
  const std::string_view digits = item.value;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), records);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return fail(Code::kInvalid, fmt::format("{} is not a whole number from 0: mend it at the source", item.key));
  }
  event.records = records;
  return {};
}

void EventDraft::add_subject(const Item* id, const Item* id_type) {
  const auto type = id_type != nullptr ? subject_type_of(id_type->value) : std::nullopt;
  if (id_type != nullptr && (id == nullptr || !type)) keep_as_attribute(*id_type);
  if (id == nullptr) return;
  subjects_.push_back({type.value_or(SubjectType::kOther), id->value, {}});
}

void EventDraft::keep_as_attribute(const Item& item) {
  if (!item.is_text) {
    add_attribute(item.key, item.value);
    return;
  }
  std::string json;
  append_json_string(json, item.value);
  add_attribute(item.key, keep(std::move(json)));
}

void EventDraft::add_attribute(std::string_view key, std::string_view json) {
  const auto is_taken = [this](std::string_view name) {
    return std::ranges::find(attributes_, name, &Attribute::key) != attributes_.end();
  };
  std::string_view name = key;
  for (size_t n = 2; is_taken(name); ++n) name = keep(fmt::format("{}#{}", key, n));
  attributes_.push_back({name, json});
  event.attributes = attributes_;
}

}  // namespace weerbaar::ingest::otlp
