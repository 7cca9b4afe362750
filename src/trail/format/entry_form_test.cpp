// What is not canonical is no entry: there is one way only to write an event.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "trail/format/cbor.h"
#include "trail/format/entry.h"
#include "trail/format/entry_sample.h"

namespace weerbaar::trail {
namespace {

using testing::hex;
using testing::kGoldenEntry;

bool decodes(ByteView bytes) {
  Entry entry;
  const Status status = entry.decode(bytes);
  EXPECT_TRUE(status || status.error().code == Code::kCorrupt);
  return status.has_value();
}

// The golden event as pairs of key and value, to be spoilt and put together again.
class Spoilt {
 public:
  Spoilt() {
    const Bytes bytes = hex(kGoldenEntry);
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

TEST(EntryForm, the_means_to_spoil_it_do_not_spoil_it) {
  EXPECT_EQ(Spoilt().bytes(), hex(kGoldenEntry));
}

TEST(EntryForm, required_fields_are_required_and_others_are_not) {
  for (int64_t key = 1; key <= 31; ++key) {
    const bool required = key <= 5 || key == 9 || key == 10 || key == 11;
    EXPECT_EQ(Spoilt().remove(key).decodes(), !required) << key;
  }
}

TEST(EntryForm, keys_ascend_and_stand_once) {
  for (size_t i = 0; i + 1 < 31; ++i) EXPECT_FALSE(Spoilt().exchange(i, i + 1).decodes()) << i;
  const Spoilt whole;
  for (const auto& [key, value] : whole.pairs()) {
    EXPECT_FALSE(Spoilt().add(key, to_hex(value)).decodes()) << key;
  }
}

TEST(EntryForm, unknown_keys_are_refused) {
  EXPECT_FALSE(Spoilt().add(32, "01").decodes());
  EXPECT_FALSE(Spoilt().add(1'000'000, "01").decodes());
  Bytes with_text_key = Spoilt().remove(31).bytes();
  with_text_key[1] = 0x1F;
  append(with_text_key, hex("6161 01"));
  EXPECT_FALSE(decodes(with_text_key));
  for (const char* front : {"0000", "2000"}) {  // key 0, key -1
    Bytes bytes = hex(std::string("a9") + front);
    append(bytes, hex("016131 0220 0300 0400 054175 096173 0a00 0b6142"));
    EXPECT_FALSE(decodes(bytes)) << front;
  }
}

TEST(EntryForm, defaults_and_empty_values_are_never_written_out) {
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

TEST(EntryForm, other_types_are_refused) {
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

TEST(EntryForm, numbers_stay_within_their_limits) {
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

TEST(EntryForm, a_time_has_one_form) {
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

TEST(EntryForm, subjects_ascend_without_repetition) {
  EXPECT_TRUE(Spoilt().set(17, "82 820001 820002").decodes());
  EXPECT_FALSE(Spoilt().set(17, "82 820002 820001").decodes());
  EXPECT_FALSE(Spoilt().set(17, "82 820001 820001").decodes());
  EXPECT_FALSE(Spoilt().set(17, "82 820100 820000").decodes());   // types
  EXPECT_TRUE(Spoilt().set(17, "82 82004101 820001").decodes());  // bytes before numbers
  EXPECT_FALSE(Spoilt().set(17, "82 820001 82004101").decodes());
  EXPECT_FALSE(Spoilt().set(17, "82 83000161 61820001").decodes());  // a role before none
  EXPECT_TRUE(Spoilt().set(17, "82 820001 8300016161").decodes());
}

TEST(EntryForm, a_subject_has_one_form) {
  EXPECT_TRUE(Spoilt().set(17, "81 820600").decodes());
  EXPECT_FALSE(Spoilt().set(17, "81 820700").decodes());  // no such type
  EXPECT_FALSE(Spoilt().set(17, "81 8100").decodes());    // no identifier
  EXPECT_FALSE(Spoilt().set(17, "81 8400016161 01").decodes());
  EXPECT_FALSE(Spoilt().set(17, "81 83000160").decodes());  // an empty role
  EXPECT_FALSE(Spoilt().set(17, "81 820040").decodes());    // empty bytes
  EXPECT_FALSE(Spoilt().set(17, "81 820020").decodes());    // a negative number
  EXPECT_FALSE(Spoilt().set(17, "81 82001b4000000000000000").decodes());
  EXPECT_FALSE(Spoilt().set(17, "81 82006161").decodes());  // a text
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

TEST(EntryForm, attributes_ascend_by_length_and_bytes) {
  EXPECT_TRUE(Spoilt().set(31, "a2 6162f5 626161f4").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a2 626161f4 6162f5").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a2 6162f5 6161f5").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a2 6162f5 6162f5").decodes());
  EXPECT_TRUE(Spoilt().set(31, "a1 60f6").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a1 616101").decodes());    // a number is never plain
  EXPECT_FALSE(Spoilt().set(31, "a1 61616161").decodes());  // nor a text
  EXPECT_FALSE(Spoilt().set(31, "a1 4161f5").decodes());
}

TEST(EntryForm, texts_are_utf8) {
  for (const int64_t key : {1, 7, 8, 9, 11, 12, 14, 15, 19, 29}) {
    EXPECT_FALSE(Spoilt().set(key, "61ff").decodes()) << key;
  }
  EXPECT_FALSE(Spoilt().set(13, "8161ff").decodes());
  EXPECT_FALSE(Spoilt().set(31, "a161fff5").decodes());
}

TEST(EntryForm, every_cut_and_every_addition_is_refused) {
  const Bytes whole = hex(kGoldenEntry);
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decodes(ByteView(whole).first(size))) << size;
  for (const unsigned byte : {0x00U, 0x01U, 0xF6U, 0xFFU}) {
    Bytes longer = whole;
    longer.push_back(static_cast<uint8_t>(byte));
    EXPECT_FALSE(decodes(longer));
  }
}

// Each byte is somebody's length, key, type or content: changed, it is refused, or it is another event's canonical
// form.
TEST(EntryForm, what_decodes_after_any_change_of_a_byte_is_canonical) {
  const Bytes whole = hex(kGoldenEntry);
  Entry entry;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[at] = static_cast<uint8_t>(changed[at] ^ (1U << bit));
      if (!entry.decode(changed)) continue;
      ASSERT_TRUE(entry.is_event());
      Bytes again;
      encode(entry.event(), again);
      ASSERT_EQ(again, changed) << at;
    }
  }
}

TEST(EntryForm, a_longer_form_of_a_number_is_refused) {
  std::string text = kGoldenEntry;
  text.replace(text.find(" 01 "), 4, " 1801 ");  // key 1 in two bytes
  EXPECT_FALSE(decodes(hex(text)));
  EXPECT_FALSE(Spoilt().set(4, "1a00001fa8").decodes());
  EXPECT_FALSE(Spoilt().set(1, "78026531").decodes());
  text = kGoldenEntry;
  text.replace(text.find("b81f"), 4, "b9001f");  // the map itself
  EXPECT_FALSE(decodes(hex(text)));
}

TEST(EntryForm, no_entry_is_longer_than_a_tile_takes) {
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

TEST(EntryForm, records_have_one_form_too) {
  EXPECT_TRUE(decodes(hex("a4 0001 016161 0200 0360")));
  for (const char* text : {
           "a4 0000 016161 0200 0360",       // another kind
           "a4 0002 016161 0200 0360",       //
           "a4 0001 0160 0200 0360",         // no type
           "a4 0001 014161 0200 0360",       // bytes for text
           "a4 0001 016161 0220 0360",       // received before 1970
           "a4 0001 0200 016161 0360",       // order
           "a4 0001 016161 0200 0360 00",    // more
           "a5 0001 016161 0200 0360 0400",  // an unknown key
           "a3 0001 016161 0200",            // a missing one
           "a4 0001 016161 0200 0361ff",     // no UTF-8
           "a4 000101",                      // cut
       }) {
    EXPECT_FALSE(decodes(hex(text))) << text;
  }
}

}  // namespace
}  // namespace weerbaar::trail
