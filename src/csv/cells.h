// Cuts one record into cells, still in the bytes of its code page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "csv/record_splitter.h"

namespace weerbaar::csv {

struct Cell {
  std::string_view bytes;       // without the quotes around it; into the record
  bool quotes_doubled = false;  // a quote in it is still written twice

  // Appends the bytes with every doubled quote made one.
  void append_to(std::string& bytes_out, char quote) const;
};

// RFC 4180 with the dialect's delimiter and quote. False, with the number of the cell (from 1) in `cells.size()`, when
// text follows a closing quote.
bool cut_csv(std::string_view record, const Dialect& dialect, std::vector<Cell>& cells);

}  // namespace weerbaar::csv
