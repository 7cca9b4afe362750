#include "trail/store/trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

#include "base/check.h"
#include "trail/store/index_writer.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kDirectories[] = {"tail", "segments", "index", "ids"};
constexpr uint64_t kCheckpointBytesMax = kNoteBytesMax;
// The index of ids goes to disk once in so many segments: each time takes several syncs, and after a crash only those
// of the last segments are read again.
constexpr uint64_t kSegmentsPerIdRun = 4;
// Beyond what the events of the last batch took, when memory is asked for the next.
constexpr size_t kSlackBytes = 16;
// Events whose pseudonyms are worked out together.
constexpr size_t kLookAhead = 256;

std::string_view text_of(const Bytes& bytes) {
  return as_text(bytes);
}

// Signs the tree, and lets the keys remember it before anybody can see the signature.
Result<std::string> sign_and_remember(KeyStore& keys, TreeSize size, const Hash& root) {
  WEERBAAR_ASSIGN(std::string note, sign_checkpoint({keys.origin(), size, root, {}}, keys.signing_key()));
  WEERBAAR_TRY(keys.remember_signed(note));
  return note;
}

}  // namespace

Status check_record(const NewRecord& record) {
  // As long as that of our days.
  constexpr int64_t kAnyTime = int64_t{1} << 40U;
  Bytes bytes;
  encode(StoredRecord{record.type, kAnyTime, record.body}, bytes);
  if (Entry entry; bytes.size() <= kEntryBytesMax && entry.decode(bytes)) return {};
  return fail(Code::kInvalid, "the record has no type, is no UTF-8, or is longer than 65,535 bytes");
}

// An append() under way.
struct Trail::Taking {
  Time received;
  size_t events = 0;                         // how many were given
  uint64_t first = 0;                        // index of the first event accepted
  std::vector<const AccessEvent*> accepted;  // all of them; the entries of the last ones are in the batch
  OpenTail* tail = nullptr;                  // for which the batch is, when it holds anything
  TailBatch batch;
  std::vector<uint64_t> hashes;
  std::vector<std::pair<EntryIndex, IndexCommitment>> committed;  // by records among the entries
};

Trail::Trail(const TrailOptions& options, Access access)
    : options_(options),
      writable_(access == Access::kAppend),
      origin_(options.keys != nullptr ? options.keys->origin() : options.origin) {}

Trail::~Trail() = default;

Status Trail::create(const TrailOptions& options) {
  WEERBAAR_CHECK(options.files != nullptr && options.keys != nullptr);
  os::FileSystem& files = *options.files;
  WEERBAAR_TRY(files.make_directory(options.directory));
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(options.directory));
  if (!names.empty()) {
    return fail(Code::kExists, fmt::format("{} is not empty: a trail is made in a new directory", options.directory));
  }
  for (const std::string_view name : kDirectories) {
    WEERBAAR_TRY(files.make_directory(os::join(options.directory, name)));
  }
  WEERBAAR_ASSIGN(const std::string note, sign_and_remember(*options.keys, TreeSize(0), tree_root({})));
  return os::write_file_atomically(files, os::join(options.directory, "checkpoint"), as_bytes(note));
}

Result<std::unique_ptr<Trail>> Trail::open(const TrailOptions& options, Access access) {
  WEERBAAR_CHECK(options.files != nullptr);
  if (options.keys == nullptr && (access == Access::kAppend || !options.verifier)) {
    return fail(Code::kDenied, "the keys of the trail are needed: name their directory with --keys");
  }
  std::unique_ptr<Trail> trail(new Trail(options, access));
  WEERBAAR_TRY(trail->load());
  return trail;
}

const VerifierKey& Trail::verifier() const {
  return options_.keys != nullptr ? options_.keys->verifier_key() : *options_.verifier;
}

