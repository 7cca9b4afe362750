#include "ingest/sources/jsonl/json_fault.h"

#include <gtest/gtest.h>

#include <string>

namespace weerbaar::ingest::jsonl {
namespace {

TEST(JsonFault, points_at_the_byte_where_the_line_stops_being_json) {
  EXPECT_EQ(explain_json_fault(R"({"id":1,})"), "the JSON is broken at byte 9: send one whole object a line");
  EXPECT_EQ(explain_json_fault(R"({"id":1)"), "the JSON is broken at byte 8: send one whole object a line");
  EXPECT_EQ(explain_json_fault("{} {}"), "the JSON is broken at byte 4: send one whole object a line");
}

TEST(JsonFault, points_at_the_first_byte_that_is_not_utf8) {
  EXPECT_EQ(explain_json_fault("{\"id\":\"é\xE9\"}"), "byte 10 is not UTF-8: convert the input at the source");
  EXPECT_EQ(explain_json_fault("\xF0\x9F\x98\x80\xF0\x9F\x98"), "byte 5 is not UTF-8: convert the input at the source");
  EXPECT_EQ(explain_json_fault("\xC3"), "byte 1 is not UTF-8: convert the input at the source");
}

TEST(JsonFault, points_at_a_nul_inside_and_outside_a_string) {
  for (const std::string_view line : {std::string_view("{\"id\":\"\0\"}", 10), std::string_view("{\"a\":1}\0", 8)}) {
    EXPECT_EQ(explain_json_fault(line), "byte 8 is NUL: remove it at the source");
  }
}

TEST(JsonFault, names_the_field_of_a_number_that_does_not_fit) {
  EXPECT_EQ(explain_json_fault(R"({"a":1,"records":18446744073709551616})"),
            "the number in \"records\" does not fit 64 bits: send it as a string");
  EXPECT_EQ(explain_json_fault(R"({"big":1e999})"), "the number in \"big\" does not fit 64 bits: send it as a string");
}

TEST(JsonFault, shows_only_names_that_cannot_hold_an_identification_number) {
  EXPECT_EQ(field_to_show("x-note_2.b", "?"), "\"x-note_2.b\"");
  for (const char* name : {"", "123456782", "1234.56.782", "jan jansen", "é", "a\"b", "a\nb"}) {
    EXPECT_EQ(field_to_show(name, "?"), "?") << name;
  }
  EXPECT_EQ(field_to_show(std::string(64, 'x'), "?").size(), 66U);
  EXPECT_EQ(field_to_show(std::string(65, 'x'), "?"), "?");
}

}  // namespace
}  // namespace weerbaar::ingest::jsonl
