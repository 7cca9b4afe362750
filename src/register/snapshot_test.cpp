// Snapshots and deliveries of several tables in the register itself: on SQLite and on a PostgreSQL server that is
// started for it, asking the same of both.
#include "register/snapshot.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "os/testing.h"
#include "register/fact_file.h"
#include "register/formats.h"
#include "register/register.h"
#include "support/shared_server.h"

namespace weerbaar::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

constexpr int64_t kDay = 86'400'000'000;

class SnapshotTest : public ::testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    const std::string address = GetParam() == sql::Dialect::kSqlite ? "sqlite:" + directory_.path() + "/register.db"
                                                                    : support::SharedServer::get().new_database();
    if (address.empty()) GTEST_SKIP() << support::SharedServer::get().why_not();
    auto database = sql::Database::open(address);
    ASSERT_TRUE(database.has_value()) << database.error().text;
    auto opened = Register::open(std::move(*database));
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    register_ = std::move(*opened);
  }

  Result<ImportReport> take(Delivery& delivery, const std::string& origin, std::optional<int64_t> day) {
    Source source{"facts", std::string(64, 'a'), "tester", Time{1, 0}};
    source.origin = origin;
    if (day) source.snapshot_at = Time{*day * kDay, 0};
    return register_->import(delivery, source, [](const ImportReport&) { return Status(); });
  }
  // A file of CSV; `day`: of the snapshot, since 1970.
  Result<ImportReport> try_csv(std::string_view table, std::string_view file, const std::string& origin,
                               std::optional<int64_t> day) {
    WEERBAAR_ASSIGN(const auto delivery, open_fact_file(*find_table(table), file));
    return take(*delivery, origin, day);
  }
  ImportReport csv(std::string_view table, std::string_view file, const std::string& origin = "csv",
                   std::optional<int64_t> day = std::nullopt) {
    auto report = try_csv(table, file, origin, day);
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().text);
    return report ? std::move(*report) : ImportReport{};
  }
  ImportReport deliver(std::string_view format, std::string_view file, std::string_view mapping,
                       std::optional<int64_t> day) {
    auto parsed = parse_delivery_mapping(format, mapping, "mapping.toml");
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().text);
    const auto delivery = find_delivery_format(format)->open(file, std::move(*parsed), day.has_value());
    auto report = take(*delivery, std::string(format), day);
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().text);
    return report ? std::move(*report) : ImportReport{};
  }

  static std::string day(int64_t micros) {
    return micros == kAlways || micros == kUntilFurtherNotice ? std::string("-") : fmt::format("{}", micros / kDay);
  }
  // "values from to", with moments as days since 1970.
  Lines facts(std::string_view table, std::optional<uint64_t> known_at = std::nullopt) {
    Lines all;
    const uint64_t last = register_->imports().value_or(0);
    const Status status = register_->read(*find_table(table), known_at.value_or(last), [&](const Fact& fact) -> Status {
      all.push_back(fmt::format("{} {} {}", fmt::join(fact.values, "|"), day(fact.valid_from), day(fact.valid_to)));
      return {};
    });
    EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().text);
    return all;
  }
  static Lines refusals(const ImportReport& report) {
    Lines all;
    for (const Refusal& refusal : report.refusals) all.push_back(fmt::format("{}: {}", refusal.place, refusal.why));
    return all;
  }

  os::TemporaryDirectory directory_;
  std::unique_ptr<Register> register_;
};

TEST_P(SnapshotTest, three_of_one_origin_make_a_history_that_is_known_as_it_was_after_each) {
  const ImportReport first = csv("position", "employee,unit,function\nu1,A,clerk\nu2,A,clerk\n", "hr", 10);
  EXPECT_EQ(first.added, 2U);
  const ImportReport second = csv("position", "employee,unit,function\nu1,B,clerk\nu2,A,clerk\nu3,A,head\n", "hr", 20);
  EXPECT_EQ(second.added, 2U);
  EXPECT_EQ(second.ended, 1U);
  EXPECT_EQ(second.unchanged, 1U);
  EXPECT_EQ(second.corrected, 0U);
  const ImportReport third = csv("position", "employee,unit,function\nu3,A,head\nu1,A,clerk\n", "hr", 30);
  EXPECT_EQ(third.ended, 2U);
  EXPECT_EQ(third.added, 1U);
  EXPECT_THAT(facts("position", 1), ElementsAre("u1|A|clerk| 10 -", "u2|A|clerk| 10 -"));
  EXPECT_THAT(facts("position", 2),
              ElementsAre("u1|A|clerk| 10 20", "u1|B|clerk| 20 -", "u2|A|clerk| 10 -", "u3|A|head| 20 -"));
  EXPECT_THAT(facts("position", 3), ElementsAre("u1|A|clerk| 10 20", "u1|A|clerk| 30 -", "u1|B|clerk| 20 30",
                                                "u2|A|clerk| 10 30", "u3|A|head| 20 -"));
}

