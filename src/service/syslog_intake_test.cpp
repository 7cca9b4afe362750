#include "service/syslog_intake.h"

#include <gtest/gtest.h>

#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

constexpr std::string_view kMapping = R"(format = "syslog"
source = "gateway"
[[access]]
app = "brp"
[fields]
actor.id = { column = "pair.user" }
action = { constant = "read" }
system = { constant = "BRP" }
)";

class SyslogIntakeTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    writer_ =
        std::make_unique<EventWriter>(open(), [this] { return trail::Trail::open(options(), trail::Access::kAppend); });
    intake_ = std::make_unique<NetworkIntake>(*writer_, files_, "data");
    syslog_ = std::make_unique<SyslogIntake>(*intake_, metrics_, log_);
    ASSERT_TRUE(os::write_file_atomically(files_, "data/gateway.toml", as_bytes(kMapping)));
    auto senders =
        Senders::read({{"gateway", "", "CN=gateway", "", "gateway.toml"}, {"web", "", "CN=web", ""}}, files_, "data");
    ASSERT_TRUE(senders.has_value());
    syslog_->use_senders(*senders);
  }

  static std::string message(int number, std::string_view rest = "user=u1") {
    const std::string text =
        "<13>1 2026-03-02T08:14:03.00000" + std::to_string(number) + "Z h brp - - - " + std::string(rest);
    return std::to_string(text.size()) + " " + text;
  }

  Metrics metrics_;
  std::FILE* log_file_ = std::tmpfile();
  JsonLog log_{log_file_};
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<NetworkIntake> intake_;
  std::unique_ptr<SyslogIntake> syslog_;
};

TEST_F(SyslogIntakeTest, what_is_complete_is_durable_when_it_was_taken) {
  const auto stream = syslog_->begin({"127.0.0.1", "CN=gateway"});
  ASSERT_NE(stream, nullptr);
  const std::string both = message(1) + message(2);
  EXPECT_TRUE(stream->take(std::string_view(both).substr(0, both.size() - 3)));
  EXPECT_EQ(writer_->totals().accepted, 1U);
  EXPECT_TRUE(stream->take(std::string_view(both).substr(both.size() - 3)));
  EXPECT_EQ(writer_->totals().accepted, 2U);
  EXPECT_TRUE(stream->take(message(3, "nobody")));
  EXPECT_TRUE(stream->take("100 half"));
  stream->end();
  const SourceCounts counts = metrics_.sources().at("gateway");
  EXPECT_EQ(counts.accepted, 2U);
  EXPECT_EQ(counts.refused, 2U);
  const auto refused = os::read_file(files_, "data/quarantine/refused-by-network.jsonl", 1 << 20);
  ASSERT_TRUE(refused.has_value());
  EXPECT_NE(as_text(*refused).find("syslog, gateway"), std::string::npos);
}

TEST_F(SyslogIntakeTest, a_message_that_comes_again_over_another_connection_is_known) {
  for (int i = 0; i < 2; ++i) {
    const auto stream = syslog_->begin({"127.0.0.1", "CN=gateway"});
    EXPECT_TRUE(stream->take(message(1)));
    stream->end();
  }
  EXPECT_EQ(writer_->totals().accepted, 1U);
  EXPECT_EQ(writer_->totals().duplicates, 1U);
}

TEST_F(SyslogIntakeTest, turns_away_whom_no_source_with_a_syslog_mapping_knows) {
  EXPECT_EQ(syslog_->begin({"127.0.0.1", ""}), nullptr);
  EXPECT_EQ(syslog_->begin({"127.0.0.1", "CN=stranger"}), nullptr);
  EXPECT_EQ(syslog_->begin({"127.0.0.1", "CN=web"}), nullptr);
}

TEST_F(SyslogIntakeTest, a_stream_that_the_trail_never_takes_ends_when_the_server_stops) {
  const auto stream = syslog_->begin({"127.0.0.1", "CN=gateway"});
  ASSERT_TRUE(writer_->finish());
  syslog_->stop_waiting();
  EXPECT_FALSE(stream->take(message(1)));
  EXPECT_EQ(syslog_->streams_broken(), 1U);
}

}  // namespace
}  // namespace weerbaar::service
