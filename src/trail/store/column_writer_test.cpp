// Columns written and read back, and columns that nobody should have written.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "os/testing.h"
#include "trail/store/column_writer.h"
#include "trail/store/numbered_text.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

constexpr uint64_t kPlenty = uint64_t{1} << 40U;
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Result<IntegerColumn> integers_from(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t budget = kPlenty) {
  return IntegerColumn::open(encoding, rows, bytes, budget);
}

// Writes and reads back, one by one and all at once; gives the encoding.
Encoding expect_kept(const std::vector<int64_t>& values) {
  const EncodedColumn written = encode_integers(values);
  const Bytes bytes(written.bytes);  // exactly as long as it is
  uint64_t budget = kPlenty;
  const auto column = IntegerColumn::open(written.encoding, values.size(), bytes, budget);
  EXPECT_EQ(kPlenty - budget, written.grows_to);
  EXPECT_TRUE(column.has_value()) << (column ? "" : column.error().text);
  if (!column) return written.encoding;
  EXPECT_EQ(column->rows(), values.size());
  std::vector<int64_t> all(values.size());
  column->read_all(all);
  EXPECT_EQ(all, values);
  for (uint64_t row = 0; row < values.size(); ++row) EXPECT_EQ(column->at(row), values[row]) << row;
  return written.encoding;
}

Encoding expect_kept(const std::vector<std::string>& texts, Packing packing = Packing::kTight) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const EncodedColumn written = encode_texts(views, packing);
  uint64_t budget = kPlenty;
  const auto column = TextColumn::open(written.encoding, texts.size(), written.bytes, budget);
  EXPECT_TRUE(column.has_value()) << (column ? "" : column.error().text);
  if (!column) return written.encoding;
  EXPECT_EQ(kPlenty - budget, written.grows_to);  // the writer knows what the reader spends
  for (uint64_t row = 0; row < texts.size(); ++row) EXPECT_EQ(column->at(row), texts[row]) << row;
  return written.encoding;
}

// --- integers

