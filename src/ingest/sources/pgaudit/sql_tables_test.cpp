#include "ingest/sources/pgaudit/sql_tables.h"

#include <gtest/gtest.h>

namespace weerbaar::ingest::pgaudit {
namespace {

std::string tables_of(std::string_view sql) {
  std::vector<Token> tokens;
  lex_sql(sql, tokens);
  std::string text;
  for (const TableName& table : find_tables(sql, tokens).tables)
    text += (text.empty() ? "" : " ") + display_name(table);
  return text;
}

Verb verb_of(std::string_view sql) {
  std::vector<Token> tokens;
  lex_sql(sql, tokens);
  return find_tables(sql, tokens).verb;
}

TEST(PgauditSqlTables, finds_the_tables_of_every_kind_of_statement) {
  const std::pair<const char*, const char*> cases[] = {
      {"select 1", ""},
      {"SELECT * FROM Public.Person AS p, \"Tax Case\" c WHERE p.x = c.y", "public.person \"Tax Case\""},
      {"select * from db.public.person", "public.person"},
      {"select * from a join b using (x) left join only c on a.y = c.y, d", "a b c d"},
      {"select * from (a cross join b) join (select * from c) d on true", "a b c"},
      {"select * from f(1) g, lateral (select extract(year from born) from p) h", "p"},
      {"select trim(both from x), substring(y from 1) from t where a is distinct from b", "t"},
      {"with w(a) as (select * from t), v as not materialized (select * from w) select * from v, w, u", "t u"},
      {"insert into t (a, b) select c, d from e", "t e"},
      {"insert into t values (1) on conflict (a) do update set b = 2 returning *", "t"},
      {"update only t set a = 1 from s where t.x = s.x", "t s"},
      {"delete from t using s, r where t.x = s.x", "t s r"},
      {"merge into t using s on t.x = s.x when matched then update set a = 1 when not matched then insert (x) values "
       "(1)",
       "t s"},
      {"select * from t for update of t", "t"},
      {"copy t (a) from '/tmp/x'", "t"},
      {"copy (select * from t) to stdout", "t"},
      {"truncate table a, only b cascade", "a b"},
      {"fetch all from cursor_1", ""},
      {"revoke select on t from somebody", ""},
      {"grant select, update on table t to somebody", "t"},
      {"drop table if exists s.t", "s.t"},
      {"create table t as select * from s", "t s"},
      {"table t", "t"},
      {"explain analyze select * from t", "t"},
      {"prepare p (text) as select * from t where a = $1", "t"},
      {"declare c cursor for select * from t", "t"},
      {"select * from t where a in (select b from s) and exists (select from r)", "t s r"},
      {"select 'from x' /* from y */ from t -- from z", "t"},
      {"select * from a; select * from b", "a b"},
      {"select * from", ""},
      {"from", ""},
      {")) from t", "t"},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(tables_of(sql), expected) << sql;
}

TEST(PgauditSqlTables, tells_what_the_statement_does) {
  const std::pair<const char*, Verb> cases[] = {
      {"select 1", Verb::kSelect},
      {"(select 1) union (select 2)", Verb::kSelect},
      {"with a as (delete from t returning *) select * from a", Verb::kSelect},
      {"with a as (select 1) insert into t select * from a", Verb::kInsert},
      {"explain (analyze) update t set a = 1", Verb::kUpdate},
      {"prepare p as delete from t", Verb::kDelete},
      {"truncate t", Verb::kDelete},
      {"merge into t using s on true when matched then delete", Verb::kUpdate},
      {"copy t to stdout", Verb::kCopyTo},
      {"copy (select * from t) to stdout", Verb::kCopyTo},
      {"copy t from stdin", Verb::kCopyFrom},
      {"create table t as select 1", Verb::kOther},
      {"grant select on t to u", Verb::kOther},
      {"call f()", Verb::kOther},
      {"", Verb::kOther},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(verb_of(sql), expected) << sql;
}

TEST(PgauditSqlTables, names_go_both_ways_and_agree_when_one_leaves_out_the_schema) {
  for (const char* name : {"person", "public.person", "\"Tax Case\".\"a\"\"b\""}) {
    EXPECT_EQ(display_name(parse_table_name(name)), name);
  }
  EXPECT_TRUE(may_be_same(parse_table_name("public.person"), parse_table_name("person")));
  EXPECT_FALSE(may_be_same(parse_table_name("public.person"), parse_table_name("hr.person")));
}

}  // namespace
}  // namespace weerbaar::ingest::pgaudit
