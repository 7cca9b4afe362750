#include "examine/detect/observer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "examine/detect/signals.h"
#include "examine/purpose/identities.h"
#include "examine/purpose/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::detect {
namespace {

// The trail of the fixture with facts about some of its employees and persons.
class ObserverTest : public trail::testing::TrailFixture {
 protected:
  void make_facts(uint64_t events) {
    facts_ = std::make_unique<purpose::FactBase>();
    std::vector<purpose::Rule> rules = purpose::testing::standard_rules();
    purpose::Judge::want(rules, *facts_);
    purpose::want_accounts(*facts_);
    Surroundings::want(*facts_);
    constexpr uint64_t kTogether = 8'192;  // as fill() makes them
    for (uint64_t done = 0; done < events; done += kTogether) {
      trail::testing::EventMaker(done).make(done, std::min(kTogether, events - done), batch_);
    }
    std::set<std::string> employees;
    for (size_t i = 0; i < batch_.events().size(); i += 7) {
      const AccessEvent& event = batch_.events()[i];
      if (employees.emplace(event.actor.id).second && employees.size() % 3 != 0) {
        const std::string id(event.actor.id);
        add("employee", {id, "", "", "", ""});
        add("position", {id, "u", "f", ""});
      }
      if (event.subjects.empty()) continue;
      const std::string subject = fmt::format("{}:{}", to_string(event.subjects[0].type), event.subjects[0].id);
      add("person", {subject, fmt::format("name {}", i % 50), fmt::format("Kerkstraat {}", i % 90), ""});
      if (i % 140 == 0) add("public_figure", {subject, ""});
      if (i % 3 == 0) add("contact", {std::string(event.actor.id), subject, "phone"});
    }
    judge_ = std::make_unique<purpose::Judge>(std::move(rules), *facts_);
  }
  void add(std::string_view table, std::vector<std::string> values) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    ASSERT_TRUE(facts_->add(*facts::find_table(table), fact).has_value());
  }
  std::string describe(const SignalReport& report) const {
    std::string text;
    for (const Signal& signal : report.signals) {
      text += fmt::format("{} {} {} {} {}", report.actors[signal.employee], signal.from, signal.score, signal.is_random,
                          fmt::join(signal.events, ","));
      for (const SignalPart& part : signal.parts) text += part.evidence.words.nl + part.evidence.words.en;
      text += "\n";
    }
    return text;
  }
  Result<SignalReport> run(const trail::Trail& trail, const trail::TimeRange& range = {}) {
    auto policy = read_signal_policy(standard_signal_policy(), "standard");
    policy->score_min = 0.1;
    policy->budget = 10'000;
    return find_signals(trail, *judge_, *facts_, *policy, range, "seed", {});
  }

  EventBatch batch_;
  std::unique_ptr<purpose::FactBase> facts_;
  std::unique_ptr<purpose::Judge> judge_;
};

constexpr uint64_t kEvents = 70'000;  // a segment and a tail

