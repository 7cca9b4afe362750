#include "trail/format/add_checkpoint.h"

#include <gtest/gtest.h>

#include <array>

#include "trail/format/cosignature.h"

namespace weerbaar::trail {
namespace {

SigningKey key_of(std::string_view name, uint8_t byte, SignatureType type) {
  std::array<uint8_t, kSeedBytes> seed;
  seed.fill(byte);
  return SigningKey::from_seed(name, seed, type).value();
}

class AddCheckpointTest : public ::testing::Test {
 protected:
  const SigningKey log_ = key_of("example.com/log", 1, SignatureType::kEd25519);
  const SigningKey witness_ = key_of("witness.example/w1", 2, SignatureType::kCosignature);
  const SigningKey other_ = key_of("witness.example/w2", 3, SignatureType::kCosignature);
  const std::string note_ = sign_checkpoint({"example.com/log", TreeSize(5), {9}, {}}, log_).value();
  const std::string text_{note_text(note_).value()};
  const std::string line_ = cosign(text_, 1'700'000'000, witness_).value();
};

TEST_F(AddCheckpointTest, the_example_of_the_standard_goes_both_ways) {
  const std::string body =
      "old 20852014\n"
      "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
      "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
      "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
      "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
      "\n"
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
      "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
  const auto request = parse_add_checkpoint(body);
  ASSERT_TRUE(request.has_value()) << request.error().text;
  EXPECT_EQ(request->old_size.value(), 20'852'014U);
  EXPECT_EQ(request->proof.size(), 4U);
  EXPECT_TRUE(request->note.starts_with("example.com/behind-the-sofa\n"));
  EXPECT_EQ(format_add_checkpoint(*request).value(), body);
}

TEST_F(AddCheckpointTest, refuses_what_is_no_such_request_and_says_why) {
  const std::string hash = to_base64(Hash{}) + "\n";
  const std::string wrong[] = {"",
                               "old 1",
                               "old 01\n\n" + note_,
                               "old -1\n\n" + note_,
                               "old  1\n\n" + note_,
                               "Old 1\n\n" + note_,
                               "old 18446744073709551616\n\n" + note_,
                               "old 1\n" + hash + "AAAA\n\n" + note_,
                               "old 1\n" + hash,
                               "1\n\n" + note_};
  for (const std::string& body : wrong) {
    const auto parsed = parse_add_checkpoint(body);
    ASSERT_FALSE(parsed.has_value()) << body;
    EXPECT_EQ(parsed.error().code, Code::kInvalid);
  }
  std::string most = "old 1\n";
  for (size_t i = 0; i < kAddCheckpointHashesMax; ++i) most += hash;
  EXPECT_TRUE(parse_add_checkpoint(most + "\n" + note_));
  EXPECT_FALSE(parse_add_checkpoint(most + hash + "\n" + note_));
  EXPECT_FALSE(parse_add_checkpoint("old 1\n\n" + std::string(kAddCheckpointBytesMax, 'x')));
  EXPECT_FALSE(format_add_checkpoint({TreeSize(1), std::vector<Hash>(64), note_}));
}

TEST_F(AddCheckpointTest, a_size_has_one_text) {
  EXPECT_EQ(format_tree_size(TreeSize(12)), "12\n");
  EXPECT_EQ(parse_tree_size("12\n").value(), TreeSize(12));
  for (const char* wrong : {"", "12", "012\n", "12\n\n", "12\nx", "x\n"}) EXPECT_FALSE(parse_tree_size(wrong)) << wrong;
}

TEST_F(AddCheckpointTest, the_cosignature_of_the_witness_is_found_among_those_of_others) {
  const std::string body = cosign(text_, 7, other_).value() + line_;
  const auto found = open_cosignatures(note_, body, witness_.verifier());
  ASSERT_TRUE(found.has_value()) << found.error().text;
  EXPECT_EQ(found->line + "\n", line_);
  EXPECT_EQ(found->unix_seconds, 1'700'000'000U);
  EXPECT_EQ(find_cosignature(note_ + body, witness_.verifier()).value(), *found);
}

TEST_F(AddCheckpointTest, an_answer_that_does_not_belong_to_the_checkpoint_is_refused) {
  const auto code = [&](std::string_view body) {
    const auto opened = open_cosignatures(note_, body, witness_.verifier());
    return opened ? std::optional<Code>() : opened.error().code;
  };
  EXPECT_EQ(code(""), Code::kDenied);
  EXPECT_EQ(code(cosign(text_, 7, other_).value()), Code::kDenied);
  EXPECT_EQ(code("nonsense\n"), Code::kInvalid);
  EXPECT_EQ(code(line_.substr(0, line_.size() - 1)), Code::kInvalid);
  EXPECT_EQ(code(cosign(text_ + "more\n", 7, witness_).value()), Code::kCorrupt);
  // A witness may not move the blank line, so that it signs another text than that it was given.
  const std::string moved = "more\n\n";
  EXPECT_EQ(code(moved + cosign(text_ + "\n" + moved.substr(0, 5), 7, witness_).value()), Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trail
