#include "ingest/sources/otlp/request_pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ingest/sources/otlp/kept_record.h"

namespace weerbaar::ingest::otlp {
namespace {

std::string span(int number, const std::string& name = "n") {
  return R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b1)" + std::to_string(10 + number) +
         R"(","name":")" + name +
         R"(","startTimeUnixNano":"1764068470669123456","attributes":[{"key":"enduser.id","value":{"stringValue":"u1"}}]})";
}

std::string resource(const std::string& name) {
  return R"("resource":{"attributes":[{"key":"service.name","value":{"stringValue":")" + name + R"("}}]})";
}

// Two blocks, of which the list of the one comes before its resource, with scopes that hold nothing or are wrong.
std::string request() {
  return "{ \"resourceSpans\" : [ {" + resource("a") + ", \"scopeSpans\":[{\"scope\":{\"name\":\"]}\"},\"spans\":[" +
         span(1) + " , " + span(2, R"(\"}]\\)") + "]},{},{\"spans\":[]},{\"spans\":[" + span(3) +
         "],\"schemaUrl\":\"x\"}]},{},{\"scope_spans\":[{\"spans\":[\n" + span(4) + "," + span(5) + "]}]," +
         resource("b") + "}]}";
}

struct Read {
  std::vector<std::string> records;
  size_t refused = 0;
};

void read(std::string_view json, Read& to) {
  Output output;
  for (const KeptRecord& kept : read_kept_records(json, Mapping(), output)) to.records.push_back(kept.json());
  for (const Refusal& refusal : output.refusals) to.refused += refusal.records;
}

TEST(OtlpRequestPieces, hold_the_same_records_with_their_resources_wherever_it_is_cut) {
  Read whole;
  read(request(), whole);
  ASSERT_EQ(whole.records.size(), 5U);
  for (size_t piece_bytes = 1; piece_bytes < request().size() + 10; ++piece_bytes) {
    Read cut;
    size_t pieces = 0;
    ASSERT_TRUE(cut_request(request(), piece_bytes, [&](std::string_view json) {
      read(json, cut);
      ++pieces;
    }));
    EXPECT_EQ(cut.records, whole.records) << piece_bytes;
    EXPECT_EQ(cut.refused, 0U);
    EXPECT_TRUE(piece_bytes > 1 || pieces >= 5U) << pieces;
    EXPECT_TRUE(piece_bytes <= request().size() + 5 || pieces == 1U) << pieces;
  }
}

TEST(OtlpRequestPieces, what_is_wrong_stays_wrong) {
  const std::string head = R"({"resourceSpans":[{)" + resource("a");
  const std::string cases[] = {
      head + R"(,"scopeSpans":[{"spans":[)" + span(1) + " 7]}]}]}",
      head + R"(,"scopeSpans":[{"spans":[)" + span(1) + ",]}]}]}",
      head + R"(,"scopeSpans":[{"spans":[,)" + span(1) + "]}]}]}",
      head + R"(,"scopeSpans":[{"spans":[)" + span(1) + "]}]," + resource("twice") + "}]}",
      head + R"(,"scopeSpans":7}]})",
      R"({"resourceSpans":[7]})",
      R"({"resourceSpans":[{"scopeSpans":[{"spans":7}]}]})",
  };
  for (const std::string& one : cases) {
    Read whole;
    read(one, whole);
    ASSERT_GT(whole.refused, 0U) << one;
    Read cut;
    ASSERT_TRUE(cut_request(one, 1, [&](std::string_view json) { read(json, cut); })) << one;
    EXPECT_GT(cut.refused, 0U) << one;
  }
}

TEST(OtlpRequestPieces, cuts_nothing_but_one_list_of_records) {
  const std::string wide(kAroundBytesMax + 1, 'x');
  std::string blocks = "{}";
  for (int i = 0; i < 100'001; ++i) blocks += ",{}";
  const std::string cases[] = {
      "{}",
      "7",
      "",
      R"({"resourceSpans":7})",
      R"({"resourceSpans":[1 2]})",
      R"({"resourceSpans":[]x})",
      R"({"resourceSpans":[],"resourceLogs":[]})",
      R"({"resourceSpans":[],"resource_spans":[]})",
      R"({"resourceMetrics":[{}]})",
      R"({"resourceSpans":[{"resource":")" + wide + R"(","scopeSpans":[]}]})",
      R"({"resourceSpans":[{"scopeSpans":[{"scope":")" + wide + R"(","spans":[]}]}]})",
      R"({"resourceSpans":[")" + wide + R"("]})",
      R"({"resourceSpans":[)" + blocks + "]}",
      R"({"resourceSpans":[{"scopeSpans":[)" + blocks + "]}]}",
  };
  for (const std::string& one : cases) {
    EXPECT_FALSE(cut_request(one, 1, [](std::string_view) { ADD_FAILURE() << "called"; })) << one.substr(0, 60);
  }
}

TEST(OtlpRequestPieces, of_a_list_that_is_large_are_small) {
  std::string spans;
  for (int i = 0; i < 2'000; ++i) spans += (i > 0 ? "," : "") + span(i % 80);
  const std::string large =
      R"({"resourceSpans":[{)" + resource("a") + R"(,"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
  size_t largest = 0;
  ASSERT_TRUE(cut_request(large, 10'000, [&](std::string_view json) { largest = std::max(largest, json.size()); }));
  EXPECT_GT(largest, 9'000U);
  EXPECT_LT(largest, 11'000U);
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
