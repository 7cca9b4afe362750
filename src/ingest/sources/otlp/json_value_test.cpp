#include "ingest/sources/otlp/json_value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"

namespace weerbaar::ingest::otlp {
namespace {

namespace dom = simdjson::dom;

// One at a time: the parser owns what it gives.
dom::element parse(std::string_view json) {
  static dom::parser parser;
  return parser.parse(json.data(), json.size()).value();
}

std::string hex_of(std::string_view json) {
  const auto id = read_trace_id("trace_id", parse(json));
  if (!id) return id.error().text;
  return *id ? to_hex(as_bytes(std::string_view((*id)->data(), (*id)->size()))) : "none";
}

TEST(OtlpJsonValue, reads_ids_of_either_case_and_uuids) {
  EXPECT_EQ(hex_of(R"("5B8EFFF798038103D269B633813FC60C")"), "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(hex_of(R"("5b8efff7-9803-8103-d269-b633813fc60c")"), "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(hex_of(R"("")"), "none");
}

TEST(OtlpJsonValue, names_the_id_that_is_wrong) {
  for (const std::string_view json : {R"("5b8efff7")", R"("5b8efff798038103d269b633813fc60g")", "7", "null",
                                      R"("5b8efff79803-8103-d269-b633-813fc60c")", R"("W47/95gDgQPSabYzgT/GDA==")"}) {
    EXPECT_TRUE(hex_of(json).starts_with("trace_id must be")) << json;
  }
  EXPECT_FALSE(read_span_id("span_id", parse(R"("eee19b7ec3c1b1")")).has_value());
}

TEST(OtlpJsonValue, reads_nanoseconds_without_losing_any) {
  for (const std::string_view json : {"1764068470669123456", "\"1764068470669123456\""}) {
    EXPECT_EQ(read_unix_nanos("t", parse(json)).value(), (Time{1'764'068'470'669'123, 456})) << json;
  }
  EXPECT_EQ(read_unix_nanos("t", parse("0")).value(), std::nullopt);
  for (const std::string_view json : {"-1", "1.5", "\"\"", "\"1x\"", "true", "\"99999999999999999999\""}) {
    EXPECT_FALSE(read_unix_nanos("t", parse(json)).has_value()) << json;
  }
}

TEST(OtlpJsonValue, reads_the_times_of_ldv_in_all_spellings) {
  for (const std::string_view json : {"1764068470669", "\"1764068470669\"", "1764068470669.0",
                                      "\"2025-11-25T11:01:10.669Z\"", "\"2025-11-25T12:01:10.669+01:00\""}) {
    EXPECT_EQ(read_ldv_time("t", parse(json)).value(), (Time{1'764'068'470'669'000, 0})) << json;
  }
  EXPECT_EQ(read_ldv_time("t", parse("1764068470669.25")).value(), (Time{1'764'068'470'669'250, 0}));
  for (const std::string_view json : {"1764068470669123456", "-9223372036854775808", "1e300", "\"yesterday\"", "null",
                                      "[1]", "\"2025-11-25T11:01:10.669\""}) {
    EXPECT_FALSE(read_ldv_time("t", parse(json)).has_value()) << json;
  }
}

std::string text_of(std::string_view json) {
  const auto scalar = read_any_value(parse(json));
  if (!scalar) return "wrong";
  if (!*scalar) return "none";
  return ((*scalar)->is_text ? "text " : "json ") + (*scalar)->text;
}

TEST(OtlpJsonValue, reads_every_kind_of_attribute_value) {
  EXPECT_EQ(text_of(R"({"stringValue":"é\u0000"})"), std::string("text é\0", 8));
  EXPECT_EQ(text_of(R"({"boolValue":true})"), "json true");
  EXPECT_EQ(text_of(R"({"intValue":"-9223372036854775808"})"), "json -9223372036854775808");
  EXPECT_EQ(text_of(R"({"int_value":10})"), "json 10");
  EXPECT_EQ(text_of(R"({"doubleValue":637.704})"), "json 637.704");
  EXPECT_EQ(text_of(R"({"doubleValue":"1.5"})"), "json 1.5");
  EXPECT_EQ(text_of(R"({"doubleValue":"NaN"})"), "text NaN");
  EXPECT_EQ(text_of(R"({"bytesValue":"AQI="})"), "text AQI=");
  EXPECT_EQ(text_of(R"({"arrayValue":{"values":[{"stringValue":"a\""},{"intValue":1},{},{"arrayValue":{}}]}})"),
            "text [\"a\\\"\",1,null,[]]");
  EXPECT_EQ(text_of(R"({"kvlistValue":{"values":[{"key":"k","value":{"boolValue":false}},{"key":"l"}]}})"),
            "text {\"k\":false,\"l\":null}");
  EXPECT_EQ(text_of("{}"), "none");
  EXPECT_EQ(text_of(R"({"stringValue":null})"), "none");
}

TEST(OtlpJsonValue, an_attribute_value_of_no_known_kind_is_wrong) {
  for (const std::string_view json :
       {R"("x")", "7", R"({"stringValue":7})", R"({"intValue":1.5})", R"({"intValue":"1x"})", R"({"boolValue":"true"})",
        R"({"doubleValue":"many"})", R"({"arrayValue":[1]})", R"({"arrayValue":{"values":[1]}})",
        R"({"kvlistValue":{"values":[{"value":{}}]}})", R"({"otherValue":1})", R"({"stringValue":"a","intValue":1})"}) {
    EXPECT_EQ(text_of(json), "wrong") << json;
  }
}

TEST(OtlpJsonValue, mends_only_what_is_not_text) {
  const std::string mark(kNotText);
  EXPECT_EQ(mend_text(R"({"a":"é 😀 \ud83d\ude00 \n"})"), std::nullopt);
  EXPECT_EQ(mend_text("{\n\t\"a\":\"b\"}"), std::nullopt);
  EXPECT_EQ(mend_text("{\"a\":\"\xFF\xC3(\"}"), "{\"a\":\"" + mark + mark + "(\"}");
  EXPECT_EQ(mend_text("{\"a\":\"\t\"}"), "{\"a\":\"" + mark + "\"}");
  EXPECT_EQ(mend_text(R"({"a":"\ud83d","b":"\ude00\ud83d\ud83d\ude00"})"),
            "{\"a\":\"" + mark + "\",\"b\":\"" + mark + mark + "\\ud83d\\ude00\"}");
  EXPECT_EQ(mend_text("\"\\"), std::nullopt);
}

TEST(OtlpJsonValue, finds_two_spellings_of_one_name) {
  EXPECT_TRUE(check_names(parse(R"({"scopeSpans":1,"scope":2})").get_object()).has_value());
  EXPECT_FALSE(check_names(parse(R"({"scopeSpans":1,"a":1,"scope_spans":2})").get_object()).has_value());
}

TEST(OtlpJsonValue, finds_names_that_repeat_at_any_depth) {
  std::string many = "{\"k\":1";
  for (int i = 0; i < 40; ++i) many += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_TRUE(check_texts(parse(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"), false).has_value());
  EXPECT_FALSE(check_texts(parse(R"({"a":[{"b":{"c":1,"c":2}}]})"), false).has_value());
  EXPECT_TRUE(check_texts(parse(many + "}"), false).has_value());
  EXPECT_FALSE(check_texts(parse(many + ",\"k\":2}"), false).has_value());
  EXPECT_FALSE(check_texts(parse("{\"a\":[\"\xEF\xB7\x90\"]}"), true).has_value());
  EXPECT_TRUE(check_texts(parse("{\"a\":[\"\xEF\xB7\x90\"]}"), false).has_value());
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
