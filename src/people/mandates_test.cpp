#include "people/mandates.h"

#include <algorithm>
#include <functional>

#include "people/testing.h"

namespace weerbaar::people {
namespace {

constexpr int64_t kDay = 86'400;

class MandatesTest : public PeopleFixture {
 protected:
  void SetUp() override {
    PeopleFixture::SetUp();
    investigator_ = make("ingrid", "u1", {Role::kInvestigator});
    officer_ = make("fatima", "u2", {Role::kDataProtectionOfficer});
    adviser_ = make("victor", "u3", {Role::kConfidentialAdviser});
    analyst_ = make("ali", "u4", {Role::kAnalyst});
  }
  MandateRequest request(const std::string& about = "employee:u9", int64_t days = 7) {
    return {"Z-1", "report of a citizen", *parse_about(about), now_, now_ + days * kMicrosPerDay, ""};
  }
  MandateRequest by_pseudonym(const std::string& about = "employee:u9") {
    MandateRequest asked = request(about);
    asked.pseudonym = "~2026-Q1:ab";
    return asked;
  }
  Result<Mandate> ask(const Account& asker, const MandateRequest& asked) {
    return mandates_->ask(asker, asked, deed(asker.employee, "mandate ask"), record());
  }
  Result<Mandate> approve(const Account& approver, int64_t number) {
    return mandates_->approve(approver, number, deed(approver.employee, "mandate approve"), record());
  }
  Result<Mandate> withdraw(const Account& by, int64_t number) {
    return mandates_->withdraw(by, number, deed(by.employee, "mandate withdraw"), record());
  }
  bool covered(const Account& viewer, const std::string& about = "employee:u9") {
    const auto found = mandates_->covering(viewer, *parse_about(about));
    EXPECT_TRUE(found);
    return found && found->has_value();
  }

