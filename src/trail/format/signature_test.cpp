#include "trail/format/signature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace weerbaar::trail {
namespace {

constexpr std::string_view kExample = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

std::array<uint8_t, kSeedBytes> seed_of(std::string_view hex) {
  std::array<uint8_t, kSeedBytes> seed;
  const Bytes bytes = from_hex(hex).value();
  std::copy_n(bytes.begin(), seed.size(), seed.begin());
  return seed;
}

SigningKey test_key(std::string_view name = "example.com/log", uint8_t byte = 7) {
  std::array<uint8_t, kSeedBytes> seed;
  seed.fill(byte);
  return SigningKey::from_seed(name, seed).value();
}

struct Rfc8032 {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Rfc8032 kRfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"}};

TEST(Signature, matches_the_vectors_of_rfc_8032) {
  for (const Rfc8032& vector : kRfc8032) {
    const auto key = SigningKey::from_seed("rfc8032", seed_of(vector.seed)).value();
    EXPECT_EQ(to_hex(key.verifier().public_key), vector.public_key);
    const Bytes message = from_hex(vector.message).value();
    const Bytes signature = key.sign(message).value();
    EXPECT_EQ(to_hex(signature), vector.signature);
    EXPECT_TRUE(key.verifier().verify(message, signature));
  }
}

TEST(Signature, no_changed_signature_or_message_verifies) {
  const auto key = test_key();
  const Bytes message{1, 2, 3};
  const Bytes signature = key.sign(message).value();
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes changed = signature;
    changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    ASSERT_EQ(key.verifier().verify(message, changed).error().code, Code::kCorrupt) << bit;
  }
  EXPECT_FALSE(key.verifier().verify(Bytes{1, 2}, signature));
  EXPECT_FALSE(key.verifier().verify(message, ByteView(signature).first(63)));
  EXPECT_FALSE(key.verifier().verify(message, {}));
  EXPECT_FALSE(test_key("example.com/log", 8).verifier().verify(message, signature));
}

TEST(Signature, verifier_key_of_the_specification_goes_both_ways) {
  const auto key = VerifierKey::parse(kExample).value();
  EXPECT_EQ(key.name, "example.com/foo");
  EXPECT_EQ(key.id, 0x530d903aU);
  EXPECT_EQ(key.type, SignatureType::kEd25519);
  EXPECT_EQ(key.format(), kExample);
}

TEST(Signature, verifier_key_may_hold_pluses_in_its_base64) {
  // A seed is looked for whose public key has one.
  for (uint8_t byte = 0; byte < 100; ++byte) {
    const auto key = test_key("example.com/log", byte);
    const std::string text = key.verifier().format();
    ASSERT_EQ(VerifierKey::parse(text).value(), key.verifier());
    if (std::ranges::count(text, '+') > 2) return;
  }
  FAIL() << "no key with a plus found";
}

TEST(Signature, refuses_verifier_keys_that_are_not_whole_and_canonical) {
  const std::string good(kExample);
  const char* const wrong[] = {
      "",
      "+",
      "++",
      "example.com/foo",
      "example.com/foo+530d903a",
      "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAAAA",
      "example.com/foo+530d903a+",
      "example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  };
  for (const char* text : wrong) EXPECT_EQ(VerifierKey::parse(text).error().code, Code::kInvalid) << text;
  EXPECT_FALSE(VerifierKey::parse(good + "\n"));
  EXPECT_FALSE(VerifierKey::parse(' ' + good));
}

TEST(Signature, key_names_hold_no_spaces_pluses_or_control_characters) {
  for (const char* name : {"a", "example.com/log", "É", "sum.golang.org", "\u200b"}) EXPECT_TRUE(is_key_name(name));
  for (const char* name : {"", "a b", "a+b", "a\tb", "a\n", "\x01", "\x7f", "\xff", "a\u00a0b", "\u2003", "\u3000"}) {
    EXPECT_FALSE(is_key_name(name)) << name;
    EXPECT_FALSE(SigningKey::from_seed(name, std::array<uint8_t, kSeedBytes>{}));
  }
  EXPECT_TRUE(is_key_name(std::string(kKeyNameBytesMax, 'a')));
  EXPECT_FALSE(is_key_name(std::string(kKeyNameBytesMax + 1, 'a')));
}

TEST(Signature, private_key_goes_both_ways) {
  const auto key = test_key();
  const std::string text = key.format().value();
  EXPECT_TRUE(text.starts_with("PRIVATE+KEY+example.com/log+"));
  const auto again = SigningKey::parse(text).value();
  EXPECT_EQ(again.verifier(), key.verifier());
  EXPECT_EQ(again.sign(as_bytes("x")).value(), key.sign(as_bytes("x")).value());
  EXPECT_EQ(again.format().value(), text);
}

TEST(Signature, refuses_private_keys_that_are_not_whole) {
  const std::string text = test_key().format().value();
  for (size_t size = 0; size < text.size(); ++size) ASSERT_FALSE(SigningKey::parse(text.substr(0, size))) << size;
  EXPECT_FALSE(SigningKey::parse(text.substr(12)));
  EXPECT_FALSE(SigningKey::parse(text + "="));
}

TEST(Signature, errors_do_not_repeat_a_private_key) {
  std::string text = test_key().format().value();
  text[text.find("log+")] = 'L';  // another name, so the id is wrong
  const auto error = SigningKey::parse(text).error();
  EXPECT_EQ(error.code, Code::kInvalid);
  EXPECT_EQ(error.text.find("Bwc"), std::string::npos);
}

TEST(Signature, a_moved_key_still_signs) {
  auto key = test_key();
  const Bytes signature = key.sign(as_bytes("x")).value();
  const SigningKey moved = std::move(key);
  EXPECT_EQ(moved.sign(as_bytes("x")).value(), signature);
}

}  // namespace
}  // namespace weerbaar::trail
