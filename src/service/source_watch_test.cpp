#include "service/source_watch.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "domain/access_event_json.h"
#include "os/memory.h"

namespace weerbaar::service {
namespace {

class SourceWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files_.make_directory("data"));
    SourceSettings quiet{"quiet", std::string(64, 'a'), "", ""};
    quiet.heartbeat = std::chrono::seconds(60);
    SourceSettings counting{"counting", std::string(64, 'b'), "", ""};
    counting.sequence_attribute = "seq";
    counting.counter_attribute = "node";
    senders_ = Senders::read({quiet, counting}, files_, "data").value();
    watch_ = open();
  }
  ~SourceWatchTest() override { std::fclose(log_file_); }

  std::unique_ptr<SourceWatch> open() {
    WatchOptions options;
    options.look_every = std::chrono::milliseconds(0);
    options.clock = [this] { return now_; };
    auto opened = SourceWatch::open(
        files_, "data", *senders_,
        [this](const AccessEvent& event) -> Status {
          if (trail_fails_) return fail(Code::kIo, "no");
          told_.push_back(std::string(event.query));
          const auto notice = source_notice_of(event);
          if (notice) notices_.push_back(*notice);
          return {};
        },
        log_, options);
    EXPECT_TRUE(opened.has_value());
    return std::move(*opened);
  }
  void pass(int64_t seconds) { now_.micros += seconds * kMicrosPerSecond; }
  void come(uint64_t number, std::string_view node = "\"n1\"") {
    const std::string text = std::to_string(number);
    const std::array<Attribute, 2> attributes = {{{"seq", text}, {"node", node}}};
    AccessEvent event;
    event.time = now_;
    event.attributes = attributes;
    watch_->take("counting", std::span<const AccessEvent>(&event, 1));
  }
  SourceReport report(std::string_view name) const {
    for (SourceReport& report : watch_->report()) {
      if (report.source == name) return report;
    }
    ADD_FAILURE() << "no report of " << name;
    return {};
  }

  Time now_{1'780'000'000'000'000, 0};
  os::MemoryFileSystem files_;
  std::FILE* log_file_ = std::tmpfile();
  JsonLog log_{log_file_};
  std::shared_ptr<const Senders> senders_;
  bool trail_fails_ = false;
  std::vector<std::string> told_;
  std::vector<SourceNotice> notices_;
  std::unique_ptr<SourceWatch> watch_;
};

TEST_F(SourceWatchTest, silence_longer_than_promised_is_told_once_and_its_end_too) {
  pass(60);
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(told_.empty());
  pass(1);
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(watch_->look());
  EXPECT_EQ(told_, (std::vector<std::string>{"quiet silent"}));
  EXPECT_EQ(report("quiet").unheard_seconds, 61);
  pass(9);
  watch_->heard("quiet");
  EXPECT_TRUE(watch_->look());
  EXPECT_EQ(told_, (std::vector<std::string>{"quiet silent", "quiet heard"}));
  EXPECT_EQ(report("quiet").state.silences, 1U);
  EXPECT_EQ(report("quiet").state.silent_seconds, 70U);
  EXPECT_NE(watch_->metrics().find("weerbaar_source_silences_total{source=\"quiet\"} 1\n"), std::string::npos);
  EXPECT_EQ(watch_->metrics().find("{source=\"counting\"}"), std::string::npos);
}

TEST_F(SourceWatchTest, a_promise_that_is_taken_back_while_a_source_is_silent_makes_nobody_heard) {
  pass(61);
  EXPECT_TRUE(watch_->look());
  watch_->use_senders(*Senders::read({SourceSettings{"quiet", std::string(64, 'a'), "", ""}}, files_, "data").value());
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(watch_->look());
  EXPECT_EQ(told_, (std::vector<std::string>{"quiet silent", "quiet released"}));
  EXPECT_FALSE(report("quiet").state.silent_since.has_value());
  EXPECT_EQ(report("quiet").state.heard.micros, 0) << "it never was";
}