  Account investigator_, officer_, adviser_, analyst_;
};

TEST_F(MandatesTest, reveal_only_once_another_person_approved_and_only_to_who_asked_and_about_whom) {
  const auto mandate = ask(investigator_, request());
  ASSERT_TRUE(mandate) << mandate.error().text;
  EXPECT_FALSE(covered(investigator_));
  ASSERT_TRUE(approve(officer_, mandate->number));
  EXPECT_TRUE(covered(investigator_));
  EXPECT_FALSE(covered(officer_));
  EXPECT_FALSE(covered(analyst_));
  EXPECT_FALSE(covered(make("irene", "u5", {Role::kInvestigator})));
  EXPECT_FALSE(covered(investigator_, "employee:u8"));
  EXPECT_FALSE(covered(investigator_, "bsn:123456782"));
}

TEST_F(MandatesTest, end_by_themselves) {
  MandateRequest later = request();
  later.from += kDay * kMicrosPerSecond;
  const auto mandate = ask(investigator_, later);
  ASSERT_TRUE(approve(adviser_, mandate->number));
  EXPECT_FALSE(covered(investigator_));
  pass(kDay);
  EXPECT_TRUE(covered(investigator_));
  pass(6 * kDay);
  EXPECT_FALSE(covered(investigator_));
  EXPECT_EQ(mandates_->find(mandate->number)->state(now_), Mandate::State::kEnded);
}

TEST_F(MandatesTest, are_withdrawn_by_who_asked_or_who_may_decide) {
  for (const Account* const by : {&investigator_, &officer_, &adviser_}) {
    const auto mandate = ask(investigator_, request());
    ASSERT_TRUE(approve(officer_, mandate->number));
    EXPECT_TRUE(covered(investigator_));
    EXPECT_EQ(withdraw(analyst_, mandate->number).error().code, Code::kNotFound) << "he sees none";
    ASSERT_TRUE(withdraw(*by, mandate->number));
    EXPECT_FALSE(covered(investigator_));
    EXPECT_EQ(withdraw(*by, mandate->number).error().code, Code::kExists);
  }
}

TEST_F(MandatesTest, never_have_one_person_as_both_eyes_by_whatever_account) {
  // Such accounts cannot be made (accounts_test): these stand in for ones that were, by other means.
  const auto mandate = ask(investigator_, request());
  Account both = investigator_;
  both.roles = {Role::kInvestigator, Role::kDataProtectionOfficer};
  EXPECT_EQ(approve(both, mandate->number).error().code, Code::kDenied);
  Account second = officer_;
  second.employee = investigator_.employee;
  EXPECT_EQ(approve(second, mandate->number).error().code, Code::kDenied);
  EXPECT_EQ(mandates_->find(mandate->number)->state(now_), Mandate::State::kAsked);
}

TEST_F(MandatesTest, never_have_one_subject_of_a_provider_as_both_eyes) {
  const auto asker = accounts_->enter("https://i", "s1", "u6", {Role::kInvestigator}, deed(), record());
  const auto mandate = ask(*asker, request());
  ASSERT_TRUE(mandate);
  Account second = officer_;
  second.issuer = "https://i";
  second.subject = "s1";
  EXPECT_EQ(approve(second, mandate->number).error().code, Code::kDenied);
}

// "u1" and "x1" are one person.
class TwoIds final : public EmployeeIds {
 public:
  Result<std::vector<std::string>> of(std::string_view id) override {
    if (!known_) return fail(Code::kCorrupt, "the register is not what the trail says");
    const std::string digits(id.substr(1));
    return std::vector<std::string>{"u" + digits, "x" + digits};
  }
  Result<std::vector<std::string>> ever_of(std::string_view id) override { return of(id); }
  Result<std::vector<About>> persons(std::string_view id) override {
    if (!known_) return fail(Code::kCorrupt, "the register is not what the trail says");
    return std::vector<About>{{SubjectType::kBsn, "10000000" + std::string(id.substr(1))}};
  }
  bool known_ = true;
};

TEST_F(MandatesTest, take_who_has_two_ids_at_work_for_one_person) {
  // Made before the register knew it.
  const Account second = make("ingrid-too", "x1", {Role::kDataProtectionOfficer});
  TwoIds ids;
  accounts_->know_employees(ids);
  const auto mandate = ask(investigator_, request());
  EXPECT_EQ(approve(second, mandate->number).error().code, Code::kDenied);
  EXPECT_EQ(ask(investigator_, request("employee:x1")).error().code, Code::kDenied);
  const auto about_officer = ask(investigator_, request("employee:x2"));
  EXPECT_EQ(approve(officer_, about_officer->number).error().code, Code::kNotFound);
  EXPECT_EQ(mandates_->list(officer_, std::nullopt, 10)->size(), 1U);
  EXPECT_EQ(mandates_->list(officer_, std::nullopt, 1)->size(), 1U) << "what is hidden is made up for";
  EXPECT_EQ(os::refusal(accounts_->give_role("ingrid-too", Role::kEmployee, deed("u1", "give"), record())),
            Code::kDenied);
}

TEST_F(MandatesTest, are_approved_by_nobody_while_it_is_not_known_who_is_who) {
  const auto mandate = ask(investigator_, request());
  TwoIds ids;
  ids.known_ = false;
  accounts_->know_employees(ids);
  EXPECT_FALSE(approve(officer_, mandate->number));
  ids.known_ = true;
  EXPECT_TRUE(approve(officer_, mandate->number));
}

TEST_F(MandatesTest, are_asked_and_approved_by_those_roles_only) {
  EXPECT_EQ(ask(officer_, request()).error().code, Code::kDenied);
  EXPECT_EQ(ask(analyst_, request()).error().code, Code::kDenied);
  const auto mandate = ask(investigator_, request());
  EXPECT_EQ(approve(analyst_, mandate->number).error().code, Code::kDenied);
  EXPECT_EQ(approve(make("irene", "u5", {Role::kInvestigator}), mandate->number).error().code, Code::kDenied);
  EXPECT_TRUE(approve(adviser_, mandate->number));
  EXPECT_EQ(approve(officer_, mandate->number).error().code, Code::kExists);
  EXPECT_EQ(approve(officer_, 99).error().code, Code::kNotFound);
}

TEST_F(MandatesTest, are_not_asked_or_decided_about_by_whom_they_are_about) {
  EXPECT_EQ(ask(investigator_, request("employee:u1")).error().code, Code::kDenied);
  const auto mandate = ask(investigator_, request("employee:u2"));
  ASSERT_TRUE(mandate);
  EXPECT_EQ(approve(officer_, mandate->number).error().code, Code::kNotFound) << "he is not told that there is one";
  EXPECT_EQ(withdraw(officer_, mandate->number).error().code, Code::kNotFound);
  EXPECT_EQ(mandates_->find(mandate->number)->state(now_), Mandate::State::kAsked);
  EXPECT_TRUE(mandates_->list(officer_, std::nullopt, 10)->empty());
  EXPECT_EQ(mandates_->list(adviser_, std::nullopt, 10)->size(), 1U);
}

TEST_F(MandatesTest, are_refused_without_case_ground_or_a_period_that_is_short_and_to_come) {
  for (const int64_t days : {int64_t{0}, int64_t{-1}, kMandateDaysMax + 1}) {
    EXPECT_EQ(ask(investigator_, request("employee:u9", days)).error().code, Code::kInvalid) << days;
  }
  MandateRequest nothing = request();
  nothing.case_id.clear();
  EXPECT_EQ(ask(investigator_, nothing).error().code, Code::kInvalid);
  nothing = request();
  nothing.ground = std::string(kTextBytesMax + 1, 'x');
  EXPECT_EQ(ask(investigator_, nothing).error().code, Code::kInvalid);
  const auto ended = ask(investigator_, request());
  pass(8 * kDay);
  EXPECT_EQ(approve(officer_, ended->number).error().code, Code::kInvalid);
}

TEST_F(MandatesTest, are_on_record_with_case_ground_and_whom_or_do_not_happen) {
  deeds_.clear();
  const auto mandate = ask(investigator_, request());
  ASSERT_TRUE(approve(officer_, mandate->number));
  ASSERT_TRUE(withdraw(officer_, mandate->number));
  ASSERT_EQ(deeds_.size(), 3U);
  for (const Deed& done : deeds_) {
    EXPECT_EQ(done.case_id, "Z-1");
    EXPECT_EQ(done.reason, "report of a citizen");
    EXPECT_EQ(done.mandate, mandate->number);
    ASSERT_EQ(done.about.size(), 1U);
    EXPECT_EQ(done.about[0].id, "u9");
  }
  EXPECT_EQ(deeds_[1].by, "u2");
  const auto second = ask(investigator_, request());
  fails_to_record_ = true;
  EXPECT_EQ(approve(officer_, second->number).error().code, Code::kNoSpace);
  EXPECT_FALSE(covered(investigator_));
}

TEST_F(MandatesTest, are_shown_one_by_one_to_whom_the_list_shows_them) {
  const auto mandate = ask(investigator_, request());
  for (const Account& viewer : {investigator_, officer_}) {
    const auto shown = mandates_->find(viewer, mandate->number);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->case_id, "Z-1");
  }
  const Account other = make("irene", "u77", {Role::kInvestigator});
  const Account about = make("piet", "u9", {Role::kDataProtectionOfficer});
  for (const Account& viewer : {other, about}) {
    EXPECT_EQ(mandates_->find(viewer, mandate->number).error().code, Code::kNotFound) << viewer.name;
  }
  EXPECT_EQ(mandates_->find(officer_, mandate->number + 1).error().code, Code::kNotFound);
}

// Of those between which another was asked, and of those between which none was.
TEST_F(MandatesTest, have_numbers_that_do_not_follow_each_other) {
  std::vector<int64_t> numbers;
  for (int i = 0; i < 20; ++i) numbers.push_back(ask(investigator_, request())->number);
  EXPECT_FALSE(std::ranges::is_sorted(numbers));
  EXPECT_TRUE(std::ranges::all_of(numbers, [](int64_t one) { return one >= 100'000'000 && one <= 999'999'999; }));
  const auto listed = mandates_->list(investigator_, std::nullopt, 100);
  ASSERT_EQ(listed->size(), 20U);
}

TEST_F(MandatesTest, are_listed_in_the_order_of_asking_page_after_page) {
  std::vector<int64_t> asked;
  for (int i = 0; i < 7; ++i) {
    // Some at one moment.
    if (i % 2 == 0) pass(1);
    asked.push_back(ask(investigator_, request())->number);
  }
  std::vector<Mandate> listed;
  std::optional<int64_t> after;
  for (int page = 0; page < 4; ++page) {
    const auto mandates = mandates_->list(officer_, after, 2);
    ASSERT_TRUE(mandates && !mandates->empty());
    listed.insert(listed.end(), mandates->begin(), mandates->end());
    after = mandates->back().number;
  }
  EXPECT_TRUE(mandates_->list(officer_, after, 2)->empty());
  EXPECT_TRUE(std::ranges::is_sorted(listed, std::greater(), &Mandate::asked_at));
  std::vector<int64_t> numbers;
  for (const Mandate& one : listed) numbers.push_back(one.number);
  EXPECT_TRUE(std::ranges::is_permutation(numbers, asked));
  EXPECT_EQ(mandates_->list(officer_, 1, 2).error().code, Code::kInvalid);
}

TEST_F(MandatesTest, about_the_viewer_leave_no_gap_in_a_page_of_others) {
  for (const char* const about : {"employee:u9", "employee:u2", "employee:u8"}) {
    pass(1);
    ASSERT_TRUE(ask(investigator_, request(about)));
  }
  const auto page = mandates_->list(officer_, std::nullopt, 2);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].about.id, "u8");
  EXPECT_EQ((*page)[1].about.id, "u9");
}

