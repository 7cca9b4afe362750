#include "people/sessions.h"

#include "people/testing.h"

namespace weerbaar::people {
namespace {

class SessionsTest : public PeopleFixture {
 protected:
  void SetUp() override {
    PeopleFixture::SetUp();
    anna_ = make("anna", "u1", {Role::kAnalyst});
    id_ = *sessions_->begin(anna_.number);
  }
  bool lives() { return sessions_->find(id_).has_value(); }

  Account anna_;
  std::string id_;
};

TEST_F(SessionsTest, are_known_by_an_id_that_the_database_does_not_hold) {
  EXPECT_EQ(id_.size(), kSessionIdDigits);
  EXPECT_EQ(sessions_->find(id_)->name, "anna");
  std::string held;
  ASSERT_TRUE(store_->read([&](sql::Database& database) {
    return database.query("SELECT digest FROM session", {}, [&](const sql::Row& row) -> Status {
      held = row.text(0);
      return {};
    });
  }));
  EXPECT_NE(held, id_);
  EXPECT_FALSE(sessions_->find(held));
  EXPECT_FALSE(sessions_->find(""));
  EXPECT_FALSE(sessions_->find(std::string(64, '0')));
  EXPECT_NE(csrf_token(id_), held);
}

TEST_F(SessionsTest, end_after_a_quarter_of_an_hour_without_use) {
  pass(14 * 60);
  EXPECT_TRUE(lives());
  pass(14 * 60);
  EXPECT_TRUE(lives());
  pass(15 * 60);
  EXPECT_FALSE(lives());
}

TEST_F(SessionsTest, end_after_eight_hours_however_much_they_are_used) {
  for (int i = 0; i < 8 * 6 - 1; ++i) {
    pass(10 * 60);
    ASSERT_TRUE(lives()) << i;
  }
  pass(10 * 60);
  EXPECT_FALSE(lives());
}

TEST_F(SessionsTest, end_at_logout_at_a_change_of_roles_at_a_reset_and_when_disabled) {
  ASSERT_TRUE(sessions_->end(id_));
  EXPECT_FALSE(lives());
  id_ = *sessions_->begin(anna_.number);
  ASSERT_TRUE(accounts_->give_role("anna", Role::kEmployee, deed(), record()));
  EXPECT_FALSE(lives());
  id_ = *sessions_->begin(anna_.number);
  ASSERT_TRUE(accounts_->take_role("anna", Role::kEmployee, deed(), record()));
  EXPECT_FALSE(lives());
  id_ = *sessions_->begin(anna_.number);
  ASSERT_TRUE(accounts_->reset("anna", kTestPassword, deed(), record()));
  EXPECT_FALSE(lives());
  id_ = *sessions_->begin(anna_.number);
  ASSERT_TRUE(accounts_->disable("anna", deed(), record()));
  EXPECT_FALSE(lives());
}

TEST_F(SessionsTest, are_seen_and_ended_by_their_owner_only) {
  const Account other = make("bert", "u2", {Role::kAnalyst});
  const std::string of_other = *sessions_->begin(other.number);
  pass(60);
  const std::string second = *sessions_->begin(anna_.number);
  const auto own = sessions_->list(anna_.number, id_);
  ASSERT_TRUE(own);
  ASSERT_EQ(own->size(), 2U);
  EXPECT_FALSE((*own)[0].is_this);
  EXPECT_TRUE((*own)[1].is_this);
  EXPECT_EQ((*own)[0].begun_at - (*own)[1].begun_at, 60 * kMicrosPerSecond);
  EXPECT_EQ(sessions_->end_marked(other.number, (*own)[0].mark).error().code, Code::kNotFound);
  EXPECT_EQ(sessions_->end_marked(anna_.number, "").error().code, Code::kNotFound);
  ASSERT_TRUE(sessions_->end_marked(anna_.number, (*own)[0].mark));
  EXPECT_FALSE(sessions_->find(second));
  EXPECT_TRUE(lives());
  ASSERT_TRUE(sessions_->end_all(anna_.number));
  EXPECT_FALSE(lives());
  EXPECT_TRUE(sessions_->find(of_other));
}

TEST_F(SessionsTest, that_ended_by_themselves_are_not_shown) {
  pass(15 * 60);
  const std::string now = *sessions_->begin(anna_.number);
  const auto own = sessions_->list(anna_.number, now);
  ASSERT_TRUE(own);
  ASSERT_EQ(own->size(), 1U);
  EXPECT_TRUE((*own)[0].is_this);
  pass(15 * 60);
  EXPECT_TRUE(sessions_->list(anna_.number, now)->empty());
}

TEST_F(SessionsTest, of_one_account_are_few_and_the_oldest_gives_way) {
  for (int64_t i = 0; i < kSessionsOfAccountMax - 1; ++i) {
    pass(1);
    ASSERT_TRUE(sessions_->begin(anna_.number));
  }
  EXPECT_TRUE(lives());
  pass(1);
  ASSERT_TRUE(sessions_->begin(anna_.number));
  EXPECT_FALSE(lives());
}

}  // namespace
}  // namespace weerbaar::people
