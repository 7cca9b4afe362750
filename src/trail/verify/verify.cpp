#include "trail/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/parallel.h"
#include "trail/format/note.h"
#include "trail/format/tail.h"
#include "trail/verify/checkpoint_note.h"
#include "trail/verify/commitment_set.h"
#include "trail/verify/index_check.h"
#include "trail/verify/inventory.h"
#include "trail/verify/segment_check.h"
#include "trail/verify/signed_tree.h"
#include "trail/verify/tail_check.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kCheckpoint = "checkpoint";
constexpr std::string_view kKept = "kept checkpoint";
constexpr std::string_view kRemembered = "remembered checkpoint";
// More than 65,536 entries of the largest size take.
constexpr uint64_t kPartBytesMax = uint64_t{8} << 30U;
// A tail may be written while it is read: after this many looks it is damaged.
constexpr int kTailReadsMax = 3;

// What was seen of a part when records were collected, before it is checked.
struct FirstLook {
  bool was_sealed = false;
  uint64_t commitments = 0;
  Status status;
};

class Verification {
 public:
  explicit Verification(const VerifyOptions& options) : options_(options), files_(*options.files) {}

  Result<Report> run();

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return os::join(options_.directory, name); }
  Result<std::string> read_checkpoint();
  Status take_statement(std::string_view where, std::string_view otherwise, std::string_view note);
  Status take_statements();
  [[nodiscard]] const Checkpoint* statement(std::string_view where) const;
  void take_parts(const Inventory& inventory);
  Status take_commitments(const Part& part, CommitmentSet& commitments, uint64_t& taken) const;
  std::vector<CommittedRoot> take_all_commitments();
  void check_commitments_taken();
  std::unique_ptr<const SegmentIndex> check_part(Part& part, bool indexed);
  std::optional<std::unique_ptr<const SegmentIndex>> check_tail_file(Part& part, bool indexed);
  void check_parts(IndexCheck& indexes);
  void check_sealed_tail(uint64_t number);
  void check_put_back();
  void count_progress();
  Report report(Inventory inventory, IndexCheck& indexes);

  const VerifyOptions& options_;
  os::FileSystem& files_;
  ProblemList problems_{kProblemsMax};
  ProblemList notes_{kProblemsMax};
  std::vector<Statement> statements_;
  std::vector<Part> parts_;
  std::vector<FirstLook> first_looks_;  // of each part
  std::vector<uint64_t> sealed_tails_;  // numbers of parts that are there as a segment and as a tail
  std::mutex progress_mutex_;
  uint64_t parts_done_ = 0;
};

Result<std::string> Verification::read_checkpoint() {
  WEERBAAR_ASSIGN(const Bytes note, os::read_file(files_, path(kCheckpoint), kNoteBytesMax));
  return std::string(as_text(note));
}

Status Verification::take_statement(std::string_view where, std::string_view otherwise, std::string_view note) {
  auto checkpoint = open_checkpoint_note(note, options_.key, options_.origin);
  if (checkpoint) {
    statements_.push_back({std::string(where), std::string(otherwise), std::move(*checkpoint)});
    return {};
  }
  if (checkpoint.error().code == Code::kIo) return std::unexpected(checkpoint.error());
  problems_.add(std::string(where), checkpoint.error().text);
  return {};
}

// Before any other file is read: a trail that grows meanwhile then holds at least what is signed here.
Status Verification::take_statements() {
  if (const auto note = read_checkpoint()) {
    WEERBAAR_TRY(take_statement(kCheckpoint, "entries were changed", *note));
  } else if (note.error().code == Code::kNotFound) {
    problems_.add(std::string(kCheckpoint), "missing: nothing says what was signed");
  } else {
    problems_.add(std::string(kCheckpoint), "it cannot be read: " + note.error().text);
  }
  constexpr std::string_view kRewritten = "the trail was rewritten since that checkpoint";
  if (options_.against) WEERBAAR_TRY(take_statement(kKept, kRewritten, *options_.against));
  if (options_.remembered && !options_.remembered->empty()) {
    WEERBAAR_TRY(take_statement(kRemembered, kRewritten, *options_.remembered));
  }
  return {};
}

const Checkpoint* Verification::statement(std::string_view where) const {
  const auto found = std::ranges::find(statements_, where, &Statement::where);
  return found == statements_.end() ? nullptr : &found->checkpoint;
}

