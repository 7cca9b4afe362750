// Which events were taken already: makes intake idempotent on (source, id), exactly, across restarts, in bounded
// memory.
//
// Two stores, both derived from the trail and rebuilt from it when lost:
// - ids that count ("bvr/000017") are kept as intervals of numbers per pattern: a source that numbers its events costs
// a
//   few bytes in all;
// - other ids are kept as sorted runs of (hash, entry index) on disk, merged 16 to 1; a hit is confirmed against the
//   entry itself, so that a collision never costs an event.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "os/file_system.h"
#include "trail/store/numbered_text.h"

namespace weerbaar::trail {

// Not thread-safe.
class IdIndex {
 public:
  // Beyond these, ids that count are treated as other ids: slower, never wrong.
  static constexpr size_t kPatternsMax = 65'536;
  static constexpr size_t kIntervalsMax = 1'000'000;

  // Whether entry `index` is the event (source, id).
  using Confirm = std::function<Result<bool>(EntryIndex index, std::string_view source, std::string_view id)>;

  // Opens, or makes, the index in `directory`. Damaged or missing files only lower covered(). `files` must outlive it.
  static Result<std::unique_ptr<IdIndex>> open(os::FileSystem& files, std::string directory);
  ~IdIndex();

  // The ids of entries below this index (a multiple of 65,536) are known; the caller add()s those from there on.
  [[nodiscard]] TreeSize covered() const { return TreeSize(covered_); }

  // What is known of an id, to be handed to add(). Until then nothing else may be added, and its texts must live.
  class Sought;
  Result<Sought> seek(std::string_view source, std::string_view id, const Confirm& confirm) const;
  // The id of entry `index`; nothing when it is known already.
  void add(const Sought& sought, EntryIndex index);

  // The two in one.
  Result<bool> contains(std::string_view source, std::string_view id, const Confirm& confirm) const;
  void add(std::string_view source, std::string_view id, EntryIndex index);

  // All entries below `size`, a multiple of 65,536, were sealed: moves what is known of them to disk. Call it only
  // while every id that was added belongs to a durable entry: what is written here outlives a crash, and an id without
  // its entry would turn a retry away.
  Status seal(TreeSize size);
  // Drops everything, on disk too: covered() is 0 again.
  Status forget();

 private:
  struct Run;
  class Numbers;
  class Patterns;

  IdIndex(os::FileSystem& files, std::string directory);
  Status load();
  Status load_runs();
  void load_numbers();
  Status write_run(uint64_t end_segment);
  Status merge_runs();
  Status write_numbers(uint64_t end_segment);
  bool add_number(const Sought& sought);
  Result<bool> is_among_others(std::string_view source, std::string_view id, const Confirm& confirm) const;
  [[nodiscard]] bool is_in_a_run(uint64_t hash, uint64_t index) const;

  os::FileSystem& files_;
  std::string directory_;
  uint64_t covered_ = 0;        // by runs and numbers both
  uint64_t numbers_end_ = 0;    // segments in the file of numbers
  uint64_t numbers_bytes_ = 0;  // its size
  size_t intervals_ = 0;
  std::unique_ptr<Patterns> patterns_;
  std::unordered_multimap<uint64_t, uint64_t> recent_;  // hash to index, not in a run yet
  std::vector<std::unique_ptr<Run>> runs_;              // ascending, contiguous from segment 0
  uint64_t run_items_ = 0;                              // in all runs
};

class IdIndex::Sought {
 public:
  [[nodiscard]] bool known() const { return known_; }

 private:
  friend class IdIndex;
  std::string_view source_;
  std::string_view id_;
  NumberedText parts_;
  uint64_t pattern_hash_ = 0;
  Numbers* numbers_ = nullptr;  // of its pattern, when that is known
  bool known_ = false;
};

}  // namespace weerbaar::trail
