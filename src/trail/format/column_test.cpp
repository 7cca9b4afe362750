// Columns of numbered texts, put together by hand: what the writer never makes of real events is read too.
#include "trail/format/column.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weerbaar::trail {
namespace {

struct Pattern {
  unsigned width;  // 255: no number
  std::string before;
  std::string after;
};
struct Row {
  uint16_t pattern;
  uint64_t step;
};

void append_nested(Bytes& to, Encoding encoding, const Bytes& bytes) {
  append_le(to, static_cast<uint16_t>(encoding));
  append_le(to, uint16_t{0});
  append_le(to, static_cast<uint32_t>(bytes.size()));
  append(to, bytes);
}

Bytes column_of(const std::vector<Pattern>& patterns, const std::vector<Row>& rows) {
  Bytes lengths;
  Bytes texts;
  for (const Pattern& pattern : patterns) {
    lengths.push_back(static_cast<uint8_t>(2 + pattern.before.size() + pattern.after.size()));
    texts.push_back(static_cast<uint8_t>(pattern.width));
    texts.push_back(static_cast<uint8_t>(pattern.before.size()));
    append(texts, as_bytes(pattern.before + pattern.after));
  }
  Bytes column;
  append_le(column, uint64_t{patterns.size()});
  append_le(column, uint64_t{lengths.size() + texts.size()});
  append_le(column, uint64_t{0});
  append(column, lengths);
  append(column, texts);
  Bytes codes;
  for (const Row& row : rows) append_le(codes, row.pattern);
  append_nested(column, Encoding::kIntegers16, codes);
  // Packed, each in 64 bits: no base, no bases of blocks, eight bytes to spare.
  Bytes steps;
  append_le(steps, uint64_t{0});
  append_le(steps, uint64_t{1});
  steps.push_back(0);
  steps.insert(steps.end(), (rows.size() + kColumnBlockRows - 1) / kColumnBlockRows, 64);
  for (const Row& row : rows) append_le(steps, row.step);
  append_le(steps, uint64_t{0});
  append_nested(column, Encoding::kIntegersPacked, steps);
  return column;
}

NumberedColumn open(const Bytes& bytes, size_t rows) {
  uint64_t budget = 1 << 20U;
  return NumberedColumn::open(rows, bytes, budget).value();
}

std::string text_of(const NumberedColumn& column, uint64_t row) {
  std::string text = "in front, ";
  column.append(row, text);
  return text.substr(10);
}

// The slow and obvious way.
std::vector<std::string> expected(const std::vector<Pattern>& patterns, const std::vector<Row>& rows) {
  std::vector<uint64_t> numbers(patterns.size(), 0);
  std::vector<std::string> texts;
  for (const Row& row : rows) {
    const Pattern& pattern = patterns[row.pattern];
    std::string digits;
    if (pattern.width != 255) {
      digits = std::to_string(numbers[row.pattern] += row.step);
      if (digits.size() < pattern.width) digits.insert(0, pattern.width - digits.size(), '0');
    }
    texts.push_back(pattern.before + digits + pattern.after);
  }
  return texts;
}

TEST(NumberedColumn, writes_numbers_of_every_length) {
  for (unsigned width = 0; width <= 18; ++width) {
    const std::vector<Pattern> patterns = {{width, "a longer text than sixteen bytes ", " and one behind it too"},
                                           {width, "", ""}};
    std::vector<Row> rows;
    uint64_t number = 0;
    for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
      for (const uint64_t next : {power - 1, power, power + power / 3, 9 * power}) {
        if (next < number) continue;
        rows.push_back({0, next - number});
        rows.push_back({1, next - number});
        number = next;
      }
    }
    const NumberedColumn column = open(column_of(patterns, rows), rows.size());
    const std::vector<std::string> texts = expected(patterns, rows);
    for (size_t row = 0; row < rows.size(); ++row) {
      ASSERT_EQ(text_of(column, row), texts[row]) << width;
      ASSERT_LE(texts[row].size(), column.bytes_max());
    }
    EXPECT_TRUE(column.are_texts());
  }
}

// Pattern and number of a row lie in one word, when they fit.
TEST(NumberedColumn, keeps_large_numbers_of_many_patterns_apart) {
  for (const size_t count : {size_t{1}, size_t{2}, size_t{40}, size_t{3'000}}) {
    std::vector<Pattern> patterns;
    std::vector<Row> rows;
    for (size_t i = 0; i < count; ++i) {
      patterns.push_back({0, "p" + std::to_string(i) + "-", ""});
      rows.push_back({static_cast<uint16_t>(i), UINT64_MAX - i});
    }
    for (size_t i = 0; i < count; ++i) rows.push_back({static_cast<uint16_t>(i), 3 * i});
    const NumberedColumn column = open(column_of(patterns, rows), rows.size());
    const std::vector<std::string> texts = expected(patterns, rows);
    for (size_t row = 0; row < rows.size(); ++row) ASSERT_EQ(text_of(column, row), texts[row]) << count;
  }
}

TEST(NumberedColumn, knows_whether_all_that_it_gives_are_texts) {
  const auto are_texts = [](const Pattern& pattern) {
    return open(column_of({{0, "good", ""}, pattern}, {{0, 1}, {1, 1}}), 2).are_texts();
  };
  EXPECT_TRUE(are_texts({0, "", ""}));
  EXPECT_TRUE(are_texts({4, "caf\xC3\xA9 ", "\xE2\x82\xAC"}));
  EXPECT_TRUE(are_texts({255, "\xC3", "\xA9"}));  // one character, parted in a way that says nothing
  EXPECT_FALSE(are_texts({0, "\xC3", "\xA9"}));   // a number stands in it
  EXPECT_FALSE(are_texts({0, "\xFF", ""}));
  EXPECT_FALSE(are_texts({0, "", "\xFF"}));
  EXPECT_FALSE(are_texts({255, "", ""}));
}

}  // namespace
}  // namespace weerbaar::trail
