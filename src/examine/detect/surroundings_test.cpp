#include "examine/detect/surroundings.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"

namespace weerbaar::detect {
namespace {

using facts::Kind;

constexpr int64_t kHour = 3'600 * kMicrosPerSecond;

int64_t at(std::string_view text) {
  return parse_time_or_date(text)->micros;
}

class SurroundingsTest : public ::testing::Test {
 protected:
  SurroundingsTest() { Surroundings::want(facts_); }

  void add(const char* table, std::vector<std::string> values, int64_t from = facts::kAlways,
           int64_t to = facts::kUntilFurtherNotice) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    fact.valid_to = to;
    ASSERT_TRUE(facts_.add(*facts::find_table(table), fact).has_value());
  }
  const Surroundings& all() {
    if (all_ == nullptr) all_ = std::make_unique<Surroundings>(facts_);
    return *all_;
  }
  Symbol employee(std::string_view id) { return facts_.find(Kind::kEmployee, id); }
  Symbol subject(std::string_view id) { return facts_.find(Kind::kSubject, id); }

  FactBase facts_;
  std::unique_ptr<Surroundings> all_;
};

TEST_F(SurroundingsTest, tell_how_far_outside_a_shift_a_moment_is) {
  add("shift", {"e", ""}, at("2026-03-02T07:00:00Z"), at("2026-03-02T16:00:00Z"));
  add("shift", {"e", ""}, at("2026-03-03T07:00:00Z"), at("2026-03-03T16:00:00Z"));
  add("shift", {"f", ""});
  EXPECT_EQ(all().outside_shift(employee("e"), at("2026-03-02T07:00:00Z")), 0);
  EXPECT_EQ(all().outside_shift(employee("e"), at("2026-03-02T16:00:00Z")), 0);
  EXPECT_EQ(all().outside_shift(employee("e"), at("2026-03-02T18:00:00Z")), 2 * kHour);
  EXPECT_EQ(all().outside_shift(employee("e"), at("2026-03-03T06:00:00Z")), kHour);
  EXPECT_EQ(all().outside_shift(employee("e"), at("2026-03-02T01:00:00Z")), 6 * kHour);
  EXPECT_EQ(all().outside_shift(employee("e"), at("2026-04-02")), std::nullopt);
  EXPECT_EQ(all().outside_shift(employee("f"), at("2026-04-02")), 0);
  EXPECT_EQ(all().outside_shift(kUnknown, at("2026-03-02")), std::nullopt);
}

TEST_F(SurroundingsTest, tell_where_somebody_is_by_badge) {
  add("presence", {"e", "north"}, at("2026-03-02T07:00:00Z"), at("2026-03-02T16:00:00Z"));
  const Symbol north = facts_.find(Kind::kLocation, "north");
  EXPECT_EQ(all().badged_at(employee("e"), at("2026-03-02T08:00:00Z")), north);
  EXPECT_EQ(all().badged_at(employee("e"), at("2026-03-02T17:00:00Z")), kNoSymbol);
  EXPECT_EQ(all().badged_at(employee("e"), at("2026-02-28T17:00:00Z")), kNoSymbol);
  EXPECT_EQ(all().badged_at(employee("e"), at("2026-05-02T17:00:00Z")), std::nullopt);
  EXPECT_TRUE(all().has_badges(north));
  EXPECT_FALSE(all().has_badges(kUnknown));
}

TEST_F(SurroundingsTest, know_streets_former_addresses_and_rare_names) {
  add("employee", {"e", "", "Zeldzaam", "", "1234AB Kerkstraat 3"}, at("2020-01-01"), at("2024-01-01"));
  add("person", {"bsn:111222333", "Zeldzaam", "1234AB Kerkstraat 3", ""}, at("2021-01-01"), at("2022-01-01"));
  add("person", {"bsn:111222333", "Zeldzaam", "1234AB Kerkstraat 5", ""}, at("2022-01-01"));
  add("person", {"bsn:123456782", "Vaak", "1234AB Kerkstraat 7", ""});
  add("person", {"bsn:249566758", "Vaak", "9999ZZ Kerkstraat 7", ""});
  EXPECT_TRUE(all().ever_lived_together(employee("e"), subject("bsn:111222333")));
  EXPECT_FALSE(all().ever_lived_together(employee("e"), subject("bsn:123456782")));
  EXPECT_EQ(all().surname_in_common(employee("e"), subject("bsn:111222333")), 2);
  EXPECT_EQ(all().surname_in_common(employee("e"), subject("bsn:123456782")), 0);
  const auto house = [&](std::string_view id) { return all().house(all().address_of(subject(id), at("2026-03-01"))); };
  EXPECT_EQ(house("bsn:111222333").street, house("bsn:123456782").street);
  EXPECT_EQ(house("bsn:111222333").number, 5U);
  EXPECT_NE(house("bsn:123456782").street, house("bsn:249566758").street);
  EXPECT_EQ(all().house(kUnknown).street, 0U);
}

TEST_F(SurroundingsTest, know_who_leaves_and_who_may_use_what) {
  add("position", {"e", "u", "f", ""}, at("2025-01-01"), at("2026-04-01"));
  add("position", {"g", "u", "f", ""}, at("2025-01-01"), at("2026-04-01"));
  add("position", {"g", "u", "h", ""}, at("2026-04-01"));
  add("authorisation", {"e", "BVR", "r"}, at("2026-01-01"), at("2026-03-01"));
  EXPECT_TRUE(all().leaves_within(employee("e"), at("2026-03-15"), 30 * kMicrosPerDay));
  EXPECT_FALSE(all().leaves_within(employee("e"), at("2026-02-15"), 30 * kMicrosPerDay));
  EXPECT_FALSE(all().leaves_within(employee("g"), at("2026-03-15"), 30 * kMicrosPerDay));
  EXPECT_EQ(all().function_of(employee("g"), at("2026-05-01")), facts_.find(Kind::kFunction, "h"));
  EXPECT_EQ(all().function_of(employee("e"), at("2026-05-01")), kNoSymbol);
  const Symbol system = facts_.find(Kind::kSystem, "BVR");
  EXPECT_TRUE(all().may_use(employee("e"), system, at("2026-02-01")));
  EXPECT_FALSE(all().may_use(employee("e"), system, at("2026-03-01")));
}

TEST_F(SurroundingsTest, tell_of_the_first_report_after_a_moment) {
  add("reported", {"r1", "bsn:111222333", ""}, at("2026-03-01"));
  add("reported", {"r2", "bsn:111222333", ""}, at("2026-02-01"));
  EXPECT_EQ(all().reported_after(subject("bsn:111222333"), at("2026-01-01")), at("2026-02-01"));
  EXPECT_EQ(all().reported_after(subject("bsn:111222333"), at("2026-02-01")), at("2026-03-01"));
  EXPECT_EQ(all().reported_after(subject("bsn:111222333"), at("2026-03-01")), std::nullopt);
  EXPECT_EQ(all().reported_after(kUnknown, at("2026-01-01")), std::nullopt);
}

}  // namespace
}  // namespace weerbaar::detect
