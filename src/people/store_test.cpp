// What is asked of SQLite is asked of PostgreSQL too.
#include "people/store.h"

#include <gmock/gmock.h>

#include "people/testing.h"
#include "support/shared_server.h"

namespace weerbaar::people {
namespace {

class StoreTest : public PeopleFixture, public ::testing::WithParamInterface<sql::Dialect> {
 protected:
  std::string new_address(const std::string& file) {
    return GetParam() == sql::Dialect::kSqlite ? "sqlite:" + directory_.path() + "/" + file
                                               : support::SharedServer::get().new_database();
  }
  void SetUp() override {
    address_ = new_address("people.db");
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
  const MandateRequest request{"Z-1", "why", {SubjectType::kEmployee, "u9"}, now_, now_ + kMicrosPerDay, ""};
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

// As version 1 made it: these statements stay what they are.
void make_version_1(sql::Database& database) {
  constexpr std::string_view kStatements[] = {
      "CREATE TABLE people_version (version {0} NOT NULL)",
      "INSERT INTO people_version VALUES (1)",
      "CREATE TABLE account (number {0} PRIMARY KEY, name {1} NOT NULL UNIQUE, employee {1} NOT NULL, password {1}, "
      "totp_secret {1}, totp_step {0} NOT NULL, issuer {1}, subject {1}, disabled {0} NOT NULL, "
      "must_renew {0} NOT NULL, made_at {0} NOT NULL, UNIQUE (issuer, subject))",
      "CREATE INDEX account_of_employee ON account (employee)",
      "CREATE TABLE account_role (account {0} NOT NULL REFERENCES account (number), role {1} NOT NULL, "
      "given_by {1} NOT NULL, given_at {0} NOT NULL, PRIMARY KEY (account, role))",
      "CREATE TABLE session (digest {1} PRIMARY KEY, account {0} NOT NULL REFERENCES account (number), "
      "begun_at {0} NOT NULL, used_at {0} NOT NULL)",
      "CREATE INDEX session_of_account ON session (account)",
      "CREATE TABLE mandate (number {0} PRIMARY KEY, case_id {1} NOT NULL, ground {1} NOT NULL, about {1} NOT NULL, "
      "valid_from {0} NOT NULL, valid_to {0} NOT NULL, asked_by {0} NOT NULL REFERENCES account (number), "
      "asked_at {0} NOT NULL, approved_by {0} REFERENCES account (number), approved_at {0}, "
      "withdrawn_by {0} REFERENCES account (number), withdrawn_at {0}, CHECK (valid_from < valid_to))",
      "CREATE INDEX mandate_by_asker ON mandate (asked_by)",
      "INSERT INTO account VALUES (1, 'ingrid', 'u1', NULL, NULL, 0, NULL, NULL, 0, 0, 5)",
      "INSERT INTO account VALUES (2, 'fatima', 'u2', NULL, NULL, 0, NULL, NULL, 0, 0, 6)",
      "INSERT INTO account_role VALUES (1, 'investigator', 'anna', 7)",
      "INSERT INTO account_role VALUES (2, 'data-protection-officer', 'anna', 7)",
      "INSERT INTO session VALUES ('aa', 1, 8, 9)",
      "INSERT INTO mandate VALUES (1, 'Z-1', 'why', 'employee:u9', 10, 7000000000000000, 1, 11, 2, 12, NULL, NULL)"};
  for (const std::string_view statement : kStatements) {
    const auto done =
        database.change(fmt::format(fmt::runtime(statement), database.integer_type(), database.binary_text_type()));
    ASSERT_TRUE(done) << statement << ": " << done.error().text;
  }
}

TEST_P(StoreTest, of_version_1_keeps_what_it_held_and_takes_mandates_by_pseudonym) {
  const std::string old = new_address("old.db");
  make_version_1(**sql::Database::open(old));
  for (int opened = 0; opened < 2; ++opened) {
    open_people(old);
    const auto ingrid = accounts_->find("ingrid");
    ASSERT_TRUE(ingrid) << ingrid.error().text;
    EXPECT_TRUE(may(ingrid->roles, Permission::kAskMandate));
    const auto kept = mandates_->find(1);
    ASSERT_TRUE(kept) << kept.error().text;
    EXPECT_EQ(kept->about_as_asked(), "employee:u9");
    EXPECT_EQ(kept->approved_by, "u2");
    EXPECT_TRUE(mandates_->covering(*ingrid, kept->about)->has_value());
    const MandateRequest request{"Z-2",        "why", {SubjectType::kEmployee, "u8"}, now_, now_ + kMicrosPerDay,
                                 "~2026-Q1:ab"};
    const auto asked = mandates_->ask(*ingrid, request, deed(), record());
    ASSERT_TRUE(asked) << asked.error().text;
    EXPECT_GT(asked->number, 1 + opened);
    EXPECT_EQ(mandates_->find(asked->number)->about_as_asked(), "employee:~2026-Q1:ab");
    EXPECT_EQ(mandates_->find(asked->number)->about.id, "u8");
  }
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
