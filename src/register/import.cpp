#include "register/import.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "register/overlaps.h"
#include "register/statements.h"

namespace weerbaar::facts {
namespace {

constexpr std::string_view kOverlappingColumns[] = {"number", "other_place"};
constexpr std::string_view kCaseColumn = "\"case\"";

std::string of_part(std::string_view row, size_t number) {
  return fmt::format("{}.of_table = {}", row, number);
}

}  // namespace

Import::Import(sql::Database& database, Delivery& delivery, const Source& source)
    : database_(database), delivery_(delivery), source_(source), columns_(incoming_columns(delivery.tables())) {
  for (const Table* table : delivery.tables()) {
    parts_.push_back({table, parts_.size()});
    std::vector<size_t>& places = column_of_.emplace_back();
    for (const std::string& name : column_names(*table)) {
      places.push_back(static_cast<size_t>(std::ranges::find(columns_, name) - columns_.begin()));
    }
  }
}

void Import::refuse(Refusal refusal) {
  ++report_.refused;
  if (report_.refusals.size() < ImportReport::kRefusalsMax) report_.refusals.push_back(std::move(refusal));
}

Import::Part* Import::find_part(const Table* table) {
  const auto found = std::ranges::find(parts_, table, &Part::table);
  return found == parts_.end() ? nullptr : &*found;
}

Snapshot Import::snapshot_of(const Part& part) const {
  std::vector<bool> is_known;
  is_known.reserve(part.table->columns.size());
  for (size_t i = 0; i < part.table->columns.size(); ++i) is_known.push_back(delivery_.knows(*part.table, i));
  return {database_,
          {source_.origin, source_.snapshot_at->micros, report_.number},
          *part.table,
          part.number,
          std::move(is_known)};
}

// A fact that a row takes the place of: it is about the same from the same moment on. A snapshot corrects what its own
// origin said, which is $1 then.
std::string Import::is_corrected(const Part& part) const {
  std::string text = fmt::format(
      "EXISTS (SELECT 1 FROM incoming AS c WHERE {} AND c.fate = {} AND {} AND c.valid_from = f.valid_from)",
      of_part("c", part.number), Fate::kNew, same_key(*part.table, "c", "f"));
  if (is_snapshot()) text += " AND " + snapshot_of(part).is_unsaid();
  return text;
}

Result<uint64_t> Import::change(std::string_view statement) {
  return is_snapshot() ? database_.change(statement, {std::string_view(source_.origin)}) : database_.change(statement);
}

Result<ImportReport> Import::run(const Register::Record& record) {
  WEERBAAR_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database_));
  WEERBAAR_TRY(number());
  WEERBAAR_TRY(database_.change(create_incoming(delivery_.tables(), database_)));
  WEERBAAR_TRY(take_rows());
  WEERBAAR_TRY(see_beside_facts());
  WEERBAAR_TRY(find_cases());
  if (is_snapshot() && rows_ == 0) {
    return fail(Code::kInvalid, "it holds no fact: as a snapshot it would end every fact of its origin");
  }
  for (const Part& part : parts_) {
    if (part.withdrawals > 0) WEERBAAR_TRY(withdraw(part));
  }
  for (const Part& part : parts_) {
    // A table of which a delivery says nothing is not one that it says to be empty.
    if (part.rows == 0) continue;
    WEERBAAR_TRY(settle(part));
    WEERBAAR_TRY(refuse_overlaps(part));
  }
  WEERBAAR_TRY(report_refusals());
  WEERBAAR_ASSIGN(report_.unchanged, count(Fate::kUnchanged));
  WEERBAAR_ASSIGN(report_.withdrawn, count(Fate::kWithdraws));
  for (const Part& part : parts_) {
    if (part.rows > 0) WEERBAAR_TRY(apply(part));
  }
  WEERBAAR_TRY(keep_references());
  WEERBAAR_TRY(database_.change("DROP TABLE incoming"));
  WEERBAAR_TRY(see_states());
  WEERBAAR_TRY(record(report_));
  WEERBAAR_TRY(transaction.commit());
  return std::move(report_);
}

