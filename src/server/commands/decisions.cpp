#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "decide/decision_record.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/decision_policies.h"
#include "server/event_output.h"
#include "server/judgement.h"
#include "server/policies.h"
#include "trail/store/event_codec.h"
#include "trail/store/records.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kPolicyFileBytesMax = uint64_t{1} << 20U;

struct Review {
  bool justified = false;
  std::string by;  // a pseudonym, as it is shown
};

std::unexpected<Error> no_review(EntryIndex index) {
  return fail(Code::kCorrupt,
              fmt::format("entry {} is a record of a review and says none: run `weerbaar verify`", index.value()));
}

// By the entry of the decision; the last one counts.
Result<std::map<uint64_t, Review>> reviews(const trail::Trail& trail) {
  std::map<uint64_t, Review> all;
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(trail, decide::kReviewRecord));
  for (const EntryIndex index : records) {
    WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, index));
    const Json json = Json::parse(body, nullptr, false);
    const bool is_whole = json.is_object() && json.contains("decision") && json["decision"].is_number_unsigned() &&
                          json.contains("justified") && json["justified"].is_boolean() && json.contains("by") &&
                          json["by"].is_string();
    if (!is_whole) return no_review(index);
    all[json["decision"].get<uint64_t>()] = {json["justified"].get<bool>(), json["by"].get<std::string>()};
  }
  return all;
}

// With identities when `shows`, and the key of its quarter is there.
Result<Json> shown(const trail::Trail& trail, EntryIndex index, bool shows) {
  WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, index));
  const auto open = [&]() -> Result<Json> {
    WEERBAAR_ASSIGN(const trail::Period period, decide::period_of_record(body));
    const trail::Pseudonymiser* key = nullptr;
    if (shows) {
      const auto found = trail.keys()->period(period);
      if (!found && found.error().code != Code::kDenied) return std::unexpected(found.error());
      if (found) key = *found;
    }
    return decide::open_record(body, key);
  };
  Result<Json> opened = open();
  if (!opened) return fail_in(fmt::format("entry {}", index.value()), opened.error());
  Json line = {{"decision", index.value()}};
  line.update(*opened);
  return line;
}

std::string text_at(const Json& json, std::initializer_list<const char*> path) {
  const Json* at = &json;
  for (const char* const name : path) {
    if (!at->is_object() || !at->contains(name)) return "-";
    at = &(*at)[name];
  }
  return at->is_string() ? printable(at->get<std::string>()) : "-";
}

void print(const Json& line, Console& console) {
  const Json& request = line["body"].value("adl.core.request", Json::object());
  const auto millis = line.value("timestamp", uint64_t{0});
  console.result(fmt::format("{:>10}  {}  {} by {} on {} in {}", line["decision"].get<uint64_t>(),
                             format_time(Time{static_cast<int64_t>(millis) * 1'000, 0}),
                             text_at(request, {"action", "name"}), text_at(request, {"subject", "id"}),
                             text_at(request, {"resource", "id"}), text_at(request, {"context", "system"})));
  const std::string reason = text_at(request, {"context", "reason"});
  if (reason != "-") console.result(fmt::format("            reason: {}", reason));
  if (line.contains("review")) {
    console.result(fmt::format("            reviewed: {}, by {}", text_at(line, {"review", "outcome"}),
                               text_at(line, {"review", "by"})));
  }
}

void add_subject(const Json& line, std::vector<std::string>& texts, std::vector<Subject>& subjects) {
  const Json request = line["body"].value("adl.core.request", Json::object());
  const auto type = parse_subject_type(text_at(request, {"resource", "type"}));
  texts.push_back(text_at(request, {"resource", "id"}));
  if (texts.back().starts_with(kPseudonymMark)) return;
  const Subject subject{type.value_or(SubjectType::kOther), texts.back(), ""};
  if (std::ranges::find(subjects, subject) == subjects.end()) subjects.push_back(subject);
}

Result<std::string> own_pseudonym(trail::KeyStore& keys) {
  const trail::Period period = trail::period_of(os::now());
  WEERBAAR_ASSIGN(const trail::Pseudonymiser* const key, keys.period_or_create(period));
  Bytes bytes;
  key->encrypt_identifier(trail::Domain::kActor, os::user_name().substr(0, kNameBytesMax), bytes);
  return trail::pseudonym_text(period, as_text(bytes));
}

}  // namespace

Result<int> run_decisions(const DecisionsOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const auto reviewed, reviews(*trail));
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(*trail, decide::kToReviewRecord));
  std::vector<Json> lines;
  for (const EntryIndex index : records) {
    const auto review = reviewed.find(index.value());
    if (options.to_review && review != reviewed.end()) continue;
    WEERBAAR_ASSIGN(Json line, shown(*trail, index, !options.keys.empty()));
    if (review != reviewed.end()) {
      line["review"] = {{"outcome", review->second.justified ? "justified" : "not-justified"},
                        {"by", review->second.by}};
    }
    lines.push_back(std::move(line));
  }
  Use use;
  use.component = "decisions";
  use.query = options.to_review ? "to-review" : "";
  use.records = lines.size();
  use.shows_identities = !options.keys.empty();
  std::vector<std::string> texts;
  texts.reserve(lines.size());
  if (use.shows_identities) {
    for (const Json& line : lines) add_subject(line, texts, use.subjects);
  }
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  for (const Json& line : lines) {
    if (console.json()) {
      console.result(to_line(line));
    } else {
      print(line, console);
    }
  }
  if (lines.empty() && !console.json()) console.result("No decisions.");
  return kExitYes;
}

