#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "trail/format/index_key.h"
#include "trail/format/merkle.h"
#include "trail/format/tlog_proof.h"
#include "trail/package/answer_check.h"
#include "trail/package/guide.h"
#include "trail/package/manifest.h"
#include "trail/package/package.h"
#include "trail/package/package_files.h"
#include "trail/package/proven_entries.h"
#include "trail/package/shown_entry.h"
#include "trail/package/statement.h"
#include "trail/package/witnessed.h"
#include "trail/package/zip.h"
#include "trail/store/records.h"

namespace weerbaar::trail {
namespace {

class PackageMaker {
 public:
  // `answer`: null for chosen entries, of which everybody is shown where identities are.
  PackageMaker(const Trail& trail, const PackageRequest& request, const Answer* answer, bool everybody)
      : trail_(trail),
        request_(request),
        answer_(answer),
        everybody_(everybody),
        version_(answer == nullptr ? 1 : 2),
        key_text_(trail.keys()->verifier_key().format()) {}

  Result<Bytes> make(const std::vector<EntryIndex>& indexes) {
    WEERBAAR_ASSIGN(std::vector<ProvenEntry> proven, prove_entries(trail_, indexes));
    for (size_t i = 0; i < indexes.size(); ++i) {
      if (Status status = add_entry(indexes[i], proven[i]); !status) {
        return fail_in(fmt::format("entry {}", indexes[i].value()), status.error());
      }
    }
    if (answer_ != nullptr) WEERBAAR_TRY(add_answer(indexes));
    if (!request_.witnessed.empty()) {
      WEERBAAR_ASSIGN(const Witnessed witnessed, witnessed_by(trail_, request_.witnessed));
      put(package_file::kWitnessed, to_text(witnessed));
    }
    add_texts();
    return write_zip(in_order(indexes), request_.made_at, kPackageLimits);
  }
  // Of an answer, once it was made.
  [[nodiscard]] const AnswerSummary& summary() const { return summary_; }

 private:
  void put(std::string_view name, std::string_view text) {
    const ByteView bytes = as_bytes(text);
    files_[std::string(name)].assign(bytes.begin(), bytes.end());
  }

  // The key that shows identities; null where they are not asked for, or for ever unreadable.
  Result<const Pseudonymiser*> key_of(const StoredEvent& event) {
    if (request_.disclosure == Disclosure::kPseudonyms) return nullptr;
    auto key = trail_.keys()->period(Period{event.period});
    if (key || key.error().code != Code::kDenied) return key;
    return nullptr;
  }

  Status add_entry(EntryIndex index, ProvenEntry& proven) {
    Entry entry;
    WEERBAAR_TRY(entry.decode(proven.bytes));
    const Pseudonymiser* key = nullptr;
    if (entry.is_event()) {
      WEERBAAR_ASSIGN(key, key_of(entry.event()));
    }
    ShowsSubject shows;
    if (answer_ != nullptr && !everybody_) {
      shows = [&](size_t place) { return is_asked(*answer_, entry.event().period, entry.event().subjects[place]); };
    }
    WEERBAAR_ASSIGN(ShownEntry shown, show(index, entry, key, texts_, shows));
    if (answer_ == nullptr) {
      put(entry_json_file(index), to_json(shown));
    } else {
      readable_ += to_json(shown);
    }
    WEERBAAR_ASSIGN(const std::string proof,
                    format_tlog_proof({{}, index, std::move(proven.proof), trail_.checkpoint_note()}));
    put(proof_file(index), proof);
    files_[entry_file(index)] = std::move(proven.bytes);
    entries_.push_back(std::move(shown));
    return {};
  }

  // Nobody is handed an answer that proves nothing.
  Status add_answer(const std::vector<EntryIndex>& indexes) {
    std::map<uint64_t, ByteView> entries;
    for (const EntryIndex index : indexes) entries.emplace(index.value(), files_.at(entry_file(index)));
    AnswerFindings findings = check_answer(*answer_, entries, trail_.checkpoint().size);
    if (!findings.problems.empty()) {
      const Problem& first = findings.problems.front();
      return fail(Code::kCorrupt, fmt::format("{}: {}: run `weerbaar verify`", first.where, first.what));
    }
    summary_ = std::move(findings.summary);
    put(package_file::kAnswer, to_json(*answer_));
    put(package_file::kReadable, readable_);
    return {};
  }

