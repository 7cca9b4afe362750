#include "server/append_queue.h"

#include <fmt/format.h>

#include <utility>

#include "server/data_directory.h"

namespace weerbaar::server {

AppendQueue::AppendQueue(trail::Trail& trail, Refused refused)
    : trail_(trail), refused_(std::move(refused)), thread_([this] { run(); }) {}

AppendQueue::~AppendQueue() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    queue_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status AppendQueue::give(EventBatch& events) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.size() < kBatchesMax || !status_; });
  if (!status_) return status_;
  EventBatch empty;
  if (!spare_.empty()) {
    empty = std::move(spare_.back());
    spare_.pop_back();
  }
  queue_.push_back(std::exchange(events, std::move(empty)));
  changed_.notify_all();
  return {};
}

// Refuses the events that pass themselves off as ours, and moves the others to the front, in their order; how many.
Result<size_t> AppendQueue::refuse_forged(std::span<AccessEvent> events) {
  const Error why{Code::kInvalid,
                  fmt::format("source \"{}\" is kept for what Weerbaar records of its own use: give the "
                              "source another name",
                              kOwnSource)};
  size_t honest = 0;
  for (const AccessEvent& event : events) {
    if (event.source == kOwnSource) {
      WEERBAAR_TRY(refused_(event, why));
      ++totals_.refused;
      continue;
    }
    if (&events[honest] != &event) events[honest] = event;
    ++honest;
  }
  return honest;
}

Status AppendQueue::append(EventBatch& batch) {
  WEERBAAR_ASSIGN(const size_t honest, refuse_forged(batch.events()));
  const std::span<const AccessEvent> events = batch.events().first(honest);
  WEERBAAR_ASSIGN(const trail::Receipt receipt, trail_.append(events));
  totals_.accepted += receipt.accepted;
  totals_.duplicates += receipt.duplicates;
  totals_.refused += receipt.refused.size();
  for (const trail::Refused& refused : receipt.refused) {
    WEERBAAR_TRY(refused_(events[refused.event], refused.error));
  }
  if (const Time now = os::now(); now.micros - signed_at_.micros >= kSignMicros) {
    WEERBAAR_TRY(trail_.sign());
    signed_at_ = now;
  }
  return {};
}

void AppendQueue::run() {
  for (;;) {
    EventBatch batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !queue_.empty() || ended_; });
      if (queue_.empty()) return;
      batch = std::move(queue_.front());
      queue_.pop_front();
    }
    changed_.notify_all();
    Status status = append(batch);
    batch.clear();
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(batch));
    if (!status) {
      status_ = std::move(status);
      queue_.clear();
      changed_.notify_all();
      return;
    }
  }
}

Result<AppendQueue::Totals> AppendQueue::finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (!status_) return std::unexpected(status_.error());
  return totals_;
}

}  // namespace weerbaar::server