Result<int> run_decision_review(const DecisionReviewOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(*trail, decide::kToReviewRecord));
  if (!std::ranges::binary_search(records, EntryIndex(options.decision))) {
    return fail(Code::kNotFound, fmt::format("there is no decision {} to review: `weerbaar decisions DIR --to-review` "
                                             "lists them",
                                             options.decision));
  }
  WEERBAAR_ASSIGN(const auto reviewed, reviews(*trail));
  if (reviewed.contains(options.decision)) {
    return fail(Code::kExists, fmt::format("decision {} was reviewed already", options.decision));
  }
  WEERBAAR_ASSIGN(const std::string by, own_pseudonym(*trail->keys()));
  const Json body = {{"decision", options.decision}, {"justified", options.justified}, {"by", by}};
  WEERBAAR_TRY(trail->append_record(decide::kReviewRecord, body.dump()));
  Use use;
  use.action = Action::kDecide;
  use.component = "decisions";
  use.query = fmt::format("review {} {}", options.decision, options.justified ? "justified" : "not-justified");
  // The remark may name people: it is kept under the key of its quarter.
  WEERBAAR_TRY(record_use(*trail, use, {"", options.remark}));
  if (console.json()) {
    console.result(to_line(body));
  } else {
    console.result(fmt::format("Decision {} is recorded as {}.", options.decision,
                               options.justified ? "justified" : "not justified"));
  }
  return kExitYes;
}

Result<int> run_decision_adopt(const DecisionAdoptOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  const std::string today = format_time(os::now()).substr(0, 10);
  AdoptedDecisionPolicy policy;
  policy.name = options.name;
  policy.adopted_on = options.on.empty() ? today : options.on;
  policy.adopted_by = os::user_name();
  policy.text = decide::standard_decision_policy();
  const std::string file = options.file.empty() ? "the decision policy of the program" : options.file;
  if (!options.file.empty()) {
    const auto text = os::read_file(files, options.file, kPolicyFileBytesMax);
    if (!text) return fail_in(options.file, text.error());
    policy.text = as_text(*text);
  }
  WEERBAAR_ASSIGN(const decide::DecisionPolicy read, decide::DecisionPolicy::read(policy.text, file));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const std::vector<Adoption> control_policies, adoptions(*trail));
  if (const auto number = in_force(control_policies, os::now())) {
    WEERBAAR_ASSIGN(const AdoptedPolicy control, read_adopted(data, control_policies, *number));
    WEERBAAR_ASSIGN(const std::vector<purpose::Rule> rules, purpose::read_rules(control.policy));
    if (!options.file.empty()) WEERBAAR_TRY(check_decision_policy(read, rules, file));
  }
  WEERBAAR_ASSIGN(const AdoptedDecisionPolicy adopted, adopt_decision_policy(data, *trail, std::move(policy), file));
  Use use;
  use.action = Action::kCreate;
  use.component = "decisions";
  use.query = fmt::format("adopt {}", adopted.number);
  WEERBAAR_TRY(record_use(*trail, use, {}));
  if (adopted.adopted_on > today) {
    console.note(fmt::format("Decision policy {} counts from that day, {}.", adopted.number, adopted.adopted_on));
  }
  if (console.json()) {
    console.result(to_line({{"policy", adopted.number}, {"sha256", adopted.digest}}));
    return kExitYes;
  }
  console.result(fmt::format("Decision policy {} \"{}\" is adopted as of {}: SHA-256 {}", adopted.number,
                             printable(adopted.name), adopted.adopted_on, adopted.digest));
  return kExitYes;
}

}  // namespace weerbaar::server
