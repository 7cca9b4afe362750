#include "witness/witness_api.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "http/server.h"
#include "http/testing.h"
#include "os/memory.h"
#include "witness/testing.h"

namespace weerbaar::witness {
namespace {

class WitnessApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_.grow(20);
    witness_ = Witness::open(files_, "w", key_of("witness.example/w1", 9, trail::SignatureType::kCosignature)).value();
    witness_->use_logs({{log_.origin(), {log_.key().verifier()}}});
    api_.emplace(*witness_, [this](const Answer& answer) { seen_.push_back(answer.outcome); });
    api_->add_routes(router_);
    http::ServerOptions options;
    options.limits = witness_limits(1'000);
    auto server = http::Server::open(options, router_);
    ASSERT_TRUE(server.has_value()) << server.error().text;
    server_ = std::move(*server);
  }
  http::Answer post(const std::string& body) {
    http::TestClient client(server_->port());
    return client
        .ask(fmt::format("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {}\r\n\r\n{}", body.size(), body))
        .value();
  }
  http::Answer get(const std::string& path) {
    http::TestClient client(server_->port());
    return client.ask(fmt::format("GET {} HTTP/1.1\r\nHost: w\r\n\r\n", path)).value();
  }

  os::MemoryFileSystem files_;
  TestLog log_;
  std::vector<Outcome> seen_;
  std::unique_ptr<Witness> witness_;
  std::optional<WitnessApi> api_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(WitnessApiTest, a_log_gets_its_cosignature_and_a_monitor_the_checkpoint) {
  const std::string path = "/" + origin_hash(log_.origin()) + "/checkpoint";
  EXPECT_EQ(get(path).status, 404);
  const http::Answer answer = post(log_.body(0, 5));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(trail::open_cosignatures(log_.note(5), answer.body, witness_->verifier()));
  const http::Answer seen = get(path);
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.body, log_.note(5) + answer.body);
  EXPECT_EQ(seen.field("Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(WitnessApiTest, another_size_is_told_as_the_standard_says) {
  ASSERT_EQ(post(log_.body(0, 5)).status, 200);
  const http::Answer answer = post(log_.body(0, 9));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.field("Content-Type"), "text/x.tlog.size");
  EXPECT_EQ(answer.body, "5\n");
}

TEST_F(WitnessApiTest, every_refusal_has_its_status_and_is_seen_by_the_operator) {
  EXPECT_EQ(post("nonsense").status, 400);
  TestLog stranger("log.example/stranger", 2);
  stranger.grow(3);
  EXPECT_EQ(post(stranger.body(0, 3)).status, 404);
  TestLog forged(log_.origin(), 3);
  forged.grow(3);
  EXPECT_EQ(post(forged.body(0, 3)).status, 403);
  ASSERT_EQ(post(log_.body(0, 5)).status, 200);
  EXPECT_EQ(post(trail::format_add_checkpoint({TreeSize(5), {}, log_.note(9)}).value()).status, 422);
  EXPECT_EQ(seen_, (std::vector<Outcome>{Outcome::kMalformed, Outcome::kUnknownLog, Outcome::kNotSigned,
                                         Outcome::kCosigned, Outcome::kInconsistent}));
  const std::string metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("weerbaar_witness_requests_total{status=\"422\"} 1\n"), std::string::npos) << metrics;
}

TEST_F(WitnessApiTest, a_body_that_is_too_large_is_not_read) {
  http::TestClient client(server_->port());
  const auto answer = client.ask(fmt::format("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {}\r\n\r\n",
                                             trail::kAddCheckpointBytesMax + 1));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
}

TEST_F(WitnessApiTest, nothing_else_is_served) {
  for (const char* path :
       {"/", "/lock", "/logs/x", "/../w/checkpoint", "/..%2flogs/checkpoint", "/%2e%2e/checkpoint"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(get("/add-checkpoint").status, 405);
}

}  // namespace
}  // namespace weerbaar::witness
