#include "server/event_output.h"

#include <gtest/gtest.h>

namespace weerbaar::server {
namespace {

TEST(Printable, leaves_nothing_that_a_terminal_would_obey) {
  EXPECT_EQ(printable("a\x1b[31mb\x7f\n"), "a [31mb  ");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31mb"),
            "a 31mb");
  EXPECT_EQ(printable("caf\xC3\xA9 \xC2\xA7 \xE2\x82\xAC"), "caf\xC3\xA9 \xC2\xA7 \xE2\x82\xAC");
  EXPECT_EQ(printable("cut\xC2"), "cut\xC2");
  EXPECT_EQ(printable("u1\u202Egnp.exe\u2069 \u200F\u061C."), "u1 gnp.exe    .");
  EXPECT_EQ(printable("\u2013\u2026 \u0639"), "\u2013\u2026 \u0639");
}

}  // namespace
}  // namespace weerbaar::server
