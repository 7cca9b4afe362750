// Reads the JSON form of an access event.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"

namespace weerbaar::ingest::jsonl {

// Keeps its buffers from line to line. Not thread-safe.
class EventReader {
 public:
  EventReader();
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // Reads one JSON object of at most kLineBytesMax bytes into `event`, its texts kept in `batch`. Nothing is guessed:
  // an unknown or repeated field, a value of another type or word, and broken JSON are kInvalid; the text names the
  // field or the byte in the line, and the remedy. Lengths and required texts are left to validate().
  Status read(std::string_view line, EventBatch& batch, AccessEvent& event);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace weerbaar::ingest::jsonl
