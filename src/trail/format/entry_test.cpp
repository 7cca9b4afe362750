#include "trail/format/entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>

#include "trail/format/cbor.h"

namespace weerbaar::trail {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

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

// Byte for byte what docs/formats/entry.md says, put together by hand.
constexpr const char* kGolden =
    "b81f"  // map of 31 pairs
    "01"
    "626531"  // id "e1"
    "02"
    "82"
    "1b00064c0554e9ae20"
    "07"  // time: 2026-03-02T07:14:03.412000007Z
    "03"
    "1b0000019cad659c6c"  // received: 2026-03-02T07:14:03.500Z
    "04"
    "191fa8"  // period 8104: 2026-Q1
    "05"
    "471bbd0ee2489e5f"  // actor id, a pseudonym
    "06"
    "01"  // actor type: service
    "07"
    "6a696e737065637465"
    "7572"  // function "inspecteur"
    "08"
    "6b696e6e696e672d77657374"  // unit "inning-west"
    "09"
    "686276722d33323730"  // source "bvr-3270"
    "0a"
    "01"  // action: search
    "0b"
    "63425652"  // system "BVR"
    "0c"
    "6742565230323130"  // component "BVR0210"
    "0d"
    "82"
    "6761646472657373"
    "66696e636f6d65"  // data "address", "income"
    "0e"
    "6575726e3a61"  // processing activity "urn:a"
    "0f"
    "666172742e2036"  // legal basis "art. 6"
    "10"
    "01"  // outcome: denied
    "11"
    "83"  // three subjects
    "82"
    "00"
    "1a37665d41"  //   bsn, 929455425
    "83"
    "00"
    "1a37665d41"
    "67706172746e6572"  //   the same, as "partner"
    "82"
    "03"
    "44deadbeef"  //   vehicle, bytes
    "12"
    "02"  // records: 2
    "13"
    "635a2d31"  // case "Z-1"
    "14"
    "43010203"  // query
    "15"
    "f5"  // break glass
    "16"
    "500102030405060708090a0b0c0d0e0f10"  // trace id
    "17"
    "481112131415161718"  // span id
    "1818"
    "01"  // marks: the future
    "1819"
    "441bbd0ee2"  // on behalf of
    "181a"
    "42aabb"  // reason
    "181b"
    "4401020304"  // terminal
    "181c"
    "4405060708"  // ip
    "181d"
    "665574726563"
    "68"  // location "Utrech"
    "181e"
    "482122232425262728"  // parent span id
    "181f"
    "a3"
    "646c617465"
    "f5"
    "66636f70696573"
    "42abcd"
    "677072696e746572"
    "f6";  // attributes

StoredEvent golden_event(std::vector<StoredSubject>& subjects, Bytes& memory) {
  memory =
      hex("1bbd0ee2489e5f"
          "deadbeef"
          "010203"
          "0102030405060708090a0b0c0d0e0f10"
          "1112131415161718"
          "1bbd0ee2"
          "aabb"
          "01020304"
          "05060708"
          "2122232425262728"
          "826761646472657373"
          "66696e636f6d65"
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
  event.location = "Utrech";
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
  EXPECT_EQ(to_hex(encoded(event)), kGolden);
  Entry entry;
  const Bytes bytes = hex(kGolden);
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
  EXPECT_EQ(to_hex(encoded(event)),
            "a8"
            "016131"
            "0220"
            "0300"
            "0400"
            "054175"
            "096173"
            "0a00"
            "0b6142");
  EXPECT_TRUE(decodes(encoded(event)));
}

TEST(Entry, a_record_is_these_bytes) {
  Bytes out;
  encode(StoredRecord{"retention", 1'772'435'643'500, R"({"period":"2020-Q1"})"}, out);
  EXPECT_EQ(to_hex(out),
            "a4"
            "0001"
            "01"
            "69726574656e74696f6e"
            "02"
            "1b0000019cad659c6c"
            "03"
            "747b22706572696f64223a22323032302d5131227d");
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

// --- what is not canonical

// The golden event as pairs of key and value, to be spoilt and put together again.
class Spoilt {
 public:
  Spoilt() {
    const Bytes bytes = hex(kGolden);
    CborReader cbor(bytes);
    for (uint64_t left = cbor.map(); left > 0; --left) {
      const int64_t key = cbor.integer();
      const ByteView before = cbor.rest();
      skip(cbor);
      const ByteView value = before.first(before.size() - cbor.rest().size());
      pairs_.emplace_back(key, Bytes(value.begin(), value.end()));
    }
    EXPECT_TRUE(cbor.complete());
  }

  Spoilt& set(int64_t key, std::string_view value) {
    for (auto& pair : pairs_) {
      if (pair.first == key) pair.second = hex(value);
    }
    return *this;
  }
  Spoilt& remove(int64_t key) {
    std::erase_if(pairs_, [key](const auto& pair) { return pair.first == key; });
    return *this;
  }
  Spoilt& add(int64_t key, std::string_view value) {
    pairs_.emplace_back(key, hex(value));
    return *this;
  }
  Spoilt& exchange(size_t a, size_t b) {
    std::swap(pairs_[a], pairs_[b]);
    return *this;
  }
  [[nodiscard]] bool decodes() const { return trail::decodes(bytes()); }
  [[nodiscard]] Bytes bytes() const {
    Bytes out;
    CborWriter cbor(out);
    cbor.map(pairs_.size());
    for (const auto& [key, value] : pairs_) {
      cbor.integer(key);
      append(out, value);
    }
    return out;
  }
  [[nodiscard]] const std::vector<std::pair<int64_t, Bytes>>& pairs() const { return pairs_; }

 private:
  static void skip(CborReader& cbor) {
    uint64_t inside = 0;
    switch (cbor.peek_major()) {
      case 0:
      case 1:
        cbor.integer();
        break;
      case 2:
        cbor.bytes();
        break;
      case 3:
        cbor.text();
        break;
      case 4:
        inside = cbor.array();
        break;
      case 5:
        inside = cbor.map() * 2;
        break;
      default:
        if (!cbor.take_null()) cbor.boolean();
    }
    for (; inside > 0; --inside) skip(cbor);
  }

  std::vector<std::pair<int64_t, Bytes>> pairs_;
};

TEST(Entry, the_means_to_spoil_it_do_not_spoil_it) {
  EXPECT_EQ(to_hex(Spoilt().bytes()), kGolden);
}

TEST(Entry, required_fields_are_required_and_others_are_not) {
  for (int64_t key = 1; key <= 31; ++key) {
    const bool required = key <= 5 || key == 9 || key == 10 || key == 11;
    EXPECT_EQ(Spoilt().remove(key).decodes(), !required) << key;
  }
}

TEST(Entry, keys_ascend_and_stand_once) {
  for (size_t i = 0; i + 1 < 31; ++i) EXPECT_FALSE(Spoilt().exchange(i, i + 1).decodes()) << i;
  const Spoilt whole;
  for (const auto& [key, value] : whole.pairs()) {
    EXPECT_FALSE(Spoilt().add(key, to_hex(value)).decodes()) << key;
  }
}

TEST(Entry, unknown_keys_are_refused) {
  EXPECT_FALSE(Spoilt().add(32, "01").decodes());
  EXPECT_FALSE(Spoilt().add(1'000'000, "01").decodes());
  Bytes with_text_key = Spoilt().remove(31).bytes();
  with_text_key[1] = 0x1F;
  append(with_text_key, hex("6161"
                            "01"));
  EXPECT_FALSE(decodes(with_text_key));
  for (const char* front : {"0000", "2000"}) {  // key 0, key -1
    Bytes bytes = hex(std::string("a9") + front);
    append(bytes, hex("016131"
                      "0220"
                      "0300"
                      "0400"
                      "054175"
                      "096173"
                      "0a00"
                      "0b6142"));
    EXPECT_FALSE(decodes(bytes)) << front;
  }
}

TEST(Entry, defaults_and_empty_values_are_never_written_out) {
  for (const int64_t key : {6, 16, 24}) EXPECT_FALSE(Spoilt().set(key, "00").decodes()) << key;
  EXPECT_FALSE(Spoilt().set(21, "f4").decodes());
  for (const int64_t key : {1, 7, 8, 9, 11, 12, 14, 15, 19, 29}) EXPECT_FALSE(Spoilt().set(key, "60").decodes()) << key;
  for (const int64_t key : {5, 20, 22, 23, 25, 26, 27, 28, 30}) EXPECT_FALSE(Spoilt().set(key, "40").decodes()) << key;
  EXPECT_FALSE(Spoilt().set(13, "80").decodes());
  EXPECT_FALSE(Spoilt().set(17, "80").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a0").decodes());
  EXPECT_FALSE(Spoilt().set(13, "8160").decodes());  // an empty category
  EXPECT_TRUE(Spoilt().set(18, "00").decodes());     // no records shown is not the same as unknown
}

TEST(Entry, other_types_are_refused) {
  const char* values[] = {"01", "20", "4161", "6161", "8101", "a10102", "f5", "f6", "f7", "f93c00", "c001"};
  // Of the values above, those that a field of each kind takes.
  const std::map<std::string, std::vector<int64_t>> fields = {{"01", {3, 4, 6, 10, 16, 18, 24}},
                                                              {"4161", {5, 20, 22, 23, 25, 26, 27, 28, 30}},
                                                              {"6161", {1, 7, 8, 9, 11, 12, 14, 15, 19, 29}},
                                                              {"f5", {21}}};
  for (const auto& [right, keys] : fields) {
    for (const int64_t key : keys) {
      for (const char* value : values) EXPECT_EQ(Spoilt().set(key, value).decodes(), value == right) << key << value;
    }
  }
}

TEST(Entry, numbers_stay_within_their_limits) {
  EXPECT_FALSE(Spoilt().set(6, "03").decodes());   // actor type
  EXPECT_FALSE(Spoilt().set(10, "0c").decodes());  // action
  EXPECT_FALSE(Spoilt().set(16, "03").decodes());  // outcome
  EXPECT_TRUE(Spoilt().set(4, "19ffff").decodes());
  EXPECT_FALSE(Spoilt().set(4, "1a00010000").decodes());  // period
  EXPECT_FALSE(Spoilt().set(3, "1b8000000000000000").decodes());
  for (const int64_t key : {18, 24}) {
    EXPECT_TRUE(Spoilt().set(key, "1b3fffffffffffffff").decodes()) << key;
    EXPECT_FALSE(Spoilt().set(key, "1b4000000000000000").decodes()) << key;
  }
}

TEST(Entry, a_time_has_one_form) {
  EXPECT_TRUE(Spoilt().set(2, "00").decodes());
  EXPECT_TRUE(Spoilt().set(2, "82001903e7").decodes());
  EXPECT_FALSE(Spoilt().set(2, "820000").decodes());      // no nanoseconds, written out
  EXPECT_FALSE(Spoilt().set(2, "82001903e8").decodes());  // 1,000 of them
  EXPECT_FALSE(Spoilt().set(2, "8100").decodes());
  EXPECT_FALSE(Spoilt().set(2, "83000101").decodes());
  EXPECT_TRUE(Spoilt().set(2, "1b0384440ccc735fff").decodes());   // 9999-12-31T23:59:59.999999Z
  EXPECT_FALSE(Spoilt().set(2, "1b0384440ccc736000").decodes());  // a microsecond later
  EXPECT_TRUE(Spoilt().set(2, "3b00dcdcc1a916ffff").decodes());   // 0000-01-01T00:00:00Z
  EXPECT_FALSE(Spoilt().set(2, "3b00dcdcc1a9170000").decodes());  // a microsecond before
}

TEST(Entry, subjects_ascend_without_repetition) {
  EXPECT_TRUE(Spoilt()
                  .set(17,
                       "82"
                       "820001"
                       "820002")
                  .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "82"
                        "820002"
                        "820001")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "82"
                        "820001"
                        "820001")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "82"
                        "820100"
                        "820000")
                   .decodes());  // types
  EXPECT_TRUE(Spoilt()
                  .set(17,
                       "82"
                       "82004101"
                       "820001")
                  .decodes());  // bytes before numbers
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "82"
                        "820001"
                        "82004101")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "82"
                        "83000161"
                        "61820001")
                   .decodes());  // a role before none
  EXPECT_TRUE(Spoilt()
                  .set(17,
                       "82"
                       "820001"
                       "8300016161")
                  .decodes());
}

