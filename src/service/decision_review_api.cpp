#include "service/decision_review_api.h"

#include <nlohmann/json.hpp>

#include "decide/decision_record.h"
#include "decide/reviews.h"
#include "service/api_json.h"
#include "trail/privacy/period.h"
#include "trail/store/needle.h"

namespace weerbaar::service {
namespace {

using http::PathArguments;
using http::Request;
using http::Response;
using people::Permission;

struct Question {
  PageAsked page;
  bool to_review = false;
};

Result<Question> read_question(std::string_view query) {
  Question question;
  WEERBAAR_ASSIGN(question.page, read_page(query));
  const auto to_review = http::query_value(query, "toReview");
  if (to_review && *to_review != "true" && *to_review != "false") {
    return fail(Code::kInvalid, "toReview is true or false");
  }
  question.to_review = to_review == "true";
  return question;
}

// The newest first, under pseudonyms.
Result<nlohmann::ordered_json> page_of(const trail::Trail& trail, const Question& question) {
  WEERBAAR_ASSIGN(const decide::Reviews reviews, decide::Reviews::read(trail));
  nlohmann::ordered_json json = {{"items", nlohmann::ordered_json::array()}};
  const std::vector<EntryIndex>& all = reviews.decisions();
  for (auto next = all.rbegin(); next != all.rend(); ++next) {
    if (next->value() >= question.page.before) continue;
    if (question.to_review && reviews.is_reviewed(*next)) continue;
    if (json["items"].size() == question.page.limit) {
      json["next"] = std::to_string(json["items"].back()["decision"].get<uint64_t>());
      break;
    }
    WEERBAAR_ASSIGN(nlohmann::ordered_json shown, reviews.shown(trail, *next, trail::Disclosure::kPseudonyms));
    json["items"].push_back(std::move(shown));
  }
  return json;
}

// Whether the decision is open, and not about a question that this employee asked.
Status check_may_review(const trail::Trail& trail, EntryIndex decision, const people::Account& reviewer,
                        const people::Accounts& accounts) {
  WEERBAAR_ASSIGN(const decide::Reviews reviews, decide::Reviews::read(trail));
  WEERBAAR_TRY(reviews.check_open(decision));
  WEERBAAR_ASSIGN(const nlohmann::ordered_json shown, reviews.shown(trail, decision, trail::Disclosure::kIdentities));
  if (!accounts.is_same_employee(decide::asked_for(shown), reviewer.employee)) return {};
  return fail(Code::kDenied, "nobody reviews what he did himself: another person has to");
}

}  // namespace

void DecisionReviewApi::add_routes(http::Router& router) {
  guard_.add(router, {"GET", "/api/v1/decisions", "decisions", Permission::kReviewDecisions},
             [this](Request& request, const PathArguments&, const Visitor& visitor) { return list(request, visitor); });
  guard_.add(router, {"POST", "/api/v1/decisions/{number}/review", "decision_review", Permission::kReviewDecisions},
             [this](Request& request, const PathArguments& path, const Visitor& visitor) {
               return review(path[0], request, visitor);
             });
}

Response DecisionReviewApi::list(const Request& request, const Visitor& visitor) {
  const auto question = read_question(request.query());
  if (!question) return failure(question.error());
  nlohmann::ordered_json json;
  const Status read = reader_.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(json, page_of(trail, *question));
    return {};
  });
  if (!read) return failure(read.error(), log_);
  auto deed = new_deed(visitor, Action::kSearch, "decisions");
  if (!deed) return failure(deed.error(), log_);
  deed->query = question->to_review ? "to-review" : "";
  deed->records = json["items"].size();
  if (const Status recorded = record_(*deed); !recorded) return unrecorded(recorded.error(), log_);
  return json_answer(200, json);
}

Response DecisionReviewApi::review(std::string_view number, const Request& request, const Visitor& visitor) {
  const auto decision = whole_number(number);
  if (!decision) return http::problem(404, "there is no such decision");
  const auto judged = read_judged(request.body);
  if (!judged) return failure(judged.error());
  const std::lock_guard lock(reviewing_);
  decide::Review review{EntryIndex(*decision), judged->justified, ""};
  const Status may = reader_.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_TRY(check_may_review(trail, review.decision, visitor.account, accounts_));
    WEERBAAR_ASSIGN(review.by,
                    trail::actor_pseudonym(*trail.keys(), trail::period_of(os::now()), visitor.account.employee));
    return {};
  });
  if (!may) return failure(may.error(), log_);
  auto deed = new_deed(visitor, Action::kDecide, "decisions");
  if (!deed) return failure(deed.error(), log_);
  deed->query = decide::in_words(review);
  // It may name people: it is kept under the key of its quarter.
  deed->reason = judged->remark;
  if (const Status recorded = record_(*deed); !recorded) return unrecorded(recorded.error(), log_);
  const std::string body = decide::record_of(review).dump();
  const trail::NewRecord record{decide::kReviewRecord, body};
  if (const auto appended = writer_.append_records({&record, 1}); !appended) return failure(appended.error(), log_);
  return json_answer(200, decide::record_of(review));
}

}  // namespace weerbaar::service