  void add_texts() {
    using namespace package_file;
    const Checkpoint& tree = trail_.checkpoint();
    const Statement statement{request_.question, request_.made_by,
                              request_.made_at,  request_.disclosure,
                              tree.origin,       tree.size,
                              tree.root,         key_text_,
                              entries_,          answer_ == nullptr ? nullptr : &summary_};
    put(kReadme, readme_text(version_));
    put(kDutchStatement, to_markdown(statement, Language::kDutch));
    put(kEnglishStatement, to_markdown(statement, Language::kEnglish));
    put(kDutchGuide, verify_text(version_, Language::kDutch));
    put(kEnglishGuide, verify_text(version_, Language::kEnglish));
    put(kCheckpoint, trail_.checkpoint_note());
    put(kKey, key_text_ + "\n");
  }

  std::vector<ZipMember> in_order(const std::vector<EntryIndex>& indexes) {
    Manifest manifest{version_, request_.question, request_.made_by, request_.made_at, request_.disclosure, 0, 0, {}};
    manifest.entries = entries_.size();
    manifest.events = static_cast<uint64_t>(
        std::ranges::count_if(entries_, [](const ShownEntry& entry) { return entry.event.has_value(); }));
    std::vector<ZipMember> members;
    for (const std::string& name : package_files(version_, !request_.witnessed.empty(), indexes)) {
      members.push_back({name, std::move(files_.at(name))});
      const Bytes& content = members.back().content;
      manifest.files.push_back({name, content.size(), sha256(content)});
    }
    const std::string json = to_json(manifest);
    members.push_back({std::string(package_file::kManifest), Bytes(json.begin(), json.end())});
    return members;
  }

  const Trail& trail_;
  const PackageRequest& request_;
  const Answer* const answer_;
  const bool everybody_;
  const unsigned version_;
  const std::string key_text_;
  EventBatch texts_;
  std::vector<ShownEntry> entries_;
  std::string readable_;
  AnswerSummary summary_;
  std::map<std::string, Bytes> files_;
};

// What every package needs.
Status check_can_be_made(const Trail& trail, const PackageRequest& request) {
  WEERBAAR_TRY(check_texts(request.question, request.made_by));
  if (trail.keys() != nullptr) return {};
  return fail(Code::kDenied,
              "an evidence package is made by who holds the keys of the trail: name their directory "
              "with --keys");
}

Result<MadeAnswer> make_checked(const Trail& trail, const PackageRequest& request, const Answer* answer,
                                bool everybody) {
  std::vector<EntryIndex> indexes = request.entries;
  std::ranges::sort(indexes);
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  if (indexes.size() > kPackageEntriesMax) {
    return fail(Code::kInvalid, fmt::format("{} entries, at most {} go into one package: ask for a shorter time",
                                            indexes.size(), kPackageEntriesMax));
  }
  if (!indexes.empty() && !(indexes.back() < trail.checkpoint().size)) {
    return fail(Code::kInvalid, fmt::format("entry {} is not under the last signed checkpoint, which covers the "
                                            "entries below {}: name one of those",
                                            indexes.back().value(), trail.checkpoint().size.value()));
  }
  PackageMaker maker(trail, request, answer, everybody);
  WEERBAAR_ASSIGN(Bytes package, maker.make(indexes));
  return MadeAnswer{std::move(package), maker.summary()};
}

// Collects what proves that an answer is complete, and the entries that belong to it.
class AnswerCollector {
 public:
  AnswerCollector(const Trail& trail, CompletenessSource& source, Answer& answer, std::vector<EntryIndex>& entries)
      : trail_(trail), source_(source), answer_(answer), entries_(entries) {}

  Status collect() {
    std::ranges::sort(answer_.pseudonyms);
    answer_.pseudonyms.erase(std::unique(answer_.pseudonyms.begin(), answer_.pseudonyms.end()),
                             answer_.pseudonyms.end());
    if (answer_.pseudonyms.size() > kPseudonymsMax) {
      return fail(Code::kInvalid, fmt::format("at most {} pseudonyms go into one package", kPseudonymsMax));
    }
    WEERBAAR_ASSIGN(const std::vector<CommittedRange> ranges, source_.ranges());
    for (const CommittedRange& range : ranges) {
      if (Status status = add_range(range); !status) {
        return fail_in(fmt::format("index of the entries {} to {}", range.first, range.end - 1), status.error());
      }
    }
    return add_open_entries(ranges.empty() ? 0 : ranges.back().end);
  }

