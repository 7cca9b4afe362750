#include "ingest/sources/jsonl/event_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/jsonl/json_fault.h"

namespace weerbaar::ingest::jsonl {
namespace {

namespace dom = simdjson::dom;

// An event needs three levels; some more, so that a nested value is refused by the name of its field.
constexpr size_t kDepthMax = 16;

std::string_view type_name(dom::element value) {
  switch (value.type()) {
    case dom::element_type::ARRAY:
      return "an array";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
      return "an integer";
    case dom::element_type::DOUBLE:
      return "a number with a fraction or exponent";
    case dom::element_type::STRING:
      return "a string";
    case dom::element_type::BOOL:
      return "true or false";
    case dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

Status wrong_type(std::string_view field, std::string_view wanted, dom::element value) {
  const std::string_view remedy = value.is_null() ? "leave it out" : "mend it at the source";
  return fail(Code::kInvalid, fmt::format("{} must be {}, not {}: {}", field, wanted, type_name(value), remedy));
}

// The fields of one object: finds them by name, and refuses unknown and repeated ones. `names` are whole ("actor.id");
// the first `prefix` bytes of each are the place of the object.
template <size_t N>
class Fields {
 public:
  Fields(const std::array<std::string_view, N>& names, size_t prefix) : names_(names), prefix_(prefix) {}

  Result<size_t> find(std::string_view key) {
    for (size_t i = 0; i < N; ++i) {
      if (names_[i].substr(prefix_) != key) continue;
      const uint32_t bit = 1U << i;
      if ((seen_ & bit) != 0) {
        return fail(Code::kInvalid, fmt::format("{} occurs twice: send each field once", names_[i]));
      }
      seen_ |= bit;
      return i;
    }
    const std::string_view place = names_[0].substr(0, prefix_);
    if (field_to_show(key, "").empty()) {
      return fail(Code::kInvalid, fmt::format("an unknown field{}{}: remove it, or move it into attributes",
                                              place.empty() ? "" : " in ", place.substr(0, prefix_ - (prefix_ > 0))));
    }
    return fail(Code::kInvalid,
                fmt::format("unknown field \"{}{}\": remove it, or move it into attributes", place, key));
  }
  [[nodiscard]] bool seen(size_t index) const { return (seen_ & (1U << index)) != 0; }

 private:
  static_assert(N <= 32);
  const std::array<std::string_view, N>& names_;
  size_t prefix_;
  uint32_t seen_ = 0;
};

Result<std::string_view> text_of(std::string_view field, dom::element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return std::unexpected(wrong_type(field, "a string", value).error());
  }
  return text;
}

Status read_text(std::string_view field, dom::element value, EventBatch& batch, std::string_view& to) {
  WEERBAAR_ASSIGN(const std::string_view text, text_of(field, value));
  to = batch.keep(text);
  return {};
}

// A word of a vocabulary; `words` lists it for people.
template <class Enum>
Status read_word(std::string_view field, dom::element value, std::optional<Enum> (*parse)(std::string_view),
                 std::string_view words, Enum& to) {
  WEERBAAR_ASSIGN(const std::string_view text, text_of(field, value));
  const std::optional<Enum> word = parse(text);
  if (!word) return fail(Code::kInvalid, fmt::format("{} must be one of {}", field, words));
  to = *word;
  return {};
}

Status read_hex(std::string_view field, dom::element value, size_t bytes, EventBatch& batch, std::string_view& to) {
  WEERBAAR_ASSIGN(const std::string_view text, text_of(field, value));
  if (text.empty()) return {};
  const Result<Bytes> decoded = from_hex(text);
  if (!decoded || decoded->size() != bytes) {
    return fail(Code::kInvalid, fmt::format("{} must be {} hexadecimal digits", field, bytes * 2));
  }
  to = batch.keep(as_text(*decoded));
  return {};
}

Status read_time(dom::element value, Time& to) {
  WEERBAAR_ASSIGN(const std::string_view text, text_of("time", value));
  Result<Time> time = parse_time(text);
  if (!time) return fail_in("time", time.error());
  to = *time;
  return {};
}

Status read_records(dom::element value, std::optional<uint64_t>& to) {
  const dom::element_type type = value.type();
  if (type != dom::element_type::INT64 && type != dom::element_type::UINT64) {
    return wrong_type("records", "a whole number", value);
  }
  uint64_t records = 0;
  if (value.get_uint64().get(records) != simdjson::SUCCESS || records > kRecordsMax) {
    return fail(Code::kInvalid, "records must lie between 0 and 2^62 - 1: mend it at the source");
  }
  to = records;
  return {};
}

Result<dom::object> object_of(std::string_view field, dom::element value) {
  dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return std::unexpected(wrong_type(field, "an object", value).error());
  }
  return object;
}

Result<dom::array> array_of(std::string_view field, dom::element value) {
  dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    return std::unexpected(wrong_type(field, "an array", value).error());
  }
  return array;
}

Status read_actor(dom::element value, EventBatch& batch, Actor& actor) {
  static constexpr std::array<std::string_view, 5> kNames = {"actor.id", "actor.unit", "actor.function",
                                                             "actor.on_behalf_of", "actor.type"};
  std::string_view* const texts[] = {&actor.id, &actor.unit, &actor.function, &actor.on_behalf_of};
  WEERBAAR_ASSIGN(const dom::object object, object_of("actor", value));
  Fields fields(kNames, sizeof("actor.") - 1);
  for (const auto& [key, member] : object) {
    WEERBAAR_ASSIGN(const size_t field, fields.find(key));
    if (field < std::size(texts)) {
      WEERBAAR_TRY(read_text(kNames[field], member, batch, *texts[field]));
    } else {
      WEERBAAR_TRY(read_word(kNames[field], member, parse_actor_type, "employee, service, external", actor.type));
    }
  }
  return {};
}

Status read_subject(dom::element value, EventBatch& batch, Subject& subject) {
  static constexpr std::array<std::string_view, 3> kNames = {"subjects.type", "subjects.id", "subjects.role"};
  WEERBAAR_ASSIGN(const dom::object object, object_of("an item of subjects", value));
  Fields fields(kNames, sizeof("subjects.") - 1);
  for (const auto& [key, member] : object) {
    WEERBAAR_ASSIGN(const size_t field, fields.find(key));
    if (field == 0) {
      WEERBAAR_TRY(read_word(kNames[field], member, parse_subject_type,
                             "bsn, rsin, kvk, vehicle, address, employee, other", subject.type));
    } else {
      WEERBAAR_TRY(read_text(kNames[field], member, batch, field == 1 ? subject.id : subject.role));
    }
  }
  if (!fields.seen(0)) return fail(Code::kInvalid, "subjects.type is missing: the source must fill it");
  return {};
}

Status read_purpose(dom::element value, EventBatch& batch, Purpose& purpose) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "purpose.case", "purpose.processing_activity", "purpose.legal_basis", "purpose.reason", "purpose.break_glass"};
  std::string_view* const texts[] = {&purpose.case_id, &purpose.processing_activity, &purpose.legal_basis,
                                     &purpose.reason};
  WEERBAAR_ASSIGN(const dom::object object, object_of("purpose", value));
  Fields fields(kNames, sizeof("purpose.") - 1);
  for (const auto& [key, member] : object) {
    WEERBAAR_ASSIGN(const size_t field, fields.find(key));
    if (field < std::size(texts)) {
      WEERBAAR_TRY(read_text(kNames[field], member, batch, *texts[field]));
    } else if (member.get_bool().get(purpose.break_glass) != simdjson::SUCCESS) {
      return wrong_type(kNames[field], "true or false", member);
    }
  }
  return {};
}

