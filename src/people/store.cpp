#include "people/store.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "sql/schema.h"

namespace weerbaar::people {
namespace {

constexpr int64_t kVersion = 2;

// {0}: whole numbers, {1}: texts that compare by their bytes.
constexpr std::array<std::string_view, 7> kVersion1 = {
    "CREATE TABLE account (number {0} PRIMARY KEY, name {1} NOT NULL UNIQUE, employee {1} NOT NULL, password {1}, "
    "totp_secret {1}, totp_step {0} NOT NULL, issuer {1}, subject {1}, disabled {0} NOT NULL, must_renew {0} NOT NULL, "
    "made_at {0} NOT NULL, UNIQUE (issuer, subject))",
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
};
constexpr std::array<std::string_view, 1> kVersion2 = {"ALTER TABLE mandate ADD COLUMN pseudonym {1}"};
constexpr std::array<std::span<const std::string_view>, kVersion> kVersions = {kVersion1, kVersion2};

Status take_over(sql::Database& database, int64_t from) {
  for (const auto& statements : std::span(kVersions).subspan(static_cast<size_t>(from))) {
    for (const std::string_view statement : statements) {
      WEERBAAR_TRY(
          database.change(fmt::format(fmt::runtime(statement), database.integer_type(), database.binary_text_type())));
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(std::unique_ptr<sql::Database> database, const SecretBox& box, Clock clock) {
  WEERBAAR_TRY(sql::bring_up(*database, {"people_version", "the database of people", kVersion, take_over}));
  return std::unique_ptr<Store>(new Store(std::move(database), box, std::move(clock)));
}

}  // namespace weerbaar::people
