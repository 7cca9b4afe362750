#include "report/gaps.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "domain/source_notice.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::report {
namespace {

using Kind = SourceNotice::Kind;

Time at(std::string_view text) {
  return parse_time(text).value();
}

// A trail that tells of sources, and what is read of it for March.
class GapsTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    trail_ = open();
  }
  void tell(std::string_view when, const SourceNotice& notice, std::string_view source = "self",
            std::string_view component = kNoticeComponent) {
    const NoticeAttributes texts = attributes_of(notice);
    std::vector<Attribute> attributes;
    for (const auto& [key, value] : texts) attributes.push_back({key, value});
    const std::string id = "notice-" + std::to_string(++told_);
    AccessEvent event;
    event.id = id;
    event.source = source;
    event.time = at(when);
    event.actor.id = "weerbaar";
    event.system = "weerbaar";
    event.component = component;
    event.attributes = attributes;
    const auto receipt = trail_->append({&event, 1});
    ASSERT_TRUE(receipt.has_value() && receipt->accepted == 1);
  }
  void tell_silent(std::string_view when, std::string_view source, std::string_view since) {
    SourceNotice notice;
    notice.source = source;
    notice.since = at(since);
    tell(when, notice);
  }
  void tell_heard(std::string_view when, std::string_view source, std::string_view since, std::string_view until) {
    SourceNotice notice;
    notice.kind = Kind::kHeard;
    notice.source = source;
    notice.since = at(since);
    notice.until = at(until);
    tell(when, notice);
  }
  void tell_numbers(std::string_view when, Kind kind, uint64_t from, uint64_t to, uint64_t run = 0) {
    SourceNotice notice;
    notice.kind = kind;
    notice.source = "bvr";
    notice.run = run;
    notice.numbers.add({from, to});
    tell(when, notice);
  }
  std::map<std::string, SourceGaps> gaps(std::optional<uint64_t> size = std::nullopt) {
    const GapChoice choice{at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z"),
                           size.value_or(trail_->size().value()), "self", quiet_};
    auto found = gaps_of(*trail_, choice);
    EXPECT_TRUE(found) << (found ? "" : found.error().text);
    return found ? std::move(*found) : std::map<std::string, SourceGaps>();
  }

  static constexpr uint64_t kHour = 3'600;
  std::unique_ptr<trail::Trail> trail_;
  std::set<std::string, std::less<>> quiet_;
  int told_ = 0;
};

TEST_F(GapsTest, records_found_missing_in_the_month_count_until_they_come_whenever_that_is) {
  tell_numbers("2026-02-20T00:00:00Z", Kind::kMissing, 1, 9);
  tell_numbers("2026-03-02T00:00:00Z", Kind::kMissing, 11, 20);
  tell_numbers("2026-03-03T00:00:00Z", Kind::kCame, 5, 12);
  tell_numbers("2026-04-01T00:00:00Z", Kind::kMissing, 31, 40);
  EXPECT_EQ(gaps()["bvr"].missing_records, 8U);
  tell_numbers("2026-05-01T00:00:00Z", Kind::kCame, 13, 14);
  EXPECT_EQ(gaps()["bvr"].missing_records, 6U);
  EXPECT_EQ(gaps(trail_->size().value() - 1)["bvr"].missing_records, 8U) << "what stands behind that size";
}

TEST_F(GapsTest, a_number_of_one_run_is_not_that_of_another_and_what_is_told_twice_counts_once) {
  tell_numbers("2026-03-02T00:00:00Z", Kind::kMissing, 3, 4, 0);
  tell_numbers("2026-03-02T00:00:00Z", Kind::kMissing, 3, 4, 0);
  tell_numbers("2026-03-03T00:00:00Z", Kind::kMissing, 3, 4, 1);
  EXPECT_EQ(gaps()["bvr"].missing_records, 4U);
  tell_numbers("2026-03-04T00:00:00Z", Kind::kCame, 3, 4, 1);
  EXPECT_EQ(gaps()["bvr"].missing_records, 2U);
}

TEST_F(GapsTest, of_a_silence_the_part_in_the_month_counts) {
  tell_silent("2026-03-10T02:01:00Z", "bvr", "2026-03-10T02:00:00Z");
  tell_heard("2026-03-10T05:00:05Z", "bvr", "2026-03-10T02:00:00Z", "2026-03-10T05:00:00Z");
  EXPECT_EQ(gaps()["bvr"].silent_seconds, 3 * kHour);
  tell_heard("2026-03-10T05:00:09Z", "bvr", "2026-03-10T02:00:00Z", "2026-03-10T05:00:00Z");
  EXPECT_EQ(gaps()["bvr"].silent_seconds, 3 * kHour) << "told twice";
  // From before the month, and until after it.
  tell_silent("2026-02-28T20:01:00Z", "inning", "2026-02-28T20:00:00Z");
  tell_heard("2026-03-01T06:00:00Z", "inning", "2026-02-28T20:00:00Z", "2026-03-01T06:00:00Z");
  tell_silent("2026-03-31T22:01:00Z", "inning", "2026-03-31T22:00:00Z");
  EXPECT_EQ(gaps()["inning"].silent_seconds, 8 * kHour) << "it goes on";
  tell_heard("2026-04-09T00:00:00Z", "inning", "2026-03-31T22:00:00Z", "2026-04-09T00:00:00Z");
  EXPECT_EQ(gaps()["inning"].silent_seconds, 8 * kHour);
  // Another month's.
  tell_silent("2026-04-10T00:01:00Z", "later", "2026-04-10T00:00:00Z");
  EXPECT_FALSE(gaps().contains("later"));
}

TEST_F(GapsTest, a_silence_of_which_nothing_was_told_since_is_found_where_it_began) {
  tell_silent("2026-01-05T00:00:00Z", "long", "2026-01-04T23:00:00Z");
  tell_silent("2026-01-06T00:00:00Z", "heard", "2026-01-05T23:00:00Z");
  tell_heard("2026-01-07T00:00:00Z", "heard", "2026-01-05T23:00:00Z", "2026-01-07T00:00:00Z");
  EXPECT_TRUE(gaps().empty());
  quiet_ = {"long", "heard", "never"};
  EXPECT_EQ(gaps()["long"].silent_seconds, 31 * 24 * kHour);
  EXPECT_EQ(gaps().size(), 1U);
}

TEST_F(GapsTest, only_weerbaar_itself_tells_and_also_from_sealed_segments) {
  SourceNotice notice;
  notice.source = "bvr";
  notice.since = at("2026-03-10T00:00:00Z");
  tell("2026-03-10T01:00:00Z", notice, "bvr");
  tell("2026-03-10T01:00:00Z", notice, "self", "report");
  EXPECT_TRUE(gaps().empty());
  tell_numbers("2026-03-02T00:00:00Z", Kind::kMissing, 1, 2);
  fill(*trail_, 0, 70'000);
  ASSERT_TRUE(trail_->finish_sealing());
  ASSERT_GT(trail_->sealed_size(), 0U);
  tell_silent("2026-03-31T23:00:00Z", "bvr", "2026-03-31T22:00:00Z");
  EXPECT_EQ(gaps()["bvr"].missing_records, 2U);
  EXPECT_EQ(gaps()["bvr"].silent_seconds, 2 * kHour);
}

}  // namespace
}  // namespace weerbaar::report
