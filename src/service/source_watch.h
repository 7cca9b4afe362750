// Watches the sources: whether each is heard as often as it promised, and whether records are missing of those that
// number them. What is found is told once, in the log and in the trail, and is remembered across restarts.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "domain/source_notice.h"
#include "ingest/source.h"
#include "os/file_system.h"
#include "service/event_writer.h"
#include "service/json_log.h"
#include "service/senders.h"
#include "service/source_state.h"

namespace weerbaar::service {

struct WatchOptions {
  // How often it looks. What is missing at two looks is told. Zero: only when look() is called.
  std::chrono::milliseconds look_every{5'000};
  std::function<Time()> clock = os::now;
};

// What is known of one source now.
struct SourceReport {
  std::string source;
  std::chrono::milliseconds heartbeat{0};  // it promised to be heard so often; zero: it promised nothing
  int64_t unheard_seconds = 0;             // since it was heard, or the server began; 0 without a promise
  SourceState state;

  [[nodiscard]] uint64_t missing() const;
};

// Thread-safe.
class SourceWatch {
 public:
  // Counters that one source may have. Others are not watched.
  static constexpr size_t kCountersMax = 64;

  // Makes an event of Weerbaar's own source durable.
  using Record = std::function<Status(const AccessEvent&)>;

  // Reads what was known before. `files` and `log` must outlive it.
  static Result<std::unique_ptr<SourceWatch>> open(os::FileSystem& files, const std::string& directory,
                                                   const Senders& senders, Record record, JsonLog& log,
                                                   const WatchOptions& options = {});
  ~SourceWatch();
  SourceWatch(const SourceWatch&) = delete;
  SourceWatch& operator=(const SourceWatch&) = delete;

  void use_senders(const Senders& senders);

  // Something came of the source: whatever became of it, it is not silent.
  void heard(const std::string& source);
  // Events came of it, and are durable, or refused and kept: of one with sequence_attribute they bear its numbers.
  void take(const std::string& source, std::span<const AccessEvent> events);
  void take(const std::string& source, std::span<const ingest::Numbered> numbers);

  // Tells what is new, and makes durable what is known. The first error of either; what could not be told is told at
  // the next look.
  Status look();
  // The same for the last time.
  Status finish();

  [[nodiscard]] std::vector<SourceReport> report() const;
  // For Prometheus.
  [[nodiscard]] std::string metrics() const;

 private:
  struct Source {
    std::chrono::milliseconds heartbeat{0};
    std::string sequence_attribute;
    std::string counter_attribute;
    SourceState state;  // but for its counters
    std::map<uint64_t, RecordCounter> counters;
    uint64_t restarts_told = 0;
    bool too_many_told = false;
    bool has_too_many = false;  // counters
  };
  using Kind = SourceNotice::Kind;
  // Something that is to be told.
  struct News {
    SourceNotice notice;
    uint64_t counter = 0;
    uint64_t restarts = 0;  // of the counter, so that it is known to be the same run
    uint64_t count = 0;     // of records, or seconds
  };

  SourceWatch(os::FileSystem& files, const std::string& directory, Record record, JsonLog& log,
              const WatchOptions& options);
  [[nodiscard]] int64_t unheard_seconds(const Source& source, Time now) const;
  std::vector<News> find_news();
  void find_silence(const std::string& name, const Source& source, Time now, std::vector<News>& news) const;
  static void find_gaps(const std::string& name, Source& source, std::vector<News>& news);
  Status tell(const News& news);
  Status record(const News& news);
  void log(const News& news);
  void tell_of_counters();
  void add_number(Source& source, const ingest::Numbered& numbered);
  void write_down(const std::string& name, const Source& source, std::span<const uint64_t> counters);
  Status write_all();
  [[nodiscard]] std::string lines() const;
  void run();

  os::FileSystem& files_;
  const std::string path_;
  const Record record_;
  JsonLog& log_;
  const WatchOptions options_;
  const Time began_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Source, std::less<>> sources_;
  bool has_changed_ = false;
  bool finished_ = false;
  // What comes between two looks is appended, without waiting for the disk: a process that dies loses nothing of it.
  std::unique_ptr<os::File> file_;  // null after a failure, until the next look
  uint64_t end_ = 0;
  std::mutex looking_;  // before mutex_
  std::thread thread_;
};

// Durable when it returns. `writer` must outlive it.
SourceWatch::Record record_notices_in(EventWriter& writer);

}  // namespace weerbaar::service