Status Trail::load() {
  os::FileSystem& files = *options_.files;
  if (!files.exists(path("checkpoint"))) return no_checkpoint();
  if (writable_) {
    WEERBAAR_ASSIGN(lock_, files.lock(path("lock")));
  }
  WEERBAAR_ASSIGN(sealed_, SealedSegments::open(files, options_.directory, options_.index_merge_width, writable_));
  WEERBAAR_TRY(load_tails());
  WEERBAAR_TRY(load_checkpoint());
  if (options_.keys != nullptr) WEERBAAR_TRY(check_keys());
  if (!writable_) return {};
  WEERBAAR_TRY(recover());
  WEERBAAR_TRY(load_ids());
  sealer_ = std::make_unique<Sealer>(*sealed_, options_.seal_in_background);
  for (const auto& tail : tails_) {
    if (tail->full()) sealer_->give(tail);
  }
  return {};
}

// Where there are entries it was removed: nobody should think of making a new trail then.
Status Trail::no_checkpoint() const {
  os::FileSystem& files = *options_.files;
  for (const std::string_view name : {"segments", "tail"}) {
    const auto names = files.list(path(name));
    if (!names && names.error().code != Code::kNotFound) return std::unexpected(names.error());
    if (!names || names->empty()) continue;
    return fail(Code::kCorrupt, fmt::format("{} is missing, and there are entries: put a copy of it back. The keys "
                                            "remember the last one, in their file `signed`. Run `weerbaar verify`",
                                            path("checkpoint")));
  }
  return fail(Code::kNotFound, fmt::format("{} holds no trail: make one with `weerbaar init`", options_.directory));
}

Status Trail::load_tails() {
  os::FileSystem& files = *options_.files;
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(path("tail")));
  size_ = sealed_size();
  for (const std::string& name : names) {
    if (name < tail_name(sealed_size())) continue;  // sealed, and a crash came before it was removed
    if (name != tail_name(size_) || (!tails_.empty() && !tails_.back()->full())) {
      return fail(Code::kCorrupt, fmt::format("{}: the entries from {} on are missing, but a file named {} follows",
                                              path("tail"), size_, name));
    }
    WEERBAAR_ASSIGN(std::shared_ptr<OpenTail> tail, OpenTail::open(files, path("tail"), size_, writable_));
    size_ += tail->size();
    recovery_.torn_bytes += tail->torn_bytes();
    tails_.push_back(std::move(tail));
  }
  return {};
}

// Clears away what a crash left, and makes durable what is there: only now that nothing contradicts the checkpoint, so
// that damage to what was signed is never taken for a torn end and cut off.
Status Trail::recover() {
  os::FileSystem& files = *options_.files;
  // An earlier process may have failed to sync the names of the checkpoint and of segments, whose tails go now.
  WEERBAAR_TRY(files.sync_directory(options_.directory));
  WEERBAAR_TRY(files.sync_directory(path("segments")));
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(path("tail")));
  for (uint64_t number = 0; number < sealed_->count(); ++number) {
    const std::string name = tail_name(number * kSegmentEntries);
    if (!std::binary_search(names.begin(), names.end(), name)) continue;
    WEERBAAR_TRY(sealed_->segment(number));  // whole, by its checksums
    WEERBAAR_TRY(files.remove(os::join(path("tail"), name)));
  }
  if (!tails_.empty()) return tails_.back()->recover(files, path("tail"));
  return files.sync_directory(path("tail"));
}

Status Trail::check_signed(const Checkpoint& checkpoint, std::string_view where) const {
  if (checkpoint.size.value() > size_) {
    return fail(Code::kCorrupt,
                fmt::format("{} signs {} entries, but the trail holds {}: entries are missing. Run `weerbaar verify`",
                            where, checkpoint.size.value(), size_));
  }
  WEERBAAR_ASSIGN(const Hash actual, root(checkpoint.size));
  if (actual == checkpoint.root) return {};
  return fail(Code::kCorrupt, fmt::format("{} signs another tree of {} entries than the trail holds: entries were "
                                          "changed. Run `weerbaar verify`",
                                          where, checkpoint.size.value()));
}