TEST_P(SnapshotTest, that_says_something_else_about_the_same_ends_the_one_and_begins_the_other) {
  csv("employee", "employee,surname\nu1,Jansen\nu2,Bakker\n", "hr", 10);
  const ImportReport report = csv("employee", "employee,surname\nu1,Jansen-Smit\nu2,Bakker\n", "hr", 20);
  EXPECT_EQ(report.ended, 1U);
  EXPECT_EQ(report.added, 1U);
  EXPECT_THAT(facts("employee"), ElementsAre("u1||Jansen|| 10 20", "u1||Jansen-Smit|| 20 -", "u2||Bakker|| 10 -"));
}

TEST_P(SnapshotTest, that_comes_again_changes_nothing) {
  constexpr std::string_view kFile = "employee,unit,function\nu1,A,clerk\nu2,A,clerk\n";
  csv("position", kFile, "hr", 10);
  for (const int64_t moment : {10, 15}) {
    const ImportReport again = csv("position", kFile, "hr", moment);
    EXPECT_EQ(again.unchanged, 2U);
    EXPECT_EQ(again.added + again.ended + again.corrected + again.refused + again.kept, 0U);
    EXPECT_EQ(facts("position"), facts("position", 1));
  }
}

TEST_P(SnapshotTest, of_the_same_moment_corrects_what_was_said_of_it) {
  csv("employee", "employee,surname\nu1,Jansen\nu2,Bakker\n", "hr", 10);
  csv("employee", "employee,surname\nu1,Janssen\n", "hr", 10);
  EXPECT_THAT(facts("employee"), ElementsAre("u1||Janssen|| 10 -"));
  EXPECT_THAT(facts("employee", 1), ElementsAre("u1||Jansen|| 10 -", "u2||Bakker|| 10 -"));
}

TEST_P(SnapshotTest, older_than_the_last_of_its_origin_and_table_is_refused_and_changes_nothing) {
  csv("unit", "unit\nA\n", "hr", 20);
  const auto older = try_csv("unit", "unit\nB\n", "hr", 10);
  ASSERT_FALSE(older.has_value());
  EXPECT_EQ(older.error().code, Code::kInvalid);
  EXPECT_THAT(older.error().text, HasSubstr("1970-01-11T00:00:00Z"));
  EXPECT_THAT(older.error().text, HasSubstr("1970-01-21T00:00:00Z"));
  EXPECT_THAT(older.error().text, HasSubstr("--as-of"));
  EXPECT_EQ(register_->imports(), 1U);
  EXPECT_THAT(facts("unit"), ElementsAre("A|| 20 -"));
  csv("unit", "unit\nB\n", "other", 10);
  csv("location", "location\nL\n", "hr", 10);
  EXPECT_THAT(facts("unit"), ElementsAre("A|| 20 -", "B|| 10 -"));
}

TEST_P(SnapshotTest, ends_nothing_of_other_origins_nor_of_other_tables) {
  csv("unit", "unit,name\nA,x\nB,y\n");
  csv("unit", "unit,name\nC,z\n", "city", 5);
  csv("location", "location\nL\n", "hr", 5);
  csv("unit", "unit,name\nA,x\nD,w\n", "hr", 10);
  csv("unit", "unit,name\nE,v\n", "hr", 20);
  EXPECT_THAT(facts("unit"), ElementsAre("A|x| - -", "B|y| - -", "C|z| 5 -", "D|w| 10 20", "E|v| 20 -"));
  EXPECT_THAT(facts("location"), ElementsAre("L|| 5 -"));
}

