// Every test runs on SQLite and on a PostgreSQL server that is started for it, and asks the same of both.
#include "server/fact_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "os/testing.h"
#include "register/fact_file.h"
#include "server/import_ledger.h"
#include "server/judgement.h"
#include "sql/database.h"
#include "support/shared_server.h"
#include "trail/store/records.h"

namespace weerbaar::server {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kCases = "case,name\nZ-1,a\nZ-2,\nZ-3,c\n";

class FactImportTest : public ::testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    path_ = directory_.path() + "/data";
    ASSERT_TRUE(DataDirectory::create(os::real_file_system(), path_, "example.org/reads", path_ + ".keys", 84));
    if (GetParam() == sql::Dialect::kPostgresql) {
      const std::string address = support::SharedServer::get().new_database();
      if (address.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
      const std::string file = path_ + "/weerbaar.toml";
      const Bytes before = os::read_file(os::real_file_system(), file, 65'536).value();
      const std::string text = "register = \"" + address + "\"\n" + std::string(as_text(before));
      ASSERT_TRUE(os::write_file_atomically(os::real_file_system(), file, as_bytes(text)));
      address_ = address;
    } else {
      address_ = "sqlite:" + path_ + "/register.db";
    }
    data_.emplace(DataDirectory::open(os::real_file_system(), path_, "").value());
    const auto trail = data_->open_trail();
    ASSERT_TRUE(trail.has_value());
    purpose::Policy policy;
    policy.name = "P";
    policy.adopted_on = "2026-01-01";
    policy.adopted_by = "tester";
    policy.rules = purpose::standard_policy_rules();
    ASSERT_TRUE(adopt(*data_, **trail, std::move(policy)).has_value());
  }

  // What of a crash comes behind the record of the import, when it comes.
  Result<facts::ImportReport> import(std::string_view table, std::string_view file, bool crashes = false) {
    WEERBAAR_ASSIGN(const auto turn, data_->lock_register());
    WEERBAAR_ASSIGN(const auto trail, data_->open_trail());
    WEERBAAR_ASSIGN(const auto facts, data_->open_register());
    WEERBAAR_ASSIGN(const auto delivery, facts::open_fact_file(*facts::find_table(table), file));
    FactOrigin origin;
    origin.source = {"f.csv", std::string(64, 'a'), "tester", Time{1, 0}};
    origin.what = table;
    if (!crashes) return import_facts(*turn, [&](const auto& work) { return work(*trail); }, *facts, *delivery, origin);
    // The record as it would stand there, of an import that is never committed.
    const std::string body = R"({"import":)" + std::to_string(facts->imports().value() + 1) +
                             R"(,"format":"csv","tables":["case"],"origin":"csv","sha256":"bb","states":{}})";
    WEERBAAR_TRY(trail->append_record(kImportRecord, body));
    WEERBAAR_TRY(trail->sign());
    return facts::ImportReport{};
  }
  Result<std::unique_ptr<Judgement>> judgement(std::optional<uint64_t> known_at = std::nullopt) {
    Console console(true);
    WEERBAAR_ASSIGN(const auto trail, data_->open_trail_as_it_is());
    return load_judgement(*data_, *trail, {std::nullopt, known_at}, console, {});
  }
  void by_hand(std::string_view statement) {
    const auto database = sql::Database::open(address_);
    ASSERT_TRUE(database.has_value());
    const auto changed = (*database)->change(statement);
    ASSERT_TRUE(changed.has_value()) << changed.error().text;
  }
  std::vector<std::string> records(std::string_view type) {
    const auto trail = data_->open_trail_as_it_is();
    std::vector<std::string> all;
    const std::vector<EntryIndex> indexes = trail::records_of_type(**trail, type).value();
    for (const EntryIndex index : indexes) {
      all.push_back(trail::record_body(**trail, index).value());
    }
    return all;
  }
  void expect_refused(std::string_view what) {
    const auto judged = judgement();
    ASSERT_FALSE(judged.has_value()) << what;
    EXPECT_EQ(judged.error().code, Code::kCorrupt);
    for (const std::string_view part : {what, std::string_view("register DIR restored")}) {
      EXPECT_THAT(judged.error().text, HasSubstr(part));
    }
    const auto imported = import("case", "case\nZ-9\n");
    ASSERT_FALSE(imported.has_value()) << what;
    EXPECT_EQ(imported.error().code, Code::kCorrupt) << imported.error().text;
  }

  os::TemporaryDirectory directory_;
  std::string path_;
  std::string address_;
  std::optional<DataDirectory> data_;
};

TEST_P(FactImportTest, that_were_recorded_are_judged_by_and_added_to) {
  ASSERT_TRUE(judgement().has_value());
  ASSERT_TRUE(import("case", kCases).has_value());
  ASSERT_TRUE(import("case_employee", "case,employee\nZ-1,e1\nZ-2,e2\n").has_value());
  const auto before = judgement();
  ASSERT_TRUE(before.has_value()) << before.error().text;
  EXPECT_EQ((*before)->known_at, 2U);
  const auto corrected = import("case", "case,name,valid_to\nZ-1,b,\nZ-3,c,2026-02-01\nZ-4,,\n");
  ASSERT_TRUE(corrected.has_value()) << corrected.error().text;
  EXPECT_EQ(corrected->corrected, 2U);
  const auto after = judgement();
  ASSERT_TRUE(after.has_value()) << after.error().text;
  EXPECT_NE((*after)->register_digest, (*before)->register_digest);
  const auto then = judgement(2);
  ASSERT_TRUE(then.has_value()) << then.error().text;
  EXPECT_EQ((*then)->register_digest, (*before)->register_digest);
  EXPECT_EQ(records(kImportRecord).size(), 3U);
  EXPECT_EQ(records(kImportDoneRecord).size(), 3U);
}

TEST_P(FactImportTest, that_only_withdraw_are_judged_by_and_added_to) {
  ASSERT_TRUE(import("case", kCases).has_value());
  const auto before = judgement();
  const auto withdrawn = import("case", "case,withdrawn\nZ-1,yes\n");
  ASSERT_TRUE(withdrawn.has_value()) << withdrawn.error().text;
  EXPECT_EQ(withdrawn->withdrawn, 1U);
  const auto after = judgement();
  ASSERT_TRUE(after.has_value()) << after.error().text;
  EXPECT_EQ((*after)->known_at, 2U);
  EXPECT_NE((*after)->register_digest, (*before)->register_digest);
  ASSERT_TRUE(import("case", "case\nZ-9\n").has_value());
  EXPECT_TRUE(judgement().has_value());
}

TEST_P(FactImportTest, that_were_changed_by_hand_are_refused) {
  ASSERT_TRUE(import("case", kCases).has_value());
  ASSERT_TRUE(import("case_employee", "case,employee\nZ-1,e1\nZ-2,e2\n").has_value());
  const auto change_and_back = [&](std::string_view change, std::string_view back, std::string_view what) {
    by_hand(change);
    expect_refused(what);
    by_hand(back);
    const auto again = judgement();
    EXPECT_TRUE(again.has_value()) << what << ": " << again.error().text;
  };
  change_and_back(R"(UPDATE "fact_case" SET "name" = 'x' WHERE "case" = 'Z-1')",
                  R"(UPDATE "fact_case" SET "name" = 'a' WHERE "case" = 'Z-1')", "facts of it were changed");
  change_and_back(R"(UPDATE "fact_case" SET "name" = '' WHERE "case" = 'Z-2')",
                  R"(UPDATE "fact_case" SET "name" = NULL WHERE "case" = 'Z-2')", "facts of it were changed");
  change_and_back(R"(UPDATE "fact_case" SET valid_to = 77 WHERE "case" = 'Z-1')",
                  R"(UPDATE "fact_case" SET valid_to = 9223372036854775807 WHERE "case" = 'Z-1')",
                  "facts of it were changed");
  change_and_back(R"(UPDATE "fact_case" SET withdrawn_in = 2 WHERE "case" = 'Z-1')",
                  R"(UPDATE "fact_case" SET withdrawn_in = NULL WHERE "case" = 'Z-1')",
                  "holds 2 facts, and must hold 3");
  change_and_back(
      R"(INSERT INTO "fact_case" ("case", valid_from, valid_to, recorded_in, place) VALUES ('Z-8', 1, 2, 1, 9))",
      R"(DELETE FROM "fact_case" WHERE "case" = 'Z-8')", "holds 4 facts, and must hold 3");
  change_and_back("UPDATE import SET digest = 'b' WHERE number = 1",
                  "UPDATE import SET digest = '" + std::string(64, 'a') + "' WHERE number = 1",
                  "its import 1 is another");
  change_and_back(
      "INSERT INTO import (number, table_name, made_at, made_by, file_name, digest, format, origin) VALUES "
      "(3, 'case', 1, 'x', 'x', 'x', 'csv', 'csv')",
      "DELETE FROM import WHERE number = 3", "it holds 3 imports, and the trail 2");
  ASSERT_TRUE(import("case", "case\nZ-9\n").has_value());
}

// What an import rests on that is no fact.
TEST_P(FactImportTest, whose_moments_of_snapshots_were_changed_are_not_added_to) {
  const auto snapshot = [&](int64_t moment) -> Result<facts::ImportReport> {
    WEERBAAR_ASSIGN(const auto turn, data_->lock_register());
    WEERBAAR_ASSIGN(const auto trail, data_->open_trail());
    WEERBAAR_ASSIGN(const auto facts, data_->open_register());
    WEERBAAR_ASSIGN(const auto delivery, facts::open_fact_file(*facts::find_table("case"), kCases));
    FactOrigin origin;
    origin.source = {"f.csv", std::string(64, 'a'), "tester", Time{1, 0}, "cases", Time{moment, 0}};
    origin.what = "case";
    return import_facts(*turn, [&](const auto& work) { return work(*trail); }, *facts, *delivery, origin);
  };
  ASSERT_TRUE(snapshot(1'000'000).has_value());
  by_hand("UPDATE snapshot SET as_of = 1");
  const auto refused = snapshot(2'000'000);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text, HasSubstr("snapshot"));
  by_hand("UPDATE snapshot SET as_of = 1000000");
  EXPECT_TRUE(snapshot(2'000'000).has_value());
}

