#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "trail/format/add_checkpoint.h"
#include "trail/format/merkle.h"
#include "trail/format/note.h"
#include "trail/format/tlog_proof.h"
#include "trail/package/answer_check.h"
#include "trail/package/guide.h"
#include "trail/package/manifest.h"
#include "trail/package/package.h"
#include "trail/package/package_files.h"
#include "trail/package/shown_entry.h"
#include "trail/package/statement.h"
#include "trail/package/translation.h"
#include "trail/package/witnessed.h"
#include "trail/package/zip.h"

namespace weerbaar::trail {
namespace {

using namespace package_file;

constexpr std::string_view kPackage = "package";
constexpr size_t kSignersNamed = 8;

Time time_of(uint64_t unix_seconds) {
  constexpr uint64_t kSecondsMax = static_cast<uint64_t>(kMicrosMax) / kMicrosPerSecond;
  return {static_cast<int64_t>(std::min(unix_seconds, kSecondsMax)) * kMicrosPerSecond, 0};
}

class PackageVerifier {
 public:
  explicit PackageVerifier(const PackageTrust& trust) : trust_(trust) { report_.trusted_key = trust.key.has_value(); }

  Result<PackageReport> verify(ByteView package) {
    if (read_members(package) && read_manifest()) {
      check_files();
      check_checkpoint();
      split_readable();
      for (const EntryIndex index : indexes_) check_entry(index);
      if (manifest_.version >= 2) check_completeness();
      check_texts_again();
    }
    WEERBAAR_TRY(check_against());
    report_.ok = report_.problems.empty();
    report_.complete = report_.ok && answer_ && report_.not_covered.empty();
    if (report_.witnessed && answer_) report_.witnessed->complete_up_to = complete_up_to();
    if (report_.ok) say_proven();
    say_assumed();
    return std::move(report_);
  }

 private:
  void problem(std::string_view where, std::string what) {
    report_.problems.push_back({std::string(where), std::move(what)});
  }

  bool read_members(ByteView package) {
    auto members = read_zip(package, kPackageLimits);
    if (!members) {
      problem(kPackage, members.error().text);
      return false;
    }
    for (size_t i = 0; i < members->size(); ++i) {
      ZipMember& member = (*members)[i];
      if (files_.try_emplace(std::move(member.name), std::move(member.content)).second) continue;
      problem(kPackage, fmt::format("member {} has the name of an earlier one", i + 1));
    }
    return true;
  }

  // True for a file that is there; for one that is not, check_files() has told so.
  [[nodiscard]] bool has(std::string_view name) const { return files_.contains(name); }
  // The content of a file, empty when it is missing.
  [[nodiscard]] std::string_view text_of(std::string_view name) const {
    const auto file = files_.find(name);
    return file == files_.end() ? std::string_view() : as_text(file->second);
  }

  bool read_manifest() {
    if (!has(kManifest)) {
      problem(kManifest, "it is missing: this is no evidence package, or not a whole one");
      return false;
    }
    auto manifest = parse_manifest(text_of(kManifest));
    if (!manifest) {
      problem(kManifest, manifest.error().text);
      return false;
    }
    manifest_ = std::move(*manifest);
    return true;
  }

  // The manifest names exactly the files of a package with these entries, and each is there as it says.
  void check_files() {
    for (const auto& [name, content] : files_) {
      if (const auto index = parse_entry_file(name)) indexes_.push_back(*index);
    }
    std::ranges::sort(indexes_);
    if (indexes_.empty() && manifest_.version < 2) problem(kPackage, "it holds no entries");
    const std::vector<std::string> expected = package_files(manifest_.version, has(kWitnessed), indexes_);
    for (const std::string& name : expected) {
      if (!has(name)) problem(name, "it is missing");
    }
    const std::set<std::string_view> known(expected.begin(), expected.end());
    const auto unknown = std::ranges::count_if(
        files_, [&](const auto& file) { return file.first != kManifest && !known.contains(file.first); });
    if (unknown > 0) problem(kPackage, fmt::format("it has {} files that do not belong in it", unknown));
    const bool same = std::ranges::equal(manifest_.files, expected, {}, &ManifestFile::name);
    if (!same) problem(kManifest, "it lists other files than those of a package with these entries");
    for (const ManifestFile& file : manifest_.files) {
      const auto found = files_.find(file.name);
      if (found == files_.end() || !known.contains(file.name)) continue;
      const bool right = file.bytes == found->second.size() && file.sha256 == sha256(found->second);
      if (!right) problem(file.name, "it is not the file that the manifest lists: it was changed");
    }
  }

