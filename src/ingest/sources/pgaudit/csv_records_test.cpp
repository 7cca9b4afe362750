#include "ingest/sources/pgaudit/csv_records.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "domain/access_event.h"

namespace weerbaar::ingest::pgaudit {
namespace {

struct Seen {
  uint64_t line;
  std::string text;
  bool problem;

  bool operator==(const Seen&) const = default;
};

std::vector<Seen> read_in_pieces(std::string_view input, size_t piece) {
  CsvRecordReader reader;
  std::vector<Seen> seen;
  const auto keep = [&](const CsvRecord& record) {
    seen.push_back({record.line, std::string(record.text), !record.problem.empty()});
  };
  for (size_t at = 0; at < input.size(); at += piece) {
    // A copy, so that whoever looks at an earlier piece is found out by the sanitizer.
    const std::string bytes(input.substr(at, piece));
    reader.feed(bytes);
    while (const auto record = reader.next()) keep(*record);
  }
  if (const auto record = reader.finish()) keep(*record);
  return seen;
}

std::string record(std::string_view rest) {
  return "2026-03-02 07:14:03.412 UTC," + std::string(rest) + "\n";
}
std::string text_of(std::string_view rest) {
  return "2026-03-02 07:14:03.412 UTC," + std::string(rest);
}

TEST(PgauditCsvRecords, do_not_depend_on_how_the_input_is_cut) {
  const std::string input = record("\"a\"\"b\",c") + "\n" + record("\"x\ny\r\n\",\"\"") + record("torn,\"text") +
                            record("\"swallowed\"") + record("\"more\",1") + "\r\n" + record("last,\"\"");
  const std::vector<Seen> whole = read_in_pieces(input, input.size());
  ASSERT_EQ(whole.size(), 5U);
  EXPECT_EQ(whole[0], (Seen{1, text_of("\"a\"\"b\",c"), false}));
  EXPECT_EQ(whole[1], (Seen{3, text_of("\"x\ny\r\n\",\"\""), false}));
  EXPECT_TRUE(whole[2].problem);
  EXPECT_EQ(whole[2].line, 6U);
  EXPECT_EQ(whole[3], (Seen{8, text_of("\"more\",1"), false}));
  EXPECT_EQ(whole[4], (Seen{10, text_of("last,\"\""), false}));
  for (size_t piece = 1; piece < input.size(); ++piece) EXPECT_EQ(read_in_pieces(input, piece), whole) << piece;
}

TEST(PgauditCsvRecords, a_line_that_looks_like_a_record_does_not_end_a_quoted_text) {
  const std::string forged = record("\"select 1 -- \n2026-03-02 07:14:03.412 UTC,\"\"boss\"\",x\"");
  const std::vector<Seen> seen = read_in_pieces(forged, forged.size());
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_FALSE(seen[0].problem);
}

TEST(PgauditCsvRecords, a_record_of_the_greatest_length_passes_and_a_longer_one_is_refused) {
  const std::string head = text_of("\"");
  for (const size_t piece : {size_t{1} << 22U, size_t{4096}, size_t{65'537}}) {
    const std::string longest = head + std::string(kRecordBytesMax - head.size() - 1, 'x') + "\"\n";
    std::vector<Seen> seen = read_in_pieces(longest + record("next"), piece);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_FALSE(seen[0].problem);
    EXPECT_EQ(seen[0].text.size(), kRecordBytesMax);
    const std::string too_long = head + std::string(kRecordBytesMax - head.size(), 'x') + "\"\n";
    seen = read_in_pieces(too_long + record("next"), piece);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(seen[0].problem);
    EXPECT_LE(seen[0].text.size(), kLineBytesMax);
    EXPECT_EQ(seen[1], (Seen{2, text_of("next"), false}));
  }
}

TEST(PgauditCsvRecords, a_record_without_its_line_feed_is_refused) {
  for (const std::string text : {"a,\"b", "a,\"b\"", "a,b"}) {
    EXPECT_EQ(read_in_pieces(text, 2), (std::vector<Seen>{{1, text, true}}));
    EXPECT_EQ(read_in_pieces("x\n" + text, 2), (std::vector<Seen>{{1, "x", false}, {2, text, true}}));
  }
  EXPECT_EQ(read_in_pieces("a,b\n", 2), (std::vector<Seen>{{1, "a,b", false}}));
  EXPECT_TRUE(read_in_pieces("", 1).empty());
}

TEST(PgauditCsv, splits_and_unquotes) {
  std::array<std::string_view, 4> fields;
  std::string scratch;
  ASSERT_EQ(split_csv("a,\"b,\"\"c\"\"\n\",,\"\"", fields), 4U);
  EXPECT_EQ(unquote_csv(fields[0], scratch), "a");
  EXPECT_EQ(unquote_csv(fields[1], scratch), "b,\"c\"\n");
  EXPECT_EQ(unquote_csv(fields[2], scratch), "");
  EXPECT_EQ(unquote_csv(fields[3], scratch), "");
  EXPECT_EQ(split_csv("", fields), 1U);
  for (const char* wrong : {"a\"b", "\"a\"b", "\"a", "a,b,c,d,e", "\"\"\""})
    EXPECT_FALSE(split_csv(wrong, fields)) << wrong;
}

}  // namespace
}  // namespace weerbaar::ingest::pgaudit