Status read_workplace(dom::element value, EventBatch& batch, Workplace& workplace) {
  static constexpr std::array<std::string_view, 3> kNames = {"workplace.terminal", "workplace.ip",
                                                             "workplace.location"};
  std::string_view* const texts[] = {&workplace.terminal, &workplace.ip, &workplace.location};
  WEERBAAR_ASSIGN(const dom::object object, object_of("workplace", value));
  Fields fields(kNames, sizeof("workplace.") - 1);
  for (const auto& [key, member] : object) {
    WEERBAAR_ASSIGN(const size_t field, fields.find(key));
    WEERBAAR_TRY(read_text(kNames[field], member, batch, *texts[field]));
  }
  return {};
}

Status read_trace(dom::element value, EventBatch& batch, TraceContext& trace) {
  static constexpr std::array<std::string_view, 3> kNames = {"trace.trace_id", "trace.span_id", "trace.parent_span_id"};
  static constexpr size_t kBytes[] = {16, 8, 8};
  std::string_view* const ids[] = {&trace.trace_id, &trace.span_id, &trace.parent_span_id};
  WEERBAAR_ASSIGN(const dom::object object, object_of("trace", value));
  Fields fields(kNames, sizeof("trace.") - 1);
  for (const auto& [key, member] : object) {
    WEERBAAR_ASSIGN(const size_t field, fields.find(key));
    WEERBAAR_TRY(read_hex(kNames[field], member, kBytes[field], batch, *ids[field]));
  }
  return {};
}

