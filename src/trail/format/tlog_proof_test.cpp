#include "trail/format/tlog_proof.h"

#include <gtest/gtest.h>

#include <array>

#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

// A log of a few entries and its proofs.
class TlogProofTest : public testing::Test {
 protected:
  TlogProofTest() {
    for (uint8_t i = 0; i < 11; ++i) leaves_.push_back(leaf_hash(Bytes{i}));
  }

  [[nodiscard]] TlogProof proof_of(uint64_t index) const {
    const RangeRoot range_root = [this](uint64_t begin, uint64_t end) -> Result<Hash> {
      return tree_root(std::span(leaves_).subspan(begin, end - begin));
    };
    const TreeSize size(leaves_.size());
    return {{},
            EntryIndex(index),
            inclusion_proof(EntryIndex(index), size, range_root).value(),
            sign_checkpoint({"example.com/log", size, tree_root(leaves_), {}}, key_).value()};
  }

  [[nodiscard]] Result<Checkpoint> verify(const TlogProof& proof, const Hash& leaf) const {
    return verify_tlog_proof(proof, leaf, key_.verifier(), "example.com/log");
  }

  std::vector<Hash> leaves_;
  SigningKey key_ = SigningKey::from_seed("example.com/log", std::array<uint8_t, kSeedBytes>{1}).value();
};

TEST_F(TlogProofTest, has_the_lines_of_the_specification) {
  TlogProof proof = proof_of(10);
  proof.hashes.resize(1);
  proof.extra = {1, 2, 3};
  EXPECT_EQ(format_tlog_proof(proof).value(),
            "c2sp.org/tlog-proof@v1\nextra AQID\nindex 10\n" + to_base64(proof.hashes[0]) + "\n\n" + proof.checkpoint);
  proof.extra.clear();
  proof.hashes.clear();
  EXPECT_EQ(format_tlog_proof(proof).value(), "c2sp.org/tlog-proof@v1\nindex 10\n\n" + proof.checkpoint);
}

TEST_F(TlogProofTest, parses_what_it_formats_and_verifies) {
  for (uint64_t index = 0; index < leaves_.size(); ++index) {
    TlogProof proof = proof_of(index);
    if (index % 2 == 0) proof.extra = {0xff};
    const auto parsed = parse_tlog_proof(format_tlog_proof(proof).value()).value();
    EXPECT_EQ(parsed, proof);
    EXPECT_EQ(verify(parsed, leaves_[index]).value().size, TreeSize(leaves_.size()));
  }
}

TEST_F(TlogProofTest, proves_no_other_entry_index_or_log) {
  const TlogProof proof = proof_of(3);
  EXPECT_EQ(verify(proof, leaves_[4]).error().code, Code::kCorrupt);
  TlogProof moved = proof;
  moved.index = EntryIndex(4);
  EXPECT_EQ(verify(moved, leaves_[3]).error().code, Code::kCorrupt);
  moved.index = EntryIndex(11);
  EXPECT_EQ(verify(moved, leaves_[3]).error().code, Code::kInvalid);
  TlogProof changed = proof;
  changed.checkpoint[changed.checkpoint.find('\n') + 1] = '9';
  EXPECT_EQ(verify(changed, leaves_[3]).error().code, Code::kCorrupt);
  EXPECT_EQ(verify_tlog_proof(proof, leaves_[3], key_.verifier(), "example.com/other").error().code, Code::kDenied);
}

TEST_F(TlogProofTest, parses_nothing_else) {
  const std::string hash = to_base64(leaves_[0]);
  const std::string wrong[] = {
      "",
      "c2sp.org/tlog-proof@v1",
      "c2sp.org/tlog-proof@v2\nindex 1\n\nnote\n",
      "c2sp.org/tlog-proof@v1\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nindex\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nindex 01\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nindex 1 \n\nnote\n",
      "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nextra AQID\nextra AQID\nindex 1\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nindex 1\nextra AQID\n\nnote\n",
      "c2sp.org/tlog-proof@v1\nindex 1\n" + hash + "\n",
      "c2sp.org/tlog-proof@v1\nindex 1\n" + hash + "\n\n",
      "c2sp.org/tlog-proof@v1\nindex 1\n" + hash.substr(4) + "\n\nnote\n",
      "c2sp.org/tlog-proof@v1\r\nindex 1\n\nnote\n",
  };
  for (const std::string& text : wrong) EXPECT_EQ(parse_tlog_proof(text).error().code, Code::kInvalid) << text;
}

TEST_F(TlogProofTest, limits_are_kept) {
  TlogProof proof = proof_of(0);
  proof.hashes.resize(kInclusionHashesMax);
  std::string text = format_tlog_proof(proof).value();
  EXPECT_TRUE(parse_tlog_proof(text));
  text.insert(text.find("\n\n") + 1, to_base64(Hash{}) + "\n");
  EXPECT_EQ(parse_tlog_proof(text).error().code, Code::kInvalid);
  proof.hashes.resize(kInclusionHashesMax + 1);
  EXPECT_EQ(format_tlog_proof(proof).error().code, Code::kInvalid);
  proof.hashes.clear();
  proof.extra.resize(kTlogProofBytesMax);
  EXPECT_EQ(format_tlog_proof(proof).error().code, Code::kInvalid);
  EXPECT_EQ(parse_tlog_proof(std::string(kTlogProofBytesMax + 1, 'a')).error().code, Code::kInvalid);
  proof.extra.clear();
  proof.checkpoint.clear();
  EXPECT_EQ(format_tlog_proof(proof).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trail
