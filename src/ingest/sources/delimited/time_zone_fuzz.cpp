// Any bytes as a zone file: damaged, or a zone in which every moment that a clock shows is shown at that moment.
#include <cstdint>

#include "base/check.h"
#include "ingest/sources/delimited/time_zone.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using weerbaar::ingest::delimited::TimeZone;
  const auto zone = TimeZone::parse({data, size});
  if (!zone) return 0;
  for (int64_t local = -62'167'219'200; local < 253'402'300'799; local += 9'876'543'210) {
    const TimeZone::Moments moments = zone->moments_of(local);
    if (moments.count == 0) continue;
    WEERBAAR_CHECK(moments.earlier <= moments.later);
    WEERBAAR_CHECK(moments.earlier + zone->offset_at(moments.earlier) == local);
    WEERBAAR_CHECK(moments.later + zone->offset_at(moments.later) == local);
  }
  return 0;
}
