#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "server/commands.h"
#include "server/event_output.h"
#include "trail/package/package.h"
#include "trail/package/trail_indexes.h"
#include "trail/store/search.h"

namespace weerbaar::server {
namespace {

// Beyond so many entries the question says how many, and which is the first and the last.
constexpr size_t kNamedEntriesMax = 20;

std::string in_words(const std::set<uint64_t>& indexes) {
  if (indexes.size() <= kNamedEntriesMax) return fmt::format("the entries {}", fmt::join(indexes, ", "));
  return fmt::format("{} chosen entries, from {} to {}", indexes.size(), *indexes.begin(), *indexes.rbegin());
}

// What is asked, in words, and whom the answer bares. `memory` keeps the texts of the use.
Result<trail::PackageRequest> chosen_entries(const ProveOptions& options, Use& use) {
  trail::PackageRequest request;
  const std::set<uint64_t> indexes(options.indexes.begin(), options.indexes.end());
  for (const uint64_t index : indexes) request.entries.emplace_back(index);
  request.question = in_words(indexes);
  use.query = request.question;
  return request;
}

// About a person, and the entries that a search finds of them.
struct Asked {
  trail::Whom whom;
  trail::AnswerRequest request;
  std::vector<EntryIndex> found;
};
Result<Asked> person_asked(const ProveOptions& options, const trail::Trail& trail, Use& use, EventBatch& memory) {
  auto whom = trail::parse_subject(options.of);
  if (!whom) return fail_in("--of", whom.error());
  if (const auto* subject = std::get_if<trail::OfSubject>(&*whom)) {
    use.subjects = {{subject->type, memory.keep(subject->id), ""}};
  }
  Asked asked;
  asked.request.range = {options.from, options.to};
  asked.whom = *whom;
  WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, *whom, asked.request.range));
  for (const trail::Hit& hit : found.hits) asked.found.push_back(hit.index);
  const std::string range = fmt::format("{}{}", options.from ? " from " + format_time(*options.from) : "",
                                        options.to ? " up to " + format_time(*options.to) : "");
  use.query = "of " + options.of + range;
  asked.request.question =
      options.keys.empty() ? "the consultations of one person" + range : "the consultations of " + options.of + range;
  return asked;
}

// Recorded first: the package then stands on the checkpoint that includes the record of its making. The caller signs.
Status record(trail::Trail& trail, Use& use, const std::vector<EntryIndex>& entries, const ProveOptions& options,
              EventBatch& memory) {
  use.records = entries.size();
  if (use.shows_identities) WEERBAAR_TRY(add_persons(trail, entries, memory, use.subjects));
  return append_use(trail, use, options.purpose);
}

template <class Request>
void fill_in(Request& request, const ProveOptions& options) {
  request.disclosure = options.keys.empty() ? trail::Disclosure::kPseudonyms : trail::Disclosure::kIdentities;
  request.made_by = "weerbaar";
  request.made_at = os::now();
}

struct Made {
  Bytes package;
  uint64_t events = 0;
  std::optional<trail::AnswerSummary> answer;
};

Result<Made> prove_entries(trail::Trail& trail, Use& use, const ProveOptions& options) {
  EventBatch memory;
  WEERBAAR_ASSIGN(trail::PackageRequest request, chosen_entries(options, use));
  fill_in(request, options);
  WEERBAAR_TRY(record(trail, use, request.entries, options, memory));
  WEERBAAR_TRY(trail.sign());
  WEERBAAR_ASSIGN(Bytes package, trail::make_package(trail, request));
  return Made{std::move(package), request.entries.size(), {}};
}

// The record of the use comes first, so that the index of the tail is over it too; and so may be the first to need the
// key of this quarter, which gives the person another pseudonym.
Result<Made> prove_person(trail::Trail& trail, Use& use, const ProveOptions& options) {
  EventBatch memory;
  WEERBAAR_ASSIGN(Asked asked, person_asked(options, trail, use, memory));
  fill_in(asked.request, options);
  WEERBAAR_TRY(record(trail, use, asked.found, options, memory));
  WEERBAAR_ASSIGN(asked.request.pseudonyms, trail::person_pseudonyms(trail, asked.whom));
  WEERBAAR_TRY(trail.commit_tail_index());
  WEERBAAR_TRY(trail.sign());
  WEERBAAR_ASSIGN(trail::TrailIndexes indexes, trail::TrailIndexes::open(trail));
  WEERBAAR_ASSIGN(trail::MadeAnswer made, trail::make_answer(trail, asked.request, indexes));
  return Made{std::move(made.package), made.summary.accesses, std::move(made.summary)};
}

