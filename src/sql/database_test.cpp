// Every test runs on SQLite and on a PostgreSQL server that is started for it, and asks the same of both.
#include "sql/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "os/testing.h"
#include "support/shared_server.h"

namespace weerbaar::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class DatabaseTest : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    address_ = GetParam() == Dialect::kSqlite ? "sqlite:" + directory_.path() + "/test.db"
                                              : support::SharedServer::get().new_database();
    if (address_.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
    database_ = open();
    create(
        "CREATE TABLE thing (number {i} PRIMARY KEY, name {t} NOT NULL, remark {t}, CONSTRAINT thing_number CHECK "
        "(number >= 0))");
  }
  std::unique_ptr<Database> open() {
    auto database = Database::open(address_);
    EXPECT_TRUE(database.has_value()) << (database ? "" : database.error().text);
    return database ? std::move(*database) : nullptr;
  }
  void create(std::string statement) {
    const auto replace = [&](std::string_view what, std::string_view by) {
      for (size_t at = statement.find(what); at != std::string::npos; at = statement.find(what)) {
        statement.replace(at, what.size(), by);
      }
    };
    replace("{i}", database_->integer_type());
    replace("{t}", database_->binary_text_type());
    ASSERT_TRUE(database_->change(statement).has_value());
  }
  // All of the table, as text.
  std::vector<std::string> things(Database& database) {
    std::vector<std::string> all;
    const Status status = database.query(
        "SELECT number, name, remark FROM thing ORDER BY name, number", {}, [&](const Row& row) -> Status {
          all.push_back(std::to_string(row.integer(0)) + " " + std::string(row.text(1)) +
                        (row.is_null(2) ? "" : " " + std::string(row.text(2))));
          return {};
        });
    EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().text);
    return all;
  }
  Result<uint64_t> add(int64_t number, std::string_view name, Value remark = {}) {
    return database_->change("INSERT INTO thing VALUES ($1, $2, $3)", {number, name, remark});
  }

  os::TemporaryDirectory directory_;
  std::string address_;
  std::unique_ptr<Database> database_;
};

TEST_P(DatabaseTest, gives_back_what_it_was_given) {
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  ASSERT_EQ(add(0, "empty remark", ""), 1U);
  ASSERT_EQ(add(kLargest, "no remark"), 1U);
  ASSERT_EQ(add(5'000'000'000, "tab\t, line\n, \\N, quote ' and \" and é", "\\.\r"), 1U);
  EXPECT_THAT(things(*database_), ElementsAre("0 empty remark ", "9223372036854775807 no remark",
                                              "5000000000 tab\t, line\n, \\N, quote ' and \" and é \\.\r"));
}

TEST_P(DatabaseTest, compares_texts_by_their_bytes) {
  for (const auto& [number, name] :
       {std::pair<int64_t, std::string_view>{1, "b"}, {2, "B"}, {3, "é"}, {4, "a b"}, {5, "ab"}}) {
    ASSERT_TRUE(add(number, name).has_value());
  }
  EXPECT_THAT(things(*database_), ElementsAre("2 B", "4 a b", "5 ab", "1 b", "3 é"));
}

