#include "ingest/sources/otlp/protobuf.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "domain/access_event_json.h"
#include "ingest/sources/otlp/json_splitter.h"
#include "ingest/sources/otlp/otlp.h"

namespace weerbaar::ingest::otlp {
namespace {

// Fields of a message, as any encoder writes them.
std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  return out + static_cast<char>(value);
}
std::string number(uint32_t field, uint64_t value) {
  return varint(field << 3U) + varint(value);
}
std::string bytes(uint32_t field, std::string_view value) {
  return varint(field << 3U | 2U) + varint(value.size()) + std::string(value);
}
std::string fixed(uint32_t field, uint64_t value) {
  std::string out = varint(field << 3U | 1U);
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
std::string attribute(uint32_t field, std::string_view key, const std::string& value) {
  return bytes(field, bytes(1, key) + bytes(2, value));
}
std::string hex(std::string_view digits) {
  return std::string(as_text(from_hex(digits).value()));
}

const std::string kTrace = hex("5b8efff798038103d269b633813fc60c");
const std::string kSpanId = hex("eee19b7ec3c1b174");
const std::string kService = bytes(1, attribute(1, "service.name", bytes(1, "inning")));

std::string span(const std::string& more = "") {
  return bytes(1, kTrace) + bytes(2, kSpanId) + bytes(3, "state=1") + bytes(5, "open") + number(6, 2) +
         fixed(7, 1'764'068'470'669'123'456) + fixed(8, 1'764'068'470'675'000'000) +
         attribute(9, "enduser.id", bytes(1, "u1")) + attribute(9, "dpl.core.data_subject_id", bytes(1, "123456782")) +
         attribute(9, "dpl.core.data_subject_id_type", bytes(1, "BSN")) + more + bytes(15, number(3, 1));
}
std::string traces(const std::string& of_span) {
  return bytes(1, kService + bytes(2, bytes(1, bytes(1, "scope")) + bytes(2, of_span)));
}

std::vector<std::string> events_of(std::string_view json) {
  const auto source = create_otlp({}).value();
  Output output;
  source->feed(json, output);
  source->finish(output);
  std::vector<std::string> texts;
  for (const AccessEvent& event : output.events.events()) texts.push_back(to_json(event));
  for (const Refusal& refusal : output.refusals) texts.push_back(refusal.reason);
  return texts;
}

const RefuseJson kNoneRefused = [](std::string_view, std::string_view json) { ADD_FAILURE() << json; };

// A line for each piece.
Result<std::string> json_of_protobuf(std::string_view bytes, Request request) {
  std::string json;
  WEERBAAR_ASSIGN(const bool is_read, read_protobuf(
                                          bytes, request, kRequestPieceBytes,
                                          [&](std::string_view piece) {
                                            json += piece;
                                            json += '\n';
                                          },
                                          kNoneRefused));
  EXPECT_TRUE(is_read);
  return json;
}

TEST(OtlpProtobuf, gives_the_event_that_the_same_request_in_json_gives) {
  const std::string_view json =
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"inning"}}]},)"
      R"("scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
      R"("name":"open","startTimeUnixNano":"1764068470669123456","endTimeUnixNano":"1764068470675000000",)"
      R"("attributes":[{"key":"enduser.id","value":{"stringValue":"u1"}},)"
      R"({"key":"dpl.core.data_subject_id","value":{"stringValue":"123456782"}},)"
      R"({"key":"dpl.core.data_subject_id_type","value":{"stringValue":"BSN"}},)"
      R"({"key":"i","value":{"intValue":"-5"}},{"key":"b","value":{"boolValue":true}},)"
      R"({"key":"d","value":{"doubleValue":0.25}},{"key":"n","value":{"doubleValue":"NaN"}},)"
      R"({"key":"y","value":{"bytesValue":"AP8="}},)"
      R"({"key":"a","value":{"arrayValue":{"values":[{"stringValue":"x"},{"intValue":"1"}]}}},)"
      R"({"key":"l","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}}],)"
      R"("status":{"code":1}}]}]}]})";
  const std::string more =
      attribute(9, "i", number(3, static_cast<uint64_t>(-5))) + attribute(9, "b", number(2, 1)) +
      attribute(9, "d", fixed(4, std::bit_cast<uint64_t>(0.25))) +
      attribute(9, "n", fixed(4, std::bit_cast<uint64_t>(std::numeric_limits<double>::quiet_NaN()))) +
      attribute(9, "y", bytes(7, std::string("\0\xff", 2))) +
      attribute(9, "a", bytes(5, bytes(1, bytes(1, "x")) + bytes(1, number(3, 1)))) +
      attribute(9, "l", bytes(6, attribute(1, "k", bytes(1, "v"))));
  const auto made = json_of_protobuf(traces(span(more)), Request::kTraces);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  EXPECT_EQ(events_of(*made), events_of(json));
  EXPECT_EQ(events_of(json).size(), 1U);
}