// PostgreSQL lets two imports begin at once: the second waits here until the first is done.
Status Import::number() {
  if (database_.dialect() == sql::Dialect::kPostgresql) {
    WEERBAAR_TRY(database_.change("LOCK TABLE import IN EXCLUSIVE MODE"));
  }
  WEERBAAR_TRY(
      database_.query("SELECT COALESCE(MAX(number), 0) + 1 FROM import", {}, [&](const sql::Row& row) -> Status {
        report_.number = static_cast<uint64_t>(row.integer(0));
        return {};
      }));
  std::vector<std::string_view> names;
  names.reserve(parts_.size());
  for (const Part& part : parts_) names.push_back(part.table->name);
  const std::string tables = fmt::format("{}", fmt::join(names, ", "));
  WEERBAAR_TRY(database_.change(
      "INSERT INTO import (number, table_name, made_at, made_by, file_name, digest, format, origin, as_of) VALUES ($1, "
      "$2, $3, $4, $5, $6, $7, $8, $9)",
      {static_cast<int64_t>(report_.number), tables, source_.made_at.micros, source_.made_by, source_.name,
       source_.digest, delivery_.format(), source_.origin,
       is_snapshot() ? sql::Value(source_.snapshot_at->micros) : sql::Value()}));
  return {};
}

Status Import::take_rows() {
  std::vector<std::string_view> columns = {"number", "of_table", "place"};
  columns.insert(columns.end(), columns_.begin(), columns_.end());
  for (const std::string_view column :
       {kValidFrom, kValidTo, std::string_view("reference"), std::string_view("fate")}) {
    columns.push_back(column);
  }
  WEERBAAR_ASSIGN(const auto appender, database_.append_to("incoming", columns));
  WEERBAAR_TRY(delivery_.read([&](const FactRow& row) { return add_row(row, *appender); },
                              [&](Refusal refusal) {
                                for (Part& part : parts_) {
                                  if (refusal.table == nullptr || refusal.table == part.table) part.is_doubtful = true;
                                }
                                refuse(std::move(refusal));
                              }));
  return appender->finish();
}

Status Import::add_row(const FactRow& row, sql::Appender& appender) {
  Part* part = find_part(row.table);
  WEERBAAR_CHECK(part != nullptr && row.cells.size() == row.table->columns.size());
  if (row.withdraws && is_snapshot()) {
    return fail(Code::kInvalid,
                fmt::format("{}: a snapshot says what is so, and withdraws nothing: import the rows that do (\"{}\") "
                            "without --snapshot",
                            name_place(delivery_.format(), row.place), kWithdrawn));
  }
  ++(row.withdraws ? part->withdrawals : part->rows);
  const size_t number = row.withdraws ? number_of_withdrawals(*part) : part->number;
  values_.assign({static_cast<int64_t>(++rows_), static_cast<int64_t>(number), static_cast<int64_t>(row.place)});
  values_.resize(3 + columns_.size());
  for (size_t i = 0; i < row.cells.size(); ++i) {
    if (!row.cells[i].empty()) values_[3 + column_of_[part->number][i]] = row.cells[i];
  }
  has_references_ = has_references_ || !row.reference.empty();
  values_.insert(values_.end(),
                 {row.valid_from, row.valid_to, row.reference.empty() ? sql::Value() : sql::Value(row.reference),
                  static_cast<int64_t>(row.withdraws ? Fate::kWithdraws : Fate::kNew)});
  return appender.add(values_);
}

// Rows that refer to a case which the delivery itself does not hold: what an earlier one of the origin called so, and
// not beyond the time in which it is open.
Status Import::find_cases() {
  if (has_references_) {
    const Table& cases = *find_table("case");
    const std::string open = fmt::format("FROM {} AS f WHERE f.withdrawn_in IS NULL AND f.{} = incoming.{}",
                                         table_name(cases), kCaseColumn, kCaseColumn);
    const std::string referring = fmt::format("reference IS NOT NULL AND {} IS NULL", kCaseColumn);
    // Marked first, since it is the absence of a case that tells them.
    WEERBAAR_TRY(database_.change(fmt::format("UPDATE incoming SET fate = {} WHERE {}", Fate::kNoCase, referring)));
    WEERBAAR_TRY(database_.change(
        fmt::format("UPDATE incoming SET {0} = (SELECT r.case_id FROM case_reference AS r WHERE r.origin = $1 AND "
                    "r.reference = incoming.reference) WHERE fate = {1}",
                    kCaseColumn, Fate::kNoCase),
        {std::string_view(source_.origin)}));
    WEERBAAR_TRY(database_.change(fmt::format(
        "UPDATE incoming SET fate = {0}, valid_from = (SELECT CASE WHEN MIN(f.valid_from) > incoming.valid_from THEN "
        "MIN(f.valid_from) ELSE incoming.valid_from END {2}), valid_to = (SELECT CASE WHEN MAX(f.valid_to) < "
        "incoming.valid_to THEN MAX(f.valid_to) ELSE incoming.valid_to END {2}) WHERE fate = {1} AND {3} IS NOT NULL",
        Fate::kNew, Fate::kNoCase, open, kCaseColumn)));
    WEERBAAR_TRY(database_.change(fmt::format(
        "UPDATE incoming SET fate = {} WHERE reference IS NOT NULL AND fate = {} AND valid_from >= valid_to",
        Fate::kOutsideCase, Fate::kNew)));
  }
  for (const Part& part : parts_) {
    if (part.rows > 0) WEERBAAR_TRY(database_.change(create_incoming_index(*part.table, part.number)));
    if (part.withdrawals > 0) {
      WEERBAAR_TRY(database_.change(create_incoming_index(*part.table, number_of_withdrawals(part))));
    }
  }
  // Without it PostgreSQL takes the table for a small one.
  if (database_.dialect() == sql::Dialect::kPostgresql) WEERBAAR_TRY(database_.change("ANALYZE incoming"));
  return {};
}

