#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "decide/decision_record.h"
#include "decide/reviews.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/decision_policies.h"
#include "server/event_output.h"
#include "server/judgement.h"
#include "server/policies.h"
#include "trail/store/needle.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kPolicyFileBytesMax = uint64_t{1} << 20U;

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

}  // namespace

Result<int> run_decisions(const DecisionsOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  const auto disclosure = options.keys.empty() ? trail::Disclosure::kPseudonyms : trail::Disclosure::kIdentities;
  WEERBAAR_ASSIGN(const decide::Reviews reviews, decide::Reviews::read(*trail));
  std::vector<Json> lines;
  for (const EntryIndex index : reviews.decisions()) {
    if (options.to_review && reviews.is_reviewed(index)) continue;
    WEERBAAR_ASSIGN(Json line, reviews.shown(*trail, index, disclosure));
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
  WEERBAAR_ASSIGN(const decide::Reviews reviews, decide::Reviews::read(*trail));
  WEERBAAR_TRY(reviews.check_open(EntryIndex(options.decision)));
  WEERBAAR_ASSIGN(const std::string by, trail::actor_pseudonym(*trail->keys(), trail::period_of(os::now()),
                                                               os::user_name().substr(0, kNameBytesMax)));
  const decide::Review review{EntryIndex(options.decision), options.justified, by};
  const Json body = decide::record_of(review);
  WEERBAAR_TRY(trail->append_record(decide::kReviewRecord, body.dump()));
  Use use;
  use.action = Action::kDecide;
  use.component = "decisions";
  use.query = decide::in_words(review);
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
