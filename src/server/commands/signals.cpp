#include "examine/detect/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "examine/detect/registry.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/event_output.h"
#include "server/judgement.h"
#include "server/policies.h"
#include "server/signal_files.h"
#include "trail/format/sha256.h"
#include "trail/store/needle.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSignalsRecord = "signals";
constexpr std::string_view kRandomRule = "random";
// Detectors whose words a reader sees at once; all stand under "rules".
constexpr size_t kWordsShown = 3;

std::string_view id_of(const detect::SignalPart& part) {
  return detect::detectors()[part.detector].id;
}

// What was found, for a reader of Dutch and one of English.
detect::Words words_of(const detect::Signal& signal) {
  detect::Words words;
  if (signal.is_random) words = {"door het lot aangewezen, los van de score", "drawn by lot, whatever the score"};
  for (size_t i = 0; i < std::min(kWordsShown, signal.parts.size()); ++i) {
    const detect::Words& more = signal.parts[i].evidence.words;
    const char* const between = words.en.empty() ? "" : "; ";
    words.nl += between + more.nl;
    words.en += between + more.en;
  }
  if (signal.left > 0) {
    const std::string english = fmt::format("{:.1f}", signal.left);
    std::string dutch = english;
    std::ranges::replace(dutch, '.', ',');
    words.nl += fmt::format("; uit eerdere weken bleef {} over", dutch);
    words.en += fmt::format("; earlier weeks left {}", english);
  }
  return words;
}

// The quarter whose key names the employee: that of the last moment of the period.
trail::Period quarter_of(const detect::Signal& signal) {
  return trail::period_of(Time{signal.to - 1, 0});
}

// As it is kept, and shown to who does not hold the keys.
Json json_of(const detect::Signal& signal, uint64_t rank, const std::string& actor) {
  const detect::Words words = words_of(signal);
  Json rules = Json::array();
  for (const detect::SignalPart& part : signal.parts) {
    rules.push_back({{"rule", id_of(part)},
                     {"score", part.score},
                     {"events", part.evidence.events},
                     {"why", part.evidence.words.en},
                     {"why_nl", part.evidence.words.nl}});
  }
  // Who was drawn by lot has no rank: that is no signal.
  Json json = signal.is_random ? Json{{"random", true}} : Json{{"rank", rank}};
  json.update({{"actor", actor},
               {"score", signal.score},
               {"rule", signal.is_random || signal.parts.empty() ? kRandomRule : id_of(signal.parts[0])},
               {"events", signal.events},
               {"why", words.en},
               {"from", format_time(Time{signal.from, 0})},
               {"to", format_time(Time{signal.to, 0})},
               {"why_nl", words.nl},
               {"rules", std::move(rules)}});
  return json;
}

struct Numbered {
  std::vector<Json> lines;  // with pseudonyms and numbers
  std::string digest;       // SHA-256 of them without numbers
};

Result<Numbered> number(const detect::SignalReport& report, uint64_t first, trail::KeyStore& keys) {
  Numbered numbered;
  std::string text;
  for (size_t i = 0; i < report.signals.size(); ++i) {
    const detect::Signal& signal = report.signals[i];
    WEERBAAR_ASSIGN(const std::string actor,
                    trail::actor_pseudonym(keys, quarter_of(signal), report.actors[signal.employee]));
    Json json = json_of(signal, i + 1, actor);
    text += json.dump() + "\n";
    json["signal"] = first + i;
    numbered.lines.push_back(std::move(json));
  }
  numbered.digest = to_hex(trail::sha256(as_bytes(text)));
  return numbered;
}

struct Ran {
  detect::SignalReport report;
  AdoptedPolicy adopted;
  uint64_t known_at = 0;
  std::string register_digest;
  double budget = 0;
  TreeSize size;
};

Result<detect::SignalPolicy> signal_policy_of(const AdoptedPolicy& adopted) {
  const std::string& text = adopted.policy.signals;
  return detect::read_signal_policy(text.empty() ? detect::standard_signal_policy() : std::string_view(text),
                                    fmt::format("the signal policy of control policy {}", adopted.policy.number));
}

// Takes its time, and intake does not wait for it.
Result<Ran> look(const SignalsOptions& options, DataDirectory& data, Console& console) {
  const auto want = [](std::span<const purpose::Rule>, purpose::FactBase& facts) { detect::Surroundings::want(facts); };
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                  load_judgement(data, *trail, {options.policy, options.known_at}, console, want));
  Ran ran;
  ran.adopted = judgement->adopted;
  ran.known_at = judgement->known_at;
  ran.register_digest = judgement->register_digest;
  WEERBAAR_ASSIGN(detect::SignalPolicy policy, signal_policy_of(ran.adopted));
  policy.budget = options.budget.value_or(policy.budget);
  ran.budget = policy.budget;
  ran.size = trail->size();
  const auto tell = [&](uint64_t index) { console.progress(fmt::format("{} of {} entries", index, ran.size.value())); };
  WEERBAAR_ASSIGN(ran.report, detect::find_signals(*trail, *judgement->judge, judgement->facts, policy,
                                                   {options.from, options.to}, ran.adopted.digest, tell));
  return ran;
}