// A fact that was withdrawn before is withdrawn: the same file may come again.
Status Import::withdraw(const Part& part) {
  const Table& table = *part.table;
  const std::string these = of_part("incoming", number_of_withdrawals(part));
  const auto mark = [&](Fate fate, std::string_view where) -> Status {
    WEERBAAR_TRY(database_.change(fmt::format("UPDATE incoming SET fate = {} WHERE {} AND fate = {} AND {}", fate,
                                              these, Fate::kWithdraws, where)));
    return {};
  };
  const auto row_of = [&](size_t of_table, std::string_view more) {
    return fmt::format("EXISTS (SELECT 1 FROM incoming AS e WHERE {} AND {} AND e.valid_from = incoming.valid_from{})",
                       of_part("e", of_table), same_key(table, "e", "incoming"), more);
  };
  const auto fact = [&](std::string_view more) {
    return fmt::format("EXISTS (SELECT 1 FROM {} AS f WHERE {} AND f.valid_from = incoming.valid_from{})",
                       table_name(table), same_key(table, "f", "incoming"), more);
  };
  constexpr std::string_view kIsThere = " AND f.withdrawn_in IS NULL";
  WEERBAAR_TRY(mark(Fate::kContradicts, row_of(part.number, "")));
  WEERBAAR_TRY(mark(Fate::kUnchanged, row_of(number_of_withdrawals(part), " AND e.number < incoming.number")));
  WEERBAAR_TRY(mark(Fate::kNoFact, "NOT " + fact("")));
  WEERBAAR_TRY(mark(Fate::kUnchanged, "NOT " + fact(kIsThere)));
  WEERBAAR_TRY(database_.change(fmt::format(
      "UPDATE {} AS f SET withdrawn_in = {} WHERE f.withdrawn_in IS NULL AND EXISTS (SELECT 1 FROM incoming AS c WHERE "
      "{} AND c.fate = {} AND {} AND c.valid_from = f.valid_from)",
      table_name(table), report_.number, of_part("c", number_of_withdrawals(part)), Fate::kWithdraws,
      same_key(table, "c", "f"))));
  return {};
}

// What a fact says already.
Status Import::settle(const Part& part) {
  if (is_snapshot()) {
    Snapshot snapshot = snapshot_of(part);
    WEERBAAR_TRY(snapshot.check_is_latest());
    WEERBAAR_TRY(snapshot.settle());
  } else {
    WEERBAAR_TRY(database_.change(
        fmt::format("UPDATE incoming SET fate = {} WHERE {} AND fate = {} AND EXISTS (SELECT 1 FROM {} AS f WHERE "
                    "f.withdrawn_in IS NULL AND {})",
                    Fate::kUnchanged, of_part("incoming", part.number), Fate::kNew, table_name(*part.table),
                    same_fact(*part.table, "f", "incoming"))));
  }
  return {};
}