TEST_F(MandatesTest, that_were_asked_by_a_pseudonym_act_on_the_employee_and_show_the_pseudonym) {
  deeds_.clear();
  const auto mandate = ask(investigator_, by_pseudonym());
  ASSERT_TRUE(mandate) << mandate.error().text;
  EXPECT_EQ(mandate->about_as_asked(), "employee:~2026-Q1:ab");
  EXPECT_FALSE(covered(investigator_));
  const auto approved = approve(officer_, mandate->number);
  ASSERT_TRUE(approved) << approved.error().text;
  EXPECT_EQ(approved->about_as_asked(), "employee:~2026-Q1:ab");
  EXPECT_TRUE(covered(investigator_));
  EXPECT_EQ(mandates_->covering(investigator_, {SubjectType::kEmployee, "~2026-Q1:ab"})->has_value(), false);
  for (const Account& viewer : {investigator_, officer_}) {
    EXPECT_EQ(mandates_->list(viewer, std::nullopt, 10)->at(0).about_as_asked(), "employee:~2026-Q1:ab");
    EXPECT_EQ(mandates_->find(viewer, mandate->number)->about_as_asked(), "employee:~2026-Q1:ab");
  }
  EXPECT_EQ(ask(investigator_, request())->about_as_asked(), "employee:u9");
  ASSERT_EQ(deeds_.size(), 3U);
  for (const Deed& done : deeds_) EXPECT_EQ(done.about[0].id, "u9");
}

