// Bits and their exponential Golomb code, against the obvious version: texts of the digits 0 and 1.
#include "trail/format/bit_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace weerbaar::trail {
namespace {

std::string binary(uint64_t value, unsigned digits) {
  std::string text;
  for (unsigned digit = digits; digit > 0; --digit) text += (value >> (digit - 1) & 1U) != 0 ? '1' : '0';
  return text;
}

// value + 2^order in binary, with as many zeros before it as it has digits beyond the first order + 1.
std::string golomb(uint64_t value, unsigned order) {
  std::string digits = binary(value + (uint64_t{1} << order), 64);
  digits.erase(0, digits.find('1'));
  return std::string(digits.size() - 1 - order, '0') + digits;
}

Bytes bytes_of(std::string digits) {
  while (digits.size() % 8 != 0) digits += '0';
  Bytes bytes;
  for (size_t at = 0; at < digits.size(); at += 8) {
    bytes.push_back(static_cast<uint8_t>(std::stoul(digits.substr(at, 8), nullptr, 2)));
  }
  return bytes;
}

std::string digits_of(ByteView bytes) {
  std::string digits;
  for (const uint8_t byte : bytes) digits += binary(byte, 8);
  return digits;
}

// Of every length up to 60 bits, and those around the powers of two.
uint64_t some_value(std::mt19937_64& random) {
  const uint64_t bits = random() % 61;
  const uint64_t power = uint64_t{1} << (bits == 60 ? 59 : bits);
  if (random() % 3 == 0) return power - random() % 2;
  return bits == 0 ? 0 : random() >> (64 - bits);
}

struct Item {
  bool is_golomb;
  unsigned bits;  // or the order
  uint64_t value;
};

std::vector<Item> some_items(std::mt19937_64& random) {
  std::vector<Item> items(1 + random() % 40);
  for (Item& item : items) {
    item.is_golomb = random() % 2 == 0;
    item.bits = static_cast<unsigned>(random() % (item.is_golomb ? kGolombOrderMax + 1 : 65));
    item.value = item.is_golomb ? some_value(random) : item.bits == 0 ? 0 : random() >> (64 - item.bits);
  }
  return items;
}

TEST(BitStream, writes_and_reads_what_the_obvious_version_does) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 5'000; ++round) {
    const std::vector<Item> items = some_items(random);
    std::string digits;
    for (const Item& item : items) {
      digits += item.is_golomb ? golomb(item.value, item.bits) : binary(item.value, item.bits);
    }
    Bytes written(digits.size() / 8 + 9, 0xAA);
    BitWriter writer(written.data());
    for (const Item& item : items) {
      if (item.is_golomb) {
        writer.put_golomb(item.value, item.bits);
      } else {
        writer.put(item.value, item.bits);
      }
    }
    const uint8_t* const end = writer.finish();
    ASSERT_LE(end, written.data() + written.size());
    written.resize(static_cast<size_t>(end - written.data()));
    ASSERT_EQ(written, bytes_of(digits));
    BitReader reader(written);
    for (const Item& item : items) {
      const uint64_t read = item.is_golomb ? reader.take_golomb(item.bits) : reader.take(item.bits);
      ASSERT_EQ(read, item.value) << item.is_golomb << " " << item.bits;
    }
    EXPECT_FALSE(reader.overran());
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(BitStream, a_number_takes_as_many_bits_as_is_said) {
  for (unsigned order = 0; order <= kGolombOrderMax; ++order) {
    EXPECT_EQ(golomb(0, order).size(), order + 1);
    EXPECT_EQ(golomb((uint64_t{1} << order) - 1, order).size(), order + 1);
    EXPECT_EQ(golomb(uint64_t{1} << order, order).size(), order + 3);
    EXPECT_LE(golomb((uint64_t{1} << 60U) - 1, order).size(), kGolombBitsMax);
  }
}

// Whatever the bytes are, both find the same numbers in them, up to where a number cannot be one.
TEST(BitStream, reads_any_bytes_as_the_obvious_version_does) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 40);
    for (uint8_t& byte : bytes) byte = random() % 3 == 0 ? 0 : static_cast<uint8_t>(random());
    const std::string digits = digits_of(bytes);
    BitReader reader(bytes);
    size_t at = 0;
    for (int i = 0; i < 30; ++i) {
      const auto order = static_cast<unsigned>(random() % (kGolombOrderMax + 1));
      const size_t one = digits.find('1', std::min(at, digits.size()));
      const size_t length = one == std::string::npos ? 0 : 2 * (one - at) + order + 1;
      const bool is_number = length != 0 && at + length <= digits.size() && one - at + order <= 60;
      const uint64_t read = reader.take_golomb(order);
      if (!is_number) break;
      const std::string raised = digits.substr(one, one - at + order + 1);
      ASSERT_EQ(read, std::stoull(raised, nullptr, 2) - (uint64_t{1} << order));
      at += length;
      ASSERT_FALSE(reader.overran());
      const std::string rest = digits.substr(at);
      ASSERT_EQ(reader.at_end(), rest.size() < 8 && rest.find('1') == std::string::npos);
    }
  }
}

TEST(BitStream, reads_zeros_beyond_the_end_and_says_so) {
  const Bytes bytes = {0xFF};
  BitReader reader(bytes);
  EXPECT_EQ(reader.take(4), 0xFU);
  EXPECT_EQ(reader.take(8), 0xF0U);
  EXPECT_TRUE(reader.overran());
  BitReader nothing{ByteView()};
  EXPECT_EQ(nothing.take(64), 0U);
  EXPECT_TRUE(nothing.overran());
}

// One read of a stream: of so many bits, or of a Golomb code of this order.
struct Read {
  bool is_golomb;
  unsigned size;
};

uint64_t take(BitReader& reader, const Read& read) {
  return read.is_golomb ? reader.take_golomb(read.size) : reader.take(read.size);
}

// Whatever the bytes are, and wherever a stream ends among others: what follows it does not show.
TEST(BitReader, gives_the_same_whether_or_not_more_may_be_read) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    Bytes memory(40);
    for (uint8_t& byte : memory) byte = static_cast<uint8_t>(random() % 3 == 0 ? 0 : random());
    const size_t begin = random() % 16;
    const size_t size = random() % 20;
    const Bytes alone(memory.begin() + static_cast<std::ptrdiff_t>(begin),
                      memory.begin() + static_cast<std::ptrdiff_t>(begin + size));
    BitReader exact(alone);
    BitReader among(ByteView(memory).subspan(begin, size), memory.data() + memory.size());
    for (int i = 0; i < 12; ++i) {
      const Read read{random() % 2 == 0, static_cast<unsigned>(random() % 40)};
      ASSERT_EQ(take(among, read), take(exact, read)) << round;
      ASSERT_EQ(among.overran(), exact.overran()) << round;
      ASSERT_EQ(among.at_end(), exact.at_end()) << round;
      if (exact.overran()) break;
    }
  }
}

}  // namespace
}  // namespace weerbaar::trail
