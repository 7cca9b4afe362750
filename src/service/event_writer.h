// Group commit: many threads hand in events or records and wait until they are durable; one thread appends all that
// wait at once. Records go first: who waits for a decision waits for no bulk of events.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "trail/store/trail.h"

namespace weerbaar::service {

struct WriterOptions {
  // Events that wait at once. Beyond it nothing is taken (kBusy).
  size_t events_waiting_max = 500'000;
  size_t records_waiting_max = 20'000;
  // Events that are appended, and synced, at once.
  size_t group_events_max = 20'000;
  // While events come in, the tree is signed so often.
  std::chrono::milliseconds sign_every{10'000};
  // After a failure the trail is opened again after so long.
  std::chrono::milliseconds reopen_after{5'000};
};

// Thread-safe. Between construction and finish() nobody else uses the trail.
class EventWriter {
 public:
  using OpenTrail = std::function<Result<std::unique_ptr<trail::Trail>>()>;

  // `reopen` opens the trail again after it failed: what waited then was not acknowledged, and who sent it sends it
  // again.
  EventWriter(std::unique_ptr<trail::Trail> trail, OpenTrail reopen, const WriterOptions& options = {});
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  // Waits until the events are durable, or were taken before; those are named that the trail refuses. They passed
  // validate(), and none is of Weerbaar's own source. kBusy when too many wait: come back later. Another error is that
  // of the trail: nothing of this call was acknowledged; come back when it works again.
  Result<std::vector<trail::Refused>> append(std::span<const AccessEvent> events);

  // The same for records: the index of the first, which the others follow. kInvalid as of trail::check_record().
  Result<EntryIndex> append_records(std::span<const trail::NewRecord> records);
  // Calls `work` with the trail while nothing is written: before what was handed in later. kStopped when it is closed.
  // What `work` leaves changed must be as append() would.
  Status between_groups(const std::function<Status(trail::Trail&)>& work);
  // Closes the trail, so that another process may write it, calls `until_returned`, and opens it again. What is handed
  // in meanwhile waits. kStopped, and nothing is called, when it is closed. The error of opening it again, which is
  // tried further as after a failure.
  Status lend(const std::function<void()>& until_returned);
  // From now on `told` is called whenever the trail was opened again: another process may have written it. It must be
  // short and not ask anything of this. Null: nobody is told, and nobody is being told when it returns.
  void when_reopened(std::function<void()> told);

  struct Totals {
    uint64_t accepted = 0;
    uint64_t duplicates = 0;
    uint64_t refused = 0;
    uint64_t records = 0;
    uint64_t groups = 0;       // appended and synced at once
    uint64_t size = 0;         // of the trail
    uint64_t signed_size = 0;  // under its last checkpoint
    uint64_t waiting = 0;
    uint64_t failures = 0;
  };
  [[nodiscard]] Totals totals() const;
  // The error that keeps it from taking events.
  [[nodiscard]] Status state() const;
  // Appends what waits, seals what is full, and signs. Nothing is taken any more (kStopped).
  Status finish();

 private:
  struct Waiting {
    std::span<const AccessEvent> events;
    std::optional<Result<std::vector<trail::Refused>>> outcome;
    std::condition_variable done;
  };
  struct Work {
    const std::function<Status()>* work;  // with the trail open
    std::optional<Status> outcome;
    std::condition_variable done;
  };
  using Group = std::vector<Waiting*>;
  struct WaitingRecords {
    std::span<const trail::NewRecord> records;
    std::optional<Result<EntryIndex>> outcome;
    std::condition_variable done;
  };
  using RecordGroup = std::vector<WaitingRecords*>;
  using Clock = std::chrono::steady_clock;

  void run();
  Group take_group();
  RecordGroup take_records();
  [[nodiscard]] Status taking() const;
  void append_record_group(const RecordGroup& group);
  Status do_between_groups(const std::function<Status()>& work);
  void do_work();
  void append_group(const Group& group);
  Result<trail::Receipt> append_events(const Group& group);
  void tell(const Group& group, const trail::Receipt& receipt);
  template <class Waiters>
  void fail_all(const Waiters& group, const Error& error);
  void sign_when_due();
  void tell_signed();
  void reopen_when_due();
  Status reopen_now();
  void go_down(const Error& error);

  const OpenTrail reopen_;
  const WriterOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  std::deque<Work*> work_;
  size_t events_waiting_ = 0;
  std::deque<WaitingRecords*> record_queue_;
  size_t records_waiting_ = 0;
  bool ended_ = false;
  bool finished_ = false;
  std::function<void()> reopened_;
  Status state_;
  Totals totals_;
  // Of the writing thread only.
  std::unique_ptr<trail::Trail> trail_;
  std::vector<AccessEvent> joined_;
  std::vector<trail::NewRecord> joined_records_;
  Clock::time_point signed_at_ = Clock::now();
  bool unsigned_ = false;
  uint64_t signed_size_ = 0;
  Clock::time_point reopen_at_;
  std::thread thread_;
};

}  // namespace weerbaar::service
