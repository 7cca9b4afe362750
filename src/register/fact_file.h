// Facts as a file delivers them: CSV (RFC 4180, UTF-8, separated by commas or semicolons) of which the first line names
// the columns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "register/schema.h"

namespace weerbaar::facts {

// A row that is right in itself. Its views live until the next one.
struct FactRow {
  uint64_t line = 0;                    // of the file, from 1
  std::vector<std::string_view> cells;  // in the order of the columns of the table; empty: nothing
  int64_t valid_from = kAlways;
  int64_t valid_to = kUntilFurtherNotice;
};

struct Refusal {
  uint64_t line = 0;
  std::string why;  // never repeats what stands there
};

// Calls take(row) for each row that is right, and refuse(refusal) for each other one, in order. An error, and nothing
// more, for a file of which the first line cannot be: an unknown column, one twice, one that is required and absent.
// Errors of `take` end it.
Status read_facts(const Table& table, std::string_view file, const std::function<Status(const FactRow&)>& take,
                  const std::function<void(Refusal)>& refuse);

// Whether a subject is written as "TYPE:ID" with an ID that can be. The type of those that fail the 11-test is "other".
Status check_subject(std::string_view text);

}  // namespace weerbaar::facts