TEST(IntegerColumn, one_value_for_all_rows_takes_eight_bytes) {
  for (const int64_t value : {int64_t{0}, int64_t{-1}, kMin, kMax}) {
    EXPECT_EQ(expect_kept(std::vector<int64_t>(1'000, value)), Encoding::kIntegersConstant);
    EXPECT_EQ(encode_integers(std::vector<int64_t>(1'000, value)).bytes.size(), 8U);
  }
  EXPECT_EQ(expect_kept(std::vector<int64_t>{}), Encoding::kIntegersConstant);
  EXPECT_EQ(expect_kept(std::vector<int64_t>{7}), Encoding::kIntegersConstant);
}

TEST(IntegerColumn, values_of_every_width_are_kept) {
  std::mt19937_64 random(1);
  for (unsigned width = 1; width <= 64; ++width) {
    const uint64_t mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
    std::vector<int64_t> values(700);
    for (int64_t& value : values) value = static_cast<int64_t>(random() & mask);
    values[3] = static_cast<int64_t>(mask);  // the widest there is
    values[4] = 0;
    EXPECT_EQ(expect_kept(values), Encoding::kIntegersPacked) << width;
    for (int64_t& value : values) value = static_cast<int64_t>(0 - static_cast<uint64_t>(value));
    expect_kept(values);
  }
}

TEST(IntegerColumn, the_extremes_are_kept_beside_each_other) {
  expect_kept({kMin, kMax});
  expect_kept({kMax, kMin, 0, -1, 1});
  std::vector<int64_t> values(600, kMin);
  values[299] = kMax;
  values[300] = 0;
  expect_kept(values);
}

TEST(IntegerColumn, rows_around_the_edges_of_blocks_are_kept) {
  std::mt19937_64 random(2);
  for (const size_t rows : {size_t{2}, size_t{255}, size_t{256}, size_t{257}, size_t{511}, size_t{512}, size_t{513}}) {
    std::vector<int64_t> values(rows);
    for (int64_t& value : values) value = static_cast<int64_t>(random() % 1'000);
    values[0] = 1'000'000;  // lest they be all alike
    expect_kept(values);
  }
}

TEST(IntegerColumn, a_common_divisor_is_taken_out) {
  std::vector<int64_t> seconds(10'000);
  std::mt19937_64 random(3);
  for (int64_t& value : seconds) value = static_cast<int64_t>(random() % 100'000) * 1'000'000 - 5'000'000'017;
  EXPECT_EQ(expect_kept(seconds), Encoding::kIntegersPacked);
  EXPECT_LT(encode_integers(seconds).bytes.size(), 10'000U * 18 / 8);  // 17 bits each, not 37
  expect_kept({kMin, kMin + 6, kMin + 9'000'000'000'000'000'000});
}

TEST(IntegerColumn, a_block_that_differs_costs_the_others_nothing) {
  std::vector<int64_t> values(2'560, 5);
  for (size_t row = 1'000; row < 1'010; ++row) values[row] = static_cast<int64_t>(row) * 1'000'003;
  expect_kept(values);
  EXPECT_LT(encode_integers(values).bytes.size(), 256U * 5);
}

TEST(IntegerColumn, sixteen_bits_are_kept_as_they_are) {
  const std::vector<uint32_t> values = {0, 1, 65'535, 258};
  Bytes written;
  for (const uint32_t value : values) append_le(written, static_cast<uint16_t>(value));
  EXPECT_EQ(to_hex(written), "00000100ffff0201");
  const auto column = integers_from(Encoding::kIntegers16, 4, written);
  ASSERT_TRUE(column.has_value());
  for (uint64_t row = 0; row < 4; ++row) EXPECT_EQ(column->at(row), values[row]);
  EXPECT_EQ(refusal(integers_from(Encoding::kIntegers16, 3, written)), Code::kCorrupt);
}

TEST(IntegerColumn, these_bytes_are_the_format) {
  // 10, 14, 12: base 10, scale 2, one block of base 0 and two bits a row: 0, 2, 1.
  EXPECT_EQ(to_hex(encode_integers(std::vector<int64_t>{10, 14, 12}).bytes),
            "0a00000000000000"
            "0200000000000000"
            "00"
            "02"
            "18"
            "0000000000000000");
}

TEST(IntegerColumn, every_cut_and_every_addition_is_refused) {
  std::vector<int64_t> values(300);
  for (size_t row = 0; row < values.size(); ++row) values[row] = static_cast<int64_t>(row * row);
  const EncodedColumn written = encode_integers(values);
  for (size_t size = 0; size < written.bytes.size(); ++size) {
    const Bytes cut(written.bytes.begin(), written.bytes.begin() + static_cast<long>(size));
    EXPECT_EQ(refusal(integers_from(written.encoding, values.size(), cut)), Code::kCorrupt) << size;
  }
  Bytes longer = written.bytes;
  longer.push_back(0);
  EXPECT_EQ(refusal(integers_from(written.encoding, values.size(), longer)), Code::kCorrupt);
  EXPECT_EQ(refusal(integers_from(written.encoding, values.size() + 256, written.bytes)), Code::kCorrupt);
}

TEST(IntegerColumn, impossible_widths_and_encodings_are_refused) {
  const EncodedColumn written = encode_integers(std::vector<int64_t>{1, 2, 3});
  for (const unsigned width : {57U, 63U, 65U, 255U}) {
    for (const size_t at : {size_t{16}, size_t{17}}) {  // of the bases, of the first block
      Bytes bytes = written.bytes;
      bytes[at] = static_cast<uint8_t>(width);
      bytes.resize(bytes.size() + 1'000);
      EXPECT_EQ(refusal(integers_from(written.encoding, 3, bytes)), Code::kCorrupt) << width;
    }
  }
  for (const Encoding other : {Encoding::kTextsPlain, Encoding::kRaw, Encoding{999}}) {
    EXPECT_EQ(refusal(integers_from(other, 3, written.bytes)), Code::kCorrupt);
  }
}

TEST(IntegerColumn, what_rises_evenly_is_kept_as_steps) {
  std::vector<int64_t> count(1'000);
  for (size_t row = 0; row < count.size(); ++row) count[row] = static_cast<int64_t>(row) * 3 - 100;
  EXPECT_EQ(expect_kept(count), Encoding::kIntegersSteps);
  EXPECT_EQ(encode_integers(count).bytes.size(), 8U + 8 + 8);
  std::mt19937_64 random(4);
  int64_t time = kMin;
  for (int64_t& value : count) value = time += static_cast<int64_t>(random() % 1'000) * 1'000'000;
  EXPECT_EQ(expect_kept(count), Encoding::kIntegersSteps);
  EXPECT_LT(encode_integers(count).bytes.size(), 1'000U * 11 / 8);
}

TEST(IntegerColumn, long_runs_are_kept_as_runs) {
  std::vector<int64_t> values;
  std::mt19937_64 random(5);
  while (values.size() < 5'000) values.insert(values.end(), 1 + random() % 8, static_cast<int64_t>(random() % 60'000));
  EXPECT_EQ(expect_kept(values), Encoding::kIntegersRuns);
  EXPECT_LT(encode_integers(values).bytes.size(), values.size());
  EXPECT_EQ(encode_integers(values, Packing::kLoose).encoding, Encoding::kIntegersPacked);
}

Bytes joined(std::initializer_list<Bytes> parts);
Bytes nested(std::span<const int64_t> values);
Bytes number(uint64_t value);

TEST(IntegerColumn, runs_that_do_not_fill_their_rows_are_refused) {
  const auto runs = [](uint64_t count, std::vector<int64_t> values, std::vector<int64_t> lengths) {
    return joined({number(count), nested(values), nested(lengths)});
  };
  const auto refused = [](uint64_t rows, const Bytes& bytes, uint64_t budget = kPlenty) {
    return refusal(integers_from(Encoding::kIntegersRuns, rows, bytes, budget));
  };
  EXPECT_EQ(refused(5, runs(2, {7, 9}, {2, 3})), std::nullopt);
  EXPECT_EQ(refused(5, runs(2, {7, 9}, {2, 2})), Code::kCorrupt);
  EXPECT_EQ(refused(5, runs(2, {7, 9}, {2, 4})), Code::kCorrupt);
  EXPECT_EQ(refused(5, runs(2, {7, 9}, {5, 0})), Code::kCorrupt);
  EXPECT_EQ(refused(5, runs(2, {7, 9}, {-1, 6})), Code::kCorrupt);
  EXPECT_EQ(refused(5, runs(0, {}, {})), Code::kCorrupt);
  EXPECT_EQ(refused(5, runs(6, {7, 9}, {2, 3})), Code::kCorrupt);
  EXPECT_EQ(refused(5, runs(2, {7, 9}, {2, 3}), 39), Code::kCorrupt);  // 8 bytes a row
  // A few bytes that would become very many.
  EXPECT_EQ(refused(uint64_t{1} << 40U, runs(1, {7}, {int64_t{1} << 40U}), 1 << 20), Code::kCorrupt);
}

TEST(IntegerColumn, parts_of_a_column_do_not_nest_without_end) {
  Bytes bytes = nested(std::vector<int64_t>(3, 1));
  for (int depth = 0; depth < 10'000; ++depth) {
    Bytes outer;
    append_le(outer, static_cast<uint16_t>(Encoding::kIntegersSteps));
    append_le(outer, uint16_t{0});
    append_le(outer, static_cast<uint32_t>(bytes.size() + 8));
    append_le(outer, uint64_t{0});
    append(outer, bytes);
    bytes = std::move(outer);
  }
  EXPECT_EQ(refusal(integers_from(Encoding::kIntegersSteps, 4, joined({number(0), bytes}))), Code::kCorrupt);
}

// --- texts

TEST(TextColumn, one_text_for_all_rows_takes_its_own_bytes) {
  EXPECT_EQ(expect_kept(std::vector<std::string>(500, "BVR")), Encoding::kTextsConstant);
  EXPECT_EQ(expect_kept(std::vector<std::string>(500, "")), Encoding::kTextsConstant);
  EXPECT_EQ(expect_kept(std::vector<std::string>{}), Encoding::kTextsConstant);
  EXPECT_EQ(expect_kept({std::string("\0\xFF", 2)}), Encoding::kTextsConstant);
}

TEST(TextColumn, few_distinct_texts_become_a_dictionary) {
  std::vector<std::string> texts;
  for (size_t row = 0; row < 3'000; ++row) texts.push_back(row % 7 == 0 ? "" : std::string(1 + row % 11, 'a'));
  EXPECT_EQ(expect_kept(texts), Encoding::kTextsDictionary);
  EXPECT_EQ(expect_kept(texts, Packing::kLoose), Encoding::kTextsDictionary);
}

TEST(TextColumn, texts_that_count_become_patterns) {
  std::vector<std::string> texts;
  for (int row = 0; row < 3'000; ++row) texts.push_back(fmt::format("bvr-3270/{:06}/a", row * 3));
  EXPECT_EQ(expect_kept(texts), Encoding::kTextsNumbered);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  EXPECT_LT(encode_texts(views).bytes.size(), 200U);
  EXPECT_NE(expect_kept(texts, Packing::kLoose), Encoding::kTextsNumbered);
}

TEST(TextColumn, counting_goes_over_every_edge) {
  std::vector<std::string> texts;
  for (int number = 0; number < 1'200; ++number) texts.push_back(fmt::format("a{}", number));  // 9, 10; 99, 100
  for (int number = 0; number < 1'200; ++number)
    texts.push_back(fmt::format("b{:04}", number));  // 0099, 0100; 0999, 1000
  for (int number = 1'200; number > 0; --number) texts.push_back(fmt::format("c{}x", number));   // downwards
  for (int number = 0; number < 300; ++number) texts.push_back(fmt::format("{:018}", number));   // the longest
  for (int number = 0; number < 300; ++number) texts.push_back(fmt::format("9{:018}", number));  // too long: in part
  texts.emplace_back("999999999999999999");
  texts.emplace_back("000000000000000000");
  texts.emplace_back("0");
  texts.emplace_back("00");
  texts.emplace_back("");
  texts.emplace_back("none");
  EXPECT_EQ(expect_kept(texts), Encoding::kTextsNumbered);
}

TEST(TextColumn, texts_without_any_order_are_kept_as_they_are) {
  std::mt19937_64 random(5);
  std::vector<std::string> texts(2'000);
  for (std::string& text : texts) {
    text.resize(random() % 40);
    for (char& c : text) c = static_cast<char>(random());
  }
  EXPECT_EQ(expect_kept(texts), Encoding::kTextsPlain);
  EXPECT_EQ(expect_kept(texts, Packing::kLoose), Encoding::kTextsPlain);
  texts.resize(2);
  expect_kept(texts);
}

TEST(TextColumn, mixtures_are_kept) {
  std::mt19937_64 random(6);
  for (const unsigned share : {0U, 1U, 5U, 50U, 95U, 100U}) {
    std::vector<std::string> texts;
    for (int row = 0; row < 2'000; ++row) {
      const uint64_t dice = random() % 100;
      texts.push_back(dice < share        ? fmt::format("run-{:05}", row)
                      : random() % 2 == 0 ? fmt::format("{:x}", random())
                                          : std::string("same"));
    }
    expect_kept(texts);
    expect_kept(texts, Packing::kLoose);
  }
}

TEST(TextColumn, the_longest_texts_are_kept) {
  std::vector<std::string> texts;
  for (int row = 0; row < 40; ++row) texts.push_back(std::string(65'535, 'x'));
  texts.emplace_back("y");
  expect_kept(texts);
  for (int row = 0; row < 40; ++row)
    texts[static_cast<size_t>(row)] = std::string(65'530, 'x') + fmt::format("{:05}", row);
  expect_kept(texts);
}

TEST(TextColumn, loose_packing_never_grows) {
  std::vector<std::string> texts;
  for (int row = 0; row < 500; ++row)
    texts.push_back(std::string(100, 'a') + fmt::format("{:x}-{}", row * 2'654'435, row));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  EXPECT_GT(encode_texts(views).grows_to, 0U);
  EXPECT_EQ(encode_texts(views, Packing::kLoose).grows_to, 0U);
}

TEST(TextColumn, few_texts_that_count_become_a_table) {
  std::vector<std::string> cases;
  std::mt19937_64 random(6);
  for (int row = 0; row < 6'000; ++row) cases.push_back(fmt::format("Z-2026-{:07}", random() % 1'000 * 7'919));
  EXPECT_EQ(expect_kept(cases), Encoding::kTextsTable);
}

TEST(TextColumn, gives_the_texts_that_occur_and_where_one_is_not_empty) {
  std::vector<std::string> texts(100);
  texts[17] = "b";
  texts[60] = texts[99] = "a";
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const EncodedColumn written = encode_texts(views);
  uint64_t budget = kPlenty;
  const auto column = TextColumn::open(written.encoding, texts.size(), written.bytes, budget).value();
  std::vector<uint32_t> rows;
  column.rows_with_text(rows);
  EXPECT_EQ(rows, (std::vector<uint32_t>{17, 60, 99}));
  std::vector<std::string> items;
  for (uint64_t item = 0; item < column.items(); ++item) items.emplace_back(column.item(item));
  EXPECT_EQ(items, (std::vector<std::string>{"", "a", "b"}));
}

TEST(NumberedColumn, makes_the_texts_that_went_in) {
  std::vector<std::string> ids;
  for (int row = 0; row < 3'000; ++row) ids.push_back(fmt::format("{}-{:09}/x", row % 3, row * 7));
  ids.emplace_back("no number");
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  const EncodedColumn written = encode_ids(views);
  ASSERT_EQ(written.encoding, Encoding::kTextsNumbered);
  uint64_t budget = kPlenty;
  const auto column = NumberedColumn::open(ids.size(), written.bytes, budget).value();
  EXPECT_EQ(kPlenty - budget, written.grows_to);
  for (uint64_t row = 0; row < ids.size(); ++row) {
    std::string text = ">";
    column.append(row, text);
    EXPECT_EQ(text, ">" + ids[row]);
  }
}

// --- texts that nobody should have written

Bytes block(ByteView raw) {  // uncompressed
  Bytes bytes;
  append_le(bytes, static_cast<uint64_t>(raw.size()));
  append_le(bytes, uint64_t{0});
  append(bytes, raw);
  return bytes;
}

Bytes compressed(ByteView raw) {
  Bytes packed(ZSTD_compressBound(raw.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), raw.data(), raw.size(), 1));
  Bytes bytes;
  append_le(bytes, static_cast<uint64_t>(raw.size()));
  append_le(bytes, static_cast<uint64_t>(packed.size()));
  append(bytes, packed);
  return bytes;
}

Bytes nested(std::span<const int64_t> values) {
  const EncodedColumn column = encode_integers(values, Packing::kLoose);
  Bytes bytes;
  append_le(bytes, static_cast<uint16_t>(column.encoding));
  append_le(bytes, uint16_t{0});
  append_le(bytes, static_cast<uint32_t>(column.bytes.size()));
  append(bytes, column.bytes);
  return bytes;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}

Bytes number(uint64_t value) {
  Bytes bytes;
  append_le(bytes, value);
  return bytes;
}

std::optional<Code> refused(Encoding encoding, uint64_t rows, const Bytes& bytes, uint64_t budget = kPlenty) {
  return refusal(TextColumn::open(encoding, rows, bytes, budget));
}

TEST(TextColumn, every_cut_and_every_addition_is_refused) {
  std::vector<std::vector<std::string>> samples(3);
  for (int row = 0; row < 300; ++row) {
    samples[0].push_back(fmt::format("{}", row % 5));
    samples[1].push_back(fmt::format("id-{}", row));
    samples[2].push_back(fmt::format("{:x}y", static_cast<unsigned>(row) * 2'654'435'769U));
  }
  for (const auto& sample : samples) {
    const std::vector<std::string_view> views(sample.begin(), sample.end());
    const EncodedColumn written = encode_texts(views);
    for (size_t size = 0; size < written.bytes.size(); ++size) {
      const Bytes cut(written.bytes.begin(), written.bytes.begin() + static_cast<long>(size));
      EXPECT_EQ(refused(written.encoding, 300, cut), Code::kCorrupt) << size;
    }
    Bytes longer = written.bytes;
    longer.push_back(0);
    EXPECT_EQ(refused(written.encoding, 300, longer), Code::kCorrupt);
    EXPECT_EQ(refused(written.encoding, 1, written.bytes), Code::kCorrupt);
  }
}

TEST(TextColumn, codes_outside_their_dictionary_are_refused) {
  const Bytes two = joined({number(2), block(Bytes{1, 1, 'a', 'b'})});
  const auto with = [&](std::vector<int64_t> codes) { return joined({two, nested(codes)}); };
  EXPECT_EQ(refused(Encoding::kTextsDictionary, 3, with({0, 1, 0})), std::nullopt);
  EXPECT_EQ(refused(Encoding::kTextsDictionary, 3, with({0, 1, 2})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsDictionary, 3, with({0, -1, 1})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsDictionary, 3, with({2, 2, 2})), Code::kCorrupt);
}

TEST(TextColumn, patterns_that_are_none_are_refused) {
  const auto column = [](Bytes pattern, std::vector<int64_t> codes, std::vector<int64_t> steps) {
    Bytes raw = {static_cast<uint8_t>(pattern.size())};
    append(raw, pattern);
    return joined({number(1), block(raw), nested(codes), nested(steps)});
  };
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({0, 1, 'a', 'b'}, {0, 0}, {7, 1})), std::nullopt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({18, 0}, {0, 0}, {7, 1})), std::nullopt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({19, 0}, {0, 0}, {7, 1})), Code::kCorrupt);  // width
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({0, 3, 'a', 'b'}, {0, 0}, {7, 1})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({0}, {0, 0}, {7, 1})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({}, {0, 0}, {7, 1})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({0, 1, 'a', 'b'}, {0, 1}, {7, 1})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({0, 1, 'a', 'b'}, {-1, -1}, {7, 1})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 2, column({0, 1, 'a', 'b'}, {0, 0}, {-7, 1})),
            std::nullopt);  // odd, safe
}

TEST(TextColumn, lists_that_lie_about_their_texts_are_refused) {
  EXPECT_EQ(refused(Encoding::kTextsPlain, 2, block(Bytes{1, 1, 'a', 'b'})), std::nullopt);
  EXPECT_EQ(refused(Encoding::kTextsPlain, 2, block(Bytes{1, 2, 'a', 'b'})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsPlain, 2, block(Bytes{1, 0, 'a', 'b'})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsPlain, 2, block(Bytes{1, 0x80})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsPlain, 1, block(Bytes(20, 0x80))), Code::kCorrupt);  // a number without end
  EXPECT_EQ(refused(Encoding::kTextsPlain, 5, block(Bytes{0, 0})), Code::kCorrupt);
  EXPECT_EQ(refused(Encoding::kTextsDictionary, 2, joined({number(3), block(Bytes{0, 0, 0}), nested({{0, 1}})})),
            Code::kCorrupt);  // more items than rows
  EXPECT_EQ(refused(Encoding::kTextsDictionary, 2, joined({number(UINT64_MAX), block(Bytes{0, 0}), nested({{0, 1}})})),
            Code::kCorrupt);
}

TEST(TextColumn, a_text_longer_than_an_entry_is_refused) {
  Bytes raw = {0x84, 0x80, 0x04};  // 65,540
  raw.resize(raw.size() + 65'540, 'a');
  EXPECT_EQ(refused(Encoding::kTextsPlain, 1, block(raw)), Code::kCorrupt);
  raw[0] = 0x83;
  raw.pop_back();
  EXPECT_EQ(refused(Encoding::kTextsPlain, 1, block(raw)), std::nullopt);
  EXPECT_EQ(refused(Encoding::kTextsConstant, 1, Bytes(65'540)), Code::kCorrupt);
}

TEST(TextColumn, compressed_texts_that_lie_about_their_size_are_refused) {
  const Bytes raw = {1, 1, 'a', 'a'};
  EXPECT_EQ(refused(Encoding::kTextsPlain, 2, compressed(raw)), std::nullopt);
  for (const uint64_t size : {uint64_t{3}, uint64_t{5}, uint64_t{1} << 30U}) {
    Bytes bytes = compressed(raw);
    store_le(bytes.data(), size);
    EXPECT_EQ(refused(Encoding::kTextsPlain, 2, bytes), Code::kCorrupt) << size;
  }
  Bytes damaged = compressed(raw);
  damaged[16] ^= 1U;
  EXPECT_EQ(refused(Encoding::kTextsPlain, 2, damaged), Code::kCorrupt);
}

// A few bytes that would become very many.
TEST(TextColumn, texts_that_grow_beyond_the_budget_are_refused_before_they_take_memory) {
  const Bytes bomb = compressed(Bytes(uint64_t{64} << 20U));
  EXPECT_LT(bomb.size(), 10'000U);
  EXPECT_EQ(refused(Encoding::kTextsPlain, 1, bomb, 1 << 20), Code::kCorrupt);
  Bytes promise = compressed({});
  store_le(promise.data(), uint64_t{1} << 39U);
  EXPECT_EQ(refused(Encoding::kTextsPlain, 1, promise), Code::kCorrupt);

  Bytes pattern = {0x84, 0x10, 0, 0x81, 0x10};  // a pattern of 2,052 bytes: before the number 2,049
  pattern.resize(pattern.size() + 2'049, 'a');
  const std::vector<int64_t> same(60'000, 0);
  const Bytes numbered = joined({number(1), block(pattern), nested(same), nested(same)});
  constexpr uint64_t kRowBytes = 2'050 + sizeof(uint64_t);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 60'000, numbered, kRowBytes * 60'000), std::nullopt);
  EXPECT_EQ(refused(Encoding::kTextsNumbered, 60'000, numbered, kRowBytes * 60'000 - 1), Code::kCorrupt);
}

// --- numbers in texts

TEST(NumberedText, the_last_number_is_taken_out) {
  const auto split = [](std::string_view text) {
    const NumberedText parts = split_number(text);
    return fmt::format("{}|{}|{}|{}", parts.before, parts.number, parts.after, parts.width);
  };
  EXPECT_EQ(split("bvr-3270/000017"), "bvr-3270/|17||6");
  EXPECT_EQ(split("17"), "|17||0");
  EXPECT_EQ(split("a17b"), "a|17|b|0");
  EXPECT_EQ(split("a0"), "a|0||0");
  EXPECT_EQ(split("a00"), "a|0||2");
  EXPECT_EQ(split(""), "|0||255");
  EXPECT_EQ(split("abc"), "abc|0||255");
  EXPECT_EQ(split("1234567890123456789"), "1|234567890123456789||0");  // the last eighteen digits
  EXPECT_EQ(split("1000000000000000001"), "1|1||18");
}

}  // namespace
}  // namespace weerbaar::trail
