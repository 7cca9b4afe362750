#include "trail/verify/verify.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "server/commands.h"
#include "server/cosigned_files.h"
#include "server/event_output.h"
#include "service/cosigned.h"
#include "trail/format/note.h"
#include "trail/format/tlog_policy.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kNoteFileBytesMax = trail::kNoteBytesMax;

// Of a trail that is not there as a whole there is none.
std::string root_of(const trail::Report& report) {
  return report.root == trail::Hash{} ? "unknown" : to_base64(report.root);
}

nlohmann::ordered_json to_json(const trail::Report& report) {
  nlohmann::ordered_json json = {{"ok", report.ok},
                                 {"size", report.size.value()},
                                 {"root", root_of(report)},
                                 {"signed", report.size.value() - report.behind},
                                 {"segments", report.segments},
                                 {"problems", json_of(report.problems)},
                                 {"notes", json_of(report.notes)}};
  return json;
}

// A checkpoint that somebody kept. What it says is for the verification; that it is none at all is a wrong option.
Result<std::string> read_kept_note(os::FileSystem& files, const std::string& path) {
  WEERBAAR_ASSIGN(const Bytes note, os::read_file(files, path, kNoteFileBytesMax));
  std::string text(as_text(note));
  const auto opened = trail::open_note(text, {});
  if (opened || opened.error().code != Code::kInvalid) return text;
  return fail(Code::kInvalid, fmt::format("--against: {} is no checkpoint: {}", path, opened.error().text));
}

// Without a checkpoint of the witnesses there is nothing that a policy could be about.
std::unexpected<Error> never_cosigned(const std::string& path) {
  return fail(Code::kNotFound,
              fmt::format("--policy: no checkpoint of this log was cosigned by a quorum of witnesses yet ({} is not "
                          "there): name witnesses in the settings and let the server run, `weerbaar witnesses` shows "
                          "what they did; or give a cosigned checkpoint that you kept with --against",
                          path));
}

// What the policy says of a checkpoint that was kept; nothing when it is fine.
Result<std::optional<trail::Problem>> judge(os::FileSystem& files, const std::string& path, const std::string& note) {
  WEERBAAR_ASSIGN(const Bytes text, os::read_file(files, path, trail::kPolicyBytesMax));
  const auto policy = trail::TlogPolicy::parse(as_text(text));
  if (!policy) return fail_in("--policy: " + path, policy.error());
  const auto judged = policy->judge(note);
  if (!judged) return trail::Problem{"policy", judged.error().text};
  if (judged->quorum) return std::nullopt;
  return trail::Problem{"policy",
                        fmt::format("the checkpoint of {} is not cosigned as the policy asks: {} did",
                                    counted(judged->checkpoint.size.value(), "entry", "entries"),
                                    counted(judged->cosigned.size(), "of its witnesses", "of its witnesses"))};
}

// What the keys remember having signed, when they are here: a trail that was put back to an older state is found by it.
Result<std::optional<std::string>> remembered_note(DataDirectory& data, bool keys_demanded, Console& console) {
  auto keys = data.keys();
  if (!keys) {
    if (keys_demanded) return std::unexpected(keys.error());
    console.note(
        "The keys are not here: that the trail is not older than what was signed last is not checked. A "
        "checkpoint that you kept (--against) checks it too.");
    return std::nullopt;
  }
  WEERBAAR_ASSIGN(std::string note, (*keys)->last_signed());
  return note.empty() ? std::nullopt : std::optional(std::move(note));
}

void tell(const trail::Report& report, Console& console) {
  if (console.json()) {
    console.result(to_line(to_json(report)));
    return;
  }
  for (const trail::Problem& problem : report.problems) {
    console.result(fmt::format("WRONG  {}: {}", problem.where, problem.what));
  }
  for (const trail::Problem& note : report.notes) console.note(fmt::format("Note: {}: {}", note.where, note.what));
  if (report.behind > 0) {
    console.note(
        fmt::format("Note: checkpoint: no signature is over the last {} yet: nothing but the keys tells whether what "
                    "came is there as it came. Whatever opens the trail to write signs it",
                    counted(report.behind, "entry", "entries")));
  }
  console.result(
      fmt::format("{}: {} in {} and a tail of {}; root {}", report.ok ? "The trail is whole" : "THE TRAIL IS NOT WHOLE",
                  counted(report.size.value(), "entry", "entries"), counted(report.segments, "segment", "segments"),
                  grouped(report.tail_entries), root_of(report)));
}

}  // namespace

Result<int> run_verify(const VerifyCommandOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  trail::VerifyOptions verify;
  verify.files = &files;
  verify.directory = data.trail_path();
  verify.origin = data.settings().origin;
  if (options.key.empty()) {
    WEERBAAR_ASSIGN(verify.key, data.verifier_key());
  } else {
    WEERBAAR_ASSIGN(verify.key, trail::VerifierKey::parse(options.key));
  }
  // What a policy is about is the checkpoint that was kept: that of the witnesses when no other is named.
  const std::string cosigned = os::join(os::join(data.path(), service::kCosignedDirectory), service::kUnderQuorum);
  const std::string& kept = options.against.empty() && !options.policy.empty() ? cosigned : options.against;
  std::optional<trail::Problem> of_policy;
  if (!kept.empty()) {
    auto note = read_kept_note(files, kept);
    const bool is_cosigned = options.against.empty();
    if (!note && is_cosigned && note.error().code == Code::kNotFound) return never_cosigned(cosigned);
    WEERBAAR_ASSIGN(verify.against, std::move(note));
  }
  if (!options.policy.empty()) {
    WEERBAAR_ASSIGN(of_policy, judge(files, options.policy, *verify.against));
  }
  WEERBAAR_ASSIGN(verify.remembered, remembered_note(data, !options.keys.empty(), console));
  verify.progress = [&console](uint64_t done, uint64_t total) {
    console.progress(fmt::format("{} of {} entries", grouped(done), grouped(total)));
  };
  WEERBAAR_ASSIGN(trail::Report report, trail::verify(verify));
  if (of_policy) report.problems.insert(report.problems.begin(), *of_policy);
  if (!options.policy.empty()) {
    WEERBAAR_ASSIGN(const WitnessesSaw saw, witnesses_saw(data, report.size));
    for (const WitnessRefusal& refusal : saw.refusals) report.problems.push_back({"witnesses", refusal.in_words()});
  }
  report.ok = report.problems.empty();
  tell(report, console);
  return report.ok ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
