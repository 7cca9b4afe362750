// Every test runs on SQLite and on a PostgreSQL server that is started for it, and asks the same of both.
#include "register/register.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "os/testing.h"
#include "support/shared_server.h"

namespace weerbaar::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kDay = 86'400'000'000;

class RegisterTest : public ::testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    address_ = GetParam() == sql::Dialect::kSqlite ? "sqlite:" + directory_.path() + "/register.db"
                                                   : support::SharedServer::get().new_database();
    if (address_.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
    register_ = open();
  }
  std::unique_ptr<Register> open() {
    auto database = sql::Database::open(address_);
    EXPECT_TRUE(database.has_value()) << (database ? "" : database.error().text);
    auto opened = Register::open(std::move(*database));
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().text);
    return opened ? std::move(*opened) : nullptr;
  }
  ImportReport import(std::string_view table, std::string_view file) {
    auto report = register_->import(*find_table(table), file, {"facts.csv", std::string(64, 'a'), "tester", Time{1, 0}},
                                    [](const ImportReport&) { return Status(); });
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().text);
    return report ? std::move(*report) : ImportReport{};
  }
  // "values from to", with moments as days since 1970.
  std::vector<std::string> facts(std::string_view table, uint64_t known_at) {
    std::vector<std::string> all;
    const Status status = register_->read(*find_table(table), known_at, [&](const Fact& fact) -> Status {
      const auto day = [](int64_t micros) {
        return micros == kAlways || micros == kUntilFurtherNotice ? std::string("-") : std::to_string(micros / kDay);
      };
      all.push_back(fmt::format("{} {} {}", fmt::join(fact.values, "|"), day(fact.valid_from), day(fact.valid_to)));
      return {};
    });
    EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().text);
    EXPECT_EQ(register_->count(*find_table(table), known_at), all.size());
    return all;
  }
  static std::vector<std::string> refusals(const ImportReport& report) {
    std::vector<std::string> all;
    for (const Refusal& refusal : report.refusals) all.push_back(fmt::format("{}: {}", refusal.place, refusal.why));
    return all;
  }

  os::TemporaryDirectory directory_;
  std::string address_;
  std::unique_ptr<Register> register_;
};

TEST_P(RegisterTest, gives_facts_back_as_they_came_also_when_opened_again) {
  const ImportReport report = import("position", R"(employee,unit,function,location,valid_from,valid_to
u2,U1,inspector,Zwolle,1970-01-11,
u1,U1,inspector,,1970-01-11,1970-01-21
u1,U1,inspector,Zwolle,1970-01-21,
)");
  EXPECT_EQ(report.number, 1U);
  EXPECT_EQ(report.added, 3U);
  EXPECT_THAT(refusals(report), IsEmpty());
  register_ = open();
  EXPECT_EQ(register_->imports(), 1U);
  EXPECT_THAT(facts("position", 1),
              ElementsAre("u1|U1|inspector| 10 20", "u1|U1|inspector|Zwolle 20 -", "u2|U1|inspector|Zwolle 10 -"));
  EXPECT_THAT(facts("position", 0), IsEmpty());
}

TEST_P(RegisterTest, a_correction_changes_what_is_known_later_and_nothing_before) {
  import("shielded", "subject,ground,valid_from\nbsn:123456782,threat,1970-01-11\nbsn:111222333,threat,1970-01-11\n");
  const ImportReport corrected = import("shielded", R"(subject,ground,valid_from,valid_to
bsn:123456782,court,1970-01-11,1970-02-01
bsn:111222333,threat,1970-01-11,
)");
  EXPECT_EQ(corrected.corrected, 1U);
  EXPECT_EQ(corrected.unchanged, 1U);
  EXPECT_EQ(corrected.added, 0U);
  EXPECT_THAT(facts("shielded", 1), ElementsAre("bsn:111222333|threat 10 -", "bsn:123456782|threat 10 -"));
  EXPECT_THAT(facts("shielded", 2), ElementsAre("bsn:111222333|threat 10 -", "bsn:123456782|court 10 31"));
}