TEST(Entry, a_subject_has_one_form) {
  EXPECT_TRUE(Spoilt()
                  .set(17,
                       "81"
                       "820600")
                  .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "820700")
                   .decodes());  // no such type
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "8100")
                   .decodes());  // no identifier
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "8400016161"
                        "01")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "83000160")
                   .decodes());  // an empty role
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "820040")
                   .decodes());  // empty bytes
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "820020")
                   .decodes());  // a negative number
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "82001b4000000000000000")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(17,
                        "81"
                        "82006161")
                   .decodes());  // a text
  for (const uint64_t count : {kSubjectsMax, kSubjectsMax + 1}) {
    Bytes many;
    CborWriter cbor(many);
    cbor.array(count);
    for (uint64_t i = 0; i < count; ++i) {
      cbor.array(2);
      cbor.integer(0);
      cbor.integer(static_cast<int64_t>(i));
    }
    EXPECT_EQ(Spoilt().set(17, to_hex(many)).decodes(), count == kSubjectsMax);
  }
}

TEST(Entry, attributes_ascend_by_length_and_bytes) {
  EXPECT_TRUE(Spoilt()
                  .set(31,
                       "a2"
                       "6162f5"
                       "626161f4")
                  .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(31,
                        "a2"
                        "626161f4"
                        "6162f5")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(31,
                        "a2"
                        "6162f5"
                        "6161f5")
                   .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(31,
                        "a2"
                        "6162f5"
                        "6162f5")
                   .decodes());
  EXPECT_TRUE(Spoilt()
                  .set(31,
                       "a1"
                       "60f6")
                  .decodes());
  EXPECT_FALSE(Spoilt()
                   .set(31,
                        "a1"
                        "616101")
                   .decodes());  // a number is never plain
  EXPECT_FALSE(Spoilt()
                   .set(31,
                        "a1"
                        "61616161")
                   .decodes());  // nor a text
  EXPECT_FALSE(Spoilt()
                   .set(31,
                        "a1"
                        "4161f5")
                   .decodes());
}