TEST_F(ObserverTest, sees_of_every_access_what_its_event_says_and_who_it_was) {
  const auto trail = open();
  fill(*trail, 0, kEvents);
  make_facts(kEvents);
  Observer observer(*trail, *judge_, *facts_, "self");
  std::map<std::string, uint32_t> accounts;
  std::map<std::string, uint64_t> persons;
  std::map<std::string, uint64_t> terminals;
  uint64_t next = 0;
  const auto take = [&](const purpose::Judged& judged) -> Status {
    const AccessEvent& event = batch_.events()[next++];
    const auto observation = observer.observe(judged);
    EXPECT_TRUE(observation.has_value());
    const Observation& seen = **observation;
    EXPECT_EQ(observer.employees()[seen.employee].id, event.actor.id);
    EXPECT_EQ(accounts.emplace(event.actor.id, seen.account).first->second, seen.account);
    EXPECT_EQ(seen.records, event.records.value_or(0));
    EXPECT_EQ(seen.action, event.action);
    EXPECT_EQ(seen.reason_bytes, event.purpose.reason.size());
    EXPECT_EQ(terminals.emplace(event.workplace.terminal, seen.terminal).first->second, seen.terminal);
    EXPECT_EQ(seen.subjects.size(), event.subjects.size());
    std::set<uint64_t> numbers;
    std::set<uint64_t> expected;
    for (const ObservedSubject& subject : seen.subjects) numbers.insert(subject.number);
    for (const Subject& subject : event.subjects) {
      const bool is_number = subject.type == SubjectType::kBsn;
      expected.insert(is_number ? std::strtoull(std::string(subject.id).c_str(), nullptr, 10) : 0);
    }
    EXPECT_EQ(numbers, expected) << "entry " << judged.index;
    if (seen.subjects.size() == 1) {
      const std::string text = fmt::format("{}:{}", to_string(event.subjects[0].type), event.subjects[0].id);
      EXPECT_EQ(persons.emplace(text, seen.subjects[0].hash).first->second, seen.subjects[0].hash);
    }
    return ::testing::Test::HasFailure() ? fail(Code::kInvalid, "stop at the first") : Status();
  };
  const auto report = purpose::check(*trail, *judge_, *facts_, {}, take, {});
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(next, kEvents);
  std::set<uint64_t> hashes;
  for (const auto& [text, hash] : persons) hashes.insert(hash);
  EXPECT_EQ(hashes.size(), persons.size());
}

TEST_F(ObserverTest, passes_over_what_weerbaar_says_of_itself) {
  const auto trail = open();
  fill(*trail, 0, 1'000);
  make_facts(1'000);
  Observer observer(*trail, *judge_, *facts_, "source-1");
  uint64_t own = 0;
  const auto take = [&](const purpose::Judged& judged) -> Status {
    const auto observation = observer.observe(judged);
    EXPECT_TRUE(observation.has_value());
    own += *observation == nullptr ? 1U : 0U;
    return {};
  };
  ASSERT_TRUE(purpose::check(*trail, *judge_, *facts_, {}, take, {}).has_value());
  EXPECT_EQ(own, 333U);
}

TEST_F(ObserverTest, the_same_trail_facts_and_policy_give_the_same_signals_bit_for_bit) {
  const auto trail = open();
  fill(*trail, 0, 65'000);
  make_facts(kEvents);
  const trail::TimeRange range{std::nullopt, Time{1'772'438'400'000'000 + 60'000 * int64_t{731'000}, 0}};
  const auto before = run(*trail, range);
  ASSERT_TRUE(before.has_value()) << before.error().text;
  EXPECT_GT(before->signals.size(), 2U);
  EXPECT_GT(before->accesses, 50'000U);
  EXPECT_EQ(describe(*before), describe(*run(*trail, range)));
  // However the trail has grown, and whatever was sealed since.
  fill(*trail, 65'000, 2'000);
  ASSERT_TRUE(trail->finish_sealing().has_value());
  ASSERT_EQ(trail->sealed().count(), 1U);
  EXPECT_EQ(describe(*before), describe(*run(*trail, range)));
}

TEST_F(ObserverTest, gives_no_signals_where_nothing_is) {
  const auto trail = open();
  make_facts(100);
  const auto report = run(*trail);
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_TRUE(report->signals.empty());
  EXPECT_EQ(report->periods, 0U);
}

TEST(Periods, begin_on_a_monday_and_last_two_weeks) {
  const int64_t monday = parse_time_or_date("2026-01-05")->micros;
  EXPECT_EQ(period_of(monday), monday);
  EXPECT_EQ(period_of(monday + kPeriodMicros - 1), monday);
  EXPECT_EQ(period_of(monday - 1), monday - kPeriodMicros);
  EXPECT_EQ(period_of(-1), parse_time_or_date("1969-12-22")->micros);
}

}  // namespace
}  // namespace weerbaar::detect
