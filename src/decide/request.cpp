#include "decide/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strict_json.h"
#include "base/utf8.h"

namespace weerbaar::decide {
namespace {

using nlohmann::json;

std::unexpected<Error> wrong(std::string_view place, std::string_view name, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{}{} {}", place, name, what));
}

Result<json> parse(std::string_view body) {
  if (body.size() > kRequestBytesMax) {
    return fail(Code::kInvalid, fmt::format("the request is longer than {} bytes: ask in parts", kRequestBytesMax));
  }
  auto [parsed, has_double, is_too_deep] = parse_strictly<json>(body, kNestingMax);
  if (parsed.is_discarded()) return fail(Code::kInvalid, "the request is no JSON in UTF-8");
  if (has_double) return fail(Code::kInvalid, "the request has an object with the same member twice");
  if (is_too_deep) {
    return fail(Code::kInvalid, fmt::format("the request nests objects and arrays more than {} deep", kNestingMax));
  }
  if (!parsed.is_object()) return fail(Code::kInvalid, "the request is no JSON object");
  return parsed;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
}

// A text that is there. `bytes_max` as of access events.
Result<std::string> text_of(const json& value, std::string_view place, std::string_view name, size_t bytes_max) {
  if (!value.is_string()) return wrong(place, name, "is no string");
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) return wrong(place, name, "is empty: leave it out, or say what it is");
  if (text.size() > bytes_max) return wrong(place, name, fmt::format("is longer than {} bytes", bytes_max));
  if (has_control_character(text)) return wrong(place, name, "has a control character in it");
  return text;
}

Result<std::string> required_text(const json& object, std::string_view place, std::string_view name, size_t bytes_max) {
  const auto found = object.find(name);
  if (found == object.end()) return wrong(place, name, "is missing");
  return text_of(*found, place, name, bytes_max);
}

// An identity: what begins like a pseudonym would pass for one.
Result<std::string> required_id(const json& object, std::string_view place, size_t bytes_max) {
  WEERBAAR_ASSIGN(std::string id, required_text(object, place, "id", bytes_max));
  if (id.front() == kPseudonymMark) return wrong(place, "id", "begins with '~', as pseudonyms do: give the identity");
  return id;
}

Status optional_text(const json& object, std::string_view place, std::string_view name, size_t bytes_max,
                     std::string& to) {
  const auto found = object.find(name);
  if (found == object.end()) return {};
  WEERBAAR_ASSIGN(to, text_of(*found, place, name, bytes_max));
  return {};
}

// An entity of the information model: an object, whose properties are one too.
Result<const json*> entity(const json& holder, std::string_view place, std::string_view name) {
  const auto found = holder.find(name);
  if (found == holder.end()) return wrong(place, name, "is missing");
  if (!found->is_object()) return wrong(place, name, "is no object");
  const auto properties = found->find("properties");
  if (properties != found->end() && !properties->is_object()) return wrong(place, name, "has properties of no object");
  return &*found;
}

Question::Asker asker_of(std::string_view type) {
  if (type == "employee") return Question::Asker::kEmployee;
  if (type == "account" || type == "user") return Question::Asker::kAccount;
  return Question::Asker::kUnknown;
}

// "can_read" as in the examples of the text is "read".
std::optional<Action> action_of(std::string_view name) {
  constexpr std::string_view kCan = "can_";
  if (name.starts_with(kCan)) name.remove_prefix(kCan.size());
  return parse_action(name);
}

Status read_data(const json& context, std::string_view place, Question& question) {
  const auto found = context.find("data");
  if (found == context.end()) return {};
  if (!found->is_array()) return wrong(place, "data", "is no array of strings");
  if (found->size() > kDataCategoriesMax) {
    return wrong(place, "data", fmt::format("has more than {} categories", kDataCategoriesMax));
  }
  for (const json& item : *found) {
    WEERBAAR_ASSIGN(std::string category, text_of(item, place, "data", kTextBytesMax));
    question.data.push_back(std::move(category));
  }
  return {};
}

Status read_context(const json& context, std::string_view place, Question& question) {
  WEERBAAR_TRY(optional_text(context, place, "system", kNameBytesMax, question.system));
  WEERBAAR_TRY(optional_text(context, place, "case", kTextBytesMax, question.case_id));
  WEERBAAR_TRY(optional_text(context, place, "activity", kTextBytesMax, question.activity));
  WEERBAAR_TRY(optional_text(context, place, "unit", kTextBytesMax, question.unit));
  WEERBAAR_TRY(optional_text(context, place, "function", kTextBytesMax, question.function));
  WEERBAAR_TRY(optional_text(context, place, "purpose", kTextBytesMax, question.purpose));
  WEERBAAR_TRY(optional_text(context, place, "reason", kTextBytesMax, question.reason));
  // Some applications send their fields filled up with blanks.
  if (is_blank(question.reason)) question.reason.clear();
  WEERBAAR_TRY(read_data(context, place, question));
  const auto glass = context.find("break_glass");
  if (glass == context.end()) return {};
  if (!glass->is_boolean()) return wrong(place, "break_glass", "is neither true nor false");
  question.break_glass = glass->get<bool>();
  return {};
}

struct Entities {
  const json* subject = nullptr;
  const json* action = nullptr;
  const json* resource = nullptr;
  const json* context = nullptr;
};

Status read_subject(const json& subject, std::string_view place, Question& question) {
  const std::string here = fmt::format("{}subject.", place);
  WEERBAAR_ASSIGN(const std::string type, required_text(subject, here, "type", kTextBytesMax));
  question.asker = asker_of(type);
  WEERBAAR_ASSIGN(question.employee, required_id(subject, here, kNameBytesMax));
  return {};
}

Status read_resource(const json& resource, std::string_view place, Question& question) {
  const std::string here = fmt::format("{}resource.", place);
  WEERBAAR_ASSIGN(const std::string type, required_text(resource, here, "type", kTextBytesMax));
  question.person_type = parse_subject_type(type);
  WEERBAAR_ASSIGN(question.person, required_id(resource, here, kSubjectIdBytesMax));
  return {};
}

Status read_action(const json& action, std::string_view place, Question& question) {
  WEERBAAR_ASSIGN(const std::string name,
                  required_text(action, fmt::format("{}action.", place), "name", kTextBytesMax));
  question.action = action_of(name);
  return {};
}

Result<Question> read_question(const Entities& entities, std::string_view place) {
  Question question;
  for (const auto& [one, name] : {std::pair{entities.subject, "subject"}, std::pair{entities.action, "action"},
                                  std::pair{entities.resource, "resource"}}) {
    if (one == nullptr) return wrong(place, name, "is missing");
  }
  WEERBAAR_TRY(read_subject(*entities.subject, place, question));
  WEERBAAR_TRY(read_action(*entities.action, place, question));
  WEERBAAR_TRY(read_resource(*entities.resource, place, question));
  if (entities.context != nullptr) {
    WEERBAAR_TRY(read_context(*entities.context, fmt::format("{}context.", place), question));
  }
  return question;
}

// Takes those that the object has for those that were there.
Status take_entities(const json& object, std::string_view place, Entities& entities) {
  for (const auto& [name, to] : {std::pair{"subject", &entities.subject}, std::pair{"action", &entities.action},
                                 std::pair{"resource", &entities.resource}, std::pair{"context", &entities.context}}) {
    if (!object.contains(name)) continue;
    WEERBAAR_ASSIGN(*to, entity(object, place, name));
  }
  return {};
}

Result<Request> read_one(const json& parsed) {
  Entities entities;
  WEERBAAR_TRY(take_entities(parsed, "", entities));
  WEERBAAR_ASSIGN(Question question, read_question(entities, ""));
  Request request;
  request.questions.emplace_back(std::move(question));
  return request;
}

Result<Semantic> read_semantic(const json& parsed) {
  const auto options = parsed.find("options");
  if (options == parsed.end()) return Semantic::kExecuteAll;
  if (!options->is_object()) return wrong("", "options", "is no object");
  const auto semantic = options->find("evaluations_semantic");
  if (semantic == options->end() || *semantic == "execute_all") return Semantic::kExecuteAll;
  if (*semantic == "deny_on_first_deny") return Semantic::kDenyOnFirstDeny;
  if (*semantic == "permit_on_first_permit") return Semantic::kPermitOnFirstPermit;
  return wrong("options.", "evaluations_semantic",
               "is none of execute_all, deny_on_first_deny and permit_on_first_permit");
}

// Of a default that is wrong the whole request is; it stands for all that have none of their own.
Status check_defaults(const Entities& defaults) {
  Question ignored;
  if (defaults.subject != nullptr) WEERBAAR_TRY(read_subject(*defaults.subject, "", ignored));
  if (defaults.action != nullptr) WEERBAAR_TRY(read_action(*defaults.action, "", ignored));
  if (defaults.resource != nullptr) WEERBAAR_TRY(read_resource(*defaults.resource, "", ignored));
  if (defaults.context != nullptr) return read_context(*defaults.context, "context.", ignored);
  return {};
}

Result<Question> read_item(const json& item, std::string_view place, Entities entities) {
  WEERBAAR_TRY(take_entities(item, place, entities));
  return read_question(entities, place);
}

}  // namespace

