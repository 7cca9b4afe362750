#include "peers/json_lines.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "ingest/intake.h"
#include "ingest/registry.h"

namespace weerbaar::benchmarks {
namespace {

// Batches go through a short queue to a thread that appends them.
class Overlap {
 public:
  static constexpr size_t kBatchesMax = 4;

  explicit Overlap(const Append& append) : append_(append), thread_([this] { run(); }) {}
  ~Overlap() {
    if (thread_.joinable()) static_cast<void>(finish());
  }

  Status give(EventBatch& events) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < kBatchesMax || !status_; });
    if (!status_) return status_;
    queue_.push_back(std::exchange(events, EventBatch()));
    changed_.notify_all();
    return {};
  }

  Status finish() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
    return status_;
  }

 private:
  void run() {
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
      Status status = append_(batch.events());
      if (status) continue;
      const std::lock_guard lock(mutex_);
      status_ = std::move(status);
      changed_.notify_all();
      return;
    }
  }

  const Append& append_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<EventBatch> queue_;
  bool ended_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace

Status read_batches(const JsonLines& lines, const std::function<Status(std::string_view)>& take) {
  WEERBAAR_ASSIGN(const auto file, os::real_file_system().open(lines.path, os::Mode::kRead));
  Bytes buffer;
  for (size_t i = 0; i + 1 < lines.batches.size(); ++i) {
    buffer.resize(lines.batches[i + 1] - lines.batches[i]);
    WEERBAAR_ASSIGN(const size_t read, file->read_at(lines.batches[i], buffer));
    if (read != buffer.size()) return fail(Code::kCorrupt, lines.path + " is shorter than it was made");
    WEERBAAR_TRY(take(as_text(buffer)));
  }
  return {};
}

Status read_and_append(const JsonLines& lines, const std::string& directory, const Append& append) {
  WEERBAAR_ASSIGN(ingest::Quarantine quarantine,
                  ingest::Quarantine::create(os::real_file_system(), directory, "refused"));
  WEERBAAR_ASSIGN(const auto source, ingest::make_source("jsonl", {}));
  Overlap overlap(append);
  ingest::Intake intake("benchmark", *source, [&](EventBatch& events) { return overlap.give(events); }, quarantine);
  WEERBAAR_TRY(read_batches(lines, [&](std::string_view text) { return intake.feed(text); }));
  WEERBAAR_TRY(intake.finish());
  WEERBAAR_TRY(overlap.finish());
  if (intake.counts().refused == 0 && intake.counts().accepted == lines.events) return {};
  return fail(Code::kCorrupt, fmt::format("{} events accepted and {} refused, of {}", intake.counts().accepted,
                                          intake.counts().refused, lines.events));
}

}  // namespace weerbaar::benchmarks
