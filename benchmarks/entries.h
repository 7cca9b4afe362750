// The generated events as entries of the trail, without a trail.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "workload.h"

namespace weerbaar::benchmarks {

// Those of one more segment.
std::vector<Bytes> next_entries(Workload& workload, trail::EventEncoder& encoder, const trail::Pseudonymiser& key);

}  // namespace weerbaar::benchmarks
