// Which tables a statement names, by which aliases, and what it does: read from its text alone, without a catalogue.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ingest/sources/pgaudit/sql_lexer.h"

namespace weerbaar::ingest::pgaudit {

struct TableName {
  std::string schema;  // empty when the statement does not say
  std::string table;

  auto operator<=>(const TableName&) const = default;
};

// "public.person"; parts in quotes where SQL needs them.
std::string display_name(const TableName& name);
// From such a text, as in the object_name of pgaudit. Of longer names ("db.public.person") the last two parts.
TableName parse_table_name(std::string_view text);
// The same table as far as both say: a schema that one of them leaves out is taken to agree.
bool may_be_same(const TableName& a, const TableName& b);

enum class Verb : uint8_t { kOther, kSelect, kInsert, kUpdate, kDelete, kCopyTo, kCopyFrom };

struct StatementTables {
  std::vector<TableName> tables;                        // in order of appearance, repeated when named twice
  std::vector<std::pair<std::string, size_t>> aliases;  // alias or table name → index in tables
  std::unordered_set<std::string> derived;              // names of WITH queries
  Verb verb = Verb::kOther;  // what the statement proper does: of EXPLAIN, PREPARE and WITH the statement behind it
};

// Where a name stands in the tokens: ident ( . ident )*. Reads it and moves `at` behind it.
std::vector<std::string> read_name(std::string_view sql, std::span<const Token> tokens, size_t& at);
// True when a name can start here.
bool starts_name(const Token& token);

// Linear in the number of tokens. Scopes of subqueries are not told apart: an alias stands for every table that bears
// it anywhere in the statement.
StatementTables find_tables(std::string_view sql, std::span<const Token> tokens);

}  // namespace weerbaar::ingest::pgaudit
