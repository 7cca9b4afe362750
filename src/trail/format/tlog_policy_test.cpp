#include "trail/format/tlog_policy.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>

#include "trail/format/cosignature.h"

namespace weerbaar::trail {
namespace {

SigningKey key_of(std::string_view name, uint8_t byte, SignatureType type) {
  std::array<uint8_t, kSeedBytes> seed;
  seed.fill(byte);
  return SigningKey::from_seed(name, seed, type).value();
}

class TlogPolicyTest : public ::testing::Test {
 protected:
  TlogPolicyTest() {
    for (uint8_t i = 0; i < 6; ++i) {
      witnesses_.push_back(
          key_of(fmt::format("w.example/{}", i), static_cast<uint8_t>(10 + i), SignatureType::kCosignature));
    }
  }
  [[nodiscard]] std::string witness_line(size_t i, std::string_view name) const {
    return fmt::format("witness {} {}\n", name, witnesses_[i].verifier().format());
  }
  [[nodiscard]] std::string log_line() const { return fmt::format("log {}\n", log_.verifier().format()); }
  // The checkpoint, cosigned by those whose bit is set.
  [[nodiscard]] std::string note(unsigned by) const {
    std::string note = sign_checkpoint(tree_, log_).value();
    const std::string text(note_text(note).value());
    for (size_t i = 0; i < witnesses_.size(); ++i) {
      if ((by >> i & 1U) != 0) note += cosign(text, 1'700'000'000, witnesses_[i]).value();
    }
    return note;
  }
  static TlogPolicy parsed(std::string_view text) {
    auto policy = TlogPolicy::parse(text);
    EXPECT_TRUE(policy.has_value()) << policy.error().text;
    return std::move(*policy);
  }

  const Checkpoint tree_{"example.com/log", TreeSize(5), {9}, {}};
  const SigningKey log_ = key_of("example.com/log", 1, SignatureType::kEd25519);
  std::vector<SigningKey> witnesses_;
};

TEST_F(TlogPolicyTest, of_the_example_of_the_standard_is_met_by_exactly_the_right_sets) {
  std::string text = "# an example\n\n" + log_line();
  for (size_t i = 0; i < 3; ++i) text += witness_line(i, fmt::format("X{}", i + 1));
  text += "  group X-witnesses\t2 X1 X2 X3  \n";
  for (size_t i = 3; i < 6; ++i) text += witness_line(i, fmt::format("Y{}", i - 2));
  text += "group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";
  const TlogPolicy policy = parsed(text);
  for (unsigned by = 0; by < 64; ++by) {
    const bool expected = std::popcount(by & 7U) >= 2 && (by >> 3U) != 0;
    const auto judged = policy.judge(note(by));
    ASSERT_TRUE(judged.has_value()) << judged.error().text;
    EXPECT_EQ(judged->quorum, expected) << by;
    EXPECT_EQ(judged->cosigned.size(), static_cast<size_t>(std::popcount(by)));
    EXPECT_EQ(judged->checkpoint, tree_);
  }
}

TEST_F(TlogPolicyTest, may_ask_one_witness_or_none) {
  EXPECT_TRUE(parsed(log_line() + "quorum none\n").judge(note(0))->quorum);
  const TlogPolicy one = parsed(log_line() + witness_line(0, "a") + witness_line(1, "b") + "quorum b\n");
  EXPECT_FALSE(one.judge(note(1))->quorum);
  EXPECT_TRUE(one.judge(note(2))->quorum);
  const TlogPolicy two =
      TlogPolicy::of(log_.verifier(), {{"a", witnesses_[0].verifier(), ""}, {"b", witnesses_[1].verifier(), ""}}, 2);
  EXPECT_FALSE(two.judge(note(2))->quorum);
  EXPECT_TRUE(two.judge(note(3))->quorum);
  EXPECT_TRUE(TlogPolicy::of(log_.verifier(), {}, 0).judge(note(0))->quorum);
}

TEST_F(TlogPolicyTest, believes_no_other_log_and_no_wrong_signature) {
  const TlogPolicy policy = parsed(log_line() + witness_line(0, "a") + "quorum a\n");
  const SigningKey stranger = key_of("example.com/other", 2, SignatureType::kEd25519);
  const std::string foreign = sign_checkpoint(tree_, stranger).value();
  EXPECT_EQ(policy.judge(foreign).error().code, Code::kDenied);
  // Cosigned and all, but by no log.
  const std::string text(note_text(foreign).value());
  EXPECT_EQ(policy.judge(foreign + cosign(text, 1, witnesses_[0]).value()).error().code, Code::kDenied);
  EXPECT_EQ(policy.judge(note(0) + cosign("other\n", 1, witnesses_[0]).value()).error().code, Code::kCorrupt);
  // The key of a log signs for the log of its name only.
  const std::string posing = sign_checkpoint({"example.com/another", TreeSize(1), {}, {}}, log_).value();
  EXPECT_EQ(policy.judge(posing).error().code, Code::kDenied);
}

TEST_F(TlogPolicyTest, refuses_what_is_no_policy_and_names_the_line) {
  const std::string a = witness_line(0, "a");
  const std::string b = witness_line(1, "b");
  const std::pair<std::string, std::string> cases[] = {
      {"", "no line `quorum`"},
      {a, "no line `quorum`"},
      {"quorum none", "line 1: it has no end"},
      {"quorum none\nquorum none\n", "line 2: there is a quorum already"},
      {"quorum a\n", "line 1: the quorum is not defined"},
      {a + a, "line 2: another witness has the same key"},
      {a + witness_line(1, "a"), "line 2: the name is taken"},
      {witness_line(0, "none"), "the name is taken"},
      {log_line() + log_line(), "line 2: another log has the same key"},
      {"log nonsense\n", "line 1"},
      {"log " + witnesses_[0].verifier().format() + "\n", "another type than Ed25519"},
      {"witness a " + log_.verifier().format() + "\n", "the key of a witness"},
      {a + b + "group g 3 a b\n", "line 3: the threshold"},
      {a + "group g 0 a\n", "line 2: the threshold"},
      {a + "group g any\n", "line 2: it is not `group"},
      {a + "group g any a a\n", "already in a group"},
      {a + "group g any a\ngroup h any a\n", "line 3: a member is already in a group"},
      {a + "group g any none\n", "not defined"},
      {"what a\n", "another word"},
      {"quorum none\r\n", "control character"},
  };
  for (const auto& [text, expected] : cases) {
    const auto policy = TlogPolicy::parse(text);
    ASSERT_FALSE(policy.has_value()) << text;
    EXPECT_EQ(policy.error().code, Code::kInvalid);
    EXPECT_NE(policy.error().text.find(expected), std::string::npos) << policy.error().text;
  }
}

}  // namespace
}  // namespace weerbaar::trail
