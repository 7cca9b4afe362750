#include "decide/decision_record.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

#include "domain/access_event_json.h"
#include "trail/store/event_codec.h"

namespace weerbaar::decide {
namespace {

using Json = nlohmann::ordered_json;
using trail::Domain;
using trail::Period;
using trail::Pseudonymiser;

constexpr std::string_view kUnknown = "unknown";
constexpr int64_t kMicrosPerMilli = 1'000;

struct Words {
  std::string_view dutch;
  std::string_view english;
};
// For the employee, by condition. None tells that a person is shielded, or how the employee stands to the person.
constexpr std::array<Words, kConditions> kWords = {{
    {"Uw werk verklaart deze raadpleging.", "Your work explains this consultation."},
    {"Uit wat bekend is blijkt niet welk werk dit verklaart.", "Nothing that is known tells which work explains this."},
    {"Een regel verzet zich tegen deze raadpleging.", "A rule objects to this consultation."},
    {"U hebt geen taak die deze raadpleging nodig maakt.", "You have no task that makes this consultation necessary."},
    {"U bent niet gemachtigd voor dit systeem.", "You are not authorised for this system."},
    {"Deze medewerker is niet bekend of niet meer in dienst.", "This employee is not known, or works here no more."},
    {"Over deze persoon is niets bekend.", "Nothing is known of this person."},
    {"Deze handeling is niet bekend.", "This action is not known."},
    {"U hebt de noodprocedure gebruikt. Iemand kijkt dit na.", "You broke the glass. Somebody will review this."},
    {"De noodprocedure vraagt om een reden.", "Breaking the glass needs a reason."},
}};

// Writes the members of one object.
class Members {
 public:
  explicit Members(std::string& to) : to_(to) { to_ += '{'; }
  void close() { to_ += '}'; }
  std::string& key(std::string_view name) {
    if (!first_) to_ += ',';
    first_ = false;
    append_json_string(to_, name);
    to_ += ':';
    return to_;
  }
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) append_json_string(key(name), value);
  }
  void number(std::string_view name, uint64_t value) { fmt::format_to(std::back_inserter(key(name)), "{}", value); }
  void truth(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    key(name) += '[';
    for (const std::string& value : values) {
      if (&value != values.data()) to_ += ',';
      append_json_string(to_, value);
    }
    to_ += ']';
  }

 private:
  std::string& to_;
  bool first_ = true;
};

std::string_view word_of(Question::Asker asker) {
  switch (asker) {
    case Question::Asker::kEmployee:
      return "employee";
    case Question::Asker::kAccount:
      return "account";
    case Question::Asker::kUnknown:
      break;
  }
  return kUnknown;
}

// Identities and free texts under the key of a quarter.
class Sealing {
 public:
  Sealing(Period period, const Pseudonymiser& key) : period_(period), key_(key) {}

  std::string employee(std::string_view id) {
    bytes_.clear();
    key_.encrypt_identifier(Domain::kActor, id, bytes_);
    return trail::pseudonym_text(period_, as_text(bytes_));
  }
  std::string person(SubjectType type, std::string_view id) {
    bytes_.clear();
    return trail::pseudonym_text(period_, trail::pseudonym_of(type, id, key_, bytes_));
  }
  std::string text(std::string_view text) {
    if (text.empty()) return {};
    bytes_.clear();
    key_.encrypt_text(Domain::kReason, text, bytes_);
    return trail::pseudonym_text(period_, as_text(bytes_));
  }

 private:
  Period period_;
  const Pseudonymiser& key_;
  Bytes bytes_;
};

void append_context(std::string& to, const Question& question, Sealing& sealing) {
  Members context(to);
  context.text("system", question.system);
  context.text("case", question.case_id);
  context.text("activity", question.activity);
  context.text("unit", question.unit);
  context.text("function", question.function);
  context.texts("data", question.data);
  if (question.break_glass) context.truth("break_glass", true);
  context.text("purpose", sealing.text(question.purpose));
  context.text("reason", sealing.text(question.reason));
  context.close();
}

