#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "examine/trace/leaked_list.h"
#include "examine/trace/words.h"
#include "server/commands.h"
#include "server/event_output.h"
#include "server/leak_trace.h"
#include "trail/format/sha256.h"
#include "trail/package/package.h"

namespace weerbaar::server {
namespace {

constexpr const char* kResultEnding = ".trace.json";

std::string printable_name(const LeakAnswer& answer, trace::Reader reader) {
  return printable(answer.name(reader));
}

Result<trace::LeakedList> read_leaked(const TraceOptions& options) {
  WEERBAAR_ASSIGN(const Bytes file, os::read_file(os::real_file_system(), options.leaked, trace::kLeakedListBytesMax));
  auto list = trace::parse_leaked_list(as_text(file));
  if (!list) return fail_in(options.leaked, list.error());
  return list;
}

// The whole result, to stand beside a package.
nlohmann::ordered_json result_json(const LeakAnswer& answer, const trail::Trail& trail, ByteView package) {
  auto ranking = nlohmann::ordered_json::array();
  for (size_t place = 0; place < answer.shown; ++place) {
    const trace::Suspect& suspect = answer.finding.ranking[place];
    nlohmann::ordered_json line = json_of(answer, place);
    line["expected"] = suspect.expected;
    line["log10_ratio"] = suspect.log_ratio / std::log(10.0);
    line["log10_against_nothing"] = suspect.score / std::log(10.0);
    line["rules"] = suspect.rules;
    ranking.push_back(std::move(line));
  }
  auto entries = nlohmann::ordered_json::array();
  for (const EntryIndex index : answer.gathered.entries) entries.push_back(index.value());
  nlohmann::ordered_json json = summary_json(answer);
  json["package_sha256"] = to_hex(trail::sha256(package));
  json["origin"] = trail.origin();
  json["size"] = trail.checkpoint().size.value();
  json["ranking"] = std::move(ranking);
  json["entries"] = std::move(entries);
  return json;
}

// Whom the question is about, and whom the answer points to.
Status name_persons(const TraceOptions& options, const trace::LeakedList& list, const LeakAnswer& answer,
                    const trail::Trail& trail, EventBatch& memory, Use& use) {
  WEERBAAR_ASSIGN(const std::vector<trail::OfSubject> persons, named_persons(trail, list.persons));
  for (const trail::OfSubject& one : persons) use.subjects.push_back({one.type, memory.keep(one.id), ""});
  if (!answer.shows_identities) return {};
  for (size_t place = 0; place < answer.shown; ++place) {
    const trace::Reader reader = answer.finding.ranking[place].reader;
    use.subjects.push_back({SubjectType::kEmployee, memory.keep(answer.name(reader)), ""});
  }
  if (options.output.empty()) return {};
  return add_persons(trail, answer.gathered.entries, memory, use.subjects);
}

Status record(trail::Trail& trail, const TraceOptions& options, const trace::LeakedList& list,
              const LeakAnswer& answer) {
  Use use;
  use.action = options.output.empty() ? Action::kSearch : Action::kExport;
  use.component = "trace";
  use.shows_identities = answer.shows_identities;
  use.records = answer.gathered.entries.size();
  use.query = question_in_words(answer);
  EventBatch memory;
  WEERBAAR_TRY(name_persons(options, list, answer, trail, memory, use));
  return record_use(trail, use, options.purpose);
}

// The package holds the accesses of the answer and nothing else; its format has no place for what was concluded from
// them, which therefore stands beside it and names its digest.
Status write_package(trail::Trail& trail, const TraceOptions& options, const LeakAnswer& answer, Console& console) {
  if (answer.gathered.entries.empty()) {
    console.note("No package is written: there is no access that it could hold.");
    return {};
  }
  trail::PackageRequest request;
  request.entries = answer.gathered.entries;
  request.disclosure = answer.shows_identities ? trail::Disclosure::kIdentities : trail::Disclosure::kPseudonyms;
  request.question = fmt::format("the consultations of {} whose data leaked, from {} up to {}",
                                 counted(answer.finding.leaked_total, "person", "persons"),
                                 format_time(answer.gathered.leak.from), format_time(answer.gathered.leak.before));
  request.made_by = "weerbaar";
  request.made_at = os::now();
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(const Bytes package, trail::make_package(trail, request));
  const std::string result =
      result_json(answer, trail, package).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  WEERBAAR_TRY(os::write_file_atomically(files, options.output, package));
  WEERBAAR_TRY(os::write_file_atomically(files, options.output + kResultEnding, as_bytes(result)));
  console.note(fmt::format(
      "{} holds what this rests on, {} with proof; {}{} what was concluded from it, which that does not "
      "prove.",
      options.output, counted(answer.gathered.entries.size(), "access", "accesses"), options.output, kResultEnding));
  return {};
}

void tell_ranking(const LeakAnswer& answer, Console& console) {
  size_t width = std::string_view("EMPLOYEE").size();
  for (size_t place = 0; place < answer.shown; ++place) {
    width = std::max(width, printable_name(answer, answer.finding.ranking[place].reader).size());
  }
  console.result(fmt::format("RANK  {:<{}}  {:>8}  {:>8}  {:>5}  {:<20}  {:<20}", "EMPLOYEE", width, "SEEN", "EXPECTED",
                             "GUILT", "FIRST", "LAST"));
  for (size_t place = 0; place < answer.shown; ++place) {
    const trace::Suspect& suspect = answer.finding.ranking[place];
    console.result(fmt::format("{:>4}  {:<{}}  {:>8}  {:>8.1f}  {:>5.2f}  {:<20}  {:<20}", place + 1,
                               printable_name(answer, suspect.reader), width,
                               fmt::format("{}/{}", suspect.leaked_seen, answer.finding.leaked_total), suspect.expected,
                               suspect.guilt, to_the_second(suspect.first), to_the_second(suspect.last)));
    console.result("      " + in_words(suspect, answer.finding));
  }
}

void tell_people(const LeakAnswer& answer, Console& console) {
  const trace::Finding& finding = answer.finding;
  const trace::NameOf name_of = [&answer](trace::Reader reader) { return printable_name(answer, reader); };
  console.result(trace::kLeadInDutch);
  console.result(trace::kLeadInEnglish);
  console.result("");
  console.result(fmt::format("{}; consulted of these: {}, by {}, {}, from {} up to {}.",
                             counted(finding.leaked_total, "leaked person", "leaked persons"),
                             grouped(finding.leaked_consulted),
                             counted(finding.ranking.size(), "employee or account", "employees and accounts"),
                             counted(finding.reads, "time", "times"), format_time(answer.gathered.leak.from),
                             format_time(answer.gathered.leak.before)));
  if (!finding.ranking.empty()) {
    console.result("");
    tell_ranking(answer, console);
    console.result("");
  }
  console.result("Chance: " + chance_in_words(finding));
  for (const std::string& text : {group_in_words(finding, name_of), sensitivity_in_words(finding, name_of)}) {
    if (!text.empty()) console.result("        " + text);
  }
  for (const std::string& assumed : assumptions_in_words(finding)) console.result("Assumed: " + assumed);
}

void tell_besides(const LeakAnswer& answer, const trace::LeakedList& list, Console& console) {
  const trace::Gathered& gathered = answer.gathered;
  if (list.repeated > 0)
    console.note(fmt::format("Named again on {}; each person counts once.", counted(list.repeated, "line", "lines")));
  if (gathered.not_counted > 0) {
    console.note(fmt::format("Not counted: {} that showed nobody's data (refused or failed).",
                             counted(gathered.not_counted, "access", "accesses")));
  }
  console.note(fmt::format("What is ordinary was learnt from {} {}.", gathered.has_everybody ? "all" : "a sample of",
                           counted(gathered.sampled, "person", "persons")));
  for (const trail::Period period : gathered.destroyed) {
    console.note(
        fmt::format("The key of {} was destroyed at the end of its retention: who was consulted then can no "
                    "longer be found.",
                    to_string(period)));
  }
  if (!answer.shows_identities && answer.shown > 0) {
    console.note("Identities are shown as pseudonyms; who holds the keys of the periods adds --keys DIRECTORY.");
  }
}

}  // namespace

Result<int> run_trace(const TraceOptions& options, Console& console) {
  const trail::TimeRange range = leak_range(options.from, *options.before);
  if (*range.from >= *range.to) return fail(Code::kInvalid, "--before must be later than --from");
  WEERBAAR_TRY(check(options.assumptions));
  WEERBAAR_ASSIGN(const trace::LeakedList list, read_leaked(options));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  if (!options.output.empty()) {
    WEERBAAR_TRY(data.check_output("-o", options.output));
    WEERBAAR_TRY(data.check_output("-o", options.output + kResultEnding));
  }
  WEERBAAR_ASSIGN(std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  WEERBAAR_ASSIGN(const LeakTrace traced,
                  trace_leak(data, *trail, {list.persons, range, options.assumptions}, console));
  const LeakAnswer answer{traced.gathered, traced.finding, std::min<size_t>(options.top, traced.finding.ranking.size()),
                          !options.keys.empty()};

  // What came in meanwhile does not count; others could write it.
  WEERBAAR_ASSIGN(trail, data.open_trail());
  WEERBAAR_TRY(record(*trail, options, list, answer));
  if (!options.output.empty()) WEERBAAR_TRY(write_package(*trail, options, answer, console));
  if (console.json()) {
    for (size_t place = 0; place < answer.shown; ++place) console.result(to_line(json_of(answer, place)));
    console.result(to_line(summary_json(answer)));
  } else {
    tell_people(answer, console);
  }
  tell_besides(answer, list, console);
  for (const std::string& problem : traced.problems) console.note("Without the verdicts of a check: " + problem);
  return kExitYes;
}

}  // namespace weerbaar::server
