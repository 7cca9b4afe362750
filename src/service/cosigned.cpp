#include "service/cosigned.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "trail/format/note.h"

namespace weerbaar::service {
namespace {

using trail::TlogPolicy;

// Nothing when it is absent.
Result<std::optional<std::string>> read_note(os::FileSystem& files, const std::string& path) {
  const auto bytes = os::read_file(files, path, trail::kNoteBytesMax);
  if (!bytes && bytes.error().code == Code::kNotFound) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(as_text(*bytes));
}

// The log signed it, and the witness.
std::optional<Cosigned::Last> opened(std::string note, const trail::VerifierKey& log,
                                     const trail::VerifierKey& witness) {
  auto checkpoint = trail::open_checkpoint(note, log, log.name);
  const auto cosignature = trail::find_cosignature(note, witness);
  if (!checkpoint || !cosignature) return std::nullopt;
  return Cosigned::Last{std::move(*checkpoint), cosignature->unix_seconds, std::move(note)};
}

}  // namespace

std::string cosigned_file(std::string_view witness) {
  return fmt::format("by-{}.checkpoint", witness);
}

std::string Cosigned::Collected::whole() const {
  std::string text = note;
  for (const auto& [witness, line] : lines) text.append(line).append("\n");
  return text;
}

Cosigned::Cosigned(const CosignedOptions& options)
    : options_(options), policy_(TlogPolicy::of(options.log, options.witnesses, options.quorum)) {}

std::string Cosigned::path_of(std::string_view witness) const {
  return os::join(options_.directory, cosigned_file(witness));
}

Result<std::unique_ptr<Cosigned>> Cosigned::open(const CosignedOptions& options) {
  if (options.writable) WEERBAAR_TRY(options.files->make_directory(options.directory));
  std::unique_ptr<Cosigned> cosigned(new Cosigned(options));
  for (const TlogPolicy::Witness& witness : options.witnesses) WEERBAAR_TRY(cosigned->read_witness(witness));
  WEERBAAR_TRY(cosigned->read_quorum());
  return cosigned;
}

Status Cosigned::read_witness(const TlogPolicy::Witness& witness) {
  WEERBAAR_ASSIGN(auto note, read_note(*options_.files, path_of(witness.name)));
  if (note) {
    if (auto last = opened(std::move(*note), options_.log, witness.key)) last_[witness.name] = std::move(*last);
  }
  WEERBAAR_ASSIGN(const auto refusal, read_note(*options_.files, refusal_path_of(witness.name)));
  if (refusal) refused_[witness.name] = trail::parse_tree_size(*refusal).value_or(TreeSize());
  return {};
}

Status Cosigned::refuse(const std::string& witness, TreeSize cosigned) {
  WEERBAAR_CHECK(options_.writable);
  const std::lock_guard lock(mutex_);
  refused_[witness] = cosigned;
  return os::write_file_atomically(*options_.files, refusal_path_of(witness),
                                   as_bytes(trail::format_tree_size(cosigned)));
}

std::optional<TreeSize> Cosigned::refused(std::string_view witness) const {
  const std::lock_guard lock(mutex_);
  const auto found = refused_.find(witness);
  return found == refused_.end() ? std::nullopt : std::optional(found->second);
}

Status Cosigned::read_quorum() {
  if (options_.quorum == 0) return {};
  WEERBAAR_ASSIGN(auto note, read_note(*options_.files, os::join(options_.directory, kUnderQuorum)));
  if (!note) return {};
  auto judged = policy_.judge(*note);
  if (!judged || !judged->quorum) return {};
  under_quorum_ = Last{std::move(judged->checkpoint), 0, std::move(*note)};
  for (const TlogPolicy::Witness& witness : options_.witnesses) {
    const auto cosignature = trail::find_cosignature(under_quorum_->note, witness.key);
    if (cosignature) under_quorum_->unix_seconds = std::max(under_quorum_->unix_seconds, cosignature->unix_seconds);
  }
  return {};
}

Status Cosigned::keep_under_quorum(const Collected& collected) {
  std::string whole = collected.whole();
  WEERBAAR_ASSIGN(auto judged, policy_.judge(whole));
  if (!judged.quorum) return {};
  const std::string path = os::join(options_.directory, kUnderQuorum);
  WEERBAAR_TRY(os::write_file_atomically(*options_.files, path, as_bytes(whole)));
  under_quorum_ = Last{std::move(judged.checkpoint), collected.unix_seconds, std::move(whole)};
  return {};
}

Status Cosigned::add(const std::string& witness, const std::string& note, const trail::Cosignature& cosignature) {
  WEERBAAR_CHECK(options_.writable);
  WEERBAAR_ASSIGN(trail::Checkpoint checkpoint, trail::open_checkpoint(note, options_.log, options_.log.name));
  const uint64_t size = checkpoint.size.value();
  const std::lock_guard lock(mutex_);
  Last last{std::move(checkpoint), cosignature.unix_seconds, note + cosignature.line + "\n"};
  WEERBAAR_TRY(os::write_file_atomically(*options_.files, path_of(witness), as_bytes(last.note)));
  last_[witness] = std::move(last);
  if (refused_.contains(witness)) {
    WEERBAAR_TRY(options_.files->remove(refusal_path_of(witness)));
    refused_.erase(witness);
  }
  Collected& collected = collected_[size];
  collected.note = note;
  collected.lines[witness] = cosignature.line;
  collected.unix_seconds = std::max(collected.unix_seconds, cosignature.unix_seconds);
  const bool is_latest = !under_quorum_ || size >= under_quorum_->checkpoint.size.value();
  if (options_.quorum > 0 && is_latest) WEERBAAR_TRY(keep_under_quorum(collected));
  while (collected_.size() > kCollectedMax) collected_.erase(collected_.begin());
  return {};
}

std::optional<Cosigned::Last> Cosigned::last(std::string_view witness) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(witness);
  if (found == last_.end()) return std::nullopt;
  return found->second;
}

std::optional<Cosigned::Last> Cosigned::under_quorum() const {
  const std::lock_guard lock(mutex_);
  return under_quorum_;
}

std::optional<Cosigned::Published> Cosigned::to_publish(const trail::SignedLog& newest) const {
  const std::lock_guard lock(mutex_);
  const bool is_refused = options_.quorum > 0 && options_.witnesses.size() - refused_.size() < options_.quorum;
  if (is_refused) return std::nullopt;
  if (under_quorum_) return Published{under_quorum_->note, under_quorum_->checkpoint.size};
  if (options_.quorum > 0) return std::nullopt;
  const TreeSize size = newest.checkpoint().size;
  const auto collected = collected_.find(size.value());
  return Published{collected == collected_.end() ? newest.note() : collected->second.whole(), size};
}

Result<std::vector<std::string>> Cosigned::contradicted_by(const trail::SignedLog& log) {
  const auto contradicts = [&](const trail::Checkpoint& seen) -> Result<bool> {
    if (seen.size.value() == 0) return false;
    if (seen.size > log.checkpoint().size) return true;
    WEERBAAR_ASSIGN(const trail::Hash ours, log.range_root(0, seen.size.value()));
    return ours != seen.root;
  };
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, last] : last_) {
    WEERBAAR_ASSIGN(const bool other, contradicts(last.checkpoint));
    if (other) names.push_back(name);
  }
  if (under_quorum_) {
    WEERBAAR_ASSIGN(const bool other, contradicts(under_quorum_->checkpoint));
    if (other) under_quorum_ = std::nullopt;
  }
  return names;
}

}  // namespace weerbaar::service