// A row gives way to any earlier one, whatever becomes of that: so the answer does not depend on the order of the
// checks. With each row that is refused a fact may be corrected no more, which others then overlap.
Status Import::refuse_overlaps(const Part& part) {
  WEERBAAR_ASSIGN(const uint64_t clustered, database_.change(mark_clusters(*part.table, part.number)));
  if (clustered > 0) WEERBAAR_TRY(refuse_overlaps_with_earlier(part));
  for (;;) {
    WEERBAAR_ASSIGN(const uint64_t refused, refuse_overlaps_with_facts(part));
    if (refused == 0) return {};
  }
}

Status Import::refuse_overlaps_with_earlier(const Part& part) {
  WEERBAAR_TRY(database_.change(number_clusters(*part.table, part.number)));
  // Behind this, a row that is new says nothing that an earlier one says.
  WEERBAAR_TRY(database_.change(mark_repeated(*part.table, part.number, Fate::kNew, Fate::kUnchanged)));
  WEERBAAR_ASSIGN(const std::vector<Overlap> overlaps, find_overlaps(part));
  WEERBAAR_TRY(database_.change(create_overlapping(database_)));
  WEERBAAR_ASSIGN(const auto appender, database_.append_to("overlapping", kOverlappingColumns));
  for (const Overlap& overlap : overlaps) {
    const sql::Value values[] = {overlap.number, overlap.other_place};
    WEERBAAR_TRY(appender->add(values));
  }
  WEERBAAR_TRY(appender->finish());
  WEERBAAR_TRY(database_.change(
      fmt::format("UPDATE incoming SET fate = {}, other_place = o.other_place FROM overlapping AS o WHERE o.number = "
                  "incoming.number",
                  Fate::kOverlap)));
  WEERBAAR_TRY(database_.change("DROP TABLE overlapping"));
  return {};
}

// Not in SQL, which would compare each row of a cluster with each.
Result<std::vector<Import::Overlap>> Import::find_overlaps(const Part& part) {
  struct Row {
    int64_t number;
    int64_t place;
    bool is_new;
  };
  std::vector<Overlap> overlaps;
  std::vector<Row> rows;
  std::vector<Span> spans;
  int64_t cluster = 0;
  const auto end_cluster = [&] {
    const std::vector<size_t> firsts = first_overlaps(spans);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].is_new && firsts[i] != kNoOverlap) overlaps.push_back({rows[i].number, rows[firsts[i]].place});
    }
    rows.clear();
    spans.clear();
  };
  WEERBAAR_TRY(database_.query(select_clusters(part.number), {}, [&](const sql::Row& row) -> Status {
    if (row.integer(0) != cluster) end_cluster();
    cluster = row.integer(0);
    rows.push_back({row.integer(1), row.integer(2), row.integer(3) == static_cast<int64_t>(Fate::kNew)});
    spans.push_back({row.integer(4), row.integer(5)});
    return {};
  }));
  end_cluster();
  return overlaps;
}

// The facts that a snapshot ends are in nobody's way.
Result<uint64_t> Import::refuse_overlaps_with_facts(const Part& part) {
  std::string others = fmt::format("{} AND NOT ({})", overlapping_facts(*part.table), is_corrected(part));
  if (is_snapshot()) others += fmt::format(" AND NOT ({})", snapshot_of(part).may_end());
  return change(fmt::format(
      "UPDATE incoming SET fate = {0}, other_import = (SELECT f.recorded_in {1} ORDER BY f.valid_from LIMIT 1), "
      "other_place = (SELECT f.place {1} ORDER BY f.valid_from LIMIT 1) WHERE {2} AND fate = {3} AND EXISTS (SELECT 1 "
      "{1})",
      Fate::kOverlap, others, of_part("incoming", part.number), Fate::kNew));
}

std::string Import::reason_of(const sql::Row& row) const {
  switch (static_cast<Fate>(row.integer(1))) {
    case Fate::kNoCase:
      return "its zaak is neither in this delivery nor in the register: deliver it with its rollen";
    case Fate::kOutsideCase:
      return "it lies outside the time of its zaak";
    case Fate::kEndedBefore:
      return "it ended before the moment of the snapshot";
    case Fate::kNoFact:
      return "it withdraws a fact, and there never was one with its key and beginning";
    case Fate::kContradicts:
      return "it withdraws what another row says, with the same key and beginning: that row corrects it by itself";
    default:
      break;
  }
  const auto place = static_cast<uint64_t>(row.integer(3));
  if (row.is_null(2)) {
    return fmt::format("its validity overlaps that of {}, which says something else about the same",
                       name_place(delivery_.format(), place));
  }
  if (place == 0) {
    return fmt::format("its validity overlaps that of a fact that ended by import {}: it may begin when that one ended",
                       row.integer(2));
  }
  return fmt::format(
      "its validity overlaps that of the fact of {} of import {}, {}: end that one first",
      name_place(row.text(4), place), row.integer(2),
      is_snapshot() ? "which another origin or an earlier time says otherwise" : "which begins at another moment");
}