  void check_checkpoint() {
    std::string_view text = text_of(kKey);
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto inside = VerifierKey::parse(text);
    if (!inside && has(kKey)) problem(kKey, fmt::format("it is no verifier key: {}", inside.error().text));
    if (inside && trust_.key && *inside != *trust_.key) {
      problem(kKey, "it is another key than the one that you gave: the package is of another log, or forged");
    }
    if (trust_.key) {
      key_ = trust_.key;
    } else if (inside && trust_.policy) {
      const auto& logs = trust_.policy->logs();
      if (std::ranges::find(logs, *inside) == logs.end()) {
        problem(kKey, "it is the key of no log of the policy: the package is of another log, or forged");
      } else {
        key_ = *inside;
        report_.trusted_key = true;
      }
    } else if (inside) {
      key_ = *inside;
    }
    if (!key_ || !has(kCheckpoint)) return;
    auto opened = open_checkpoint(text_of(kCheckpoint), *key_, key_->name);
    if (!opened) {
      problem(kCheckpoint, opened.error().text);
      return;
    }
    report_.origin = opened->origin;
    report_.size = opened->size;
    checkpoint_ = std::move(*opened);
    check_cosignatures();
  }

  // Who cosigned `note`, of these names, and when.
  void note_witnesses(std::string_view note, const std::vector<std::string>& cosigned) {
    PackageWitnessed& witnessed = report_.witnessed.emplace();
    witnessed.size = cosigned_size_;
    for (const TlogPolicy::Witness& witness : trust_.policy->witnesses()) {
      if (std::ranges::find(cosigned, witness.name) == cosigned.end()) continue;
      const auto cosignature = find_cosignature(note, witness.key);
      if (!cosignature) continue;
      witnessed.by.push_back({witness.name, time_of(cosignature->unix_seconds)});
    }
  }

  // Either the checkpoint of the package, or an earlier one that it goes on from.
  void check_cosignatures() {
    const bool is_witnessed = has(kWitnessed) && check_witnessed();
    if (!trust_.policy) {
      const auto note = open_note(is_witnessed ? witnessed_->note : text_of(kCheckpoint), {&*key_, 1});
      for (size_t i = 0; note && i < note->unverified.size() && i < kSignersNamed; ++i) {
        unchecked_.push_back(note->unverified[i].name);
      }
      return;
    }
    std::string_view note = text_of(kCheckpoint);
    auto judged = trust_.policy->judge(note);
    if (judged && judged->quorum) {
      cosigned_size_ = checkpoint_->size;
    } else if (is_witnessed) {
      note = witnessed_->note;
      judged = trust_.policy->judge(note);
    }
    const std::string_view where = is_witnessed ? kWitnessed : kCheckpoint;
    if (!judged) {
      problem(where, judged.error().text);
    } else if (!judged->quorum) {
      problem(where,
              fmt::format("it is not cosigned as the policy asks: {} of its witnesses did", judged->cosigned.size()));
    } else if (!judged->cosigned.empty()) {
      note_witnesses(note, judged->cosigned);
    }
  }

  bool check_witnessed() {
    auto witnessed = parse_witnessed(text_of(kWitnessed));
    if (!witnessed) {
      problem(kWitnessed, witnessed.error().text);
      return false;
    }
    const auto seen = open_checkpoint(witnessed->note, *key_, key_->name);
    if (!seen) {
      problem(kWitnessed, seen.error().text);
      return false;
    }
    const Status begins =
        verify_consistency(seen->size, checkpoint_->size, seen->root, checkpoint_->root, witnessed->proof);
    if (!begins) {
      problem(kWitnessed, fmt::format("it does not prove that the tree of the package begins with the one that "
                                      "witnesses cosigned: {}",
                                      begins.error().text));
      return false;
    }
    witnessed_ = std::move(*witnessed);
    cosigned_size_ = seen->size;
    return true;
  }

