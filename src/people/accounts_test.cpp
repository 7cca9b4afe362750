#include "people/accounts.h"

#include <gmock/gmock.h>

#include "people/testing.h"

namespace weerbaar::people {
namespace {

using ::testing::ElementsAre;

class AccountsTest : public PeopleFixture {
 protected:
  Code proves(const std::string& name, std::string_view password, const std::string& totp) {
    const auto proven = accounts_->prove(name, password, totp);
    return proven ? Code::kExists : proven.error().code;
  }
};

TEST_F(AccountsTest, are_proved_by_password_and_code_together_and_each_code_once) {
  make("anna", "u1", {});
  EXPECT_EQ(proves("anna", "zzxy kwik fiets 8", code("anna")), Code::kDenied);
  EXPECT_EQ(proves("anna", kTestPassword, "000000"), Code::kDenied);
  EXPECT_EQ(proves("anna", kTestPassword, ""), Code::kDenied);
  EXPECT_EQ(proves("bert", kTestPassword, code("anna")), Code::kDenied);
  EXPECT_EQ(proves("", "", ""), Code::kDenied);
  const auto account = accounts_->prove("anna", kTestPassword, code("anna"));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->employee, "u1");
  EXPECT_TRUE(account->must_renew);
  EXPECT_EQ(proves("anna", kTestPassword, code("anna")), Code::kDenied);
  pass(kTotpSeconds);
  EXPECT_EQ(proves("anna", kTestPassword, code("anna")), Code::kExists);
}

TEST_F(AccountsTest, tell_the_same_of_a_wrong_password_and_of_a_name_that_nobody_has) {
  make("anna", "u1", {});
  EXPECT_EQ(accounts_->prove("anna", "zzxy kwik fiets 8", "123456").error().text,
            accounts_->prove("zora", "zzxy kwik fiets 8", "123456").error().text);
}

TEST_F(AccountsTest, come_in_no_more_once_disabled_and_again_after_a_reset_with_new_secrets) {
  make("anna", "u1", {});
  ASSERT_TRUE(accounts_->disable("anna", deed(), record()));
  EXPECT_EQ(proves("anna", kTestPassword, code("anna")), Code::kDenied);
  const auto secret = accounts_->reset("anna", "heel iets anders 7", deed(), record());
  ASSERT_TRUE(secret);
  EXPECT_NE(*secret, secrets_["anna"]);
  EXPECT_EQ(proves("anna", kTestPassword, code("anna")), Code::kDenied);
  secrets_["anna"] = *secret;
  EXPECT_EQ(proves("anna", "heel iets anders 7", code("anna")), Code::kExists);
}

TEST_F(AccountsTest, that_were_disabled_or_reset_are_not_brought_back_by_a_renewal_under_way) {
  const Account anna = make("anna", "u1", {});
  ASSERT_TRUE(accounts_->disable("anna", deed(), record()));
  EXPECT_EQ(accounts_->renew(anna.number, kTestPassword, "heel iets anders 7", deed(), record()).error().code,
            Code::kDenied);
  EXPECT_TRUE(accounts_->find("anna")->disabled);
  ASSERT_TRUE(accounts_->reset("anna", "nog weer iets anders 8", deed(), record()));
  EXPECT_EQ(accounts_->renew(anna.number, kTestPassword, "heel iets anders 7", deed(), record()).error().code,
            Code::kDenied);
  EXPECT_TRUE(accounts_->find("anna")->must_renew);
}

TEST_F(AccountsTest, renew_password_and_secret_with_the_old_password_and_not_with_the_same) {
  const Account anna = make("anna", "u1", {});
  EXPECT_EQ(accounts_->renew(anna.number, "wrong wrong wrong", "heel iets anders 7", deed(), record()).error().code,
            Code::kDenied);
  EXPECT_EQ(accounts_->renew(anna.number, kTestPassword, kTestPassword, deed(), record()).error().code, Code::kInvalid);
  EXPECT_EQ(accounts_->renew(anna.number, kTestPassword, "short", deed(), record()).error().code, Code::kInvalid);
  const auto secret = accounts_->renew(anna.number, kTestPassword, "heel iets anders 7", deed(), record());
  ASSERT_TRUE(secret) << secret.error().text;
  EXPECT_NE(*secret, secrets_["anna"]);
  EXPECT_FALSE(accounts_->find("anna")->must_renew);
}

TEST_F(AccountsTest, get_roles_from_another_person_only) {
  make("anna", "u1", {Role::kAdministrator});
  make("anna2", "u1", {});
  EXPECT_EQ(accounts_->give_role("anna", Role::kEmployee, deed("anna"), record()).error().code, Code::kDenied);
  EXPECT_EQ(accounts_->give_role("anna", Role::kEmployee, deed("u1"), record()).error().code, Code::kDenied);
  EXPECT_EQ(accounts_->give_role("anna2", Role::kEmployee, deed("u1"), record()).error().code, Code::kDenied);
  EXPECT_TRUE(accounts_->give_role("anna", Role::kEmployee, deed("u2"), record()));
}

TEST_F(AccountsTest, never_give_one_person_roles_that_do_not_go_together_over_two_accounts_either) {
  make("anna", "u1", {Role::kAdministrator});
  make("anna2", "u1", {});
  for (const char* const name : {"anna", "anna2"}) {
    EXPECT_EQ(accounts_->give_role(name, Role::kAnalyst, deed(), record()).error().code, Code::kDenied) << name;
  }
  make("bert", "u2", {Role::kInvestigator});
  make("bert2", "u2", {});
  EXPECT_EQ(accounts_->give_role("bert2", Role::kDataProtectionOfficer, deed(), record()).error().code, Code::kDenied);
}

TEST_F(AccountsTest, do_nothing_that_cannot_be_recorded) {
  make("anna", "u1", {});
  const size_t before = deeds_.size();
  fails_to_record_ = true;
  EXPECT_EQ(accounts_->give_role("anna", Role::kAnalyst, deed(), record()).error().code, Code::kNoSpace);
  EXPECT_EQ(accounts_->add("bert", "u2", kTestPassword, deed(), record()).error().code, Code::kNoSpace);
  EXPECT_EQ(accounts_->disable("anna", deed(), record()).error().code, Code::kNoSpace);
  EXPECT_TRUE(accounts_->find("anna")->roles.empty());
  EXPECT_FALSE(accounts_->find("anna")->disabled);
  EXPECT_EQ(accounts_->list()->size(), 1U);
  EXPECT_EQ(deeds_.size(), before);
}

TEST_F(AccountsTest, are_refused_with_a_wrong_name_a_bad_password_or_twice) {
  for (const char* const name : {"", "Anna", "an na", "a/b", "oidc:1"}) {
    EXPECT_EQ(accounts_->add(name, "u1", kTestPassword, deed(), record()).error().code, Code::kInvalid) << name;
  }
  EXPECT_EQ(accounts_->add("anna", "u1", "short", deed(), record()).error().code, Code::kInvalid);
  EXPECT_EQ(accounts_->add("anna", "", kTestPassword, deed(), record()).error().code, Code::kInvalid);
  EXPECT_EQ(accounts_->add("anna", "~2026-Q1:ab", kTestPassword, deed(), record()).error().code, Code::kInvalid);
  make("anna", "u1", {});
  EXPECT_EQ(accounts_->add("anna", "u2", kTestPassword, deed(), record()).error().code, Code::kExists);
}

TEST_F(AccountsTest, of_a_provider_have_the_roles_that_it_says_and_no_others) {
  for (const char* const wrong : {" ", "u7\u200B", "~2026-Q1:ab", ""}) {
    const auto refused = accounts_->enter("https://i", "s0", wrong, {Role::kAnalyst}, deed(), record());
    EXPECT_EQ(refused.error().code, Code::kDenied) << wrong;
    EXPECT_THAT(refused.error().text, ::testing::HasSubstr("people.oidc.employee_claim"));
    EXPECT_EQ(refused.error().text.find("u7"), std::string::npos);
  }
  const auto entered = accounts_->enter("https://i", "s1", "u7", {Role::kAnalyst}, deed(), record());
  ASSERT_TRUE(entered) << entered.error().text;
  EXPECT_EQ(deeds_.size(), 1U);
  EXPECT_TRUE(accounts_->enter("https://i", "s1", "u7", {Role::kAnalyst}, deed(), record()));
  EXPECT_EQ(deeds_.size(), 1U);
  const auto later = accounts_->enter("https://i", "s1", "u7", {Role::kAuditor}, deed(), record());
  ASSERT_TRUE(later);
  EXPECT_EQ(later->number, entered->number);
  EXPECT_THAT(accounts_->find(entered->number)->roles, ElementsAre(Role::kAuditor));
  EXPECT_EQ(
      accounts_->enter("https://i", "s1", "u7", {Role::kAdministrator, Role::kAuditor}, deed(), record()).error().code,
      Code::kDenied);
  ASSERT_TRUE(accounts_->disable(entered->name, deed(), record()));
  EXPECT_EQ(accounts_->enter("https://i", "s1", "u7", {Role::kAuditor}, deed(), record()).error().code, Code::kDenied);
}

TEST_F(AccountsTest, secrets_of_another_account_or_key_let_nobody_in) {
  make("anna", "u1", {});
  make("bert", "u2", {});
  const auto secret_of = [this](std::string_view name) {
    std::string found;
    EXPECT_TRUE(store_->read([&](sql::Database& database) {
      return database.query("SELECT totp_secret FROM account WHERE name = $1", {name},
                            [&](const sql::Row& row) -> Status {
                              found = row.text(0);
                              return {};
                            });
    }));
    return found;
  };
  EXPECT_EQ(secret_of("anna").find(secrets_.at("anna")), std::string::npos);
  const std::string of_bert = secret_of("bert");
  ASSERT_TRUE(store_->write([&](sql::Database& database) {
    return database.change("UPDATE account SET totp_secret = $1 WHERE name = 'anna'", {of_bert});
  }));
  EXPECT_EQ(os::refusal(accounts_->prove("anna", kTestPassword, code("bert"))), Code::kCorrupt);
  ASSERT_TRUE(accounts_->prove("bert", kTestPassword, code("bert")));
  auto database = sql::Database::open("sqlite:" + directory_.path() + "/people.db");
  ASSERT_TRUE(database);
  const SecretBox other = SecretBox::create(Bytes(SecretBox::kKeyBytes, 8)).value();
  const auto store = Store::open(std::move(*database), other, [this] { return Time{now_, 0}; });
  ASSERT_TRUE(store);
  pass(60);
  EXPECT_EQ(os::refusal(Accounts(**store).prove("bert", kTestPassword, code("bert"))), Code::kCorrupt);
}

}  // namespace
}  // namespace weerbaar::people
