#include "server/signal_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/numbered_files.h"
#include "trail/store/event_codec.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "weerbaar signals 1";
constexpr std::string_view kRunEnding = ".jsonl";
constexpr std::string_view kFeedbackEnding = ".json";
constexpr uint64_t kRunBytesMax = uint64_t{1} << 30U;
constexpr uint64_t kFeedbackBytesMax = 1 << 16;

std::string signals_path(const DataDirectory& data) {
  return os::join(data.path(), "signals");
}
std::string feedback_path(const DataDirectory& data) {
  return os::join(data.path(), "feedback");
}
std::string run_path(const DataDirectory& data, uint64_t run) {
  return os::join(signals_path(data), fmt::format("{}{}", run, kRunEnding));
}

std::unexpected<Error> wrong(std::string_view place, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{}: {}", place, what));
}

std::optional<uint64_t> number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<uint64_t>();
}
const std::string* text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || !found->is_string() ? nullptr : &found->get_ref<const std::string&>();
}

struct RunFile {
  uint64_t first = 0;  // number of its first signal
  std::vector<std::string_view> lines;
};

// What stands in the file; its lines point into `text`.
Result<RunFile> read_run(std::string_view text, const std::string& path) {
  RunFile run;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return fail(Code::kCorrupt, fmt::format("{}: its last line is cut", path));
    run.lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  const Json head = Json::parse(run.lines.empty() ? std::string_view() : run.lines[0], nullptr, false);
  const std::string* const format = head.is_object() ? text_in(head, "format") : nullptr;
  const auto first = head.is_object() ? number_in(head, "first") : std::nullopt;
  if (format == nullptr || *format != kFormat || !first) {
    return fail(Code::kCorrupt, fmt::format("{}: its first line is not the head of \"{}\"", path, kFormat));
  }
  run.first = *first;
  run.lines.erase(run.lines.begin());
  return run;
}

Result<std::vector<uint64_t>> runs_of(const DataDirectory& data) {
  return numbered_files(data.files(), signals_path(data), kRunEnding);
}

Status make_folder(const DataDirectory& data, const std::string& path) {
  const Status made = data.files().make_directory(path);
  if (!made && made.error().code != Code::kExists) return made;
  return {};
}

}  // namespace

Result<KeptSignal> read_kept_signal(std::string_view text, std::string_view place) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong(place, "it is no JSON object");
  const auto number = number_in(json, "signal");
  const std::string* const actor = text_in(json, "actor");
  if (!number || actor == nullptr) return wrong(place, "a signal has a number \"signal\" and a text \"actor\"");
  const size_t colon = actor->find(':');
  const bool is_pseudonym = actor->starts_with(kPseudonymMark) && colon != std::string::npos;
  const auto period = is_pseudonym ? trail::parse_period(std::string_view(*actor).substr(1, colon - 1))
                                   : Result<trail::Period>(fail(Code::kInvalid, ""));
  if (!period) return wrong(place, "its actor is no pseudonym");
  return KeptSignal{*number, *actor, *period};
}

Result<Feedback> read_feedback(std::string_view text, std::string_view place) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong(place, "it is no JSON object");
  const auto signal = number_in(json, "signal");
  const auto justified = json.find("justified");
  const std::string* const at = text_in(json, "at");
  const std::string* const by = text_in(json, "by");
  if (!signal || justified == json.end() || !justified->is_boolean() || at == nullptr || by == nullptr) {
    return wrong(place, "feedback has \"signal\", \"justified\", \"at\" and \"by\"");
  }
  return Feedback{*signal, justified->get<bool>(), *at, *by};
}

Result<SignalRun> read_signals(const DataDirectory& data, std::optional<uint64_t> number) {
  WEERBAAR_ASSIGN(const std::vector<uint64_t> runs, runs_of(data));
  const bool is_there = number ? std::ranges::binary_search(runs, *number) : !runs.empty();
  if (!is_there) return fail(Code::kNotFound, "there is no such run of signals: `weerbaar signals DIR` makes one");
  const std::string path = run_path(data, number.value_or(runs.back()));
  WEERBAAR_ASSIGN(const Bytes bytes, os::read_file(data.files(), path, kRunBytesMax));
  WEERBAAR_ASSIGN(const RunFile run, read_run(as_text(bytes), path));
  SignalRun all;
  all.head = Json::parse(as_text(bytes).substr(0, as_text(bytes).find('\n')));
  for (size_t i = 0; i < run.lines.size(); ++i) {
    const auto signal = read_kept_signal(run.lines[i], fmt::format("{}, line {}", path, i + 2));
    if (!signal) return fail(Code::kCorrupt, signal.error().text);
    all.signals.push_back(Json::parse(run.lines[i]));
  }
  return all;
}

Json record_of(const Feedback& feedback) {
  return {{"signal", feedback.signal}, {"justified", feedback.justified}};
}

