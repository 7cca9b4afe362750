#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/cosigned_files.h"
#include "server/event_output.h"
#include "server/proof.h"
#include "trail/package/package.h"
#include "trail/store/needle.h"

namespace weerbaar::server {
namespace {

// Recorded first: the package then stands on the checkpoint that includes the record of its making.
Status record(trail::Trail& trail, const Proof& proof, const ProveOptions& options) {
  EventBatch memory;
  Use use;
  use.action = Action::kExport;
  use.component = "prove";
  use.query = proof.query();
  use.records = proof.entries().size();
  use.shows_identities = !options.keys.empty();
  const auto* const subject = proof.whom() ? std::get_if<trail::OfSubject>(&*proof.whom()) : nullptr;
  if (proof.whom()) {
    WEERBAAR_ASSIGN(const std::vector<trail::OfSubject> about, trail::persons_behind(trail.keys(), *proof.whom()));
    for (const trail::OfSubject& one : about) use.subjects.push_back({one.type, memory.keep(one.id), ""});
  }
  const bool bares_others = use.shows_identities && (subject == nullptr || options.everybody);
  if (bares_others) WEERBAAR_TRY(add_persons(trail, proof.entries(), memory, use.subjects));
  return append_use(trail, use, options.purpose);
}

// A package of a log that its witnesses refuse is not made by accident: it would pass for one that they vouch for.
Status check_refusals(const WitnessesSaw& saw, const ProveOptions& options, Console& console) {
  for (const WitnessRefusal& refusal : saw.refusals) console.note("Note: witness " + refusal.in_words());
  if (!saw.is_refused || options.although_refused) return {};
  return fail(
      Code::kDenied,
      fmt::format(
          "{} of the {} witnesses refuse this log: find out what happened to it (`weerbaar witnesses`, "
          "`weerbaar verify`). With --although-refused a package is made that says so, without what they cosigned",
          saw.refusals.size(), saw.witnesses));
}

Result<MadeProof> prove(const DataDirectory& data, trail::Trail& trail, const ProveOptions& options) {
  ProofAsked asked{
      {}, options.indexes, options.of, {options.from, options.to}, trail::Disclosure::kPseudonyms, options.everybody};
  if (!options.of.empty()) {
    auto whom = trail::parse_subject(options.of);
    if (!whom) return fail_in("--of", whom.error());
    asked.whom = std::move(*whom);
  }
  if (!options.keys.empty()) asked.disclosure = trail::Disclosure::kIdentities;
  WEERBAAR_ASSIGN(Proof proof, Proof::find(trail, std::move(asked)));
  WEERBAAR_TRY(record(trail, proof, options));
  WEERBAAR_TRY(proof.take(trail));
  WEERBAAR_ASSIGN(WitnessesSaw saw, witnesses_saw(data, trail.checkpoint().size));
  return proof.make(trail, std::move(saw));
}

nlohmann::ordered_json names_of(const std::vector<trail::Period>& periods) {
  auto names = nlohmann::ordered_json::array();
  for (const trail::Period period : periods) names.push_back(to_string(period));
  return names;
}

void tell_people(const MadeProof& made, const ProveOptions& options, Console& console) {
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
  if (options.of.empty() && (options.from || options.to)) {
    return fail(Code::kInvalid, "--from and --to go with --of: entries are proven whenever they happened");
  }
  if (options.everybody && (options.of.empty() || options.keys.empty())) {
    return fail(Code::kInvalid, "--everybody goes with --of and --keys: it names the others of the same accesses too");
  }
  WEERBAAR_TRY(check_range(options.from, options.to));
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  WEERBAAR_TRY(data.check_output("-o", options.output));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const WitnessesSaw saw, witnesses_saw(data, trail->checkpoint().size));
  WEERBAAR_TRY(check_refusals(saw, options, console));
  WEERBAAR_ASSIGN(const MadeProof made, prove(data, *trail, options));
  WEERBAAR_TRY(os::write_file_atomically(files, options.output, made.package));
  if (!console.json()) {
    tell_people(made, options, console);
    return kExitYes;
  }
  const std::vector<trail::Period> not_covered = made.answer ? made.answer->not_covered : std::vector<trail::Period>();
  auto refused_by = nlohmann::ordered_json::array();
  for (const WitnessRefusal& refusal : saw.refusals) refused_by.push_back(refusal.witness);
  const nlohmann::ordered_json json = {{"ok", true},
                                       {"refused_by", std::move(refused_by)},
                                       {"events", made.events},
                                       {"complete", made.answer && not_covered.empty()},
                                       {"not_covered", names_of(not_covered)},
                                       {"origin", trail->origin()},
                                       {"size", trail->checkpoint().size.value()}};
  console.result(json.dump());
  return kExitYes;
}

namespace {

// Null without a trust policy, or when the package does not hold by it.
nlohmann::ordered_json json_of(const std::optional<trail::PackageWitnessed>& witnessed, bool is_complete) {
  if (!witnessed) return nullptr;
  auto by = nlohmann::ordered_json::array();
  for (const auto& [name, time] : witnessed->by) by.push_back({{"witness", name}, {"time", format_time(time)}});
  nlohmann::ordered_json json = {{"size", witnessed->size.value()}, {"by", std::move(by)}};
  if (is_complete) json["complete_up_to"] = witnessed->complete_up_to;
  return json;
}

void tell_people(const trail::PackageReport& report, Console& console) {
  for (const trail::Problem& problem : report.problems) {
    console.result(fmt::format("WRONG  {}: {}", problem.where, problem.what));
  }
  std::string line = report.complete ? "The package holds, and is complete"
                     : report.ok     ? "The package holds"
                                     : "THE PACKAGE DOES NOT HOLD";
  if (!report.origin.empty()) {
    line += fmt::format(": {} accesses in the log {} at {} entries", grouped(report.events), report.origin,
                        grouped(report.size.value()));
  }
  if (report.ok && report.witnessed) {
    line += fmt::format(", of which witnesses saw {} by {}", grouped(report.witnessed->size.value()),
                        format_time(report.witnessed->earliest()));
  }
  console.result(line);
  for (const std::string& sentence : report.proven) console.result("Proven:  " + sentence);
  for (const std::string& sentence : report.assumed) console.result("Assumed: " + sentence);
}

}  // namespace

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
                                         {"witnessed", json_of(report.witnessed, report.complete)},
                                         {"problems", json_of(report.problems)}};
    console.result(to_line(json));
    return report.ok ? kExitYes : kExitNegative;
  }
  tell_people(report, console);
  return report.ok ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
