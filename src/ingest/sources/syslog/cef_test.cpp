#include "ingest/sources/syslog/cef.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace weerbaar::ingest::syslog {
namespace {

constexpr const char* kVectors = WEERBAAR_SOURCE_DIR "/../shared/data/logs/cef_vectors.json";
constexpr std::array<const char*, kCefHeaders> kNames = {"version",      "vendor", "product", "device_version",
                                                         "signature_id", "name",   "severity"};

std::map<std::string, std::string> extension_of(std::string_view text) {
  Cef cef;
  EXPECT_TRUE(parse_cef(text, cef)) << text;
  return {cef.extension.begin(), cef.extension.end()};
}

TEST(Cef, values_hold_spaces_and_escapes) {
  const std::map<std::string, std::string> expected = {{"suser", "j jansen"}, {"msg", "a=b \\ c | d\ne"}, {"cs1", ""}};
  EXPECT_EQ(extension_of("CEF:1|v|p|1|100|n|3|suser=j jansen  msg=a\\=b \\\\ c | d\\ne cs1="), expected);
}

TEST(Cef, bars_and_backslashes_in_the_header_are_escaped) {
  Cef cef;
  ASSERT_TRUE(parse_cef("CEF:0|a\\|b|c\\\\|1|100|n|Low", cef));
  EXPECT_EQ(cef.header[1], "a|b");
  EXPECT_EQ(cef.header[2], "c\\");
  EXPECT_EQ(cef.header[6], "Low");
}

TEST(Cef, refuses_what_is_cut_or_belongs_to_no_key) {
  Cef cef;
  for (const char* bad : {"CEF:", "CEF:0|a|b|c|d|e", "CEF:2|a|b|c|d|e|f|", "CEF:0|a|b|c|d|e|f|no key here a=b"}) {
    EXPECT_FALSE(parse_cef(bad, cef)) << bad;
  }
}

TEST(Cef, agrees_with_the_vectors_of_logstash) {
  std::ifstream file(kVectors);
  if (!file) GTEST_SKIP() << "the vectors of logstash-codec-cef are not beside the checkout";
  const auto cases = nlohmann::json::parse(file).at("cases");
  EXPECT_GE(cases.size(), 24U);
  for (const auto& one : cases) {
    const auto name = one.at("name").get<std::string>();
    const auto input = one.at("input").get<std::string>();
    Cef cef;
    const Status parsed = parse_cef(std::string_view(input).substr(input.find("CEF:")), cef);
    EXPECT_EQ(parsed.has_value(), name != "garbage extension") << name;
    for (size_t i = 0; one.contains("header") && i < kCefHeaders; ++i) {
      if (!one["header"].contains(kNames[i])) continue;
      EXPECT_EQ(cef.header[i], one["header"][kNames[i]].get<std::string>()) << name;
    }
    if (!one.contains("extension")) continue;
    const std::map<std::string, std::string> extension(cef.extension.begin(), cef.extension.end());
    for (const auto& [key, value] : one["extension"].items()) {
      ASSERT_TRUE(extension.contains(key)) << name << ' ' << key;
      EXPECT_EQ(extension.at(key), value.get<std::string>()) << name;
    }
  }
}

}  // namespace
}  // namespace weerbaar::ingest::syslog
