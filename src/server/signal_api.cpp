#include "server/signal_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "service/api_json.h"
#include "trail/privacy/period.h"
#include "trail/store/needle.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;
using http::PathArguments;
using http::Request;
using http::Response;
using people::Permission;
using service::Language;
using service::Visitor;

constexpr std::string_view kLeadInDutch = "Een signaal is een aanwijzing die een gesprek verdient, en geen bewijs.";
constexpr std::string_view kLeadInEnglish = "A signal is an indication that deserves a conversation, never proof.";

// The same for a signal about who asks: he is not told that there is one.
constexpr std::string_view kNoSuchSignal = "there is no such signal";

struct Question {
  std::optional<uint64_t> run;
  bool reveal = false;
};

Result<Question> read_question(std::string_view query) {
  Question question;
  if (const auto run = http::query_value(query, "run")) {
    question.run = service::whole_number(*run);
    if (!question.run) return fail(Code::kInvalid, "run is the number of a run of signals");
  }
  const auto reveal = http::query_value(query, "reveal");
  if (reveal && *reveal != "true" && *reveal != "false") return fail(Code::kInvalid, "reveal is true or false");
  question.reveal = reveal == "true";
  return question;
}

// The words that are kept in two languages become those of one.
void keep_language(Json& json, Language language) {
  const auto dutch = json.find("why_nl");
  if (dutch == json.end()) return;
  if (language == Language::kDutch) json["why"] = *dutch;
  json.erase("why_nl");
}

void speak(Json& signal, Language language) {
  keep_language(signal, language);
  const auto rules = signal.find("rules");
  if (rules == signal.end() || !rules->is_array()) return;
  for (Json& rule : *rules) {
    if (rule.is_object()) keep_language(rule, language);
  }
}

}  // namespace

// An employee whose identity is shown, and the mandate for it.
struct SignalApi::Bared {
  std::string employee;
  people::Mandate mandate;
};

struct SignalApi::Page {
  Json json;
  std::vector<Bared> bared;
};

void SignalApi::add_routes(http::Router& router) {
  guard_.add(router, {"GET", "/api/v1/signals", "signals", Permission::kSeeSignals},
             [this](Request& request, const PathArguments&, const Visitor& visitor) { return list(request, visitor); });
  guard_.add(router, {"POST", "/api/v1/signals/{number}/feedback", "signal_feedback", Permission::kSeeSignals},
             [this](Request& request, const PathArguments& path, const Visitor& visitor) {
               return give_feedback(path[0], request, visitor);
             });
}

Status SignalApi::fill_page(SignalRun run, Language language, bool reveal, const Visitor& visitor, Page& page) {
  WEERBAAR_ASSIGN(trail::KeyStore* const keys, data_.keys());
  WEERBAAR_ASSIGN(const FeedbackList feedback, FeedbackList::open(data_));
  page.json = {{"run", run.head["run"]},
               {"policy", run.head["policy"]},
               {"budget", run.head["budget"]},
               {"lead", language == Language::kDutch ? kLeadInDutch : kLeadInEnglish},
               {"items", Json::array()}};
  for (Json& signal : run.signals) {
    WEERBAAR_ASSIGN(const std::optional<std::string> employee,
                    trail::actor_behind(*keys, signal["actor"].get<std::string>()));
    if (employee && accounts_.is_same_employee(*employee, visitor.account.employee)) continue;
    speak(signal, language);
    if (employee) {
      WEERBAAR_ASSIGN(const std::vector<Feedback> earlier, feedback.about(*employee, *keys));
      if (!earlier.empty()) signal["feedback"] = json_of(earlier);
    }
    if (employee && reveal) {
      WEERBAAR_ASSIGN(auto mandate, mandates_.covering(visitor.account, {SubjectType::kEmployee, *employee}));
      if (mandate) {
        signal["actor"] = *employee;
        if (std::ranges::find(page.bared, *employee, &Bared::employee) == page.bared.end()) {
          page.bared.push_back({*employee, std::move(*mandate)});
        }
      }
    }
    page.json["items"].push_back(std::move(signal));
  }
  return {};
}

