#include "people/store.h"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace weerbaar::people {
namespace {

constexpr int64_t kVersion = 1;

// {0}: whole numbers, {1}: texts that compare by their bytes.
constexpr std::array<std::string_view, 9> kVersion1 = {
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
    "CREATE TABLE deed (number {0} PRIMARY KEY, id {1} NOT NULL, made_at {0} NOT NULL, made_by {1} NOT NULL, "
    "action {1} NOT NULL, component {1} NOT NULL, reason {1} NOT NULL)",
    "CREATE TABLE deed_about (deed {0} NOT NULL REFERENCES deed (number), type {1} NOT NULL, id {1} NOT NULL)",
};

struct Waiting {
  int64_t number;
  Deed deed;
};

Result<std::vector<Waiting>> waiting_deeds(sql::Database& database) {
  std::vector<Waiting> all;
  WEERBAAR_TRY(
      database.query("SELECT number, id, made_at, made_by, action, component, reason FROM deed ORDER BY number", {},
                     [&](const sql::Row& row) -> Status {
                       const auto action = parse_action(row.text(4));
                       if (!action)
                         return fail(Code::kCorrupt, fmt::format("deed {} has an action that is none", row.integer(0)));
                       Deed deed;
                       deed.id = row.text(1);
                       deed.time = Time{row.integer(2), 0};
                       deed.by = row.text(3);
                       deed.action = *action;
                       deed.component = row.text(5);
                       deed.reason = row.text(6);
                       all.push_back({row.integer(0), std::move(deed)});
                       return {};
                     }));
  for (Waiting& one : all) {
    WEERBAAR_TRY(database.query(
        "SELECT type, id FROM deed_about WHERE deed = $1", {one.number}, [&](const sql::Row& row) -> Status {
          const auto type = parse_subject_type(row.text(0));
          one.deed.about.push_back({type.value_or(SubjectType::kOther), std::string(row.text(1))});
          return {};
        }));
  }
  return all;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(std::unique_ptr<sql::Database> database, Clock clock) {
  std::unique_ptr<Store> store(new Store(std::move(database), std::move(clock)));
  WEERBAAR_TRY(store->migrate());
  return store;
}

Status Store::migrate() {
  return write([](sql::Database& database) -> Status {
    WEERBAAR_TRY(database.change(
        fmt::format("CREATE TABLE IF NOT EXISTS people_version (version {} NOT NULL)", database.integer_type())));
    int64_t version = 0;
    WEERBAAR_TRY(database.query("SELECT MAX(version) FROM people_version", {}, [&](const sql::Row& row) -> Status {
      version = row.integer(0);
      return {};
    }));
    if (version > kVersion) {
      return fail(Code::kInvalid, fmt::format("the database of people has version {}, and this program knows {}: use a "
                                              "newer one",
                                              version, kVersion));
    }
    if (version == kVersion) return {};
    for (const std::string_view statement : kVersion1) {
      WEERBAAR_TRY(
          database.change(fmt::format(fmt::runtime(statement), database.integer_type(), database.binary_text_type())));
    }
    WEERBAAR_TRY(database.change("INSERT INTO people_version VALUES ($1)", {kVersion}));
    return {};
  });
}

Status Store::put_off(sql::Database& database, const Deed& deed) {
  int64_t number = 0;
  WEERBAAR_TRY(database.query("SELECT COALESCE(MAX(number), 0) + 1 FROM deed", {}, [&](const sql::Row& row) -> Status {
    number = row.integer(0);
    return {};
  }));
  WEERBAAR_TRY(database.change(
      "INSERT INTO deed VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {number, deed.id, deed.time.micros, deed.by, to_string(deed.action), deed.component, deed.reason}));
  for (const Deed::Person& person : deed.about) {
    WEERBAAR_TRY(
        database.change("INSERT INTO deed_about VALUES ($1, $2, $3)", {number, to_string(person.type), person.id}));
  }
  return {};
}

Result<uint64_t> Store::record_put_off(const Record& record) {
  return write([&](sql::Database& database) -> Result<uint64_t> {
    WEERBAAR_ASSIGN(const std::vector<Waiting> all, waiting_deeds(database));
    for (const Waiting& one : all) {
      WEERBAAR_TRY(record(one.deed));
      WEERBAAR_TRY(database.change("DELETE FROM deed_about WHERE deed = $1", {one.number}));
      WEERBAAR_TRY(database.change("DELETE FROM deed WHERE number = $1", {one.number}));
    }
    return all.size();
  });
}

}  // namespace weerbaar::people
