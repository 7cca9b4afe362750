// Lets reading and appending overlap: batches go through a short queue to a thread that appends them to the trail.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "trail/store/trail.h"

namespace weerbaar::server {

// One thread gives. Between construction and finish() nobody else uses the trail.
class AppendQueue {
 public:
  static constexpr size_t kBatchesMax = 4;
  // While events come in, the tree is signed so often: what is durable stays without a signature no longer than this.
  static constexpr int64_t kSignMicros = 10 * kMicrosPerSecond;

  // `refused` is called, in the appending thread, for every event that the trail refused, or that passes itself off as
  // a record of the use of Weerbaar (kOwnSource).
  using Refused = std::function<Status(const AccessEvent& event, const Error& why)>;
  AppendQueue(trail::Trail& trail, Refused refused);
  // Drops what is not appended yet.
  ~AppendQueue();

  // Takes the events over and leaves the batch empty. Waits while the queue is full. An error is that of an earlier
  // batch: nothing more is taken.
  Status give(EventBatch& events);

  struct Totals {
    uint64_t accepted = 0;
    uint64_t duplicates = 0;
    uint64_t refused = 0;
  };
  // Waits until all is durable. To be called once, last.
  Result<Totals> finish();

 private:
  void run();
  Status append(EventBatch& batch);
  Result<size_t> refuse_forged(std::span<AccessEvent> events);

  trail::Trail& trail_;
  Refused refused_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<EventBatch> queue_;
  std::vector<EventBatch> spare_;  // emptied, with their memory
  bool ended_ = false;
  Status status_;
  Totals totals_;
  Time signed_at_ = os::now();
  std::thread thread_;
};

}  // namespace weerbaar::server
