#include "trail/store/value_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <random>
#include <string>

namespace weerbaar::trail {
namespace {

TEST(ValueTable, numbers_values_as_a_map_does) {
  std::mt19937_64 random(1);
  ValueTable<uint64_t> table;
  std::map<uint64_t, uint32_t> wanted;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t value = random() % 7'000;
    // Few hashes, so that many values share one.
    const uint64_t hash = value % 50 * 0x9E37'79B9'7F4A'7C15U;
    const auto known = wanted.find(value);
    EXPECT_EQ(table.find(hash, value), known == wanted.end() ? ValueTable<uint64_t>::kNone : known->second);
    EXPECT_EQ(table.code(hash, value), wanted.try_emplace(value, static_cast<uint32_t>(wanted.size())).first->second);
  }
  EXPECT_EQ(table.values().size(), wanted.size());
}

TEST(ValueTable, sorts_as_comparing_does_even_where_the_keys_are_the_same) {
  std::mt19937_64 random(2);
  for (const uint64_t mask : {uint64_t{0}, uint64_t{0xFF}, uint64_t{0xFF00'0000'0000'00FF}, UINT64_MAX}) {
    std::vector<std::string> values;
    for (int i = 0; i < 3'000; ++i) values.push_back(std::string(random() % 12, static_cast<char>(random() % 256)));
    const std::vector<std::string> before = values;
    std::vector<std::string> wanted = values;
    std::sort(wanted.begin(), wanted.end());
    // A key that never falls: the first bytes with the lower ones left out.
    const uint64_t high_mask = mask == 0 ? 0 : ~((uint64_t{1} << static_cast<unsigned>(std::countr_zero(mask))) - 1);
    const auto rank = sort_values(values, [&](const std::string& text) { return leading_bytes(text) & high_mask; });
    EXPECT_EQ(values, wanted);
    for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(values[rank[i]], before[i]);
  }
  std::vector<std::string> nothing;
  EXPECT_TRUE(sort_values(nothing, [](const std::string&) { return uint64_t{0}; }).empty());
}

TEST(ValueTable, orders_by_keys_and_keeps_equal_ones_as_they_stand) {
  std::mt19937_64 random(3);
  std::vector<uint64_t> keys;
  for (int i = 0; i < 5'000; ++i) keys.push_back((random() % 40) << (random() % 3 * 24));
  std::vector<uint32_t> wanted(keys.size());
  std::iota(wanted.begin(), wanted.end(), 0U);
  std::ranges::sort(wanted, {}, [&](uint32_t place) { return std::pair(keys[place], place); });
  EXPECT_EQ(order_by(keys), wanted);
}

TEST(ValueTable, leading_bytes_ascend_with_the_texts) {
  const std::string_view texts[] = {"", std::string_view("\0", 1), "a", "ab", "abcdefgh", "abcdefghi", "b", "\xFF"};
  for (size_t i = 1; i < std::size(texts); ++i) EXPECT_LE(leading_bytes(texts[i - 1]), leading_bytes(texts[i]));
  EXPECT_EQ(leading_bytes("\x01\x02"), 0x0102'0000'0000'0000U);
}

TEST(TextTable, numbers_texts_as_a_map_does_and_keeps_them) {
  TextTable table;
  std::map<std::string, uint32_t> wanted;
  std::mt19937_64 random(4);
  std::vector<std::string> texts;
  for (int i = 0; i < 30'000; ++i) {
    texts.push_back(std::string(static_cast<size_t>(i % 90), 'x') + std::to_string(random() % 4'000));
  }
  texts.emplace_back(100'000, 'l');
  for (size_t begin = 0; begin < texts.size();) {
    const size_t count = std::min<size_t>(1 + random() % TextTable::kTogetherMax, texts.size() - begin);
    // Views of copies, which the table must not keep.
    const std::vector<std::string> part(texts.begin() + static_cast<long>(begin),
                                        texts.begin() + static_cast<long>(begin + count));
    const std::vector<std::string_view> views(part.begin(), part.end());
    std::vector<uint32_t> codes(count);
    table.find_codes(views, codes);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(codes[i], wanted.try_emplace(part[i], static_cast<uint32_t>(wanted.size())).first->second);
    }
    begin += count;
  }
  ASSERT_EQ(table.values().size(), wanted.size());
  for (const auto& [text, number] : wanted) EXPECT_EQ(table.values()[number], text);
}

TEST(TextTable, finds_many_texts_as_it_finds_each_and_adds_none) {
  TextTable table;
  std::vector<uint32_t> codes(3);
  table.find_all(std::vector<std::string_view>(3, "a"), codes);
  EXPECT_EQ(codes, std::vector<uint32_t>(3, TextTable::kNone));
  for (int i = 0; i < 5'000; i += 2) table.code(std::to_string(i));
  std::vector<std::string> texts;
  for (int i = 0; i < 5'000; ++i) texts.push_back(std::to_string(i * 7 % 5'003));
  for (const size_t count : {size_t{0}, size_t{1}, TextTable::kTogetherMax, texts.size()}) {
    const std::vector<std::string_view> views(texts.begin(), texts.begin() + static_cast<long>(count));
    codes.assign(count, 0);
    table.find_all(views, codes);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(codes[i], table.find(views[i])) << views[i];
  }
  EXPECT_EQ(table.values().size(), 2'500U);
}

}  // namespace
}  // namespace weerbaar::trail