// The scalar as JSON text: one way to write each value. False when it is no scalar.
bool append_scalar(std::string& to, dom::element value) {
  switch (value.type()) {
    case dom::element_type::STRING:
      append_json_string(to, value.get_string().value_unsafe());
      return true;
    case dom::element_type::INT64:
      to += std::to_string(value.get_int64().value_unsafe());
      return true;
    case dom::element_type::UINT64:
      to += std::to_string(value.get_uint64().value_unsafe());
      return true;
    case dom::element_type::DOUBLE:
      append_json_number(to, value.get_double().value_unsafe());
      return true;
    case dom::element_type::BOOL:
      to += value.get_bool().value_unsafe() ? "true" : "false";
      return true;
    case dom::element_type::NULL_VALUE:
      to += "null";
      return true;
    case dom::element_type::ARRAY:
    case dom::element_type::OBJECT:
      break;
  }
  return false;
}

}  // namespace

struct EventReader::Buffers {
  dom::parser parser;
  std::array<uint8_t, kLineBytesMax + simdjson::SIMDJSON_PADDING> line{};
  std::vector<Subject> subjects;
  std::vector<std::string_view> data;
  std::vector<Attribute> attributes;
  std::string scalar;

  Status read_event(dom::object object, EventBatch& batch, AccessEvent& event);
  Status read_field(size_t field, dom::element value, EventBatch& batch, AccessEvent& event);
  Status read_subjects(dom::element value, EventBatch& batch, AccessEvent& event);
  Status read_data(dom::element value, EventBatch& batch, AccessEvent& event);
  Status read_attributes(dom::element value, EventBatch& batch, AccessEvent& event);
};

namespace {

// Places in kEventNames; the texts come first.
enum EventField : size_t {
  kActor = 5,
  kTime,
  kAction,
  kSubjects,
  kData,
  kRecords,
  kPurpose,
  kOutcome,
  kWorkplace,
  kTrace,
  kAttributes
};
constexpr std::array<std::string_view, 16> kEventNames = {
    "id",       "source", "system",  "component", "query",   "actor",     "time",  "action",
    "subjects", "data",   "records", "purpose",   "outcome", "workplace", "trace", "attributes"};
static_assert(kEventNames[kAttributes] == "attributes");

}  // namespace

Status EventReader::Buffers::read_subjects(dom::element value, EventBatch& batch, AccessEvent& event) {
  WEERBAAR_ASSIGN(const dom::array array, array_of("subjects", value));
  subjects.clear();
  for (const dom::element item : array) WEERBAAR_TRY(read_subject(item, batch, subjects.emplace_back()));
  event.subjects = batch.keep(std::span<const Subject>(subjects));
  return {};
}

