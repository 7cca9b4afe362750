#include "trail/format/checkpoint.h"

#include <gtest/gtest.h>

#include <array>

namespace weerbaar::trail {
namespace {

SigningKey test_key(std::string_view name = "example.com/log") {
  std::array<uint8_t, kSeedBytes> seed;
  seed.fill(7);
  return SigningKey::from_seed(name, seed).value();
}

Checkpoint example() {
  return {"example.com/log", TreeSize(20852163), sha256(as_bytes("root")), {}};
}

const std::string kRoot = to_base64(sha256(as_bytes("root")));

TEST(Checkpoint, has_the_text_of_the_specification) {
  EXPECT_EQ(format_checkpoint(example()).value(), "example.com/log\n20852163\n" + kRoot + "\n");
  auto extended = example();
  extended.extensions = {"one", "two words"};
  EXPECT_EQ(format_checkpoint(extended).value(), "example.com/log\n20852163\n" + kRoot + "\none\ntwo words\n");
}

TEST(Checkpoint, parses_what_it_formats) {
  auto checkpoint = example();
  EXPECT_EQ(parse_checkpoint(format_checkpoint(checkpoint).value()).value(), checkpoint);
  checkpoint.size = TreeSize(0);
  checkpoint.origin = "go.sum database tree";
  checkpoint.extensions = {"one", "two words"};
  EXPECT_EQ(parse_checkpoint(format_checkpoint(checkpoint).value()).value(), checkpoint);
  checkpoint.size = TreeSize(~uint64_t{0});
  EXPECT_EQ(parse_checkpoint(format_checkpoint(checkpoint).value()).value(), checkpoint);
}

TEST(Checkpoint, parses_nothing_else) {
  const std::string wrong[] = {"",
                               "a\n1\n",
                               "a\n1\n" + kRoot,
                               "\n1\n" + kRoot + "\n",
                               "a\n01\n" + kRoot + "\n",
                               "a\n-1\n" + kRoot + "\n",
                               "a\n 1\n" + kRoot + "\n",
                               "a\n\n" + kRoot + "\n",
                               "a\n18446744073709551616\n" + kRoot + "\n",
                               "a\n1\n" + kRoot + " \n",
                               "a\n1\n" + kRoot.substr(4) + "\n",
                               "a\n1\n\n",
                               "a\n1\n" + kRoot + "\n\n",
                               "a\n1\n" + kRoot + "\n\nextension\n",
                               "a\n1\n" + kRoot + "\nextension",
                               "a\r\n1\n" + kRoot + "\n"};
  for (const std::string& text : wrong) EXPECT_EQ(parse_checkpoint(text).error().code, Code::kInvalid) << text;
}

TEST(Checkpoint, formats_only_what_can_be_parsed) {
  for (const char* line : {"", "two\nlines", "tab\t", "\xff"}) {
    auto checkpoint = example();
    checkpoint.origin = line;
    EXPECT_EQ(format_checkpoint(checkpoint).error().code, Code::kInvalid) << line;
    checkpoint = example();
    checkpoint.extensions = {line};
    EXPECT_EQ(format_checkpoint(checkpoint).error().code, Code::kInvalid) << line;
  }
}

TEST(Checkpoint, opens_with_the_key_and_the_origin_of_the_log) {
  const auto key = test_key();
  const std::string note = sign_checkpoint(example(), key).value();
  EXPECT_EQ(open_checkpoint(note, key.verifier(), "example.com/log").value(), example());
  EXPECT_EQ(open_checkpoint(note, key.verifier(), "example.com/other").error().code, Code::kDenied);
  const auto other = test_key("example.com/other");
  EXPECT_EQ(open_checkpoint(note, other.verifier(), "example.com/log").error().code, Code::kDenied);
}

TEST(Checkpoint, a_signed_note_that_is_no_checkpoint_is_refused) {
  const auto key = test_key();
  const std::string note = sign_note("a text\n", key).value();
  EXPECT_EQ(open_checkpoint(note, key.verifier(), "example.com/log").error().code, Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trail
