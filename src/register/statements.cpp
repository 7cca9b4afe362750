#include "register/statements.h"

#include <fmt/format.h>

namespace weerbaar::facts {
namespace {

std::string columns_of(const Table& table, const sql::Database& database) {
  std::string text;
  for (const Column& column : table.columns) {
    text += fmt::format("\"{}\" {}{}, ", column.name, database.binary_text_type(), column.required ? " NOT NULL" : "");
  }
  return text + fmt::format("valid_from {0} NOT NULL, valid_to {0} NOT NULL", database.integer_type());
}

// Of facts that were known after import $1.
constexpr std::string_view kIsKnown = "recorded_in <= $1 AND (withdrawn_in IS NULL OR withdrawn_in > $1)";

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string table_name(const Table& table) {
  return fmt::format("\"fact_{}\"", table.name);
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(fmt::format("\"{}\"", column.name));
  return names;
}

std::string create_table(const Table& table, const sql::Database& database) {
  return fmt::format(
      "CREATE TABLE {} ({}, recorded_in {} NOT NULL REFERENCES import (number), line {} NOT NULL, "
      "withdrawn_in {} REFERENCES import (number), CHECK (valid_from < valid_to), "
      "PRIMARY KEY (recorded_in, line))",
      table_name(table), columns_of(table, database), database.integer_type(), database.integer_type(),
      database.integer_type());
}

std::string create_index(const Table& table) {
  std::vector<std::string> key = column_names(table);
  key.resize(table.key);
  return fmt::format("CREATE INDEX \"key_of_{0}\" ON {1} ({2}, valid_from)", table.name, table_name(table),
                     listed(key));
}

std::string select_facts(const Table& table) {
  std::vector<std::string> key = column_names(table);
  key.resize(table.key);
  return fmt::format(
      "SELECT {0}, valid_from, valid_to FROM {1} "
      "WHERE {2} ORDER BY {3}, valid_from",
      listed(column_names(table)), table_name(table), kIsKnown, listed(key));
}

std::string count_facts(const Table& table) {
  return fmt::format("SELECT COUNT(*) FROM {} WHERE {}", table_name(table), kIsKnown);
}

std::string create_incoming(const Table& table, const sql::Database& database) {
  return fmt::format(
      "CREATE TEMPORARY TABLE incoming (line {0} PRIMARY KEY, {1}, fate {0} NOT NULL, other_import {0}, other_line "
      "{0})",
      database.integer_type(), columns_of(table, database));
}

std::string same_key(const Table& table, std::string_view a, std::string_view b) {
  std::vector<std::string> terms;
  for (const Column& column : table.columns.first(table.key)) {
    terms.push_back(fmt::format("{0}.\"{2}\" = {1}.\"{2}\"", a, b, column.name));
  }
  return fmt::format("{}", fmt::join(terms, " AND "));
}

std::string same_fact(const Table& table, std::string_view a, std::string_view b) {
  std::string text = same_key(table, a, b);
  for (const Column& column : table.columns.subspan(table.key)) {
    text += fmt::format(" AND {0}.\"{2}\" IS NOT DISTINCT FROM {1}.\"{2}\"", a, b, column.name);
  }
  return text + fmt::format(" AND {0}.valid_from = {1}.valid_from AND {0}.valid_to = {1}.valid_to", a, b);
}

}  // namespace weerbaar::facts