  // Version 2 has one file with a line for each entry.
  void split_readable() {
    if (manifest_.version < 2 || !has(kReadable)) return;
    std::string_view rest = text_of(kReadable);
    for (const EntryIndex index : indexes_) {
      const size_t end = rest.find('\n');
      if (end == std::string_view::npos) break;
      lines_.emplace(index.value(), rest.substr(0, end + 1));
      rest.remove_prefix(end + 1);
    }
    if (lines_.size() == indexes_.size() && rest.empty()) return;
    problem(kReadable, "it does not have a line for each entry");
  }

  // The readable form of an entry; nothing when it is missing, which was told.
  [[nodiscard]] std::optional<std::string_view> readable(EntryIndex index) const {
    if (manifest_.version < 2) {
      const std::string name = entry_json_file(index);
      return has(name) ? std::optional(text_of(name)) : std::nullopt;
    }
    const auto line = lines_.find(index.value());
    return line == lines_.end() ? std::nullopt : std::optional(line->second);
  }
  [[nodiscard]] std::string readable_place(EntryIndex index) const {
    return manifest_.version < 2 ? entry_json_file(index) : fmt::format("{}, entry {}", kReadable, index.value());
  }

  void check_entry(EntryIndex index) {
    const size_t before = report_.problems.size();
    check_proof(index);
    const bool is_access = check_json(index);
    if (is_access && checkpoint_ && report_.problems.size() == before) ++report_.events;
  }

  void check_proof(EntryIndex index) {
    const std::string where = proof_file(index);
    if (!has(where)) return;
    const auto proof = parse_tlog_proof(text_of(where));
    if (!proof) {
      problem(where, proof.error().text);
      return;
    }
    if (proof->index != index) problem(where, "it is the proof of another entry");
    if (!proof->extra.empty()) problem(where, "it has extra data, which nothing proves");
    if (proof->checkpoint != text_of(kCheckpoint)) problem(where, "its checkpoint is not that of the package");
    if (!checkpoint_) return;
    const Hash leaf = leaf_hash(as_bytes(text_of(entry_file(index))));
    const Status proven = verify_inclusion(index, checkpoint_->size, leaf, proof->hashes, checkpoint_->root);
    if (!proven) problem(where, fmt::format("it does not lead from the entry to the root: {}", proven.error().text));
  }

  // True for an access.
  bool check_json(EntryIndex index) {
    const std::string where = readable_place(index);
    const auto json = readable(index);
    if (!json) {
      unreadable_ = true;
      return false;
    }
    auto read = read_json(*json, index, as_bytes(text_of(entry_file(index))), texts_);
    if (!read) {
      problem(read.error().code == Code::kCorrupt ? entry_file(index) : where, read.error().text);
      unreadable_ = true;
      return false;
    }
    if (!read->disclosed.empty() && manifest_.disclosure == Disclosure::kPseudonyms) {
      problem(where, "it shows identities, in a package of pseudonyms");
    }
    for (const Disclosed& disclosed : read->disclosed) {
      if (const Status status = translation_.add(read->entry.period, disclosed); !status) {
        problem(where, status.error().text);
        break;
      }
    }
    identities_ = identities_ || !read->disclosed.empty();
    shown_.push_back(std::move(read->entry));
    return shown_.back().event.has_value();
  }

  void check_completeness() {
    if (!has(kAnswer) || !checkpoint_) return;  // told already
    const auto answer = parse_answer(text_of(kAnswer));
    if (!answer) {
      problem(kAnswer, answer.error().text);
      return;
    }
    std::map<uint64_t, ByteView> entries;
    for (const EntryIndex index : indexes_) entries.emplace(index.value(), as_bytes(text_of(entry_file(index))));
    AnswerFindings findings = check_answer(*answer, entries, checkpoint_->size);
    if (findings.problems.empty()) answer_ = std::move(findings.summary);
    std::ranges::move(findings.problems, std::back_inserter(report_.problems));
    if (!answer_) return;
    for (const Period period : answer_->not_covered) report_.not_covered.push_back(to_string(period));
  }

