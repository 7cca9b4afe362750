// What is asked of SQLite is asked of PostgreSQL too.
#include "people/store.h"

#include <gmock/gmock.h>

#include "people/testing.h"
#include "support/shared_server.h"

namespace weerbaar::people {
namespace {

class StoreTest : public PeopleFixture, public ::testing::WithParamInterface<sql::Dialect> {
 protected:
  void SetUp() override {
    address_ = GetParam() == sql::Dialect::kSqlite ? "sqlite:" + directory_.path() + "/people.db"
                                                   : support::SharedServer::get().new_database();
    if (address_.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
    open_people(address_);
  }
  std::string address_;
};

TEST_P(StoreTest, keeps_people_sessions_and_mandates_when_it_is_opened_again) {
  const Account ingrid = make("ingrid", "u1", {Role::kInvestigator});
  const Account fatima = make("fatima", "u2", {Role::kDataProtectionOfficer});
  ASSERT_TRUE(accounts_->prove("ingrid", kTestPassword, code("ingrid")));
  const std::string id = *sessions_->begin(ingrid.number);
  const MandateRequest request{"Z-1", "why", {SubjectType::kEmployee, "u9"}, now_, now_ + kMicrosPerDay};
  const auto mandate = mandates_->ask(ingrid, request, deed(), record());
  ASSERT_TRUE(mandate) << mandate.error().text;
  ASSERT_TRUE(mandates_->approve(fatima, mandate->number, deed(), record()));
  open_people(address_);
  EXPECT_EQ(sessions_->find(id)->name, "ingrid");
  EXPECT_TRUE(mandates_->covering(ingrid, request.about)->has_value());
  EXPECT_EQ(mandates_->find(mandate->number)->approved_by, "u2");
  ASSERT_TRUE(accounts_->enter("https://i", "s", "u7", {Role::kAuditor}, deed(), record()));
  EXPECT_EQ(accounts_->list()->size(), 3U);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(sessions_->begin(fatima.number));
  ASSERT_TRUE(accounts_->take_role("fatima", Role::kDataProtectionOfficer, deed(), record()));
  EXPECT_TRUE(sessions_->find(id));
}

TEST_P(StoreTest, is_refused_when_a_newer_program_made_it) {
  ASSERT_TRUE(
      store_->write([](sql::Database& database) { return database.change("INSERT INTO people_version VALUES (99)"); }));
  auto database = sql::Database::open(address_);
  ASSERT_TRUE(database);
  EXPECT_EQ(Store::open(std::move(*database), test_box()).error().code, Code::kInvalid);
}

INSTANTIATE_TEST_SUITE_P(Databases, StoreTest, ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgresql),
                         [](const auto& parameter) {
                           return parameter.param == sql::Dialect::kSqlite ? "sqlite" : "postgresql";
                         });

}  // namespace
}  // namespace weerbaar::people