TEST_P(RegisterTest, the_same_file_again_changes_nothing) {
  constexpr std::string_view kFile = "case,employee,valid_from\nZ1,u1,1970-01-11\nZ1,u2,\nZ1,u2,\n";
  EXPECT_EQ(import("case_employee", kFile).unchanged, 1U);
  const ImportReport again = import("case_employee", kFile);
  EXPECT_EQ(again.unchanged, 3U);
  EXPECT_EQ(again.added + again.corrected + again.refused, 0U);
  EXPECT_EQ(facts("case_employee", 2), facts("case_employee", 1));
}

TEST_P(RegisterTest, refuses_an_overlap_and_names_both_rows) {
  import("duty", "employee,region,valid_from,valid_to\nu1,R1,1970-01-11,1970-01-21\n");
  const ImportReport report = import("duty", R"(employee,region,valid_from,valid_to
u1,R1,1970-01-15,1970-01-25
u1,R1,1970-01-21,1970-01-31
u1,R1,1970-01-30,
u1,R2,1970-01-15,
)");
  EXPECT_EQ(report.added, 1U);
  EXPECT_THAT(refusals(report),
              ElementsAre(HasSubstr("2: its validity overlaps that of the fact of line 2 of import 1"),
                          HasSubstr("3: its validity overlaps that of line 2"),
                          HasSubstr("4: its validity overlaps that of line 3")));
}

TEST_P(RegisterTest, what_ends_a_fact_and_begins_the_next_may_come_together) {
  import("shift", "employee,location,valid_from\nu1,Zwolle,1970-01-11\n");
  const ImportReport report = import("shift", R"(employee,location,valid_from,valid_to
u1,Zwolle,1970-01-11,1970-01-21
u1,Utrecht,1970-01-21,
)");
  EXPECT_EQ(report.corrected, 1U);
  EXPECT_EQ(report.added, 1U);
  EXPECT_THAT(facts("shift", 2), ElementsAre("u1|Zwolle 10 20", "u1|Utrecht 20 -"));
}

// Line 2 would end the first fact, and overlaps the second: so it is refused, the first stays, and line 3 overlaps it.
TEST_P(RegisterTest, a_correction_that_is_refused_corrects_nothing) {
  import("shift", "employee,location,valid_from,valid_to\nu1,A,1970-01-11,1970-01-21\nu1,B,1970-01-21,1970-01-31\n");
  const ImportReport report = import("shift", R"(employee,location,valid_from,valid_to
u1,C,1970-01-11,1970-01-23
u1,D,1970-01-15,1970-01-18
)");
  EXPECT_EQ(report.refused, 2U);
  EXPECT_THAT(facts("shift", 2), ElementsAre("u1|A 10 20", "u1|B 20 30"));
}

TEST_P(RegisterTest, takes_all_of_a_file_or_nothing) {
  bool was_recorded = false;
  const auto record = [&](const ImportReport& report) -> Status {
    was_recorded = report.added == 1;
    return fail(Code::kIo, "the trail takes nothing in");
  };
  const auto refused = register_->import(*find_table("unit"), "unit,nmae\nU1,x\n", {}, record);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_FALSE(was_recorded);
  EXPECT_EQ(register_->import(*find_table("unit"), "unit\nU1\n", {}, record).error().code, Code::kIo);
  EXPECT_TRUE(was_recorded);
  EXPECT_EQ(register_->imports(), 0U);
  EXPECT_EQ(import("unit", "unit\nU1\n").number, 1U);
}

// The rule of refusals, written as it is said.
class ObviousRegister {
 public:
  struct Row {
    uint64_t line;
    std::string key;
    std::string value;
    int64_t from;
    int64_t to;
    bool operator==(const Row& other) const {
      return key == other.key && value == other.value && from == other.from && to == other.to;
    }
  };

