#include "ingest/sources/pgaudit/sql_persons.h"

#include <gtest/gtest.h>

#include <ctime>

namespace weerbaar::ingest::pgaudit {
namespace {

const PersonFinder& finder() {
  static const PersonFinder kFinder({{{"public", "person"}, "bsn", SubjectType::kBsn},
                                     {{"", "income"}, "bsn", SubjectType::kBsn},
                                     {{"", "person"}, "partner_bsn", SubjectType::kBsn},
                                     {{}, "kvk_number", SubjectType::kKvk}});
  return kFinder;
}

FoundPersons find(std::string_view sql, const Parameters* parameters) {
  std::vector<Token> tokens;
  lex_sql(sql, tokens);
  return finder().find(sql, tokens, find_tables(sql, tokens), parameters);
}

// "123456782 111222333 +": ids, "+" when incomplete, "other:" before what fails the 11-test.
std::string found_in(std::string_view sql, const Parameters* parameters = nullptr) {
  const FoundPersons found = find(sql, parameters);
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const Person& person : found.persons) {
    EXPECT_EQ(person.bsn_invalid, person.type == SubjectType::kOther);
    add((person.bsn_invalid ? "other:" : "") + person.id);
  }
  if (found.incomplete) add("+");
  return text;
}

constexpr const char* kA = "123456782";
constexpr const char* kB = "111222333";

TEST(PgauditSqlPersons, finds_values_compared_with_person_columns) {
  const std::pair<const char*, const char*> cases[] = {
      {"select * from person where bsn = '123456782'", "123456782"},
      {"select * from public.person p where P.BSN='123456782'::character varying(9) and 1 = 1", "123456782"},
      {"select * from person where '123456782' = bsn order by name", "123456782"},
      {"select * from person where \"bsn\" = E'12345\\u0036\\u003782'", "123456782"},
      {"select * from person where bsn = 12345672", "012345672"},
      {"select * from person where bsn = '12345672'", "other:12345672"},
      {"select * from person where bsn = cast('123456782' as char(9)) limit 1", "123456782"},
      {"select * from person where bsn::text = $$123456782$$", "123456782"},
      {"select * from person where (bsn = '123456782' or bsn = '111222333')", "123456782 111222333"},
      {"select * from person where bsn in ('123456782', 111222333, NULL)", "123456782 111222333"},
      {"select * from person where bsn = any ('{123456782,\"111222333\",NULL}')", "123456782 111222333"},
      {"select * from person where bsn = any (array['123456782','111222333']::text[])", "123456782 111222333"},
      {"select * from person p join income i on i.bsn = p.bsn where p.bsn = '123456782'", "123456782"},
      {"select * from person p join income i using (bsn) where i.bsn = '123456782' and p.partner_bsn = '111222333'",
       "123456782 111222333"},
      {"select bsn, upper(bsn), count(*) from person group by bsn order by bsn desc", ""},
      {"select case when bsn = '123456782' then 1 end from person", "123456782"},
      {"update person set partner_bsn = '111222333' where bsn = '123456782' returning bsn", "111222333 123456782"},
      {"delete from person where bsn = '123456782';", "123456782"},
      {"insert into person (name, bsn) values ('x', '123456782'), (lower('y'), '111222333')", "123456782 111222333"},
      {"insert into person as p (bsn, name) values ('123456782', 'x') on conflict (bsn) do update set name = 'y'",
       "123456782"},
      {"insert into person (bsn, name) values ('123456782', 'x') on conflict (bsn) do update set bsn = excluded.bsn",
       "123456782"},
      {"with w as (select * from person where bsn = '123456782') select * from w", "123456782"},
      {"select * from person where exists (select 1 from income i where i.bsn = person.bsn and i.bsn = '123456782')",
       "123456782"},
      {"select * from firm where kvk_number = '12345678'", "12345678"},
      {"select * from person where bsn in ('123456782', '~2026-Q1:5f3a')", "123456782 +"},
      {"copy (select * from person where bsn in ('123456782')) to stdout", "123456782"},
      {"explain select * from person where bsn = '123456782'", "123456782"},
      // Columns of that name in other tables, and names that are no columns.
      {"select * from vehicle where bsn = '123456782'", ""},
      {"select * from person p, vehicle v where v.bsn = '123456782'", ""},
      {"select * from hr.person where bsn = '123456782'", ""},
      {"select * from person where name = 'bsn = 123456782' -- bsn = '111222333'", ""},
      {"select bsn('123456782') from person", ""},
      {"select * from person where bsn = ''", ""},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(found_in(sql), expected) << sql;
}

TEST(PgauditSqlPersons, guesses_nothing_and_says_so) {
  for (const char* sql : {
           "select * from person where bsn like '1234%'",
           "select * from person where bsn <> '123456782'",
           "select * from person where bsn between '111222333' and '123456782'",
           "select * from person where '123456782' between bsn and partner_bsn",
           "select * from person where lower(bsn) = '123456782'",
           "select * from person where bsn = lower('123456782')",
           "select * from person where bsn = '1234' || '56782'",
           "select * from person where '1' || bsn = '123456782'",
           "select * from person where bsn = wanted",
           "select * from person where bsn = $1",
           "select * from person where bsn = any ($1)",
           "select * from person where bsn = -1",
           "select * from person where bsn = 1.5",
           "select * from person where bsn in (select b from x)",
           "select * from person where bsn = (select max(b) from x)",
           "select * from person where bsn not in ('123456782')",
           "select * from person where not bsn = '123456782'",
           "select * from person where not (name = 'x' and bsn = '123456782')",
           "select * from person where not exists (select 1 from income i where i.bsn = '123456782')",
           "select * from person except select * from person where bsn = '123456782'",
           "select * from person where bsn = '123456782' is false",
           "select * from person where (bsn, name) = ('123456782', 'x')",
           "select * from person where (bsn, name) in (('123456782', 'x'))",
           "select * from person where coalesce(bsn = '123456782', true)",
           "select * from person where bsn = '123456782' collate \"C\"",
           "select * from person where bsn = X'1F'",
           "select * from person where bsn = any ('{{123456782}}')",
           "select * from (select * from person) p where p.bsn = '123456782'",
           "insert into person values ('123456782', 'x')",
           "insert into person (bsn, name) select '123456782', 'x'",
           "insert into person (bsn) values (lower('x'))",
           "update person set bsn = lower(bsn)",
           "update person set (bsn, name) = ('123456782', 'x')",
       }) {
    EXPECT_EQ(found_in(sql), "+") << sql;
  }
}

TEST(PgauditSqlPersons, keeps_what_was_understood_beside_what_was_not) {
  EXPECT_EQ(found_in("select * from person where bsn = '123456782' or bsn like '9%'"), "123456782 +");
  EXPECT_EQ(found_in("select * from person where bsn in ('123456782', lower('x'))"), "123456782 +");
  EXPECT_EQ(found_in("insert into person (bsn) values ('123456782'), (default)"), "123456782 +");
}

TEST(PgauditSqlPersons, takes_bound_parameters) {
  const Parameters parameters = {kA, "{123456782,111222333}", "", std::nullopt, "12345672"};
  EXPECT_EQ(found_in("select * from person where bsn = $1::text", &parameters), kA);
  EXPECT_EQ(found_in("prepare q as select * from person where $1 = bsn", &parameters), kA);
  EXPECT_EQ(found_in("select * from person where bsn = any($2)", &parameters), std::string(kA) + " " + kB);
  EXPECT_EQ(found_in("select * from person where bsn in ($1, $3)", &parameters), kA);
  EXPECT_EQ(found_in("select * from person where bsn = $4", &parameters), "+");
  EXPECT_EQ(found_in("select * from person where bsn = $5", &parameters), "012345672");
  EXPECT_EQ(found_in("select * from person where bsn = $6", &parameters), "+");
  EXPECT_EQ(found_in("select * from person where bsn = $0", &parameters), "+");
  EXPECT_EQ(found_in("insert into person (bsn, name) values ($1, $2)", &parameters), kA);
}

// Of this thread, so that neighbours do not count.
double processor_seconds(const std::string& sql) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double begin = now();
  find(sql, nullptr);
  return now() - begin;
}

// Eight times as long takes eight times as much, and 64 times when something is quadratic.
TEST(PgauditSqlPersons, long_and_deep_statements_take_linear_time) {
  constexpr size_t kBytes = 50'000;
  for (const char* unit :
       {"(", "bsn = '123456782' and ", "bsn in (", "a.", "cast('x' as a(", "bsn = a.bsn ", "'x'::t(", "$$ ", "not (",
        "with a as (select ", "from a, ", "bsn = any(array[", "/*", "insert into person (bsn, ", "x(bsn) = "}) {
    std::string sql = "select * from person where ";
    while (sql.size() < kBytes) sql += unit;
    const double part = processor_seconds(sql);
    while (sql.size() < 8 * kBytes) sql += unit;
    constexpr double kSlack = 0.05;
    EXPECT_LT(processor_seconds(sql), 24 * part + kSlack) << unit;
  }
}

}  // namespace
}  // namespace weerbaar::ingest::pgaudit
