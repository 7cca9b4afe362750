// Facts as CSV delivers them: a table a file (RFC 4180, UTF-8, separated by commas or semicolons), of which the first
// line names the columns. A row may withdraw a fact: schema.h, kWithdrawn.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "register/delivery.h"
#include "register/schema.h"

namespace weerbaar::facts {

// The file must outlive the delivery. kInvalid for one of which the first line cannot be: an unknown column, one twice,
// one that is required and absent.
Result<std::unique_ptr<Delivery>> open_fact_file(const Table& table, std::string_view file);

}  // namespace weerbaar::facts
