#include "ingest/sources/pgaudit/sql_lexer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weerbaar::ingest::pgaudit {
namespace {

// "w:select s:'x'": kinds and texts.
std::string shown(std::string_view sql) {
  constexpr std::string_view kKinds = "wqsnpo";
  std::vector<Token> tokens;
  const bool closed = lex_sql(sql, tokens);
  std::string text;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kEnd) continue;
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}", kKinds[static_cast<size_t>(token.kind)], token.in(sql));
  }
  return closed ? text : text + " !";
}

TEST(PgauditSqlLexer, cuts_statements_as_postgresql_does) {
  const std::pair<const char*, const char*> cases[] = {
      {"select a.b", "w:select w:a o:. w:b"},
      {"'it''s'x", "s:'it''s' w:x"},
      {"E'a\\'b' e'\\\\'", "s:E'a\\'b' s:e'\\\\'"},
      {"U&'d\\0061t' U&\"x\" u+1", "s:U&'d\\0061t' q:U&\"x\" w:u o:+ n:1"},
      {"B'01' x'1F' N'n' bar", "s:B'01' s:x'1F' s:N'n' w:bar"},
      {"$$a'b$$ $t$ $$ $t$ $1$2", "s:$$a'b$$ s:$t$ $$ $t$ p:$1 p:$2"},
      {"\"a\"\"b\".c$d", "q:\"a\"\"b\" o:. w:c$d"},
      {"1 -- '\n2 /* ' /* nested */ \" */3", "n:1 n:2 n:3"},
      {"1.5e-3+.5 1..10", "n:1.5e-3 o:+ n:.5 n:1 o:.. n:10"},
      {"0x1F 12ab", "n:0x1F n:12ab"},
      {"a=-1", "w:a o:= o:- n:1"},
      {"a<=b!=c||d@-e", "w:a o:<= w:b o:!= w:c o:|| w:d o:@- w:e"},
      {"a=--x\nb", "w:a o:= w:b"},
      {"a*/*c*/b", "w:a o:* w:b"},
      {"b::text[1] := (c,d);", "w:b o::: w:text o:[ n:1 o:] o::= o:( w:c o:, w:d o:) o:;"},
      {"naïef_é1", "w:naïef_é1"},
      {"'open", "s:'open !"},
      {"\"open", "q:\"open !"},
      {"$x$open$y$", "s:$x$open$y$ !"},
      {"a /* open /* */", "w:a !"},
      {"$", "o:$"},
      {"E'\\", "s:E'\\ !"},
      {"", ""},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(shown(sql), expected) << sql;
}

TEST(PgauditSqlLexer, gives_the_value_of_strings_and_names) {
  const std::pair<const char*, std::optional<std::string>> strings[] = {
      {"'it''s'", "it's"},
      {"''", ""},
      {"E'a\\'b\\n\\u0061'", "a'b\na"},
      {"e'\\\\'", "\\"},
      {"'a\\n'", "a\\n"},
      {"U&'\\0061\\+000062\\\\'", "ab\\"},
      {"N'x'", "x"},
      {"$$a'b$$", "a'b"},
      {"$t$ $$ $t$", " $$ "},
      {"B'01'", std::nullopt},
      {"X'1F'", std::nullopt},
      {"E'\\x41'", std::nullopt},
      {"U&'\\00'", std::nullopt},
      {"'open", std::nullopt},
      {"$x$", std::nullopt},
      {"E'\\ud800'", std::nullopt},
  };
  for (const auto& [token, expected] : strings) EXPECT_EQ(string_value(token), expected) << token;
  EXPECT_EQ(identifier_name("Person"), "person");
  EXPECT_EQ(identifier_name("\"Per\"\"son\""), "Per\"son");
  EXPECT_EQ(identifier_name("U&\"d\\0061t\""), "dat");
  EXPECT_EQ(quote_identifier("person_1"), "person_1");
  EXPECT_EQ(quote_identifier("Per\"son"), "\"Per\"\"son\"");
}

TEST(PgauditSqlLexer, knows_keywords_in_any_case_and_not_in_quotes) {
  std::vector<Token> tokens;
  ASSERT_TRUE(lex_sql("sElEcT \"select\" selected", tokens));
  EXPECT_EQ(tokens[0].keyword, Keyword::kSelect);
  EXPECT_EQ(tokens[1].keyword, Keyword::kNo);
  EXPECT_EQ(tokens[2].keyword, Keyword::kNo);
}

}  // namespace
}  // namespace weerbaar::ingest::pgaudit