  std::vector<uint64_t> import(const std::vector<Row>& rows) {
    std::map<uint64_t, bool> refused;
    std::vector<Row> fresh;
    for (const Row& row : rows) {
      const bool is_known =
          std::ranges::find(facts_, row) != facts_.end() || std::ranges::find(fresh, row) != fresh.end();
      if (!is_known) fresh.push_back(row);
    }
    // Those that are known already count as earlier ones too.
    for (const Row& row : fresh) {
      refused[row.line] = std::ranges::any_of(rows, [&](const Row& earlier) {
        return earlier.line < row.line && overlaps(earlier, row) && !(earlier == row);
      });
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (const Row& row : fresh) {
        if (refused[row.line]) continue;
        const bool hits = std::ranges::any_of(facts_, [&](const Row& fact) {
          return overlaps(fact, row) && std::ranges::none_of(fresh, [&](const Row& other) {
                   return !refused[other.line] && other.key == fact.key && other.from == fact.from;
                 });
        });
        if (hits) changed = refused[row.line] = true;
      }
    }
    std::vector<uint64_t> lines;
    for (const Row& row : fresh) {
      if (refused[row.line]) {
        lines.push_back(row.line);
        continue;
      }
      std::erase_if(facts_, [&](const Row& fact) { return fact.key == row.key && fact.from == row.from; });
      facts_.push_back(row);
    }
    return lines;
  }
  [[nodiscard]] std::vector<std::string> facts() const {
    std::vector<Row> sorted = facts_;
    std::ranges::sort(sorted,
                      [](const Row& a, const Row& b) { return std::pair(a.key, a.from) < std::pair(b.key, b.from); });
    std::vector<std::string> all;
    for (const Row& row : sorted) all.push_back(fmt::format("{}|{} {} {}", row.key, row.value, row.from, row.to));
    return all;
  }

 private:
  static bool overlaps(const Row& a, const Row& b) { return a.key == b.key && a.from < b.to && b.from < a.to; }

  std::vector<Row> facts_;
};

TEST_P(RegisterTest, refuses_exactly_what_the_rule_says) {
  std::mt19937_64 random(7);
  ObviousRegister obvious;
  size_t refused = 0;
  for (uint64_t number = 1; number <= 12; ++number) {
    std::string file = "employee,location,valid_from,valid_to\n";
    std::vector<ObviousRegister::Row> rows;
    for (uint64_t line = 2; line < 40; ++line) {
      const auto from = static_cast<int64_t>(1 + random() % 25);
      const auto to = from + 1 + static_cast<int64_t>(random() % 3);
      rows.push_back({line, fmt::format("u{}", random() % 6), fmt::format("L{}", random() % 2), from, to});
      file += fmt::format("{},{},1970-01-{:02},1970-01-{:02}\n", rows.back().key, rows.back().value, from + 1, to + 1);
    }
    const ImportReport report = import("shift", file);
    std::vector<uint64_t> lines;
    for (const Refusal& refusal : report.refusals) lines.push_back(refusal.place);
    ASSERT_EQ(lines, obvious.import(rows)) << "import " << number;
    ASSERT_EQ(facts("shift", number), obvious.facts()) << "import " << number;
    refused += lines.size();
  }
  EXPECT_GT(refused, 100U);
}

TEST_P(RegisterTest, a_fact_is_withdrawn_as_if_it_never_was_and_stays_known_before) {
  import("shift", "employee,location,valid_from,valid_to\nu1,L1,1970-01-11,1970-01-21\nu1,L2,1970-01-21,\nu2,L3,,\n");
  const std::vector<std::string> before = facts("shift", 1);
  const std::string file =
      "employee,location,valid_from,valid_to,withdrawn\nu1,,1970-01-11,,yes\nu2,,,,yes\nu1,L9,1970-01-06,1970-01-21,"
      "no\n"
      "u2,,,,yes\n";
  const ImportReport report = import("shift", file);
  EXPECT_THAT(refusals(report), IsEmpty());
  EXPECT_EQ(report.withdrawn, 2U);
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(report.corrected, 0U);
  EXPECT_EQ(report.unchanged, 1U);
  EXPECT_THAT(facts("shift", 2), ElementsAre("u1|L9 5 20", "u1|L2 20 -"));
  EXPECT_EQ(facts("shift", 1), before);
  // The same again changes nothing.
  const ImportReport again = import("shift", file);
  EXPECT_THAT(refusals(again), IsEmpty());
  EXPECT_EQ(again.withdrawn, 0U);
  EXPECT_EQ(again.unchanged, 4U);
  EXPECT_EQ(facts("shift", 3), facts("shift", 2));
  // What was withdrawn may be said anew.
  EXPECT_EQ(import("shift", "employee,location\nu2,L3\n").added, 1U);
  EXPECT_THAT(facts("shift", 4), ElementsAre("u1|L9 5 20", "u1|L2 20 -", "u2|L3 - -"));
}