void Verification::take_parts(const Inventory& inventory) {
  std::ranges::set_intersection(inventory.segments, inventory.tails, std::back_inserter(sealed_tails_));
  for (const uint64_t number : inventory.segments) {
    parts_.emplace_back();
    parts_.back().number = number;
    parts_.back().sealed = true;
  }
  for (const uint64_t number : inventory.tails) {
    if (std::ranges::binary_search(sealed_tails_, number)) continue;
    parts_.emplace_back();
    parts_.back().number = number;
  }
  std::ranges::sort(parts_, {}, &Part::number);
  for (const Statement& statement : statements_) {
    const uint64_t size = statement.checkpoint.size.value();
    const auto part = std::ranges::find(parts_, size / kSegmentEntries, &Part::number);
    if (part != parts_.end() && size % kSegmentEntries != 0) part->signed_at.push_back(size % kSegmentEntries);
  }
}

Status Verification::take_commitments(const Part& part, CommitmentSet& commitments, uint64_t& taken) const {
  if (!part.sealed) {
    const auto content = os::read_file(files_, path(part.path()), kPartBytesMax);
    if (content) {
      WEERBAAR_ASSIGN(const TailContent tail, read_tail(*content));
      for (size_t row = 0; row < tail.entries.size(); ++row) {
        taken += commitments.add(part.first_index() + row, tail.entries[row]) ? 1U : 0U;
      }
      return {};
    }
    if (content.error().code != Code::kNotFound) return std::unexpected(content.error());
  }
  WEERBAAR_ASSIGN(const auto mapping, files_.map(path(segment_path(part.number))));
  constexpr Section kRecords[] = {Section::kOpaque};
  WEERBAAR_ASSIGN(const Segment segment, Segment::open(mapping->bytes(), kRecords));
  for (const uint32_t row : segment.record_rows()) {
    taken += commitments.add(part.first_index() + row, as_bytes(segment.opaque(row))) ? 1U : 0U;
  }
  return {};
}

// Before anything is checked: a record is about entries that came before it.
std::vector<CommittedRoot> Verification::take_all_commitments() {
  CommitmentSet commitments;
  first_looks_.resize(parts_.size());
  for_each_in_parallel(options_.threads, parts_.size(), [&](size_t i) {
    FirstLook& look = first_looks_[i];
    look.was_sealed = parts_[i].sealed;
    look.status = take_commitments(parts_[i], commitments, look.commitments);
  });
  problems_.add_all("records", commitments.take_problems());
  return commitments.take();
}

// No record may be overlooked because its part could not be read at first, or said something else then.
void Verification::check_commitments_taken() {
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const FirstLook& look = first_looks_[i];
    if (part.commitments <= look.commitments || !part.problems.empty()) continue;
    if (look.status && !look.was_sealed) {
      notes_.add(part.path(), "records that commit an index were appended to it meanwhile, and are not examined");
    } else {
      problems_.add(part.path(),
                    "its records that commit an index could not be read at first, and are not examined: "
                    "verify again");
    }
  }
}

// Nothing when the tail was sealed and removed meanwhile.
std::optional<std::unique_ptr<const SegmentIndex>> Verification::check_tail_file(Part& part, bool indexed) {
  Bytes before;
  for (int reads = 1;; ++reads) {
    auto content = os::read_file(files_, path(part.path()), kPartBytesMax);
    if (!content) {
      if (content.error().code == Code::kNotFound && files_.exists(path(segment_path(part.number))))
        return std::nullopt;
      part.problems.add(part.path(), "the file cannot be read: " + content.error().text);
      return nullptr;
    }
    Part found = part;
    auto index = check_tail(*content, found, indexed);
    if (found.problems.empty() || *content == before || reads == kTailReadsMax) {
      part = std::move(found);
      return index;
    }
    before = std::move(*content);
  }
}

std::unique_ptr<const SegmentIndex> Verification::check_part(Part& part, bool indexed) {
  if (!part.sealed) {
    if (auto index = check_tail_file(part, indexed)) return std::move(*index);
  }
  part.sealed = true;
  const auto content = os::read_file(files_, path(part.path()), kPartBytesMax);
  if (!content) {
    part.problems.add(part.path(), "the file cannot be read: " + content.error().text);
    return nullptr;
  }
  return check_segment(*content, part, indexed);
}

void Verification::check_parts(IndexCheck& indexes) {
  for_each_in_parallel(options_.threads, parts_.size(), [&](size_t i) {
    Part& part = parts_[i];
    indexes.take(part.number, check_part(part, indexes.is_wanted(part.number)));
    count_progress();
  });
}

// A crash between sealing and the removal of the tail leaves both: they must agree.
void Verification::check_sealed_tail(uint64_t number) {
  const Part& sealed = *std::ranges::find(parts_, number, &Part::number);
  Part tail;
  tail.number = number;
  const auto content = os::read_file(files_, path(tail.path()), kPartBytesMax);
  if (!content) {
    if (content.error().code == Code::kNotFound) return;
    problems_.add(tail.path(), "the file cannot be read: " + content.error().text);
    return;
  }
  check_tail(*content, tail);
  if (tail.entries == kSegmentEntries && tail.root && tail.root == sealed.root && tail.problems.empty()) {
    notes_.add(tail.path(), "its entries were sealed; it is removed when the trail is opened");
  } else {
    problems_.add(tail.path(),
                  fmt::format("it does not hold the entries of {}, which was sealed from it", sealed.path()));
  }
}