TEST_F(MandatesTest, give_an_identity_to_who_asked_while_they_are_approved_and_valid_and_to_nobody_else) {
  MandateRequest later = by_pseudonym();
  later.from += kDay * kMicrosPerSecond;
  const auto mandate = ask(investigator_, later);
  const auto told = [&](const Account& viewer) {
    const auto found = mandates_->find_to_reveal(viewer, mandate->number);
    EXPECT_TRUE(found || found.error().code == Code::kDenied) << found.error().text;
    return found.has_value();
  };
  EXPECT_FALSE(told(investigator_));
  const auto other = ask(investigator_, request());
  ASSERT_TRUE(other) << "that another one is asked about the same changes nothing";
  ASSERT_TRUE(approve(officer_, other->number));
  EXPECT_TRUE(covered(investigator_));
  EXPECT_FALSE(told(investigator_));
  ASSERT_TRUE(approve(officer_, mandate->number));
  EXPECT_FALSE(told(investigator_)) << "it has not begun";
  pass(kDay);
  EXPECT_TRUE(told(investigator_));
  EXPECT_FALSE(told(officer_));
  EXPECT_FALSE(told(adviser_));
  Account without = investigator_;
  without.roles.clear();
  EXPECT_FALSE(told(without));
  EXPECT_EQ(mandates_->find_to_reveal(make("irene", "u5", {Role::kInvestigator}), mandate->number).error().code,
            Code::kNotFound);
  pass(6 * kDay);
  EXPECT_FALSE(told(investigator_)) << "it has ended";
}

