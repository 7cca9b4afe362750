// Measures in a process of its own, so that the memory of a store, its servers and its limit are its own.
#pragma once

#include <functional>

#include "base/result.h"
#include "peers/figures.h"
#include "peers/memory_limit.h"

namespace weerbaar::benchmarks {

// From now on an interrupt (Ctrl-C, SIGTERM) ends what runs in a child, and is_interrupted() says so: what was made can
// be removed.
void take_interrupts();
bool is_interrupted();

// Runs `work` in a child, under `limit` when there is one. kIo when the child dies, as it does when the memory under
// its limit is not enough.
Result<Figures> in_child(const MemoryLimit* limit, const std::function<Result<Figures>()>& work);

}  // namespace weerbaar::benchmarks
