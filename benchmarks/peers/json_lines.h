// The events as JSON Lines in a file, and the road from there to a store that has none of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"

namespace weerbaar::benchmarks {

struct JsonLines {
  std::string path;
  uint64_t events = 0;
  // Where each batch of events begins in the file, and its end.
  std::vector<uint64_t> batches;

  [[nodiscard]] uint64_t bytes() const { return batches.back(); }
};

// Reads the file batch by batch, and gives each to `take` as text.
Status read_batches(const JsonLines& lines, const std::function<Status(std::string_view)>& take);

using Append = std::function<Status(std::span<const AccessEvent>)>;

// Parses and checks with the intake of Weerbaar in this thread, while another appends, so that reading and writing
// overlap. `directory` is for records that are refused; there are none, and one is an error.
Status read_and_append(const JsonLines& lines, const std::string& directory, const Append& append);

}  // namespace weerbaar::benchmarks
