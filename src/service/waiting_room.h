// Where halves of accesses, which come in different requests, wait for their other halves: across restarts and crashes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ingest/source.h"
#include "ingest/sources/otlp/pending_traces.h"
#include "os/file_system.h"
#include "service/senders.h"
#include "service/waiting_file.h"

namespace weerbaar::service {

struct WaitingOptions {
  // Of memory, and of records, that wait in all. Beyond it the source that takes most gives: of those of which
  // something waits none loses while it takes less than 15/16 of an equal share.
  size_t bytes_max = size_t{256} << 20U;
  size_t records_max = 1'000'000;
  // How often it looks for what waited long enough. Zero: only when release_due() is called.
  std::chrono::milliseconds look_every{1'000};
  std::function<Time()> clock = os::now;
};

// A trace to which more and more comes is judged after so many times the time that its source may take to join.
inline constexpr int64_t kJoinWithinTimesMax = 12;

// Thread-safe.
class WaitingRoom {
 public:
  // Makes what comes out of a source durable: events in the trail, refusals in the quarantine. Called by one thread at
  // a time.
  using Deliver = std::function<Status(const std::string& source, ingest::Output& output)>;

  // Reads what waited before, from DIRECTORY/waiting. `files` must outlive it.
  static Result<std::unique_ptr<WaitingRoom>> open(os::FileSystem& files, const std::string& directory,
                                                   const Senders& senders, Deliver deliver,
                                                   const WaitingOptions& options = {});
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  struct Joined {
    std::vector<ingest::otlp::TraceEvents> made;
    size_t waiting = 0;  // records of this call that wait now
  };
  // Takes the records of an OTLP request. Appends to `output` the events and refusals that they lead to; the rest
  // waits, durably when this returns. After an error the whole request is to be sent again.
  Result<Joined> add(const Sender& sender, std::vector<ingest::otlp::KeptRecord> records, ingest::Output& output);
  // The events are durable.
  void told(const Sender& sender, const Joined& joined);

  // From the next request on. What waits for a source that is no more comes out.
  void use_senders(const Senders& senders);

  // Delivers what waited long enough, and makes the file smaller. The first error of either.
  Status release_due();
  // Nothing is delivered any more; what waits is there when it is opened again.
  Status finish();

  struct Totals {
    uint64_t records = 0;     // that wait, or are remembered until their time is over
    uint64_t bytes = 0;       // of memory that they take
    uint64_t traces = 0;      // of which something waits
    uint64_t joined = 0;      // accesses whose parts came in different requests
    uint64_t expired = 0;     // halves, and others that were left, that came out because time or room was over
    uint64_t unreadable = 0;  // lines of the file
  };
  [[nodiscard]] Totals totals() const;

 private:
  struct Source {
    explicit Source(const Sender& sender);

    std::string mapping;
    int64_t join_within_micros;
    ingest::otlp::PendingTraces pending;
  };
  using Sources = std::map<std::string, Source, std::less<>>;
  struct Leaving {
    std::string source;
    ingest::otlp::TraceEvents made;
  };

  WaitingRoom(os::FileSystem& files, const std::string& directory, Deliver deliver, const WaitingOptions& options);
  Status read(const Senders& senders);
  Source& source_of(const Sender& sender);
  [[nodiscard]] ingest::otlp::PendingTraces::Room taken() const;
  [[nodiscard]] bool is_full() const;
  Status release(bool only_when_full);
  std::vector<Leaving> next_leaving(bool only_when_full, ingest::Output& output);
  std::vector<Leaving> leaving_of_largest(ingest::Output& output);
  void leave(const std::vector<Leaving>& leaving);
  Status shrink();
  [[nodiscard]] std::string lines() const;
  void run();

  const Deliver deliver_;
  const WaitingOptions options_;
  WaitingFile file_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Sources sources_;
  Totals totals_;
  bool finished_ = false;
  // Held while something is delivered; before mutex_.
  std::mutex releasing_;
  std::thread thread_;
};

}  // namespace weerbaar::service
