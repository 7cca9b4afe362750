#include "register/migrations.h"

#include <fmt/format.h>

#include "register/statements.h"
#include "sql/schema.h"

namespace weerbaar::facts {
namespace {

constexpr int64_t kVersion = 3;

// What version 3 added: the last snapshot of each table by each origin, and how an origin refers to cases.
Status make_tables_of_origins(sql::Database& database) {
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE snapshot (origin {1} NOT NULL, table_name {1} NOT NULL, as_of {0} NOT NULL, "
                  "PRIMARY KEY (origin, table_name))",
                  database.integer_type(), database.binary_text_type())));
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE case_reference (origin {0} NOT NULL, reference {0} NOT NULL, case_id {0} NOT NULL, "
                  "PRIMARY KEY (origin, reference))",
                  database.binary_text_type())));
  return {};
}

Status make_version_3(sql::Database& database) {
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE import (number {0} PRIMARY KEY, table_name {1} NOT NULL, made_at {0} NOT NULL, "
                  "made_by {1} NOT NULL, file_name {1} NOT NULL, digest {1} NOT NULL, format {1} NOT NULL, "
                  "origin {1} NOT NULL, as_of {0})",
                  database.integer_type(), database.binary_text_type())));
  WEERBAAR_TRY(make_tables_of_origins(database));
  for (const Table& table : tables()) {
    WEERBAAR_TRY(database.change(create_table(table, database)));
    WEERBAAR_TRY(database.change(create_index(table)));
  }
  return {};
}

// Version 1 had all tables but this one, which is made here as version 2 made it.
Status take_over_version_1(sql::Database& database) {
  const Table& table = *find_table("reported");
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE {0} (report {1} NOT NULL, subject {1} NOT NULL, remark {1}, valid_from {2} NOT NULL, "
                  "valid_to {2} NOT NULL, recorded_in {2} NOT NULL REFERENCES import (number), line {2} NOT NULL, "
                  "withdrawn_in {2} REFERENCES import (number))",
                  table_name(table), database.binary_text_type(), database.integer_type())));
  WEERBAAR_TRY(database.change(create_index(table)));
  return {};
}

// Facts of version 2 had a line, of which a table had one an import; those that an import ends have none.
Status take_over_table(const Table& table, sql::Database& database) {
  const std::string columns =
      fmt::format("{}, valid_from, valid_to, recorded_in", fmt::join(column_names(table), ", "));
  const std::string name = table_name(table);
  const std::string old_name = fmt::format("\"old_{}\"", table.name);
  for (const std::string& statement :
       {fmt::format("ALTER TABLE {} RENAME TO {}", name, old_name), fmt::format("DROP INDEX \"key_of_{}\"", table.name),
        create_table(table, database),
        fmt::format("INSERT INTO {0} ({2}, place, withdrawn_in) SELECT {2}, line, withdrawn_in FROM {1}", name,
                    old_name, columns),
        fmt::format("DROP TABLE {}", old_name), create_index(table)}) {
    WEERBAAR_TRY(database.change(statement));
  }
  return {};
}

// Every import of version 2 was of CSV.
Status take_over_version_2(sql::Database& database) {
  for (const std::string_view column : {"format", "origin"}) {
    WEERBAAR_TRY(database.change(fmt::format("ALTER TABLE import ADD COLUMN {} {} NOT NULL DEFAULT 'csv'", column,
                                             database.binary_text_type())));
  }
  WEERBAAR_TRY(database.change(fmt::format("ALTER TABLE import ADD COLUMN as_of {}", database.integer_type())));
  WEERBAAR_TRY(make_tables_of_origins(database));
  for (const Table& table : tables()) WEERBAAR_TRY(take_over_table(table, database));
  return {};
}

}  // namespace

Status migrate(sql::Database& database) {
  return sql::bring_up(database,
                       {"schema_version", "the register", kVersion, [](sql::Database& to, int64_t from) -> Status {
                          if (from < 1) return make_version_3(to);
                          if (from < 2) WEERBAAR_TRY(take_over_version_1(to));
                          if (from < 3) WEERBAAR_TRY(take_over_version_2(to));
                          return {};
                        }});
}

}  // namespace weerbaar::facts