  void check_texts_again() {
    check_same(kReadme, readme_text(manifest_.version));
    check_same(kDutchGuide, verify_text(manifest_.version, Language::kDutch));
    check_same(kEnglishGuide, verify_text(manifest_.version, Language::kEnglish));
    const auto events = static_cast<uint64_t>(
        std::ranges::count_if(shown_, [](const ShownEntry& entry) { return entry.event.has_value(); }));
    if (unreadable_ || !checkpoint_) return;  // reported already
    if (manifest_.entries != shown_.size() || manifest_.events != events) {
      problem(kManifest, "it counts other entries than there are");
    }
    if (manifest_.version >= 2 && !answer_) return;
    const std::string key = key_->format();
    const Statement statement{manifest_.question,
                              manifest_.made_by,
                              manifest_.made_at,
                              manifest_.disclosure,
                              checkpoint_->origin,
                              checkpoint_->size,
                              checkpoint_->root,
                              key,
                              shown_,
                              answer_ ? &*answer_ : nullptr};
    check_same(kDutchStatement, to_markdown(statement, Language::kDutch));
    check_same(kEnglishStatement, to_markdown(statement, Language::kEnglish));
  }

  void check_same(std::string_view name, std::string_view expected) {
    const std::string_view text = text_of(name);
    if (text == expected || !has(name)) return;
    const auto same = std::ranges::mismatch(text, expected);
    problem(name, fmt::format("from byte {} on it is not the text that belongs to this package",
                              same.in1 - text.begin() + 1));
  }

  Status check_against() {
    if (!trust_.against || !key_) return {};
    auto kept = open_checkpoint(*trust_.against, *key_, key_->name);
    if (!kept && kept.error().code == Code::kInvalid) return fail_in("the checkpoint to compare with", kept.error());
    if (!kept) {
      problem("against", fmt::format("the checkpoint that you kept is not one of this log: {}", kept.error().text));
    } else if (!checkpoint_) {
      return {};
    } else if (kept->size != checkpoint_->size) {
      other_size_ = kept->size;
    } else if (kept->root != checkpoint_->root) {
      problem("against", fmt::format("the checkpoint that you kept has another root for {} entries: the log has shown "
                                     "two histories, or its key was stolen",
                                     kept->size.value()));
    } else {
      same_as_kept_ = true;
    }
    return {};
  }

  void say_proven() {
    auto& proven = report_.proven;
    proven.push_back(
        fmt::format("{} entries, of which {} accesses, stand in the log {} at the places given, byte for "
                    "byte, when it had {} entries",
                    shown_.size(), report_.events, report_.origin, report_.size.value()));
    proven.push_back(fmt::format("the holder of the key {} signed that tree", key_->format()));
    proven.emplace_back(identities_ ? "the readable files say what the entries hold, apart from identities and texts "
                                      "under the keys of the log"
                                    : "the readable files say what the entries hold");
    if (answer_) say_complete();
    if (report_.witnessed) {
      const bool is_all = cosigned_size_ == checkpoint_->size;
      std::vector<std::string> by;
      for (const auto& [name, time] : report_.witnessed->by)
        by.push_back(fmt::format("{} at {}", name, format_time(time)));
      proven.push_back(
          fmt::format("witnesses of the policy cosigned {}, as it asks: {}",
                      is_all ? std::string("that tree")
                             : fmt::format("the tree of the first {} entries of that log", cosigned_size_.value()),
                      fmt::join(by, ", ")));
    }
    if (same_as_kept_) proven.emplace_back("the tree is the one in the checkpoint that you kept");
  }

  void say_complete() {
    const auto& [from, to] = answer_->range;
    report_.proven.push_back(
        fmt::format("these {} accesses, and no others, are those from {} up to {} under the pseudonyms given ({}), by "
                    "{} indexes that "
                    "are over the first {} entries, and all entries behind them",
                    answer_->accesses, from ? format_time(*from) : "the beginning", to ? format_time(*to) : "the end",
                    fmt::join(answer_->pseudonyms, ", "), answer_->indexes, answer_->indexed));
  }

  // The first entries of a log are complete on their own: who has an old copy can make this package of it.
  [[nodiscard]] std::string up_to_when() const {
    const std::string when = report_.witnessed ? fmt::format("witnesses saw its first {} by {}", cosigned_size_.value(),
                                                             format_time(report_.witnessed->earliest()))
                                               : std::string("no witness tells when that was");
    return fmt::format(
        "this is all up to the {} entries that the log had, and {}: whether it went on since, and held "
        "more, a newer package or checkpoint tells",
        report_.size.value(), when);
  }