TEST_P(FactImportTest, of_an_older_copy_are_refused_until_it_is_recorded_as_put_back) {
  ASSERT_TRUE(import("case", kCases).has_value());
  ASSERT_TRUE(import("case", "case,name\nZ-1,b\n").has_value());
  // As a copy of the time before the second import would be.
  by_hand(R"(DELETE FROM "fact_case" WHERE recorded_in = 2)");
  by_hand(R"(UPDATE "fact_case" SET withdrawn_in = NULL)");
  by_hand("DELETE FROM import WHERE number = 2");
  expect_refused("it holds 1 import, and the trail 2");
  const auto restore = [&]() -> Result<uint64_t> {
    WEERBAAR_ASSIGN(const auto turn, data_->lock_register());
    WEERBAAR_ASSIGN(const auto trail, data_->open_trail());
    WEERBAAR_ASSIGN(const auto facts, data_->open_register());
    return take_restored(*turn, *trail, *facts, {"", "disk lost"});
  };
  by_hand(R"(UPDATE "fact_case" SET "name" = 'x' WHERE "case" = 'Z-1')");
  EXPECT_FALSE(restore().has_value());
  by_hand(R"(UPDATE "fact_case" SET "name" = 'a' WHERE "case" = 'Z-1')");
  const auto restored = restore();
  ASSERT_TRUE(restored.has_value()) << restored.error().text;
  EXPECT_EQ(*restored, 1U);
  EXPECT_THAT(records(kImportUndoneRecord), ::testing::ElementsAre(HasSubstr("older copy")));
  const auto judged = judgement();
  ASSERT_TRUE(judged.has_value()) << judged.error().text;
  EXPECT_EQ((*judged)->known_at, 1U);
  EXPECT_EQ(import("case", "case\nZ-9\n")->number, 2U);
  EXPECT_TRUE(judgement().has_value());
}