Status Import::report_refusals() {
  WEERBAAR_TRY(database_.query(
      fmt::format("SELECT c.place, c.fate, c.other_import, c.other_place, i.format, c.of_table FROM incoming AS c LEFT "
                  "JOIN import AS i ON i.number = c.other_import WHERE c.fate >= {} ORDER BY c.number",
                  Fate::kOverlap),
      {}, [&](const sql::Row& row) -> Status {
        refuse({static_cast<uint64_t>(row.integer(0)), reason_of(row),
                parts_[static_cast<size_t>(row.integer(5)) % parts_.size()].table});
        return {};
      }));
  std::ranges::stable_sort(report_.refusals, {}, &Refusal::place);
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

Status Import::apply(const Part& part) {
  const std::string name = table_name(*part.table);
  WEERBAAR_ASSIGN(const uint64_t corrected,
                  change(fmt::format("UPDATE {} AS f SET withdrawn_in = {} WHERE f.withdrawn_in IS NULL AND {}", name,
                                     report_.number, is_corrected(part))));
  if (is_snapshot()) {
    WEERBAAR_ASSIGN(const Snapshot::Ends ends, snapshot_of(part).end(part.is_doubtful));
    report_.ended += ends.ended;
    report_.kept += ends.kept;
  }
  const std::string columns = fmt::format("{}, valid_from, valid_to", fmt::join(column_names(*part.table), ", "));
  WEERBAAR_ASSIGN(const uint64_t taken,
                  database_.change(fmt::format("INSERT INTO {0} ({1}, recorded_in, place) SELECT {1}, {2}, place FROM "
                                               "incoming WHERE of_table = {3} AND fate = {4}",
                                               name, columns, report_.number, part.number, Fate::kNew)));
  report_.corrected += corrected;
  report_.added += taken - corrected;
  return {};
}

Status Import::keep_references() {
  const Part* cases = find_part(find_table("case"));
  if (!has_references_ || cases == nullptr || cases->rows == 0) return {};
  WEERBAAR_TRY(database_.change(
      fmt::format(
          "INSERT INTO case_reference (origin, reference, case_id) SELECT CAST($1 AS TEXT), reference, MIN({0}) "
          "FROM incoming WHERE of_table = {1} AND reference IS NOT NULL AND fate IN ({2}, {3}) GROUP BY "
          "reference ON CONFLICT (origin, reference) DO UPDATE SET case_id = excluded.case_id",
          kCaseColumn, cases->number, Fate::kNew, Fate::kUnchanged),
      {std::string_view(source_.origin)}));
  return {};
}

Status Import::see_beside_facts() {
  for (const std::string_view table : kBesideFacts) {
    const bool is_used = table == "snapshot" ? is_snapshot() : has_references_;
    if (!is_used) continue;
    WEERBAAR_ASSIGN(TableState before, state_beside_facts(database_, table));
    report_.states.push_back({std::string(table), std::move(before), {}});
  }
  return {};
}

// One pass gives what a table was before this import, and what it is.
Status Import::see_states() {
  for (StateChange& beside : report_.states) {
    WEERBAAR_ASSIGN(beside.after, state_beside_facts(database_, beside.table));
  }
  const auto here = static_cast<int64_t>(report_.number);
  for (const Part& part : parts_) {
    if (part.rows == 0 && part.withdrawals == 0) continue;
    const size_t texts = part.table->columns.size();
    const size_t recorded_in = texts + 2;
    const size_t withdrawn_in = texts + kIntegersOfFact;
    FactDigest before;
    FactDigest after;
    WEERBAAR_TRY(database_.query(select_changed_facts(*part.table), {here}, [&](const sql::Row& row) -> Status {
      if (row.integer(recorded_in) != here) before.add(row, texts, kIntegersOfFact);
      if (row.is_null(withdrawn_in)) after.add(row, texts, kIntegersOfFact);
      return {};
    }));
    report_.states.push_back({std::string(part.table->name), before.finish(), after.finish()});
  }
  return {};
}

}  // namespace weerbaar::facts
