#include "http/chunk_decoder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <random>
#include <string>

namespace weerbaar::http {
namespace {

constexpr size_t kLineBytesMax = 40;

struct Decoded {
  std::string body;
  size_t used = 0;
};

// Nothing when the body is bad or not whole.
std::optional<Decoded> decode(std::string_view bytes, size_t piece) {
  ChunkDecoder decoder(kLineBytesMax);
  Decoded decoded;
  while (!decoder.done() && !decoder.bad() && decoded.used < bytes.size()) {
    const auto [used, data] = decoder.read(bytes.substr(decoded.used, piece));
    decoded.used += used;
    decoded.body += data;
  }
  if (!decoder.done()) return std::nullopt;
  return decoded;
}

// The same as the standard tells it, on all of the bytes at once.
std::optional<Decoded> decode_obviously(const std::string& bytes) {
  Decoded decoded;
  const auto line = [&](size_t bytes_max) -> std::optional<std::string> {
    const size_t end = bytes.find("\r\n", decoded.used);
    if (end == std::string::npos) return std::nullopt;
    std::string text = bytes.substr(decoded.used, end - decoded.used);
    decoded.used = end + 2;
    if (text.size() > bytes_max) return std::nullopt;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return std::nullopt;
    }
    return text;
  };
  for (;;) {
    const auto head = line(1'000);
    if (!head) return std::nullopt;
    const std::string digits = head->substr(0, head->find(';'));
    if (digits.empty() || digits.size() > 16) return std::nullopt;
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
    if (head->size() > digits.size() + kLineBytesMax) return std::nullopt;
    const uint64_t size = std::strtoull(digits.c_str(), nullptr, 16);
    if (size == 0) break;
    if (size > bytes.size() - decoded.used || bytes.size() - decoded.used - size < 2) return std::nullopt;
    decoded.body += bytes.substr(decoded.used, size);
    decoded.used += size;
    if (bytes.compare(decoded.used, 2, "\r\n") != 0) return std::nullopt;
    decoded.used += 2;
  }
  size_t trailer = 0;
  for (;;) {
    const auto text = line(1'000);
    if (!text) return std::nullopt;
    if (text->empty()) return decoded;
    trailer += text->size() + 1;
    if (trailer > kLineBytesMax) return std::nullopt;
  }
}

TEST(ChunkDecoder, gives_what_the_obvious_one_gives_for_whatever_bytes_however_they_are_cut) {
  std::mt19937_64 random(7);
  const std::string pieces[] = {"5\r\nhello\r\n",
                                "0\r\n\r\n",
                                "1;a=b\r\nx\r\n",
                                "00A\r\n0123456789\r\n",
                                "\r\n",
                                "0",
                                "0\r\nA: b\r\n\r\n",
                                "\r",
                                "\n",
                                ";",
                                "f",
                                std::string(30, 'a'),
                                "ffffffffffffffff\r\n"};
  int whole = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (uint64_t i = random() % 6; i < 6; ++i) bytes += pieces[random() % (random() % 2 == 0 ? 4 : std::size(pieces))];
    if (random() % 8 == 0) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto expected = decode_obviously(bytes);
    whole += expected ? 1 : 0;
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{5}, bytes.size()}) {
      const auto decoded = decode(bytes, piece);
      ASSERT_EQ(decoded.has_value(), expected.has_value()) << bytes << " in pieces of " << piece;
      if (!expected) continue;
      ASSERT_EQ(decoded->body, expected->body);
      ASSERT_EQ(decoded->used, expected->used);
    }
  }
  EXPECT_GT(whole, 3'000);
}

TEST(ChunkDecoder, ends_an_empty_body_wherever_it_is_cut) {
  for (size_t piece = 1; piece <= 5; ++piece) EXPECT_TRUE(decode("0\r\n\r\n", piece).has_value()) << piece;
}

}  // namespace
}  // namespace weerbaar::http
