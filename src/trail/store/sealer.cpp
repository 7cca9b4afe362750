#include "trail/store/sealer.h"

#include <fmt/format.h>

#include "base/check.h"
#include "trail/store/segment_writer.h"

namespace weerbaar::trail {

Sealer::Sealer(SealedSegments& segments, bool background) : segments_(segments), background_(background) {
  if (background_) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Sealer::~Sealer() = default;

// Nothing is sealed behind a failure: a segment without the one before it is a trail that no longer opens.
Status Sealer::seal(const OpenTail& tail) {
  if (failed_) return fail(Code::kStopped, "an earlier segment could not be sealed");
  const Status sealed = write(tail);
  failed_ = !sealed;
  return sealed;
}

Status Sealer::write(const OpenTail& tail) {
  const uint64_t number = tail.first_index() / kSegmentEntries;
  const auto content = write_segment(tail.first_index(), tail.signed_size(), tail.entries(), tail.leaves());
  if (!content) return fail_in(fmt::format("sealing segment {}", number), content.error());
  return segments_.write(number, *content);
}

void Sealer::give(std::shared_ptr<const OpenTail> tail) {
  WEERBAAR_CHECK(tail->full());
  if (!background_) {
    Status status = seal(*tail);
    const std::lock_guard lock(mutex_);
    done_.push_back(std::move(status));
    ++pending_;
    return;
  }
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(tail));
  ++pending_;
  changed_.notify_all();
}

std::optional<Status> Sealer::take(bool wait) {
  std::unique_lock lock(mutex_);
  if (pending_ == 0) return std::nullopt;
  if (wait) changed_.wait(lock, [this] { return !done_.empty(); });
  if (done_.empty()) return std::nullopt;
  Status status = std::move(done_.front());
  done_.pop_front();
  --pending_;
  return status;
}

size_t Sealer::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

void Sealer::run(const std::stop_token& stop) {
  for (;;) {
    std::shared_ptr<const OpenTail> tail;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); }) || stop.stop_requested()) return;
      tail = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Status status = seal(*tail);
    const std::lock_guard lock(mutex_);
    done_.push_back(std::move(status));
    changed_.notify_all();
  }
}

}  // namespace weerbaar::trail
