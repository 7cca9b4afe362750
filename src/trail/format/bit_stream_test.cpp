#include "trail/format/bit_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weerbaar::trail {
namespace {

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

TEST(BitReader, reads_what_was_written) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::pair<uint64_t, Read>> values;
    Bytes bytes(40 * (kGolombBitsMax / 8 + 1) + 8);
    BitWriter writer(bytes.data());
    for (int i = 0; i < 40; ++i) {
      const Read read{random() % 2 == 0, static_cast<unsigned>(random() % 30 + 1)};
      const uint64_t value = random() >> (64 - (read.is_golomb ? random() % 40 + 1 : read.size));
      if (read.is_golomb) {
        writer.put_golomb(value, read.size);
      } else {
        writer.put(value, read.size);
      }
      values.emplace_back(value, read);
    }
    bytes.resize(static_cast<size_t>(writer.finish() - bytes.data()));
    BitReader reader(bytes);
    for (const auto& [value, read] : values) ASSERT_EQ(take(reader, read), value);
    ASSERT_TRUE(reader.at_end());
    ASSERT_FALSE(reader.overran());
  }
}

}  // namespace
}  // namespace weerbaar::trail
