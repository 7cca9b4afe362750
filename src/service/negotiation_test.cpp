#include "service/negotiation.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace weerbaar::service {
namespace {

constexpr std::array<std::string_view, 3> kTypes = {"application/json", "text/csv", "application/pdf"};

std::optional<size_t> wanted(std::string_view accept) {
  return wanted_type(accept, kTypes);
}

TEST(Negotiation, gives_the_first_type_to_who_does_not_say) {
  for (const char* const accept :
       {"", " ", "*/*", "application/*", "application/json", "APPLICATION/JSON;charset=utf-8"}) {
    EXPECT_EQ(wanted(accept), 0U) << accept;
  }
}

TEST(Negotiation, gives_the_type_that_is_wanted_most) {
  EXPECT_EQ(wanted("text/csv"), 1U);
  EXPECT_EQ(wanted("text/*"), 1U);
  EXPECT_EQ(wanted("application/pdf, */*;q=0.1"), 2U);
  EXPECT_EQ(wanted("application/json;q=0.5, text/csv;q=0.875, application/pdf;q=0.8"), 1U);
  EXPECT_EQ(wanted("application/*;q=0.3, application/pdf"), 2U);
  EXPECT_EQ(wanted("text/html, application/xhtml+xml, */*;q=0.8"), 0U);
  EXPECT_EQ(wanted("*/*, application/json;q=0"), 1U);
}

TEST(Negotiation, gives_nothing_to_who_wants_nothing_of_it) {
  for (const char* const accept :
       {"text/html", "application/json;q=0", "application/json;q=2", "text/csv;q=x", ",,;", "*"}) {
    EXPECT_EQ(wanted(accept), std::nullopt) << accept;
  }
  std::string long_one;
  for (size_t i = 0; i < kPartsMax; ++i) long_one += "a/b,";
  EXPECT_EQ(wanted(long_one + "text/csv"), std::nullopt);
}

TEST(Negotiation, speaks_dutch_unless_english_is_wanted_more) {
  for (const char* const said :
       {"", "nl", "nl-BE", "de, fr", "*", "en;q=0.5, nl;q=0.5", "nl, en", "en;q=0", "en;q=7"}) {
    EXPECT_EQ(wanted_language(said), Language::kDutch) << said;
  }
  for (const char* const said : {"en", "en-GB, nl;q=0.9", "EN", "de, en;q=0.1", "nl;q=0, *"}) {
    EXPECT_EQ(wanted_language(said), Language::kEnglish) << said;
  }
}

}  // namespace
}  // namespace weerbaar::service
