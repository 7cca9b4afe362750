#include "register/import.h"

#include <fmt/format.h>

#include <algorithm>

#include "register/statements.h"

namespace weerbaar::facts {
namespace {

constexpr std::string_view kOverlap = "{0}.valid_from < {1}.valid_to AND {1}.valid_from < {0}.valid_to";

std::string overlap(std::string_view a, std::string_view b) {
  return fmt::format(kOverlap, a, b);
}

// A fact that a row of the file takes the place of: it is about the same from the same moment on.
std::string is_corrected(const Table& table) {
  return fmt::format("EXISTS (SELECT 1 FROM incoming AS c WHERE c.fate = 0 AND {} AND c.valid_from = f.valid_from)",
                     same_key(table, "c", "f"));
}

}  // namespace

Result<uint64_t> Import::change(std::string_view statement) {
  return database_.change(statement);
}

void Import::refuse(Refusal refusal) {
  ++report_.refused;
  if (report_.refusals.size() < ImportReport::kRefusalsMax) report_.refusals.push_back(std::move(refusal));
}

Result<ImportReport> Import::run(std::string_view file, const Source& source, const Register::Record& record) {
  WEERBAAR_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database_));
  WEERBAAR_TRY(number(source));
  WEERBAAR_TRY(change(create_incoming(table_, database_)));
  WEERBAAR_TRY(take_rows(file));
  WEERBAAR_TRY(pass_over_known());
  WEERBAAR_TRY(refuse_overlaps());
  WEERBAAR_TRY(report_refusals());
  WEERBAAR_TRY(apply());
  WEERBAAR_TRY(change("DROP TABLE incoming"));
  WEERBAAR_TRY(record(report_));
  WEERBAAR_TRY(transaction.commit());
  return std::move(report_);
}

// PostgreSQL lets two imports begin at once: the second waits here until the first is done.
Status Import::number(const Source& source) {
  if (database_.dialect() == sql::Dialect::kPostgresql) {
    WEERBAAR_TRY(change("LOCK TABLE import IN EXCLUSIVE MODE"));
  }
  WEERBAAR_TRY(
      database_.query("SELECT COALESCE(MAX(number), 0) + 1 FROM import", {}, [&](const sql::Row& row) -> Status {
        report_.number = static_cast<uint64_t>(row.integer(0));
        return {};
      }));
  WEERBAAR_TRY(database_.change("INSERT INTO import VALUES ($1, $2, $3, $4, $5, $6)",
                                {static_cast<int64_t>(report_.number), table_.name, source.made_at.micros,
                                 source.made_by, source.name, source.digest}));
  return {};
}

Status Import::take_rows(std::string_view file) {
  const std::vector<std::string> names = column_names(table_);
  std::vector<std::string_view> columns = {"line"};
  columns.insert(columns.end(), names.begin(), names.end());
  for (const std::string_view column : {kValidFrom, kValidTo, std::string_view("fate")}) columns.push_back(column);
  WEERBAAR_ASSIGN(const auto appender, database_.append_to("incoming", columns));
  std::vector<sql::Value> values;
  const auto take = [&](const FactRow& row) {
    values.assign(1, static_cast<int64_t>(row.line));
    for (const std::string_view cell : row.cells) values.push_back(cell.empty() ? sql::Value() : sql::Value(cell));
    values.insert(values.end(), {row.valid_from, row.valid_to, static_cast<int64_t>(Fate::kNew)});
    return appender->add(values);
  };
  WEERBAAR_TRY(read_facts(table_, file, take, [&](Refusal refusal) { refuse(std::move(refusal)); }));
  WEERBAAR_TRY(appender->finish());
  std::vector<std::string> key = names;
  key.resize(table_.key);
  WEERBAAR_TRY(change(fmt::format("CREATE INDEX incoming_key ON incoming ({}, valid_from)", fmt::join(key, ", "))));
  // Without it PostgreSQL takes the table for a small one.
  if (database_.dialect() == sql::Dialect::kPostgresql) WEERBAAR_TRY(change("ANALYZE incoming"));
  return {};
}