Status EventReader::Buffers::read_data(dom::element value, EventBatch& batch, AccessEvent& event) {
  WEERBAAR_ASSIGN(const dom::array array, array_of("data", value));
  data.clear();
  for (const dom::element item : array) WEERBAAR_TRY(read_text("an item of data", item, batch, data.emplace_back()));
  event.data = batch.keep(std::span<const std::string_view>(data));
  return {};
}

Status EventReader::Buffers::read_attributes(dom::element value, EventBatch& batch, AccessEvent& event) {
  WEERBAAR_ASSIGN(const dom::object object, object_of("attributes", value));
  attributes.clear();
  for (const auto& [key, member] : object) {
    scalar.clear();
    if (!append_scalar(scalar, member)) {
      return wrong_type(field_to_show(key, "a member") + " of attributes", "a scalar", member);
    }
    attributes.push_back({batch.keep(key), batch.keep(scalar)});
  }
  event.attributes = batch.keep(std::span<const Attribute>(attributes));
  return {};
}

Status EventReader::Buffers::read_field(size_t field, dom::element value, EventBatch& batch, AccessEvent& event) {
  switch (field) {
    case kActor:
      return read_actor(value, batch, event.actor);
    case kTime:
      return read_time(value, event.time);
    case kAction:
      return read_word("action", value, parse_action,
                       "read, search, list, export, print, create, update, delete, execute, login, logout, decide",
                       event.action);
    case kSubjects:
      return read_subjects(value, batch, event);
    case kData:
      return read_data(value, batch, event);
    case kRecords:
      return read_records(value, event.records);
    case kPurpose:
      return read_purpose(value, batch, event.purpose);
    case kOutcome:
      return read_word("outcome", value, parse_outcome, "success, denied, failure", event.outcome);
    case kWorkplace:
      return read_workplace(value, batch, event.workplace);
    case kTrace:
      return read_trace(value, batch, event.trace);
    case kAttributes:
      return read_attributes(value, batch, event);
    default:
      break;
  }
  std::string_view* const texts[] = {&event.id, &event.source, &event.system, &event.component, &event.query};
  WEERBAAR_CHECK(field < std::size(texts));
  return read_text(kEventNames[field], value, batch, *texts[field]);
}

Status EventReader::Buffers::read_event(dom::object object, EventBatch& batch, AccessEvent& event) {
  Fields fields(kEventNames, 0);
  for (const auto& [key, value] : object) {
    WEERBAAR_ASSIGN(const size_t field, fields.find(key));
    WEERBAAR_TRY(read_field(field, value, batch, event));
  }
  // The other required fields are texts, and an empty one fails validate().
  for (const size_t field : {kTime, kAction}) {
    if (fields.seen(field)) continue;
    return fail(Code::kInvalid, fmt::format("{} is missing: the source must fill it", kEventNames[field]));
  }
  return {};
}

EventReader::EventReader() : buffers_(std::make_unique<Buffers>()) {
  // Out of memory at construction; read() would report it as broken JSON.
  WEERBAAR_CHECK(buffers_->parser.allocate(kLineBytesMax, kDepthMax) == simdjson::SUCCESS);
}

EventReader::~EventReader() = default;

Status EventReader::read(std::string_view line, EventBatch& batch, AccessEvent& event) {
  WEERBAAR_CHECK(line.size() <= kLineBytesMax);
  // The parser reads in blocks, beyond the end of the line.
  std::memcpy(buffers_->line.data(), line.data(), line.size());
  dom::element document;
  const auto error = buffers_->parser.parse(buffers_->line.data(), line.size(), false).get(document);
  if (error == simdjson::DEPTH_ERROR) {
    return fail(Code::kInvalid, fmt::format("the JSON nests deeper than {} levels: an event needs three", kDepthMax));
  }
  if (error != simdjson::SUCCESS) return fail(Code::kInvalid, explain_json_fault(line));
  dom::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return wrong_type("the line", "a JSON object", document);
  return buffers_->read_event(object, batch, event);
}

}  // namespace weerbaar::ingest::jsonl
