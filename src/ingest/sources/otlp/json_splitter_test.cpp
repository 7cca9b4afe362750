#include "ingest/sources/otlp/json_splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace weerbaar::ingest::otlp {
namespace {

using Texts = std::vector<std::string>;

// "line:text" of each object, "line!text" of each broken stretch.
Texts pieces_of(std::string_view input, size_t piece_bytes = std::string_view::npos, size_t bytes_max = kJsonBytesMax) {
  JsonSplitter splitter(bytes_max);
  Texts texts;
  const auto take = [&] {
    while (const auto piece = splitter.next()) {
      texts.push_back(std::to_string(piece->line) + (piece->problem.empty() ? ":" : "!") + std::string(piece->text));
    }
  };
  for (; !input.empty(); input.remove_prefix(std::min(input.size(), piece_bytes))) {
    splitter.feed(input.substr(0, piece_bytes));
    take();
  }
  splitter.finish();
  take();
  return texts;
}

TEST(OtlpJsonSplitter, gives_objects_with_the_line_on_which_they_begin) {
  EXPECT_EQ(pieces_of("{\"a\":1}\n\n  {\"b\":[{}]}\r\n{}{\"c\":\n2}"),
            (Texts{"1:{\"a\":1}", "3:{\"b\":[{}]}", "4:{}", "4:{\"c\":\n2}"}));
  EXPECT_EQ(pieces_of(""), Texts{});
  EXPECT_EQ(pieces_of("\xEF\xBB\xBF{}"), (Texts{"1:{}"}));
}

TEST(OtlpJsonSplitter, gives_the_objects_of_an_array_one_by_one) {
  EXPECT_EQ(pieces_of("[{\"a\":1},\n {\"b\":2}]\n[{}]"), (Texts{"1:{\"a\":1}", "2:{\"b\":2}", "3:{}"}));
  EXPECT_EQ(pieces_of("[\n  {},\n  {}"), (Texts{"2:{}", "3:{}", "3!["}));
}

TEST(OtlpJsonSplitter, brackets_inside_strings_do_not_count) {
  EXPECT_EQ(pieces_of(R"({"a":"}]\"{"}{"b\\":"["})"), (Texts{R"(1:{"a":"}]\"{"})", R"(1:{"b\\":"["})"}));
}

TEST(OtlpJsonSplitter, an_object_that_was_cut_off_does_not_take_the_next_line_along) {
  const std::string good = R"({"a":{"b":[{"c":"d"},{"e":[1,2]}]}})";
  for (size_t size = 1; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    EXPECT_EQ(pieces_of(cut + "\n" + good + "\n" + good + "\n"), (Texts{"1!" + cut, "2:" + good, "3:" + good})) << cut;
    EXPECT_EQ(pieces_of(good + "\n" + cut), (Texts{"1:" + good, "2!" + cut})) << cut;
  }
}

TEST(OtlpJsonSplitter, a_broken_object_over_many_lines_is_one_piece) {
  EXPECT_EQ(pieces_of("{\n  \"a\": [\n    {\n    },\n  }\n}\n{\n}\n"),
            (Texts{"1!{\n  \"a\": [\n    {\n    },\n  }\n}", "7:{\n}"}));
  EXPECT_EQ(pieces_of("[\n  {\n    \"a\": ]\n  },\n  {\n  }\n]\n{}"),
            (Texts{"2!{\n    \"a\": ]\n  },", "5:{\n  }", "8:{}"}));
  EXPECT_EQ(pieces_of("[\n  {\n    \"a\": ]\n  }\n]\n{}"), (Texts{"2!{\n    \"a\": ]\n  }", "6:{}"}));
}

TEST(OtlpJsonSplitter, other_things_than_objects_are_broken) {
  EXPECT_EQ(pieces_of("hello\nworld\n{}\n7\n[1]\n{}"), (Texts{"1!hello\nworld", "3:{}", "4!7", "5!1]", "6:{}"}));
  EXPECT_EQ(pieces_of("[1]\n{}\n[{}]"), (Texts{"1!1]", "2:{}", "3:{}"}));
  EXPECT_EQ(pieces_of(std::string_view("\0\0\n{}", 5)), (Texts{std::string("1!\0\0", 4), "2:{}"}));
}

TEST(OtlpJsonSplitter, an_object_beyond_the_limit_is_skipped_to_its_end) {
  const std::string exact = "{\"a\":\"" + std::string(12, 'x') + "\"}";
  EXPECT_EQ(pieces_of(exact, 1, exact.size()), (Texts{"1:" + exact}));
  EXPECT_EQ(pieces_of(exact + "\n{}", 1, exact.size() - 1), (Texts{"1!" + exact, "2:{}"}));
  EXPECT_EQ(pieces_of("{\"a\":[\n{},{},\n{}\n]}{}", 3, 8), (Texts{"1!{\"a\":[\n{},{},\n{}\n]}", "4:{}"}));
}

TEST(OtlpJsonSplitter, tells_how_deep_an_object_nests) {
  const auto nested = [](size_t depth) {
    std::string text = "{\"a\":";
    for (size_t i = 1; i < depth; ++i) text += '[';
    for (size_t i = 1; i < depth; ++i) text += ']';
    return text + "}";
  };
  for (const size_t depth : {size_t{1}, kJsonDepthMax, kJsonDepthMax + 1, size_t{100'000}}) {
    JsonSplitter splitter;
    splitter.feed(nested(depth) + "{}");
    const auto deep = splitter.next();
    ASSERT_TRUE(deep && deep->problem.empty());
    EXPECT_EQ(deep->depth, depth);
    EXPECT_EQ(splitter.next()->depth, 1U);
  }
  EXPECT_EQ(pieces_of(nested(100) + "\n{}", 7), (Texts{"1:" + nested(100), "2:{}"}));
}

TEST(OtlpJsonSplitter, pieces_do_not_depend_on_the_cuts) {
  constexpr std::string_view kParts[] = {"{", "}", "[", "]", "\"",   "\\",      "\n",
                                         " ", ":", ",", "a", "{}\n", "{\"a\":", "\n  {"};
  std::mt19937 random(7);
  for (int round = 0; round < 3'000; ++round) {
    std::string input;
    for (auto i = random() % 60; i > 0; --i) input += kParts[random() % std::size(kParts)];
    const Texts whole = pieces_of(input, std::string_view::npos, 24);
    for (const size_t piece_bytes : {1U, 2U, 5U}) ASSERT_EQ(pieces_of(input, piece_bytes, 24), whole) << input;
  }
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
