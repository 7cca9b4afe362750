#include "service/event_writer.h"

#include <algorithm>
#include <utility>

namespace weerbaar::service {
namespace {

constexpr std::chrono::milliseconds kLookAround{500};
// A sync costs the processor as much as several decisions: so many records share one, if they come within that time.
constexpr std::chrono::microseconds kGather{300};
constexpr size_t kGatherBelow = 4;

std::unexpected<Error> ended() {
  return fail(Code::kStopped, "the server is stopping: send the events again when it is back");
}

}  // namespace

EventWriter::EventWriter(std::unique_ptr<trail::Trail> trail, OpenTrail reopen, const WriterOptions& options)
    : reopen_(std::move(reopen)), options_(options), trail_(std::move(trail)) {
  totals_.size = trail_->size().value();
  unsigned_ = trail_->checkpoint().size != trail_->size();
  tell_signed();
  thread_ = std::thread([this] { run(); });
}

EventWriter::~EventWriter() {
  // Who cares for the outcome has asked for it before.
  [[maybe_unused]] const Status ignored = finish();
}

Result<std::vector<trail::Refused>> EventWriter::append(std::span<const AccessEvent> events) {
  if (events.empty()) return std::vector<trail::Refused>();
  Waiting waiting;
  waiting.events = events;
  std::unique_lock lock(mutex_);
  WEERBAAR_TRY(taking());
  if (events_waiting_ > 0 && events_waiting_ + events.size() > options_.events_waiting_max) {
    return fail(Code::kBusy, "too many events are waiting to be written: send these again later");
  }
  queue_.push_back(&waiting);
  events_waiting_ += events.size();
  changed_.notify_one();
  waiting.done.wait(lock, [&] { return waiting.outcome.has_value(); });
  return std::move(*waiting.outcome);
}

Result<EntryIndex> EventWriter::append_records(std::span<const trail::NewRecord> records) {
  // One that is wrong must not fail those of others.
  for (const trail::NewRecord& record : records) WEERBAAR_TRY(trail::check_record(record));
  WaitingRecords waiting;
  waiting.records = records;
  std::unique_lock lock(mutex_);
  WEERBAAR_TRY(taking());
  if (records.empty()) return EntryIndex(totals_.size);
  if (records_waiting_ > 0 && records_waiting_ + records.size() > options_.records_waiting_max) {
    return fail(Code::kBusy, "too many records are waiting to be written: come back later");
  }
  record_queue_.push_back(&waiting);
  records_waiting_ += records.size();
  changed_.notify_one();
  waiting.done.wait(lock, [&] { return waiting.outcome.has_value(); });
  return std::move(*waiting.outcome);
}

Status EventWriter::between_groups(const std::function<Status(trail::Trail&)>& work) {
  return do_between_groups([&] { return work(*trail_); });
}

Status EventWriter::lend(const std::function<void()>& until_returned) {
  return do_between_groups([&] {
    trail_.reset();
    until_returned();
    const Status opened = reopen_now();
    if (!opened) go_down(opened.error());
    return opened;
  });
}

void EventWriter::when_reopened(std::function<void()> told) {
  const std::lock_guard lock(mutex_);
  reopened_ = std::move(told);
}

Status EventWriter::do_between_groups(const std::function<Status()>& work) {
  Work waiting{&work, {}, {}};
  std::unique_lock lock(mutex_);
  if (ended_) return ended();
  work_.push_back(&waiting);
  changed_.notify_one();
  waiting.done.wait(lock, [&] { return waiting.outcome.has_value(); });
  return std::move(*waiting.outcome);
}

Status EventWriter::taking() const {
  if (ended_) return ended();
  return state_;
}

EventWriter::RecordGroup EventWriter::take_records() {
  RecordGroup group(record_queue_.begin(), record_queue_.end());
  record_queue_.clear();
  records_waiting_ = 0;
  return group;
}

void EventWriter::do_work() {
  for (;;) {
    Work* next = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (work_.empty()) return;
      next = work_.front();
      work_.pop_front();
    }
    Status outcome = fail(Code::kStopped, "the trail is closed after a failure: try again later");
    if (trail_ != nullptr) outcome = (*next->work)();
    const std::lock_guard lock(mutex_);
    if (trail_ != nullptr) totals_.size = trail_->size().value();
    next->outcome.emplace(std::move(outcome));
    next->done.notify_one();
  }
}

EventWriter::Group EventWriter::take_group() {
  Group group;
  size_t events = 0;
  while (!queue_.empty()) {
    const size_t more = queue_.front()->events.size();
    if (events > 0 && events + more > options_.group_events_max) break;
    events += more;
    group.push_back(queue_.front());
    queue_.pop_front();
  }
  events_waiting_ -= events;
  return group;
}

void EventWriter::run() {
  for (;;) {
    RecordGroup records;
    Group group;
    {
      std::unique_lock lock(mutex_);
      const auto has_work = [this] { return !queue_.empty() || !record_queue_.empty() || !work_.empty(); };
      changed_.wait_for(lock, kLookAround, [&] { return has_work() || ended_; });
      if (!has_work() && ended_) return;
      if (queue_.empty() && work_.empty() && !ended_ && records_waiting_ < kGatherBelow) {
        changed_.wait_for(lock, kGather, [this] {
          return !queue_.empty() || !work_.empty() || ended_ || records_waiting_ >= kGatherBelow;
        });
      }
      records = take_records();
      group = take_group();
    }
    if (!records.empty()) append_record_group(records);
    if (!group.empty()) append_group(group);
    do_work();
    sign_when_due();
    reopen_when_due();
    tell_signed();
  }
}

