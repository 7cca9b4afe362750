#include "trail/store/count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <span>

#include "os/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using os::refusal;
using CountTest = testing::TrailFixture;

// Slow and obvious: the values of an event, from its time as text.
std::string slow_value(CountField field, const AccessEvent& event) {
  const std::string time = format_time(event.time);
  switch (field) {
    case CountField::kYear:
      return time.substr(0, 4);
    case CountField::kMonth:
      return time.substr(0, 7);
    case CountField::kDay:
      return time.substr(0, 10);
    case CountField::kHour:
      return time.substr(11, 2);
    case CountField::kWeekday: {
      // Zeller's congruence.
      int y = std::stoi(time.substr(0, 4));
      int m = std::stoi(time.substr(5, 2));
      const int d = std::stoi(time.substr(8, 2));
      if (m < 3) {
        m += 12;
        --y;
      }
      const int h = (d + 13 * (m + 1) / 5 + y % 100 + y % 100 / 4 + y / 100 / 4 + 5 * (y / 100)) % 7;
      return std::to_string((h + 5) % 7 + 1);
    }
    case CountField::kSource:
      return std::string(event.source);
    case CountField::kSystem:
      return std::string(event.system);
    case CountField::kComponent:
      return std::string(event.component);
    case CountField::kAction:
      return std::string(to_string(event.action));
    case CountField::kOutcome:
      return std::string(to_string(event.outcome));
    case CountField::kActivity:
      return std::string(event.purpose.processing_activity);
    case CountField::kLegalBasis:
      return std::string(event.purpose.legal_basis);
    case CountField::kUnit:
      return std::string(event.actor.unit);
    case CountField::kFunction:
      return std::string(event.actor.function);
    case CountField::kActorType:
      return std::string(to_string(event.actor.type));
    case CountField::kBreakGlass:
      return event.purpose.break_glass ? "true" : "false";
  }
  return "";
}

bool holds(const Condition& condition, const std::string& value) {
  switch (condition.comparison) {
    case Comparison::kEqual:
      return value == condition.value;
    case Comparison::kNotEqual:
      return value != condition.value;
    case Comparison::kLess:
      return value < condition.value;
    default:
      return value >= condition.value;
  }
}

void expect_agreement(const Trail& trail, std::span<const AccessEvent> events, std::string_view fields,
                      std::string_view where) {
  const CountQuery query{*parse_group_by(fields), *parse_where(where)};
  std::map<std::vector<std::string>, uint64_t> expected;
  for (const AccessEvent& event : events) {
    const bool wanted = std::all_of(query.where.begin(), query.where.end(), [&](const Condition& condition) {
      return holds(condition, slow_value(condition.field, event));
    });
    if (!wanted) continue;
    std::vector<std::string> values;
    for (const CountField field : query.group_by) values.push_back(slow_value(field, event));
    ++expected[values];
  }
  const auto groups = count(trail, query);
  ASSERT_TRUE(groups.has_value());
  std::map<std::vector<std::string>, uint64_t> actual;
  std::vector<std::string> before;
  for (const CountGroup& group : *groups) {
    ASSERT_TRUE(before.empty() || before < group.values) << fields << " where " << where;
    before = group.values;
    actual[group.values] = group.events;
  }
  ASSERT_EQ(actual, expected) << fields << " where " << where;
}

TEST_F(CountTest, agrees_with_counting_one_by_one) {
  const auto trail = open();
  EventBatch events;
  for (uint64_t first = 0; first < kSegmentEntries + 4'000; first += 4'000) {
    EventBatch batch;
    testing::EventMaker(first).make(first, 4'000, batch);
    ASSERT_TRUE(trail->append(batch.events()));
    for (const AccessEvent& event : batch.events()) events.add_copy(event);
  }
  ASSERT_TRUE(trail->append_record("retention", "{}"));
  ASSERT_TRUE(trail->finish_sealing());
  for (const char* fields :
       {"day,system", "unit,hour", "action,outcome,weekday", "break_glass,function,month",
        "source,component,actor_type", "year,activity,legal_basis", "system", "unit", "day", "system,day,source",
        "unit,function,actor_type,source,system,component,action,outcome,activity,break_glass,day,hour"}) {
    for (const char* where : {"", "system=BVR", "hour>=12 and unit!='unit-3'", "day<2026-03-03 and break_glass=true"}) {
      expect_agreement(*trail, events.events(), fields, where);
    }
  }
}

// Within a day, over a few days in the order of time, to and fro; and rows between them that are no events.
TEST_F(CountTest, agrees_however_the_days_lie_in_a_segment) {
  const auto trail = open();
  EventBatch events;
  constexpr int64_t kStart = 1'772'438'400'000'000;
  const auto time_of = [](uint64_t n) {
    const auto row = static_cast<int64_t>(n % kSegmentEntries);
    if (n < kSegmentEntries) return kStart + row * 1'000'000;      // within a day
    if (n < 2 * kSegmentEntries) return kStart + row * 4'000'000;  // three days
    return kStart + row % 3 * kMicrosPerDay + row;
  };
  for (uint64_t first = 0; first < 3 * kSegmentEntries + 500; first += 4'000) {
    EventBatch made;
    testing::EventMaker(first).make(first, 4'000, made);
    EventBatch batch;
    for (uint64_t i = 0; i < made.events().size(); ++i) {
      AccessEvent event = made.events()[i];
      event.time = {time_of(first + i), 0};
      batch.add_copy(event);
      events.add_copy(event);
    }
    ASSERT_TRUE(trail->append(batch.events()));
    if (first % 12'000 == 0) {
      ASSERT_TRUE(trail->append_record("retention", "{}"));
    }
  }
  ASSERT_TRUE(trail->finish_sealing());
  for (const char* fields :
       {"day,system", "system", "action,day", "break_glass,weekday", "day,unit,system", "hour,source"}) {
    for (const char* where : {"", "day!=2026-03-03 and system!=BVR"}) {
      expect_agreement(*trail, events.events(), fields, where);
    }
  }
}

TEST(CountQuery, says_what_is_wrong_and_where) {
  EXPECT_NE(parse_group_by("day,systeem").error().text.find("systeem"), std::string::npos);
  EXPECT_NE(parse_group_by("day,").error().text.find("choose from"), std::string::npos);
  // Compared as text, each of these would give a count, and a wrong one.
  for (const char* wrong : {"hour<7", "hour>=007", "month=2026-3", "day>=2026-03", "year>26", "weekday=ma",
                            "action=reed", "outcome!=ok", "actor_type=person", "break_glass=1"}) {
    ASSERT_EQ(refusal(parse_where(wrong)), Code::kInvalid) << wrong;
  }
  for (const char* wrong : {"system", "system=", "=BVR", "system=BVR or hour=1", "system='BVR", "hour=>3"}) {
    const auto where = parse_where(wrong);
    ASSERT_EQ(refusal(where), Code::kInvalid) << wrong;
  }
  EXPECT_NE(parse_where("system=BVR or hour=1").error().text.find("character 12"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::trail
