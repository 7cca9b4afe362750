// Columns read once, against the same columns laid out: what one refuses the other refuses, and they hold the same.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "trail/store/column_writer.h"
#include "trail/store/integer_scan.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kPlenty = uint64_t{1} << 40U;

// Turns one bit over, in the first bytes, where most of what is checked stands.
void damage(Bytes& bytes, std::mt19937_64& random) {
  if (bytes.empty()) return;
  uint8_t& byte = bytes[random() % std::min<size_t>(bytes.size(), 60)];
  byte = static_cast<uint8_t>(byte ^ (1U << random() % 8));
}

std::vector<int64_t> expand(const IntegerRuns& runs) {
  std::vector<int64_t> values;
  for (size_t run = 0; run < runs.values.size(); ++run) {
    values.insert(values.end(), static_cast<size_t>(runs.lengths[run]), runs.values[run]);
  }
  return values;
}

// Gives whether the column was accepted.
bool expect_same(Encoding encoding, uint64_t rows, ByteView bytes) {
  uint64_t budget = kPlenty;
  const auto column = IntegerColumn::open(encoding, rows, bytes, budget);
  std::vector<int64_t> values = {1, 2, 3};  // what was there before does not matter
  IntegerRuns runs{{4}, {5}};
  const Status scanned = scan_integers(encoding, rows, bytes, values);
  const Status in_runs = scan_runs(encoding, rows, bytes, runs);
  EXPECT_EQ(scanned.has_value(), column.has_value());
  EXPECT_EQ(in_runs.has_value(), column.has_value());
  if (!column || !scanned || !in_runs) return false;
  std::vector<int64_t> expected(rows);
  column->read_all(expected);
  EXPECT_EQ(values, expected);
  EXPECT_EQ(expand(runs), expected);
  for (const uint64_t limit : {uint64_t{1}, uint64_t{3}, uint64_t{256}, uint64_t{70'000}}) {
    EXPECT_EQ(all_below(values, limit), column->lies_below(limit)) << limit;
  }
  return true;
}

std::vector<std::vector<int64_t>> samples() {
  std::mt19937_64 random(5);
  std::vector<std::vector<int64_t>> all;
  for (const size_t rows : {1UL, 2UL, 255UL, 256UL, 257UL, 5'000UL}) {
    for (int kind = 0; kind < 6; ++kind) {
      std::vector<int64_t> values;
      int64_t value = kind == 5 ? -1'000'000 : 0;
      for (size_t row = 0; row < rows; ++row) {
        if (kind == 1 && random() % 7 == 0) value = static_cast<int64_t>(random() % 300);
        if (kind == 2) value = static_cast<int64_t>(random() % 900);
        if (kind == 3) value += static_cast<int64_t>(random() % 4'000) * 1'000;
        if (kind == 4) value = static_cast<int64_t>(random());
        if (kind == 5) value += static_cast<int64_t>(random() % 1'000);
        values.push_back(value);
      }
      all.push_back(std::move(values));
    }
  }
  return all;
}

TEST(IntegerScan, gives_what_the_column_holds) {
  std::vector<bool> was_met(6, false);
  for (const std::vector<int64_t>& values : samples()) {
    for (const Packing packing : {Packing::kTight, Packing::kLoose}) {
      const EncodedColumn written = encode_integers(values, packing);
      ASSERT_TRUE(expect_same(written.encoding, values.size(), written.bytes));
      was_met[static_cast<size_t>(written.encoding)] = true;
    }
  }
  for (const Encoding encoding :
       {Encoding::kIntegersConstant, Encoding::kIntegersPacked, Encoding::kIntegersSteps, Encoding::kIntegersRuns}) {
    EXPECT_TRUE(was_met[static_cast<size_t>(encoding)]) << static_cast<int>(encoding);
  }
  Bytes plain;
  for (const int code : {0, 65'535, 7}) append_le(plain, static_cast<uint16_t>(code));
  EXPECT_TRUE(expect_same(Encoding::kIntegers16, 3, plain));
}

TEST(IntegerScan, refuses_what_the_column_refuses) {
  std::mt19937_64 random(7);
  uint64_t refused = 0;
  for (const std::vector<int64_t>& values : samples()) {
    const EncodedColumn written = encode_integers(values);
    for (int i = 0; i < 30; ++i) {
      Bytes bytes = written.bytes;
      if (i % 3 == 0) bytes.resize(random() % (bytes.size() + 1));
      if (i % 3 != 0) damage(bytes, random);
      const uint64_t rows = i % 7 == 0 ? values.size() + 1 : values.size();
      if (!expect_same(written.encoding, rows, bytes)) ++refused;
    }
  }
  EXPECT_GT(refused, 100U);
  std::vector<int64_t> none;
  EXPECT_FALSE(scan_integers(Encoding::kTextsPlain, 1, Bytes(8), none));
}

TEST(IntegerScan, finds_the_rows_with_text_and_the_text_of_a_row) {
  std::mt19937_64 random(9);
  for (const uint64_t one_in : {uint64_t{1}, uint64_t{2}, uint64_t{500}, uint64_t{1'000'000}}) {
    for (const uint64_t distinct : {uint64_t{1}, uint64_t{9}, uint64_t{1'000'000}}) {
      std::vector<std::string> texts;
      for (int row = 0; row < 3'000; ++row) {
        texts.push_back(random() % one_in == 0 ? "record " + std::to_string(random() % distinct) : "");
      }
      const std::vector<std::string_view> views(texts.begin(), texts.end());
      const EncodedColumn written = encode_texts(views);
      for (int round = 0; round < 20; ++round) {
        Bytes bytes = written.bytes;
        if (round > 0) damage(bytes, random);
        uint64_t budget = kPlenty;
        const auto column = TextColumn::open(written.encoding, texts.size(), bytes, budget);
        std::vector<uint32_t> rows = {77};
        budget = kPlenty;
        const Status found = scan_rows_with_text(written.encoding, texts.size(), bytes, budget, rows);
        ASSERT_EQ(found.has_value(), column.has_value());
        if (!column) continue;
        std::vector<uint32_t> expected;
        column->rows_with_text(expected);
        ASSERT_EQ(rows, expected);
        for (const uint64_t row : {uint64_t{0}, uint64_t{1'234}, texts.size() - 1}) {
          std::string text = "before";
          ASSERT_TRUE(scan_text(written.encoding, texts.size(), bytes, budget, row, text));
          EXPECT_EQ(text, column->at(row));
        }
      }
    }
  }
}

}  // namespace
}  // namespace weerbaar::trail
