#include "trail/format/entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>

#include "trail/format/cbor.h"
#include "trail/format/entry_sample.h"

namespace weerbaar::trail {
namespace {

using testing::hex;
using testing::kGoldenEntry;

Bytes encoded(const StoredEvent& event) {
  Bytes out;
  encode(event, out);
  return out;
}

bool decodes(ByteView bytes) {
  Entry entry;
  const Status status = entry.decode(bytes);
  EXPECT_TRUE(status || status.error().code == Code::kCorrupt);
  return status.has_value();
}

StoredEvent golden_event(std::vector<StoredSubject>& subjects, Bytes& memory) {
  memory =
      hex("1bbd0ee2489e5f deadbeef 010203 0102030405060708090a0b0c0d0e0f10 1112131415161718 1bbd0ee2 aabb 01020304 "
          "05060708 2122232425262728 82676164647265737366696e636f6d65 "
          "a3646c617465f566636f7069657342abcd677072696e746572f6");
  size_t at = 0;
  const auto take = [&](size_t length) {
    at += length;
    return as_text(memory).substr(at - length, length);
  };
  StoredEvent event;
  event.id = "e1";
  event.time = {1'772'435'643'412'000, 7};
  event.received_ms = 1'772'435'643'500;
  event.period = 8'104;
  event.actor = {take(7), ActorType::kService, "inspecteur", "inning-west"};
  subjects = {{SubjectType::kBsn, true, 929'455'425, {}, {}},
              {SubjectType::kBsn, true, 929'455'425, {}, "partner"},
              {SubjectType::kVehicle, false, 0, take(4), {}}};
  event.subjects = subjects;
  event.query = take(3);
  event.trace_id = take(16);
  event.span_id = take(8);
  event.on_behalf_of = take(4);
  event.reason = take(2);
  event.terminal = take(4);
  event.ip = take(4);
  event.parent_span_id = take(8);
  event.shape = {"bvr-3270", Action::kSearch, "BVR", "BVR0210", take(16), "urn:a", "art. 6", Outcome::kDenied};
  event.records = 2;
  event.case_id = "Z-1";
  event.break_glass = true;
  event.marks = kMarkFuture;
  event.location = "Utrecht";
  event.attributes = take(memory.size() - at);
  return event;
}

void expect_same(const StoredEvent& a, const StoredEvent& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.received_ms, b.received_ms);
  EXPECT_EQ(a.period, b.period);
  EXPECT_EQ(a.actor, b.actor);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_TRUE(std::ranges::equal(a.subjects, b.subjects));
  EXPECT_EQ(a.records, b.records);
  EXPECT_EQ(a.case_id, b.case_id);
  EXPECT_EQ(a.query, b.query);
  EXPECT_EQ(a.break_glass, b.break_glass);
  EXPECT_EQ(a.trace_id, b.trace_id);
  EXPECT_EQ(a.span_id, b.span_id);
  EXPECT_EQ(a.parent_span_id, b.parent_span_id);
  EXPECT_EQ(a.marks, b.marks);
  EXPECT_EQ(a.on_behalf_of, b.on_behalf_of);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.terminal, b.terminal);
  EXPECT_EQ(a.ip, b.ip);
  EXPECT_EQ(a.location, b.location);
  EXPECT_EQ(a.attributes, b.attributes);
}

TEST(Entry, a_full_event_is_these_bytes) {
  std::vector<StoredSubject> subjects;
  Bytes memory;
  const StoredEvent event = golden_event(subjects, memory);
  EXPECT_EQ(encoded(event), hex(kGoldenEntry)) << to_hex(encoded(event));
  Entry entry;
  const Bytes bytes = hex(kGoldenEntry);
  ASSERT_TRUE(entry.decode(bytes));
  ASSERT_TRUE(entry.is_event());
  expect_same(entry.event(), event);
}

TEST(Entry, an_event_of_the_required_fields_alone_is_these_bytes) {
  StoredEvent event;
  event.id = "1";
  event.time = {-1, 0};
  event.actor.id = "u";
  event.shape.source = "s";
  event.shape.system = "B";
  EXPECT_EQ(encoded(event), hex("a8 016131 0220 0300 0400 054175 096173 0a00 0b6142"));
  EXPECT_TRUE(decodes(encoded(event)));
}

TEST(Entry, a_record_is_these_bytes) {
  Bytes out;
  encode(StoredRecord{"retention", 1'772'435'643'500, R"({"period":"2020-Q1"})"}, out);
  EXPECT_EQ(out,
            hex("a4 0001 01 69726574656e74696f6e 02 1b0000019cad659c6c 03 747b22706572696f64223a22323032302d5131227d"));
  Entry entry;
  ASSERT_TRUE(entry.decode(out));
  ASSERT_FALSE(entry.is_event());
  EXPECT_EQ(entry.record().type, "retention");
  EXPECT_EQ(entry.record().received_ms, 1'772'435'643'500);
  EXPECT_EQ(entry.record().body, R"({"period":"2020-Q1"})");
}

// Events with any fields present, of any size that an event may have.
class RandomEvents {
 public:
  const StoredEvent& next() {
    texts_.clear();
    event_ = {};
    event_.id = text(1, 128);
    event_.time = {static_cast<int64_t>(random_() % 2'000'000'000'000'000) - 500'000'000'000'000,
                   static_cast<uint16_t>(coin() ? random_() % 1'000 : 0)};
    event_.received_ms = static_cast<int64_t>(random_() >> (1 + random_() % 60));
    event_.period = static_cast<uint16_t>(random_());
    event_.actor = {text(1, 64), static_cast<ActorType>(random_() % 3), maybe_text(), maybe_text()};
    event_.shape = {text(1, 64),  static_cast<Action>(random_() % 12), text(1, 64), maybe_text(), data(), maybe_text(),
                    maybe_text(), static_cast<Outcome>(random_() % 3)};
    add_subjects();
    if (coin()) event_.records = random_() % (kRecordsMax + 1);
    event_.case_id = maybe_text();
    event_.query = maybe_text();
    event_.break_glass = coin();
    event_.trace_id = maybe_text();
    event_.span_id = maybe_text();
    event_.parent_span_id = maybe_text();
    event_.marks = coin() ? random_() % (kRecordsMax + 1) : 0;
    event_.on_behalf_of = maybe_text();
    event_.reason = maybe_text();
    event_.terminal = maybe_text();
    event_.ip = maybe_text();
    event_.location = maybe_text();
    event_.attributes = attributes();
    return event_;
  }

 private:
  bool coin() { return random_() % 2 == 0; }
  std::string_view keep(std::string value) { return texts_.emplace_back(std::move(value)); }
  std::string_view text(size_t low, size_t high) {
    std::string value(low + random_() % (high - low + 1), ' ');
    for (char& c : value) c = static_cast<char>(random_() % 128);
    return keep(value);
  }
  std::string_view maybe_text() { return coin() ? text(1, coin() ? 20 : 300) : std::string_view(); }

  std::string_view data() {
    if (coin()) return {};
    Bytes out;
    CborWriter cbor(out);
    const uint64_t items = 1 + random_() % 30;
    cbor.array(items);
    for (uint64_t i = 0; i < items; ++i) cbor.text(text(1, 30));
    return keep(std::string(as_text(out)));
  }

  std::string_view attributes() {
    if (coin()) return {};
    std::map<std::pair<size_t, std::string>, int> pairs;  // in canonical order
    for (uint64_t i = random_() % 30 + 1; i > 0; --i) {
      const std::string key(text(0, 30));
      pairs[{key.size(), key}] = static_cast<int>(random_() % 4);
    }
    Bytes out;
    CborWriter cbor(out);
    cbor.map(pairs.size());
    for (const auto& [key, kind] : pairs) {
      cbor.text(key.second);
      if (kind == 0) {
        cbor.null();
      } else if (kind == 1) {
        cbor.boolean(coin());
      } else {
        cbor.bytes(as_bytes(text(0, 40)));
      }
    }
    return keep(std::string(as_text(out)));
  }

  void add_subjects() {
    subjects_.clear();
    for (uint64_t i = coin() ? random_() % 40 : 0; i > 0; --i) {
      StoredSubject subject{static_cast<SubjectType>(random_() % 7), coin(), 0, {}, maybe_text()};
      if (subject.is_number) {
        subject.number = random_() % (kRecordsMax + 1);
      } else {
        subject.bytes = text(1, 128);
      }
      subjects_.push_back(subject);
    }
    std::ranges::sort(subjects_);
    subjects_.erase(std::ranges::unique(subjects_).begin(), subjects_.end());
    event_.subjects = subjects_;
  }

  std::mt19937_64 random_{7};
  std::deque<std::string> texts_;
  std::vector<StoredSubject> subjects_;
  StoredEvent event_;
};

TEST(Entry, any_event_goes_both_ways) {
  RandomEvents events;
  Entry entry;
  for (int i = 0; i < 2'000; ++i) {
    const StoredEvent& event = events.next();
    const Bytes bytes = encoded(event);
    ASSERT_TRUE(entry.decode(bytes)) << to_hex(bytes);
    expect_same(entry.event(), event);
    ASSERT_EQ(encoded(entry.event()), bytes);
  }
}

}  // namespace
}  // namespace weerbaar::trail