TEST_P(SnapshotTest, gives_way_to_what_another_origin_says_also_when_that_begins_at_its_moment) {
  csv("unit", "unit,name,valid_from\nA,x,1970-01-06\nB,x,1970-01-11\n");
  const ImportReport report = csv("unit", "unit,name\nA,y\nB,y\nC,y\n", "hr", 10);
  EXPECT_EQ(report.added, 1U);
  EXPECT_THAT(refusals(report),
              ElementsAre(HasSubstr("2: its validity overlaps that of the fact of line 2 of import 1"),
                          HasSubstr("3: its validity overlaps that of the fact of line 3 of import 1")));
  EXPECT_THAT(facts("unit"), ElementsAre("A|x| 5 -", "B|x| 10 -", "C|y| 10 -"));
}

TEST_P(SnapshotTest, does_not_compare_columns_that_its_origin_does_not_have) {
  csv("employee", "employee,surname,subject,valid_from\nu1,Jansen,bsn:123456782,1970-01-02\n");
  const ImportReport report = csv("employee", "employee,surname\nu1,Jansen\n", "hr", 10);
  EXPECT_EQ(report.unchanged, 1U);
  EXPECT_EQ(csv("employee", "employee,surname,subject\nu1,Jansen,\n", "hr", 10).refused, 1U);
  EXPECT_THAT(facts("employee"), ElementsAre("u1||Jansen|bsn:123456782| 1 -"));
}

TEST_P(SnapshotTest, of_which_something_was_refused_ends_only_what_it_says_otherwise) {
  csv("employee", "employee,surname\nu1,Jansen\nu2,Bakker\nu3,Visser\n", "hr", 10);
  const ImportReport report = csv("employee", "employee,surname\nu1,Jansen-Smit\n,Bakker\nu4,Mulder\n", "hr", 20);
  EXPECT_EQ(report.refused, 1U);
  EXPECT_EQ(report.ended, 1U);
  EXPECT_EQ(report.kept, 2U);
  EXPECT_THAT(facts("employee"), ElementsAre("u1||Jansen|| 10 20", "u1||Jansen-Smit|| 20 -", "u2||Bakker|| 10 -",
                                             "u3||Visser|| 10 -", "u4||Mulder|| 20 -"));
  const ImportReport mended = csv("employee", "employee,surname\nu1,Jansen-Smit\nu2,Bakker\nu4,Mulder\n", "hr", 30);
  EXPECT_EQ(mended.ended, 1U);
  EXPECT_EQ(mended.kept, 0U);
}

TEST_P(SnapshotTest, that_says_nothing_is_refused) {
  csv("unit", "unit\nA\n", "hr", 10);
  EXPECT_THAT(try_csv("unit", "unit\n", "hr", 20).error().text, HasSubstr("holds no fact"));
  EXPECT_THAT(try_csv("unit", "unit,name\n,x\n", "hr", 20).error().text, HasSubstr("holds no fact"));
  EXPECT_THAT(facts("unit"), ElementsAre("A|| 10 -"));
}

TEST_P(SnapshotTest, may_say_since_when_and_until_when) {
  csv("unit", "unit,name,valid_from,valid_to\nA,x,1970-01-02,\nB,x,1970-01-02,\nC,x,,1970-02-10\n", "hr", 10);
  EXPECT_THAT(facts("unit"), ElementsAre("A|x| 1 -", "B|x| 1 -", "C|x| 10 40"));
  // A began earlier than was said; B became something else between the two; C is what it was.
  const ImportReport report = csv("unit",
                                  "unit,name,valid_from,valid_to\nA,x,1970-01-01,\nB,y,1970-01-16,\nC,x,,1970-02-10\n"
                                  "D,x,,1970-01-05\n",
                                  "hr", 20);
  EXPECT_THAT(refusals(report), ElementsAre(HasSubstr("5: it ended before the moment of the snapshot")));
  EXPECT_THAT(facts("unit"), ElementsAre("A|x| 0 -", "B|x| 1 15", "B|y| 15 -", "C|x| 10 40"));
}

TEST_P(SnapshotTest, takes_back_what_was_to_begin_later) {
  csv("unit", "unit,name,valid_from\nA,x,1970-02-10\nB,x,1970-01-02\n", "hr", 10);
  csv("unit", "unit,name,valid_from\nB,x,1970-01-02\n", "hr", 20);
  EXPECT_THAT(facts("unit"), ElementsAre("B|x| 1 -"));
}

