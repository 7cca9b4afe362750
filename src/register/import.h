// How a file of facts goes into the register.
#pragma once

#include <string>
#include <string_view>

#include "register/register.h"

namespace weerbaar::facts {

// One import of one table.
class Import {
 public:
  Import(sql::Database& database, const Table& table) : database_(database), table_(table) {}

  // See Register::import().
  Result<ImportReport> run(std::string_view file, const Source& source, const Register::Record& record);

 private:
  // What becomes of a row.
  enum class Fate : int64_t { kNew = 0, kUnchanged = 1, kRefused = 2 };

  Status number(const Source& source);
  Status take_rows(std::string_view file);
  Status pass_over_known();
  Status refuse_overlaps();
  Result<uint64_t> refuse_overlaps_with_facts();
  Status report_refusals();
  Status apply();
  Result<uint64_t> change(std::string_view statement);
  Result<uint64_t> count(Fate fate);
  void refuse(Refusal refusal);

  sql::Database& database_;
  const Table& table_;
  ImportReport report_;
};

}  // namespace weerbaar::facts
