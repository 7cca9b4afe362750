// What the case files under cases/ cannot show well: many small variations of one line.
#include "ingest/sources/jsonl/jsonl.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "domain/access_event_json.h"

namespace weerbaar::ingest {
namespace {

nlohmann::ordered_json minimal() {
  return nlohmann::ordered_json::parse(
      R"({"id":"1","source":"s","time":"2026-03-02T08:14:03Z","actor":{"id":"u1"},"action":"read","system":"BVR"})");
}

// The JSON form of the event that `line` gives, or the reason of its refusal after "refused: ".
std::string read_line(std::string_view line) {
  const auto source = create_jsonl({}).value();
  Output output;
  source->feed(line, output);
  source->finish(output);
  if (output.events.size() + output.refusals.size() != 1) return "not one result";
  return output.refusals.empty() ? to_json(output.events.events()[0]) : "refused: " + output.refusals[0].reason;
}

// The minimal line with one field set to the JSON `value`.
std::string read_with(std::string_view pointer, std::string_view value) {
  nlohmann::ordered_json line = minimal();
  line[nlohmann::ordered_json::json_pointer(std::string(pointer))] = nlohmann::ordered_json::parse(value);
  return read_line(line.dump());
}

// The attribute text that the JSON `value` is kept as.
std::string attribute(std::string_view value) {
  std::string line = minimal().dump();
  line.pop_back();
  const std::string result = read_line(fmt::format(R"({},"attributes":{{"a":{}}}}})", line, value));
  const std::string start = R"("attributes":{"a":)";
  const size_t at = result.find(start);
  return at == std::string::npos ? result : result.substr(at + start.size(), result.size() - at - start.size() - 2);
}

TEST(Jsonl, every_field_of_the_wrong_type_is_refused_by_its_name) {
  const std::pair<const char*, const char*> cases[] = {
      {"/id", "7"},
      {"/source", "null"},
      {"/time", "1772439243"},
      {"/actor", "\"u1\""},
      {"/actor/id", "104233"},
      {"/actor/type", "true"},
      {"/actor/function", "[]"},
      {"/actor/unit", "{}"},
      {"/actor/on_behalf_of", "1"},
      {"/action", "[\"read\"]"},
      {"/system", "1.5"},
      {"/component", "null"},
      {"/subjects", "{}"},
      {"/data", "\"income\""},
      {"/query", "5"},
      {"/records", "\"1\""},
      {"/records", "1.0"},
      {"/purpose", "\"Z-1\""},
      {"/purpose/case", "4711"},
      {"/purpose/processing_activity", "1"},
      {"/purpose/legal_basis", "1"},
      {"/purpose/reason", "1"},
      {"/purpose/break_glass", "\"true\""},
      {"/outcome", "0"},
      {"/workplace", "[]"},
      {"/workplace/terminal", "1"},
      {"/workplace/ip", "1"},
      {"/workplace/location", "1"},
      {"/trace", "\"0123456789abcdef0123456789abcdef\""},
      {"/trace/trace_id", "1"},
      {"/trace/span_id", "null"},
      {"/trace/parent_span_id", "{}"},
      {"/attributes", "[1]"},
  };
  for (const auto& [pointer, value] : cases) {
    std::string field(pointer + 1);
    std::replace(field.begin(), field.end(), '/', '.');
    const std::string result = read_with(pointer, value);
    EXPECT_TRUE(result.starts_with("refused: " + field + " must be ")) << pointer << ' ' << value << ": " << result;
    EXPECT_NE(result.find(", not "), std::string::npos) << result;
  }
}

TEST(Jsonl, items_of_the_wrong_type_are_refused) {
  EXPECT_EQ(read_with("/subjects", R"(["123456782"])"),
            "refused: an item of subjects must be an object, not a string: mend it at the source");
  EXPECT_EQ(read_with("/subjects", R"([{"type":"bsn","id":7}])"),
            "refused: subjects.id must be a string, not an integer: mend it at the source");
  EXPECT_EQ(read_with("/subjects", R"([{"id":"7"}])"), "refused: subjects.type is missing: the source must fill it");
  EXPECT_EQ(read_with("/subjects", R"([{"type":"bsn"}])"),
            "refused: subjects.id is missing or empty: the source must fill it");
  EXPECT_EQ(read_with("/data", "[1]"),
            "refused: an item of data must be a string, not an integer: mend it at the source");
  EXPECT_EQ(read_with("/attributes", R"({"note":{"a":1}})"),
            "refused: \"note\" of attributes must be a scalar, not an object: mend it at the source");
  EXPECT_EQ(read_with("/attributes", R"({"123456782":[]})"),
            "refused: a member of attributes must be a scalar, not an array: mend it at the source");
}

TEST(Jsonl, unknown_fields_are_named_when_the_name_can_be_shown) {
  EXPECT_EQ(read_with("/colour", "1"), "refused: unknown field \"colour\": remove it, or move it into attributes");
  EXPECT_EQ(read_with("/actor/name", "1"),
            "refused: unknown field \"actor.name\": remove it, or move it into attributes");
  EXPECT_EQ(read_with("/123456782", "1"), "refused: an unknown field: remove it, or move it into attributes");
  EXPECT_EQ(read_with("/purpose/Jan Jansen", "1"),
            "refused: an unknown field in purpose: remove it, or move it into attributes");
}

TEST(Jsonl, a_word_outside_a_vocabulary_is_refused_with_the_words_there_are) {
  std::string actions = read_with("/action", "\"Read\"");
  for (int i = 0; i < 12; ++i) EXPECT_NE(actions.find(to_string(static_cast<Action>(i))), std::string::npos) << actions;
  std::string subjects = read_with("/subjects", R"([{"type":"BSN","id":"1"}])");
  for (int i = 0; i < 7; ++i) {
    EXPECT_NE(subjects.find(to_string(static_cast<SubjectType>(i))), std::string::npos) << subjects;
  }
  std::string actors = read_with("/actor/type", "\"robot\"");
  std::string outcomes = read_with("/outcome", "\"\"");
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(actors.find(to_string(static_cast<ActorType>(i))), std::string::npos) << actors;
    EXPECT_NE(outcomes.find(to_string(static_cast<Outcome>(i))), std::string::npos) << outcomes;
  }
}

TEST(Jsonl, every_required_field_is_missed_by_name) {
  for (const char* field : {"id", "source", "time", "actor", "action", "system"}) {
    nlohmann::ordered_json line = minimal();
    line.erase(field);
    const std::string name = field == std::string("actor") ? "actor.id" : field;
    EXPECT_TRUE(read_line(line.dump()).starts_with("refused: " + name + " is missing")) << read_line(line.dump());
  }
}

TEST(Jsonl, a_field_that_occurs_twice_is_refused_even_when_one_is_escaped) {
  std::string line = minimal().dump();
  line.pop_back();
  EXPECT_EQ(read_line(line + R"(,"id":"1"})"), "refused: id occurs twice: send each field once");
  EXPECT_EQ(read_line(line + R"(,"\u0069d":"2"})"), "refused: id occurs twice: send each field once");
  EXPECT_EQ(read_line(line + R"(,"workplace":{"ip":"a","ip":"a"}})"),
            "refused: workplace.ip occurs twice: send each field once");
  EXPECT_EQ(read_line(line + R"(,"attributes":{"a":1,"\u0061":1}})"),
            "refused: attributes names a key twice: the source must send each once");
}

TEST(Jsonl, numbers_out_of_range_are_refused) {
  EXPECT_NE(read_with("/records", "4611686018427387903").find("\"records\":4611686018427387903"), std::string::npos);
  for (const char* records : {"-1", "4611686018427387904", "18446744073709551615"}) {
    EXPECT_EQ(read_with("/records", records),
              "refused: records must lie between 0 and 2^62 - 1: mend it at the source");
  }
  EXPECT_EQ(attribute("18446744073709551616"),
            "refused: the number in \"a\" does not fit 64 bits: send it as a string");
  EXPECT_EQ(attribute("-9223372036854775809"),
            "refused: the number in \"a\" does not fit 64 bits: send it as a string");
}

TEST(Jsonl, attribute_values_have_one_way_to_be_written) {
  EXPECT_EQ(attribute(R"("\u0041\/\u00e9\n\u0001")"), R"("A/é\n\u0001")");
  EXPECT_EQ(attribute("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(attribute("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(attribute("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(attribute("-0"), "0");
  EXPECT_EQ(attribute("-0.0"), "-0.0");
  EXPECT_EQ(attribute("1.50"), "1.5");
  EXPECT_EQ(attribute("1.0"), "1");
  EXPECT_EQ(attribute("1E2"), "100");
  EXPECT_EQ(attribute("123456789012345680000.0"), "1.2345678901234568e+20");
  EXPECT_EQ(attribute("true"), "true");
  EXPECT_EQ(attribute("false"), "false");
  EXPECT_EQ(attribute("null"), "null");
  EXPECT_EQ(attribute("\"\""), "\"\"");
}

TEST(Jsonl, trace_ids_are_hexadecimal_of_the_right_length) {
  EXPECT_NE(read_with("/trace", R"({"trace_id":"0AF7651916CD43DD8448EB211C80319C"})")
                .find(R"("trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c"})"),
            std::string::npos);
  for (const char* id : {"\"0af7651916cd43dd\"", "\"0af7651916cd43dd8448eb211c80319g\"", "\"z\""}) {
    EXPECT_EQ(read_with("/trace/trace_id", id), "refused: trace.trace_id must be 32 hexadecimal digits");
  }
  EXPECT_EQ(read_with("/trace/span_id", "\"00\""), "refused: trace.span_id must be 16 hexadecimal digits");
}

TEST(Jsonl, an_empty_field_equals_an_absent_one) {
  const std::string minimal_event = read_line(minimal().dump());
  for (const auto& [pointer, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"/component", "\"\""},
                                                                  {"/subjects", "[]"},
                                                                  {"/data", "[]"},
                                                                  {"/attributes", "{}"},
                                                                  {"/purpose", "{}"},
                                                                  {"/trace", R"({"trace_id":""})"},
                                                                  {"/actor/type", "\"employee\""},
                                                                  {"/outcome", "\"success\""},
                                                                  {"/purpose/break_glass", "false"}}) {
    EXPECT_EQ(read_with(pointer, value), minimal_event) << pointer;
  }
}

TEST(Jsonl, a_line_that_is_no_object_is_refused) {
  EXPECT_EQ(read_line("[]"), "refused: the line must be a JSON object, not an array: mend it at the source");
  EXPECT_EQ(read_line("null"), "refused: the line must be a JSON object, not null: leave it out");
  EXPECT_EQ(read_line("x"), "refused: the JSON is broken at byte 1: send one whole object a line");
}

TEST(Jsonl, a_value_nested_too_deep_is_refused_however_deep) {
  for (const size_t depth : {16U, 100U, 30'000U}) {
    const std::string deep = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(attribute(deep), "refused: the JSON nests deeper than 16 levels: an event needs three") << depth;
  }
}

TEST(Jsonl, the_longest_line_is_taken_and_one_byte_more_refused) {
  std::string line = minimal().dump();
  line.pop_back();
  line += R"(,"attributes":{"a":")";
  line += std::string(kLineBytesMax - line.size() - 3, 'x') + "\"}}";
  ASSERT_EQ(line.size(), kLineBytesMax);
  EXPECT_EQ(read_line(line), line);
  line.insert(line.size() - 3, "x");
  EXPECT_EQ(read_line(line), "refused: the line is longer than 65536 bytes: split the event");
}

}  // namespace
}  // namespace weerbaar::ingest
