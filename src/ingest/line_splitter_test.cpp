#include "ingest/line_splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "domain/access_event.h"

namespace weerbaar::ingest {
namespace {

struct Kept {
  uint64_t number;
  std::string text;
  bool too_long;

  bool operator==(const Kept&) const = default;
};

void PrintTo(const Kept& line, std::ostream* out) {
  *out << line.number << (line.too_long ? " (too long)" : "") << " [" << line.text.substr(0, 80) << "]";
}

void drain(LineSplitter& splitter, std::vector<Kept>& lines) {
  while (const auto line = splitter.next()) lines.push_back({line->number, std::string(line->text), line->too_long});
}

// Splits `input` fed in pieces whose sizes `piece_size` gives.
template <class PieceSize>
std::vector<Kept> split(std::string_view input, PieceSize piece_size) {
  LineSplitter splitter;
  std::vector<Kept> lines;
  while (!input.empty()) {
    // A fresh buffer for each piece, so that a text kept too long is seen by the address sanitizer.
    const std::string piece(input.substr(0, piece_size()));
    input.remove_prefix(piece.size());
    splitter.feed(piece);
    drain(splitter, lines);
  }
  splitter.finish();
  drain(splitter, lines);
  return lines;
}

std::vector<Kept> split_whole(std::string_view input) {
  return split(input, [&] { return input.size(); });
}

// Slow and obvious: on the whole input at once.
std::vector<Kept> split_slow(std::string input) {
  if (input.starts_with("\xEF\xBB\xBF") && input.size() > 3) input.erase(0, 3);
  std::vector<Kept> lines;
  std::string text;
  const auto end_line = [&] {
    if (!text.empty() && text.back() == '\r') text.pop_back();
    lines.push_back({lines.size() + 1, text.substr(0, kLineBytesMax), text.size() > kLineBytesMax});
    text.clear();
  };
  for (const char c : input) {
    if (c == '\n') {
      end_line();
    } else {
      text += c;
    }
  }
  if (!text.empty()) end_line();
  return lines;
}

TEST(LineSplitter, numbers_lines_that_end_in_lf_or_crlf_or_not_at_all) {
  EXPECT_EQ(split_whole("a\nb\r\n\r\n\nc"),
            (std::vector<Kept>{{1, "a", false}, {2, "b", false}, {3, "", false}, {4, "", false}, {5, "c", false}}));
  EXPECT_EQ(split_whole("a\r\n"), (std::vector<Kept>{{1, "a", false}}));
  EXPECT_TRUE(split_whole("").empty());
}

TEST(LineSplitter, keeps_a_carriage_return_inside_a_line) {
  EXPECT_EQ(split_whole("a\rb\r\r\n"), (std::vector<Kept>{{1, "a\rb\r", false}}));
}

TEST(LineSplitter, skips_a_byte_order_mark_at_the_start_only) {
  EXPECT_EQ(split_whole("\xEF\xBB\xBF{}\n\xEF\xBB\xBF{}\n"),
            (std::vector<Kept>{{1, "{}", false}, {2, "\xEF\xBB\xBF{}", false}}));
}

TEST(LineSplitter, cuts_off_a_line_beyond_the_limit_and_goes_on_behind_it) {
  const std::string longest(kLineBytesMax, 'x');
  for (const std::string& end : {std::string("\n"), std::string("\r\n")}) {
    const std::string mark = "\xEF\xBB\xBF";
    const std::string input = mark + longest + end + longest + "y" + end + longest + longest + end + "z";
    const std::vector<Kept> expected = {{1, longest, false}, {2, longest, true}, {3, longest, true}, {4, "z", false}};
    EXPECT_EQ(split_whole(input), expected);
    EXPECT_EQ(split(input, [] { return size_t{1}; }), expected);
    EXPECT_EQ(split(input, [] { return size_t{1000}; }), expected);
  }
}

TEST(LineSplitter, a_line_in_one_piece_is_not_copied) {
  const std::string input = "first\nsecond\n";
  LineSplitter splitter;
  splitter.feed(input);
  EXPECT_EQ(splitter.next()->text.data(), input.data());
  EXPECT_EQ(splitter.next()->text.data(), input.data() + 6);
  EXPECT_FALSE(splitter.next().has_value());
}

TEST(LineSplitter, agrees_with_a_slow_splitter_however_the_input_is_cut) {
  std::mt19937 random(11);
  const std::string alphabet = "ab\r\n\n\xEF\xBB\xBF";
  for (int round = 0; round < 3000; ++round) {
    std::string input = round % 3 == 0 ? "\xEF\xBB\xBF" : "";
    const size_t size = random() % 20;
    for (size_t i = 0; i < size; ++i) input += alphabet[random() % alphabet.size()];
    if (input == "\xEF\xBB\xBF") continue;  // one empty line for the one, none for the other: no difference to a source
    ASSERT_EQ(split(input, [&] { return random() % 4 + 1; }), split_slow(input));
  }
}

}  // namespace
}  // namespace weerbaar::ingest
