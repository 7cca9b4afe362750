#include "service/syslog_intake.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

constexpr std::string_view kMapping = R"(format = "syslog"
source = "gateway"
sequence = "sd.meta.sequenceId"
counter = "host"
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
    SourceSettings plain{"gateway", "", "", "", "gateway.toml"};
    plain.syslog_addresses = {"10.0.0.0/8", "::1"};
    SourceSettings inner{"inner", "", "", "", "inner.toml"};
    inner.syslog_addresses = {"10.1.0.0/16"};
    std::string of_inner(kMapping);
    of_inner.replace(of_inner.find("gateway"), 7, "inner");
    ASSERT_TRUE(os::write_file_atomically(files_, "data/inner.toml", as_bytes(of_inner)));
    plain.certificate_subject = "CN=gateway";
    auto senders = Senders::read({plain, inner, {"web", "", "CN=web", ""}}, files_, "data");
    ASSERT_TRUE(senders.has_value());
    senders_ = *senders;
    WatchOptions watching;
    watching.look_every = std::chrono::milliseconds(0);
    watch_ = std::move(
        *SourceWatch::open(files_, "data", *senders_, [](const AccessEvent&) { return Status(); }, log_, watching));
    intake_->use_watch(*watch_);
    syslog_->use_senders(senders_);
  }
  http::Datagram datagram(int number, const std::string& address = "10.0.0.1") {
    const std::string counted = message(number);
    return {address, counted.substr(counted.find(' ') + 1)};
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
  std::shared_ptr<const Senders> senders_;
  std::unique_ptr<SourceWatch> watch_;
  std::unique_ptr<NetworkIntake> intake_;
  std::unique_ptr<SyslogIntake> syslog_;
};

TEST_F(SyslogIntakeTest, what_is_complete_is_durable_when_it_was_taken) {
  const auto stream = syslog_->begin({"127.0.0.1", "CN=gateway", true});
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
    const auto stream = syslog_->begin({"127.0.0.1", "CN=gateway", true});
    EXPECT_TRUE(stream->take(message(1)));
    stream->end();
  }
  EXPECT_EQ(writer_->totals().accepted, 1U);
  EXPECT_EQ(writer_->totals().duplicates, 1U);
}

TEST_F(SyslogIntakeTest, by_tls_the_certificate_counts_and_else_the_address_and_neither_for_the_other) {
  EXPECT_NE(syslog_->begin({"192.0.2.1", "CN=gateway", true}), nullptr);
  EXPECT_EQ(syslog_->begin({"10.0.0.1", "", true}), nullptr);
  EXPECT_EQ(syslog_->begin({"10.0.0.1", "CN=stranger", true}), nullptr);
  EXPECT_NE(syslog_->begin({"10.0.0.1", "", false}), nullptr);
  EXPECT_NE(syslog_->begin({"::1", "", false}), nullptr);
  EXPECT_EQ(syslog_->begin({"192.0.2.1", "CN=gateway", false}), nullptr);
  EXPECT_NE(syslog_->metrics().find("weerbaar_syslog_turned_away_total 3\n"), std::string::npos);
}

TEST_F(SyslogIntakeTest, datagrams_are_one_message_each_of_the_source_with_the_longest_range) {
  std::vector<http::Datagram> datagrams = {
      datagram(1), datagram(2, "10.1.0.1"), datagram(3, "192.0.2.1"), {"10.0.0.1", ""}};
  datagrams.push_back(datagram(4));
  datagrams.back().bytes += "\n";
  datagrams.push_back({"10.0.0.1", "7 garbage\nand more\n<13>1 - - - - - -"});
  syslog_->take(datagrams);
  EXPECT_EQ(metrics_.sources().at("gateway").accepted, 2U);
  EXPECT_EQ(metrics_.sources().at("inner").accepted, 1U);
  EXPECT_NE(syslog_->metrics().find("weerbaar_syslog_messages_total{source=\"gateway\"} 3\n"), std::string::npos);
  EXPECT_EQ(syslog_->sender_of("10.0.0.1"), "gateway");
  EXPECT_EQ(syslog_->sender_of("10.1.0.1"), "inner");
  EXPECT_EQ(syslog_->sender_of("192.0.2.1"), "");
  EXPECT_NE(syslog_->metrics().find("weerbaar_syslog_turned_away_total 1\n"), std::string::npos);
  syslog_->drop("10.1.0.1");
  syslog_->drop("192.0.2.1");
  EXPECT_NE(syslog_->metrics().find("weerbaar_syslog_dropped_total{source=\"inner\"} 1\n"), std::string::npos);
  syslog_->end();
  EXPECT_EQ(writer_->totals().accepted, 3U);
}

TEST_F(SyslogIntakeTest, datagrams_are_read_by_new_settings_after_a_reload) {
  syslog_->take(std::vector{datagram(1)});
  auto none = Senders::read({{"web", "", "CN=web", ""}}, files_, "data");
  syslog_->use_senders(*none);
  syslog_->take(std::vector{datagram(2)});
  syslog_->use_senders(senders_);
  syslog_->take(std::vector{datagram(3)});
  EXPECT_EQ(writer_->totals().accepted, 2U);
  syslog_->end();
}

TEST_F(SyslogIntakeTest, numbers_count_for_each_host_also_of_messages_that_tell_of_no_access) {
  const auto numbered = [](int number, std::string_view host, std::string_view app) {
    const std::string text = "<13>1 2026-03-02T08:14:03Z " + std::string(host) + " " + std::string(app) +
                             " - - [meta sequenceId=\"" + std::to_string(number) + "\"] user=u" +
                             std::to_string(number);
    return std::to_string(text.size()) + " " + text;
  };
  const auto stream = syslog_->begin({"10.0.0.1", "", false});
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(stream->take(numbered(1, "a", "brp") + numbered(2, "a", "cron") + numbered(7, "b", "brp")));
  EXPECT_TRUE(stream->take(numbered(5, "a", "brp") + numbered(8, "b", "brp")));
  stream->end();
  for (const SourceReport& report : watch_->report()) {
    EXPECT_EQ(report.missing(), report.source == "gateway" ? 2U : 0U);
    EXPECT_EQ(report.state.counters.size(), report.source == "gateway" ? 2U : 0U);
  }
}

TEST_F(SyslogIntakeTest, turns_away_whom_no_source_with_a_syslog_mapping_knows) {
  EXPECT_EQ(syslog_->begin({"127.0.0.1", "", true}), nullptr);
  EXPECT_EQ(syslog_->begin({"127.0.0.1", "CN=stranger", true}), nullptr);
  EXPECT_EQ(syslog_->begin({"127.0.0.1", "CN=web", true}), nullptr);
}

TEST_F(SyslogIntakeTest, a_stream_that_the_trail_never_takes_ends_when_the_server_stops) {
  const auto stream = syslog_->begin({"127.0.0.1", "CN=gateway", true});
  ASSERT_TRUE(writer_->finish());
  syslog_->stop_waiting();
  EXPECT_FALSE(stream->take(message(1)));
  EXPECT_EQ(syslog_->streams_broken(), 1U);
}

}  // namespace
}  // namespace weerbaar::service
