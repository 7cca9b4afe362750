// Every test runs on SQLite and on a PostgreSQL server that is started for it.
#include "sql/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "os/testing.h"
#include "support/shared_server.h"

namespace weerbaar::sql {
namespace {

using ::testing::HasSubstr;

class SchemaTest : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    address_ = new_address();
    if (address_.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
  }
  std::string new_address() {
    return GetParam() == Dialect::kSqlite ? "sqlite:" + directory_.path() + "/" + std::to_string(made_++) + ".db"
                                          : support::SharedServer::get().new_database();
  }
  static Schema schema(int64_t version, std::atomic<int>& times) {
    return {"things_version", "the list of things", version,
            [version, &times](Database& database, int64_t from) -> Status {
              ++times;
              if (from < 1) WEERBAAR_TRY(database.change("CREATE TABLE thing (number INTEGER PRIMARY KEY)"));
              if (version > 1) WEERBAAR_TRY(database.change("ALTER TABLE thing ADD COLUMN name TEXT"));
              return {};
            }};
  }
  static int64_t count(Database& database, const std::string& table) {
    int64_t rows = -1;
    const Status status = database.query("SELECT COUNT(*) FROM " + table, {}, [&](const Row& row) -> Status {
      rows = row.integer(0);
      return {};
    });
    EXPECT_TRUE(status) << status.error().text;
    return rows;
  }

  os::TemporaryDirectory directory_;
  int made_ = 0;
  std::string address_;
};

TEST_P(SchemaTest, is_made_once_and_taken_over_once) {
  std::atomic<int> times = 0;
  const auto database = Database::open(address_).value();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(bring_up(*database, schema(1, times)));
  EXPECT_EQ(times, 1);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(bring_up(*database, schema(2, times)));
  EXPECT_EQ(times, 2);
  EXPECT_TRUE(database->change("INSERT INTO thing (number, name) VALUES (1, 'one')"));
  const Status refused = bring_up(*database, schema(1, times));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().text, HasSubstr("the list of things has version 2"));
}

TEST_P(SchemaTest, that_fails_halfway_leaves_nothing) {
  std::atomic<int> times = 0;
  const auto database = Database::open(address_).value();
  Schema wrong = schema(1, times);
  wrong.take_over = [](Database& to, int64_t) -> Status {
    WEERBAAR_TRY(to.change("CREATE TABLE thing (number INTEGER PRIMARY KEY)"));
    return fail(Code::kNoSpace, "the disk is full");
  };
  EXPECT_EQ(bring_up(*database, wrong).error().code, Code::kNoSpace);
  ASSERT_TRUE(bring_up(*database, schema(1, times)));
  EXPECT_EQ(count(*database, "thing"), 0);
}

// One that is there must not wait for a long import, nor for ever.
TEST_P(SchemaTest, that_is_there_opens_while_another_one_writes) {
  std::atomic<int> times = 0;
  const auto writer = Database::open(address_).value();
  ASSERT_TRUE(bring_up(*writer, schema(1, times)));
  auto transaction = Transaction::begin(*writer);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(writer->change("INSERT INTO thing VALUES (1)"));
  const auto reader = Database::open(address_);
  ASSERT_TRUE(reader) << reader.error().text;
  const Status status = bring_up(**reader, schema(1, times));
  EXPECT_TRUE(status) << status.error().text;
  EXPECT_EQ(count(**reader, "thing"), 0);
}

TEST_P(SchemaTest, is_made_by_one_of_many_who_open_a_new_database_at_once) {
  constexpr int kOpeners = 6;
  for (int round = 0; round < 10; ++round) {
    const std::string address = round == 0 ? address_ : new_address();
    std::atomic<int> times = 0;
    std::vector<std::string> errors(kOpeners);
    std::barrier together(kOpeners);
    std::vector<std::thread> openers;
    for (int i = 0; i < kOpeners; ++i) {
      openers.emplace_back([&, i] {
        together.arrive_and_wait();
        const auto database = Database::open(address);
        const Status status = database ? bring_up(**database, schema(1, times)) : std::unexpected(database.error());
        if (!status) errors[static_cast<size_t>(i)] = status.error().text;
      });
    }
    for (std::thread& opener : openers) opener.join();
    for (const std::string& error : errors) EXPECT_EQ(error, "");
    EXPECT_EQ(times, 1);
    EXPECT_EQ(count(*Database::open(address).value(), "things_version"), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, SchemaTest, ::testing::Values(Dialect::kSqlite, Dialect::kPostgresql),
                         [](const auto& tested) {
                           return std::string(tested.param == Dialect::kSqlite ? "sqlite" : "postgresql");
                         });

}  // namespace
}  // namespace weerbaar::sql
