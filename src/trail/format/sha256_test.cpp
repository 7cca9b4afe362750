#include "trail/format/sha256.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace weerbaar::trail {
namespace {

// The reference: OpenSSL.
Hash openssl_sha256(ByteView message) {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                      &EVP_MD_free);
  Hash hash;
  EXPECT_EQ(EVP_Digest(message.data(), message.size(), hash.data(), nullptr, digest.get(), nullptr), 1);
  return hash;
}

Hash openssl_sha256(uint8_t prefix, ByteView message) {
  Bytes whole{prefix};
  append(whole, message);
  return openssl_sha256(whole);
}

Bytes random_bytes(size_t size, std::mt19937_64& random) {
  Bytes bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<uint8_t>(random()); });
  return bytes;
}

std::vector<ByteView> views_of(const std::vector<Bytes>& messages) {
  return {messages.begin(), messages.end()};
}

TEST(Sha256, of_a_message_in_parts_is_that_of_the_message) {
  std::mt19937_64 random(7);
  for (size_t size = 0; size <= 300; ++size) {
    const Bytes bytes = random_bytes(size, random);
    Sha256 sha256;
    for (ByteView rest = bytes; !rest.empty();) {
      const size_t part = random() % (std::min<size_t>(rest.size(), 150) + 1);
      sha256.add(rest.first(part));
      rest = rest.subspan(part);
    }
    ASSERT_EQ(sha256.finish(), openssl_sha256(bytes)) << size;
  }
}

class EveryImplementation : public testing::TestWithParam<Implementation> {};

TEST_P(EveryImplementation, gives_the_examples_of_fips_180) {
  const auto hex = [](std::string_view text) { return to_hex(sha256(as_bytes(text), GetParam())); };
  EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_P(EveryImplementation, equals_openssl_for_every_length_up_to_600) {
  std::mt19937_64 random(1);
  const Bytes bytes = random_bytes(600, random);
  for (size_t size = 0; size <= bytes.size(); ++size) {
    const ByteView message = ByteView(bytes).first(size);
    ASSERT_EQ(sha256(message, GetParam()), openssl_sha256(message)) << size;
  }
}

TEST_P(EveryImplementation, equals_openssl_for_long_messages) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20; ++i) {
    const Bytes message = random_bytes(random() % 200'000, random);
    ASSERT_EQ(sha256(message, GetParam()), openssl_sha256(message)) << message.size();
  }
}

TEST_P(EveryImplementation, hashes_many_leaves_of_one_length) {
  std::mt19937_64 random(3);
  for (size_t count = 0; count <= 20; ++count) {
    for (const size_t size : {size_t{0}, size_t{54}, size_t{55}, size_t{200}, size_t{511}, size_t{2000}}) {
      std::vector<Bytes> entries(count);
      for (Bytes& entry : entries) entry = random_bytes(size, random);
      std::vector<Hash> hashes(count);
      leaf_hashes(views_of(entries), hashes, GetParam());
      for (size_t i = 0; i < count; ++i) ASSERT_EQ(hashes[i], openssl_sha256(0, entries[i])) << count << ' ' << size;
    }
  }
}

TEST_P(EveryImplementation, hashes_leaves_of_mixed_lengths_in_one_call) {
  std::mt19937_64 random(4);
  std::vector<Bytes> entries;
  for (size_t size = 0; size <= 600; ++size) entries.push_back(random_bytes(size, random));
  for (int i = 0; i < 20; ++i) entries.push_back(random_bytes(random() % 65'536, random));
  for (int round = 0; round < 10; ++round) {
    std::ranges::shuffle(entries, random);
    std::vector<Hash> hashes(entries.size());
    leaf_hashes(views_of(entries), hashes, GetParam());
    for (size_t i = 0; i < entries.size(); ++i) ASSERT_EQ(hashes[i], openssl_sha256(0, entries[i]));
  }
}

TEST_P(EveryImplementation, folds_nodes_in_place) {
  std::mt19937_64 random(5);
  for (size_t parents = 0; parents <= 70; ++parents) {
    const Bytes bytes = random_bytes(parents * 64, random);
    std::vector<Hash> hashes(2 * parents);
    for (size_t i = 0; i < hashes.size(); ++i) std::copy_n(bytes.data() + 32 * i, 32, hashes[i].data());
    std::vector<Hash> apart(parents);
    node_hashes(hashes, apart, GetParam());
    node_hashes(hashes, std::span(hashes).first(parents), GetParam());
    for (size_t i = 0; i < parents; ++i) {
      const Hash expected = openssl_sha256(1, ByteView(bytes).subspan(64 * i, 64));
      ASSERT_EQ(apart[i], expected) << parents;
      ASSERT_EQ(hashes[i], expected) << parents;
    }
  }
}

// Nothing of the message stands before or behind it.
TEST_P(EveryImplementation, hashes_messages_that_stand_alone) {
  std::mt19937_64 random(6);
  for (size_t size = 1; size <= 200; ++size) {
    std::vector<std::unique_ptr<uint8_t[]>> memory;
    std::vector<ByteView> entries;
    for (int i = 0; i < 17; ++i) {
      memory.push_back(std::make_unique<uint8_t[]>(size));
      std::generate_n(memory.back().get(), size, [&] { return static_cast<uint8_t>(random()); });
      entries.emplace_back(memory.back().get(), size);
    }
    std::vector<Hash> hashes(entries.size());
    leaf_hashes(entries, hashes, GetParam());
    for (size_t i = 0; i < entries.size(); ++i) ASSERT_EQ(hashes[i], openssl_sha256(0, entries[i])) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Sha256, EveryImplementation,
                         testing::ValuesIn(available_implementations().begin(), available_implementations().end()),
                         [](const auto& instance) {
                           std::string name(to_string(instance.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST(Sha256, the_portable_implementation_is_always_there) {
  EXPECT_EQ(available_implementations().front(), Implementation::kPortable);
}

TEST(Sha256, leaf_and_node_have_their_own_prefix) {
  const Hash left = sha256(as_bytes("left"));
  const Hash right = sha256(as_bytes("right"));
  Bytes both;
  append(both, left);
  append(both, right);
  EXPECT_EQ(leaf_hash(both), openssl_sha256(0, both));
  EXPECT_EQ(node_hash(left, right), openssl_sha256(1, both));
  EXPECT_NE(node_hash(left, right), node_hash(right, left));
}

TEST(Sha256, the_plain_functions_agree_with_the_chosen_ones) {
  const Bytes entry(200, 7);
  const std::vector<ByteView> entries(5, entry);
  std::vector<Hash> hashes(5);
  leaf_hashes(entries, hashes);
  for (const Hash& hash : hashes) EXPECT_EQ(hash, leaf_hash(entry));
  node_hashes(std::span(hashes).first(4), std::span(hashes).first(2));
  EXPECT_EQ(hashes[0], node_hash(leaf_hash(entry), leaf_hash(entry)));
}

}  // namespace
}  // namespace weerbaar::trail
