#include "trail/store/entry_parts.h"

#include <gtest/gtest.h>

#include <random>

#include "trail/format/entry_keys.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

using namespace entry_key;

// The fields behind the subjects, filled in from their parts.
void fill(std::string_view rest, StoredEvent& event) {
  while (!rest.empty()) {
    const RestField field = take_field(rest);
    const std::pair<int64_t, std::string_view*> texts[] = {{kCase, &event.case_id},
                                                           {kQuery, &event.query},
                                                           {kTraceId, &event.trace_id},
                                                           {kSpanId, &event.span_id},
                                                           {kOnBehalfOf, &event.on_behalf_of},
                                                           {kReason, &event.reason},
                                                           {kTerminal, &event.terminal},
                                                           {kIp, &event.ip},
                                                           {kLocation, &event.location},
                                                           {kParentSpanId, &event.parent_span_id},
                                                           {kAttributes, &event.attributes}};
    for (const auto& [key, text] : texts) {
      if (key == field.key) *text = field.text;
    }
    if (field.key == kRecords) event.records = field.number;
    if (field.key == kBreakGlass) event.break_glass = true;
    if (field.key == kMarks) event.marks = field.number;
  }
}

// The event that the parts make.
StoredEvent event_of(const EntryParts& parts, std::vector<StoredSubject>& subjects) {
  StoredEvent event;
  event.id = parts.id;
  event.time = parts.time;
  event.received_ms = parts.received_ms;
  event.period = parts.period;
  event.actor = actor_in(parts.actor);
  event.shape = shape_in(parts.shape);
  subjects_in(parts.subjects, subjects);
  event.subjects = subjects;
  fill(parts.rest, event);
  return event;
}

TEST(EntryParts, make_the_same_entry_again) {
  size_t events = 0;
  for (const auto& entries : {testing::varied_entries(), testing::repetitive_entries()}) {
    for (const Bytes& entry : entries) {
      Entry decoded;
      ASSERT_TRUE(decoded.decode(entry));
      EntryParts parts;
      ASSERT_EQ(split_entry(entry, parts), decoded.is_event());
      if (!decoded.is_event()) continue;
      ++events;
      std::vector<StoredSubject> subjects;
      Bytes again;
      encode(event_of(parts, subjects), again);
      ASSERT_EQ(again, entry);
      ASSERT_EQ(has_field(parts.rest, entry_key::kBreakGlass), decoded.event().break_glass);
      ASSERT_EQ(has_field(parts.rest, entry_key::kCase), !decoded.event().case_id.empty());
    }
  }
  EXPECT_GT(events, kSegmentEntries);
}

// Reading outside is what sanitizers see here.
TEST(EntryParts, of_damaged_bytes_stay_inside_them) {
  std::mt19937_64 random(5);
  const std::vector<Bytes> entries = testing::varied_entries();
  size_t split = 0;
  for (size_t i = 0; i < 20'000; ++i) {
    Bytes entry = entries[i % entries.size()];
    if (i % 2 == 0) entry.resize(random() % (entry.size() + 1));
    for (uint64_t changes = random() % 3; changes > 0 && !entry.empty(); --changes) {
      entry[random() % entry.size()] = static_cast<uint8_t>(random());
    }
    EntryParts parts;
    if (!split_entry(entry, parts)) continue;
    ++split;
    const char* const begin = as_text(entry).data();
    const char* const end = begin + entry.size();
    for (const std::string_view part : {parts.id, parts.actor, parts.shape, parts.subjects, parts.rest}) {
      if (part.data() == nullptr) continue;
      ASSERT_GE(part.data(), begin);
      ASSERT_LE(part.data() + part.size(), end);
    }
    std::vector<StoredSubject> subjects;
    event_of(parts, subjects);
  }
  EXPECT_GT(split, 1'000U);
}

}  // namespace
}  // namespace weerbaar::trail