// The look, and a record for each identity: each is shown under a mandate of its own.
Status SignalApi::record(const Page& page, const Visitor& visitor) {
  WEERBAAR_ASSIGN(people::Deed look, service::new_deed(visitor, Action::kSearch, "signals"));
  look.query = "run " + page.json["run"].dump();
  look.records = page.json["items"].size();
  WEERBAAR_TRY(record_(look));
  for (const Bared& bared : page.bared) {
    WEERBAAR_ASSIGN(people::Deed deed, service::new_deed(visitor, Action::kRead, "signals"));
    deed.query = look.query;
    deed.about = {{SubjectType::kEmployee, bared.employee}};
    deed.mandate = bared.mandate.number;
    deed.case_id = bared.mandate.case_id;
    deed.reason = bared.mandate.ground;
    deed.shows_identities = true;
    WEERBAAR_TRY(record_(deed));
  }
  return {};
}

Response SignalApi::list(const Request& request, const Visitor& visitor) {
  const auto question = read_question(request.query());
  if (!question) return service::failure(question.error());
  if (question->reveal && !people::may(visitor.account.roles, Permission::kReveal)) {
    return http::problem(403, "none of your roles lets you see identities");
  }
  auto run = read_signals(data_, question->run);
  if (!run) return service::failure(run.error(), log_);
  Page page;
  const Language language = service::wanted_language(request.field("accept-language"));
  if (const Status filled = fill_page(std::move(*run), language, question->reveal, visitor, page); !filled) {
    return service::failure(Error{Code::kCorrupt, filled.error().text}, log_);
  }
  if (question->reveal && page.bared.empty()) {
    return http::problem(403, "no mandate that is valid now lets you see an identity of these");
  }
  if (const Status recorded = record(page, visitor); !recorded) return service::unrecorded(recorded.error(), log_);
  Response response = service::json_answer(200, page.json);
  response.fields.push_back({"Content-Language", language == Language::kDutch ? "nl" : "en"});
  response.fields.push_back({"Vary", "Accept-Language"});
  return response;
}

Result<KeptSignal> SignalApi::find(uint64_t number, const Visitor& visitor) {
  Result<KeptSignal> signal = find_signal(data_, number);
  if (!signal && signal.error().code != Code::kNotFound) return signal;
  if (!signal) return fail(Code::kNotFound, std::string(kNoSuchSignal));
  WEERBAAR_ASSIGN(trail::KeyStore* const keys, data_.keys());
  WEERBAAR_ASSIGN(const std::optional<std::string> employee, trail::actor_behind(*keys, signal->actor));
  if (employee && accounts_.is_same_employee(*employee, visitor.account.employee)) {
    return fail(Code::kNotFound, std::string(kNoSuchSignal));
  }
  return signal;
}

Response SignalApi::give_feedback(std::string_view number, const Request& request, const Visitor& visitor) {
  const auto wanted = service::whole_number(number);
  if (!wanted) return http::problem(404, kNoSuchSignal);
  const auto judged = service::read_judged(request.body);
  if (!judged) return service::failure(judged.error());
  const std::lock_guard lock(giving_);
  const auto signal = find(*wanted, visitor);
  if (!signal) return service::failure(signal.error(), log_);
  const auto keys = data_.keys();
  if (!keys) return service::failure(keys.error(), log_);
  const auto by = trail::actor_pseudonym(**keys, trail::period_of(os::now()), visitor.account.employee);
  if (!by) return service::failure(by.error(), log_);
  const Feedback feedback{signal->number, judged->justified, format_time(os::now()), *by};
  auto deed = service::new_deed(visitor, Action::kDecide, "signals");
  if (!deed) return service::failure(deed.error(), log_);
  deed->query = in_words(feedback);
  // It may name people: it is kept under the key of its quarter.
  deed->reason = judged->remark;
  if (const Status recorded = record_(*deed); !recorded) return service::unrecorded(recorded.error(), log_);
  const std::string body = record_of(feedback).dump();
  const trail::NewRecord record{kFeedbackRecord, body};
  if (const auto appended = writer_.append_records({&record, 1}); !appended) {
    return service::failure(appended.error(), log_);
  }
  if (const Status written = write_feedback(data_, feedback); !written) return service::failure(written.error(), log_);
  return service::json_answer(200, record_of(feedback));
}

}  // namespace weerbaar::server