 private:
  Status read(EntryIndex index) {
    bytes_.clear();
    WEERBAAR_TRY(trail_.entry(index, bytes_));
    return entry_.decode(bytes_);
  }

  Status add_range(const CommittedRange& range) {
    WEERBAAR_TRY(read_record(trail_, range.record, bytes_));
    if (bytes_.empty()) return fail(Code::kCorrupt, "its root is not in the record that is named");
    WEERBAAR_TRY(entry_.decode(bytes_));
    if (entry_.is_event()) return fail(Code::kCorrupt, "its root is not in the record that is named");
    WEERBAAR_ASSIGN(const IndexCommitment commitment, parse_index_commitment(entry_.record().body));
    const uint64_t number = answer_.indexes.size();
    answer_.indexes.push_back(range.record);
    entries_.push_back(range.record);
    for (uint64_t pseudonym = 0; pseudonym < answer_.pseudonyms.size(); ++pseudonym) {
      const Bytes& key = answer_.pseudonyms[pseudonym];
      WEERBAAR_ASSIGN(const SubjectKey parsed, parse_subject_key(key));
      if (!std::ranges::binary_search(commitment.periods, parsed.period)) continue;
      WEERBAAR_ASSIGN(KeyProof made, source_.prove(range, key));
      if (made.proof.present) WEERBAAR_TRY(add_named(made.postings));
      answer_.proofs.push_back({number, pseudonym, std::move(made.proof), std::move(made.postings)});
    }
    return {};
  }

  Status add_named(ByteView postings) {
    WEERBAAR_ASSIGN(const auto parsed, parse_subject_postings(postings));
    for (const SubjectPosting& posting : parsed) {
      if (answer_.range.contains(posting.time)) entries_.emplace_back(posting.index);
    }
    return {};
  }

  // All of them, so none may be an access of somebody else, who would be shown with it.
  Status add_open_entries(uint64_t first) {
    const uint64_t size = trail_.checkpoint().size.value();
    if (size > first && size - first > kOpenEntriesMax) {
      return fail(Code::kInvalid, fmt::format("no index is over the last {} entries, at most {} can be left: commit "
                                              "the index of the open tail first",
                                              size - first, kOpenEntriesMax));
    }
    for (uint64_t at = first; at < size; ++at) {
      WEERBAAR_TRY(read(EntryIndex(at)));
      if (entry_.is_event() && !belongs(answer_, entry_.event())) {
        return fail(Code::kInvalid, fmt::format("entry {}, over which no index is, is an access that is no part of the "
                                                "answer: commit the index of the open tail first",
                                                at));
      }
      entries_.emplace_back(at);
    }
    return {};
  }

  const Trail& trail_;
  CompletenessSource& source_;
  Answer& answer_;
  std::vector<EntryIndex>& entries_;
  Bytes bytes_;
  Entry entry_;
};

}  // namespace

Result<Bytes> make_package(const Trail& trail, const PackageRequest& request) {
  WEERBAAR_TRY(check_can_be_made(trail, request));
  if (request.entries.empty()) return fail(Code::kInvalid, "there are no entries to prove");
  WEERBAAR_ASSIGN(MadeAnswer made, make_checked(trail, request, nullptr, true));
  return std::move(made.package);
}

Result<MadeAnswer> make_answer(const Trail& trail, const AnswerRequest& asked, CompletenessSource& source) {
  PackageRequest request{{}, asked.disclosure, asked.question, asked.made_by, asked.made_at, asked.witnessed};
  WEERBAAR_TRY(check_can_be_made(trail, request));
  Answer answer{asked.range, asked.pseudonyms, {}, {}};
  WEERBAAR_TRY(AnswerCollector(trail, source, answer, request.entries).collect());
  return make_checked(trail, request, &answer, asked.everybody);
}

}  // namespace weerbaar::trail
