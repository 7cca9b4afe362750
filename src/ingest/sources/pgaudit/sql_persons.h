// Which persons a statement is about: the literals and bound parameters that it compares with columns known to identify
// persons.
//
// Only these forms are understood; of everything else nothing is guessed, and `incomplete` says so:
//   column = value, value = column, column IN (value, …), column = ANY (array), SET column = value,
//   INSERT INTO table (columns) VALUES (…), …; each with casts (::type, CAST) and table or alias before the column.
// A column compared with another person column is a join and needs nothing. Negated conditions name who was *not*
// meant: they count as not understood. A condition need not hold for a row to be shown (OR): the persons found are
// those that somebody asked for by number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/access_event.h"
#include "ingest/sources/pgaudit/audit_message.h"
#include "ingest/sources/pgaudit/sql_tables.h"

namespace weerbaar::ingest::pgaudit {

inline constexpr size_t kPersonColumnsMax = 64;

// A column that identifies a person. Without a table: that column of any table.
struct PersonColumn {
  TableName table;  // table.table empty: any
  std::string column;
  SubjectType type = SubjectType::kOther;
};

struct Person {
  SubjectType type = SubjectType::kOther;
  std::string id;
  bool bsn_invalid = false;  // stood in a BSN column but fails the 11-test: its type is kOther then

  bool operator==(const Person&) const = default;
};

struct FoundPersons {
  std::vector<Person> persons;  // in order of appearance, repeated when named twice
  bool incomplete = false;      // a person column occurs in a condition that is not understood
};

class PersonFinder {
 public:
  // At most kPersonColumnsMax columns.
  explicit PersonFinder(std::vector<PersonColumn> columns);

  // `parameters` is null when the log does not hold them. Linear in tokens, parameters and their length.
  FoundPersons find(std::string_view sql, std::span<const Token> tokens, const StatementTables& tables,
                    const Parameters* parameters) const;

  [[nodiscard]] const std::vector<PersonColumn>& columns() const { return columns_; }
  // The columns, one bit each, that have this name, or that this table has.
  [[nodiscard]] uint64_t columns_named(const std::string& name) const;
  [[nodiscard]] uint64_t columns_of(const TableName& table) const;

 private:
  std::vector<PersonColumn> columns_;
  std::unordered_map<std::string, uint64_t> by_name_;
};

}  // namespace weerbaar::ingest::pgaudit
