#include "trail/store/sealer.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "os/process.h"

namespace weerbaar::trail {

Sealer::Sealer(SealedSegments& segments, bool background) : segments_(segments), background_(background) {
  if (!background_) return;
  // Who waits for an append goes first: sealing has until six more tails are full.
  writer_ = std::jthread([this](const std::stop_token& stop) {
    os::give_way_to_other_threads();
    write_all(stop);
  });
  indexer_ = std::jthread([this](const std::stop_token& stop) {
    os::give_way_to_other_threads();
    index_all(stop);
  });
}

Sealer::~Sealer() = default;

// Nothing is written behind a failure: a segment without the one before it is a trail that no longer opens.
Sealer::Written Sealer::write(const OpenTail& tail) {
  const uint64_t number = tail.first_index() / kSegmentEntries;
  if (write_failed_) return {number, fail(Code::kStopped, "an earlier segment could not be sealed")};
  auto segment = write_segment(tail.first_index(), tail.signed_size(), tail.entries(), tail.leaves());
  if (!segment) {
    segment = fail_in(fmt::format("sealing segment {}", number), segment.error());
  } else if (Status status = segments_.write(number, segment->file); !status) {
    segment = std::unexpected(std::move(status.error()));
  }
  write_failed_ = !segment;
  return {number, std::move(segment)};
}

Status Sealer::index(const Written& written) {
  if (!written.segment) return std::unexpected(written.segment.error());
  if (index_failed_) return fail(Code::kStopped, "an earlier segment could not be indexed");
  Status status = segments_.write_index(written.number, written.segment->segment);
  index_failed_ = !status;
  return status;
}

void Sealer::give(std::shared_ptr<const OpenTail> tail) {
  WEERBAAR_CHECK(tail->full());
  if (!background_) {
    Status status = index(write(*tail));
    write_failed_ = write_failed_ || index_failed_;
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

void Sealer::let_go(std::shared_ptr<const OpenTail> tail) {
  if (!background_) return;
  const std::lock_guard lock(mutex_);
  let_go_.push_back(std::move(tail));
  changed_.notify_all();
}

size_t Sealer::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

void Sealer::write_all(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_ready = [this] { return !waiting_.empty() && written_.size() < kWrittenMax; };
  while (changed_.wait(lock, stop, is_ready) && !stop.stop_requested()) {
    const std::shared_ptr<const OpenTail> tail = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Written written = write(*tail);
    lock.lock();
    written_.push_back(std::move(written));
    changed_.notify_all();
  }
}

void Sealer::index_all(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto has_work = [this] { return !written_.empty() || !let_go_.empty(); };
  while (changed_.wait(lock, stop, has_work) && !stop.stop_requested()) {
    if (written_.empty()) {
      auto gone = std::exchange(let_go_, {});
      lock.unlock();
      gone.clear();
      lock.lock();
      continue;
    }
    const Written written = std::move(written_.front());
    written_.pop_front();
    changed_.notify_all();
    lock.unlock();
    Status status = index(written);
    lock.lock();
    done_.push_back(std::move(status));
    changed_.notify_all();
  }
}

}  // namespace weerbaar::trail
