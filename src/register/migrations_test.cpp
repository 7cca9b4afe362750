// Databases as versions 1 and 2 made them are taken over, on SQLite and on PostgreSQL.
#include "register/migrations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "os/testing.h"
#include "register/register.h"
#include "register/statements.h"
#include "support/shared_server.h"

namespace weerbaar::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MigrationsTest : public ::testing::TestWithParam<std::tuple<sql::Dialect, int64_t>> {
 protected:
  void SetUp() override {
    address_ = new_address("register");
    if (address_.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
  }

  [[nodiscard]] std::string new_address(std::string_view name) const {
    return dialect_ == sql::Dialect::kSqlite ? fmt::format("sqlite:{}/{}.db", directory_.path(), name)
                                             : support::SharedServer::get().new_database();
  }

  static void change(sql::Database& database, const std::string& statement) {
    const auto changed = database.change(statement);
    ASSERT_TRUE(changed.has_value()) << statement << ": " << (changed ? "" : changed.error().text);
  }

  // The statements of these versions, as they were. Of the tables of facts, version 1 lacked one.
  static void make_version(int64_t version, sql::Database& database) {
    const std::string_view integer = database.integer_type();
    const std::string_view text = database.binary_text_type();
    change(database, fmt::format("CREATE TABLE schema_version (version {} NOT NULL)", integer));
    change(database, fmt::format("INSERT INTO schema_version VALUES ({})", version));
    change(database,
           fmt::format("CREATE TABLE import (number {0} PRIMARY KEY, table_name {1} NOT NULL, made_at {0} NOT NULL, "
                       "made_by {1} NOT NULL, file_name {1} NOT NULL, digest {1} NOT NULL)",
                       integer, text));
    for (const Table& table : tables()) {
      if (version < 2 && table.name == "reported") continue;
      std::string columns;
      std::string key;
      for (size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        columns += fmt::format("\"{}\" {}{}, ", column.name, text, column.required ? " NOT NULL" : "");
        if (i < table.key) key += fmt::format("\"{}\", ", column.name);
      }
      change(database, fmt::format("CREATE TABLE \"fact_{0}\" ({1}valid_from {2} NOT NULL, valid_to {2} NOT NULL, "
                                   "recorded_in {2} NOT NULL REFERENCES import (number), line {2} NOT NULL, "
                                   "withdrawn_in {2} REFERENCES import (number), CHECK (valid_from < valid_to), "
                                   "PRIMARY KEY (recorded_in, line))",
                                   table.name, columns, integer));
      change(database, fmt::format("CREATE INDEX \"key_of_{0}\" ON \"fact_{0}\" ({1}valid_from)", table.name, key));
    }
  }

  static std::vector<std::string> facts(Register& facts, std::string_view table, uint64_t known_at) {
    std::vector<std::string> all;
    const Status status = facts.read(*find_table(table), known_at, [&](const Fact& fact) -> Status {
      all.push_back(fmt::format("{} {}", fmt::join(fact.values, "|"), fact.valid_to == kUntilFurtherNotice));
      return {};
    });
    EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().text);
    return all;
  }

  const sql::Dialect dialect_ = std::get<0>(GetParam());
  const int64_t version_ = std::get<1>(GetParam());
  os::TemporaryDirectory directory_;
  std::string address_;
};

TEST_P(MigrationsTest, take_over_what_older_versions_made) {
  {
    auto database = sql::Database::open(address_);
    ASSERT_TRUE(database.has_value());
    make_version(version_, **database);
    change(**database, "INSERT INTO import VALUES (1, 'unit', 5, 'tester', 'unit.csv', 'aa')");
    change(**database, "INSERT INTO import VALUES (2, 'unit', 6, 'tester', 'unit.csv', 'bb')");
    change(**database, "INSERT INTO \"fact_unit\" VALUES ('U1', 'North', NULL, 10, 9223372036854775807, 1, 2, 2)");
    change(**database, "INSERT INTO \"fact_unit\" VALUES ('U1', 'North', NULL, 10, 20, 2, 2, NULL)");
    change(**database, "INSERT INTO \"fact_unit\" VALUES ('U2', NULL, 'U1', 10, 9223372036854775807, 2, 3, NULL)");
  }
  auto opened = Register::open(std::move(*sql::Database::open(address_)));
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  EXPECT_EQ((*opened)->imports(), 2U);
  EXPECT_THAT(facts(**opened, "unit", 1), ElementsAre("U1|North| true"));
  EXPECT_THAT(facts(**opened, "unit", 2), ElementsAre("U1|North| false", "U2||U1 true"));
  // What was there is known by its line and as of CSV.
  const auto report =
      (*opened)->import(*find_table("unit"), "unit,name,valid_from\nU2,x,2026-01-01\nU3,,\n",
                        {"unit.csv", "cc", "tester", Time{7, 0}}, [](const ImportReport&) { return Status(); });
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->number, 3U);
  ASSERT_EQ(report->refusals.size(), 1U);
  EXPECT_THAT(report->refusals[0].why, HasSubstr("the fact of line 3 of import 2"));
  EXPECT_THAT(facts(**opened, "unit", 3), ElementsAre("U1|North| false", "U2||U1 true", "U3|| true"));
  const auto reported =
      (*opened)->import(*find_table("reported"), "report,subject\nR-1,bsn:123456782\n",
                        {"reported.csv", "dd", "tester", Time{8, 0}}, [](const ImportReport&) { return Status(); });
  ASSERT_TRUE(reported.has_value()) << reported.error().text;
  EXPECT_EQ(reported->added, 1U);
  opened->reset();
  EXPECT_TRUE(Register::open(std::move(*sql::Database::open(address_))).has_value());
}

// So that the schema of a register that was taken over is that of a new one.
TEST_P(MigrationsTest, give_old_and_new_registers_the_same_columns) {
  const auto columns_of = [](sql::Database& database, const std::string& table) {
    std::vector<std::string> names;
    const bool is_sqlite = database.dialect() == sql::Dialect::kSqlite;
    const Status status = database.query(
        is_sqlite ? fmt::format("SELECT name, type FROM pragma_table_info('{}') ORDER BY cid", table)
                  : fmt::format("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{}' "
                                "ORDER BY ordinal_position",
                                table),
        {}, [&](const sql::Row& row) -> Status {
          names.push_back(fmt::format("{} {}", row.text(0), row.text(1)));
          return {};
        });
    EXPECT_TRUE(status.has_value());
    return names;
  };
  auto old_database = sql::Database::open(address_);
  ASSERT_TRUE(old_database.has_value());
  make_version(version_, **old_database);
  ASSERT_TRUE(migrate(**old_database));
  auto new_database = sql::Database::open(new_address("new"));
  ASSERT_TRUE(new_database.has_value());
  ASSERT_TRUE(migrate(**new_database));
  std::vector<std::string> names = {"import", "snapshot", "case_reference"};
  for (const Table& table : tables()) names.push_back(fmt::format("fact_{}", table.name));
  for (const std::string& name : names) {
    const auto found = columns_of(**old_database, name);
    EXPECT_FALSE(found.empty()) << name;
    EXPECT_EQ(found, columns_of(**new_database, name)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, MigrationsTest,
                         ::testing::Combine(::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgresql),
                                            ::testing::Values(1, 2)),
                         [](const auto& tested) {
                           const bool is_sqlite = std::get<0>(tested.param) == sql::Dialect::kSqlite;
                           return fmt::format("{}_{}", is_sqlite ? "sqlite" : "postgresql", std::get<1>(tested.param));
                         });

}  // namespace
}  // namespace weerbaar::facts