TEST_P(FactImportTest, that_a_crash_kept_out_of_the_register_are_recorded_as_undone_by_the_next) {
  ASSERT_TRUE(import("case", kCases).has_value());
  ASSERT_TRUE(import("case", kCases, true).has_value());
  const auto between = judgement();
  ASSERT_TRUE(between.has_value()) << between.error().text;
  EXPECT_EQ((*between)->known_at, 1U);
  const auto next = import("case", "case\nZ-9\n");
  ASSERT_TRUE(next.has_value()) << next.error().text;
  EXPECT_EQ(next->number, 2U);
  EXPECT_THAT(records(kImportUndoneRecord), ::testing::ElementsAre(R"({"import":2,"why":"it did not happen"})"));
  EXPECT_TRUE(judgement().has_value());
}

// A crash behind the commit, before the trail says so.
TEST_P(FactImportTest, that_were_committed_and_not_yet_recorded_as_done_count_and_are_recorded_by_the_next) {
  WEERBAAR_CHECK(import("case", kCases).has_value());
  {
    const auto trail = data_->open_trail();
    const auto facts = data_->open_register();
    const auto delivery = facts::open_fact_file(*facts::find_table("unit"), "unit\nU1\n");
    const facts::Source source{"f.csv", "cc", "tester", Time{1, 0}};
    const auto record = [&](const facts::ImportReport& report) -> Status {
      const std::string state = json_of(report.states[0].after).dump();
      WEERBAAR_TRY((*trail)->append_record(
          kImportRecord,
          R"({"import":2,"format":"csv","tables":["unit"],"origin":"csv","sha256":"cc","states":{"unit":)" + state +
              "}}"));
      WEERBAAR_TRY((*trail)->sign());
      return {};
    };
    ASSERT_TRUE((*facts)->import(**delivery, source, record).has_value());
  }
  EXPECT_EQ((*judgement())->known_at, 2U);
  EXPECT_EQ(import("unit", "unit\nU2\n")->number, 3U);
  EXPECT_EQ(records(kImportDoneRecord).size(), 3U);
  EXPECT_TRUE(records(kImportUndoneRecord).empty());
}

