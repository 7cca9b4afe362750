// The trail: the only truth. Takes access events in, keeps them as a signed Merkle log, and finds them again.
//
// Layout of its directory (docs/formats/): checkpoint, lock, tail/, segments/, index/, ids/.
// What a caller was told is durable is there after a crash, whatever happens; what is there is either whole or refused.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "domain/access_event.h"
#include "os/file_system.h"
#include "trail/format/checkpoint.h"
#include "trail/format/entry.h"
#include "trail/format/merkle.h"
#include "trail/privacy/key_store.h"
#include "trail/store/event_codec.h"
#include "trail/store/ids.h"
#include "trail/store/index_commitments.h"
#include "trail/store/open_tail.h"
#include "trail/store/sealed_segments.h"
#include "trail/store/sealer.h"
#include "trail/store/signed_log.h"

namespace weerbaar::trail {

struct TrailOptions {
  os::FileSystem* files = nullptr;  // must outlive the trail
  std::string directory;
  KeyStore* keys = nullptr;             // must outlive the trail; without keys a trail can be read only
  std::string origin;                   // name of the log; that of the keys when there are keys
  std::optional<VerifierKey> verifier;  // to check the checkpoint with when there are no keys
  std::function<Time()> clock = os::now;
  bool seal_in_background = true;
  uint64_t index_merge_width = kIndexMergeWidth;
  std::shared_ptr<const void> kept_while_open;  // given back when the trail is closed
};

enum class Access { kRead, kAppend };

// A record about the trail itself, or about a decision that was taken: `body` is JSON without personal data.
struct NewRecord {
  std::string_view type;
  std::string_view body;
};
// kInvalid when the type is empty, either is no UTF-8, or they are longer than an entry.
Status check_record(const NewRecord& record);

// What open() had to do after a crash. Worth telling: nothing of it was ever acknowledged.
struct Recovery {
  uint64_t torn_bytes = 0;  // of an unacknowledged batch, cut away (or, when reading, ignored)
  uint64_t behind = 0;      // entries that are durable but not under the last signed checkpoint yet
};

struct Refused {
  size_t event;  // position in the span that was given
  Error error;
};

// What append() did with a span of events. Every event is accepted, a duplicate, or refused.
struct Receipt {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  std::vector<Refused> refused;
  EntryIndex first;  // of the accepted ones, which follow each other
  TreeSize size;     // of the tree behind them
};

// Not thread-safe: one thread uses it. Sealing goes on in a thread of its own, behind the acknowledged tail.
class Trail {
 public:
  // Makes an empty trail with a signed checkpoint. kExists when the directory holds anything.
  static Status create(const TrailOptions& options);

  // kBusy when another process appends. kCorrupt when what is there contradicts itself or its checkpoint: verify then.
  static Result<std::unique_ptr<Trail>> open(const TrailOptions& options, Access access);
  // Waits for sealing under way. What is not sealed stays in the tail.
  ~Trail();

  [[nodiscard]] const Recovery& recovery() const { return recovery_; }
  [[nodiscard]] const std::string& origin() const { return origin_; }

  // --- writing
  // --------------------------------------------------------------------------------------------------------

  // Takes events that passed validate(). When it returns they are durable (written and synced). An event whose (source,
  // id) was taken before is a duplicate and changes nothing. kInvalid when the machine's clock stands before 1970.
  // After kIo, kNoSpace or kCorrupt nothing of this call was acknowledged, and every later call gives kStopped until
  // the trail is opened again.
  Result<Receipt> append(std::span<const AccessEvent> events);
  // The same for records (retention, import …): they follow each other from the index that it gives, and are durable
  // together. kInvalid as of check_record(), and none is taken. At least one.
  Result<EntryIndex> append_records(std::span<const NewRecord> records);
  Result<EntryIndex> append_record(std::string_view type, std::string_view body) {
    const NewRecord record{type, body};
    return append_records({&record, 1});
  }
  // Signs the tree as it is now, remembers it with the keys, stores it and returns the note.
  Result<std::string> sign();
  // Waits until every full tail is sealed.
  Status finish_sealing();
  // Makes the index over all that is there now, sealed or not, evidence: waits for sealing, appends the records that
  // are missing, and one over the entries that are not sealed, whose index is kept in memory until the next call. After
  // it, sign() covers what committed_indexes() gives.
  Status commit_tail_index();

  // --- reading
  // --------------------------------------------------------------------------------------------------------

