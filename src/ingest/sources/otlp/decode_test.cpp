#include "ingest/sources/otlp/decode.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weerbaar::ingest::otlp {
namespace {

struct Decoded {
  std::vector<Record> records;
  Output output;
};

Decoded decode(std::string_view json) {
  const Mapping mapping;
  Decoder decoder(mapping);
  Decoded decoded;
  decoder.decode(json, 3, decoded.records, decoded.output);
  return decoded;
}

std::string span(std::string_view attributes) {
  return R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},)"
         R"("scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174",)"
         R"("name":"n","startTimeUnixNano":"1544712660000000000","attributes":[)" +
         std::string(attributes) + R"(],"unknownField":{"a":1}}]}]}]})";
}

TEST(OtlpDecode, a_span_that_tells_of_no_access_keeps_only_its_place_and_name) {
  const Decoded decoded =
      decode(span(R"({"key":"k","value":{"stringValue":"v"}},{"key":"db.statement","value":{"stringValue":"s"}})"));
  ASSERT_EQ(decoded.records.size(), 1U);
  ASSERT_EQ(decoded.records[0].items().size(), 1U);
  EXPECT_EQ(decoded.records[0].items()[0].value, "n");
  EXPECT_FALSE(decoded.records[0].tells_of_access());
  EXPECT_EQ(decoded.records[0].head().line, 3U);
}

TEST(OtlpDecode, what_is_not_about_an_access_may_have_any_attributes) {
  std::string attributes = R"({"no key":1},{"key":"a"},{"key":"a","value":{"stringValue":"1"}},{"key":"a","value":7})";
  for (int i = 0; i < 200; ++i) attributes += R"(,{"key":"k)" + std::to_string(i) + R"(","value":{"intValue":1}})";
  const Decoded decoded = decode(span(attributes));
  EXPECT_EQ(decoded.records.size(), 1U);
  EXPECT_TRUE(decoded.output.refusals.empty());
  const Decoded about = decode(span(attributes + R"(,{"key":"enduser.id","value":{"stringValue":"u"}})"));
  EXPECT_EQ(about.output.refusals.size(), 1U);
}

TEST(OtlpDecode, the_same_content_has_the_same_hash_in_either_spelling) {
  const std::string snake =
      R"({"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","name":"n",)"
      R"("start_time":1544712660000,"status":"Error","attributes":{"enduser.id":"u1"}, "resource":{"name":"svc"}})";
  const std::string camel =
      R"({"spanId":"EEE19B7EC3C1B174","startTime":"2018-12-13T14:51:00Z","traceId":"5B8EFFF798038103D269B633813FC60C",)"
      R"("attributes":{"enduser.id":"u1"},"status":2,"name":"n","resource":{"attributes":{"service.name":"svc"}}})";
  const Decoded a = decode(snake);
  const Decoded b = decode(camel);
  ASSERT_EQ(a.records.size(), 1U);
  ASSERT_EQ(b.records.size(), 1U);
  EXPECT_EQ(a.records[0].hash(), b.records[0].hash());
  EXPECT_NE(a.records[0].hash(), decode(span("")).records.at(0).hash());
}

TEST(OtlpDecode, of_attributes_that_mean_the_same_the_most_trusted_counts) {
  for (const auto* attributes :
       {R"({"key":"user.id","value":{"stringValue":"b"}},{"key":"enduser.id","value":{"stringValue":"a"}})",
        R"({"key":"enduser.id","value":{"stringValue":"a"}},{"key":"user.id","value":{"stringValue":"b"}})"}) {
    const Decoded decoded = decode(span(attributes));
    ASSERT_EQ(decoded.records.size(), 1U);
    const Item* actor = find_field(decoded.records[0].items(), Field::kActorId);
    ASSERT_NE(actor, nullptr);
    EXPECT_EQ(actor->value, "a");
    EXPECT_EQ(decoded.records[0].items().size(), 3U);
  }
}

TEST(OtlpDecode, a_refusal_holds_the_record_and_not_the_request) {
  const Decoded decoded = decode(span(R"({"key":"weerbaar.action","value":{"stringValue":"999999990"}})"));
  ASSERT_EQ(decoded.output.refusals.size(), 1U);
  const Refusal& refusal = decoded.output.refusals[0];
  EXPECT_EQ(refusal.line, 3U);
  EXPECT_TRUE(refusal.raw.starts_with(R"({"traceId":)")) << refusal.raw;
  EXPECT_NE(refusal.raw.find("999999990"), std::string::npos);
  EXPECT_EQ(refusal.reason.find("999999990"), std::string::npos);
  EXPECT_TRUE(refusal.reason.starts_with("resourceSpans[0].scopeSpans[0].spans[0]: weerbaar.action")) << refusal.reason;
}

TEST(OtlpDecode, a_resource_that_is_wrong_only_costs_records_about_access) {
  const std::string wrong =
      R"({"resourceSpans":[{"resource":7,"scopeSpans":[{"spans":[{}]}]}],)"
      R"("resourceLogs":[{"resource":7,"scopeLogs":[{"logRecords":[{"attributes":[]},{"timeUnixNano":1,)"
      R"("attributes":[{"key":"enduser.id","value":{"stringValue":"u"}}]}]}]}]})";
  const Decoded decoded = decode(wrong);
  EXPECT_TRUE(decoded.records.empty());
  ASSERT_EQ(decoded.output.refusals.size(), 2U);
  EXPECT_TRUE(decoded.output.refusals[1].reason.starts_with("resourceLogs[0].scopeLogs[0].logRecords[1]: resource: "));
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