Status Trail::load_checkpoint() {
  const std::string file = path("checkpoint");
  WEERBAAR_ASSIGN(const Bytes stored, os::read_file(*options_.files, file, kCheckpointBytesMax));
  checkpoint_note_ = text_of(stored);
  auto opened = open_checkpoint(checkpoint_note_, verifier(), origin_);
  if (!opened && opened.error().code != Code::kInvalid) return fail_in(file, opened.error());
  if (!opened) {
    return fail(Code::kCorrupt, fmt::format("{}: {}: the checkpoint was damaged or exchanged. Run `weerbaar verify`; "
                                            "the keys and who keeps checkpoints have copies",
                                            file, opened.error().text));
  }
  checkpoint_ = std::move(*opened);
  WEERBAAR_TRY(check_signed(checkpoint_, file));
  if (options_.keys != nullptr) {
    WEERBAAR_ASSIGN(std::string remembered, options_.keys->last_signed());
    if (!remembered.empty() && remembered != checkpoint_note_) {
      WEERBAAR_ASSIGN(Checkpoint last, open_checkpoint(remembered, verifier(), origin_));
      WEERBAAR_TRY(check_signed(last, "the last checkpoint that the keys remember"));
      if (last.size > checkpoint_.size) {
        // A crash came between signing and storing.
        if (writable_) {
          // Again, for a failed sync may have left it in memory only.
          WEERBAAR_TRY(options_.keys->remember_signed(remembered));
          WEERBAAR_TRY(os::write_file_atomically(*options_.files, file, as_bytes(remembered)));
        }
        checkpoint_ = std::move(last);
        checkpoint_note_ = std::move(remembered);
      }
    }
  }
  recovery_.behind = size_ - checkpoint_.size.value();
  return {};
}

// Keys that were put back from a backup may lack those made since. A new key in the place of such a one would hide what
// was written under it from every search, and show it as somebody else's. They remember every checkpoint before anybody
// sees it, so a missing key is one of entries behind the last that they remember: seldom any.
Status Trail::check_keys() const {
  WEERBAAR_ASSIGN(const std::string remembered, options_.keys->last_signed());
  uint64_t index = 0;
  if (!remembered.empty()) {
    WEERBAAR_ASSIGN(const Checkpoint last, open_checkpoint(remembered, verifier(), origin_));
    index = last.size.value();
  }
  WEERBAAR_ASSIGN(const std::vector<PeriodStatus> periods, options_.keys->periods());
  Bytes bytes;
  Entry stored;
  for (; index < size_; ++index) {
    bytes.clear();
    WEERBAAR_TRY(entry(EntryIndex(index), bytes));
    WEERBAAR_TRY(stored.decode(bytes));
    if (!stored.is_event()) continue;
    const Period period{stored.event().period};
    if (std::ranges::find(periods, period, &PeriodStatus::period) != periods.end()) continue;
    return fail(Code::kCorrupt,
                fmt::format("the keys are older than the trail: entry {} stands under the key of {}, which "
                            "they never had. Put their latest copy back",
                            index, to_string(period)));
  }
  return {};
}

