#include "people/secret_box.h"

#include <gtest/gtest.h>

#include "os/testing.h"

namespace weerbaar::people {
namespace {

SecretBox box(uint8_t fill) {
  return SecretBox::create(Bytes(SecretBox::kKeyBytes, fill)).value();
}

TEST(SecretBox, opens_what_it_sealed_for_whom_it_sealed_it) {
  const std::string sealed = box(1).seal("GEZDGNBVGY3TQOJQ", "account 1").value();
  EXPECT_EQ(sealed.find("GEZDGNBVGY3TQOJQ"), std::string::npos);
  EXPECT_EQ(box(1).open(sealed, "account 1").value(), "GEZDGNBVGY3TQOJQ");
  EXPECT_EQ(os::refusal(box(1).open(sealed, "account 2")), Code::kCorrupt);
  EXPECT_EQ(os::refusal(box(2).open(sealed, "account 1")), Code::kCorrupt);
  EXPECT_NE(box(1).seal("GEZDGNBVGY3TQOJQ", "account 1").value(), sealed);
}

TEST(SecretBox, opens_nothing_that_was_changed_cut_or_never_sealed) {
  const std::string sealed = box(1).seal("GEZDGNBV", "account 1").value();
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_EQ(os::refusal(box(1).open(changed, "account 1")), Code::kCorrupt) << at;
    EXPECT_EQ(os::refusal(box(1).open(sealed.substr(0, at), "account 1")), Code::kCorrupt) << at;
  }
  EXPECT_EQ(os::refusal(box(1).open("GEZDGNBV", "account 1")), Code::kCorrupt);
}

TEST(SecretBox, refuses_a_key_of_another_length) {
  EXPECT_EQ(os::refusal(SecretBox::create(Bytes(31, 1))), Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::people