Result<Request> read_evaluation(std::string_view body) {
  WEERBAAR_ASSIGN(const json parsed, parse(body));
  return read_one(parsed);
}

Result<Request> read_evaluations(std::string_view body) {
  WEERBAAR_ASSIGN(const json parsed, parse(body));
  const auto list = parsed.find("evaluations");
  if (list != parsed.end() && !list->is_array()) return wrong("", "evaluations", "is no array");
  Request request;
  WEERBAAR_ASSIGN(request.semantic, read_semantic(parsed));
  if (list == parsed.end() || list->empty()) return read_one(parsed);
  if (list->size() > kEvaluationsMax) {
    return wrong("", "evaluations", fmt::format("has more than {} items: ask in parts", kEvaluationsMax));
  }
  Entities defaults;
  WEERBAAR_TRY(take_entities(parsed, "", defaults));
  WEERBAAR_TRY(check_defaults(defaults));
  request.is_batch = true;
  for (size_t i = 0; i < list->size(); ++i) {
    const json& item = (*list)[i];
    const std::string place = fmt::format("evaluations[{}].", i);
    if (!item.is_object()) return fail(Code::kInvalid, fmt::format("evaluations[{}] is no object", i));
    request.questions.push_back(read_item(item, place, defaults));
  }
  return request;
}

}  // namespace weerbaar::decide