  [[nodiscard]] TreeSize size() const { return TreeSize(size_); }
  // The last signed checkpoint, as stored.
  [[nodiscard]] const std::string& checkpoint_note() const { return checkpoint_note_; }
  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }
  // What that covers, for other threads. By the thread that uses the trail.
  [[nodiscard]] std::shared_ptr<const SignedLog> signed_log() const;
  Result<Hash> root(TreeSize size) const;
  // MTH over entries: for proofs (trail/format/merkle.h).
  Result<Hash> range_root(uint64_t begin, uint64_t end) const;
  // Appends the canonical bytes. kNotFound beyond the size.
  Status entry(EntryIndex index, Bytes& out) const;

  [[nodiscard]] const SealedSegments& sealed() const { return *sealed_; }
  // Those that are not sealed, in order.
  [[nodiscard]] const std::deque<std::shared_ptr<OpenTail>>& tails() const { return tails_; }
  // First index of the tails.
  [[nodiscard]] uint64_t sealed_size() const { return sealed_->count() * kSegmentEntries; }
  // Indexes that follow each other from entry 0 on, with their records below `size`: for proofs that nothing was left
  // out. Entries behind the last of them have none. kNotFound when a segment below `size` has no index, or its record
  // stands behind `size`: call commit_tail_index() and sign first. kCorrupt names the file of an index that is not the
  // one that its record commits. Only when opened to append.
  Result<std::vector<CommittedIndex>> committed_indexes(TreeSize size);
  // Null when there are none.
  [[nodiscard]] KeyStore* keys() const { return options_.keys; }

 private:
  struct Taking;
  // Full tails that may wait for sealing before append() waits for them.
  static constexpr size_t kUnsealedMax = 6;
  // The same for the bytes of their entries, beyond one tail.
  static constexpr uint64_t kUnsealedBytesMax = uint64_t{256} << 20U;

  Trail(const TrailOptions& options, Access access);
  [[nodiscard]] std::string path(std::string_view name) const { return os::join(options_.directory, name); }
  [[nodiscard]] const VerifierKey& verifier() const;
  Status load();
  [[nodiscard]] Status no_checkpoint() const;
  Status load_tails();
  Status load_checkpoint();
  Status recover();
  Status check_signed(const Checkpoint& checkpoint, std::string_view where) const;
  Status check_keys() const;
  Status load_ids();
  Status check_writable() const;
  Status adopt_sealed(size_t unsealed_max);
  [[nodiscard]] bool too_much_is_unsealed(size_t unsealed_max) const;
  Result<OpenTail*> writable_tail();
  [[nodiscard]] Result<Time> clock() const;
  Status take(std::span<const AccessEvent> events, Time received, Receipt& receipt);
  Result<bool> is_event(EntryIndex index, std::string_view source, std::string_view id, const Taking& taking) const;
  Status encode(const AccessEvent& event, Period period, const Pseudonymiser& key, Taking& taking);
  Status accept(const AccessEvent& event, const IdIndex::Sought& id, Taking& taking);
  Status write(Taking& taking);
  void begin_batch(size_t events, TailBatch& batch);
  Status put_record(ByteView record, Taking& taking);
  Status put_commitments(const std::vector<IndexCommitment>& commitments, Taking& taking);
  Status finish(Taking& taking);
  // Remembers that appends must stop; gives the status back.
  Status stop(Status status);
  Result<Hash> sealed_range(uint64_t begin, uint64_t end) const;

  TrailOptions options_;
  const bool writable_;
  std::string origin_;
  std::unique_ptr<os::Lock> lock_;
  Recovery recovery_;
  uint64_t size_ = 0;
  bool stopped_ = false;
  Checkpoint checkpoint_;
  std::string checkpoint_note_;
  std::shared_ptr<SealedSegments> sealed_;
  std::shared_ptr<SealedTiles> sealed_tiles_ = std::make_shared<SealedTiles>();
  std::deque<std::shared_ptr<OpenTail>> tails_;
  std::unique_ptr<IdIndex> ids_;
  EventEncoder encoder_;
  IndexCommitments commitments_;
  std::optional<CommittedIndex> tail_index_;
  std::deque<Bytes> spare_;      // memory of batches that were sealed, for those to come
  size_t bytes_of_event_ = 256;  // in the last batch
  std::unique_ptr<Sealer> sealer_;
};

}  // namespace weerbaar::trail
