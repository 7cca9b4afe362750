// A small administration, made once, imported and judged as a real one is.
#include "sample/sample.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/access_event_json.h"
#include "domain/identifiers.h"
#include "examine/purpose/check.h"
#include "examine/purpose/identities.h"
#include "examine/purpose/testing.h"
#include "os/memory.h"
#include "os/testing.h"
#include "register/register.h"
#include "sample/work.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"

namespace weerbaar::sample {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kFirstDay = 20'458;  // 2026-01-05

SampleOptions small(uint64_t seed) {
  SampleOptions options;
  options.seed = seed;
  options.employees = 300;
  options.days = 30;
  options.first_day = kFirstDay;
  return options;
}

// All that a sample gives, as text.
struct Given {
  std::vector<std::string> events;  // JSON
  std::map<std::string, std::string, std::less<>> facts;
  SampleReport report;
};

Given give(const SampleOptions& options, bool keep_events = true) {
  Given given;
  Sample sample(options);
  const auto take_events = [&](EventBatch& batch) -> Status {
    for (const AccessEvent& event : batch.events()) {
      if (keep_events) given.events.push_back(to_json(event));
    }
    return {};
  };
  const auto take_facts = [&](std::string_view table, std::string_view csv) -> Status {
    given.facts[std::string(table)] += csv;
    return {};
  };
  auto report = sample.make(take_events, take_facts);
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().text);
  if (report) given.report = std::move(*report);
  return given;
}

TEST(Sample, is_the_same_for_the_same_options_and_another_for_another_seed) {
  SampleOptions options = small(5);
  options.employees = 80;
  options.days = 14;
  const Given once = give(options);
  const Given again = give(options);
  EXPECT_EQ(once.events, again.events);
  EXPECT_EQ(once.facts, again.facts);
  ASSERT_EQ(once.report.planted.size(), again.report.planted.size());
  for (size_t i = 0; i < once.report.planted.size(); ++i) {
    EXPECT_EQ(truth_line(once.report.planted[i], "x"), truth_line(again.report.planted[i], "x"));
    EXPECT_EQ(once.report.planted[i].leaked, again.report.planted[i].leaked);
  }
  options.seed = 6;
  EXPECT_NE(give(options).events, once.events);
}

TEST(Sample, has_about_as_many_accesses_as_are_asked_for) {
  for (const uint64_t wanted : {12'000U, 60'000U, 300'000U}) {
    SampleOptions options = small(7);
    options.employees = 200;
    options.days = 21;
    options.events = wanted;
    const auto made = static_cast<double>(give(options, false).report.counts.events);
    EXPECT_NEAR(made / static_cast<double>(wanted), 1.0, 0.04) << wanted;
  }
}

TEST(Sample, refuses_options_out_of_range_by_name) {
  SampleOptions options = small(1);
  EXPECT_TRUE(check_options(options).has_value());
  options.employees = 3;
  EXPECT_THAT(check_options(options).error().text, HasSubstr("--employees 3"));
  options = small(1);
  options.days = 5'000;
  EXPECT_THAT(check_options(options).error().text, HasSubstr("--days 5000"));
  options = small(1);
  options.events = 10;
  ASSERT_TRUE(check_options(options).has_value());
  Sample sample(options);
  const auto made = sample.make([](EventBatch&) { return Status(); }, [](auto, auto) { return Status(); });
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().text, HasSubstr("--events 10"));
}

