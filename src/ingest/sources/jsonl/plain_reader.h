// Reads the lines that hold no surprise, several times faster than the parser for all JSON.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/access_event.h"

namespace weerbaar::ingest::jsonl {

// Plain lines are ASCII without control characters, backslashes and tabs, and hold known fields of the right type, each
// once, and whole numbers of at most 18 digits: nearly all lines that programs write. It never refuses a line and knows
// no error texts: whatever is not plain is left to EventReader, which gives the same event for the plain ones. Keeps
// its buffers from line to line. Not thread-safe.
class PlainReader {
 public:
  // False when the line is not plain; `event` is then unfinished. `line` has at most kLineBytesMax bytes. The texts are
  // kept in `batch`.
  bool read(std::string_view line, EventBatch& batch, AccessEvent& event);

 private:
  class Pass;

  // A bit for each byte of the line, set for quotes, and a word behind them that never runs out.
  std::array<uint64_t, kLineBytesMax / 64 + 2> quotes_;
  std::vector<Subject> subjects_;
  std::vector<std::string_view> data_;
  std::vector<Attribute> attributes_;
};

}  // namespace weerbaar::ingest::jsonl
