#include "ingest/sources/delimited/field.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr Field kFields[] = {
    {"id", FieldKind::kText, true, [](AccessEvent& e) -> std::string_view& { return e.id; }},
    {"actor.id", FieldKind::kText, true, [](AccessEvent& e) -> std::string_view& { return e.actor.id; }},
    {"actor.type", FieldKind::kActorType, false, nullptr},
    {"actor.function", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.actor.function; }},
    {"actor.unit", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.actor.unit; }},
    {"actor.on_behalf_of", FieldKind::kText, false,
     [](AccessEvent& e) -> std::string_view& { return e.actor.on_behalf_of; }},
    {"action", FieldKind::kAction, true, nullptr},
    {"system", FieldKind::kText, true, [](AccessEvent& e) -> std::string_view& { return e.system; }},
    {"component", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.component; }},
    {"query", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.query; }},
    {"records", FieldKind::kNumber, false, nullptr},
    {"purpose.processing_activity", FieldKind::kText, false,
     [](AccessEvent& e) -> std::string_view& { return e.purpose.processing_activity; }},
    {"purpose.case", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.purpose.case_id; }},
    {"purpose.legal_basis", FieldKind::kText, false,
     [](AccessEvent& e) -> std::string_view& { return e.purpose.legal_basis; }},
    {"purpose.reason", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.purpose.reason; }},
    {"purpose.break_glass", FieldKind::kBoolean, false, nullptr},
    {"outcome", FieldKind::kOutcome, false, nullptr},
    {"workplace.terminal", FieldKind::kText, false,
     [](AccessEvent& e) -> std::string_view& { return e.workplace.terminal; }},
    {"workplace.ip", FieldKind::kText, false, [](AccessEvent& e) -> std::string_view& { return e.workplace.ip; }},
    {"workplace.location", FieldKind::kText, false,
     [](AccessEvent& e) -> std::string_view& { return e.workplace.location; }},
    {"trace.trace_id", FieldKind::kTraceId, false,
     [](AccessEvent& e) -> std::string_view& { return e.trace.trace_id; }},
    {"trace.span_id", FieldKind::kSpanId, false, [](AccessEvent& e) -> std::string_view& { return e.trace.span_id; }},
    {"trace.parent_span_id", FieldKind::kSpanId, false,
     [](AccessEvent& e) -> std::string_view& { return e.trace.parent_span_id; }},
};

// The words of an enumeration, for error texts.
template <class Enum>
std::string words(Enum last) {
  std::string all;
  for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
    all.append(all.empty() ? "" : ", ").append(to_string(static_cast<Enum>(i)));
  }
  return all;
}

template <class Enum>
Status set_word(std::optional<Enum> parsed, Enum last, Enum& to) {
  if (!parsed) return fail(Code::kInvalid, fmt::format("it is not one of {}: map it with values", words(last)));
  to = *parsed;
  return {};
}

Status set_number(std::string_view text, std::optional<uint64_t>& to) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Code::kInvalid, "it is not a whole number of digits only");
  }
  to = number;
  return {};
}

Status set_boolean(std::string_view text, bool& to) {
  if (text != "true" && text != "false") return fail(Code::kInvalid, "it is not true or false: map it with values");
  to = text == "true";
  return {};
}

Status set_hex(std::string_view text, size_t size, std::string_view& to, EventBatch& batch) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != size) {
    return fail(Code::kInvalid, fmt::format("it is not {} hexadecimal digits", size * 2));
  }
  to = batch.keep(as_text(*bytes));
  return {};
}

}  // namespace

const Field* find_field(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kFields), std::end(kFields), [&](const Field& f) { return f.name == name; });
  return found == std::end(kFields) ? nullptr : found;
}

std::string field_names() {
  std::string names = "time, data";
  for (const Field& field : kFields) names.append(", ").append(field.name);
  return names;
}

Status set_field(const Field& field, std::string_view text, AccessEvent& event, EventBatch& batch) {
  switch (field.kind) {
    case FieldKind::kText:
      field.text(event) = text;
      return {};
    case FieldKind::kActorType:
      return set_word(parse_actor_type(text), ActorType::kExternal, event.actor.type);
    case FieldKind::kAction:
      return set_word(parse_action(text), Action::kDecide, event.action);
    case FieldKind::kOutcome:
      return set_word(parse_outcome(text), Outcome::kFailure, event.outcome);
    case FieldKind::kNumber:
      return set_number(text, event.records);
    case FieldKind::kBoolean:
      return set_boolean(text, event.purpose.break_glass);
    case FieldKind::kTraceId:
      return set_hex(text, 16, field.text(event), batch);
    case FieldKind::kSpanId:
      return set_hex(text, 8, field.text(event), batch);
  }
  return {};
}

}  // namespace weerbaar::ingest::delimited
