#include "entries.h"

#include "base/check.h"
#include "trail/format/segment_head.h"

namespace weerbaar::benchmarks {

std::vector<Bytes> next_entries(Workload& workload, trail::EventEncoder& encoder, const trail::Pseudonymiser& key) {
  constexpr Time kReceived{1'780'000'000'000'000, 0};
  std::vector<Bytes> entries(trail::kSegmentEntries);
  std::vector<uint64_t> hashes;
  EventBatch batch;
  workload.next(trail::kSegmentEntries, batch);
  for (size_t i = 0; i < batch.size(); ++i) {
    const AccessEvent& event = batch.events()[i];
    hashes.clear();
    WEERBAAR_CHECK(encoder.encode(event, kReceived, trail::period_of(event.time), key, entries[i], hashes).has_value());
  }
  return entries;
}

}  // namespace weerbaar::benchmarks