nlohmann::ordered_json names_of(const std::vector<trail::Period>& periods) {
  auto names = nlohmann::ordered_json::array();
  for (const trail::Period period : periods) names.push_back(to_string(period));
  return names;
}

void tell_people(const Made& made, const ProveOptions& options, Console& console) {
  const std::string check = fmt::format("Check it anywhere with: weerbaar verify-package {}", options.output);
  const std::string bytes = grouped(made.package.size());
  if (!made.answer) {
    console.result(fmt::format("{} holds {} entries with their proofs, {} bytes. {}", options.output,
                               grouped(made.events), bytes, check));
    return;
  }
  console.result(
      fmt::format("{} holds {} accesses with their proofs, and the proof that the log holds no others in the "
                  "time asked; this question is one of them, unless its time lies outside. {} bytes. {}",
                  options.output, grouped(made.events), bytes, check));
  for (const trail::Period period : made.answer->not_covered) {
    console.note(
        fmt::format("Nothing is shown for {}: its key was destroyed, or the question was about another period.",
                    to_string(period)));
  }
}

}  // namespace

Result<int> run_prove(const ProveOptions& options, Console& console) {
  if (options.of.empty() == options.indexes.empty()) {
    return fail(Code::kInvalid, "say what to prove: entry numbers, or --of TYPE:ID, one of the two");
  }
  WEERBAAR_TRY(check_range(options.from, options.to));
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  WEERBAAR_TRY(data.check_output("-o", options.output));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  Use use;
  use.action = Action::kExport;
  use.component = "prove";
  use.shows_identities = !options.keys.empty();
  WEERBAAR_ASSIGN(const Made made,
                  options.of.empty() ? prove_entries(*trail, use, options) : prove_person(*trail, use, options));
  WEERBAAR_TRY(os::write_file_atomically(files, options.output, made.package));
  if (!console.json()) {
    tell_people(made, options, console);
    return kExitYes;
  }
  const std::vector<trail::Period> not_covered = made.answer ? made.answer->not_covered : std::vector<trail::Period>();
  const nlohmann::ordered_json json = {{"ok", true},
                                       {"events", made.events},
                                       {"complete", made.answer && not_covered.empty()},
                                       {"not_covered", names_of(not_covered)},
                                       {"origin", trail->origin()},
                                       {"size", trail->checkpoint().size.value()}};
  console.result(json.dump());
  return kExitYes;
}

Result<int> run_verify_package(const VerifyPackageOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  trail::PackageTrust trust;
  if (!options.key.empty()) {
    WEERBAAR_ASSIGN(trust.key, trail::VerifierKey::parse(options.key));
  }
  if (!options.against.empty()) {
    WEERBAAR_ASSIGN(const Bytes note, os::read_file(files, options.against, trail::kNoteBytesMax));
    trust.against = std::string(as_text(note));
  }
  if (!options.policy.empty()) {
    WEERBAAR_ASSIGN(const Bytes text, os::read_file(files, options.policy, trail::kPolicyBytesMax));
    auto policy = trail::TlogPolicy::parse(as_text(text));
    if (!policy) return fail_in("--policy: " + options.policy, policy.error());
    trust.policy = std::move(*policy);
  }
  WEERBAAR_ASSIGN(const Bytes package, os::read_file(files, options.file, trail::kPackageBytesMax));
  WEERBAAR_ASSIGN(const trail::PackageReport report, trail::verify_package(package, trust));
  if (console.json()) {
    const nlohmann::ordered_json json = {{"ok", report.ok},
                                         {"events", report.events},
                                         {"complete", report.complete},
                                         {"not_covered", report.not_covered},
                                         {"origin", report.origin},
                                         {"size", report.size.value()},
                                         {"problems", json_of(report.problems)}};
    console.result(to_line(json));
    return report.ok ? kExitYes : kExitNegative;
  }
  for (const trail::Problem& problem : report.problems) {
    console.result(fmt::format("WRONG  {}: {}", problem.where, problem.what));
  }
  const char* const verdict = report.complete ? "The package holds, and is complete"
                              : report.ok     ? "The package holds"
                                              : "THE PACKAGE DOES NOT HOLD";
  const std::string of_what = report.origin.empty()
                                  ? std::string()
                                  : fmt::format(": {} accesses in the log {} at {} entries", grouped(report.events),
                                                report.origin, grouped(report.size.value()));
  console.result(verdict + of_what);
  for (const std::string& sentence : report.proven) console.result("Proven:  " + sentence);
  for (const std::string& sentence : report.assumed) console.result("Assumed: " + sentence);
  return report.ok ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
