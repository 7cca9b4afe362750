#include "base/bytes.h"

#include <gtest/gtest.h>

namespace weerbaar {
namespace {

TEST(Bytes, base64_matches_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(as_text(from_base64(encoded).value()), plain);
  }
}

TEST(Bytes, base64_refuses_what_is_not_canonical) {
  for (const char* wrong : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm 9", "=m9v"}) {
    EXPECT_FALSE(from_base64(wrong).has_value()) << wrong;
  }
}

TEST(Bytes, hexadecimal_goes_both_ways) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0xab, 0xff}), "00abff");
  EXPECT_EQ(from_hex("00AbfF").value(), (Bytes{0x00, 0xab, 0xff}));
  EXPECT_FALSE(from_hex("0").has_value());
  EXPECT_FALSE(from_hex("0g").has_value());
}

TEST(Bytes, integers_keep_their_byte_order) {
  Bytes bytes;
  append_le<uint32_t>(bytes, 0x01020304);
  EXPECT_EQ(bytes, (Bytes{4, 3, 2, 1}));
  EXPECT_EQ(load_le<uint32_t>(bytes.data()), 0x01020304U);
  EXPECT_EQ(load_be<uint32_t>(bytes.data()), 0x04030201U);
  store_be<uint16_t>(bytes.data(), 0x0102);
  EXPECT_EQ(bytes[0], 1);
}

}  // namespace
}  // namespace weerbaar