TEST(OtlpProtobuf, gives_the_event_of_a_log_record) {
  const std::string record = fixed(1, 1'764'068'470'669'200'000) + bytes(5, bytes(1, "looked")) +
                             attribute(6, "enduser.id", bytes(1, "u1")) +
                             attribute(6, "dpl.core.data_subject_id", bytes(1, "123456782")) + bytes(9, kTrace) +
                             bytes(10, kSpanId) + fixed(11, 1) + bytes(12, "consultation");
  const auto made = json_of_protobuf(bytes(1, kService + bytes(2, bytes(2, record))), Request::kLogs);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  EXPECT_EQ(*made,
            R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"inning"}}]},)"
            R"("scopeLogs":[{"logRecords":[{"timeUnixNano":"1764068470669200000","body":{"stringValue":"looked"},)"
            R"("attributes":[{"key":"enduser.id","value":{"stringValue":"u1"}},)"
            R"({"key":"dpl.core.data_subject_id","value":{"stringValue":"123456782"}}],)"
            R"("traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
            R"("observedTimeUnixNano":"1","eventName":"consultation"}]}]}]})"
            "\n");
}

TEST(OtlpProtobuf, of_an_any_value_the_last_counts) {
  const auto made =
      json_of_protobuf(traces(span(attribute(9, "k", bytes(1, "first") + number(3, 2)))), Request::kTraces);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->find("first"), std::string::npos);
  EXPECT_NE(made->find(R"({"intValue":"2"})"), std::string::npos);
}

TEST(OtlpProtobuf, an_empty_request_and_unknown_fields_are_nothing) {
  EXPECT_EQ(json_of_protobuf("", Request::kTraces).value(), "{\"resourceSpans\":[]}\n");
  const std::string unknown = number(99, 7) + bytes(98, "x") + fixed(97, 3) + varint(96U << 3U | 5U) + "abcd";
  EXPECT_EQ(json_of_protobuf(unknown + traces(span(unknown)), Request::kTraces).value(),
            json_of_protobuf(traces(span()), Request::kTraces).value());
}

TEST(OtlpProtobuf, that_is_cut_short_anywhere_is_refused) {
  const std::string whole = traces(span());
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_FALSE(json_of_protobuf(std::string_view(whole).substr(0, size), Request::kTraces).has_value()) << size;
  }
}

TEST(OtlpProtobuf, that_is_malformed_is_refused) {
  const std::string cases[] = {
      "{}",                                   // JSON
      varint(1U << 3U | 3U),                  // a group
      varint(0),                              // no field has the number 0
      number(1, 5),                           // another wire type
      traces(number(1, 5)),                   // the same, deeper
      bytes(1, kService + kService),          // two resources in one
      std::string(11, '\x80'),                // a number without end
      varint(1U << 3U | 2U) + varint(1'000),  // longer than what there is
      std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10),
  };
  for (const std::string& one : cases) {
    EXPECT_FALSE(json_of_protobuf(one, Request::kTraces).has_value()) << to_hex(as_bytes(one));
  }
}

// The value of an attribute, of as many arrays in each other.
std::string nested(int arrays) {
  std::string value = bytes(1, "x");
  for (int i = 0; i < arrays; ++i) value = bytes(5, bytes(1, value));
  return value;
}

