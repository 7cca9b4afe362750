// Decompression of the body of a request: Content-Encoding gzip (RFC 1952), with a limit behind it.
#pragma once

#include <cstddef>
#include <optional>

#include "http/memory_budget.h"
#include "http/message.h"

namespace weerbaar::http {

// Replaces a compressed body by what it holds, and takes the fields that spoke of it away. Gives the refusal when it
// cannot: 400 for damaged data or data behind its end, 413 beyond `bytes_max`, 415 for another encoding, 503 when
// `memory` has no more.
std::optional<Response> decode_body(Request& request, size_t bytes_max, MemoryBudget::Share& memory);

}  // namespace weerbaar::http