// Made, imported, appended and checked once for all tests of it.
class JudgedSample : public ::testing::Test {
 protected:
  struct Judgement {
    purpose::Outcome outcome = purpose::Outcome::kUnexplained;
    bool has_explanation = false;
    std::string by;
  };
  struct World {
    os::TemporaryDirectory directory;
    os::MemoryFileSystem files;
    std::unique_ptr<trail::KeyStore> keys;
    std::unique_ptr<trail::Trail> trail;
    std::unique_ptr<facts::Register> facts;
    SampleReport report;
    uint64_t fact_rows = 0;
    std::vector<std::string> refusals;
    std::unordered_map<std::string, size_t> place_of;  // of each event, by id: in the order of the trail
    std::vector<Time> times;
    std::vector<std::string> invalid;
    std::unique_ptr<Sample> sample;
    std::unordered_map<std::string, EmployeeNumber> employee_of;  // by account
    std::vector<std::string> out_of_hours;                        // ids
    std::map<std::string, uint64_t> by_action;
    std::vector<Judgement> judgements;
    purpose::CheckReport check;
  };

  static void SetUpTestSuite() {
    world_ = new World;
    make();
    if (!HasFailure()) judge();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static void make() {
    auto keys = trail::KeyStore::create(world_->files, "keys", "example.org/sample");
    ASSERT_TRUE(keys.has_value());
    world_->keys = std::move(*keys);
    trail::TrailOptions options;
    options.files = &world_->files;
    options.directory = "trail";
    options.keys = world_->keys.get();
    ASSERT_TRUE(trail::Trail::create(options).has_value());
    auto opened = trail::Trail::open(options, trail::Access::kAppend);
    ASSERT_TRUE(opened.has_value());
    world_->trail = std::move(*opened);
    auto database = sql::Database::open("sqlite:" + world_->directory.path() + "/register.db");
    ASSERT_TRUE(database.has_value());
    auto facts = facts::Register::open(std::move(*database));
    ASSERT_TRUE(facts.has_value());
    world_->facts = std::move(*facts);
    world_->sample = std::make_unique<Sample>(small(11));
    const std::vector<Employee>& employees = world_->sample->organisation().employees();
    for (EmployeeNumber number = 0; number < employees.size(); ++number) {
      world_->employee_of[employees[number].id] = number;
      if (!employees[number].second_account.empty()) world_->employee_of[employees[number].second_account] = number;
    }
    auto report = world_->sample->make(take_events, take_facts);
    ASSERT_TRUE(report.has_value()) << report.error().text;
    world_->report = std::move(*report);
  }

  static Status take_events(EventBatch& batch) {
    for (const AccessEvent& event : batch.events()) {
      if (const Status valid = validate(event); !valid) world_->invalid.push_back(valid.error().text);
      for (const Subject& subject : event.subjects) {
        if (subject.type == SubjectType::kBsn && !is_bsn(subject.id)) world_->invalid.emplace_back("BSN");
      }
      world_->place_of.emplace(std::string(event.id), world_->times.size());
      world_->times.push_back(event.time);
      ++world_->by_action[std::string(to_string(event.action))];
      if (event.actor.type == ActorType::kEmployee && !is_in_hours(event)) {
        world_->out_of_hours.emplace_back(event.id);
      }
    }
    WEERBAAR_ASSIGN(const trail::Receipt receipt, world_->trail->append(batch.events()));
    for (const trail::Refused& refused : receipt.refused) world_->invalid.push_back(refused.error.text);
    if (receipt.duplicates > 0) world_->invalid.emplace_back("taken before");
    return {};
  }

  static bool is_in_hours(const AccessEvent& event) {
    // Nobody works near midnight, by whatever clock.
    const int64_t day = floor_div(event.time.micros, kMicrosPerDay);
    const EmployeeNumber employee = world_->employee_of.at(std::string(event.actor.id));
    const auto work = world_->sample->organisation().rostered(employee, day);
    return work && event.time.micros >= micros_at(day, work->begin) && event.time.micros < micros_at(day, work->end);
  }

  static Status take_facts(std::string_view table, std::string_view csv) {
    world_->fact_rows += static_cast<uint64_t>(std::ranges::count(csv, '\n')) - 1;
    WEERBAAR_ASSIGN(const facts::ImportReport report,
                    world_->facts->import(*facts::find_table(table), csv, {"f", std::string(64, 'a'), "t", Time{1, 0}},
                                          [](const facts::ImportReport&) { return Status(); }));
    for (const facts::Refusal& refusal : report.refusals) {
      world_->refusals.push_back(fmt::format("{}, line {}: {}", table, refusal.place, refusal.why));
    }
    if (report.unchanged > 0) world_->refusals.push_back(fmt::format("{}: {} twice", table, report.unchanged));
    return {};
  }

  static void judge() {
    std::vector<purpose::Rule> rules = purpose::testing::standard_rules();
    purpose::FactBase base;
    purpose::Judge::want(rules, base);
    purpose::want_accounts(base);
    const auto imports = world_->facts->imports();
    ASSERT_TRUE(imports.has_value());
    ASSERT_TRUE(base.load(*world_->facts, *imports).has_value());
    const purpose::Judge judge(std::move(rules), base);
    const auto take = [&judge](const purpose::Judged& judged) -> Status {
      Judgement judgement;
      judgement.outcome = judged.outcome;
      for (const purpose::Finding& finding : judged.findings) {
        const purpose::Rule& rule = judge.rules()[finding.rule];
        if (rule.conclusion == purpose::Conclusion::kExplained) judgement.has_explanation = true;
        judgement.by += rule.id + " ";
      }
      world_->judgements.push_back(std::move(judgement));
      return {};
    };
    auto check = purpose::check(*world_->trail, judge, base, {}, take, {});
    ASSERT_TRUE(check.has_value()) << check.error().text;
    world_->check = *check;
  }

  static uint64_t remarks(Remark remark) { return world_->report.counts.remarks[static_cast<size_t>(remark)]; }
  static double share(uint64_t part) {
    return static_cast<double>(part) / static_cast<double>(world_->report.counts.events);
  }

  static World* world_;
};
JudgedSample::World* JudgedSample::world_ = nullptr;

TEST_F(JudgedSample, is_taken_in_without_one_refusal) {
  EXPECT_THAT(world_->invalid, SizeIs(0)) << world_->invalid.front();
  EXPECT_THAT(world_->refusals, SizeIs(0)) << world_->refusals.front();
  EXPECT_EQ(world_->report.counts.events, world_->times.size());
  EXPECT_EQ(world_->report.counts.events, world_->check.all.checked);
  EXPECT_EQ(world_->report.facts, world_->fact_rows);
  EXPECT_EQ(world_->place_of.size(), world_->times.size());
  EXPECT_TRUE(std::ranges::is_sorted(world_->times));
}

TEST_F(JudgedSample, has_at_least_one_case_of_each_kind_with_events_that_exist) {
  std::set<MisuseKind> kinds;
  for (const PlantedCase& planted : world_->report.planted) {
    kinds.insert(planted.kind);
    EXPECT_FALSE(planted.actors.empty());
    EXPECT_GE(planted.events.size(), 3U) << to_string(planted.kind);
    for (const std::string& event : planted.events) EXPECT_TRUE(world_->place_of.contains(event)) << event;
  }
  EXPECT_THAT(kinds, SizeIs(static_cast<size_t>(MisuseKind::kKinds)));
}

TEST_F(JudgedSample, plants_nothing_that_a_rule_explains_unless_it_hides_behind_a_case) {
  for (const PlantedCase& planted : world_->report.planted) {
    uint64_t explained = 0;
    std::string by;
    for (const std::string& event : planted.events) {
      const Judgement& judgement = world_->judgements[world_->place_of.at(event)];
      if (judgement.has_explanation) ++explained;
      if (judgement.has_explanation) by = judgement.by;
    }
    if (planted.hides_behind_case) {
      EXPECT_LT(explained, planted.events.size() / 2);
    } else {
      EXPECT_EQ(explained, 0U) << to_string(planted.kind) << ": " << by;
    }
  }
}

TEST_F(JudgedSample, explains_about_24_of_25_legitimate_accesses_and_fewer_first_ones) {
  std::set<size_t> misuse;
  for (const PlantedCase& planted : world_->report.planted) {
    for (const std::string& event : planted.events) misuse.insert(world_->place_of.at(event));
  }
  uint64_t explained = 0;
  uint64_t legitimate = 0;
  std::map<std::string, uint64_t> others;
  for (size_t i = 0; i < world_->judgements.size(); ++i) {
    if (misuse.contains(i)) continue;
    ++legitimate;
    if (world_->judgements[i].outcome == purpose::Outcome::kExplained) {
      ++explained;
    } else {
      ++others[world_->judgements[i].by];
    }
  }
  const double part = static_cast<double>(explained) / static_cast<double>(legitimate);
  std::string why;
  for (const auto& [by, count] : others) why += fmt::format("{} {}\n", count, by);
  for (size_t i = 0; i < world_->report.counts.remarks.size(); ++i) {
    why += fmt::format("remark {}: {}\n", i, world_->report.counts.remarks[i]);
  }
  EXPECT_GE(part, 0.95) << why;
  EXPECT_LE(part, 0.97) << why;
  const double first =
      static_cast<double>(world_->check.first.explained) / static_cast<double>(world_->check.first.checked);
  EXPECT_LT(first, part);
  EXPECT_GT(first, 0.85);
}

TEST_F(JudgedSample, lets_everybody_work_when_the_roster_says_but_for_what_is_planted) {
  std::set<std::string> misuse;
  for (const PlantedCase& planted : world_->report.planted) misuse.insert(planted.events.begin(), planted.events.end());
  EXPECT_FALSE(world_->out_of_hours.empty());
  for (const std::string& event : world_->out_of_hours) EXPECT_TRUE(misuse.contains(event)) << event;
}

TEST_F(JudgedSample, leaks_lists_of_which_seven_tenths_were_looked_up) {
  uint64_t lists = 0;
  for (const PlantedCase& planted : world_->report.planted) {
    if (planted.leaked.empty()) continue;
    ++lists;
    EXPECT_THAT(std::set<std::string>(planted.leaked.begin(), planted.leaked.end()), SizeIs(planted.leaked.size()));
    for (const std::string& subject : planted.leaked) EXPECT_TRUE(facts::check_subject(subject).has_value());
    // It comes out after they were looked up; a slow leaker goes on.
    uint64_t before = 0;
    for (const std::string& event : planted.events) {
      if (world_->times[world_->place_of.at(event)].micros < planted.leaked_at) ++before;
    }
    EXPECT_GE(before * 10, planted.leaked.size() * 7) << to_string(planted.kind);
  }
  EXPECT_GE(lists, 3U);
}

TEST_F(JudgedSample, has_noise_in_the_shares_that_are_said) {
  // Of accesses as of tasks, for tasks of noise have as many as others; a bit more than a quarter is about contacts.
  EXPECT_NEAR(share(remarks(Remark::kColleagueHelps)), 0.017, 0.004);
  EXPECT_NEAR(share(remarks(Remark::kMissingContact)), 0.0115, 0.004);
  EXPECT_NEAR(share(remarks(Remark::kServiceAccount)), 0.001, 0.0007);
  EXPECT_GT(remarks(Remark::kLateRegistration), 0U);
  EXPECT_GT(remarks(Remark::kWrongNumber), 0U);
  EXPECT_GT(remarks(Remark::kSupportTest), 0U);
  EXPECT_GT(remarks(Remark::kOwnRecord), 0U);
  EXPECT_NEAR(share(world_->report.counts.claims), 1.0 / 3, 0.06);
  for (const char* action : {"read", "search", "update", "decide", "print", "export", "list", "execute"}) {
    EXPECT_GT(world_->by_action[action], 0U) << action;
  }
}

}  // namespace
}  // namespace weerbaar::sample
