#include "register/fact_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/time.h"

namespace weerbaar::facts {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Read {
  std::vector<std::string> rows;
  std::vector<std::string> refusals;
  Status status;
};

Read read(std::string_view table, std::string_view file) {
  Read result;
  auto delivery = open_fact_file(*find_table(table), file);
  if (!delivery) {
    result.status = std::unexpected(delivery.error());
    return result;
  }
  result.status = (*delivery)->read(
      [&](const FactRow& row) -> Status {
        const auto moment = [](int64_t micros) {
          return micros == kAlways || micros == kUntilFurtherNotice ? std::string("-") : format_time({micros, 0});
        };
        result.rows.push_back(fmt::format("{}: {} {} {}{}", row.place, fmt::join(row.cells, "|"),
                                          moment(row.valid_from), moment(row.valid_to),
                                          row.withdraws ? " withdrawn" : ""));
        return {};
      },
      [&](const Refusal& refusal) { result.refusals.push_back(fmt::format("{}: {}", refusal.place, refusal.why)); });
  return result;
}

TEST(FactFile, gives_rows_in_the_order_of_the_table_whatever_that_of_the_file) {
  const Read found =
      read("case_subject", "valid_from,subject,case\n2026-01-02,bsn:123456782,Z-1\n,\"kvk:\"\"quoted\"\"\",\"Z,2\"\n");
  ASSERT_TRUE(found.status) << found.status.error().text;
  EXPECT_THAT(found.rows, ElementsAre("2: Z-1|bsn:123456782| 2026-01-02T00:00:00Z -", "3: Z,2|kvk:\"quoted\"| - -"));
  EXPECT_THAT(found.refusals, IsEmpty());
}

TEST(FactFile, refuses_what_no_access_could_ever_be_about) {
  struct Wrong {
    std::string_view table;
    std::string columns;
    std::string cells;
    std::string why;
  };
  const auto text = [](size_t bytes) { return std::string(bytes, 'x'); };
  const std::vector<Wrong> cases = {
      {"employee", "employee", text(65), "column \"employee\": it is 65 bytes long, and an access can name at most 64"},
      {"account", "account,employee", text(65) + ",e1", "column \"account\": it is 65 bytes long"},
      {"system", "system", text(65), "at most 64"},
      {"activity_data", "activity,data", "a," + text(65), "column \"data\": it is 65 bytes long"},
      {"unit", "unit", text(513), "column \"unit\": it is 513 bytes long, and an access can name at most 512"},
      {"case", "case", text(513), "at most 512"},
      {"case", "case,activity", "Z," + text(513), "column \"activity\": it is 513 bytes long"},
      {"honey", "subject", "other:" + text(129),
       "column \"subject\": it is 129 bytes long, and an access can name at most 128"},
      {"employee", "employee", "e\t1", "a control character"},
      {"employee", "employee", "~e1", "begins with \"~\""},
      {"honey", "subject", "other:~1", "begins with \"~\""}};
  for (const Wrong& wrong : cases) {
    const Read found = read(wrong.table, fmt::format("{}\n{}\n", wrong.columns, wrong.cells));
    ASSERT_TRUE(found.status);
    EXPECT_THAT(found.rows, IsEmpty());
    EXPECT_THAT(found.refusals, ElementsAre(AllOf(::testing::StartsWith("2: "), HasSubstr(wrong.why))));
  }
  EXPECT_THAT(read("employee", fmt::format("employee,name\n{},{}\n", text(64), text(1'024))).refusals, IsEmpty());
  EXPECT_THAT(read("case", fmt::format("case\n{}\n", text(512))).refusals, IsEmpty());
  EXPECT_THAT(read("honey", fmt::format("subject\nother:{}\n", text(128))).refusals, IsEmpty());
}

TEST(FactFile, rows_that_withdraw_need_the_key_only) {
  const Read found = read("account", "account,withdrawn,valid_from\na1,yes,2026-01-02\na2,no,\n,yes,\na3,maybe,\n");
  ASSERT_TRUE(found.status);
  EXPECT_THAT(found.rows, ElementsAre("2: a1| 2026-01-02T00:00:00Z - withdrawn"));
  EXPECT_THAT(found.refusals, ElementsAre("3: column \"employee\": it is empty, and must not be",
                                          "4: column \"account\": it is empty, and must not be",
                                          "5: column \"withdrawn\": it is neither yes nor no"));
}

TEST(FactFile, takes_semicolons_a_byte_order_mark_and_windows_line_ends) {
  const Read found = read("unit", "\xEF\xBB\xBFunit;name;part_of\r\nU1;Ontvangst, Noord;U0\r\n\r\nU2;;\r\n");
  ASSERT_TRUE(found.status) << found.status.error().text;
  EXPECT_THAT(found.rows, ElementsAre("2: U1|Ontvangst, Noord|U0 - -", "4: U2|| - -"));
}

TEST(FactFile, refuses_a_row_by_its_line_and_goes_on) {
  const Read found = read("contact", R"(employee,subject,channel,valid_from,valid_to
u1,bsn:123456782,phone,2026-01-01,2026-01-02
u2,bsn:123456781,phone,2026-01-01,2026-01-02
,bsn:123456782,phone,,
u3,123456782,phone,,
u4,bsn:12345678,phone,,
u5,bsn:123456782,pigeon,,
u6,bsn:123456782,phone,2026-02-30,
u7,bsn:123456782,phone,2026-01-02,2026-01-01
u8,bsn:123456782,phone,2026-01-01,2026-01-01
u9,bsn:123456782
"u10"x,bsn:123456782,phone,,
u11,other:123456781,visit,,
)");
  ASSERT_TRUE(found.status);
  ASSERT_EQ(found.rows.size(), 2U);
  EXPECT_THAT(found.rows[1], HasSubstr("13: u11|other:123456781"));
  EXPECT_THAT(
      found.refusals,
      ElementsAre(HasSubstr("3: column \"subject\": the number has not nine digits that pass the 11-test"),
                  HasSubstr("4: column \"employee\": it is empty"),
                  HasSubstr("5: column \"subject\": it is not written as TYPE:ID"),
                  HasSubstr("6: column \"subject\": the number has not nine digits"),
                  HasSubstr("7: column \"channel\": it is none of phone, counter"),
                  HasSubstr("8: column \"valid_from\": "), HasSubstr("9: valid_to does not lie behind valid_from"),
                  HasSubstr("10: valid_to does not lie behind valid_from"),
                  HasSubstr("11: there are 2 values, and line 1 names 5 columns"),
                  HasSubstr("12: text follows the closing quote of value 1")));
  for (const std::string& refusal : found.refusals) EXPECT_THAT(refusal, Not(HasSubstr("12345678")));
}

TEST(FactFile, of_which_the_first_line_is_wrong_is_refused_as_a_whole) {
  EXPECT_THAT(read("unit", "").status.error().text, HasSubstr("its first line names the columns"));
  EXPECT_THAT(
      read("unit", "unit,nmae\nU1,x\n").status.error().text,
      HasSubstr("line 1, column 2: the table \"unit\" has no such column; it has unit, name, part_of, valid_from"));
  EXPECT_THAT(read("unit", "unit,unit\n").status.error().text, HasSubstr("column 2: it is the same as column 1"));
  EXPECT_THAT(read("case_subject", "case,role\n").status.error().text, HasSubstr("the column \"subject\" is missing"));
}

TEST(FactFile, knows_the_columns_that_its_first_line_names) {
  const Table& unit = *find_table("unit");
  const auto delivery = open_fact_file(unit, "part_of,unit\nU0,U1\n");
  ASSERT_TRUE(delivery.has_value());
  EXPECT_TRUE((*delivery)->knows(unit, 0));
  EXPECT_FALSE((*delivery)->knows(unit, 1));
  EXPECT_TRUE((*delivery)->knows(unit, 2));
  EXPECT_FALSE((*delivery)->knows(*find_table("duty"), 0));
}

TEST(FactFile, that_was_cut_short_loses_its_last_row_and_says_so) {
  const Read found = read("unit", "unit,name\nU1,Noord\nU2,Zu");
  EXPECT_THAT(found.rows, ElementsAre("2: U1|Noord| - -"));
  EXPECT_THAT(found.refusals, ElementsAre(HasSubstr("3: the last line has no end")));
}

TEST(FactFile, refuses_what_no_database_would_keep) {
  const Read found =
      read("unit", std::string("unit,name\nU1,a") + '\0' + "b\nU2,\xC3\nU3," + std::string(1'025, 'x') + "\nU4,ok\n");
  EXPECT_THAT(found.refusals, ElementsAre(HasSubstr("2: column \"name\": it holds a zero byte"),
                                          HasSubstr("3: column \"name\": it is no text in UTF-8"),
                                          HasSubstr("4: column \"name\": it is longer than 1,024 bytes")));
  EXPECT_EQ(found.rows.size(), 1U);
}

// The line of the table in the documentation, with its columns as they are written there.
TEST(Schema, is_described_for_those_who_fill_it) {
  std::ifstream file(std::string(WEERBAAR_SOURCE_DIR) + "/docs/register.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const Table& table : tables()) {
    std::vector<std::string> columns;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      columns.push_back(i < table.key ? fmt::format("**{}**", column.name)
                                      : fmt::format("{}{}", column.name, column.required ? "*" : ""));
      for (const std::string_view word : column.words) EXPECT_THAT(text, HasSubstr(std::string(word)));
    }
    EXPECT_THAT(text, HasSubstr(fmt::format("\n| `{}` | {} | ", table.name, fmt::join(columns, ", "))));
  }
}

TEST(Schema, has_tables_by_name_whose_keys_are_required) {
  std::string_view last;
  for (const Table& table : tables()) {
    EXPECT_LT(last, table.name);
    last = table.name;
    EXPECT_EQ(find_table(table.name), &table);
    ASSERT_LE(table.key, table.columns.size());
    ASSERT_GE(table.key, 1U);
    for (const Column& column : table.columns.first(table.key)) EXPECT_TRUE(column.required) << table.name;
    for (const Column& column : table.columns) EXPECT_EQ(column.kind == Kind::kWord, !column.words.empty());
  }
  EXPECT_EQ(find_table("nothing"), nullptr);
}

}  // namespace
}  // namespace weerbaar::facts
