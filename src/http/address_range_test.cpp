#include "http/address_range.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weerbaar::http {
namespace {

TEST(AddressRange, a_range_is_a_prefix_and_nothing_behind_it) {
  for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.7", "192.0.2.7/32", "2001:db8::/32", "::/0", "::1"}) {
    EXPECT_TRUE(parse_address_range(text).has_value()) << text;
  }
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "2001:db8::1/64",
                           "::/129", "host", "", "/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(parse_address_range(text).has_value()) << text;
  }
}

TEST(AddressRange, an_address_in_the_form_of_the_other_family_is_the_same_address) {
  AddressTable table;
  EXPECT_TRUE(table.add(parse_address_range("10.0.0.0/8").value(), 1));
  EXPECT_EQ(table.find("::ffff:10.1.2.3"), 1U);
  EXPECT_EQ(table.find("11.0.0.0"), std::nullopt);
  EXPECT_EQ(table.find("::10.1.2.3"), std::nullopt);
}

TEST(AddressRange, the_longest_range_has_an_address_and_no_range_is_had_twice) {
  AddressTable table;
  EXPECT_TRUE(table.add(parse_address_range("0.0.0.0/0").value(), 0));
  EXPECT_TRUE(table.add(parse_address_range("10.0.0.0/8").value(), 1));
  EXPECT_TRUE(table.add(parse_address_range("10.1.0.0/16").value(), 2));
  EXPECT_FALSE(table.add(parse_address_range("::ffff:10.0.0.0/104").value(), 3));
  EXPECT_EQ(table.find("10.1.2.3"), 2U);
  EXPECT_EQ(table.find("10.2.2.3"), 1U);
  EXPECT_EQ(table.find("192.0.2.1"), 0U);
  EXPECT_EQ(table.find("2001:db8::1"), std::nullopt);
}

// Looks at every range.
TEST(AddressRange, agrees_with_looking_at_every_range) {
  std::mt19937 random(4);
  for (int round = 0; round < 50; ++round) {
    AddressTable table;
    std::vector<AddressRange> ranges;
    for (int i = 0; i < 20; ++i) {
      AddressRange range;
      range.bits = 112 + static_cast<unsigned>(random() % 17);
      for (unsigned bit = 112; bit < range.bits; ++bit) {
        if (random() % 2 == 0) range.first[bit / 8] = static_cast<uint8_t>(range.first[bit / 8] | 1U << (7 - bit % 8));
      }
      if (table.add(range, ranges.size())) ranges.push_back(range);
    }
    for (int i = 0; i < 200; ++i) {
      const std::string text = "::" + std::to_string(random() % 10'000);
      std::optional<size_t> longest;
      for (size_t at = 0; at < ranges.size(); ++at) {
        const bool is_longer = !longest || ranges[at].bits > ranges[*longest].bits;
        if (is_longer && is_within(parse_address(text).value(), ranges[at])) longest = at;
      }
      EXPECT_EQ(table.find(text), longest) << text;
    }
  }
}

TEST(AddressRange, loopback_is_what_never_leaves_the_machine) {
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) EXPECT_TRUE(is_loopback(text)) << text;
  for (const char* text : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "localhost"})
    EXPECT_FALSE(is_loopback(text)) << text;
}

}  // namespace
}  // namespace weerbaar::http