  // Indexes whose records they saw, and once those are all, the entries behind these, which are in the package.
  [[nodiscard]] uint64_t complete_up_to() const {
    uint64_t up_to = 0;
    for (const UsedIndex& index : answer_->used) {
      if (!(index.record < cosigned_size_)) return up_to;
      up_to = index.end;
    }
    return cosigned_size_.value();
  }

  void say_assumed() {
    auto& assumed = report_.assumed;
    if (!report_.ok || !answer_) {
      assumed.emplace_back("completeness is not proven: the log may hold other entries that belong to the question");
    } else {
      if (!report_.not_covered.empty()) {
        assumed.push_back(
            fmt::format("nothing is shown for {}, of which no pseudonym is given: the keys were destroyed, "
                        "or the question was about another period",
                        fmt::join(report_.not_covered, ", ")));
      }
      assumed.emplace_back("each index is that of its entries: `weerbaar verify`, run on the log, recomputes them");
      assumed.emplace_back("the pseudonyms given are those of the person who was meant, and all of them");
      assumed.push_back(up_to_when());
    }
    if (report_.ok && report_.witnessed && cosigned_size_ < checkpoint_->size) {
      const auto unseen = std::ranges::count_if(indexes_, [&](EntryIndex at) { return !(at < cosigned_size_); });
      assumed.push_back(
          fmt::format("no witness had seen the last {} entries of that tree, of which {} stand here: for "
                      "those the signature of the log is all there is",
                      checkpoint_->size.value() - cosigned_size_.value(), unseen));
      if (answer_) {
        assumed.push_back(
            fmt::format("that the answer is complete rests on what witnesses saw for the first {} entries, and behind "
                        "them on the signature of the log alone",
                        report_.witnessed->complete_up_to));
      }
    }
    if (!unchecked_.empty()) {
      assumed.push_back(
          fmt::format("the checkpoint carries signatures of others, which were not checked (--policy "
                      "does): {}",
                      fmt::join(unchecked_, ", ")));
    }
    if (!report_.trusted_key) {
      assumed.emplace_back(
          "the key came with the package, which is only as trustworthy as whoever gave it: compare the "
          "key with one from elsewhere");
    }
    if (other_size_) {
      assumed.push_back(
          fmt::format("that the checkpoint that you kept, of {} entries, and this one belong to one "
                      "history: ask the holder of the log for a consistency proof",
                      other_size_->value()));
    }
    assumed.emplace_back(identities_ ? "the holder of the keys translated pseudonyms and encrypted texts rightly"
                                     : "nothing is shown of whom the pseudonyms stand for");
    assumed.emplace_back("the sources recorded truly, by a clock that was right");
    assumed.emplace_back("the question, the maker and the time of making are the maker's words, not signed");
  }

  const PackageTrust& trust_;
  PackageReport report_;
  std::map<std::string, Bytes, std::less<>> files_;
  Manifest manifest_;
  std::vector<EntryIndex> indexes_;  // ascending
  std::optional<VerifierKey> key_;
  std::optional<Checkpoint> checkpoint_;  // once its signature is verified
  EventBatch texts_;
  std::vector<ShownEntry> shown_;
  std::map<uint64_t, std::string_view> lines_;  // of entries.jsonl
  std::optional<AnswerSummary> answer_;         // once it is proven
  Translation translation_;
  std::optional<Witnessed> witnessed_;  // once it is proven
  TreeSize cosigned_size_;              // of the checkpoint that witnesses cosigned
  std::vector<std::string> unchecked_;  // who says that he signed too
  bool unreadable_ = false;             // some entry is not in shown_
  bool identities_ = false;             // some entry shows identities
  bool same_as_kept_ = false;
  std::optional<TreeSize> other_size_;
};

}  // namespace

Time PackageWitnessed::earliest() const {
  const auto first = std::ranges::min_element(by, {}, [](const Witness& witness) { return witness.time.micros; });
  return first == by.end() ? Time{} : first->time;
}

Result<PackageReport> verify_package(ByteView package, const PackageTrust& trust) {
  return PackageVerifier(trust).verify(package);
}

}  // namespace weerbaar::trail