TEST(OtlpProtobuf, of_what_nests_too_deep_the_record_is_refused_and_no_other) {
  for (const int depth : {14, 100, 100'000}) {
    std::string json;
    std::vector<std::string> refused;
    const std::string request =
        bytes(1, kService + bytes(2, bytes(2, span()) + bytes(2, span(attribute(9, "k", nested(depth)))) +
                                         bytes(2, span(bytes(2, std::string(8, '\7'))))));
    const auto read = read_protobuf(
        request, Request::kTraces, kRequestPieceBytes, [&](std::string_view piece) { json += piece; },
        [&](std::string_view reason, std::string_view record) {
          EXPECT_EQ(reason, kRecordTooDeep);
          refused.emplace_back(record);
        });
    ASSERT_TRUE(read && *read) << depth;
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_NE(refused[0].find("enduser.id"), std::string::npos);
    const auto events = events_of(json);
    ASSERT_EQ(events.size(), 2U);
    for (const std::string& event : events) EXPECT_TRUE(event.starts_with('{')) << event;
  }
  EXPECT_EQ(events_of(json_of_protobuf(traces(span(attribute(9, "k", nested(13)))), Request::kTraces).value()).size(),
            1U);
}

TEST(OtlpProtobuf, of_a_resource_that_nests_too_deep_the_records_are_refused_and_no_others) {
  const std::string deep = bytes(1, attribute(1, "service.name", bytes(1, "b")) + attribute(1, "k", nested(100)));
  const std::string request =
      bytes(1, deep + bytes(2, bytes(2, span()))) + traces(span(bytes(2, std::string(8, '\7'))));
  const auto texts = events_of(json_of_protobuf(request, Request::kTraces).value());
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_TRUE(texts[0].starts_with('{')) << texts[0];
  EXPECT_NE(texts[1].find("resource: it must be an object, and nest not too deep"), std::string::npos) << texts[1];
}

TEST(OtlpProtobuf, a_record_or_a_resource_that_is_too_large_is_told_apart_from_what_is_malformed) {
  const auto read = [](const std::string& request) {
    return read_protobuf(request, Request::kTraces, kRequestPieceBytes, [](std::string_view) {}, kNoneRefused);
  };
  // One byte that becomes six.
  EXPECT_FALSE(read(traces(bytes(5, std::string(kJsonBytesMax / 6 + 1, '\x01')))).value());
  EXPECT_TRUE(read(traces(bytes(5, std::string(kJsonBytesMax / 2, 'x')))).value());
  const std::string resource = bytes(1, attribute(1, "k", bytes(1, std::string(kAroundBytesMax, 'x'))));
  EXPECT_FALSE(read(bytes(1, resource + bytes(2, bytes(2, span())))).value());
  EXPECT_FALSE(read("{}").has_value());
}

TEST(OtlpProtobuf, a_request_in_pieces_is_the_same_and_each_piece_is_bounded) {
  std::string request;
  std::string records;
  // Of the identifiers of a span the last counts.
  for (int i = 1; i <= 20; ++i) records += bytes(2, span(bytes(2, std::string(8, static_cast<char>(i)))));
  for (int i = 0; i < 3; ++i)
    request += bytes(1, kService + bytes(2, records) + bytes(2, "") + bytes(2, bytes(2, span())));
  const auto pieces = [&](size_t piece_bytes) {
    std::vector<std::string> all;
    EXPECT_TRUE(read_protobuf(
                    request, Request::kTraces, piece_bytes, [&](std::string_view json) { all.emplace_back(json); },
                    kNoneRefused)
                    .value());
    return all;
  };
  const auto lines = [](const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) text += one + "\n";
    return text;
  };
  const auto whole = pieces(SIZE_MAX);
  EXPECT_EQ(whole.size(), 1U);
  for (const size_t size : {size_t{1}, size_t{500}, size_t{3'000}, size_t{20'000}}) {
    const auto cut = pieces(size);
    EXPECT_GT(cut.size(), 1U);
    for (const std::string& one : cut) EXPECT_LT(one.size(), size + 2'000);
    EXPECT_EQ(events_of(lines(cut)), events_of(lines(whole))) << size;
  }
}

TEST(OtlpProtobuf, a_text_that_is_no_text_is_refused_by_the_source_as_in_json) {
  const auto made = json_of_protobuf(traces(span(attribute(9, "k", bytes(1, "\xff")))), Request::kTraces);
  ASSERT_TRUE(made.has_value());
  const auto events = events_of(*made);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_FALSE(events[0].starts_with('{')) << events[0];
}

TEST(OtlpProtobuf, answers_are_the_messages_of_the_standard) {
  EXPECT_EQ(protobuf_response(0, "x"), "");
  EXPECT_EQ(protobuf_response(300, "why"), bytes(1, number(1, 300) + bytes(2, "why")));
  EXPECT_EQ(protobuf_status(14, "later"), number(1, 14) + bytes(2, "later"));
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
