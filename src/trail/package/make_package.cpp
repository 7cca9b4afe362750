#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "trail/format/merkle.h"
#include "trail/format/tlog_proof.h"
#include "trail/package/guide.h"
#include "trail/package/manifest.h"
#include "trail/package/package.h"
#include "trail/package/package_files.h"
#include "trail/package/shown_entry.h"
#include "trail/package/statement.h"
#include "trail/package/zip.h"

namespace weerbaar::trail {
namespace {

// Proofs of one tree have most of their hashes in common, and the trail computes each anew.
class RememberedRoots {
 public:
  explicit RememberedRoots(const Trail& trail) : trail_(trail) {}

  Result<Hash> range_root(uint64_t begin, uint64_t end) {
    const auto known = roots_.find({begin, end});
    if (known != roots_.end()) return known->second;
    WEERBAAR_ASSIGN(const Hash root, trail_.range_root(begin, end));
    roots_.emplace(std::pair(begin, end), root);
    return root;
  }

 private:
  const Trail& trail_;
  std::map<std::pair<uint64_t, uint64_t>, Hash> roots_;
};

class PackageMaker {
 public:
  PackageMaker(const Trail& trail, const PackageRequest& request)
      : trail_(trail), request_(request), key_text_(trail.keys()->verifier_key().format()), roots_(trail) {}

  Result<Bytes> make(const std::vector<EntryIndex>& indexes) {
    for (const EntryIndex index : indexes) {
      if (Status status = add_entry(index); !status) {
        return fail_in(fmt::format("entry {}", index.value()), status.error());
      }
    }
    add_texts();
    return write_zip(in_order(indexes), request_.made_at, kPackageLimits);
  }

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

  Status add_entry(EntryIndex index) {
    Bytes bytes;
    WEERBAAR_TRY(trail_.entry(index, bytes));
    Entry entry;
    WEERBAAR_TRY(entry.decode(bytes));
    const Pseudonymiser* key = nullptr;
    if (entry.is_event()) {
      WEERBAAR_ASSIGN(key, key_of(entry.event()));
    }
    WEERBAAR_ASSIGN(ShownEntry shown, show(index, entry, key, texts_));
    WEERBAAR_ASSIGN(const std::string proof, proof_of(index, leaf_hash(bytes)));
    put(entry_json_file(index), to_json(shown));
    put(proof_file(index), proof);
    files_[entry_file(index)] = std::move(bytes);
    entries_.push_back(std::move(shown));
    return {};
  }

  Result<std::string> proof_of(EntryIndex index, const Hash& leaf) {
    const Checkpoint& tree = trail_.checkpoint();
    TlogProof proof;
    proof.index = index;
    proof.checkpoint = trail_.checkpoint_note();
    WEERBAAR_ASSIGN(proof.hashes, inclusion_proof(index, tree.size,
                                                  [this](uint64_t b, uint64_t e) { return roots_.range_root(b, e); }));
    // Nobody is handed a proof that does not hold.
    if (Status status = verify_inclusion(index, tree.size, leaf, proof.hashes, tree.root); !status) {
      return fail(Code::kCorrupt, fmt::format("{}: run `weerbaar verify`", status.error().text));
    }
    return format_tlog_proof(proof);
  }

  void add_texts() {
    using namespace package_file;
    const Checkpoint& tree = trail_.checkpoint();
    const Statement statement{request_.question,   request_.made_by, request_.made_at,
                              request_.disclosure, tree.origin,      tree.size,
                              tree.root,           key_text_,        entries_};
    put(kReadme, readme_text());
    put(kDutchStatement, to_markdown(statement, Language::kDutch));
    put(kEnglishStatement, to_markdown(statement, Language::kEnglish));
    put(kDutchGuide, verify_text(Language::kDutch));
    put(kEnglishGuide, verify_text(Language::kEnglish));
    put(kCheckpoint, trail_.checkpoint_note());
    put(kKey, key_text_ + "\n");
  }

  std::vector<ZipMember> in_order(const std::vector<EntryIndex>& indexes) {
    Manifest manifest{request_.question, request_.made_by, request_.made_at, request_.disclosure, 0, 0, {}};
    manifest.entries = entries_.size();
    manifest.events = static_cast<uint64_t>(
        std::ranges::count_if(entries_, [](const ShownEntry& entry) { return entry.event.has_value(); }));
    std::vector<ZipMember> members;
    for (const std::string& name : package_files(indexes)) {
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
  const std::string key_text_;
  RememberedRoots roots_;
  EventBatch texts_;
  std::vector<ShownEntry> entries_;
  std::map<std::string, Bytes> files_;
};

}  // namespace

Result<Bytes> make_package(const Trail& trail, const PackageRequest& request) {
  WEERBAAR_TRY(check_texts(request.question, request.made_by));
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied,
                "an evidence package is made by who holds the keys of the trail: name their directory "
                "with --keys");
  }
  std::vector<EntryIndex> indexes = request.entries;
  std::ranges::sort(indexes);
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  if (indexes.empty()) {
    return fail(Code::kInvalid, "there are no entries to prove; that there are none cannot be proven by this version");
  }
  if (indexes.size() > kPackageEntriesMax) {
    return fail(Code::kInvalid, fmt::format("{} entries, at most {} go into one package: ask for a shorter time",
                                            indexes.size(), kPackageEntriesMax));
  }
  if (!(indexes.back() < trail.checkpoint().size)) {
    return fail(Code::kInvalid, fmt::format("entry {} is not under a signed checkpoint, which covers {} entries: sign "
                                            "the trail first",
                                            indexes.back().value(), trail.checkpoint().size.value()));
  }
  return PackageMaker(trail, request).make(indexes);
}

}  // namespace weerbaar::trail