// Whoever puts an old checkpoint back leaves entries that were written when more was signed.
void Verification::check_put_back() {
  const Checkpoint* const checkpoint = statement(kCheckpoint);
  if (checkpoint == nullptr) return;
  uint64_t size = checkpoint->size.value();
  const auto latest = std::ranges::max_element(parts_, {}, &Part::signed_size);
  const uint64_t signed_before = latest == parts_.end() ? 0 : latest->signed_size;
  const Checkpoint* const kept = statement(kKept);
  if (signed_before > size || (kept != nullptr && kept->size.value() > size)) {
    // The trail may have been signed again since the checkpoint was read.
    const auto note = read_checkpoint();
    const auto again =
        note ? open_checkpoint_note(*note, options_.key, options_.origin) : std::unexpected(note.error());
    if (again) size = std::max(size, again->size.value());
  }
  if (signed_before > size) {
    problems_.add(
        std::string(kCheckpoint),
        fmt::format("it is older than one that was signed before: it signs {} entries, and {} was written when "
                    "{} were signed. It was put back",
                    size, latest->path(), signed_before));
  }
  if (kept != nullptr && kept->size.value() > size) {
    problems_.add(std::string(kCheckpoint),
                  fmt::format("it is older than the kept one: it signs {} entries, and the kept "
                              "one {}. It was put back",
                              size, kept->size.value()));
  }
  const Checkpoint* const remembered = statement(kRemembered);
  if (remembered != nullptr && remembered->size.value() > size) {
    problems_.add(
        std::string(kCheckpoint),
        fmt::format("it is older than the last one that the keys signed: it signs {} entries, and that one {}. "
                    "It was put back, or a crash or a full disk came between signing and storing it. Make room first "
                    "if the disk is full; whatever opens the trail to write, as `weerbaar ingest`, then stores the "
                    "last one again",
                    size, remembered->size.value()));
  }
  if (remembered != nullptr && remembered->size.value() < size) {
    notes_.add(std::string(kRemembered),
               fmt::format("the keys remember a checkpoint of {} entries, and that of the trail "
                           "signs {}: an older copy of the keys was put back",
                           remembered->size.value(), size));
  }
}

void Verification::count_progress() {
  if (!options_.progress) return;
  const std::lock_guard lock(progress_mutex_);
  ++parts_done_;
  options_.progress(parts_done_ * kSegmentEntries, parts_.size() * kSegmentEntries);
}

Report Verification::report(Inventory inventory, IndexCheck& indexes) {
  const SignedTree tree(parts_);
  for (const Statement& statement : statements_) tree.check(statement, problems_, notes_);
  check_put_back();
  check_commitments_taken();
  problems_.add_all(options_.directory, std::move(inventory.problems));
  notes_.add_all(options_.directory, std::move(inventory.notes));
  check_sequence(parts_, problems_);
  Report report;
  for (Part& part : parts_) {
    problems_.add_all(part.path(), std::move(part.problems));
    notes_.add_all(part.path(), std::move(part.notes));
    report.segments += part.sealed ? 1U : 0U;
    report.tail_entries += part.sealed ? 0 : part.entries;
    report.unacknowledged_bytes += part.torn_bytes;
  }
  for (const uint64_t number : sealed_tails_) check_sealed_tail(number);
  problems_.add_all("index", indexes.take_problems());
  notes_.add_all("index", indexes.take_notes());

  report.size = TreeSize(tree.size());
  report.root = tree.root(tree.size()).value_or(Hash{});
  if (const Checkpoint* const checkpoint = statement(kCheckpoint)) {
    report.behind = tree.size() - std::min(tree.size(), checkpoint->size.value());
  }
  report.problems = std::move(problems_).take(options_.directory);
  report.notes = std::move(notes_).take(options_.directory);
  report.ok = report.problems.empty();
  return report;
}

Result<Report> Verification::run() {
  WEERBAAR_TRY(files_.list(options_.directory));
  WEERBAAR_TRY(take_statements());
  WEERBAAR_ASSIGN(Inventory inventory, take_inventory(files_, options_.directory));
  take_parts(inventory);
  IndexCheck indexes(files_, options_.directory, inventory.indexes, take_all_commitments());
  check_parts(indexes);
  indexes.finish(inventory.segments);
  return report(std::move(inventory), indexes);
}

}  // namespace

Result<Report> verify(const VerifyOptions& options) {
  WEERBAAR_CHECK(options.files != nullptr);
  return Verification(options).run();
}

}  // namespace weerbaar::trail
