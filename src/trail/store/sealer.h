// Turns full tails into segment files with their indexes, in threads of its own or on the spot.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "trail/store/open_tail.h"
#include "trail/store/sealed_segments.h"
#include "trail/store/segment_writer.h"

namespace weerbaar::trail {

// One thread gives and takes. In the background two others work: one writes segments, the other their indexes, so that
// what both wait for the disk overlaps, and neither is the bottleneck alone.
class Sealer {
 public:
  // `segments` must outlive it. Without `background`, give() seals before it returns.
  Sealer(SealedSegments& segments, bool background);
  // Finishes what is at hand and leaves the other tails unsealed; a segment may then lack its index, which is made when
  // the trail is opened.
  ~Sealer();

  // `tail` is full; tails are given in order.
  void give(std::shared_ptr<const OpenTail> tail);
  // Outcome of the oldest tail given and not yet taken: its segment file and what is indexed by now are written and
  // durable, or why not. Waits for it when `wait`; nothing when there is none yet.
  std::optional<Status> take(bool wait);
  // Lets go of a tail whose file was removed: closing the last handle of a large file keeps the disk busy for
  // milliseconds, for which no append should wait.
  void let_go(std::shared_ptr<const OpenTail> tail);
  // Tails given and not taken.
  [[nodiscard]] size_t pending() const;

 private:
  // A segment on its way to its index, or what became of it instead.
  struct Written {
    uint64_t number = 0;
    Result<WrittenSegment> segment;
  };
  // Of written segments in memory.
  static constexpr size_t kWrittenMax = 1;

  Written write(const OpenTail& tail);
  Status index(const Written& written);
  void write_all(const std::stop_token& stop);
  void index_all(const std::stop_token& stop);

  SealedSegments& segments_;
  const bool background_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<const OpenTail>> waiting_;
  std::deque<Written> written_;
  std::deque<Status> done_;
  std::vector<std::shared_ptr<const OpenTail>> let_go_;
  size_t pending_ = 0;
  bool write_failed_ = false;  // touched by who writes only
  bool index_failed_ = false;  // touched by who indexes only
  std::jthread writer_;        // last: they use all above
  std::jthread indexer_;
};

}  // namespace weerbaar::trail
