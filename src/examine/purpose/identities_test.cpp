#include "examine/purpose/identities.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "trail/store/event_codec.h"

namespace weerbaar::purpose {
namespace {

using facts::Kind;

trail::Pseudonymiser make_key(uint8_t seed) {
  return std::move(*trail::Pseudonymiser::create(Bytes(trail::kPeriodKeyBytes, seed)));
}

class IdentitiesTest : public ::testing::Test {
 protected:
  IdentitiesTest() {
    facts_.want(*facts::find_table("honey"), 0);
    facts_.want(*facts::find_table("employee"), 0);
    want_accounts(facts_);
  }
  void add(std::string_view table, const std::vector<std::string>& values, int64_t from = facts::kAlways) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    ASSERT_TRUE(facts_.add(*facts::find_table(table), fact).has_value());
  }

  FactBase facts_;
  const trail::Pseudonymiser key_ = make_key(7);
};

struct Named {
  SubjectType type;
  std::string id;
};

// Of every type and of every form that a pseudonym has.
std::vector<Named> some_subjects() {
  std::vector<Named> subjects;
  for (int i = 0; i < 700; ++i) {
    subjects.push_back({SubjectType::kBsn, fmt::format("{:09}", i * 7'919)});
    subjects.push_back({SubjectType::kRsin, fmt::format("{:09}", i * 7'919)});
    subjects.push_back({SubjectType::kKvk, fmt::format("{:08}", i)});
    subjects.push_back({SubjectType::kBsn, fmt::format("{:08}", i)});
    subjects.push_back({SubjectType::kVehicle, fmt::format("AB-{}", i)});
    subjects.push_back({SubjectType::kOther, fmt::format("{}", i)});
  }
  for (const size_t length : {size_t{1}, size_t{64}, size_t{65}, trail::kIdentifierBytesMax}) {
    subjects.push_back({SubjectType::kAddress, std::string(length, 'a')});
    subjects.push_back({SubjectType::kEmployee, std::string(length, '1')});
  }
  return subjects;
}

TEST_F(IdentitiesTest, find_whoever_facts_know_and_nobody_else) {
  const std::vector<Named> subjects = some_subjects();
  const auto is_known = [](size_t i) { return i % 5 < 2; };
  for (size_t i = 0; i < subjects.size(); ++i) {
    if (!is_known(i)) continue;
    add("honey", {fmt::format("{}:{}", to_string(subjects[i].type), subjects[i].id), ""});
  }
  const Identities identities(facts_, key_);
  std::vector<Bytes> storage(subjects.size());
  std::vector<trail::StoredSubject> stored;
  for (size_t i = 0; i < subjects.size(); ++i) {
    stored.push_back(trail::pseudonym_of(subjects[i].type, subjects[i].id, key_, storage[i]));
  }
  std::vector<Identities::Known> known(stored.size());
  identities.find_subjects(stored, known);
  for (size_t i = 0; i < subjects.size(); ++i) {
    const std::string text = fmt::format("{}:{}", to_string(subjects[i].type), subjects[i].id);
    EXPECT_EQ(known[i].symbol, facts_.find(Kind::kSubject, text)) << text;
    EXPECT_EQ(known[i].symbol != kUnknown, is_known(i)) << text;
    EXPECT_EQ(identities.subject(stored[i]), known[i].symbol) << text;
  }
}

TEST_F(IdentitiesTest, give_everybody_the_same_hash_in_each_period_and_nobody_that_of_another) {
  const std::vector<Named> subjects = some_subjects();
  const trail::Pseudonymiser next = trail::Pseudonymiser::create(Bytes(trail::kPeriodKeyBytes, 99)).value();
  std::map<uint64_t, std::string> seen;
  for (const trail::Pseudonymiser* key : {static_cast<const trail::Pseudonymiser*>(&key_), &next}) {
    const Identities identities(facts_, *key);
    for (const Named& subject : subjects) {
      Bytes storage;
      const trail::StoredSubject stored = trail::pseudonym_of(subject.type, subject.id, *key, storage);
      Identities::Known known;
      identities.find_subjects({&stored, 1}, {&known, 1});
      const std::string text = fmt::format("{}:{}", to_string(subject.type), subject.id);
      EXPECT_EQ(seen.emplace(known.hash, text).first->second, text);
      Bytes pseudonym;
      key->encrypt_identifier(trail::Domain::kActor, subject.id, pseudonym);
      const std::string account = "account " + subject.id;
      EXPECT_EQ(seen.emplace(identities.hash_of_actor(as_text(pseudonym)), account).first->second, account);
    }
  }
  std::set<std::string> texts;
  std::set<std::string> accounts;
  for (const Named& subject : subjects) {
    texts.insert(fmt::format("{}:{}", to_string(subject.type), subject.id));
    accounts.insert(subject.id);
  }
  EXPECT_EQ(seen.size(), texts.size() + accounts.size());
}

TEST_F(IdentitiesTest, know_nobody_by_what_is_no_pseudonym) {
  add("honey", {"bsn:123456782", ""});
  const Identities identities(facts_, key_);
  for (const uint64_t number : {uint64_t{1'000'000'000}, UINT64_MAX}) {
    EXPECT_EQ(identities.subject({SubjectType::kBsn, true, number, {}, {}}), kUnknown);
  }
  EXPECT_EQ(identities.subject({SubjectType::kVehicle, true, 5, {}, {}}), kUnknown);
  for (const size_t size : {size_t{0}, size_t{3}, size_t{70}, size_t{1'000}}) {
    const std::string bytes(size, 'x');
    EXPECT_EQ(identities.subject({SubjectType::kVehicle, false, 0, bytes, {}}), kUnknown);
  }
  // As a text nobody writes a number of nine digits.
  Bytes text;
  key_.encrypt_identifier(trail::Domain::kSubjectBsn, "123456782", text);
  EXPECT_EQ(identities.subject({SubjectType::kBsn, false, 0, as_text(text), {}}), kUnknown);
}

TEST_F(IdentitiesTest, find_accounts_and_the_employees_whose_they_were) {
  for (int i = 0; i < 600; ++i) add("employee", {fmt::format("e{}", i), "", "", "", ""});
  add("account", {"shared", "e1"}, 100);
  add("account", {"e2", "e3"}, 100);
  const Identities identities(facts_, key_);
  std::vector<std::string> names = {"shared", "nobody", std::string(100, 'n')};
  for (int i = 0; i < 600; ++i) names.push_back(fmt::format("e{}", i));
  std::vector<Bytes> storage(names.size());
  std::vector<std::string_view> pseudonyms;
  for (size_t i = 0; i < names.size(); ++i) {
    key_.encrypt_identifier(trail::Domain::kActor, names[i], storage[i]);
    pseudonyms.push_back(as_text(storage[i]));
  }
  std::vector<ActorSymbols> actors(names.size());
  identities.find_actors(pseudonyms, actors);
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(actors[i].account, facts_.find(Kind::kAccount, names[i])) << names[i];
    EXPECT_EQ(actors[i].employee, facts_.find(Kind::kEmployee, names[i])) << names[i];
  }
  const auto employee = [&](std::string_view name) { return facts_.find(Kind::kEmployee, name); };
  EXPECT_EQ(identities.employee(actors[0], 100), employee("e1"));
  EXPECT_EQ(identities.employee(actors[0], 99), kUnknown);
  EXPECT_EQ(identities.employee(identities.actor(pseudonyms[5]), 100), employee("e3"));
  EXPECT_EQ(identities.employee(identities.actor(pseudonyms[5]), 99), employee("e2"));
}

}  // namespace
}  // namespace weerbaar::purpose
