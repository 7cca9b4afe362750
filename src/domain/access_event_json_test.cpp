#include "domain/access_event_json.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace weerbaar {
namespace {

AccessEvent minimal() {
  AccessEvent event;
  event.id = "7f0c-000017";
  event.source = "bvr-3270";
  event.time = parse_time("2026-03-02T08:14:03.412+01:00").value();
  event.actor.id = "u104233";
  event.system = "BVR";
  return event;
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string number(double value) {
  std::string json;
  append_json_number(json, value);
  return json;
}

TEST(AccessEventJson, leaves_out_what_is_absent_or_default) {
  EXPECT_EQ(to_json(minimal()),
            R"({"id":"7f0c-000017","source":"bvr-3270","time":"2026-03-02T07:14:03.412Z","actor":{"id":"u104233"},)"
            R"("action":"read","system":"BVR"})");
}

TEST(AccessEventJson, writes_every_field_in_the_order_of_the_document) {
  const std::vector<Subject> subjects = {{SubjectType::kBsn, "123456782", "partner"},
                                         {SubjectType::kVehicle, "AB-12-CD", ""}};
  const std::vector<std::string_view> data = {"address", "income"};
  const std::vector<Attribute> attributes = {{"screen \"title\"", "\"Inkomen\""}, {"page", "2"}};
  AccessEvent event = minimal();
  event.actor = {"svc1", ActorType::kService, "inner", "inning-west", "u104233"};
  event.action = Action::kExport;
  event.component = "BVR0210";
  event.subjects = subjects;
  event.data = data;
  event.query = "BSN=123456782\nJAAR=2025";
  event.records = 0;
  event.purpose = {"https://register.example/42", "Z-2026-0004711", "AWR 47", "spoed", true};
  event.outcome = Outcome::kDenied;
  event.workplace = {"T01A4", "192.0.2.7", "Apeldoorn"};
  event.trace = {"0123456789abcdef", "\x01\x02\x03\x04\x05\x06\x07\xFF", "ABCDEFGH"};
  event.attributes = attributes;
  ASSERT_TRUE(validate(event).has_value());
  EXPECT_EQ(
      to_json(event),
      R"({"id":"7f0c-000017","source":"bvr-3270","time":"2026-03-02T07:14:03.412Z",)"
      R"("actor":{"id":"svc1","type":"service","function":"inner","unit":"inning-west","on_behalf_of":"u104233"},)"
      R"("action":"export","system":"BVR","component":"BVR0210",)"
      R"("subjects":[{"type":"bsn","id":"123456782","role":"partner"},{"type":"vehicle","id":"AB-12-CD"}],)"
      R"("data":["address","income"],"query":"BSN=123456782\nJAAR=2025","records":0,)"
      R"("purpose":{"processing_activity":"https://register.example/42","case":"Z-2026-0004711",)"
      R"("legal_basis":"AWR 47","reason":"spoed","break_glass":true},"outcome":"denied",)"
      R"("workplace":{"terminal":"T01A4","ip":"192.0.2.7","location":"Apeldoorn"},)"
      R"("trace":{"trace_id":"30313233343536373839616263646566","span_id":"01020304050607ff",)"
      R"("parent_span_id":"4142434445464748"},"attributes":{"screen \"title\"":"Inkomen","page":2}})");
}

TEST(AccessEventJson, strings_read_back_the_same_in_another_parser) {
  std::string every_ascii;
  for (char c = 0; c < 0x7F; ++c) every_ascii += c;
  for (const std::string& text : {every_ascii, std::string("één € 😀\u2028\x7F"), std::string()}) {
    EXPECT_EQ(nlohmann::json::parse(json_string(text)).get<std::string>(), text);
  }
  EXPECT_EQ(json_string(std::string_view("\0\x1F\n", 3)), R"("\u0000\u001f\n")");
}

TEST(AccessEventJson, numbers_are_short_and_read_back_the_same) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(12.5), "12.5");
  EXPECT_EQ(number(1.0), "1");
  EXPECT_EQ(number(-0.0), "-0.0");
  EXPECT_EQ(number(1.2345678901234568e20), "1.2345678901234568e+20");
  std::mt19937_64 random(7);
  std::vector<double> values = {1e300,
                                -1e-300,
                                9007199254740991.0,
                                9007199254740992.0,
                                1.8446744073709552e19,
                                std::numeric_limits<double>::denorm_min(),
                                std::numeric_limits<double>::max()};
  for (int i = 0; i < 2000; ++i) values.push_back(std::bit_cast<double>(random()));
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    const std::string text = number(value);
    const nlohmann::json json = nlohmann::json::parse(text);
    EXPECT_EQ(std::bit_cast<uint64_t>(json.get<double>()), std::bit_cast<uint64_t>(value)) << text;
    EXPECT_LE(text.size(), 24U);
  }
}

}  // namespace
}  // namespace weerbaar