TEST_P(RegisterTest, a_row_that_withdraws_is_refused_where_there_is_nothing_to_withdraw) {
  import("account", "account,employee,valid_from\na1,e1,1970-01-11\n");
  const ImportReport report = import("account", "account,valid_from,withdrawn\na1,1970-01-12,yes\na2,1970-01-11,yes\n");
  EXPECT_THAT(refusals(report),
              ElementsAre("2: it withdraws a fact, and there never was one with its key and beginning",
                          "3: it withdraws a fact, and there never was one with its key and beginning"));
  EXPECT_THAT(facts("account", 2), ElementsAre("a1|e1 10 -"));
  const ImportReport both =
      import("account", "account,employee,valid_from,withdrawn\na1,,1970-01-11,yes\na1,e2,1970-01-11,\n");
  EXPECT_THAT(refusals(both),
              ElementsAre("2: it withdraws what another row says, with the same key and beginning: that "
                          "row corrects it by itself"));
  EXPECT_THAT(facts("account", 3), ElementsAre("a1|e2 10 -"));
}

TEST_P(RegisterTest, a_snapshot_withdraws_nothing) {
  import("unit", "unit,name\nU1,One\n");
  Source source{"facts.csv", std::string(64, 'a'), "tester", Time{1, 0}};
  source.snapshot_at = Time{kDay, 0};
  const auto report = register_->import(*find_table("unit"), "unit,withdrawn\nU1,yes\n", source,
                                        [](const ImportReport&) { return Status(); });
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(report.error().text, HasSubstr("line 2: a snapshot says what is so, and withdraws nothing"));
  EXPECT_THAT(facts("unit", 1), ElementsAre("U1|One| - -"));
}

// Each overlaps the one before: to compare each with each would take minutes.
TEST_P(RegisterTest, a_long_chain_of_rows_that_overlap_is_refused_row_by_row) {
  constexpr int kRows = 20'000;
  std::string file = "employee,location,valid_from,valid_to\n";
  for (int i = 0; i < kRows; ++i) {
    file += fmt::format("u1,L{},{},{}\n", i, format_time({i * kDay, 0}), format_time({(i + 1) * kDay + 1, 0}));
  }
  const ImportReport report = import("shift", file);
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(report.refused, kRows - 1U);
  EXPECT_EQ(refusals(report)[0], "3: its validity overlaps that of line 2, which says something else about the same");
  EXPECT_EQ(refusals(report)[999],
            "1002: its validity overlaps that of line 1001, which says something else about the same");
}

INSTANTIATE_TEST_SUITE_P(Both, RegisterTest, ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgresql),
                         [](const auto& tested) {
                           return std::string(tested.param == sql::Dialect::kSqlite ? "sqlite" : "postgresql");
                         });

TEST(Register, of_a_newer_program_is_left_alone) {
  const os::TemporaryDirectory directory;
  const std::string address = "sqlite:" + directory.path() + "/register.db";
  ASSERT_TRUE(Register::open(std::move(*sql::Database::open(address))).has_value());
  ASSERT_TRUE((*sql::Database::open(address))->change("INSERT INTO schema_version VALUES (99)").has_value());
  const auto opened = Register::open(std::move(*sql::Database::open(address)));
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().text, HasSubstr("version 99"));
}

}  // namespace
}  // namespace weerbaar::facts