std::string in_words(const Feedback& feedback) {
  return fmt::format("feedback {} {}", feedback.signal, feedback.justified ? "justified" : "not-justified");
}

Json json_of(const std::vector<Feedback>& feedback) {
  Json json = Json::array();
  for (const Feedback& one : feedback) {
    json.push_back({{"signal", one.signal}, {"justified", one.justified}, {"at", one.at}});
  }
  return json;
}

Result<NextNumbers> next_signal_numbers(const DataDirectory& data) {
  WEERBAAR_ASSIGN(const std::vector<uint64_t> runs, runs_of(data));
  if (runs.empty()) return NextNumbers{};
  const std::string path = run_path(data, runs.back());
  WEERBAAR_ASSIGN(const Bytes bytes, os::read_file(data.files(), path, kRunBytesMax));
  WEERBAAR_ASSIGN(const RunFile run, read_run(as_text(bytes), path));
  return NextNumbers{runs.back() + 1, run.first + run.lines.size()};
}

Status write_signals(const DataDirectory& data, uint64_t run, const Json& head, const std::vector<Json>& signals) {
  WEERBAAR_TRY(make_folder(data, signals_path(data)));
  Json first = {{"format", kFormat}};
  first.update(head);
  std::string text = first.dump() + "\n";
  for (const Json& signal : signals) text += signal.dump() + "\n";
  return os::write_file_atomically(data.files(), run_path(data, run), as_bytes(text));
}

Result<KeptSignal> find_signal(const DataDirectory& data, uint64_t number) {
  WEERBAAR_ASSIGN(std::vector<uint64_t> runs, runs_of(data));
  std::ranges::reverse(runs);
  for (const uint64_t one : runs) {
    const std::string path = run_path(data, one);
    WEERBAAR_ASSIGN(const Bytes bytes, os::read_file(data.files(), path, kRunBytesMax));
    WEERBAAR_ASSIGN(const RunFile run, read_run(as_text(bytes), path));
    if (number < run.first || number - run.first >= run.lines.size()) continue;
    const size_t line = number - run.first;
    auto signal = read_kept_signal(run.lines[line], fmt::format("{}, line {}", path, line + 2));
    if (!signal) return fail(Code::kCorrupt, std::move(signal.error().text));
    if (signal->number == number) return signal;
    return fail(Code::kCorrupt, fmt::format("{}, line {}: it is signal {}", path, line + 2, signal->number));
  }
  return fail(Code::kNotFound, fmt::format("there is no signal {}: `weerbaar signals DIR` numbers them", number));
}

Status write_feedback(const DataDirectory& data, const Feedback& feedback) {
  const std::string folder = feedback_path(data);
  WEERBAAR_TRY(make_folder(data, folder));
  WEERBAAR_ASSIGN(const std::vector<uint64_t> numbers, numbered_files(data.files(), folder, kFeedbackEnding));
  const uint64_t number = numbers.empty() ? 1 : numbers.back() + 1;
  const Json json = {
      {"signal", feedback.signal}, {"justified", feedback.justified}, {"at", feedback.at}, {"by", feedback.by}};
  return os::write_file_atomically(data.files(), os::join(folder, fmt::format("{}{}", number, kFeedbackEnding)),
                                   as_bytes(json.dump() + "\n"));
}

Result<FeedbackList> FeedbackList::open(const DataDirectory& data) {
  const std::string folder = feedback_path(data);
  WEERBAAR_ASSIGN(const std::vector<uint64_t> numbers, numbered_files(data.files(), folder, kFeedbackEnding));
  FeedbackList list;
  for (const uint64_t number : numbers) {
    const std::string path = os::join(folder, fmt::format("{}{}", number, kFeedbackEnding));
    WEERBAAR_ASSIGN(const Bytes bytes, os::read_file(data.files(), path, kFeedbackBytesMax));
    auto feedback = read_feedback(as_text(bytes), path);
    if (!feedback) return fail(Code::kCorrupt, std::move(feedback.error().text));
    WEERBAAR_ASSIGN(const KeptSignal signal, find_signal(data, feedback->signal));
    list.by_actor_[signal.period][signal.actor].push_back(std::move(*feedback));
  }
  return list;
}

Result<std::vector<Feedback>> FeedbackList::about(std::string_view employee, trail::KeyStore& keys) const {
  std::vector<Feedback> all;
  for (const auto& [period, by_actor] : by_actor_) {
    const auto key = keys.period(period);
    if (!key && key.error().code == Code::kDenied) continue;
    if (!key) return std::unexpected(key.error());
    Bytes pseudonym;
    (*key)->encrypt_identifier(trail::Domain::kActor, employee, pseudonym);
    const auto found = by_actor.find(trail::pseudonym_text(period, as_text(pseudonym)));
    if (found != by_actor.end()) all.insert(all.end(), found->second.begin(), found->second.end());
  }
  return all;
}

}  // namespace weerbaar::server
