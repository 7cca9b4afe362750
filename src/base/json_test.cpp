#include "base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weerbaar {
namespace {

TEST(ToLine, bytes_that_are_no_utf8_are_replaced_and_stop_nothing) {
  EXPECT_EQ(to_line({{"where", "segments/\xFF"}}), "{\"where\":\"segments/\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace weerbaar