// The trail takes one row of events: those of a single request as they are.
Result<trail::Receipt> EventWriter::append_events(const Group& group) {
  if (group.size() == 1) return trail_->append(group.front()->events);
  joined_.clear();
  for (const Waiting* const waiting : group) {
    joined_.insert(joined_.end(), waiting->events.begin(), waiting->events.end());
  }
  return trail_->append(joined_);
}

void EventWriter::append_record_group(const RecordGroup& group) {
  if (trail_ == nullptr) {
    fail_all(group, Error{Code::kStopped, "the trail is closed after a failure: come back later"});
    return;
  }
  joined_records_.clear();
  for (const WaitingRecords* const waiting : group) {
    joined_records_.insert(joined_records_.end(), waiting->records.begin(), waiting->records.end());
  }
  const auto first = trail_->append_records(joined_records_);
  if (!first) {
    go_down(first.error());
    fail_all(group, first.error());
    return;
  }
  unsigned_ = true;
  const std::lock_guard lock(mutex_);
  totals_.records += joined_records_.size();
  totals_.size = trail_->size().value();
  ++totals_.groups;
  uint64_t index = first->value();
  for (WaitingRecords* const waiting : group) {
    const uint64_t count = waiting->records.size();
    waiting->outcome.emplace(EntryIndex(index));
    // It may be gone as soon as the lock is.
    waiting->done.notify_one();
    index += count;
  }
}

void EventWriter::append_group(const Group& group) {
  if (trail_ == nullptr) {
    fail_all(group, Error{Code::kStopped, "the trail is closed after a failure: send the events again later"});
    return;
  }
  const auto receipt = append_events(group);
  if (!receipt) {
    go_down(receipt.error());
    fail_all(group, receipt.error());
    return;
  }
  unsigned_ = true;
  tell(group, *receipt);
}

void EventWriter::tell(const Group& group, const trail::Receipt& receipt) {
  const std::lock_guard lock(mutex_);
  totals_.accepted += receipt.accepted;
  totals_.duplicates += receipt.duplicates;
  totals_.refused += receipt.refused.size();
  totals_.size = receipt.size.value();
  ++totals_.groups;
  size_t first = 0;
  auto next = receipt.refused.begin();
  for (Waiting* const waiting : group) {
    const size_t end = first + waiting->events.size();
    std::vector<trail::Refused> refused;
    for (; next != receipt.refused.end() && next->event < end; ++next) {
      refused.push_back({next->event - first, next->error});
    }
    waiting->outcome.emplace(std::move(refused));
    // It may be gone as soon as the lock is.
    waiting->done.notify_one();
    first = end;
  }
}

template <class Waiters>
void EventWriter::fail_all(const Waiters& group, const Error& error) {
  const std::lock_guard lock(mutex_);
  for (auto* const waiting : group) {
    waiting->outcome.emplace(std::unexpected(error));
    waiting->done.notify_one();
  }
}

void EventWriter::go_down(const Error& error) {
  trail_.reset();
  reopen_at_ = Clock::now() + options_.reopen_after;
  Group group;
  RecordGroup records;
  {
    const std::lock_guard lock(mutex_);
    state_ = std::unexpected(error);
    ++totals_.failures;
    group.assign(queue_.begin(), queue_.end());
    queue_.clear();
    events_waiting_ = 0;
    records = take_records();
  }
  fail_all(group, error);
  fail_all(records, error);
}

void EventWriter::sign_when_due() {
  if (trail_ == nullptr || !unsigned_ || Clock::now() - signed_at_ < options_.sign_every) return;
  if (const auto note = trail_->sign(); !note) {
    go_down(note.error());
    return;
  }
  signed_at_ = Clock::now();
  unsigned_ = false;
}

// Work between groups may sign too.
void EventWriter::tell_signed() {
  if (trail_ == nullptr || trail_->checkpoint().size.value() == signed_size_) return;
  signed_size_ = trail_->checkpoint().size.value();
  const std::lock_guard lock(mutex_);
  totals_.signed_size = signed_size_;
}

void EventWriter::reopen_when_due() {
  if (trail_ != nullptr || Clock::now() < reopen_at_) return;
  // Why not is in state_, for who asks.
  [[maybe_unused]] const Status tried = reopen_now();
}

Status EventWriter::reopen_now() {
  auto opened = reopen_();
  const std::lock_guard lock(mutex_);
  if (!opened) {
    state_ = std::unexpected(opened.error());
    reopen_at_ = Clock::now() + options_.reopen_after;
    return std::unexpected(opened.error());
  }
  trail_ = std::move(*opened);
  totals_.size = trail_->size().value();
  unsigned_ = true;
  state_ = Status();
  if (reopened_) reopened_();
  return {};
}

EventWriter::Totals EventWriter::totals() const {
  const std::lock_guard lock(mutex_);
  Totals totals = totals_;
  totals.waiting = events_waiting_;
  return totals;
}

Status EventWriter::state() const {
  const std::lock_guard lock(mutex_);
  return taking();
}

Status EventWriter::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return {};
    finished_ = true;
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (trail_ == nullptr) {
    if (!state_) return std::unexpected(state_.error());
    return {};
  }
  WEERBAAR_TRY(trail_->finish_sealing());
  WEERBAAR_TRY(trail_->sign());
  trail_.reset();
  return {};
}

}  // namespace weerbaar::service
