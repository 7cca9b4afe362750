// For tests only: the people of an office, in a database of their own, with a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "os/testing.h"
#include "people/accounts.h"
#include "people/mandates.h"
#include "people/sessions.h"
#include "people/store.h"
#include "people/totp.h"

namespace weerbaar::people {

inline constexpr std::string_view kTestPassword = "zzxy kwik fiets 9";

inline SecretBox test_box() {
  return SecretBox::create(Bytes(SecretBox::kKeyBytes, 7)).value();
}

class Office {
 protected:
  void open_people() { open_people("sqlite:" + directory_.path() + "/people.db"); }
  void open_people(const std::string& address) {
    auto database = sql::Database::open(address);
    ASSERT_TRUE(database) << (database ? "" : database.error().text);
    auto store = Store::open(std::move(*database), test_box(), [this] { return Time{now_, 0}; });
    ASSERT_TRUE(store) << (store ? "" : store.error().text);
    store_ = std::move(*store);
    accounts_ = std::make_unique<Accounts>(*store_);
    sessions_ = std::make_unique<Sessions>(*store_, *accounts_);
    mandates_ = std::make_unique<Mandates>(*store_, *accounts_);
  }

  Deed deed(std::string by = "the owner of the machine", std::string component = "test") {
    return *new_deed(std::move(by), Action::kUpdate, std::move(component));
  }
  Record record() {
    return [this](const Deed& done) -> Status {
      if (fails_to_record_) return fail(Code::kNoSpace, "the disk is full");
      deeds_.push_back(done);
      return {};
    };
  }
  // An account with these roles; remembers its TOTP secret.
  Account make(const std::string& name, const std::string& employee, const Roles& roles) {
    auto secret = accounts_->add(name, employee, kTestPassword, deed(), record());
    EXPECT_TRUE(secret) << (secret ? "" : secret.error().text);
    if (secret) secrets_[name] = *secret;
    for (const Role role : roles) {
      const Status given = accounts_->give_role(name, role, deed(), record());
      EXPECT_TRUE(given) << (given ? "" : given.error().text);
    }
    return *accounts_->find(name);
  }
  // The code that its app shows now.
  std::string code(const std::string& name) {
    return hotp(*from_base32(secrets_.at(name)), static_cast<uint64_t>(now_ / kMicrosPerSecond / kTotpSeconds));
  }
  void pass(int64_t seconds) { now_ += seconds * kMicrosPerSecond; }

  os::TemporaryDirectory directory_;
  int64_t now_ = 1'780'000'000 * kMicrosPerSecond;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Mandates> mandates_;
  std::map<std::string, std::string> secrets_;
  std::vector<Deed> deeds_;
  bool fails_to_record_ = false;
};

class PeopleFixture : public ::testing::Test, protected Office {
 protected:
  void SetUp() override { open_people(); }
};

}  // namespace weerbaar::people
