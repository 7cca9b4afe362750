#include "csv/record_splitter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "csv/cells.h"
#include "domain/access_event.h"

namespace weerbaar::csv {
namespace {

using Texts = std::vector<std::string>;

Dialect csv() {
  Dialect dialect;
  dialect.delimiter = ";";
  dialect.quote = '"';
  return dialect;
}

std::string text_of(const Record& record) {
  const char* faults[] = {"", " too long", " open quote", " cut short", " no line end"};
  return fmt::format("{}:{}{}", record.line, record.bytes, faults[static_cast<int>(record.fault)]);
}

// "line:bytes fault" of every record, the input fed in pieces of `piece` bytes.
template <class Splitter>
Texts records(Splitter splitter, std::string_view input, size_t piece) {
  Texts texts;
  Record record;
  while (!input.empty()) {
    // A buffer of its own, so that the address sanitizer sees a view that outlives it.
    const std::string bytes(input.substr(0, piece));
    input.remove_prefix(bytes.size());
    splitter.feed(bytes);
    while (splitter.next(record)) texts.push_back(text_of(record));
  }
  splitter.finish();
  while (splitter.next(record)) texts.push_back(text_of(record));
  return texts;
}

Texts split(const Dialect& dialect, std::string_view input) {
  const Texts whole = records(RecordSplitter(dialect), input, input.size() + 1);
  for (const size_t piece : {1U, 2U, 3U, 7U}) EXPECT_EQ(records(RecordSplitter(dialect), input, piece), whole) << piece;
  return whole;
}

TEST(RecordSplitter, cuts_lines_and_keeps_their_numbers) {
  EXPECT_EQ(split(csv(), "a;b\r\nc\n\nd"), (Texts{"1:a;b", "2:c", "3:", "4:d no line end"}));
  EXPECT_EQ(split(csv(), ""), Texts{});
  EXPECT_EQ(split(csv(), "\n"), Texts{"1:"});
}

TEST(RecordSplitter, a_last_line_without_end_is_told_unless_it_may_lack_it) {
  Dialect lax = csv();
  lax.last_line_may_lack_its_end = true;
  for (const std::string line : {"d", "d;\"e\"", "d;", "d\r", "\"d\ne\";f"}) {
    EXPECT_EQ(split(csv(), "a\n" + line), (Texts{"1:a", "2:" + line + " no line end"}));
    EXPECT_EQ(split(lax, "a\n" + line), (Texts{"1:a", "2:" + line}));
    EXPECT_EQ(split(csv(), "a\n" + line + "\n").back().find("no line end"), std::string::npos);
  }
  EXPECT_EQ(split(lax, "a\n\"d\n"), (Texts{"1:a", "2:\"d\n open quote"}));
}

TEST(RecordSplitter, quotes_join_lines) {
  EXPECT_EQ(split(csv(), "\"a\nb\";c\nd\n"), (Texts{"1:\"a\nb\";c", "3:d"}));
  EXPECT_EQ(split(csv(), "x;\"a\"\"\r\n\"\"\"\r\nd\r\n"), (Texts{"1:x;\"a\"\"\r\n\"\"\"", "3:d"}));
}

TEST(RecordSplitter, a_quote_inside_a_cell_is_a_character) {
  EXPECT_EQ(split(csv(), "a\"b\nc;d\"\ne\n"), (Texts{"1:a\"b", "2:c;d\"", "3:e"}));
  Dialect lines = csv();
  lines.quote.reset();
  EXPECT_EQ(split(lines, "\"a\nb\n"), (Texts{"1:\"a", "2:b"}));
}

TEST(RecordSplitter, drops_the_mark_and_the_lines_to_skip) {
  Dialect dialect = csv();
  dialect.mark = "\xEF\xBB\xBF";
  EXPECT_EQ(split(dialect, "\xEF\xBB\xBF\"a\nb\"\n"), Texts{"1:\"a\nb\""});
  EXPECT_EQ(split(dialect, "\xEF\xBB"), Texts{"1:\xEF\xBB no line end"});
  EXPECT_EQ(split(dialect, "\xEF\xBB\xBF"), Texts{});
  EXPECT_EQ(split(dialect, "\xEF\xBBx\n"), Texts{"1:\xEF\xBBx"});
  dialect.skip_lines = 2;
  EXPECT_EQ(split(dialect, "\xEF\xBB\xBF\"title\n\"\na\n"), Texts{"3:a"});
  EXPECT_EQ(split(dialect, "one"), Texts{});
}

TEST(RecordSplitter, ebcdic_lines_end_in_new_line_or_line_feed) {
  Dialect dialect;
  dialect.line_ends = {'\x25', '\x15'};
  EXPECT_EQ(split(dialect, "\xC1\x15\xC2\n\x25\xC3\x0D\x25"), (Texts{"1:\xC1", "2:\xC2\n", "3:\xC3"}));
}

TEST(RecordSplitter, a_quote_left_open_at_the_end_takes_the_rest) {
  EXPECT_EQ(split(csv(), "a\n\"b\nc\n"), (Texts{"1:a", "2:\"b\nc\n open quote"}));
}

TEST(RecordSplitter, a_quote_left_open_too_long_costs_one_line) {
  std::string input = "first\n\"stray;x\nsecond;1\n";
  for (int i = 0; i < 10'000; ++i) input += "line\r\n" + std::to_string(i) + "\n";
  for (const size_t piece : {input.size(), size_t{1'000}, size_t{65'537}}) {
    const Texts texts = records(RecordSplitter(csv()), input, piece);
    ASSERT_EQ(texts.size(), 20'003U);
    EXPECT_EQ(texts[0], "1:first");
    EXPECT_EQ(texts[1], "2:\"stray;x open quote");
    EXPECT_EQ(texts[2], "3:second;1");
    EXPECT_EQ(texts.back(), "20003:9999");
  }
}

TEST(RecordSplitter, a_line_of_the_largest_size_passes_and_one_more_byte_does_not) {
  const std::string largest(kLineBytesMax, 'x');
  Dialect dialect = csv();
  dialect.last_line_may_lack_its_end = true;
  for (const char* end : {"\n", "\r\n", ""}) {
    for (const size_t piece : {size_t{1'000}, size_t{1} << 20U}) {
      EXPECT_EQ(records(RecordSplitter(dialect), largest + end, piece), Texts{"1:" + largest});
      EXPECT_EQ(records(RecordSplitter(dialect), largest + "x" + end, piece), Texts{"1:" + largest + " too long"});
      EXPECT_EQ(records(RecordSplitter(dialect), largest + largest + largest + end + "\nb", piece).front(),
                "1:" + largest + " too long");
    }
  }
  EXPECT_EQ(records(RecordSplitter(csv()), largest + largest + "\nb\n", 777),
            (Texts{"1:" + largest + " too long", "2:b"}));
}

TEST(RecordSplitter, does_not_depend_on_the_cuts) {
  constexpr std::string_view kLetters = "ab;\"\"\n\r\xC3\xA6";
  std::mt19937 random(3);
  Dialect dialect = csv();
  for (int i = 0; i < 3'000; ++i) {
    dialect.delimiter = i % 2 == 0 ? ";" : "\xC3\xA6";
    std::string input;
    for (size_t n = random() % 40; n > 0; --n) input += kLetters[random() % kLetters.size()];
    split(dialect, input);
  }
}

TEST(BlockSplitter, cuts_blocks_and_tells_of_a_short_one) {
  for (const size_t piece : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(records(BlockSplitter(3), "abc\n\x15z", piece), (Texts{"1:abc", "2:\n\x15z"}));
    EXPECT_EQ(records(BlockSplitter(3), "abcde", piece), (Texts{"1:abc", "2:de cut short"}));
  }
}

Texts cells_of(const Dialect& dialect, std::string_view record) {
  std::vector<Cell> cells;
  const bool whole = cut_csv(record, dialect, cells);
  if (!whole) return {fmt::format("cell {} is wrong", cells.size())};
  Texts texts;
  for (const Cell& cell : cells) {
    std::string& text = texts.emplace_back();
    if (cell.quotes_doubled) {
      cell.append_to(text, *dialect.quote);
    } else {
      text = cell.bytes;
    }
  }
  return texts;
}

TEST(Cells, follow_rfc_4180) {
  EXPECT_EQ(cells_of(csv(), "a;b;c"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(cells_of(csv(), ";a;"), (Texts{"", "a", ""}));
  EXPECT_EQ(cells_of(csv(), "\"a;\"\"b\"\"\";\"\";\"c\nd\""), (Texts{"a;\"b\"", "", "c\nd"}));
  EXPECT_EQ(cells_of(csv(), "\"\"\"\""), Texts{"\""});
  EXPECT_EQ(cells_of(csv(), "a\"b\";c"), (Texts{"a\"b\"", "c"}));
}

TEST(Cells, delimiters_may_have_several_bytes_and_quotes_may_be_absent) {
  Dialect dialect = csv();
  dialect.delimiter = "\xC2\xA6";
  EXPECT_EQ(cells_of(dialect, "a\xC2\xA6\"b\xC2\xA6\"\xC2\xA6"), (Texts{"a", "b\xC2\xA6", ""}));
  dialect.quote.reset();
  EXPECT_EQ(cells_of(dialect, "\"a\xC2\xA6\"b"), (Texts{"\"a", "\"b"}));
}

TEST(Cells, text_behind_a_closing_quote_is_refused_with_the_number_of_the_cell) {
  EXPECT_EQ(cells_of(csv(), "a;\"b\"c;d"), Texts{"cell 2 is wrong"});
  EXPECT_EQ(cells_of(csv(), "\"a"), Texts{"cell 1 is wrong"});
}

}  // namespace
}  // namespace weerbaar::csv