void append_request(std::string& to, const Question& question, Sealing& sealing) {
  Members request(to);
  Members subject(request.key("subject"));
  subject.text("type", word_of(question.asker));
  subject.text("id", sealing.employee(question.employee));
  subject.close();
  Members action(request.key("action"));
  action.text("name", question.action ? to_string(*question.action) : kUnknown);
  action.close();
  Members resource(request.key("resource"));
  resource.text("type", question.person_type ? to_string(*question.person_type) : kUnknown);
  resource.text("id", sealing.person(question.person_type.value_or(SubjectType::kOther), question.person));
  resource.close();
  append_context(request.key("context"), question, sealing);
  request.close();
}

void append_response(std::string& to, const Decision& decision) {
  Members response(to);
  response.truth("decision", decision.permit);
  Members context(response.key("context"));
  append_grounds(context.key("reasons"), decision.grounds, false);
  if (!decision.obligations.empty()) append_obligations(context.key("obligations"), decision.obligations);
  context.close();
  response.close();
}

void append_attributes(std::string& to, const Call& call, size_t item, const Versions& versions, Period period,
                       Sealing& sealing) {
  Members attributes(to);
  Members policies(attributes.key("adl.core.policies"));
  policies.number("decision_policy", versions.decision_policy);
  policies.text("decision_policy_sha256", versions.decision_policy_sha256);
  policies.number("control_policy", versions.control_policy);
  policies.text("control_policy_sha256", versions.control_policy_sha256);
  policies.close();
  Members information(attributes.key("adl.core.information"));
  information.number("register_import", versions.import);
  information.close();
  attributes.text("weerbaar.application", call.application);
  attributes.text("weerbaar.period", to_string(period));
  if (call.is_batch) {
    attributes.number("weerbaar.item", item + 1);
    attributes.number("weerbaar.items", call.items);
  }
  attributes.text("weerbaar.request_id", sealing.text(call.request_id));
  attributes.close();
}

Result<Json> parse_record(std::string_view body) {
  Json json = Json::parse(body, nullptr, false);
  const bool is_one = json.is_object() && json.contains("attributes") && json["attributes"].is_object() &&
                      json["attributes"].contains("weerbaar.period") &&
                      json["attributes"]["weerbaar.period"].is_string() && json.contains("body") &&
                      json["body"].is_object();
  if (!is_one) return fail(Code::kCorrupt, "the record is none of a decision: run `weerbaar verify`");
  return json;
}

// Puts identities in the place of pseudonyms.
class Opening {
 public:
  Opening(std::string_view period, const Pseudonymiser* key) : mark_(fmt::format("~{}:", period)), key_(key) {}

  void employee(Json& object) {
    replace(object, "id", [&](std::string_view text) -> Result<std::string> {
      WEERBAAR_ASSIGN(const Bytes bytes, from_hex(text));
      return key_->decrypt_identifier(Domain::kActor, bytes);
    });
  }
  void person(Json& object) {
    const auto said = object.find("type");
    const auto type = said != object.end() && said->is_string() ? parse_subject_type(said->get<std::string>())
                                                                : std::optional<SubjectType>();
    const SubjectType known = type.value_or(SubjectType::kOther);
    replace(object, "id", [&](std::string_view text) -> Result<std::string> {
      const unsigned digits = trail::digits_of(known);
      if (digits != 0 && text.size() == digits) {
        uint64_t number = 0;
        for (const char c : text) number = number * 10 + static_cast<uint64_t>(c - '0');
        return key_->decrypt_digits(trail::domain_of(known), number, digits);
      }
      WEERBAAR_ASSIGN(const Bytes bytes, from_hex(text));
      return key_->decrypt_identifier(trail::domain_of(known), bytes);
    });
  }
  // A text that may name anybody.
  void text(Json& object, const char* name) {
    if (key_ == nullptr) {
      object.erase(name);
      return;
    }
    replace(object, name, [&](std::string_view sealed) -> Result<std::string> {
      WEERBAAR_ASSIGN(const Bytes bytes, from_hex(sealed));
      return key_->decrypt_text(Domain::kReason, bytes);
    });
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  template <class Decrypt>
  void replace(Json& object, const char* name, Decrypt decrypt) {
    const auto found = object.find(name);
    if (key_ == nullptr || found == object.end()) return;
    const bool is_one = found->is_string() && found->get_ref<const std::string&>().starts_with(mark_);
    Result<std::string> opened = fail(Code::kCorrupt, "a pseudonym of the record is none: run `weerbaar verify`");
    if (is_one) opened = decrypt(std::string_view(found->get_ref<const std::string&>()).substr(mark_.size()));
    if (opened) {
      *found = *opened;
    } else if (status_) {
      status_ = fail(Code::kCorrupt, opened.error().text);
    }
  }

  const std::string mark_;
  const Pseudonymiser* const key_;
  Status status_;
};

}  // namespace

