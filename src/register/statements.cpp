#include "register/statements.h"

#include <fmt/format.h>

#include <algorithm>

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
      "CREATE TABLE {0} ({1}, recorded_in {2} NOT NULL REFERENCES import (number), place {2} NOT NULL, "
      "withdrawn_in {2} REFERENCES import (number), CHECK (valid_from < valid_to))",
      table_name(table), columns_of(table, database), database.integer_type());
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

std::vector<std::string> incoming_columns(std::span<const Table* const> tables) {
  std::vector<std::string> names;
  for (const Table* table : tables) {
    for (std::string& name : column_names(*table)) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
  }
  return names;
}

std::string create_incoming(std::span<const Table* const> tables, const sql::Database& database) {
  std::string columns;
  for (const std::string& name : incoming_columns(tables)) {
    columns += fmt::format("{} {}, ", name, database.binary_text_type());
  }
  return fmt::format(
      "CREATE TEMPORARY TABLE incoming (number {0} PRIMARY KEY, of_table {0} NOT NULL, place {0} NOT NULL, {1}"
      "valid_from {0} NOT NULL, valid_to {0} NOT NULL, reference {2}, fate {0} NOT NULL, other_import {0}, other_place "
      "{0})",
      database.integer_type(), columns, database.binary_text_type());
}

std::string create_incoming_index(const Table& table, size_t number) {
  std::vector<std::string> key = column_names(table);
  key.resize(table.key);
  return fmt::format("CREATE INDEX incoming_key_{0} ON incoming ({1}, valid_from) WHERE of_table = {0}", number,
                     listed(key));
}

std::string same_key(const Table& table, std::string_view a, std::string_view b) {
  std::vector<std::string> terms;
  for (const Column& column : table.columns.first(table.key)) {
    terms.push_back(fmt::format("{0}.\"{2}\" = {1}.\"{2}\"", a, b, column.name));
  }
  return fmt::format("{}", fmt::join(terms, " AND "));
}

std::string same_columns(const Table& table, const std::vector<bool>& is_known, std::string_view a,
                         std::string_view b) {
  std::string text = same_key(table, a, b);
  for (size_t i = table.key; i < table.columns.size(); ++i) {
    if (is_known[i])
      text += fmt::format(" AND {0}.\"{2}\" IS NOT DISTINCT FROM {1}.\"{2}\"", a, b, table.columns[i].name);
  }
  return text;
}

std::string same_fact(const Table& table, std::string_view a, std::string_view b) {
  const std::vector<bool> all(table.columns.size(), true);
  return same_columns(table, all, a, b) +
         fmt::format(" AND {0}.valid_from = {1}.valid_from AND {0}.valid_to = {1}.valid_to", a, b);
}

std::string overlap(std::string_view a, std::string_view b) {
  return fmt::format("{0}.valid_from < {1}.valid_to AND {1}.valid_from < {0}.valid_to", a, b);
}

}  // namespace weerbaar::facts
