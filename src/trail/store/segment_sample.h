// For tests only: the entries of a whole segment, and what they make. No keys of any trail are needed.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/segment.h"
#include "trail/format/sha256.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "trail/store/segment_writer.h"
#include "trail/store/testing.h"

namespace weerbaar::trail::testing {

struct SegmentSample {
  explicit SegmentSample(std::vector<Bytes> from) : entries(std::move(from)) {
    views.assign(entries.begin(), entries.end());
    leaves.resize(views.size());
    leaf_hashes(views, leaves);
  }
  SegmentSample(const SegmentSample&) = delete;
  SegmentSample& operator=(const SegmentSample&) = delete;

  [[nodiscard]] Bytes write(uint64_t first_index = 0) const {
    auto file = write_segment(first_index, first_index, views, leaves);
    if (!file) fmt::print(stderr, "{}\n", file.error().text);
    WEERBAAR_CHECK(file.has_value());
    return std::move(file->file);
  }

  std::vector<Bytes> entries;
  std::vector<ByteView> views;
  std::vector<Hash> leaves;
};

// Events of EventMaker under a fixed key, one record in a thousand.
inline std::vector<Bytes> varied_entries() {
  const Pseudonymiser key = Pseudonymiser::create(Bytes(kPeriodKeyBytes, 7)).value();
  constexpr Time kReceived{1'780'000'000'000'000, 0};
  EventEncoder encoder;
  EventMaker maker(11);
  std::vector<Bytes> entries(kSegmentEntries);
  std::vector<uint64_t> hashes;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    if (row % 1'000 == 500) {
      encode(StoredRecord{"import", static_cast<int64_t>(row), R"({"file":"people.csv"})"}, entries[row]);
      continue;
    }
    EventBatch batch;
    maker.make(row, 1, batch);
    const Period period = period_of_event(batch.events()[0].time, kReceived);
    WEERBAAR_CHECK(encoder.encode(batch.events()[0], kReceived, period, key, entries[row], hashes).has_value());
  }
  return entries;
}

// The smallest segment that still has everything in it: varied entries first, and then one event over and over.
inline std::vector<Bytes> repetitive_entries() {
  std::vector<Bytes> entries(kSegmentEntries);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    StoredEvent event;
    std::string id = "run-" + std::to_string(row);
    event.id = id;
    event.time.micros = 1'772'438'400'000'000 + static_cast<int64_t>(row / kColumnBlockRows) * 1'000'000;
    event.received_ms = event.time.micros / 1'000;
    event.period = 8'104;
    event.actor = {"\x1b\x0b\x0e\x24", ActorType::kEmployee, "inspecteur", "west"};
    event.shape = {"bvr-3270",
                   Action::kRead,
                   "BVR",
                   "BVR0210",
                   "\x81\x67"
                   "address",
                   {},
                   {},
                   Outcome::kSuccess};
    const StoredSubject subjects[] = {{SubjectType::kBsn, true, 929'462'401 + row % 16, {}, {}},
                                      {SubjectType::kBsn, true, 929'462'401 + row % 16, {}, "partner"},
                                      {SubjectType::kVehicle, false, 0, "\x01\x02\x03\x04\x05\x06", {}}};
    if (row < 64) {
      event.subjects = std::span(subjects).first(row % 4);
      if (row % 2 == 1) event.records = row;
      event.time.nanos = static_cast<uint16_t>(row);
      if (row % 8 == 1) event.case_id = "Z-2026-0000001";
      if (row % 8 == 2) event.query = "\xAA\xBB\xCC";
      event.break_glass = row % 8 == 3;
      if (row % 8 == 4) event.trace_id = "0123456789abcdef";
      if (row % 8 == 4) event.span_id = "01234567";
      if (row % 8 == 4) event.parent_span_id = "76543210";
      event.marks = row % 8 == 5 ? kMarkFuture : 0;
      if (row % 8 == 6) event.reason = "\xDD\xEE";
      if (row % 8 == 6) event.on_behalf_of = "\x01\x02\x03\x04";
      if (row % 8 == 7) event.terminal = "\x05\x06\x07\x08";
      if (row % 8 == 7) event.ip = "\x0A\x01\x02\x03";
      if (row % 8 == 7) event.location = "Utrecht";
      if (row % 16 == 8)
        event.attributes =
            "\xA1\x64"
            "late\xF5";
      if (row % 16 == 9) event.actor.type = ActorType::kService;
      if (row % 16 == 10) event.shape.outcome = Outcome::kDenied;
    }
    if (row == 63) {
      encode(StoredRecord{"retention", event.received_ms, R"({"period":"2020-Q1"})"}, entries[row]);
    } else {
      encode(event, entries[row]);
    }
  }
  return entries;
}

}  // namespace weerbaar::trail::testing
