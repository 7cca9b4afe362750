#include "report/gather.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "domain/source_notice.h"
#include "examine/purpose/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::report {
namespace {

// A trail to which three sources delivered on the second of March, and "gone" never.
class GatherTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    trail_ = open();
    fill(*trail_, 0, 300);
    std::vector<purpose::Rule> rules = purpose::testing::standard_rules();
    purpose::Judge::want(rules, facts_);
    purpose::want_accounts(facts_);
    want(facts_);
    judge_ = std::make_unique<purpose::Judge>(std::move(rules), facts_);
  }
  void tell(std::string_view when, const SourceNotice& notice) {
    const NoticeAttributes texts = attributes_of(notice);
    std::vector<Attribute> attributes;
    for (const auto& [key, value] : texts) attributes.push_back({key, value});
    AccessEvent event;
    event.id = when;
    event.source = "self";
    event.time = parse_time(when).value();
    event.actor.id = "weerbaar";
    event.system = "weerbaar";
    event.component = kNoticeComponent;
    event.attributes = attributes;
    ASSERT_TRUE(trail_->append({&event, 1}));
  }
  Gathered gathered(std::string_view month, std::string_view now, std::vector<KnownSource> sources = {}) {
    auto zone = ingest::delimited::TimeZone::open(os::real_file_system(), "Europe/Amsterdam");
    const Calendar calendar(std::move(zone.value()), OfficeHours{});
    const GatherChoice choice{parse_month(month).value(), trail_->size().value(), "self", std::move(sources),
                              parse_time(now).value()};
    auto made = gather(*trail_, *judge_, facts_, calendar, choice, [](uint64_t) {});
    EXPECT_TRUE(made) << (made ? "" : made.error().text);
    return made ? std::move(*made) : Gathered();
  }

  std::unique_ptr<trail::Trail> trail_;
  purpose::FactBase facts_;
  std::unique_ptr<purpose::Judge> judge_;
};

TEST_F(GatherTest, a_source_of_the_settings_is_there_though_it_never_delivered_and_others_for_five_months) {
  const auto names = [&](std::string_view month, std::vector<KnownSource> sources) {
    std::vector<std::string> all;
    for (const auto& [name, source] : gathered(month, "2027-01-01T00:00:00Z", std::move(sources)).sources) {
      all.push_back(name);
    }
    return all;
  };
  const std::vector<std::string> delivered = {"source-0", "source-1", "source-2"};
  EXPECT_EQ(names("2026-08", {}), delivered);
  EXPECT_TRUE(names("2026-09", {}).empty());
  EXPECT_EQ(names("2026-09", {{"gone", true}, {"source-1", false}}), (std::vector<std::string>{"gone", "source-1"}));
}

TEST_F(GatherTest, silence_and_missing_records_stand_with_their_source) {
  SourceNotice silent;
  silent.source = "gone";
  silent.since = parse_time("2025-06-01T00:00:00Z").value();
  tell("2025-06-01T00:05:00Z", silent);
  SourceNotice missing;
  missing.kind = SourceNotice::Kind::kMissing;
  missing.source = "source-1";
  missing.numbers.add({5, 8});
  tell("2026-03-02T10:00:00Z", missing);
  const std::vector<KnownSource> known = {{"gone", true}};
  Gathered march = gathered("2026-03", "2026-05-01T00:00:00Z", known);
  EXPECT_EQ(march.days_over, 31U);
  constexpr uint64_t kHour = 3'600;
  EXPECT_EQ(march.sources["gone"].gaps.silent_seconds, (31 * 24 - 1) * kHour) << "summer time begins";
  EXPECT_EQ(march.sources["source-1"].gaps.missing_records, 4U);
  EXPECT_EQ(march.sources["source-2"].gaps.missing_records, 0U);
  // Under way: up to the last midnight.
  march = gathered("2026-03", "2026-03-11T12:00:00Z", known);
  EXPECT_EQ(march.days_over, 10U);
  EXPECT_EQ(march.sources["gone"].gaps.silent_seconds, 10 * 24 * kHour);
  march = gathered("2026-03", "2026-02-11T12:00:00Z", known);
  EXPECT_EQ(march.days_over, 0U);
  EXPECT_EQ(march.sources["gone"].gaps.silent_seconds, 0U);
}

}  // namespace
}  // namespace weerbaar::report