// By identity it is refused, for that he knows; by a pseudonym a refusal would tell him that it is his.
TEST_F(MandatesTest, about_oneself_by_a_pseudonym_look_like_any_other_and_are_never_approved) {
  const auto mandate = ask(investigator_, by_pseudonym("employee:u1"));
  ASSERT_TRUE(mandate) << mandate.error().text;
  EXPECT_TRUE(mandates_->find(investigator_, mandate->number));
  EXPECT_EQ(mandates_->list(investigator_, std::nullopt, 10)->size(), 1U);
  EXPECT_EQ(approve(officer_, mandate->number).error().code, Code::kDenied);
  EXPECT_EQ(mandates_->find(mandate->number)->state(now_), Mandate::State::kAsked);
  // As if it had been approved, by other means.
  ASSERT_TRUE(store_->write([&](sql::Database& database) {
    return database.change("UPDATE mandate SET approved_by = $1, approved_at = $2", {officer_.number, now_});
  }));
  EXPECT_FALSE(covered(investigator_, "employee:u1"));
  EXPECT_EQ(mandates_->find_to_reveal(investigator_, mandate->number).error().code, Code::kDenied);
  EXPECT_TRUE(withdraw(investigator_, mandate->number));
}

TEST_F(MandatesTest, say_whom_they_are_about_as_type_and_id) {
  EXPECT_EQ(parse_about("bsn:123456782")->type, SubjectType::kBsn);
  EXPECT_EQ(parse_about("employee:a:b")->id, "a:b");
  for (const char* const wrong : {"", "u9", "employee:", "person:1", ":1", "employee:~2026-Q1:ab", "bsn:1\n2"}) {
    EXPECT_FALSE(parse_about(wrong)) << wrong;
    EXPECT_FALSE(parse_asked_about(wrong)) << wrong;
  }
}

TEST_F(MandatesTest, are_not_asked_about_whom_nobody_can_be) {
  for (const char* const right :
       {"bsn:123456782", "rsin:123456782", "employee:a b", "other:123456789", "kvk:12345678"}) {
    EXPECT_EQ(to_string(*parse_asked_about(right)), right);
  }
  for (const char* const wrong :
       {"bsn:123456789", "bsn:12", "rsin:123456789", "bsn: 123456782", "employee:u1 ", "employee: u1",
        "employee: ", "employee:u1\u200b", "employee:\u00a0u1", "employee:\u202eu1", "other:x\u2060y"}) {
    const auto about = parse_asked_about(wrong);
    ASSERT_FALSE(about) << wrong;
    EXPECT_EQ(about.error().code, Code::kInvalid);
    EXPECT_EQ(about.error().text.find("u1"), std::string::npos);
    // One that was asked before stays readable.
    EXPECT_TRUE(parse_about(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::people
