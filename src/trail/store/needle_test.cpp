#include "trail/store/needle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "os/testing.h"
#include "trail/format/entry.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

class ActorPseudonymTest : public testing::TrailFixture {
 protected:
  const Period quarter_ = period_of(Time{1'780'000'000'000'000, 0});
};

TEST_F(ActorPseudonymTest, hides_an_employee_and_leads_back_for_who_holds_the_key) {
  for (const std::string employee :
       {"u9", "u104233", "een heel lange naam van iemand die hier werkt, in meer dan 64 b"}) {
    const auto shown = actor_pseudonym(*keys_, quarter_, employee);
    ASSERT_TRUE(shown) << shown.error().text;
    EXPECT_TRUE(shown->starts_with(kPseudonymMark));
    EXPECT_EQ(shown->find(employee), std::string::npos);
    EXPECT_EQ(actor_pseudonym(*keys_, quarter_, employee).value(), *shown) << "the same again";
    const auto behind = actor_behind(*keys_, *shown);
    ASSERT_TRUE(behind) << behind.error().text;
    EXPECT_EQ(*behind, employee);
  }
}

TEST_F(ActorPseudonymTest, leads_to_nobody_once_the_key_is_destroyed) {
  const std::string shown = actor_pseudonym(*keys_, quarter_, "u9").value();
  ASSERT_TRUE(keys_->destroy(quarter_, Time{1'790'000'000'000'000, 0}, "retention"));
  const auto behind = actor_behind(*keys_, shown);
  ASSERT_TRUE(behind) << behind.error().text;
  EXPECT_EQ(*behind, std::nullopt);
}

TEST_F(ActorPseudonymTest, is_refused_when_it_was_never_shown_so) {
  for (const char* const wrong : {"", "u9", "~", "~2026-Q1", "~2026-Q1:", "~2026-Q1:xyz", "~2026-Q9:abcd"}) {
    EXPECT_EQ(refusal(actor_behind(*keys_, wrong)), Code::kInvalid) << wrong;
  }
  EXPECT_EQ(refusal(actor_behind(*keys_, "~1999-Q1:abcdef012345")), Code::kNotFound);
}

class PersonsBehindTest : public ActorPseudonymTest {
 protected:
  // "bsn:123456782", each of them.
  std::vector<std::string> behind(const Whom& whom) {
    std::vector<std::string> persons;
    const auto found = persons_behind(keys_.get(), whom);
    EXPECT_TRUE(found) << found.error().text;
    for (const OfSubject& one : *found) persons.push_back(fmt::format("{}:{}", to_string(one.type), one.id));
    return persons;
  }
  // Of nine digits.
  Whom bsn(uint64_t pseudonym) {
    return OfPseudonym{SubjectType::kBsn, fmt::format("~{}:{:09}", to_string(quarter_), pseudonym)};
  }
};

using Persons = std::vector<std::string>;

TEST_F(PersonsBehindTest, are_those_whom_a_name_or_a_pseudonym_means_whatever_the_trail_holds) {
  EXPECT_EQ(behind(OfSubject{SubjectType::kBsn, "123456782"}), Persons{"bsn:123456782"});
  EXPECT_EQ(behind(ByActor{"u9"}), Persons{"employee:u9"});
  EXPECT_EQ(behind(ByPseudonym{actor_pseudonym(*keys_, quarter_, "u104233").value()}), Persons{"employee:u104233"});
  const Pseudonymiser* const key = keys_->period(quarter_).value();
  EXPECT_EQ(behind(bsn(key->encrypt_digits(Domain::kSubjectBsn, "123456782"))), Persons{"bsn:123456782"});
  Bytes plate;
  key->encrypt_identifier(Domain::kSubjectVehicle, "XX-123-X", plate);
  EXPECT_EQ(behind(OfPseudonym{SubjectType::kVehicle, pseudonym_text(quarter_, as_text(plate))}),
            Persons{"vehicle:XX-123-X"});
}

TEST_F(PersonsBehindTest, are_nobody_when_the_pseudonym_means_no_identity_or_its_key_is_not_there) {
  const std::string shown = actor_pseudonym(*keys_, quarter_, "u9").value();
  const Pseudonymiser* const key = keys_->period(quarter_).value();
  EXPECT_EQ(behind(bsn(key->encrypt_digits(Domain::kSubjectBsn, "123456789"))), Persons()) << "fails the 11-test";
  EXPECT_EQ(behind(bsn(key->encrypt_digits(Domain::kSubjectBsn, "000000000"))), Persons());
  EXPECT_EQ(behind(ByPseudonym{"~1999-Q1:abcdef012345"}), Persons());
  EXPECT_TRUE(persons_behind(nullptr, ByPseudonym{shown})->empty());
  EXPECT_EQ(refusal(persons_behind(keys_.get(), ByPseudonym{"~2026-Q1:xyz"})), Code::kInvalid);
  ASSERT_TRUE(keys_->destroy(quarter_, Time{1'790'000'000'000'000, 0}, "retention"));
  EXPECT_EQ(behind(ByPseudonym{shown}), Persons());
}

}  // namespace
}  // namespace weerbaar::trail
