// The index files of a trail and the index roots that its records commit, against its entries.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "os/file_system.h"
#include "trail/verify/commitment_set.h"
#include "trail/verify/index_range.h"
#include "trail/verify/inventory.h"
#include "trail/verify/problem_list.h"
#include "trail/verify/segment_index.h"

namespace weerbaar::trail {

// No index covers more parts.
inline constexpr uint64_t kIndexPartsMax = 256;
// What the recomputed indexes of parts may take together while they wait for the other parts of an index: some 3 MB a
// part of real events, and twice as many parts as an index covers at most.
inline constexpr uint64_t kIndexMemoryBytesMax = uint64_t{4} << 30U;

// take() from any thread.
class IndexCheck {
 public:
  // `files` must outlive it. `index_files` are those of the inventory.
  IndexCheck(os::FileSystem& files, std::string directory, const std::vector<IndexFileName>& index_files,
             std::vector<CommittedRoot> roots, uint64_t memory_bytes_max = kIndexMemoryBytesMax);
  IndexCheck(const IndexCheck&) = delete;
  IndexCheck& operator=(const IndexCheck&) = delete;

  // Whether an index is to be compared with what the part of this number says.
  [[nodiscard]] bool is_wanted(uint64_t part) const;
  // Each part once, in any order: what an index over it must say, or null when it is too damaged for that. Examines
  // every index whose last part this is, and forgets what no other index needs.
  void take(uint64_t part, std::unique_ptr<const SegmentIndex> recomputed);
  // After the last part, once. `segments`: the numbers of those that are there, ascending.
  void finish(std::span<const uint64_t> segments);

  [[nodiscard]] ProblemList take_problems() { return std::move(problems_); }
  [[nodiscard]] ProblemList take_notes() { return std::move(notes_); }

 private:
  // What one index must say, or several over the beginnings of one part.
  struct Run {
    uint64_t begin = 0;  // parts
    uint64_t end = 0;
    std::optional<IndexFileName> file;
    std::vector<const CommittedRoot*> roots;
    std::vector<std::shared_ptr<const SegmentIndex>> parts;  // null: not taken yet
    uint64_t waits = 0;                                      // for so many of them
    bool is_blocked = false;                                 // one is damaged
    ProblemList problems;
  };
  void ask_for_files(const std::vector<IndexFileName>& index_files);
  void ask_for_roots();
  // Null when there is no room for it any more.
  std::shared_ptr<const SegmentIndex> hold(uint64_t part, std::unique_ptr<const SegmentIndex> recomputed);
  // The runs that are complete with this part.
  std::vector<Run*> hand_out(uint64_t part, const std::shared_ptr<const SegmentIndex>& recomputed);
  void examine(Run& run) const;
  std::optional<IndexCommitment> examine_file(const IndexRange& range, Run& run) const;
  void examine_beginnings(Run& run) const;
  void tell_unexamined(const Run& run, std::span<const uint64_t> segments);

  os::FileSystem& files_;
  const std::string directory_;
  const std::vector<CommittedRoot> roots_;
  const uint64_t memory_bytes_max_;
  std::atomic<uint64_t> held_bytes_ = 0;               // outlives the runs, whose parts lower it
  std::map<std::pair<uint64_t, uint64_t>, Run> runs_;  // by begin and end
  std::multimap<uint64_t, Run*> covers_;               // of each part, the runs over it
  std::mutex mutex_;
  ProblemList problems_{kProblemsMax};
  ProblemList notes_{kProblemsMax};
};

}  // namespace weerbaar::trail
