// What is remembered of the sources across restarts: when they were heard, and which of their records are missing.
// Format: docs/formats/source-state.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "os/file_system.h"
#include "service/record_counter.h"

namespace weerbaar::service {

struct SourceState {
  Time heard;                        // when anything of it came last; 1970: never
  std::optional<Time> silent_since;  // it is silent for longer than it promised, and that was told
  uint64_t silences = 0;             // since it is watched
  uint64_t silent_seconds = 0;       // of those that are over
  std::map<uint64_t, RecordCounter::State> counters;

  bool operator==(const SourceState&) const = default;
};
using SourceStates = std::map<std::string, SourceState, std::less<>>;

// With their line ends. The first holds all but the counters, the second one counter.
std::string source_line(std::string_view source, const SourceState& state);
std::string counter_line(std::string_view source, uint64_t counter, const RecordCounter::State& state);
// Sixteen hexadecimal digits.
std::string counter_name(uint64_t counter);
// Puts what a line says, without its line end, in the place of what was known. kCorrupt when it is not as it was
// written; then nothing was changed.
Status read_state_line(std::string_view line, SourceStates& to);

struct ReadStates {
  SourceStates sources;
  uint64_t unreadable = 0;  // lines
};
// DIRECTORY/sources/state.jsonl; nothing when there is none. Also while a server writes it.
Result<ReadStates> read_source_states(os::FileSystem& files, const std::string& directory);
std::string source_state_path(const std::string& directory);

}  // namespace weerbaar::service