TEST_P(FactImportTest, at_the_same_moment_come_one_after_the_other) {
  constexpr int kImporters = 3;
  constexpr int kEach = 4;
  std::atomic<int> imported = 0;
  std::vector<std::thread> importers;
  for (int importer = 0; importer < kImporters; ++importer) {
    importers.emplace_back([&, importer] {
      for (int i = 0; i < kEach; ++i) {
        DataDirectory data = DataDirectory::open(os::real_file_system(), path_, "").value();
        const std::string file = "case\nZ-" + std::to_string(importer) + "\n";
        const auto turn = data.lock_register();
        const auto facts = data.open_register();
        const auto delivery = facts::open_fact_file(*facts::find_table("case"), file);
        FactOrigin origin;
        origin.source = {"f.csv", std::string(64, 'a'), "tester", Time{1, 0}};
        origin.what = "case";
        const auto with_trail = [&data](const auto& work) { return data.with_trail(work); };
        imported += turn && facts && import_facts(**turn, with_trail, **facts, **delivery, origin).has_value();
      }
    });
  }
  for (std::thread& importer : importers) importer.join();
  EXPECT_EQ(imported, kImporters * kEach);
  EXPECT_EQ(records(kImportDoneRecord).size(), static_cast<size_t>(kImporters * kEach));
  EXPECT_TRUE(records(kImportUndoneRecord).empty());
  const auto judged = judgement();
  ASSERT_TRUE(judged.has_value()) << judged.error().text;
  EXPECT_EQ((*judged)->known_at, static_cast<uint64_t>(kImporters * kEach));
}

TEST_P(FactImportTest, that_older_versions_said_to_be_done_behind_the_next_one_count) {
  ASSERT_TRUE(import("case", kCases).has_value());
  ASSERT_TRUE(import("case", "case\nZ-9\n").has_value());
  const auto say = [&](std::string_view type, std::string_view body) {
    const auto trail = data_->open_trail();
    ASSERT_TRUE((*trail)->append_record(type, body).has_value());
    ASSERT_TRUE((*trail)->sign().has_value());
  };
  say(kImportDoneRecord, R"({"import":1})");
  EXPECT_TRUE(judgement().has_value());
  EXPECT_EQ(import("case", "case\nZ-10\n")->number, 3U);
  say(kImportUndoneRecord, R"({"import":1,"why":"it did not happen"})");
  EXPECT_EQ(os::refusal(judgement()), Code::kCorrupt) << "what others stand on was not undone";
}

// Records of versions that did not say what the register held.
TEST_P(FactImportTest, of_older_versions_are_taken_as_they_are_and_compared_from_the_next_import_on) {
  {
    const auto trail = data_->open_trail();
    const auto facts = data_->open_register();
    const auto delivery = facts::open_fact_file(*facts::find_table("case"), kCases);
    const auto record = [&](const facts::ImportReport&) -> Status {
      WEERBAAR_TRY((*trail)->append_record(
          kImportRecord, R"({"import":1,"format":"csv","tables":["case"],"origin":"csv","sha256":"cc"})"));
      WEERBAAR_TRY((*trail)->sign());
      return {};
    };
    ASSERT_TRUE((*facts)->import(**delivery, {"f.csv", "cc", "tester", Time{1, 0}}, record).has_value());
  }
  const auto old = judgement();
  ASSERT_TRUE(old.has_value()) << old.error().text;
  ASSERT_TRUE(import("unit", "unit\nU2\n").has_value());
  ASSERT_TRUE(judgement().has_value());
  EXPECT_EQ((*judgement(1))->register_digest, (*old)->register_digest);
  by_hand(R"(UPDATE "fact_case" SET "name" = 'x' WHERE "case" = 'Z-1')");
  expect_refused("the table \"case\"");
}

INSTANTIATE_TEST_SUITE_P(All, FactImportTest, ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgresql),
                         [](const auto& tested) {
                           return tested.param == sql::Dialect::kSqlite ? "sqlite" : "postgresql";
                         });

}  // namespace
}  // namespace weerbaar::server
