#include "service/json_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace weerbaar::service {
namespace {

class JsonLogTest : public testing::Test {
 protected:
  ~JsonLogTest() override { std::fclose(file_); }

  std::vector<nlohmann::json> lines() {
    std::rewind(file_);
    std::vector<nlohmann::json> all;
    std::string line;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      if (c != '\n') {
        line += static_cast<char>(c);
        continue;
      }
      all.push_back(nlohmann::json::parse(line));
      line.clear();
    }
    return all;
  }

  std::FILE* file_ = std::tmpfile();
  JsonLog log_{file_};
};

TEST_F(JsonLogTest, writes_an_object_a_line_whatever_the_texts_hold) {
  log_.info("something \"happened\"\n", {{"count", uint64_t{3}}, {"text", std::string_view("\xff\n")}, {"yes", true}});
  const auto all = lines();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["level"], "info");
  EXPECT_EQ(all[0]["event"], "something \"happened\"\n");
  EXPECT_EQ(all[0]["count"], 3);
  EXPECT_EQ(all[0]["yes"], true);
  EXPECT_TRUE(all[0].contains("time"));
}

TEST_F(JsonLogTest, is_not_flooded_by_what_clients_bring_about) {
  for (int i = 0; i < 10'000; ++i) log_.often("refused");
  // The clock may have passed a second or two meanwhile.
  EXPECT_LE(lines().size(), 5 * (JsonLog::kLinesASecond + 1));
  EXPECT_GE(lines().size(), JsonLog::kLinesASecond);
}

}  // namespace
}  // namespace weerbaar::service
