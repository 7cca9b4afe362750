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

std::string key_of(const Table& table) {
  std::vector<std::string> key = column_names(table);
  key.resize(table.key);
  return listed(key);
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
  return fmt::format("CREATE INDEX \"key_of_{0}\" ON {1} ({2}, valid_from)", table.name, table_name(table),
                     key_of(table));
}

std::string select_facts(const Table& table) {
  return fmt::format("SELECT {0}, valid_from, valid_to, recorded_in, place FROM {1} WHERE {2} ORDER BY {3}, valid_from",
                     listed(column_names(table)), table_name(table), kIsKnown, key_of(table));
}

std::string select_changed_facts(const Table& table) {
  return fmt::format(
      "SELECT {0}, valid_from, valid_to, recorded_in, place, withdrawn_in FROM {1} WHERE withdrawn_in IS NULL OR "
      "withdrawn_in = $1 ORDER BY {2}, valid_from",
      listed(column_names(table)), table_name(table), key_of(table));
}

Result<TableState> state_beside_facts(sql::Database& database, std::string_view table) {
  const bool is_snapshot = table == "snapshot";
  FactDigest digest;
  WEERBAAR_TRY(database.query(is_snapshot
                                  ? "SELECT origin, table_name, as_of FROM snapshot ORDER BY origin, table_name"
                                  : "SELECT origin, reference, case_id FROM case_reference ORDER BY origin, reference",
                              {}, [&](const sql::Row& row) -> Status {
                                digest.add(row, is_snapshot ? 2 : 3, is_snapshot ? 1 : 0);
                                return {};
                              }));
  return digest.finish();
}

std::string find_fact(const Table& table, std::span<const size_t> said, std::span<const size_t> empty) {
  const std::vector<std::string> names = column_names(table);
  std::string where;
  for (size_t i = 0; i < said.size(); ++i) where += fmt::format(" AND {} = ${}", names[said[i]], i + 4);
  for (const size_t column : empty) where += fmt::format(" AND {} IS NULL", names[column]);
  return fmt::format(
      "SELECT f.recorded_in, f.place, i.made_at, i.format FROM (SELECT * FROM {0} WHERE {1} AND valid_from = $2 AND "
      "valid_to = $3{2} ORDER BY {3}, valid_from LIMIT 1) AS f JOIN import AS i ON i.number = f.recorded_in",
      table_name(table), kIsKnown, where, key_of(table));
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
      "valid_from {0} NOT NULL, valid_to {0} NOT NULL, reference {2}, fate {0} NOT NULL, cluster {0}, other_import "
      "{0}, "
      "other_place {0})",
      database.integer_type(), columns, database.binary_text_type());
}

std::string create_incoming_index(const Table& table, size_t number) {
  return fmt::format("CREATE INDEX incoming_key_{0} ON incoming ({1}, valid_from) WHERE of_table = {0}", number,
                     key_of(table));
}

namespace {

// The latest end among the rows of the key that begin before.
std::string reach_of(const Table& table) {
  return fmt::format(
      "MAX(valid_to) OVER (PARTITION BY {} ORDER BY valid_from, number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 "
      "PRECEDING) AS reach",
      key_of(table));
}

}  // namespace

std::string mark_clusters(const Table& table, size_t number) {
  return fmt::format(
      "UPDATE incoming SET cluster = 0 FROM (SELECT number FROM (SELECT number, valid_from, valid_to, {0}, "
      "LEAD(valid_from) OVER (PARTITION BY {1} ORDER BY valid_from, number) AS next_from FROM incoming WHERE of_table "
      "= "
      "{2}) AS spans WHERE reach > valid_from OR next_from < valid_to) AS found WHERE found.number = incoming.number",
      reach_of(table), key_of(table), number);
}

std::string number_clusters(const Table& table, size_t number) {
  return fmt::format(
      "UPDATE incoming SET cluster = found.cluster_number FROM (SELECT number, SUM(CASE WHEN reach > valid_from THEN 0 "
      "ELSE 1 END) OVER (ORDER BY {1}, valid_from, number ROWS UNBOUNDED PRECEDING) AS cluster_number FROM (SELECT "
      "number, {1}, valid_from, {0} FROM incoming WHERE of_table = {2} AND cluster = 0) AS spans) AS found WHERE "
      "found.number = incoming.number",
      reach_of(table), key_of(table), number);
}

std::string select_clusters(size_t number) {
  return fmt::format(
      "SELECT cluster, number, place, fate, valid_from, valid_to FROM incoming WHERE of_table = {} AND cluster IS NOT "
      "NULL ORDER BY cluster, number",
      number);
}

std::string create_overlapping(const sql::Database& database) {
  return fmt::format("CREATE TEMPORARY TABLE overlapping (number {0} PRIMARY KEY, other_place {0} NOT NULL)",
                     database.integer_type());
}

std::string mark_repeated(const Table& table, size_t number, Fate from, Fate to) {
  return fmt::format(
      "UPDATE incoming SET fate = {3} FROM (SELECT number, MIN(number) OVER (PARTITION BY {0}, valid_from, valid_to) "
      "AS "
      "first_number FROM incoming WHERE of_table = {1} AND cluster IS NOT NULL) AS found WHERE found.number = "
      "incoming.number AND found.first_number < incoming.number AND incoming.fate = {2}",
      listed(column_names(table)), number, from, to);
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

std::string overlapping_facts(const Table& table) {
  return fmt::format(
      "FROM {0} AS f WHERE f.withdrawn_in IS NULL AND {1} AND {2} AND f.valid_from >= COALESCE((SELECT "
      "MAX(p.valid_from) FROM {0} AS p WHERE p.withdrawn_in IS NULL AND {3} AND p.valid_from <= incoming.valid_from), "
      "incoming.valid_from)",
      table_name(table), same_key(table, "f", "incoming"), overlap("f", "incoming"), same_key(table, "p", "incoming"));
}

std::string overlap(std::string_view a, std::string_view b) {
  return fmt::format("{0}.valid_from < {1}.valid_to AND {1}.valid_from < {0}.valid_to", a, b);
}

}  // namespace weerbaar::facts
