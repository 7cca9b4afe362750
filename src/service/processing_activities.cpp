#include "service/processing_activities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "ingest/sources/otlp/interpret.h"
#include "service/json_body.h"
#include "trail/format/sha256.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTraceId = "traceId";
constexpr const char* kStart = "startTime";
constexpr const char* kEnd = "endTime";
constexpr const char* kActivity = "dpl.core.processing_activity_id";
constexpr const char* kSubject = "dpl.core.data_subject_id";
constexpr const char* kSubjectType = "dpl.core.data_subject_id_type";
constexpr const char* kProcessor = "dpl.core.foreign_operation.processor";
constexpr const char* kReadApi = "dpl.read.externalReadAPI_id";
constexpr std::string_view kEndTimeAttribute = "end_time";
constexpr size_t kTraceIdBytes = 16;
constexpr size_t kSpanIdBytes = 8;
constexpr int64_t kMicrosPerMilli = 1'000;

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{} {}", member, what));
}

Result<std::string> text_of(const Json& value, std::string_view member) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) return wrong(member, "is a text, not empty");
  if (value.get_ref<const std::string&>().size() > kTextBytesMax) {
    return wrong(member, fmt::format("has at most {} bytes", kTextBytesMax));
  }
  return value.get<std::string>();
}

// A UUID, with or without its dashes.
Result<std::string> trace_id_of(const Json& value) {
  WEERBAAR_ASSIGN(std::string text, text_of(value, kTraceId));
  std::erase(text, '-');
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != kTraceIdBytes) return wrong(kTraceId, "is 32 hexadecimal digits, as a UUID has them");
  return std::string(as_text(*bytes));
}

Result<int64_t> moment_of(const Json& value, std::string_view member) {
  constexpr int64_t kMillisMax = INT64_MAX / kMicrosPerMilli;
  const bool is_right = value.is_number_integer() &&
                        (!value.is_number_unsigned() || value.get<uint64_t>() <= kMillisMax) &&
                        value.get<int64_t>() >= 0;
  if (!is_right) return wrong(member, "is a whole number: milliseconds since 1970");
  return value.get<int64_t>();
}

// One that is shown as a number is none of a type that has texts.
Status check_pseudonym(const trail::Whom& subject) {
  if (!std::holds_alternative<trail::OfPseudonym>(subject)) return {};
  std::vector<trail::Period> destroyed;
  const auto needles = trail::needles_of(nullptr, subject, destroyed);
  return needles ? Status() : std::unexpected(needles.error());
}

// Without a type it may be a BSN, or one of no type that is known: LDV takes lines without a type too.
Result<std::vector<trail::Whom>> subjects_of(const std::string& id, const std::string& type) {
  std::vector<SubjectType> types = {SubjectType::kBsn, SubjectType::kOther};
  if (!type.empty()) types = {ingest::otlp::subject_type_of(type).value_or(SubjectType::kOther)};
  std::vector<trail::Whom> subjects;
  std::optional<Error> why;
  for (const SubjectType one : types) {
    auto subject = trail::parse_subject(fmt::format("{}:{}", to_string(one), id));
    const Status possible = subject ? check_pseudonym(*subject) : std::unexpected(subject.error());
    if (possible) subjects.push_back(std::move(*subject));
    if (!possible) why = possible.error();
  }
  if (subjects.empty()) return fail_in(kSubject, *why);
  return subjects;
}

Status read_member(const std::string& name, const Json& value, ProcessingQuestion& question, std::string& id,
                   std::string& type) {
  if (name == kTraceId) {
    WEERBAAR_ASSIGN(question.trace_id, trace_id_of(value));
  } else if (name == kActivity) {
    WEERBAAR_ASSIGN(question.activity, text_of(value, name));
  } else if (name == kSubject) {
    WEERBAAR_ASSIGN(id, text_of(value, name));
  } else if (name == kSubjectType) {
    WEERBAAR_ASSIGN(type, text_of(value, name));
  } else if (name == kProcessor) {
    WEERBAAR_ASSIGN(question.processor, text_of(value, name));
  } else if (name == kStart) {
    WEERBAAR_ASSIGN(question.start_ms, moment_of(value, name));
  } else if (name == kEnd) {
    WEERBAAR_ASSIGN(question.end_ms, moment_of(value, name));
  } else {
    static constexpr const char* kKnown[] = {kTraceId, kStart, kEnd, kActivity, kSubject, kSubjectType, kProcessor};
    return fail(Code::kInvalid, fmt::format("the members are {}, and no others", fmt::join(kKnown, ", ")));
  }
  return {};
}

// The text that the attribute holds; nothing when it is not there, or is no text.
std::optional<std::string> attribute(const AccessEvent& event, std::string_view key) {
  const auto found = std::ranges::find(event.attributes, key, &Attribute::key);
  if (found == event.attributes.end()) return std::nullopt;
  const Json json = Json::parse(found->value, nullptr, false);
  return json.is_string() ? std::optional(json.get<std::string>()) : std::nullopt;
}

int64_t end_ms_of(const AccessEvent& known) {
  const auto text = attribute(known, kEndTimeAttribute);
  const auto time = text ? parse_time(*text) : Result<Time>(known.time);
  return floor_div((time ? *time : known.time).micros, kMicrosPerMilli);
}