TEST_P(SnapshotTest, corrects_of_its_own_origin_what_had_ended) {
  csv("unit", "unit,name,valid_from,valid_to\nA,x,1970-01-02,1970-01-06\n", "hr", 10);
  const ImportReport report = csv("unit", "unit,name,valid_from\nA,x,1970-01-02\n", "hr", 20);
  EXPECT_EQ(report.corrected, 1U);
  EXPECT_THAT(facts("unit"), ElementsAre("A|x| 1 -"));
}

// The rule of snapshots, written as it is said. Rows say what is so at the moment, and nothing of before and after.
class ObviousSnapshots {
 public:
  struct Row {
    uint64_t line;
    std::string key;
    std::string value;
  };

  // One row of another origin.
  void add(const std::string& key, const std::string& value, int64_t from, int64_t to, const std::string& origin) {
    const Known row{key, value, from, to, origin};
    for (const Known& fact : facts_) {
      if (fact.key == key && fact.value == value && fact.from == from && fact.to == to) return;
      if (fact.key == key && fact.from < to && from < fact.to && fact.from != from) return;
    }
    std::erase_if(facts_, [&](const Known& fact) { return fact.key == key && fact.from == from; });
    facts_.push_back(row);
  }

  // The lines that are refused.
  std::vector<uint64_t> take(const std::vector<Row>& rows, int64_t moment, const std::string& origin,
                             bool is_doubtful) {
    const auto is_so = [&](const Known& fact, const Row& row) {
      return fact.key == row.key && fact.value == row.value && fact.from <= moment && fact.to > moment;
    };
    const auto may_end = [&](const Known& fact) {
      return fact.origin == origin && fact.to > moment &&
             std::ranges::none_of(rows, [&](const Row& row) { return is_so(fact, row); });
    };
    std::vector<uint64_t> refused;
    std::vector<Row> accepted;
    for (const Row& row : rows) {
      if (std::ranges::any_of(facts_, [&](const Known& fact) { return is_so(fact, row); })) continue;
      const auto earlier = [&](const Row& other) { return other.line < row.line && other.key == row.key; };
      const bool is_said =
          std::ranges::any_of(rows, [&](const Row& other) { return earlier(other) && other.value == row.value; });
      if (is_said) continue;
      const bool is_contradicted = std::ranges::any_of(rows, earlier);
      const bool hits = std::ranges::any_of(
          facts_, [&](const Known& fact) { return fact.key == row.key && fact.to > moment && !may_end(fact); });
      if (is_contradicted || hits) {
        refused.push_back(row.line);
      } else {
        accepted.push_back(row);
      }
    }
    std::vector<Known> left;
    for (Known fact : facts_) {
      const bool is_replaced = std::ranges::any_of(accepted, [&](const Row& row) { return row.key == fact.key; });
      if (may_end(fact) && (is_replaced || !is_doubtful)) fact.to = moment;
      if (fact.from < fact.to) left.push_back(fact);
    }
    for (const Row& row : accepted) left.push_back({row.key, row.value, moment, kUntilFurtherNotice, origin});
    facts_ = std::move(left);
    return refused;
  }

  [[nodiscard]] Lines facts() const {
    std::vector<Known> sorted = facts_;
    std::ranges::sort(sorted, {}, [](const Known& fact) { return std::pair(fact.key, fact.from); });
    Lines all;
    const auto day = [](int64_t micros) {
      return micros == kUntilFurtherNotice ? std::string("-") : fmt::format("{}", micros / kDay);
    };
    for (const Known& fact : sorted) {
      all.push_back(fmt::format("{}|{} {} {}", fact.key, fact.value, day(fact.from), day(fact.to)));
    }
    return all;
  }

 private:
  struct Known {
    std::string key;
    std::string value;
    int64_t from;
    int64_t to;
    std::string origin;
  };

  std::vector<Known> facts_;
};

