#include "ingest/sources/syslog/frame_splitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "domain/access_event.h"

namespace weerbaar::ingest::syslog {
namespace {

struct Cut {
  std::string text;
  FrameFault fault;
  bool operator==(const Cut&) const = default;
};

void PrintTo(const Cut& cut, std::ostream* to) {
  *to << '"' << cut.text.substr(0, 40) << "\" " << cut.text.size() << " fault " << static_cast<int>(cut.fault);
}

std::vector<Cut> frames_of(std::string_view input, size_t piece) {
  std::vector<Cut> frames;
  FrameSplitter splitter;
  const auto take = [&] {
    while (const auto frame = splitter.next()) {
      EXPECT_EQ(frame->number, frames.size() + 1);
      frames.push_back({std::string(frame->text), frame->fault});
    }
  };
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    splitter.feed(input.substr(0, piece));
    take();
  }
  splitter.finish();
  take();
  return frames;
}

std::vector<Cut> whole(std::initializer_list<std::string> texts) {
  std::vector<Cut> frames;
  for (const std::string& text : texts) frames.push_back({text, FrameFault::kNone});
  return frames;
}

TEST(FrameSplitter, each_frame_says_by_its_first_byte_how_it_ends) {
  const std::string input = "5 <1>ab<2>line\r\n7 <3>c\nde\n\n<4>x\n2026-01-01 no count\n10 <5>octets!!";
  const auto expected = whole({"<1>ab", "<2>line", "<3>c\nde", "<4>x", "2026-01-01 no count", "<5>octets!"});
  auto last = expected;
  last.push_back({"!", FrameFault::kCutShort});
  for (size_t piece = 1; piece <= input.size(); ++piece) EXPECT_EQ(frames_of(input, piece), last) << piece;
}

TEST(FrameSplitter, tells_what_the_end_of_the_input_cut_short) {
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{100}}) {
    EXPECT_EQ(frames_of("9 <1>ab", piece), (std::vector<Cut>{{"<1>ab", FrameFault::kCutShort}}));
    EXPECT_EQ(frames_of("<1>ab", piece), (std::vector<Cut>{{"<1>ab", FrameFault::kCutShort}}));
    EXPECT_EQ(frames_of("12", piece), (std::vector<Cut>{{"12", FrameFault::kCutShort}}));
    EXPECT_TRUE(frames_of("\r\n\n", piece).empty());
  }
}

TEST(FrameSplitter, keeps_the_start_of_what_is_too_long_and_goes_on_behind_it) {
  const std::string longest(kLineBytesMax, 'a');
  const std::string longer(kLineBytesMax + 1, 'a');
  const std::string longest_line = "<" + longest.substr(1);
  for (const size_t piece : {size_t{1'000}, size_t{70'000}, size_t{1'000'000}}) {
    const std::string input = std::to_string(longest.size()) + " " + longest + std::to_string(longer.size()) + " " +
                              longer + longest_line + "\r\n<" + longer + "\n2 ok";
    const std::vector<Cut> expected = {{longest, FrameFault::kNone},
                                       {longest, FrameFault::kTooLong},
                                       {longest_line, FrameFault::kNone},
                                       {longest_line, FrameFault::kTooLong},
                                       {"ok", FrameFault::kNone}};
    EXPECT_EQ(frames_of(input, piece), expected) << piece;
  }
}

TEST(FrameSplitter, a_count_has_few_digits) {
  EXPECT_EQ(frames_of("99999999 x\n<1>y\n", 3), whole({"99999999 x", "<1>y"}));
}

}  // namespace
}  // namespace weerbaar::ingest::syslog
