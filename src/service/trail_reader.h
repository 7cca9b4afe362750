// Reads in the trail that the server writes: as it was a moment ago.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "base/result.h"
#include "service/event_writer.h"
#include "trail/store/trail.h"

namespace weerbaar::service {

// Thread-safe: one piece of work at a time. What was acknowledged before a call is seen in it.
class TrailReader {
 public:
  using Open = std::function<Result<std::unique_ptr<trail::Trail>>()>;

  // `open` opens the trail to read, with keys; it is called while nothing is written. Both must outlive it.
  TrailReader(EventWriter& writer, Open open) : writer_(writer), open_(std::move(open)) {}

  // The error of opening, or that of `work`.
  Status read(const std::function<Status(const trail::Trail&)>& work);
  // One for the caller alone, for work that takes long: nobody else waits for it.
  Result<std::unique_ptr<trail::Trail>> open_apart();

 private:
  EventWriter& writer_;
  const Open open_;
  std::mutex mutex_;
  std::unique_ptr<trail::Trail> trail_;
};

// The event at an index, in `batch`, with identities when `disclosure` asks and the key of its period is there; false
// for a record of the trail itself.
Result<bool> read_event(const trail::Trail& trail, EntryIndex index, trail::Disclosure disclosure, EventBatch& batch);

}  // namespace weerbaar::service