TEST_P(SnapshotTest, does_exactly_what_the_rule_says) {
  std::mt19937_64 random(5);
  ObviousSnapshots obvious;
  std::map<std::string, int64_t> moments;
  size_t refused = 0;
  uint64_t ended = 0;
  uint64_t kept = 0;
  for (int round = 0; round < 60; ++round) {
    if (random() % 3 == 0) {
      const auto from = static_cast<int64_t>(1 + random() % 27);
      const auto to = from + 1 + static_cast<int64_t>(random() % 3);
      const std::string key = fmt::format("u{}", random() % 6);
      const std::string value = fmt::format("L{}", random() % 3);
      csv("shift", fmt::format("employee,location,valid_from,valid_to\n{},{},1970-01-{:02},1970-01-{:02}\n", key, value,
                               from + 1, to + 1));
      obvious.add(key, value, from * kDay, to * kDay, "csv");
    }
    const std::string origin = random() % 4 == 0 ? "b" : "a";
    int64_t& moment = moments[origin];
    moment += static_cast<int64_t>(random() % 2);
    std::string file = "employee,location\n";
    std::vector<ObviousSnapshots::Row> rows;
    const uint64_t lines = 1 + random() % 5;
    for (uint64_t line = 2; line < 2 + lines; ++line) {
      rows.push_back({line, fmt::format("u{}", random() % 6), fmt::format("L{}", random() % 3)});
      file += fmt::format("{},{}\n", rows.back().key, rows.back().value);
    }
    const bool is_doubtful = random() % 5 == 0;
    if (is_doubtful) file += ",L1\n";
    const ImportReport report = csv("shift", file, origin, moment);
    std::vector<uint64_t> places;
    for (const Refusal& refusal : report.refusals) places.push_back(refusal.place);
    if (is_doubtful) {
      ASSERT_EQ(places.back(), 2 + lines);
      places.pop_back();
    }
    ASSERT_EQ(places, obvious.take(rows, moment * kDay, origin, is_doubtful)) << "round " << round;
    ASSERT_EQ(facts("shift"), obvious.facts()) << "round " << round;
    refused += places.size();
    ended += report.ended;
    kept += report.kept;
  }
  EXPECT_GT(refused, 10U);
  EXPECT_GT(ended, 10U);
  EXPECT_GT(kept, 3U);
}

