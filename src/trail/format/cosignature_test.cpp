#include "trail/format/cosignature.h"

#include <gtest/gtest.h>

#include <array>

#include "trail/format/checkpoint.h"

namespace weerbaar::trail {
namespace {

SigningKey key_of(std::string_view name, uint8_t byte, SignatureType type) {
  std::array<uint8_t, kSeedBytes> seed;
  seed.fill(byte);
  return SigningKey::from_seed(name, seed, type).value();
}

const SigningKey& log_key() {
  static const SigningKey key = key_of("example.com/log", 1, SignatureType::kEd25519);
  return key;
}

const SigningKey& witness_key() {
  static const SigningKey key = key_of("witness.example/w1", 2, SignatureType::kCosignature);
  return key;
}

const Checkpoint kTree{"example.com/log", TreeSize(5), {9}, {}};

TEST(Cosignature, signs_the_message_of_the_standard) {
  EXPECT_EQ(cosigned_message("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                             1'679'315'147),
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
            "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
  // The signature itself is plain Ed25519 over that message, by the same seed.
  const std::string text = format_checkpoint(kTree).value();
  std::string line = cosign(text, 1'700'000'000, witness_key()).value();
  line.pop_back();
  const Bytes signature = signature_in(line).value();
  const SigningKey plain = key_of("any", 2, SignatureType::kEd25519);
  EXPECT_EQ(signature.size(), 72U);
  EXPECT_TRUE(plain.verifier().verify(as_bytes(cosigned_message(text, 1'700'000'000)), ByteView(signature).subspan(8)));
}

TEST(Cosignature, the_example_of_the_standard_has_its_time) {
  const Bytes signature = signature_in(
                              "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
                              "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==")
                              .value();
  EXPECT_EQ(cosignature_time(signature).value(), 1'679'315'147U);
}

TEST(Cosignature, opens_beside_the_signature_of_the_log) {
  const std::string note = sign_checkpoint(kTree, log_key()).value();
  const std::string text(note_text(note).value());
  const std::string both = note + cosign(text, 1'700'000'000, witness_key()).value();
  const VerifierKey known[] = {log_key().verifier(), witness_key().verifier()};
  const auto opened = open_note(both, known);
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  EXPECT_EQ(opened->verified.size(), 2U);
  EXPECT_EQ(opened->verified_lines.size(), 2U);
  EXPECT_EQ(opened->text, text);
  // Who knows the log only reads it as before.
  EXPECT_EQ(open_checkpoint(both, log_key().verifier(), "example.com/log").value(), kTree);
}

TEST(Cosignature, of_a_changed_time_or_tree_is_refused) {
  const std::string text = format_checkpoint(kTree).value();
  const std::string line = cosign(text, 1'700'000'000, witness_key()).value();
  const Bytes signature = signature_in(line.substr(0, line.size() - 1)).value();
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes changed = signature;
    changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    ASSERT_EQ(witness_key().verifier().verify(as_bytes(text), changed).error().code, Code::kCorrupt) << bit;
  }
  EXPECT_FALSE(witness_key().verifier().verify(as_bytes(text + "x"), signature));
  EXPECT_FALSE(witness_key().verifier().verify(as_bytes(text), ByteView(signature).subspan(8)));
  EXPECT_FALSE(witness_key().verifier().verify(as_bytes(text), {}));
}

TEST(Cosignature, neither_key_does_the_work_of_the_other) {
  EXPECT_FALSE(cosign(format_checkpoint(kTree).value(), 1, log_key()));
  EXPECT_FALSE(sign_checkpoint(kTree, witness_key()));
  const std::string log = log_key().verifier().format();
  const std::string witness = witness_key().verifier().format();
  EXPECT_FALSE(VerifierKey::parse(witness));
  EXPECT_FALSE(VerifierKey::parse(log, SignatureType::kCosignature));
  EXPECT_EQ(VerifierKey::parse(witness, SignatureType::kCosignature).value(), witness_key().verifier());
  const std::string secret = witness_key().format().value();
  EXPECT_FALSE(SigningKey::parse(secret));
  EXPECT_EQ(SigningKey::parse(secret, SignatureType::kCosignature).value().verifier(), witness_key().verifier());
  // The same seed and name give another id: the type is in it.
  EXPECT_NE(key_of("a", 3, SignatureType::kEd25519).verifier().id,
            key_of("a", 3, SignatureType::kCosignature).verifier().id);
}

TEST(Cosignature, has_no_time_beyond_that_of_the_standard) {
  EXPECT_FALSE(cosign("x\n", kCosignatureSecondsMax + 1, witness_key()));
  Bytes signature(72);
  signature[0] = 0x80;
  EXPECT_FALSE(cosignature_time(signature));
  signature[0] = 0x7f;
  EXPECT_TRUE(cosignature_time(signature));
}

}  // namespace
}  // namespace weerbaar::trail
