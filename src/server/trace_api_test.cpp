#include "server/trace_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

Json right() {
  return {{"leaked", {"bsn:123456782", "bsn:111222333"}},
          {"before", "2026-03-01"},
          {"case", "Z-1"},
          {"reason", "a list was found"}};
}

TEST(TraceRequest, is_read_as_it_was_asked) {
  const auto plain = read_trace_request(right().dump());
  ASSERT_TRUE(plain) << plain.error().text;
  EXPECT_EQ(plain->leaked.size(), 2U);
  EXPECT_EQ(plain->top, 10U);
  EXPECT_EQ(plain->case_id, "Z-1");
  EXPECT_EQ(format_time(*plain->range.from).substr(0, 10), "2025-03-01") << "a year before";
  Json more = right();
  more["from"] = "2026-01-01";
  more["top"] = 3;
  more["leaked"].push_back("bsn:123456782");
  const auto asked = read_trace_request(more.dump());
  ASSERT_TRUE(asked) << asked.error().text;
  EXPECT_EQ(asked->leaked.size(), 2U) << "each once";
  EXPECT_EQ(asked->top, 3U);
  EXPECT_EQ(format_time(*asked->range.from).substr(0, 10), "2026-01-01");
}

TEST(TraceRequest, is_refused_without_a_case_or_with_a_list_that_is_none_and_repeats_nobody) {
  const std::vector<std::pair<const char*, Json>> wrong = {
      {"leaked", Json::array()},
      {"leaked", "bsn:123456782"},
      {"leaked", {7}},
      {"leaked", {"bsn:123456789"}},
      {"leaked", {"bsn:123456782\nbsn:111222333"}},
      {"leaked", Json(kLeakedOfRequestMax + 1, "bsn:123456782")},
      {"before", nullptr},
      {"before", "yesterday"},
      {"from", "2026-03-01"},
      {"top", 0},
      {"top", kRankedMax + 1},
      {"top", "3"},
      {"case", ""},
      {"case", std::string(kTextBytesMax + 1, 'x')},
      {"reason", nullptr},
      {"keys", "/etc"},
  };
  for (const auto& [member, value] : wrong) {
    Json body = right();
    body[member] = value;
    const auto asked = read_trace_request(body.dump());
    ASSERT_FALSE(asked) << member << value;
    EXPECT_EQ(asked.error().code, Code::kInvalid);
    EXPECT_EQ(asked.error().text.find("12345678"), std::string::npos) << asked.error().text;
  }
  for (const char* const body : {"", "[]", "{}"}) EXPECT_FALSE(read_trace_request(body)) << body;
  for (const char* const member : {"leaked", "before", "case", "reason"}) {
    Json body = right();
    body.erase(member);
    EXPECT_FALSE(read_trace_request(body.dump())) << member;
  }
}

}  // namespace
}  // namespace weerbaar::server
