#include "register/register.h"

#include "register/fact_file.h"
#include "register/import.h"
#include "register/migrations.h"
#include "register/statements.h"

namespace weerbaar::facts {

Result<std::unique_ptr<Register>> Register::open(std::unique_ptr<sql::Database> database) {
  WEERBAAR_TRY(migrate(*database));
  return std::unique_ptr<Register>(new Register(std::move(database)));
}

Result<ImportReport> Register::import(const Table& table, std::string_view file, const Source& source,
                                      const Record& record) {
  WEERBAAR_ASSIGN(const std::unique_ptr<Delivery> delivery, open_fact_file(table, file));
  return import(*delivery, source, record);
}

Result<ImportReport> Register::import(Delivery& delivery, const Source& source, const Record& record) {
  return Import(*database_, delivery, source).run(record);
}

Result<uint64_t> Register::imports() {
  uint64_t last = 0;
  WEERBAAR_TRY(database_->query("SELECT MAX(number) FROM import", {}, [&](const sql::Row& row) -> Status {
    last = static_cast<uint64_t>(row.integer(0));
    return {};
  }));
  return last;
}

Result<uint64_t> Register::count(const Table& table, uint64_t known_at) {
  uint64_t facts = 0;
  WEERBAAR_TRY(
      database_->query(count_facts(table), {static_cast<int64_t>(known_at)}, [&](const sql::Row& row) -> Status {
        facts = static_cast<uint64_t>(row.integer(0));
        return {};
      }));
  return facts;
}

Result<std::vector<ImportedFile>> Register::import_list() {
  std::vector<ImportedFile> all;
  WEERBAAR_TRY(database_->query("SELECT number, table_name, digest, format, origin, as_of FROM import ORDER BY number",
                                {}, [&](const sql::Row& row) -> Status {
                                  ImportedFile one;
                                  one.number = static_cast<uint64_t>(row.integer(0));
                                  one.tables = row.text(1);
                                  one.digest = row.text(2);
                                  one.format = row.text(3);
                                  one.origin = row.text(4);
                                  if (!row.is_null(5)) one.snapshot_at = Time{row.integer(5), 0};
                                  all.push_back(std::move(one));
                                  return {};
                                }));
  return all;
}

Result<TableState> Register::state(std::string_view table, uint64_t known_at) {
  TableState state;
  if (const Table* facts = find_table(table); facts != nullptr) {
    WEERBAAR_TRY(read(*facts, known_at, [](const Fact&) { return Status(); }, &state));
  } else {
    WEERBAAR_ASSIGN(state, state_beside_facts(*database_, table));
  }
  return state;
}

Status Register::read(const Table& table, uint64_t known_at, const std::function<Status(const Fact&)>& take,
                      TableState* state) {
  Fact fact;
  FactDigest digest;
  const auto known = static_cast<int64_t>(known_at);
  WEERBAAR_TRY(database_->query(select_facts(table), {known}, [&](const sql::Row& row) -> Status {
    fact.values.clear();
    size_t column = 0;
    for (; column < table.columns.size(); ++column) fact.values.push_back(row.text(column));
    fact.valid_from = row.integer(column);
    fact.valid_to = row.integer(column + 1);
    if (state != nullptr) digest.add(row, table.columns.size(), kIntegersOfFact);
    return take(fact);
  }));
  if (state != nullptr) *state = digest.finish();
  return {};
}

Result<std::optional<RecordedFact>> Register::find(const Table& table, uint64_t known_at,
                                                   std::span<const KnownCell> cells, int64_t valid_from,
                                                   int64_t valid_to) {
  std::vector<sql::Value> values = {static_cast<int64_t>(known_at), valid_from, valid_to};
  std::vector<size_t> said;
  std::vector<size_t> empty;
  for (const KnownCell& cell : cells) {
    (cell.text.empty() ? empty : said).push_back(cell.column);
    if (!cell.text.empty()) values.emplace_back(cell.text);
  }
  std::optional<RecordedFact> found;
  WEERBAAR_TRY(database_->query(find_fact(table, said, empty), values, [&](const sql::Row& row) -> Status {
    found = {valid_from,
             valid_to,
             static_cast<uint64_t>(row.integer(0)),
             Time{row.integer(2), 0},
             std::string(row.text(3)),
             static_cast<uint64_t>(row.integer(1))};
    return {};
  }));
  return found;
}

}  // namespace weerbaar::facts