TEST(Entry, texts_are_utf8) {
  for (const int64_t key : {1, 7, 8, 9, 11, 12, 14, 15, 19, 29})
    EXPECT_FALSE(Spoilt().set(key, "61ff").decodes()) << key;
  EXPECT_FALSE(Spoilt().set(13, "8161ff").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a161fff5").decodes());
}

TEST(Entry, every_cut_and_every_addition_is_refused) {
  const Bytes whole = hex(kGolden);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decodes(ByteView(whole).first(size))) << size;
  for (const unsigned byte : {0x00U, 0x01U, 0xF6U, 0xFFU}) {
    Bytes longer = whole;
    longer.push_back(static_cast<uint8_t>(byte));
    EXPECT_FALSE(decodes(longer));
  }
}

// Each byte is somebody's length, key, type or content: changed, it is refused, or it is another event's canonical
// form.
TEST(Entry, what_decodes_after_any_change_of_a_byte_is_canonical) {
  const Bytes whole = hex(kGolden);
  Entry entry;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[at] = static_cast<uint8_t>(changed[at] ^ (1U << bit));
      if (!entry.decode(changed)) continue;
      ASSERT_TRUE(entry.is_event());
      ASSERT_EQ(encoded(entry.event()), changed) << at;
    }
  }
}

