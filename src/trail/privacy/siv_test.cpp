#include "trail/privacy/siv.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>

namespace weerbaar::trail {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

struct Vector {
  std::string_view key;
  std::string_view associated;
  std::string_view text;
  std::string_view sealed;
};

constexpr Vector kVectors[] = {
    // RFC 5297, appendix A.1.
    {"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "101112131415161718191a1b1c1d1e1f2021222324252627", "112233445566778899aabbccddee",
     "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"},
    // OpenSSL's test data for the longer keys, which the RFC does not cover (evpciph_aes_siv.txt).
    {"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfefffffefdfcfbfaf9f8f7f6f5f4f3f2f1f0",
     "101112131415161718191a1b1c1d1e1f2021222324252627", "112233445566778899aabbccddee",
     "89e869b93256785154f0963962fe0740eff356e42dec1f4febded36642f2"},
    {"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfefff0f1f2f3f4f5f6f7f8f9fafbfcfdfefffffefdfcfbfaf9f8"
     "f7f6f5f4f3f2f1f0",
     "101112131415161718191a1b1c1d1e1f2021222324252627", "112233445566778899aabbccddee",
     "724dfb2eaf94dbb19b0ba3a299a0801ef3b05a55498ec2552690b89810e4"},
    // Project Wycheproof: a tag of all ones, where the counter must not overflow.
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "000102030405060708090a0b0c0d0e0f",
     "fd1fef36075ad8d4add16d36036ed5d4", "ffffffffffffffffffffffffffffffffede59e1eb1a079ddc7d53cbdd7a7f21a"},
};

TEST(Siv, gives_the_published_vectors) {
  for (const Vector& vector : kVectors) {
    const Siv siv = Siv::create(hex(vector.key)).value();
    Bytes sealed = {0xAA};  // what is there already stays
    siv.encrypt(hex(vector.associated), hex(vector.text), sealed);
    EXPECT_EQ(to_hex(sealed), "aa" + std::string(vector.sealed));
    EXPECT_EQ(siv.decrypt(hex(vector.associated), hex(vector.sealed)).value(), hex(vector.text));
  }
}

TEST(Siv, every_length_comes_back_again_and_again) {
  const Siv siv = Siv::create(Bytes(64, 3)).value();
  for (size_t length = 1; length <= 300; ++length) {
    const Bytes text(length, static_cast<uint8_t>(length));
    Bytes first;
    Bytes second;
    siv.encrypt(as_bytes("a"), text, first);
    siv.encrypt(as_bytes("a"), text, second);
    ASSERT_EQ(first.size(), length + Siv::kTagBytes);
    ASSERT_EQ(first, second);
    ASSERT_EQ(siv.decrypt(as_bytes("a"), first).value(), text);
  }
}

TEST(Siv, refuses_every_flipped_bit_other_data_and_other_keys) {
  const Siv siv = Siv::create(Bytes(64, 3)).value();
  Bytes sealed;
  siv.encrypt(as_bytes("a"), as_bytes("a text of some length"), sealed);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto refused = siv.decrypt(as_bytes("a"), changed);
    ASSERT_FALSE(refused.has_value()) << bit;
    EXPECT_EQ(refused.error().code, Code::kCorrupt);
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(siv.decrypt(as_bytes("a"), ByteView(sealed).first(size)).has_value()) << size;
  }
  EXPECT_FALSE(siv.decrypt(as_bytes("b"), sealed).has_value());
  EXPECT_FALSE(Siv::create(Bytes(64, 4)).value().decrypt(as_bytes("a"), sealed).has_value());
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Siv, refuses_keys_of_another_size) {
  for (const size_t size : {0U, 16U, 33U, 63U}) {
    const auto refused = Siv::create(Bytes(size));
    ASSERT_FALSE(refused.has_value()) << size;
    EXPECT_EQ(refused.error().code, Code::kInvalid);
  }
}

}  // namespace
}  // namespace weerbaar::trail
