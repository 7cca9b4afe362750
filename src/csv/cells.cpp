#include "csv/cells.h"

#include <algorithm>

namespace weerbaar::csv {
namespace {

// Position of the quote that closes a cell whose text starts at `at`; notes on the way whether it holds doubled ones.
size_t closing_quote(std::string_view record, size_t at, char quote, bool& doubled) {
  for (;;) {
    at = record.find(quote, at);
    if (at == std::string_view::npos || at + 1 >= record.size() || record[at + 1] != quote) return at;
    doubled = true;
    at += 2;
  }
}

}  // namespace

void Cell::append_to(std::string& bytes_out, char quote) const {
  for (size_t at = 0; at < bytes.size(); ++at) {
    bytes_out += bytes[at];
    if (bytes[at] == quote) ++at;
  }
}

bool cut_csv(std::string_view record, const Dialect& dialect, std::vector<Cell>& cells) {
  cells.clear();
  size_t at = 0;
  for (;;) {
    Cell& cell = cells.emplace_back();
    size_t end = 0;
    if (at < record.size() && record[at] == dialect.quote) {
      const size_t close = closing_quote(record, at + 1, *dialect.quote, cell.quotes_doubled);
      if (close == std::string_view::npos) return false;
      cell.bytes = record.substr(at + 1, close - at - 1);
      end = close + 1;
      if (end == record.size()) return true;
      if (!record.substr(end).starts_with(dialect.delimiter)) return false;
    } else {
      end = std::min(record.find(dialect.delimiter, at), record.size());
      cell.bytes = record.substr(at, end - at);
      if (end == record.size()) return true;
    }
    at = end + dialect.delimiter.size();
  }
}

}  // namespace weerbaar::csv
