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

Status Register::read(const Table& table, uint64_t known_at, const std::function<Status(const Fact&)>& take) {
  Fact fact;
  const auto known = static_cast<int64_t>(known_at);
  return database_->query(select_facts(table), {known}, [&](const sql::Row& row) -> Status {
    fact.values.clear();
    size_t column = 0;
    for (; column < table.columns.size(); ++column) fact.values.push_back(row.text(column));
    fact.valid_from = row.integer(column);
    fact.valid_to = row.integer(column + 1);
    return take(fact);
  });
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