TEST_P(DatabaseTest, takes_many_rows_at_once_and_keeps_none_that_are_not_committed) {
  constexpr std::string_view kColumns[] = {"number", "name", "remark"};
  const auto append = [&](int64_t first, bool commit) {
    auto transaction = Transaction::begin(*database_);
    ASSERT_TRUE(transaction.has_value());
    auto appender = database_->append_to("thing", kColumns);
    ASSERT_TRUE(appender.has_value()) << appender.error().text;
    for (int64_t i = 0; i < 5'000; ++i) {
      const Value values[] = {first + i, "tab\t back\\slash\r\n", i % 2 == 0 ? Value() : Value("\\N")};
      ASSERT_TRUE((*appender)->add(values));
    }
    ASSERT_TRUE((*appender)->finish());
    appender->reset();
    if (commit) {
      ASSERT_TRUE(transaction->commit());
    }
  };
  append(0, true);
  append(10'000, false);
  const std::vector<std::string> all = things(*database_);
  ASSERT_EQ(all.size(), 5'000U);
  EXPECT_EQ(all[2], "2 tab\t back\\slash\r\n");
  EXPECT_EQ(all[3], "3 tab\t back\\slash\r\n \\N");
}

TEST_P(DatabaseTest, an_appender_that_is_left_adds_nothing_and_leaves_the_connection_usable) {
  constexpr std::string_view kColumns[] = {"number", "name"};
  {
    auto transaction = Transaction::begin(*database_);
    ASSERT_TRUE(transaction.has_value());
    auto appender = database_->append_to("thing", kColumns);
    ASSERT_TRUE(appender.has_value());
    const Value values[] = {int64_t{1}, "one"};
    ASSERT_TRUE((*appender)->add(values));
  }
  EXPECT_TRUE(things(*database_).empty());
}

TEST_P(DatabaseTest, says_what_was_wrong_and_repeats_no_value) {
  ASSERT_TRUE(add(123456782, "secret one").has_value());
  const auto twice = add(123456782, "secret two");
  EXPECT_EQ(twice.error().code, Code::kExists);
  const auto negative = add(-987654321, "secret three");
  EXPECT_EQ(negative.error().code, Code::kInvalid);
  const auto nothing = database_->change("INSERT INTO thing VALUES ($1, $2, $3)", {int64_t{7}, Value(), "secret four"});
  EXPECT_EQ(nothing.error().code, Code::kInvalid);
  for (const auto* const error : {&twice.error(), &negative.error(), &nothing.error()}) {
    EXPECT_THAT(error->text, HasSubstr("thing"));
    EXPECT_THAT(error->text, HasSubstr(database_->name()));
    for (const char* value : {"123456782", "987654321", "secret"}) EXPECT_THAT(error->text, Not(HasSubstr(value)));
  }
  const auto unknown = database_->change("INSERT INTO nowhere VALUES (1)");
  EXPECT_EQ(unknown.error().code, Code::kInvalid);
  EXPECT_THAT(unknown.error().text, HasSubstr("nowhere"));
  EXPECT_FALSE(database_->name().empty());
  EXPECT_EQ(things(*database_).size(), 1U);
}

TEST_P(DatabaseTest, refuses_texts_that_one_of_the_two_would_not_keep) {
  for (const std::string_view text :
       {std::string_view("a\0b", 3), std::string_view("\xC3"), std::string_view("\xED\xA0\x80")}) {
    const auto refused = add(1, text);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::kInvalid);
    EXPECT_THAT(refused.error().text, HasSubstr("value 2"));
  }
  EXPECT_TRUE(things(*database_).empty());
}

TEST_P(DatabaseTest, undoes_what_a_transaction_did_not_commit) {
  {
    auto transaction = Transaction::begin(*database_);
    ASSERT_TRUE(transaction.has_value());
    ASSERT_TRUE(add(1, "one").has_value());
    EXPECT_FALSE(add(1, "again").has_value());
  }
  EXPECT_TRUE(things(*database_).empty());
  auto transaction = Transaction::begin(*database_);
  ASSERT_TRUE(add(2, "two").has_value());
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(transaction->commit().error().code, Code::kStopped);
  EXPECT_THAT(things(*open()), ElementsAre("2 two"));
}

TEST_P(DatabaseTest, ends_an_answer_where_the_visitor_does) {
  for (int64_t i = 0; i < 2'000; ++i) ASSERT_TRUE(add(i, "name").has_value());
  int visited = 0;
  const Status status = database_->query("SELECT number FROM thing WHERE number >= $1 ORDER BY number", {int64_t{100}},
                                         [&](const Row& row) -> Status {
                                           EXPECT_EQ(row.integer(0), 100 + visited);
                                           return ++visited == 3 ? Status(fail(Code::kStopped, "enough")) : Status();
                                         });
  EXPECT_EQ(status.error().code, Code::kStopped);
  EXPECT_EQ(visited, 3);
  EXPECT_EQ(things(*database_).size(), 2'000U);
}

TEST_P(DatabaseTest, counts_what_a_statement_changes) {
  for (int64_t i = 0; i < 10; ++i) ASSERT_TRUE(add(i, "name").has_value());
  EXPECT_EQ(database_->change("UPDATE thing SET name = $1 WHERE number < $2", {"other", int64_t{4}}), 4U);
  EXPECT_EQ(database_->change("DELETE FROM thing WHERE number = $1", {int64_t{99}}), 0U);
}

TEST_P(DatabaseTest, takes_parameters_in_any_order_and_no_wrong_number_of_them) {
  ASSERT_TRUE(database_->change("INSERT INTO thing (name, number) VALUES ($2, $1)", {int64_t{8}, "eight"}).has_value());
  EXPECT_THAT(things(*database_), ElementsAre("8 eight"));
  EXPECT_FALSE(database_->change("DELETE FROM thing WHERE number = $1", {int64_t{8}, int64_t{9}}).has_value());
  EXPECT_FALSE(database_->change("DELETE FROM thing WHERE number = $1 AND name = $2", {int64_t{8}}).has_value());
  EXPECT_EQ(things(*database_).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Both, DatabaseTest, ::testing::Values(Dialect::kSqlite, Dialect::kPostgresql),
                         [](const auto& tested) {
                           return std::string(tested.param == Dialect::kSqlite ? "sqlite" : "postgresql");
                         });

TEST(Database, says_how_it_is_named) {
  EXPECT_THAT(Database::open("mysql:x").error().text, HasSubstr("sqlite:FILE"));
}

TEST(Database, that_cannot_be_opened_names_its_file) {
  const auto opened = Database::open("sqlite:/nowhere/at/all.db");
  EXPECT_EQ(opened.error().code, Code::kIo);
  EXPECT_THAT(opened.error().text, HasSubstr("/nowhere/at/all.db"));
  EXPECT_EQ(Database::open("postgresql:host=/nowhere dbname=x").error().code, Code::kIo);
}

}  // namespace
}  // namespace weerbaar::sql
