// The quick reader against the one for all JSON: the same event, or no opinion.
#include "ingest/sources/jsonl/plain_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "domain/access_event_json.h"
#include "ingest/sources/jsonl/event_reader.h"

namespace weerbaar::ingest::jsonl {
namespace {

constexpr std::string_view kFull =
    R"({"id":"7f0c-000001","source":"bvr-3270","time":"2026-03-02T08:14:03.412+01:00","actor":{"id":"u104233",)"
    R"("type":"service","function":"inner","unit":"west","on_behalf_of":"u1"},"action":"search","system":"BVR",)"
    R"("component":"BVR0210","subjects":[{"type":"bsn","id":"123456782","role":"partner"},{"type":"kvk","id":"1"}],)"
    R"("data":["address","income"],"query":"naam = ?","records":17,"purpose":{"processing_activity":"p","case":"Z-1",)"
    R"("legal_basis":"b","reason":"r","break_glass":true},"outcome":"denied","workplace":{"terminal":"T","ip":"::1",)"
    R"("location":"l"},"trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331",)"
    R"("parent_span_id":"00f067aa0ba902b7"},"attributes":{"a":"b","c":-12,"d":true,"e":null,"f":0}})";

// What EventReader makes of the line; empty when it refuses it.
std::string slowly(std::string_view line) {
  EventReader reader;
  EventBatch batch;
  AccessEvent event;
  return reader.read(line, batch, event) ? to_json(event) : "";
}

// What PlainReader makes of it; empty when it leaves it.
std::string quickly(std::string_view line) {
  PlainReader reader;
  EventBatch batch;
  AccessEvent event;
  return reader.read(line, batch, event) ? to_json(event) : "";
}

// True when the quick reader took the line.
bool agrees(std::string_view line) {
  const std::string quick = quickly(line);
  EXPECT_TRUE(quick.empty() || quick == slowly(line)) << line << '\n' << quick;
  return !quick.empty();
}

std::vector<std::string> lines_below(const std::string& directory) {
  std::vector<std::string> lines;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    std::ifstream input(file.path());
    for (std::string line; std::getline(input, line);) {
      if (line.size() <= kLineBytesMax) lines.push_back(line);
    }
  }
  return lines;
}

TEST(PlainReader, reads_every_field) {
  ASSERT_FALSE(slowly(kFull).empty());
  EXPECT_EQ(quickly(kFull), slowly(kFull));
  EXPECT_TRUE(agrees(R"({"time":"2026-03-02T08:14:03Z","action":"read"})"));
  EXPECT_TRUE(agrees(R"( { "time" : "2026-03-02T08:14:03Z" , "action": "read", "data": [ ], "subjects": [] } )"));
}

TEST(PlainReader, leaves_what_is_not_plain) {
  for (const std::string_view line :
       {R"({})", R"([])", R"({"time":"2026-03-02T08:14:03Z"})", R"({"time":"2026-03-02T08:14:03Z","action":"reed"})",
        R"({"time":"2026-03-02","action":"read"})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","action":"read"})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read"}})", R"({"time":"2026-03-02T08:14:03Z","action":"read",})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","records":01})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","records":1.5})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","records":1e2})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","records":-1})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","id":"a\\b"})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","id":"a\u0041"})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","id":"cafÃ©"})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","attributes":{"a":-0}})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","attributes":{"a":truex}})",
        R"({"time":"2026-03-02T08:14:03Z","action":"read","id":"1)",
        R"({"time":"2026-03-02T08:14:03Z","action":"read)"}) {
    EXPECT_EQ(quickly(line), "") << line;
  }
  EXPECT_EQ(quickly("{\"time\":\"2026-03-02T08:14:03Z\",\"action\":\"read\",\"id\":\"a\tb\"}"), "");
}

TEST(PlainReader, agrees_on_all_cases_and_seeds) {
  const std::string root = WEERBAAR_SOURCE_DIR;
  size_t taken = 0;
  for (const char* const folder : {"/src/ingest/sources/jsonl/cases", "/tests/fuzz/corpus/ingest_jsonl_fuzz"}) {
    for (const std::string& line : lines_below(root + folder))
      if (agrees(line)) ++taken;
  }
  EXPECT_GT(taken, 20U);
}

TEST(PlainReader, agrees_on_a_line_with_any_byte_changed) {
  for (size_t at = 0; at < kFull.size(); ++at) {
    for (const char byte : std::string_view("\"\\{}[]:, 09-.etan\x7F\x01\xC3")) {
      std::string line(kFull);
      line[at] = byte;
      agrees(line);
    }
    agrees(kFull.substr(0, at));
  }
}

TEST(PlainReader, agrees_on_random_edits) {
  std::mt19937_64 random(1);
  size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string line(kFull);
    const size_t from = random() % line.size();
    const size_t size = random() % 12;
    switch (random() % 3) {
      case 0:
        line.erase(from, size);
        break;
      case 1:
        line.insert(from, kFull.substr(random() % (kFull.size() - size), size));
        break;
      default:
        line.replace(from, size, kFull.substr(random() % (kFull.size() - size), size));
    }
    if (agrees(line)) ++taken;
  }
  EXPECT_GT(taken, 1'000U);
}

}  // namespace
}  // namespace weerbaar::ingest::jsonl