TEST(Entry, a_longer_form_of_a_number_is_refused) {
  std::string text = kGolden;
  text.replace(4, 2, "1801");  // key 1 in two bytes
  EXPECT_FALSE(decodes(hex(text)));
  EXPECT_FALSE(Spoilt().set(4, "1a00001fa8").decodes());
  EXPECT_FALSE(Spoilt().set(1, "78026531").decodes());
  text = kGolden;
  text.replace(0, 4, "b9001f");  // the map itself
  EXPECT_FALSE(decodes(hex(text)));
}

TEST(Entry, no_entry_is_longer_than_a_tile_takes) {
  Spoilt spoilt;
  const size_t other_bytes = spoilt.set(20, "40").bytes().size() + 2;  // the length then takes three bytes, not one
  Bytes query;
  CborWriter(query).bytes(Bytes(kEntryBytesMax - other_bytes, 1));
  EXPECT_EQ(spoilt.set(20, to_hex(query)).bytes().size(), kEntryBytesMax);
  EXPECT_TRUE(spoilt.decodes());
  query.clear();
  CborWriter(query).bytes(Bytes(kEntryBytesMax - other_bytes + 1, 1));
  EXPECT_FALSE(spoilt.set(20, to_hex(query)).decodes());
}

TEST(Entry, records_have_one_form_too) {
  EXPECT_TRUE(
      decodes(hex("a4"
                  "0001"
                  "016161"
                  "0200"
                  "0360")));
  for (const char* text : {
           "a4"
           "0000"
           "016161"
           "0200"
           "0360",  // another kind
           "a4"
           "0002"
           "016161"
           "0200"
           "0360",  //
           "a4"
           "0001"
           "0160"
           "0200"
           "0360",  // no type
           "a4"
           "0001"
           "014161"
           "0200"
           "0360",  // bytes for text
           "a4"
           "0001"
           "016161"
           "0220"
           "0360",  // received before 1970
           "a4"
           "0001"
           "0200"
           "016161"
           "0360",  // order
           "a4"
           "0001"
           "016161"
           "0200"
           "0360"
           "00",  // more
           "a5"
           "0001"
           "016161"
           "0200"
           "0360"
           "0400",  // an unknown key
           "a3"
           "0001"
           "016161"
           "0200",  // a missing one
           "a4"
           "0001"
           "016161"
           "0200"
           "0361ff",  // no UTF-8
           "a4"
           "000101",  // cut
       }) {
    EXPECT_FALSE(decodes(hex(text))) << text;
  }
}

}  // namespace
}  // namespace weerbaar::trail