TEST_F(SourceWatchTest, a_server_that_was_away_calls_nobody_silent_for_that_time_and_knows_who_was) {
  pass(61);
  EXPECT_TRUE(watch_->look());
  watch_.reset();
  pass(3'600);
  watch_ = open();
  EXPECT_TRUE(watch_->look());
  EXPECT_EQ(told_.size(), 1U);
  EXPECT_TRUE(report("quiet").state.silent_since.has_value());
  watch_->heard("quiet");
  EXPECT_TRUE(watch_->look());
  watch_.reset();
  pass(3'600);
  watch_ = open();
  EXPECT_TRUE(watch_->look());
  EXPECT_EQ(told_, (std::vector<std::string>{"quiet silent", "quiet heard"}));
}

TEST_F(SourceWatchTest, missing_records_are_told_once_they_stay_missing_and_when_they_come) {
  for (const uint64_t number : {1U, 2U, 5U, 9U}) come(number);
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(told_.empty());
  come(4);
  EXPECT_TRUE(watch_->look());
  const std::string of = " of " + counter_name(ingest::counter_of("n1")) + ": ";
  EXPECT_EQ(told_, (std::vector<std::string>{"counting missing" + of + "3, 6-8"}));
  EXPECT_EQ(report("counting").missing(), 4U);
  EXPECT_NE(watch_->metrics().find("weerbaar_source_missing_records{source=\"counting\"} 4\n"), std::string::npos);
  EXPECT_TRUE(watch_->look());
  come(7);
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(watch_->look());
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[1], "counting came" + of + "7");
}

TEST_F(SourceWatchTest, a_notice_says_since_when_a_silence_is_and_until_when_it_was) {
  const Time since = now_;
  pass(61);
  EXPECT_TRUE(watch_->look());
  pass(9);
  const Time until = now_;
  watch_->heard("quiet");
  pass(4);
  EXPECT_TRUE(watch_->look());
  ASSERT_EQ(notices_.size(), 2U);
  EXPECT_EQ(notices_[0].since, since);
  EXPECT_EQ(notices_[1].since, since);
  EXPECT_EQ(notices_[1].until, until);
}

TEST_F(SourceWatchTest, numbers_keep_the_run_that_they_are_missing_of_when_the_count_begins_anew) {
  come(1);
  come(3);
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(watch_->look());
  const Time before = now_;
  pass(60);
  come(1);
  come(3);
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(watch_->look());
  const Time later = std::exchange(now_, before);
  come(2);
  now_ = later;
  EXPECT_TRUE(watch_->look());
  EXPECT_TRUE(watch_->look());
  ASSERT_EQ(notices_.size(), 3U);
  using Kind = SourceNotice::Kind;
  const std::pair<Kind, uint64_t> wanted[] = {{Kind::kMissing, 0}, {Kind::kMissing, 1}, {Kind::kCame, 0}};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(std::pair(notices_[i].kind, notices_[i].run), wanted[i]) << i;
    EXPECT_EQ(text_of(notices_[i].numbers), "2");
  }
}

TEST_F(SourceWatchTest, each_counter_of_a_source_counts_for_itself_and_no_more_than_it_may_have) {
  come(1);
  come(7, "\"n2\"");
  come(2);
  come(8, "\"n2\"");
  EXPECT_EQ(report("counting").missing(), 0U);
  for (size_t i = 0; i < 2 * SourceWatch::kCountersMax; ++i) come(1, "\"other" + std::to_string(i) + "\"");
  EXPECT_EQ(report("counting").state.counters.size(), SourceWatch::kCountersMax);
}

TEST_F(SourceWatchTest, a_process_that_dies_forgets_no_number_that_came) {
  come(1);
  come(3);
  EXPECT_TRUE(watch_->look());
  come(4);
  come(9);
  const SourceReport before = report("counting");
  // Nothing is finished: what the file says now is all that is left.
  std::unique_ptr<SourceWatch> dead = std::move(watch_);
  watch_ = open();
  EXPECT_EQ(report("counting").state.counters, before.state.counters);
  watch_.reset();
}

TEST_F(SourceWatchTest, what_could_not_be_told_is_told_at_the_next_look) {
  come(1);
  come(3);
  trail_fails_ = true;
  EXPECT_TRUE(watch_->look());
  EXPECT_FALSE(watch_->look());
  trail_fails_ = false;
  EXPECT_TRUE(watch_->look());
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(SourceWatchTest, events_without_a_number_and_sources_without_promises_are_not_counted) {
  AccessEvent event;
  watch_->take("counting", std::span<const AccessEvent>(&event, 1));
  const std::array<Attribute, 1> words = {{{"seq", "\"x\""}}};
  event.attributes = words;
  watch_->take("counting", std::span<const AccessEvent>(&event, 1));
  watch_->take("stranger", std::span<const AccessEvent>(&event, 1));
  EXPECT_TRUE(report("counting").state.counters.empty());
  const std::array<Attribute, 1> text = {{{"seq", "\"17\""}}};
  event.attributes = text;
  watch_->take("counting", std::span<const AccessEvent>(&event, 1));
  EXPECT_EQ(report("counting").state.counters.begin()->second.last, 17U);
}

TEST_F(SourceWatchTest, what_is_told_is_a_valid_event_of_weerbaar_about_nobody) {
  std::vector<std::string> events;
  std::vector<size_t> ranges;
  NumberSet told;
  auto watch = SourceWatch::open(files_, "data2", *senders_,
                                 [&](const AccessEvent& event) -> Status {
                                   const auto notice = source_notice_of(event);
                                   EXPECT_TRUE(notice);
                                   ranges.push_back(notice->numbers.ranges().size());
                                   for (const NumberRange& range : notice->numbers.ranges()) told.add(range);
                                   EXPECT_TRUE(validate(event));
                                   EXPECT_TRUE(event.subjects.empty());
                                   EXPECT_EQ(event.source, "self");
                                   events.push_back(to_json(event));
                                   return {};
                                 },
                                 log_, {std::chrono::milliseconds(0), [this] { return now_; }});
  ASSERT_TRUE(watch.has_value());
  std::vector<ingest::Numbered> numbers;
  for (uint64_t number = 0; number < 400; number += 2) numbers.push_back({7, number, now_});
  (*watch)->take("counting", numbers);
  EXPECT_TRUE((*watch)->look());
  EXPECT_TRUE((*watch)->look());
  // No event holds more than 50 ranges, and none is left out.
  EXPECT_EQ(ranges, (std::vector<size_t>{50, 50, 50, 49}));
  EXPECT_EQ(told.count(), 199U);
  EXPECT_NE(events[0].find("\"records\":50"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::service
