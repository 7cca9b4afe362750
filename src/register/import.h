// How a delivery of facts goes into the register.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "register/fate.h"
#include "register/register.h"
#include "register/snapshot.h"

namespace weerbaar::facts {

// One import of one delivery.
class Import {
 public:
  Import(sql::Database& database, Delivery& delivery, const Source& source);

  // See Register::import().
  Result<ImportReport> run(const Register::Record& record);

 private:
  // A table of the delivery.
  struct Part {
    const Table* table;
    size_t number;
    uint64_t rows = 0;
    uint64_t withdrawals = 0;  // beside them
    bool is_doubtful = false;  // something was refused that may have been a row of it
  };

  Status number();
  Status take_rows();
  Status add_row(const FactRow& row, sql::Appender& appender);
  Status find_cases();
  // Of the rows that withdraw facts: they stand beside the others as if they were of a table of their own.
  [[nodiscard]] size_t number_of_withdrawals(const Part& part) const { return parts_.size() + part.number; }
  Status withdraw(const Part& part);
  Status settle(const Part& part);
  Status refuse_overlaps(const Part& part);
  // What an earlier row says too is unchanged.
  Status refuse_overlaps_with_earlier(const Part& part);
  // A row, and the place of the earlier one that it gives way to.
  struct Overlap {
    int64_t number;
    int64_t other_place;
  };
  Result<std::vector<Overlap>> find_overlaps(const Part& part);
  Result<uint64_t> refuse_overlaps_with_facts(const Part& part);
  Status report_refusals();
  [[nodiscard]] std::string reason_of(const sql::Row& row) const;
  Status apply(const Part& part);
  Status keep_references();
  // Of what this import may change beside facts, before it does.
  Status see_beside_facts();
  Status see_states();
  Result<uint64_t> count(Fate fate);
  [[nodiscard]] std::string is_corrected(const Part& part) const;
  // A statement with is_corrected() in it.
  Result<uint64_t> change(std::string_view statement);
  Part* find_part(const Table* table);
  [[nodiscard]] Snapshot snapshot_of(const Part& part) const;
  [[nodiscard]] bool is_snapshot() const { return source_.snapshot_at.has_value(); }
  void refuse(Refusal refusal);

  sql::Database& database_;
  Delivery& delivery_;
  const Source& source_;
  std::vector<Part> parts_;
  std::vector<std::string> columns_;            // of "incoming", of facts
  std::vector<std::vector<size_t>> column_of_;  // of each part: where its columns stand among those
  std::vector<sql::Value> values_;
  uint64_t rows_ = 0;
  bool has_references_ = false;
  ImportReport report_;
};

}  // namespace weerbaar::facts
