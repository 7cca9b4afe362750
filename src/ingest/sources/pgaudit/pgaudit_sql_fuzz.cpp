// Any bytes as a statement: tokens lie in order within the text, and whoever is found was named in it. The first byte
// chooses whether parameters are known.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "ingest/sources/pgaudit/open_statement.h"

using namespace weerbaar::ingest::pgaudit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view sql(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<Token> tokens;
  lex_sql(sql, tokens);
  size_t end = 0;
  for (const Token& token : tokens) {
    WEERBAAR_CHECK(token.offset >= end && token.offset + token.length <= sql.size());
    WEERBAAR_CHECK(token.length > 0 || token.kind == TokenKind::kEnd);
    end = token.offset + token.length;
    if (token.kind == TokenKind::kString) string_value(token.in(sql));
    if (token.kind == TokenKind::kQuotedIdentifier) identifier_name(token.in(sql));
  }
  StatementReader reader(
      {{{"public", "person"}, "bsn", weerbaar::SubjectType::kBsn}, {{}, "kvk", weerbaar::SubjectType::kKvk}});
  const Parameters parameters = {"123456782", "{1,\"a\"}", std::nullopt, ""};
  const StatementFacts& facts = reader.read(sql, data[0] % 2 == 0 ? &parameters : nullptr);
  WEERBAAR_CHECK(facts.text_template.size() <= weerbaar::kQueryBytesMax);
  WEERBAAR_CHECK(facts.persons.persons.size() <= size + parameters.size());
  for (const Person& person : facts.persons.persons) {
    WEERBAAR_CHECK(!person.id.empty() && person.id.size() <= weerbaar::kSubjectIdBytesMax);
    WEERBAAR_CHECK(!person.id.starts_with(weerbaar::kPseudonymMark));
  }
  parse_parameter_list(sql);
  parse_parameter_detail(sql);
  return 0;
}
