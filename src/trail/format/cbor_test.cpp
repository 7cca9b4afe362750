#include "trail/format/cbor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace weerbaar::trail {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

std::string written(const std::function<void(CborWriter&)>& write) {
  Bytes out;
  CborWriter cbor(out);
  write(cbor);
  return to_hex(out);
}

// Whether `read` takes all of the bytes without a failure.
bool takes(std::string_view text, const std::function<void(CborReader&)>& read) {
  const Bytes bytes = hex(text);
  CborReader cbor(bytes);
  read(cbor);
  return cbor.complete();
}

// RFC 8949, appendix A.
TEST(Cbor, integers_of_the_standard_go_both_ways) {
  const std::pair<int64_t, const char*> examples[] = {{0, "00"},
                                                      {1, "01"},
                                                      {10, "0a"},
                                                      {23, "17"},
                                                      {24, "1818"},
                                                      {25, "1819"},
                                                      {100, "1864"},
                                                      {1'000, "1903e8"},
                                                      {1'000'000, "1a000f4240"},
                                                      {1'000'000'000'000, "1b000000e8d4a51000"},
                                                      {-1, "20"},
                                                      {-10, "29"},
                                                      {-100, "3863"},
                                                      {-1'000, "3903e7"},
                                                      {INT64_MAX, "1b7fffffffffffffff"},
                                                      {INT64_MIN, "3b7fffffffffffffff"}};
  for (const auto& [number, text] : examples) {
    EXPECT_EQ(written([value = number](CborWriter& cbor) { cbor.integer(value); }), text);
    EXPECT_TRUE(takes(text, [value = number](CborReader& cbor) { EXPECT_EQ(cbor.integer(), value); })) << text;
  }
}

TEST(Cbor, the_edges_of_each_length_take_the_shorter_one) {
  const std::pair<int64_t, size_t> sizes[] = {{23, 1},      {24, 2},         {0xFF, 2},        {0x100, 3},  {0xFFFF, 3},
                                              {0x10000, 5}, {0xFFFFFFFF, 5}, {0x100000000, 9}, {-24, 1},    {-25, 2},
                                              {-256, 2},    {-257, 3},       {-65'536, 3},     {-65'537, 5}};
  for (const auto& [value, size] : sizes) {
    Bytes out;
    CborWriter(out).integer(value);
    EXPECT_EQ(out.size(), size) << value;
    CborReader cbor(out);
    EXPECT_EQ(cbor.integer(), value);
    EXPECT_TRUE(cbor.complete());
  }
}

TEST(Cbor, unsigned_integers_reach_to_the_end_and_others_stop_at_64_signed_bits) {
  EXPECT_TRUE(takes("1bffffffffffffffff", [](CborReader& cbor) { EXPECT_EQ(cbor.unsigned_integer(), UINT64_MAX); }));
  EXPECT_FALSE(takes("1bffffffffffffffff", [](CborReader& cbor) { cbor.integer(); }));
  EXPECT_FALSE(takes("3bffffffffffffffff", [](CborReader& cbor) { cbor.integer(); }));
  EXPECT_FALSE(takes("20", [](CborReader& cbor) { cbor.unsigned_integer(); }));
}

TEST(Cbor, strings_of_the_standard_go_both_ways) {
  const std::pair<std::string_view, const char*> texts[] = {
      {"", "60"},           {"a", "6161"},          {"IETF", "6449455446"},      {"\"\\", "62225c"},
      {"\u00fc", "62c3bc"}, {"\u6c34", "63e6b0b4"}, {"\U00010151", "64f0908591"}};
  for (const auto& [content, text] : texts) {
    EXPECT_EQ(written([value = content](CborWriter& cbor) { cbor.text(value); }), text);
    EXPECT_TRUE(takes(text, [value = content](CborReader& cbor) { EXPECT_EQ(cbor.text(), value); })) << text;
  }
  const Bytes four = hex("01020304");
  EXPECT_EQ(written([&](CborWriter& cbor) { cbor.bytes(four); }), "4401020304");
  EXPECT_EQ(written([](CborWriter& cbor) { cbor.bytes({}); }), "40");
  EXPECT_TRUE(takes("4401020304", [&](CborReader& cbor) { EXPECT_TRUE(std::ranges::equal(cbor.bytes(), four)); }));
}

TEST(Cbor, collections_and_simple_values_of_the_standard_go_both_ways) {
  EXPECT_EQ(written([](CborWriter& cbor) {
              cbor.array(3);
              cbor.integer(1);
              cbor.array(2);
              cbor.integer(2);
              cbor.integer(3);
              cbor.array(0);
            }),
            "830182020380");
  EXPECT_EQ(written([](CborWriter& cbor) {
              cbor.map(2);
              for (const int64_t number : {1, 2, 3, 4}) cbor.integer(number);
            }),
            "a201020304");
  EXPECT_EQ(written([](CborWriter& cbor) {
              cbor.boolean(false);
              cbor.boolean(true);
              cbor.null();
            }),
            "f4f5f6");
  EXPECT_TRUE(takes("a201020304", [](CborReader& cbor) {
    EXPECT_EQ(cbor.map(), 2U);
    for (const int64_t number : {1, 2, 3, 4}) EXPECT_EQ(cbor.integer(), number);
  }));
  EXPECT_TRUE(takes("80a0f4f5f6", [](CborReader& cbor) {
    EXPECT_EQ(cbor.array(), 0U);
    EXPECT_EQ(cbor.map(), 0U);
    EXPECT_FALSE(cbor.boolean());
    EXPECT_TRUE(cbor.boolean());
    EXPECT_TRUE(cbor.take_null());
  }));
}

TEST(Cbor, only_the_shortest_form_is_taken) {
  for (const char* text : {"1800", "1817", "190000", "1900ff", "1a00000000", "1a0000ffff", "1b0000000000000000",
                           "1b00000000ffffffff", "3800", "3900ff"}) {
    EXPECT_FALSE(takes(text, [](CborReader& cbor) { cbor.integer(); })) << text;
  }
  EXPECT_FALSE(takes("580161", [](CborReader& cbor) { cbor.bytes(); }));
  EXPECT_FALSE(takes("780161", [](CborReader& cbor) { cbor.text(); }));
  EXPECT_FALSE(takes("980100", [](CborReader& cbor) { cbor.array(); }));
  EXPECT_FALSE(takes("b8010000", [](CborReader& cbor) { cbor.map(); }));
}

TEST(Cbor, indefinite_lengths_and_reserved_heads_are_refused) {
  EXPECT_FALSE(takes("5f4101ff", [](CborReader& cbor) { cbor.bytes(); }));
  EXPECT_FALSE(takes("7f6161ff", [](CborReader& cbor) { cbor.text(); }));
  EXPECT_FALSE(takes("9f01ff", [](CborReader& cbor) { cbor.array(); }));
  EXPECT_FALSE(takes("bf0101ff", [](CborReader& cbor) { cbor.map(); }));
  for (const char* text : {"1c", "1d", "1e", "1f", "3c", "3f"}) {
    EXPECT_FALSE(takes(text, [](CborReader& cbor) { cbor.integer(); })) << text;
  }
}

TEST(Cbor, what_is_cut_short_is_refused) {
  for (const char* text : {"", "18", "1903", "1a000f42", "1b000000e8d4a510"}) {
    EXPECT_FALSE(takes(text, [](CborReader& cbor) { cbor.integer(); })) << text;
  }
  EXPECT_FALSE(takes("44010203", [](CborReader& cbor) { cbor.bytes(); }));
  EXPECT_FALSE(takes("61", [](CborReader& cbor) { cbor.text(); }));
  EXPECT_FALSE(takes("5bffffffffffffffff", [](CborReader& cbor) { cbor.bytes(); }));
}

TEST(Cbor, no_collection_claims_more_items_than_there_are_bytes) {
  EXPECT_FALSE(takes("9affffffff00", [](CborReader& cbor) { EXPECT_EQ(cbor.array(), 0U); }));
  EXPECT_FALSE(takes("bbffffffffffffffff", [](CborReader& cbor) { EXPECT_EQ(cbor.map(), 0U); }));
  EXPECT_FALSE(takes("8201", [](CborReader& cbor) { EXPECT_EQ(cbor.array(), 0U); }));
}

TEST(Cbor, a_text_is_utf8) {
  for (const char* text : {"61ff", "62c328", "63eda080", "62c080"}) {
    EXPECT_FALSE(takes(text, [](CborReader& cbor) { EXPECT_EQ(cbor.text(), ""); })) << text;
  }
}

TEST(Cbor, another_type_is_refused) {
  const std::function<void(CborReader&)> readers[] = {
      [](CborReader& cbor) { cbor.integer(); }, [](CborReader& cbor) { cbor.bytes(); },
      [](CborReader& cbor) { cbor.text(); },    [](CborReader& cbor) { cbor.array(); },
      [](CborReader& cbor) { cbor.map(); },     [](CborReader& cbor) { cbor.boolean(); }};
  const char* values[] = {"00", "40", "60", "80", "a0", "f4"};
  for (size_t reader = 0; reader < std::size(readers); ++reader) {
    for (size_t value = 0; value < std::size(values); ++value) {
      EXPECT_EQ(takes(values[value], readers[reader]), reader == value) << reader << " " << values[value];
    }
    // Tags, undefined, floats, break.
    for (const char* other : {"c000", "f7", "f90000", "fa00000000", "ff"}) EXPECT_FALSE(takes(other, readers[reader]));
  }
}

TEST(Cbor, a_failure_lasts_and_leftovers_are_no_success) {
  const Bytes bytes =
      hex("6100"
          "01");
  CborReader cbor(bytes);
  EXPECT_EQ(cbor.integer(), 0);
  EXPECT_TRUE(cbor.failed());
  EXPECT_EQ(cbor.text(), "");  // would have been right
  EXPECT_FALSE(cbor.take_null());
  EXPECT_FALSE(cbor.complete());
  EXPECT_FALSE(takes("0101", [](CborReader& reader) { reader.integer(); }));
}

}  // namespace
}  // namespace weerbaar::trail