// What an earlier row, or a fact that is there, says already.
Status Import::pass_over_known() {
  WEERBAAR_TRY(
      change(fmt::format("UPDATE incoming SET fate = 1 WHERE EXISTS (SELECT 1 FROM {} AS f WHERE "
                         "f.withdrawn_in IS NULL AND {})",
                         table_name(table_), same_fact(table_, "f", "incoming"))));
  WEERBAAR_TRY(
      change(fmt::format("UPDATE incoming SET fate = 1 WHERE fate = 0 AND EXISTS (SELECT 1 FROM incoming AS e "
                         "WHERE e.line < incoming.line AND {})",
                         same_fact(table_, "e", "incoming"))));
  return {};
}

// A row gives way to any earlier one, whatever becomes of that: so the answer does not depend on the order of the
// checks. With each row that is refused a fact may be corrected no more, which others then overlap.
Status Import::refuse_overlaps() {
  WEERBAAR_TRY(change(fmt::format(
      "UPDATE incoming SET fate = 2, other_line = (SELECT MIN(e.line) FROM incoming AS e WHERE e.line < incoming.line "
      "AND {0} AND {1} AND NOT ({2})) WHERE fate = 0 AND EXISTS (SELECT 1 FROM incoming AS e WHERE e.line < "
      "incoming.line AND {0} AND {1} AND NOT ({2}))",
      same_key(table_, "e", "incoming"), overlap("e", "incoming"), same_fact(table_, "e", "incoming"))));
  for (;;) {
    WEERBAAR_ASSIGN(const uint64_t refused, refuse_overlaps_with_facts());
    if (refused == 0) return {};
  }
}

Result<uint64_t> Import::refuse_overlaps_with_facts() {
  const std::string others =
      fmt::format("FROM {} AS f WHERE f.withdrawn_in IS NULL AND {} AND {} AND NOT {}", table_name(table_),
                  same_key(table_, "f", "incoming"), overlap("f", "incoming"), is_corrected(table_));
  return change(fmt::format(
      "UPDATE incoming SET fate = 2, other_import = (SELECT f.recorded_in {0} ORDER BY f.valid_from LIMIT "
      "1), other_line = (SELECT f.line {0} ORDER BY f.valid_from LIMIT 1) WHERE fate = 0 AND EXISTS (SELECT "
      "1 {0})",
      others));
}

Status Import::report_refusals() {
  WEERBAAR_TRY(database_.query(
      "SELECT line, other_import, other_line FROM incoming WHERE fate = 2 ORDER BY line", {},
      [&](const sql::Row& row) -> Status {
        const int64_t other = row.integer(2);
        refuse(
            {static_cast<uint64_t>(row.integer(0)),
             row.is_null(1)
                 ? fmt::format("its validity overlaps that of line {}, which says something else about the same", other)
                 : fmt::format("its validity overlaps that of the fact of line {} of import {}, which begins at "
                               "another moment: end that one first",
                               other, row.integer(1))});
        return {};
      }));
  std::ranges::sort(report_.refusals, {}, &Refusal::line);
  return {};
}

Result<uint64_t> Import::count(Fate fate) {
  uint64_t rows = 0;
  WEERBAAR_TRY(database_.query("SELECT COUNT(*) FROM incoming WHERE fate = $1", {static_cast<int64_t>(fate)},
                               [&](const sql::Row& row) -> Status {
                                 rows = static_cast<uint64_t>(row.integer(0));
                                 return {};
                               }));
  return rows;
}

Status Import::apply() {
  WEERBAAR_ASSIGN(report_.unchanged, count(Fate::kUnchanged));
  WEERBAAR_ASSIGN(
      report_.corrected,
      database_.change(fmt::format("UPDATE {} AS f SET withdrawn_in = $1 WHERE f.withdrawn_in IS NULL AND {}",
                                   table_name(table_), is_corrected(table_)),
                       {static_cast<int64_t>(report_.number)}));
  const std::string columns = fmt::format("{}, valid_from, valid_to", fmt::join(column_names(table_), ", "));
  WEERBAAR_ASSIGN(const uint64_t taken,
                  database_.change(fmt::format("INSERT INTO {0} ({1}, recorded_in, line) SELECT {1}, $1, line FROM "
                                               "incoming WHERE fate = 0",
                                               table_name(table_), columns),
                                   {static_cast<int64_t>(report_.number)}));
  report_.added = taken - report_.corrected;
  return {};
}

}  // namespace weerbaar::facts
