#include "trail/format/filter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace weerbaar::trail {
namespace {

TEST(Filter, never_denies_what_was_inserted) {
  std::mt19937_64 random(1);
  for (const uint64_t keys :
       {uint64_t{0}, uint64_t{1}, uint64_t{21}, uint64_t{22}, uint64_t{1'000}, uint64_t{100'000}}) {
    Bytes filter(filter_bytes(keys));
    std::vector<uint64_t> inserted(keys);
    for (uint64_t& hash : inserted) {
      hash = random();
      filter_insert(filter, hash);
    }
    for (const uint64_t hash : inserted) ASSERT_TRUE(filter_may_contain(filter, hash));
  }
}

TEST(Filter, errs_on_less_than_one_and_a_half_percent_of_other_keys) {
  std::mt19937_64 random(2);
  for (const uint64_t keys : {uint64_t{500}, uint64_t{20'000}, uint64_t{65'536}}) {
    Bytes filter(filter_bytes(keys));
    for (uint64_t i = 0; i < keys; ++i) filter_insert(filter, random());
    uint64_t wrong = 0;
    constexpr uint64_t kAsked = 200'000;
    for (uint64_t i = 0; i < kAsked; ++i) wrong += filter_may_contain(filter, random()) ? 1U : 0U;
    EXPECT_LT(static_cast<double>(wrong) / kAsked, 0.015) << keys;
  }
}

// By hand: block (high 32 bits × blocks) >> 32, and in word i the bit (low 32 bits × salt i) >> 27.
TEST(Filter, these_bytes_are_the_format) {
  Bytes filter(64);
  filter_insert(filter, 0x80000000'00000001U);  // the second block; the salts alone decide the bits
  EXPECT_EQ(to_hex(ByteView(filter).first(32)), std::string(64, '0'));
  EXPECT_EQ(to_hex(ByteView(filter).last(32)), "0001000000010000000002000000100000400000200000000000080000080000");
  filter_insert(filter, 0x7FFFFFFF'00000000U);  // the first block, bit 0 of each word
  EXPECT_EQ(to_hex(ByteView(filter).first(32)), "0100000001000000010000000100000001000000010000000100000001000000");
}

TEST(Filter, sizes_are_whole_blocks_of_12_bits_a_key) {
  EXPECT_EQ(filter_bytes(0), 32U);
  EXPECT_EQ(filter_bytes(21), 32U);
  EXPECT_EQ(filter_bytes(22), 64U);
  EXPECT_EQ(filter_bytes(65'536), 98'304U);
}

TEST(Filter, a_filter_of_an_impossible_size_excludes_nothing) {
  for (const size_t size : {size_t{0}, size_t{31}, size_t{33}}) {
    EXPECT_TRUE(filter_may_contain(Bytes(size), 12'345)) << size;
  }
}

// XXH3-64 (seed 0) of a byte for the type, a byte for the form, and the identifier.
TEST(Filter, keys_are_these_hashes) {
  StoredSubject number{SubjectType::kBsn, true, 929'462'401, {}, {}};
  EXPECT_EQ(subject_hash(number), 0x4a6e0b414c118497U);
  StoredSubject bytes{SubjectType::kVehicle, false, 0, "AB-123", {}};
  EXPECT_EQ(subject_hash(bytes), 0x2a0ccfb0da85d843U);
  EXPECT_EQ(actor_hash("u104233"), 0xc00cd9dbb41faaacU);
  EXPECT_EQ(actor_hash(std::string(300, 'x')), 0x51713e41346d70baU);
}

TEST(Filter, a_role_is_no_part_of_a_key_and_type_and_form_are) {
  const StoredSubject subject{SubjectType::kBsn, true, 7, {}, {}};
  StoredSubject other = subject;
  other.role = "partner";
  EXPECT_EQ(subject_hash(other), subject_hash(subject));
  other = subject;
  other.type = SubjectType::kRsin;
  EXPECT_NE(subject_hash(other), subject_hash(subject));
  other = {SubjectType::kBsn, false, 0, std::string_view("\x07\0\0\0\0\0\0\0", 8), {}};
  EXPECT_NE(subject_hash(other), subject_hash(subject));
}

}  // namespace
}  // namespace weerbaar::trail