// The index of ids is derived: what it does not cover is read from the trail again.
Status Trail::load_ids() {
  WEERBAAR_ASSIGN(ids_, IdIndex::open(*options_.files, path("ids")));
  if (ids_->covered().value() > sealed_size()) WEERBAAR_TRY(ids_->forget());
  std::string id;
  for (uint64_t number = ids_->covered().value() / kSegmentEntries; number < sealed_->count(); ++number) {
    WEERBAAR_ASSIGN(const auto segment, sealed_->segment(number));
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      if (!segment->is_event(row)) continue;
      id.clear();
      segment->id(row, id);
      ids_->add(segment->texts(Section::kApplicationSource).at(segment->application_code(row)), id,
                EntryIndex(number * kSegmentEntries + row));
    }
    // To disk at once: an index that was lost is made again in bounded memory.
    WEERBAAR_TRY(ids_->seal(TreeSize((number + 1) * kSegmentEntries)));
  }
  Entry entry;
  for (const auto& tail : tails_) {
    for (uint64_t row = 0; row < tail->size(); ++row) {
      WEERBAAR_TRY(entry.decode(tail->entries()[row]));
      if (!entry.is_event()) continue;
      ids_->add(entry.event().shape.source, entry.event().id, EntryIndex(tail->first_index() + row));
    }
  }
  return {};
}

Status Trail::check_writable() const {
  WEERBAAR_CHECK(writable_);
  if (!stopped_) return {};
  return fail(Code::kStopped,
              "the trail takes nothing in after an earlier failure: open it again, it will then say "
              "what it holds");
}

Status Trail::stop(Status status) {
  if (!status) stopped_ = true;
  return status;
}

bool Trail::too_much_is_unsealed(size_t unsealed_max) const {
  const size_t full = sealer_->pending();
  if (full > unsealed_max) return true;
  uint64_t bytes = 0;
  for (size_t i = 0; i < full; ++i) bytes += tails_[i]->bytes();
  return full > 1 && bytes > kUnsealedBytesMax;
}

// Takes over what the sealer has finished, and waits for it while more than `unsealed_max` full tails are open. Called
// only when every id in the index belongs to a durable entry.
Status Trail::adopt_sealed(size_t unsealed_max) {
  while (const auto done = sealer_->take(too_much_is_unsealed(unsealed_max))) {
    WEERBAAR_TRY(*done);
    std::shared_ptr<OpenTail> tail = tails_.front();
    WEERBAAR_TRY(sealed_->adopt(tail->first_index() / kSegmentEntries));
    tails_.pop_front();
    commitments_.changed();
    if (tail.use_count() == 1) {
      // What others read before they let go of it comes before what is written there now.
      std::atomic_thread_fence(std::memory_order_acquire);
      spare_ = tail->take_memory();
    }
    if (sealed_->count() % kSegmentsPerIdRun == 0) WEERBAAR_TRY(ids_->seal(TreeSize(sealed_size())));
    // Not synced: a tail that a crash brings back is passed over, and removed then.
    WEERBAAR_TRY(options_.files->remove(os::join(path("tail"), tail_name(tail->first_index()))));
    sealer_->let_go(std::move(tail));
  }
  return {};
}

// Whether the entry is that of the event: one that is there, or one of those that are being taken.
Result<bool> Trail::is_event(EntryIndex index, std::string_view source, std::string_view id,
                             const Taking& taking) const {
  if (index.value() >= taking.first) {
    const uint64_t place = index.value() - taking.first;
    if (place >= taking.accepted.size()) return false;  // the index is damaged
    return taking.accepted[place]->source == source && taking.accepted[place]->id == id;
  }
  Bytes bytes;
  WEERBAAR_TRY(entry(index, bytes));
  Entry stored;
  WEERBAAR_TRY(stored.decode(bytes));
  return stored.is_event() && stored.event().shape.source == source && stored.event().id == id;
}

// No entry can hold an earlier moment of receipt.
Result<Time> Trail::clock() const {
  const Time now = options_.clock();
  if (now.micros < 0) return fail(Code::kInvalid, "the clock of this machine stands before 1970: set it");
  return now;
}