std::string input_of(const std::string& folder) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(WEERBAAR_SOURCE_DIR) + "/src/register/cases/" + folder)) {
    if (!entry.path().filename().string().starts_with("input.")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  return {};
}

TEST_P(SnapshotTest, of_users_and_groups_goes_into_all_their_tables_at_once) {
  const ImportReport report = deliver("scim", input_of("scim/whole"), "system = \"BVR\"\n", 10);
  EXPECT_THAT(refusals(report), IsEmpty());
  EXPECT_THAT(facts("employee"), ElementsAre("1001|Jan Jansen|Jansen|| 10 -", "1002|Bea Bakker|Bakker|| 10 -"));
  EXPECT_THAT(facts("account"), ElementsAre("bbakker|1002 10 -", "jjansen|1001 10 -"));
  EXPECT_THAT(facts("position"), ElementsAre("1001|Inning West|Inspector| 10 -", "1002|Inning West|Hoofd| 10 -"));
  EXPECT_THAT(facts("supervisor"), ElementsAre("1001|1002 10 -"));
  EXPECT_THAT(facts("authorisation"), ElementsAre("1001|BVR|BVR-raadplegen 10 -", "1002|BVR|BVR-raadplegen 10 -"));
  const ImportReport again = deliver("scim", input_of("scim/whole"), "system = \"BVR\"\n", 20);
  EXPECT_EQ(again.unchanged, report.added);
  EXPECT_EQ(again.added + again.ended + again.corrected + again.refused, 0U);
  // Who is not active any more has no position, no account and no access.
  std::string later = input_of("scim/whole");
  later.replace(later.find("\"active\": true"), 14, "\"active\":false");
  const ImportReport left = deliver("scim", later, "system = \"BVR\"\n", 30);
  EXPECT_EQ(left.ended, 4U);
  EXPECT_EQ(left.added, 0U);
  EXPECT_THAT(facts("employee"), ElementsAre("1001|Jan Jansen|Jansen|| 10 30", "1002|Bea Bakker|Bakker|| 10 -"));
  // Nobody has a supervisor: of that table nothing is said, so nothing ends.
  EXPECT_THAT(facts("supervisor"), ElementsAre("1001|1002 10 -"));
}

TEST_P(SnapshotTest, of_a_directory_goes_into_all_its_tables_at_once) {
  const ImportReport report = deliver("ldif", input_of("ldif/whole"), "system = \"AD\"\n", 10);
  EXPECT_THAT(refusals(report), IsEmpty());
  EXPECT_EQ(report.added, facts("employee").size() + facts("account").size() + facts("position").size() +
                              facts("supervisor").size() + facts("authorisation").size() + facts("unit").size());
  EXPECT_FALSE(facts("unit").empty());
  EXPECT_FALSE(facts("authorisation").empty());
}

std::string uuid(char digit) {
  std::string text = "00000000-0000-0000-0000-000000000000";
  text.back() = digit;
  return text;
}
std::string rol(char of_case, std::string_view employee, std::string_view registered) {
  return fmt::format(
      R"({{"zaak":"https://x/zaken/{}","betrokkeneType":"medewerker","omschrijvingGeneriek":"behandelaar",)"
      R"("registratiedatum":"{}","betrokkeneIdentificatie":{{"identificatie":"{}"}}}})",
      uuid(of_case), registered, employee);
}
std::string zaak(char digit, std::string_view id, std::string_view from, std::string_view to) {
  return fmt::format(
      R"({{"url":"https://x/zaken/{}","identificatie":"{}","zaaktype":"T","startdatum":"{}","einddatum":{}}})",
      uuid(digit), id, from, to);
}

TEST_P(SnapshotTest, roles_find_their_case_in_the_delivery_or_in_the_register_and_nowhere_else) {
  const std::string first =
      zaak('1', "Z-1", "1970-01-11", "null") + "\n" + rol('1', "u1", "1970-01-05T00:00:00Z") + "\n";
  EXPECT_THAT(refusals(deliver("zgw", first, "", std::nullopt)), IsEmpty());
  const std::string roles =
      rol('1', "u2", "1970-01-21T00:00:00Z") + "\n" + rol('2', "u3", "1970-01-21T00:00:00Z") + "\n";
  const ImportReport report = deliver("zgw", roles, "", std::nullopt);
  ASSERT_EQ(report.refusals.size(), 1U);
  EXPECT_EQ(report.refusals[0].place, item_place(2));
  EXPECT_THAT(report.refusals[0].why, HasSubstr("neither in this delivery nor in the register"));
  EXPECT_THAT(facts("case_employee"), ElementsAre("Z-1|u1 10 -", "Z-1|u2 20 -"));
  // The case ends, and with it what is said of the roles that come with it or later.
  deliver("zgw", zaak('1', "Z-1", "1970-01-11", "\"1970-01-31\"") + rol('1', "u1", "1970-01-05T00:00:00Z"), "",
          std::nullopt);
  EXPECT_THAT(facts("case"), ElementsAre("Z-1|T| 10 31"));
  const ImportReport late =
      deliver("zgw", rol('1', "u2", "1970-01-21T00:00:00Z") + rol('1', "u4", "1970-03-01T00:00:00Z"), "", std::nullopt);
  ASSERT_EQ(late.refusals.size(), 1U);
  EXPECT_THAT(late.refusals[0].why, HasSubstr("outside the time of its zaak"));
  EXPECT_THAT(facts("case_employee"), ElementsAre("Z-1|u1 10 31", "Z-1|u2 20 31"));
}

TEST_P(SnapshotTest, of_cases_ends_the_work_of_who_is_no_role_any_more) {
  deliver("zgw", zaak('1', "Z-1", "1970-01-02", "null") + rol('1', "u1", "1970-01-02T00:00:00Z"),
          "may_lack_its_end = true", 10);
  const ImportReport report =
      deliver("zgw", zaak('1', "Z-1", "1970-01-01", "null") + rol('1', "u2", "1970-01-16T00:00:00Z"),
              "may_lack_its_end = true", 20);
  EXPECT_THAT(refusals(report), IsEmpty());
  EXPECT_THAT(facts("case_employee"), ElementsAre("Z-1|u1 1 20", "Z-1|u2 15 -"));
  EXPECT_THAT(facts("case"), ElementsAre("Z-1|T| 0 -"));
}

INSTANTIATE_TEST_SUITE_P(Both, SnapshotTest, ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgresql),
                         [](const auto& tested) {
                           return std::string(tested.param == sql::Dialect::kSqlite ? "sqlite" : "postgresql");
                         });

}  // namespace
}  // namespace weerbaar::facts
