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

const RefuseJson kNoneRefused = [](std::string_view, std::string_view json) { ADD_FAILURE() << json; };

// As many objects and arrays in each other.
std::string nested(size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

std::string deep_span(int number, size_t levels) {
  std::string text = span(number);
  return text.insert(1, R"("x":)" + nested(levels - 1) + ",");
}

TEST(OtlpRequestPieces, hold_the_same_records_with_their_resources_wherever_it_is_cut) {
  Read whole;
  read(request(), whole);
  ASSERT_EQ(whole.records.size(), 5U);
  for (size_t piece_bytes = 1; piece_bytes < request().size() + 10; ++piece_bytes) {
    Read cut;
    size_t pieces = 0;
    ASSERT_TRUE(cut_request(
        request(), piece_bytes,
        [&](std::string_view json) {
          read(json, cut);
          ++pieces;
        },
        kNoneRefused));
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
    ASSERT_TRUE(cut_request(one, 1, [&](std::string_view json) { read(json, cut); }, kNoneRefused)) << one;
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
    EXPECT_FALSE(cut_request(
        one, 1, [](std::string_view) { ADD_FAILURE() << "called"; }, kNoneRefused))
        << one.substr(0, 60);
  }
}

TEST(OtlpRequestPieces, of_what_nests_too_deep_the_record_is_refused_and_no_other) {
  const std::string head = R"({"resourceSpans":[{)" + resource("a");
  for (const size_t levels : {kRecordDepthMax + 1, size_t{100'000}}) {
    const std::string deep = deep_span(3, levels);
    const std::string body = head + R"(,"scopeSpans":[{"spans":[)" + span(1) + "," + deep + "," + span(2) + "," +
                             deep_span(4, kRecordDepthMax) + "]}]}]}";
    Read cut;
    std::vector<std::string> refused;
    ASSERT_TRUE(cut_request(
        body, kRequestPieceBytes, [&](std::string_view json) { read(json, cut); },
        [&](std::string_view reason, std::string_view json) {
          EXPECT_EQ(reason, kRecordTooDeep);
          refused.emplace_back(json);
        }));
    EXPECT_EQ(cut.records.size(), 3U);
    EXPECT_EQ(cut.refused, 0U);
    EXPECT_EQ(refused, std::vector{deep});
    // As a whole request, too.
    Read whole;
    read(body, whole);
    EXPECT_EQ(whole.records, cut.records);
    EXPECT_EQ(whole.refused, 1U);
  }
}

TEST(OtlpRequestPieces, of_a_resource_that_nests_too_deep_the_records_are_refused_and_no_others) {
  const std::string blocks = R"({"resource":{"x":)" + nested(200) + R"(},"scopeSpans":[{"spans":[)" + span(1) + "," +
                             span(2) + "]}]},{" + resource("b") + R"(,"scopeSpans":[{"scope":)" + nested(200) +
                             R"(,"spans":[)" + span(3) + "]}," + nested(200) + "]}";
  Read whole;
  read(R"({"resourceSpans":[)" + blocks + "]}", whole);
  EXPECT_EQ(whole.records.size(), 1U);
  EXPECT_EQ(whole.refused, 3U);
}

TEST(OtlpRequestPieces, of_what_nests_too_deep_without_a_list_beside_it_nothing_is_refused) {
  const std::string good = "{" + resource("a") + R"(,"scopeSpans":[{"spans":[)" + span(1) + "]}]}";
  for (const size_t levels : {size_t{62}, size_t{200}, size_t{30'000}}) {
    const std::string deep = nested(levels);
    const std::pair<std::string, size_t> cases[] = {
        {R"({"resource":)" + deep + "}", 0},
        {R"({"resource":{"attributes":[]},"x":)" + deep + "}", 0},
        {R"({"scopeSpans":[{"scope":)" + deep + "}]}", 0},
        {"{" + resource("b") + R"(,"scopeSpans":[{"scope":{"name":"s"},"x":)" + deep + R"(},{"spans":[)" + span(2) +
             "]}]}",
         0},
        // These are wrong without it too.
        {"[" + deep + "]", 1},
        {R"({"scopeSpans":7,"x":)" + deep + "}", 1},
        {R"({"scopeSpans":[)" + deep + "]}", 1},
    };
    for (const auto& [block, refused] : cases) {
      Read whole;
      read(R"({"resourceSpans":[)" + block + "," + good + "]}", whole);
      EXPECT_EQ(whole.records.size(), block.find("spanId") == std::string::npos ? 1U : 2U) << block.substr(0, 60);
      EXPECT_EQ(whole.refused > 0, refused > 0) << levels << block.substr(0, 60);
    }
  }
}

TEST(OtlpRequestPieces, are_refused_no_more_than_the_request_that_can_be_parsed_at_once) {
  const auto request_of = [](size_t levels_of_resource, size_t levels_of_scope) {
    return R"({"resourceSpans":[{"resource":{"x":)" + nested(levels_of_resource - 1) + R"(},"scopeSpans":[{"scope":)" +
           nested(levels_of_scope) + R"(,"spans":[)" + span(1).insert(1, R"("name2":[],)") + R"(]}]}]})";
  };
  // The deepest of each that fit in an object of 64 levels.
  Read cut;
  ASSERT_TRUE(cut_request(request_of(61, 59), 1, [&](std::string_view json) { read(json, cut); }, kNoneRefused));
  Read whole;
  read(request_of(61, 59), whole);
  EXPECT_EQ(cut.records, whole.records);
  EXPECT_EQ(cut.refused, whole.refused);
}

TEST(OtlpRequestPieces, one_knows_what_is_more_than_one_record) {
  for (const char* const several : {R"({"x":[],"resourceSpans":[]})", R"({"resource_logs":7})", "{\"a", "7",
                                    R"({"processingActivities":[]})", R"({"resource\u0053pans":[]})"}) {
    EXPECT_TRUE(may_hold_records(several)) << several;
  }
  for (const char* const one : {"{}", R"({"trace_id":"1","resource":{"resourceSpans":[]}})", R"({"a":{"b":[{}]}})"}) {
    EXPECT_FALSE(may_hold_records(one)) << one;
  }
}

TEST(OtlpRequestPieces, of_a_list_that_is_large_are_small) {
  std::string spans;
  for (int i = 0; i < 2'000; ++i) spans += (i > 0 ? "," : "") + span(i % 80);
  const std::string large =
      R"({"resourceSpans":[{)" + resource("a") + R"(,"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
  size_t largest = 0;
  ASSERT_TRUE(cut_request(
      large, 10'000, [&](std::string_view json) { largest = std::max(largest, json.size()); }, kNoneRefused));
  EXPECT_GT(largest, 9'000U);
  EXPECT_LT(largest, 11'000U);
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
