// The body of a request becomes events in the trail, durably, and refusals that are kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/quarantine.h"
#include "ingest/sources/otlp/kept_record.h"
#include "os/file_system.h"
#include "service/event_writer.h"
#include "service/senders.h"
#include "service/source_watch.h"
#include "service/waiting_room.h"

namespace weerbaar::service {

struct Taken {
  // Told to the sender; the others are only counted.
  static constexpr size_t kToldMax = 20;

  uint64_t accepted = 0;  // durable now, or taken before
  uint64_t refused = 0;
  uint64_t refused_records = 0;  // in these: one that was refused may hold others
  uint64_t records = 0;          // of syslog: messages, whatever became of them
  uint64_t waiting = 0;          // halves of accesses, durable, that wait for the others
  struct Told {
    uint64_t line;  // 0: not known
    std::string reason;
  };
  std::vector<Told> told;
  // Of OTLP: why nothing of the request was taken, and nothing of it kept; empty: it was taken.
  std::string too_large;
};

// Thread-safe.
class NetworkIntake {
 public:
  // All must outlive it. Refused records go to DIRECTORY/quarantine/refused-by-network.jsonl.
  NetworkIntake(EventWriter& writer, os::FileSystem& files, std::string directory);

  // From now on halves of accesses wait there for each other. It must outlive the last take().
  void use_waiting_room(WaitingRoom& room) { room_ = &room; }

  // From now on it is told what comes. It must outlive this.
  void use_watch(SourceWatch& watch) { watch_ = &watch; }

  // An input that goes on, from a sender that gets no answer. For one thread at a time.
  class Stream {
   public:
    virtual ~Stream() = default;
    // Takes the next piece. What is complete in it is durable when it returns, what was refused too. While the trail
    // takes nothing it tries again, for as long as `go_on` says so; then an error, and the stream takes no more.
    virtual Result<Taken> take(std::string_view bytes, const std::function<bool()>& go_on) = 0;
    // The input has ended.
    virtual Result<Taken> finish(const std::function<bool()>& go_on) = 0;
  };
  // Reads syslog by the sender's syslog_mapping; kInvalid when that is wrong. Must not outlive this.
  Result<std::unique_ptr<Stream>> open_syslog(const Sender& sender);

  // Access events as JSON Lines. Returns when everything is durable, what was refused too. An event of another source
  // than the sender's is refused. kBusy: too much at once, kStopped, kIo and the like: the disk; the whole body is to
  // be sent again then, and what of it was taken is known by its ids.
  Result<Taken> take_lines(std::string_view body, const Sender& sender);
  // The same of a request of OTLP. One of which a part would be refused that the quarantine cannot keep whole is not
  // taken at all: Taken::too_large. kInvalid: it is no OTLP in protobuf, or no JSON, and nothing was taken.
  Result<Taken> take_otlp(const ingest::otlp::RequestBody& body, const Sender& sender);
  // What came out of the waiting room, of that source.
  Result<Taken> take(ingest::Output& output, const std::string& source);

 private:
  struct Refused {
    ingest::Refusal refusal;
    std::string input;
  };
  class Collected;
  class SyslogStream;

  Result<Taken> take_at_once(const ingest::otlp::RequestBody& body, const Sender& sender);
  Result<Taken> take_joined(const ingest::otlp::RequestBody& body, const Sender& sender);
  Result<Taken> put_through(ingest::Source& source, std::string_view body, const std::string& name);
  Status append(EventBatch& events, const std::string& source, const std::string& input, Collected& refused);
  Status keep(const std::vector<Refused>& refused);

  EventWriter& writer_;
  os::FileSystem& files_;
  const std::string directory_;
  WaitingRoom* room_ = nullptr;
  SourceWatch* watch_ = nullptr;
  std::mutex large_;  // of the one large request that is in hand
  std::mutex mutex_;
  std::unique_ptr<ingest::Quarantine> quarantine_;
};

}  // namespace weerbaar::service
