// Drives a source: bytes in, checked access events out to a sink, refused records to the quarantine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/access_event.h"
#include "ingest/quarantine.h"
#include "ingest/source.h"
#include "os/file_system.h"

namespace weerbaar::ingest {

inline constexpr size_t kChunkBytes = 1 << 20;
inline constexpr size_t kBatchEventsMax = 10'000;

// Takes one to kBatchEventsMax events, in the order of the input. The batch owns their texts: the sink may keep it, by
// exchanging it for an empty one. Success means that it answers for them (the trail: that they are durable, or will be
// before it reports success for the whole); an error stops the intake.
using Sink = std::function<Status(EventBatch& events)>;

struct IntakeCounts {
  uint64_t bytes_read = 0;
  uint64_t accepted = 0;  // events that the sink took, those included that it knew already
  uint64_t refused = 0;   // records that went to the quarantine
  uint64_t records = 0;   // as of Output::records
};

// One input going in. The rules that hold for every source are applied here, after the adapter:
// - an event that breaks a rule of validate() is refused;
// - a subject of type bsn or rsin whose id fails the 11-test is kept as type other, and the event gets the attribute
//   bsn_invalid or rsin_invalid with value true.
// After an error nothing more goes in (kStopped): mend the cause, and give the whole input to a new intake. The sink
// then meets events that it has; the quarantine may hold records twice.
class Intake {
 public:
  // `input` names the file or connection in the quarantine. `source` must be fresh; it and `quarantine` must outlive
  // this.
  Intake(std::string input, Source& source, Sink sink, RefusalKeeper& quarantine);

  // From now on events of another source are refused, with their line.
  void take_only(std::string source) { output_.only_source = std::move(source); }

  // Takes the next piece of the input and hands on all that came out of it before it returns.
  Status feed(std::string_view bytes);
  // The input has ended. Returns when what was refused is durable too.
  Status finish();

  [[nodiscard]] const IntakeCounts& counts() const { return counts_; }
  // From now on the numbers of records whose events were handed on, or of which nothing was to be handed on, are
  // appended to `numbers`, which must outlive this.
  void collect_numbers(std::vector<Numbered>& numbers) { numbers_ = &numbers; }

 private:
  Status hand_on();
  size_t check_events();
  Status give(EventBatch& events);

  std::string input_;
  Source& source_;
  Sink sink_;
  RefusalKeeper& quarantine_;
  Output output_;
  EventBatch piece_;  // of output_.events, when they do not go on as they are
  IntakeCounts counts_;
  std::vector<Numbered>* numbers_ = nullptr;
  bool stopped_ = false;
};

// Reads the next bytes of an input; 0 at its end. What it returns is handed on before more is asked, so filling the
// buffer gives throughput, and returning what there is gives speed of arrival.
using ReadBytes = std::function<Result<size_t>(std::span<uint8_t> buffer)>;

// A file, from its start.
ReadBytes read_from(std::shared_ptr<os::File> file);

// Puts a whole input through, in chunks of kChunkBytes. Counts are in `intake`, also after an error, which is that of
// the input, the sink or the quarantine.
Status take_in(const ReadBytes& read, Intake& intake);

}  // namespace weerbaar::ingest