void append_grounds(std::string& to, const std::vector<Ground>& grounds, bool with_words) {
  to += '[';
  for (const Ground& ground : grounds) {
    if (&ground != grounds.data()) to += ',';
    Members one(to);
    one.text("code", to_string(ground.condition));
    one.text("rule", ground.rule);
    if (with_words) {
      const Words& words = kWords[static_cast<size_t>(ground.condition)];
      one.text("nl", words.dutch);
      one.text("en", words.english);
    }
    one.close();
  }
  to += ']';
}

void append_obligations(std::string& to, const Obligations& obligations) {
  to += '[';
  bool first = true;
  const auto add = [&](std::string_view type, std::string_view name, const std::vector<std::string>& values) {
    if (!first) to += ',';
    first = false;
    Members one(to);
    one.text("type", type);
    one.texts(name, values);
    one.close();
  };
  if (!obligations.mask.empty()) add("mask", "data", obligations.mask);
  if (obligations.ask_reason) add("ask_reason", "", {});
  if (!obligations.notify.empty()) add("notify", "roles", obligations.notify);
  if (obligations.review) add("review", "", {});
  to += ']';
}

std::string_view record_type(const Decision& decision) {
  return decision.obligations.review ? kToReviewRecord : kDecisionRecord;
}

std::string record_of(const Call& call, size_t item, const Result<Question>& question, const Decision& decision,
                      const Versions& versions, Period period, const Pseudonymiser& key) {
  Sealing sealing(period, key);
  std::string body;
  Members record(body);
  record.text("event_name", call.is_batch ? "adl.access_evaluations" : "adl.access_evaluation");
  record.number("timestamp", static_cast<uint64_t>(call.at.micros / kMicrosPerMilli));
  record.text("trace_id", call.trace_id);
  record.text("span_id", call.span_id);
  record.text("parent_span_id", call.parent_span_id);
  record.text("status", question ? "Unset" : "Error");
  append_attributes(record.key("attributes"), call, item, versions, period, sealing);
  Members content(record.key("body"));
  if (question) append_request(content.key("adl.core.request"), *question, sealing);
  append_response(content.key("adl.core.response"), decision);
  content.close();
  record.close();
  return body;
}

Result<Period> period_of_record(std::string_view body) {
  WEERBAAR_ASSIGN(const Json json, parse_record(body));
  const auto period = trail::parse_period(json["attributes"]["weerbaar.period"].get<std::string>());
  if (!period) return fail(Code::kCorrupt, "the record of a decision names no quarter: run `weerbaar verify`");
  return *period;
}

Result<Json> open_record(std::string_view body, const Pseudonymiser* key) {
  WEERBAAR_ASSIGN(Json json, parse_record(body));
  Json& attributes = json["attributes"];
  Opening opening(attributes["weerbaar.period"].get<std::string>(), key);
  opening.text(attributes, "weerbaar.request_id");
  const auto request = json["body"].find("adl.core.request");
  if (request == json["body"].end()) return json;
  for (const char* const part : {"subject", "resource", "context"}) {
    if (!request->is_object() || !request->contains(part) || !(*request)[part].is_object()) {
      return fail(Code::kCorrupt, "the record of a decision lacks its question: run `weerbaar verify`");
    }
  }
  opening.employee((*request)["subject"]);
  opening.person((*request)["resource"]);
  opening.text((*request)["context"], "purpose");
  opening.text((*request)["context"], "reason");
  if (!opening.status()) return std::unexpected(opening.status().error());
  return json;
}

}  // namespace weerbaar::decide
