// Time zones: from what the clock on the wall showed to a moment.
//
// Source: RFC 8536 (TZif files) with the POSIX TZ rule of its footer for the years to come.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/file_system.h"

namespace weerbaar::ingest::delimited {

class TimeZone {
 public:
  // "UTC", an offset such as "+01:00", or a name of the IANA database such as "Europe/Amsterdam", whose file is read
  // from the zone directory of the system. kInvalid when there is no such zone, kCorrupt when its file is damaged.
  static Result<TimeZone> open(os::FileSystem& files, std::string_view name);

  // From the content of a TZif file of version 1 to 4, without leap seconds. kCorrupt when it is damaged. Holds up to
  // and including the year 9999; a file of version 1 has no rule for the time after its last transition.
  static Result<TimeZone> parse(ByteView file);

  // Seconds east of UTC at a moment (seconds since 1970, UTC).
  [[nodiscard]] int32_t offset_at(int64_t utc) const;

  // The moments at which a clock in the zone shows `local` (seconds since 1970 of that clock). None: it was skipped
  // when the clock went forward. Two: it came twice when the clock went back.
  struct Moments {
    int count = 0;
    int64_t earlier = 0;  // UTC; the same as `later` when there is one
    int64_t later = 0;
  };
  [[nodiscard]] Moments moments_of(int64_t local) const;

 private:
  // From `at` (UTC) on, clocks are `offset` seconds ahead of UTC.
  struct Transition {
    int64_t at;
    int32_t offset;
  };

  explicit TimeZone(std::vector<Transition> transitions) : transitions_(std::move(transitions)) {}
  [[nodiscard]] size_t transition_before(int64_t utc) const;

  friend class ZoneFileReader;

  std::vector<Transition> transitions_;  // ascending; the first holds for all time before the second
};

}  // namespace weerbaar::ingest::delimited
