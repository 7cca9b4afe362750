#include "examine/purpose/check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "examine/purpose/access_reader.h"
#include "examine/purpose/findings.h"
#include "examine/purpose/identities.h"
#include "examine/purpose/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::purpose {
namespace {

// Facts that explain or flag some of the events that the fixture makes.
class CheckTest : public trail::testing::TrailFixture {
 protected:
  std::vector<Rule> begin_facts() {
    facts_ = std::make_unique<FactBase>();
    std::vector<Rule> rules = testing::standard_rules();
    Judge::want(rules, *facts_);
    want_accounts(*facts_);
    return rules;
  }
  void make_facts(uint64_t events) {
    std::vector<Rule> rules = begin_facts();
    EventBatch batch;
    trail::testing::EventMaker(0).make(0, events, batch);
    for (size_t i = 0; i < batch.events().size(); i += 5) add_facts_of(batch.events()[i], i);
    judge_ = std::make_unique<Judge>(std::move(rules), *facts_);
  }
  void add(std::string_view table, std::vector<std::string> values, int64_t from = facts::kAlways) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    ASSERT_TRUE(facts_->add(*facts::find_table(table), fact).has_value());
  }
  void add_facts_of(const AccessEvent& event, size_t number) {
    if (event.subjects.empty()) return;
    const std::string subject = fmt::format("{}:{}", to_string(event.subjects[0].type), event.subjects[0].id);
    const std::string employee(event.actor.id);
    const std::string name =
        event.purpose.case_id.empty() ? fmt::format("Z-{}", number) : std::string(event.purpose.case_id);
    switch (number / 5 % 6) {
      case 0:
      case 1:
        add("case", {name, "", ""}, event.time.micros - 1);
        add("case_subject", {name, subject, ""}, event.time.micros - 1);
        add("case_employee", {name, employee}, event.time.micros - 1);
        break;
      case 2:
        add("employee", {employee, "", "", subject, ""});
        break;
      case 3:
        add("shielded", {subject, ""});
        break;
      case 4:
        add("activity_data", {"https://example.org/activity/1", "address"});
        break;
      default:
        // Until then the account was another's.
        add("account", {employee, "somebody-else"}, event.time.micros);
        add("contact", {"somebody-else", subject, "phone"}, event.time.micros - 1);
    }
  }

  // The access of one event, by its identities, one text at a time.
  Symbol find(facts::Kind kind, std::string_view text) const { return facts_->find(kind, text); }
  Outcome judge_slowly(const AccessEvent& event) const {
    std::vector<Symbol> subjects;
    for (const Subject& subject : event.subjects) {
      subjects.push_back(find(facts::Kind::kSubject, fmt::format("{}:{}", to_string(subject.type), subject.id)));
    }
    std::vector<Symbol> data;
    for (const std::string_view one : event.data) data.push_back(find(facts::Kind::kData, one));
    Access access;
    access.time = event.time.micros;
    access.action = event.action;
    access.break_glass = event.purpose.break_glass;
    access.reason = !event.purpose.reason.empty();
    access.employee = employee_of(event.actor.id, event.time);
    if (!event.actor.on_behalf_of.empty()) access.on_behalf_of = employee_of(event.actor.on_behalf_of, event.time);
    access.system = find(facts::Kind::kSystem, event.system);
    access.claimed_case = find(facts::Kind::kCase, event.purpose.case_id);
    access.activity = find(facts::Kind::kActivity, event.purpose.processing_activity);
    access.unit = find(facts::Kind::kUnit, event.actor.unit);
    access.function = find(facts::Kind::kFunction, event.actor.function);
    access.subjects = subjects;
    access.data = data;
    Verdict verdict;
    judge_->judge(access, verdict);
    return verdict.outcome;
  }
  // Who looks, as texts tell it.
  std::string looker_of(const AccessEvent& event) const {
    const Symbol employee = employee_of(event.actor.id, event.time);
    if (employee != kUnknown) return fmt::format("employee {}", employee);
    const std::string_view other = event.actor.on_behalf_of;
    const Symbol responsible = other.empty() ? kUnknown : employee_of(other, event.time);
    return responsible != kUnknown ? fmt::format("employee {}", responsible)
                                   : fmt::format("account {}", event.actor.id);
  }
  Symbol employee_of(std::string_view name, Time time) const {
    const FactTable& accounts = facts_->table(*facts::find_table("account"));
    const Symbol account = find(facts::Kind::kAccount, name);
    for (size_t row = 0; row < accounts.rows(); ++row) {
      if (accounts.cell(row, accounts.place(0)) == account && time.micros >= accounts.valid_from(row)) {
        return accounts.cell(row, accounts.place(1));
      }
    }
    return find(facts::Kind::kEmployee, name);
  }