Json record_of(const SignalsOptions& options, const Ran& ran, uint64_t run, const Numbered& numbered) {
  const auto drawn = static_cast<uint64_t>(std::ranges::count(ran.report.signals, true, &detect::Signal::is_random));
  Json json = {{"run", run},
               {"signals", ran.report.signals.size() - drawn},
               {"random", drawn},
               {"periods", ran.report.periods},
               {"accesses", ran.report.accesses},
               {"unreadable", ran.report.unreadable},
               {"budget", ran.budget},
               {"policy", ran.adopted.policy.number},
               {"policy_sha256", ran.adopted.digest},
               {"facts_of_import", ran.known_at},
               {"register_sha256", ran.register_digest},
               {"size", ran.size.value()},
               {"signals_sha256", numbered.digest}};
  if (options.from) json["from"] = format_time(*options.from);
  if (options.to) json["to"] = format_time(*options.to);
  return json;
}

void print(const Json& line, Console& console) {
  const bool is_random = line.contains("random");
  const std::string rank = is_random ? std::string("lot") : std::to_string(line["rank"].get<uint64_t>());
  console.result(fmt::format("{:>4}  {}  score {:.1f}  signal {}  {} to {}", rank,
                             printable(line["actor"].get<std::string>()), line["score"].get<double>(),
                             line["signal"].get<uint64_t>(), line["from"].get<std::string>().substr(0, 10),
                             line["to"].get<std::string>().substr(0, 10)));
  console.result("      " + line["why"].get<std::string>());
  const auto feedback = line.find("feedback");
  if (feedback == line.end()) return;
  for (const Json& one : *feedback) {
    console.result(fmt::format("      signal {} of this employee was {} ({})", one["signal"].get<uint64_t>(),
                               one["justified"].get<bool>() ? "justified" : "not justified",
                               one["at"].get<std::string>().substr(0, 10)));
  }
}

Status show(const SignalsOptions& options, const DataDirectory& data, const Ran& ran, Numbered& numbered,
            trail::KeyStore& keys, Console& console) {
  WEERBAAR_ASSIGN(const FeedbackList feedback, FeedbackList::open(data));
  for (size_t i = 0; i < numbered.lines.size(); ++i) {
    Json& line = numbered.lines[i];
    const std::string& actor = ran.report.actors[ran.report.signals[i].employee];
    if (!options.keys.empty()) line["actor"] = actor;
    WEERBAAR_ASSIGN(const std::vector<Feedback> earlier, feedback.about(actor, keys));
    if (!earlier.empty()) line["feedback"] = json_of(earlier);
    if (console.json()) {
      console.result(to_line(line));
    } else {
      print(line, console);
    }
  }
  if (numbered.lines.empty() && !console.json()) console.result("No signals.");
  console.note("A signal is an indication that deserves a conversation, never proof.");
  if (options.keys.empty() && !numbered.lines.empty()) {
    console.note("Employees are shown as pseudonyms; who holds the keys of the periods adds --keys DIRECTORY.");
  }
  return {};
}

// Whom the answer bares.
std::vector<Subject> bared(const Ran& ran) {
  std::vector<Subject> subjects;
  for (const detect::Signal& signal : ran.report.signals) {
    const Subject subject{SubjectType::kEmployee, ran.report.actors[signal.employee], ""};
    if (std::ranges::find(subjects, subject) == subjects.end()) subjects.push_back(subject);
  }
  return subjects;
}

}  // namespace

Result<int> run_signals(const SignalsOptions& options, Console& console) {
  WEERBAAR_TRY(check_range(options.from, options.to));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const Ran ran, look(options, data, console));
  // Who appends has it alone: no other run gets the same numbers.
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const NextNumbers next, next_signal_numbers(data));
  WEERBAAR_ASSIGN(Numbered numbered, number(ran.report, next.signal, *trail->keys()));
  const Json record = record_of(options, ran, next.run, numbered);
  WEERBAAR_TRY(trail->append_record(kSignalsRecord, record.dump()));
  Json head = {{"first", next.signal}};
  head.update(record);
  WEERBAAR_TRY(write_signals(data, next.run, head, numbered.lines));
  Use use;
  use.component = "signals";
  use.query = fmt::format("policy {}", ran.adopted.policy.number);
  use.records = ran.report.signals.size();
  use.shows_identities = !options.keys.empty();
  if (use.shows_identities) use.subjects = bared(ran);
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  WEERBAAR_TRY(show(options, data, ran, numbered, *trail->keys(), console));
  return kExitYes;
}

Result<int> run_signal_feedback(const SignalFeedbackOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const KeptSignal signal, find_signal(data, options.signal));
  const Feedback feedback{signal.number, options.justified, format_time(os::now()), os::user_name()};
  const Json body = record_of(feedback);
  WEERBAAR_TRY(trail->append_record(kFeedbackRecord, body.dump()));
  Use use;
  use.action = Action::kDecide;
  use.component = "signals";
  use.query = in_words(feedback);
  // The remark may name people: it is kept under the key of its quarter.
  WEERBAAR_TRY(record_use(*trail, use, {"", options.remark}));
  WEERBAAR_TRY(write_feedback(data, feedback));
  if (console.json()) {
    console.result(to_line(body));
  } else {
    console.result(fmt::format("Signal {} is recorded as {}. It changes no weight: a new policy does.", feedback.signal,
                               feedback.justified ? "justified" : "not justified"));
  }
  return kExitYes;
}

}  // namespace weerbaar::server