struct Ids {
  std::string trace;
  std::string span;
  bool are_made = false;
};

Ids ids_of(std::string_view trace, std::string_view span, std::string_view source, std::string_view id) {
  if (!trace.empty() && !span.empty()) return {std::string(trace), std::string(span)};
  const auto digest = trail::sha256(as_bytes(fmt::format("{}\n{}", source, id)));
  const std::string bytes(as_text(digest));
  return {bytes.substr(0, kTraceIdBytes), bytes.substr(kTraceIdBytes, kSpanIdBytes), true};
}

std::string uuid_of(std::string_view bytes) {
  std::string text = to_hex(as_bytes(bytes));
  for (const size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return text;
}

std::string type_word(SubjectType type, const AccessEvent& known) {
  switch (type) {
    case SubjectType::kBsn:
      return "BSN";
    case SubjectType::kRsin:
      return "RSIN";
    case SubjectType::kKvk:
      return "KVK";
    case SubjectType::kVehicle:
      return "kenteken";
    case SubjectType::kAddress:
      return "adres";
    case SubjectType::kEmployee:
      return "personeelsnummer";
    case SubjectType::kOther:
      break;
  }
  return attribute(known, kSubjectType).value_or("other");
}

bool is_asked(const ProcessingQuestion& question, const Subject& known, const Subject& shown) {
  if (question.subjects.empty()) return true;
  return std::ranges::any_of(question.subjects, [&](const trail::Whom& whom) {
    if (const auto* const subject = std::get_if<trail::OfSubject>(&whom)) {
      return subject->type == known.type && subject->id == known.id;
    }
    const auto* const pseudonym = std::get_if<trail::OfPseudonym>(&whom);
    return pseudonym != nullptr && pseudonym->type == shown.type && pseudonym->text == shown.id;
  });
}

Json activity_of(uint64_t entry, const Ids& ids, const AccessEvent& known, const AccessEvent& shown) {
  Json json = {{"traceId", uuid_of(ids.trace)},
               {"spanId", to_hex(as_bytes(ids.span))},
               {"status", known.outcome == Outcome::kSuccess ? "Ok" : "Error"},
               {"name", shown.component.empty() ? to_string(shown.action) : shown.component},
               {"startTime", floor_div(known.time.micros, kMicrosPerMilli)},
               {"endTime", end_ms_of(known)}};
  if (!shown.trace.parent_span_id.empty()) json["parentSpanId"] = to_hex(as_bytes(shown.trace.parent_span_id));
  json["resource"] = {{"attributes", {{"service.name", shown.system}}}};
  Json& attributes = json["attributes"] = Json::object();
  if (!shown.purpose.processing_activity.empty()) attributes[kActivity] = shown.purpose.processing_activity;
  for (const char* const key : {kProcessor, kReadApi}) {
    if (const auto value = attribute(known, key)) attributes[key] = *value;
  }
  attributes["weerbaar.entry"] = entry;
  if (ids.are_made) attributes["weerbaar.ids_made"] = true;
  return json;
}

}  // namespace

bool ProcessingQuestion::may_be(const trail::StoredEvent& event) const {
  if (!trace_id.empty() && ids_of(event.trace_id, event.span_id, event.shape.source, event.id).trace != trace_id) {
    return false;
  }
  if (!activity.empty() && event.shape.processing_activity != activity) return false;
  const int64_t began = floor_div(event.time.micros, kMicrosPerMilli);
  return (!start_ms || began >= *start_ms) && (!end_ms || began <= *end_ms);
}

Result<ProcessingQuestion> read_processing_question(std::string_view body) {
  WEERBAAR_ASSIGN(const Json json, parse_object(body));
  ProcessingQuestion question;
  std::string id;
  std::string type;
  for (const auto& [name, value] : json.items()) WEERBAAR_TRY(read_member(name, value, question, id, type));
  if (id.empty() && !type.empty()) return wrong(kSubjectType, fmt::format("goes with {}", kSubject));
  if (question.trace_id.empty() && question.activity.empty() && id.empty()) {
    return fail(Code::kInvalid, fmt::format("say at least one of {}, {} and {}", kTraceId, kActivity, kSubject));
  }
  if (!id.empty()) {
    WEERBAAR_ASSIGN(question.subjects, subjects_of(id, type));
  }
  return question;
}

void append_activities(const ProcessingQuestion& question, uint64_t entry, const AccessEvent& known,
                       const AccessEvent& shown, Json& to) {
  const Ids ids = ids_of(known.trace.trace_id, known.trace.span_id, known.source, known.id);
  if (!question.processor.empty() && attribute(known, kProcessor) != question.processor) return;
  if (question.end_ms && end_ms_of(known) > *question.end_ms) return;
  if (known.subjects.empty() && question.subjects.empty()) to.push_back(activity_of(entry, ids, known, shown));
  for (size_t i = 0; i < known.subjects.size(); ++i) {
    if (!is_asked(question, known.subjects[i], shown.subjects[i])) continue;
    Json json = activity_of(entry, ids, known, shown);
    json["attributes"][kSubject] = shown.subjects[i].id;
    json["attributes"][kSubjectType] = type_word(known.subjects[i].type, known);
    to.push_back(std::move(json));
  }
}

}  // namespace weerbaar::service