// Every event becomes an entry, a duplicate or a refusal. Accepted ones go to the disk whenever a tail is full, and at
// the end; when this fails, those that are not there yet are nothing.
Status Trail::take(std::span<const AccessEvent> events, Time received, Receipt& receipt) {
  Taking taking;
  taking.received = received;
  taking.first = size_;
  taking.accepted.reserve(events.size());
  taking.events = events.size();
  const IdIndex::Confirm is_same = [&](EntryIndex index, std::string_view source, std::string_view id) {
    return is_event(index, source, id, taking);
  };
  PeriodOfEvents periods(received);
  std::optional<Period> period;
  Result<const Pseudonymiser*> key = nullptr;
  size_t looked_ahead = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    const AccessEvent& event = events[i];
    WEERBAAR_ASSIGN(const IdIndex::Sought id, ids_->seek(event.source, event.id, is_same));
    if (id.known()) {
      ++receipt.duplicates;
      continue;
    }
    const Period wanted = periods.at(event.time);
    if (period != wanted) {
      period = wanted;
      looked_ahead = i;
      key = options_.keys->period_or_create(wanted);
      if (!key && key.error().code != Code::kDenied) return std::unexpected(key.error());
    }
    if (!key) {
      receipt.refused.push_back({i,
                                 {Code::kDenied, fmt::format("the keys of {} were destroyed at the end of its "
                                                             "retention, so the event is too old to be kept: if its "
                                                             "time is wrong, correct it at the source and deliver the "
                                                             "event again",
                                                             to_string(wanted))}});
      continue;
    }
    if (i >= looked_ahead) {
      size_t count = 1;
      while (count < std::min(kLookAhead, events.size() - i) && periods.at(events[i + count].time) == wanted) ++count;
      encoder_.look_ahead(events.subspan(i, count), wanted, **key);
      looked_ahead = i + count;
    }
    if (Status status = encode(event, wanted, **key, taking); !status) {
      receipt.refused.push_back({i, std::move(status.error())});
      continue;
    }
    WEERBAAR_TRY(accept(event, id, taking));
  }
  receipt.accepted = taking.accepted.size();
  // Indexes come behind evidence: what cannot be read now must not stop intake, and is tried again at the next sealing.
  if (taking.batch.count() > 0) {
    if (const auto missing = commitments_.missing(*this)) WEERBAAR_TRY(put_commitments(*missing, taking));
  }
  return finish(taking);
}

// Puts the entry of the event behind the batch. kInvalid, and nothing is changed, when it is too long for one.
Status Trail::encode(const AccessEvent& event, Period period, const Pseudonymiser& key, Taking& taking) {
  if (taking.batch.count() == 0) begin_batch(taking.events - taking.accepted.size(), taking.batch);
  Bytes& bytes = taking.batch.bytes;
  const size_t begin = bytes.size();
  bytes.resize(begin + 2);
  taking.hashes.clear();
  if (Status status = encoder_.encode(event, taking.received, period, key, bytes, taking.hashes); !status) {
    bytes.resize(begin);
    return status;
  }
  const size_t length = bytes.size() - begin - 2;
  store_be(bytes.data() + begin, static_cast<uint16_t>(length));
  taking.batch.lengths.push_back(static_cast<uint32_t>(length));
  return {};
}

// Takes the entry at the end of the batch for that of the event.
Status Trail::accept(const AccessEvent& event, const IdIndex::Sought& id, Taking& taking) {
  TailBatch& batch = taking.batch;
  if (taking.tail == nullptr) {
    WEERBAAR_ASSIGN(taking.tail, writable_tail());
  }
  const auto place = static_cast<uint32_t>(batch.count() - 1);
  for (const uint64_t hash : taking.hashes) batch.keys.push_back({hash, place});
  ids_->add(id, EntryIndex(taking.first + taking.accepted.size()));
  taking.accepted.push_back(&event);
  if (taking.tail->size() + batch.count() == kSegmentEntries) return write(taking);
  return taking.tail->write_ahead(batch);
}

// The tail that has room; a full one goes to the sealer.
Result<OpenTail*> Trail::writable_tail() {
  if (tails_.empty() || tails_.back()->full()) {
    WEERBAAR_ASSIGN(std::shared_ptr<OpenTail> tail, OpenTail::create(*options_.files, path("tail"), size_));
    tails_.push_back(std::move(tail));
  }
  return tails_.back().get();
}

