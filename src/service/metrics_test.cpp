#include "service/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace weerbaar::service {
namespace {

http::Exchange exchange(int status, int64_t micros) {
  return {"events", status, 100, 10, std::chrono::microseconds(micros)};
}

TEST(Metrics, count_requests_by_route_status_and_time) {
  Metrics metrics;
  for (const int64_t micros : {1, 250, 251, 1'999, 99'000'000}) metrics.count(exchange(200, micros));
  metrics.count(exchange(503, 7));
  const std::string text = metrics.text({}, {}, {}, true);
  const auto has = [&](const std::string& line) { return text.find("\n" + line + "\n") != std::string::npos; };
  EXPECT_TRUE(has(R"(weerbaar_http_requests_total{route="events",status="200"} 5)")) << text;
  EXPECT_TRUE(has(R"(weerbaar_http_requests_total{route="events",status="503"} 1)"));
  EXPECT_TRUE(has(R"(weerbaar_http_request_seconds_bucket{route="events",le="0.00025"} 3)")) << text;
  EXPECT_TRUE(has(R"(weerbaar_http_request_seconds_bucket{route="events",le="0.0005"} 4)"));
  EXPECT_TRUE(has(R"(weerbaar_http_request_seconds_bucket{route="events",le="30"} 5)"));
  EXPECT_TRUE(has(R"(weerbaar_http_request_seconds_bucket{route="events",le="+Inf"} 6)"));
  EXPECT_TRUE(has(R"(weerbaar_http_request_seconds_count{route="events"} 6)"));
  EXPECT_TRUE(has(R"(weerbaar_http_request_bytes_total{route="events"} 600)"));
  EXPECT_TRUE(has("weerbaar_ready 1"));
}

TEST(Metrics, tell_of_people_that_they_were_refused_and_nothing_else) {
  Metrics metrics;
  for (const int status : {200, 201, 303, 403, 404}) {
    metrics.count({kPeopleRoute, status, 100, 10, std::chrono::microseconds(250)});
  }
  const std::string text = metrics.text({}, {}, {}, true);
  EXPECT_NE(text.find(R"(weerbaar_http_requests_total{route="people",status="403"} 1)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"(weerbaar_http_request_seconds_count{route="people"} 2)"), std::string::npos);
  for (const char* const status : {"200", "201", "303"}) {
    EXPECT_EQ(text.find(std::string(R"(route="people",status=")") + status), std::string::npos) << status;
  }
}

TEST(Metrics, count_each_source_and_when_it_gave_something_last) {
  Metrics metrics;
  metrics.count_source("bvr", 10, 1, Time{1'780'000'000'000'000, 0});
  metrics.count_source("bvr", 0, 2, Time{1'790'000'000'000'000, 0});
  const std::string text = metrics.text({}, {}, {}, false);
  EXPECT_NE(text.find(R"(weerbaar_source_events_accepted_total{source="bvr"} 10)"), std::string::npos);
  EXPECT_NE(text.find(R"(weerbaar_source_events_refused_total{source="bvr"} 3)"), std::string::npos);
  EXPECT_NE(text.find(R"(weerbaar_source_last_seconds{source="bvr"} 1780000000)"), std::string::npos);
  EXPECT_NE(text.find("\nweerbaar_ready 0\n"), std::string::npos);
}

TEST(Metrics, are_lines_of_the_form_that_prometheus_reads) {
  Metrics metrics;
  metrics.count(exchange(200, 7));
  metrics.count_source("bvr", 1, 0, Time{});
  std::istringstream text(metrics.text({}, {}, {}, true));
  const std::regex comment(R"(# (HELP weerbaar_[a-z0-9_]+ .+|TYPE weerbaar_[a-z0-9_]+ (counter|gauge|histogram)))");
  const std::regex sample(R"re(weerbaar_[a-z0-9_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)re");
  size_t lines = 0;
  for (std::string line; std::getline(text, line); ++lines) {
    EXPECT_TRUE(std::regex_match(line, line.starts_with('#') ? comment : sample)) << line;
  }
  EXPECT_GT(lines, 50U);
}

}  // namespace
}  // namespace weerbaar::service
