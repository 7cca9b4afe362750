// What a table of the register holds at a moment, as one hash: so that the trail can say what it must hold.
//
// The facts that are known after an import have one order, by key and beginning, for none of one key overlap. So their
// bytes in that order are hashed, and whoever changes, adds, takes away or moves one changes the hash.
// docs/formats/register-state.md gives the bytes.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "sql/database.h"

namespace weerbaar::facts {

struct TableState {
  uint64_t facts = 0;
  std::string digest;  // SHA-256, in hexadecimal; empty when there are none

  bool operator==(const TableState&) const = default;
};

// One table's, a row after another.
class FactDigest {
 public:
  // The first columns of the row are texts, those behind them whole numbers.
  void add(const sql::Row& row, size_t texts, size_t integers);
  TableState finish();

 private:
  void hash_chunk();

  uint64_t facts_ = 0;
  Bytes chunk_;
  Bytes hashes_;  // of the chunks before
};

}  // namespace weerbaar::facts
