// What a snapshot does to one table: a source that knows no history says what is so at one moment, and so what is no
// more.
//
// A row without a beginning says what is so at that moment: a fact that says the same stays, otherwise it begins then.
// A fact that is valid then or later, came from the same origin, and is said by no row, ends then, or where a row of
// the same key that says something else begins before. All of it is SQL over the table "incoming" (statements.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "register/schema.h"
#include "sql/database.h"

namespace weerbaar::facts {

class Snapshot {
 public:
  struct Frame {
    std::string_view origin;
    int64_t moment = 0;
    uint64_t import = 0;  // that it is taken in by
  };
  struct Ends {
    uint64_t ended = 0;
    uint64_t kept = 0;
  };

  // `number`: of the table among those of the delivery. `is_known`: which of its columns the delivery has at all.
  Snapshot(sql::Database& database, const Frame& frame, const Table& table, size_t number, std::vector<bool> is_known)
      : database_(database), frame_(frame), table_(table), number_(number), is_known_(std::move(is_known)) {}

  // kInvalid when the origin delivered a later one of this table.
  Status check_is_latest();
  // Marks the rows that facts say already, and lets the others begin.
  Status settle();
  // Whether its origin said the fact `f` and says it no more, in SQL with the origin as $1.
  [[nodiscard]] std::string is_unsaid() const;
  // The same of those that may end by it: they are valid at its moment, or later.
  [[nodiscard]] std::string may_end() const;
  // Ends them, or corrects what was said of their beginning. Before the rows themselves go in. `is_doubtful`: rows of
  // the table were refused, and may be what seems to be missing; then only those end of which a row takes the place.
  Result<Ends> end(bool is_doubtful);

 private:
  // `rows`: "FROM … WHERE …", of the rows or of the facts.
  [[nodiscard]] std::string any_says(std::string_view rows, std::string_view row, std::string_view fact) const;
  Result<uint64_t> change(std::string_view statement);
  Result<uint64_t> count(std::string_view condition);

  sql::Database& database_;
  Frame frame_;
  const Table& table_;
  size_t number_;
  std::vector<bool> is_known_;
};

}  // namespace weerbaar::facts
