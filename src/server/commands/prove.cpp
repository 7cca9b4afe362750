#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "server/commands.h"
#include "server/event_output.h"
#include "trail/package/package.h"
#include "trail/store/search.h"

namespace weerbaar::server {
namespace {

// Beyond so many entries the question says how many, and which is the first and the last.
constexpr size_t kNamedEntriesMax = 20;

std::string in_words(const std::set<uint64_t>& indexes) {
  if (indexes.size() <= kNamedEntriesMax) return fmt::format("the entries {}", fmt::join(indexes, ", "));
  return fmt::format("{} chosen entries, from {} to {}", indexes.size(), *indexes.begin(), *indexes.rbegin());
}

// The entries asked for, and the question in words. `memory` keeps the texts of the use.
Result<trail::PackageRequest> request_of(const ProveOptions& options, const trail::Trail& trail, Use& use,
                                         EventBatch& memory) {
  trail::PackageRequest request;
  if (options.of.empty()) {
    const std::set<uint64_t> indexes(options.indexes.begin(), options.indexes.end());
    for (const uint64_t index : indexes) request.entries.emplace_back(index);
    request.question = in_words(indexes);
    use.query = request.question;
    return request;
  }
  auto whom = trail::parse_subject(options.of);
  if (!whom) return fail_in("--of", whom.error());
  if (const auto* subject = std::get_if<trail::OfSubject>(&*whom)) {
    use.subjects = {{subject->type, memory.keep(subject->id), ""}};
  }
  WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, *whom, {options.from, options.to}));
  for (const trail::Hit& hit : found.hits) request.entries.push_back(hit.index);
  const std::string range = fmt::format("{}{}", options.from ? " from " + format_time(*options.from) : "",
                                        options.to ? " up to " + format_time(*options.to) : "");
  use.query = "of " + options.of + range;
  request.question =
      options.keys.empty() ? "the consultations of one person" + range : "the consultations of " + options.of + range;
  return request;
}

}  // namespace

Result<int> run_prove(const ProveOptions& options, Console& console) {
  if (options.of.empty() == options.indexes.empty()) {
    return fail(Code::kInvalid, "say what to prove: entry numbers, or --of TYPE:ID, one of the two");
  }
  WEERBAAR_TRY(check_range(options.from, options.to));
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  Use use;
  use.action = Action::kExport;
  use.component = "prove";
  use.shows_identities = !options.keys.empty();
  EventBatch memory;
  WEERBAAR_ASSIGN(trail::PackageRequest request, request_of(options, *trail, use, memory));
  use.records = request.entries.size();
  if (request.entries.empty()) {
    WEERBAAR_TRY(record_use(*trail, use, options.purpose));
    console.note("No consultations found: no package is made. That there are none is not proven by this version.");
    return kExitNegative;
  }
  request.disclosure = options.keys.empty() ? trail::Disclosure::kPseudonyms : trail::Disclosure::kIdentities;
  request.made_by = "weerbaar";
  request.made_at = os::now();
  if (use.shows_identities) WEERBAAR_TRY(add_persons(*trail, request.entries, memory, use.subjects));
  // Recorded first: the package then stands on the checkpoint that includes the record of its making.
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  WEERBAAR_ASSIGN(const Bytes package, trail::make_package(*trail, request));
  WEERBAAR_TRY(os::write_file_atomically(files, options.output, package));
  if (console.json()) {
    const nlohmann::ordered_json json = {{"ok", true},
                                         {"events", request.entries.size()},
                                         {"complete", false},
                                         {"origin", trail->origin()},
                                         {"size", trail->checkpoint().size.value()}};
    console.result(json.dump());
    return kExitYes;
  }
  console.result(
      fmt::format("{} holds {} entries with their proofs, {} bytes. Check it anywhere with: weerbaar "
                  "verify-package {}",
                  options.output, grouped(request.entries.size()), grouped(package.size()), options.output));
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
  WEERBAAR_ASSIGN(const Bytes package, os::read_file(files, options.file, trail::kPackageBytesMax));
  WEERBAAR_ASSIGN(const trail::PackageReport report, trail::verify_package(package, trust));
  if (console.json()) {
    nlohmann::ordered_json json = {
        {"ok", report.ok},         {"events", report.events},     {"complete", report.complete},
        {"origin", report.origin}, {"size", report.size.value()}, {"problems", nlohmann::ordered_json::array()}};
    for (const trail::Problem& problem : report.problems) {
      json["problems"].push_back({{"where", problem.where}, {"what", problem.what}});
    }
    console.result(to_line(json));
    return report.ok ? kExitYes : kExitNegative;
  }
  for (const trail::Problem& problem : report.problems) {
    console.result(fmt::format("WRONG  {}: {}", problem.where, problem.what));
  }
  console.result(fmt::format("{}: {} entries of the log {} at {} entries",
                             report.ok ? "The package holds" : "THE PACKAGE DOES NOT HOLD", grouped(report.events),
                             report.origin, grouped(report.size.value())));
  for (const std::string& sentence : report.proven) console.result("Proven:  " + sentence);
  for (const std::string& sentence : report.assumed) console.result("Assumed: " + sentence);
  return report.ok ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
