// Turns full tails into segment files, in a thread of its own or on the spot.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "trail/store/open_tail.h"
#include "trail/store/sealed_segments.h"

namespace weerbaar::trail {

// One thread gives and takes.
class Sealer {
 public:
  // `segments` must outlive it. Without `background`, give() seals before it returns.
  Sealer(SealedSegments& segments, bool background);
  // Finishes the tail at hand and leaves the others unsealed.
  ~Sealer();

  // `tail` is full; tails are given in order.
  void give(std::shared_ptr<const OpenTail> tail);
  // Outcome of the oldest tail given and not yet taken: its segment file is written and durable, or why not. Waits for
  // it when `wait`; nothing when there is none yet.
  std::optional<Status> take(bool wait);
  // Tails given and not taken.
  [[nodiscard]] size_t pending() const;

 private:
  Status seal(const OpenTail& tail);
  Status write(const OpenTail& tail);
  void run(const std::stop_token& stop);

  SealedSegments& segments_;
  const bool background_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<const OpenTail>> waiting_;
  std::deque<Status> done_;
  size_t pending_ = 0;
  bool failed_ = false;  // touched by who seals only
  std::jthread thread_;  // last: it uses all above
};

}  // namespace weerbaar::trail