  std::unique_ptr<FactBase> facts_;
  std::unique_ptr<Judge> judge_;
};

constexpr uint64_t kEvents = 70'000;  // a segment and a tail

TEST_F(CheckTest, judges_every_access_by_who_it_really_was) {
  const auto trail = open();
  fill(*trail, 0, kEvents);
  make_facts(kEvents);
  EventBatch batch;
  for (uint64_t done = 0; done < kEvents; done += 8'192) {
    trail::testing::EventMaker(done).make(done, std::min<uint64_t>(8'192, kEvents - done), batch);
  }
  std::map<Outcome, uint64_t> seen;
  uint64_t next = 0;
  std::set<std::pair<std::string, std::string>> pairs;
  const auto take = [&](const Judged& judged) -> Status {
    Bytes entry;
    EXPECT_TRUE(trail->entry(EntryIndex(judged.index), entry).has_value());
    const AccessEvent& event = batch.events()[next++];
    EXPECT_EQ(judged.outcome, judge_slowly(event)) << "entry " << judged.index;
    bool is_first = false;
    for (const Subject& subject : event.subjects) {
      is_first =
          pairs.emplace(looker_of(event), fmt::format("{}:{}", to_string(subject.type), subject.id)).second || is_first;
    }
    EXPECT_EQ(judged.is_first, is_first) << "entry " << judged.index;
    ++seen[judged.outcome];
    return ::testing::Test::HasFailure() ? fail(Code::kInvalid, "stop at the first") : Status();
  };
  const auto report = check(*trail, *judge_, *facts_, {}, take, {});
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(next, kEvents);
  EXPECT_EQ(report->all.checked, kEvents);
  EXPECT_EQ(report->all.explained, seen[Outcome::kExplained]);
  EXPECT_EQ(report->all.flagged, seen[Outcome::kFlagged]);
  EXPECT_EQ(report->all.unexplained, seen[Outcome::kUnexplained]);
  for (const auto& [outcome, count] : seen) EXPECT_GT(count, 500U) << static_cast<int>(outcome);
  EXPECT_GT(report->first.checked, 1'000U);
  EXPECT_LT(report->first.checked, kEvents);
}

// One access each: account, on whose behalf, person, quarters behind the first.
struct Look {
  std::string_view account;
  std::string_view other;
  std::string_view person;
  int quarter = 0;
};

TEST_F(CheckTest, counts_the_first_access_of_an_employee_and_not_of_an_account) {
  const Look looks[] = {
      {"a1", "", "123456782"},         {"a2", "", "123456782"},          {"e1", "", "123456782"},
      {"a1", "", "111222333"},         {"a2", "", "111222333", 1},       {"unknown", "", "123456782"},
      {"unknown", "", "123456782", 1}, {"other", "", "123456782"},       {"service", "e1", "123456782"},
      {"service", "e2", "123456782"},  {"service", "e2", "123456782", 2}};
  const std::vector<bool> expected = {true, false, false, true, false, true, false, true, false, true, false};
  EventBatch batch;
  for (size_t i = 0; i < std::size(looks); ++i) {
    const Subject subject{SubjectType::kBsn, looks[i].person, ""};
    AccessEvent event;
    event.id = batch.keep(fmt::format("x{}", i));
    event.source = "test";
    event.time.micros = 1'767'700'000'000'000 + looks[i].quarter * int64_t{92} * 86'400'000'000;
    event.actor.id = looks[i].account;
    event.actor.on_behalf_of = looks[i].other;
    event.system = "BVR";
    event.subjects = batch.keep(std::span(&subject, 1));
    batch.add(event);
  }
  const auto trail = open();
  ASSERT_EQ(trail->append(batch.events()).value().accepted, std::size(looks));
  std::vector<Rule> rules = begin_facts();
  for (const std::string account : {"a1", "a2"}) add("account", {account, "e1"});
  for (const std::string employee : {"e1", "e2"}) add("employee", {employee, "", "", "", ""});
  judge_ = std::make_unique<Judge>(std::move(rules), *facts_);
  std::vector<bool> firsts;
  const auto take = [&](const Judged& judged) -> Status {
    firsts.push_back(judged.is_first);
    return {};
  };
  ASSERT_TRUE(check(*trail, *judge_, *facts_, {}, take, {}).has_value());
  EXPECT_EQ(firsts, expected);
}

// So many accesses to a thousand persons that they are judged in several batches.
TEST_F(CheckTest, cuts_exports_of_many_persons_and_finds_the_same) {
  constexpr size_t kExports = 2 * AccessReader::kSubjectsOfBatch / kSubjectsMax + 20;
  const auto trail = open();
  for (size_t done = 0; done < kExports; done += 50) {
    EventBatch batch;
    for (size_t i = done; i < std::min(done + 50, kExports); ++i) {
      std::vector<Subject> subjects;
      for (size_t k = 0; k < kSubjectsMax; ++k) {
        subjects.push_back({SubjectType::kVehicle, batch.keep(fmt::format("V-{}", (i * 7 + k) % 2'000)), ""});
      }
      AccessEvent event;
      event.id = batch.keep(fmt::format("x{}", i));
      event.source = "test";
      event.time.micros = 1'767'700'000'000'000 + static_cast<int64_t>(i);
      event.actor.id = "e1";
      event.action = Action::kExport;
      event.system = "BVR";
      event.subjects = batch.keep(std::span<const Subject>(subjects));
      batch.add(event);
    }
    ASSERT_EQ(trail->append(batch.events()).value().accepted, batch.size());
  }
  std::vector<Rule> rules = begin_facts();
  for (int i = 0; i < 900; ++i) add("contact", {"e1", fmt::format("vehicle:V-{}", i), "phone"});
  add("shielded", {"vehicle:V-1500", ""});
  judge_ = std::make_unique<Judge>(std::move(rules), *facts_);
  Bytes record;
  uint64_t next = 0;
  const auto take = [&](const Judged& judged) -> Status {
    EXPECT_EQ(judged.index, next++);
    Verdict verdict;
    verdict.outcome = judged.outcome;
    verdict.findings.assign(judged.findings.begin(), judged.findings.end());
    append_verdict(judged.index, verdict, judge_->rules(), record);
    return {};
  };
  std::vector<uint64_t> firsts;
  Bytes given;
  const auto keep = [&](uint64_t first, ByteView verdicts, std::span<const uint16_t> periods) -> Status {
    EXPECT_FALSE(periods.empty());
    firsts.push_back(first);
    append(given, verdicts);
    return {};
  };
  const auto report = check(*trail, *judge_, *facts_, {}, take, keep);
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->all.checked, kExports);
  EXPECT_GT(report->all.flagged, 0U);
  EXPECT_GT(firsts.size(), 2U);
  EXPECT_TRUE(std::ranges::all_of(firsts, [](uint64_t first) { return first == 0; }));
  EXPECT_EQ(given, record);
  EXPECT_EQ(report->findings, trail::sha256(trail::sha256(record)));
}

TEST_F(CheckTest, gives_the_same_findings_bit_for_bit_whatever_was_sealed_and_came_since) {
  const auto trail = open();
  fill(*trail, 0, 65'000);
  make_facts(kEvents);
  const trail::TimeRange range{std::nullopt, Time{1'772'438'400'000'000 + 60'000 * int64_t{731'000}, 0}};
  const auto before = check(*trail, *judge_, *facts_, range, {}, {});
  ASSERT_TRUE(before.has_value()) << before.error().text;
  EXPECT_EQ(before->all.checked, check(*trail, *judge_, *facts_, range, {}, {})->all.checked);
  EXPECT_EQ(before->findings, check(*trail, *judge_, *facts_, range, {}, {})->findings);
  fill(*trail, 65'000, 2'000);
  ASSERT_TRUE(trail->finish_sealing().has_value());
  ASSERT_EQ(trail->sealed().count(), 1U);
  const auto after = check(*trail, *judge_, *facts_, range, {}, {});
  ASSERT_TRUE(after.has_value()) << after.error().text;
  EXPECT_GT(before->all.checked, 50'000U);
  EXPECT_EQ(after->findings, before->findings);
  // Another fact, other findings.
  make_facts(kEvents / 2);
  EXPECT_NE(check(*trail, *judge_, *facts_, range, {}, {})->findings, before->findings);
}

TEST_F(CheckTest, of_a_size_finds_what_was_found_when_the_trail_had_it) {
  const auto trail = open();
  make_facts(kEvents);
  uint64_t done = 0;
  std::map<uint64_t, trail::Hash> found;  // by size of the trail: in a tail, and behind a segment
  for (const uint64_t events : {uint64_t{3'000}, uint64_t{66'000}, uint64_t{68'000}}) {
    fill(*trail, done, events - done);
    done = events;
    const auto report = check(*trail, *judge_, *facts_, {}, {}, {});
    ASSERT_TRUE(report.has_value()) << report.error().text;
    found[trail->size().value()] = report->findings;
  }
  ASSERT_TRUE(trail->finish_sealing().has_value());
  ASSERT_EQ(trail->sealed().count(), 1U);
  std::set<trail::Hash> different;
  for (const auto& [size, findings] : found) {
    const auto again = check(*trail, *judge_, *facts_, {}, {}, {}, {size, {}, false});
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(again->findings, findings) << size;
    different.insert(findings);
  }
  EXPECT_EQ(different.size(), found.size());
  EXPECT_EQ(check(*trail, *judge_, *facts_, {}, {}, {}, {0, {}, false})->all.checked, 0U);
}

TEST_F(CheckTest, of_one_source_and_of_all_others_are_all) {
  const auto trail = open();
  fill(*trail, 0, kEvents);
  ASSERT_TRUE(trail->finish_sealing().has_value());
  make_facts(kEvents);
  EventBatch batch;
  trail::testing::EventMaker(0).make(0, 1, batch);
  const std::string source(batch.events()[0].source);
  std::set<uint64_t> seen;
  const auto take = [&](const Judged& judged) -> Status {
    EXPECT_TRUE(seen.insert(judged.index).second);
    return {};
  };
  std::vector<uint64_t> kept;
  const auto keep = [&](uint64_t, ByteView verdicts, std::span<const uint16_t> periods) -> Status {
    EXPECT_FALSE(verdicts.empty());
    kept.push_back(periods.size());
    return {};
  };
  const auto of = check(*trail, *judge_, *facts_, {}, take, keep, {UINT64_MAX, source, true});
  const auto others = check(*trail, *judge_, *facts_, {}, take, keep, {UINT64_MAX, source, false});
  const auto nobody = check(*trail, *judge_, *facts_, {}, {}, {}, {UINT64_MAX, "nobody", true});
  ASSERT_TRUE(of.has_value() && others.has_value() && nobody.has_value());
  EXPECT_GT(of->all.checked, 0U);
  EXPECT_EQ(of->all.checked + others->all.checked, kEvents);
  EXPECT_EQ(seen.size(), kEvents);
  EXPECT_EQ(std::accumulate(kept.begin(), kept.end(), uint64_t{0}), kEvents);
  EXPECT_EQ(nobody->all.checked, 0U);
}

TEST_F(CheckTest, says_how_many_can_be_judged_no_more) {
  const auto trail = open();
  fill(*trail, 0, 1'000);
  make_facts(1'000);
  const auto readable = keys_->readable();
  ASSERT_TRUE(readable.has_value());
  for (const auto& [period, key] : (*readable)->alive) {
    ASSERT_TRUE(keys_->destroy(period, Time{1'780'000'000'000'000, 0}, "retention").has_value());
  }
  // A process that has used a key keeps it: another one has not.
  auto keys = trail::KeyStore::open(files_, "keys");
  ASSERT_TRUE(keys.has_value());
  trail::TrailOptions later = options();
  later.keys = keys->get();
  const auto reopened = trail::Trail::open(later, trail::Access::kRead);
  ASSERT_TRUE(reopened.has_value()) << reopened.error().text;
  const auto report = check(**reopened, *judge_, *facts_, {}, {}, {});
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->all.checked, 0U);
  EXPECT_EQ(report->unreadable, 1'000U);
}

TEST_F(CheckTest, needs_the_keys) {
  make_facts(100);
  trail::TrailOptions without = options();
  without.origin = kOrigin;
  without.verifier = keys_->verifier_key();
  without.keys = nullptr;
  const auto trail = trail::Trail::open(without, trail::Access::kRead);
  ASSERT_TRUE(trail.has_value()) << trail.error().text;
  const auto report = check(**trail, *judge_, *facts_, {}, {}, {});
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, Code::kDenied);
}

}  // namespace
}  // namespace weerbaar::purpose