// Memory for so many events: fresh memory costs more than what is written into it.
void Trail::begin_batch(size_t events, TailBatch& batch) {
  const size_t bytes = kBatchHeadBytes + std::min<size_t>(events, kSegmentEntries) * bytes_of_event_;
  if (batch.bytes.capacity() < bytes && !spare_.empty()) {
    batch.bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  batch.bytes.reserve(bytes);
  batch.bytes.resize(kBatchHeadBytes);
}

// Puts a canonical record behind the batch.
Status Trail::put_record(ByteView record, Taking& taking) {
  TailBatch& batch = taking.batch;
  if (taking.tail == nullptr) {
    WEERBAAR_ASSIGN(taking.tail, writable_tail());
  }
  if (batch.count() == 0) begin_batch(1, batch);
  const size_t begin = batch.bytes.size();
  batch.bytes.resize(begin + 2);
  store_be(batch.bytes.data() + begin, static_cast<uint16_t>(record.size()));
  weerbaar::append(batch.bytes, record);
  batch.records.push_back(static_cast<uint32_t>(batch.count()));
  batch.lengths.push_back(static_cast<uint32_t>(record.size()));
  return taking.tail->size() + batch.count() == kSegmentEntries ? write(taking) : Status();
}

Status Trail::put_commitments(const std::vector<IndexCommitment>& commitments, Taking& taking) {
  Bytes record;
  for (const IndexCommitment& commitment : commitments) {
    record.clear();
    trail::encode(StoredRecord{kIndexRecordType, taking.received.micros / 1'000, to_json(commitment)}, record);
    taking.committed.emplace_back(EntryIndex(size_ + taking.batch.count()), commitment);
    WEERBAAR_TRY(put_record(record, taking));
  }
  return {};
}

// Makes durable what is not yet.
Status Trail::finish(Taking& taking) {
  WEERBAAR_TRY(write(taking));
  for (const auto& [record, commitment] : taking.committed) commitments_.added(record, commitment);
  return {};
}

// Makes the batch durable; it fits in its tail.
Status Trail::write(Taking& taking) {
  if (taking.batch.count() == 0) return {};
  const size_t count = taking.batch.count();
  bytes_of_event_ = taking.batch.bytes.size() / count + kSlackBytes;
  OpenTail* const tail = std::exchange(taking.tail, nullptr);
  WEERBAAR_TRY(tail->append(std::exchange(taking.batch, {}), checkpoint_.size.value()));
  size_ += count;
  if (tail->full()) sealer_->give(tails_.back());
  return {};
}

Result<Receipt> Trail::append(std::span<const AccessEvent> events) {
  WEERBAAR_TRY(check_writable());
  WEERBAAR_ASSIGN(const Time received, clock());
  WEERBAAR_TRY(stop(adopt_sealed(kUnsealedMax)));
  Receipt receipt;
  receipt.first = EntryIndex(size_);
  WEERBAAR_TRY(stop(take(events, received, receipt)));
  receipt.size = TreeSize(size_);
  return receipt;
}

Result<EntryIndex> Trail::append_records(std::span<const NewRecord> records) {
  WEERBAAR_CHECK(!records.empty());
  WEERBAAR_TRY(check_writable());
  WEERBAAR_ASSIGN(const Time received, clock());
  for (const NewRecord& record : records) WEERBAAR_TRY(check_record(record));
  WEERBAAR_TRY(stop(adopt_sealed(kUnsealedMax)));
  const EntryIndex index(size_);
  Taking taking;
  taking.received = received;
  Bytes bytes;
  for (const NewRecord& record : records) {
    bytes.clear();
    trail::encode(StoredRecord{record.type, received.micros / 1'000, record.body}, bytes);
    WEERBAAR_TRY(stop(put_record(bytes, taking)));
  }
  if (const auto missing = commitments_.missing(*this)) WEERBAAR_TRY(stop(put_commitments(*missing, taking)));
  WEERBAAR_TRY(stop(finish(taking)));
  return index;
}

Result<std::string> Trail::sign() {
  WEERBAAR_TRY(check_writable());
  if (checkpoint_.size.value() == size_) return checkpoint_note_;
  if (!tails_.empty()) tails_.back()->hash_tiles();
  WEERBAAR_ASSIGN(const Hash now, root(TreeSize(size_)));
  auto note = sign_and_remember(*options_.keys, TreeSize(size_), now);
  if (!note) {
    stopped_ = true;
    return note;
  }
  WEERBAAR_TRY(stop(os::write_file_atomically(*options_.files, path("checkpoint"), as_bytes(*note))));
  checkpoint_ = {origin_, TreeSize(size_), now, {}};
  checkpoint_note_ = *note;
  return note;
}

Status Trail::finish_sealing() {
  WEERBAAR_TRY(check_writable());
  WEERBAAR_TRY(stop(adopt_sealed(0)));
  if (sealed_->count() == 0) return {};
  return stop(ids_->seal(TreeSize(sealed_size())));
}

Status Trail::commit_tail_index() {
  WEERBAAR_TRY(finish_sealing());
  WEERBAAR_ASSIGN(const Time received, clock());
  if (tail_index_ && tail_index_->record.value() + 1 == size_ && tail_index_->commitment.first == sealed_size())
    return {};
  // The records may fill the tail, whose segment then wants one too.
  for (;;) {
    WEERBAAR_ASSIGN(const std::vector<IndexCommitment> missing, commitments_.missing(*this));
    if (missing.empty()) break;
    Taking taking;
    taking.received = received;
    WEERBAAR_TRY(stop(put_commitments(missing, taking)));
    WEERBAAR_TRY(stop(finish(taking)));
    WEERBAAR_TRY(finish_sealing());
  }
  tail_index_ = std::nullopt;
  if (tails_.empty() || tails_.back()->size() == 0) return {};
  const OpenTail& tail = *tails_.back();
  WEERBAAR_ASSIGN(Bytes bytes, index_of(tail.first_index(), tail.entries()));
  WEERBAAR_ASSIGN(std::shared_ptr<const OpenIndex> index, OpenIndex::of(std::move(bytes)));
  CommittedIndex committed{index->file.commitment(), EntryIndex(size_), std::move(index)};
  Taking taking;
  taking.received = received;
  WEERBAAR_TRY(stop(put_commitments({committed.commitment}, taking)));
  WEERBAAR_TRY(stop(finish(taking)));
  tail_index_ = std::move(committed);
  return {};
}

// --- reading
// ------------------------------------------------------------------------------------------------------------

std::shared_ptr<const SignedLog> Trail::signed_log() const {
  std::vector<SignedLog::Unsealed> unsealed;
  for (const auto& tail : tails_) {
    if (tail->first_index() >= checkpoint_.size.value()) break;
    const uint64_t count = std::min(tail->size(), checkpoint_.size.value() - tail->first_index());
    const auto entries = tail->entries().first(count);
    const auto leaves = tail->leaves().first(count);
    unsealed.push_back({tail, {entries.begin(), entries.end()}, {leaves.begin(), leaves.end()}});
  }
  return std::make_shared<const SignedLog>(checkpoint_, checkpoint_note_, sealed_, sealed_->count(), sealed_tiles_,
                                           std::move(unsealed));
}

Result<Hash> Trail::root(TreeSize size) const {
  if (size.value() == 0) return tree_root({});
  return range_root(0, size.value());
}

Result<Hash> Trail::range_root(uint64_t begin, uint64_t end) const {
  if (begin >= end || end > size_) {
    return fail(Code::kInvalid, fmt::format("the trail of {} entries has no range from {} to {}", size_, begin, end));
  }
  const uint64_t segment = begin / kSegmentEntries;
  if (segment == (end - 1) / kSegmentEntries) {
    if (begin < sealed_size()) return sealed_range(begin, end);
    const OpenTail& tail = *tails_[segment - sealed_->count()];
    return tail.root(begin - tail.first_index(), end - tail.first_index());
  }
  const uint64_t left = std::bit_floor(end - begin - 1);
  WEERBAAR_ASSIGN(const Hash left_root, range_root(begin, begin + left));
  WEERBAAR_ASSIGN(const Hash right_root, range_root(begin + left, end));
  return node_hash(left_root, right_root);
}

Result<std::vector<CommittedIndex>> Trail::committed_indexes(TreeSize size) {
  std::vector<CommittedIndex> committed;
  uint64_t end = 0;
  const auto not_committed = [&] {
    return fail(Code::kNotFound,
                fmt::format("no record below {} commits an index of the entries from {} on: commit the "
                            "indexes and sign again",
                            size.value(), end));
  };
  const auto tiling = sealed_->indexes();
  for (const auto& index : tiling->files) {
    if (index->file.first_index() >= size.value()) break;
    if (index->file.first_index() != end) return not_committed();
    WEERBAAR_ASSIGN(const auto found, commitments_.find(*this, end, index->file.end(), size));
    if (!found) return not_committed();
    IndexCommitment commitment = index->file.commitment();
    if (commitment != *found->commitment) {
      return fail(Code::kCorrupt,
                  fmt::format("{}: it is not the index that the record in entry {} commits: it was exchanged, or made "
                              "from other entries. Run `weerbaar verify`",
                              os::join(path("index"), index_name(range_of(*index))), found->record.value()));
    }
    end = index->file.end();
    committed.push_back({std::move(commitment), found->record, index});
  }
  if (tail_index_ && tail_index_->commitment.first == end && tail_index_->record < size) {
    committed.push_back(*tail_index_);
    return committed;
  }
  if (end < std::min(size.value(), sealed_size())) return not_committed();
  return committed;
}

// Within one sealed segment.
Result<Hash> Trail::sealed_range(uint64_t begin, uint64_t end) const {
  const uint64_t number = begin / kSegmentEntries;
  if (end - begin == kSegmentEntries) return sealed_->header(number).root;
  const uint64_t tile = begin / kTileEntries;
  if (tile != (end - 1) / kTileEntries) {
    const uint64_t left = std::bit_floor(end - begin - 1);
    WEERBAAR_ASSIGN(const Hash left_root, sealed_range(begin, begin + left));
    WEERBAAR_ASSIGN(const Hash right_root, sealed_range(begin + left, end));
    return node_hash(left_root, right_root);
  }
  WEERBAAR_ASSIGN(const auto segment, sealed_->segment(number));
  if (end - begin == kTileEntries) return segment->tile_hash(tile % (kSegmentEntries / kTileEntries));
  std::vector<Hash> leaves;
  Bytes bytes;
  for (uint64_t index = begin; index < end; ++index) {
    bytes.clear();
    segment->entry(index % kSegmentEntries, bytes);
    leaves.push_back(leaf_hash(bytes));
  }
  return tree_root(leaves);
}

Status Trail::entry(EntryIndex index, Bytes& out) const {
  if (index.value() >= size_) {
    return fail(Code::kNotFound, fmt::format("entry {} does not exist: the trail holds {}", index.value(), size_));
  }
  const uint64_t number = index.value() / kSegmentEntries;
  const uint64_t row = index.value() % kSegmentEntries;
  if (index.value() < sealed_size()) {
    WEERBAAR_ASSIGN(const auto segment, sealed_->segment(number));
    segment->entry(row, out);
  } else {
    weerbaar::append(out, tails_[number - sealed_->count()]->entries()[row]);
  }
  return {};
}

}  // namespace weerbaar::trail
