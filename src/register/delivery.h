// What an import takes in: facts of one or of several tables, as a file gives them, whatever its format.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "register/schema.h"

namespace weerbaar::facts {

// A row on its way in. Its views live until the next one.
struct FactRow {
  uint64_t place = 0;  // in the file: a line, or item_place()
  const Table* table = nullptr;
  std::vector<std::string_view> cells;  // in the order of the columns of the table; empty: nothing
  int64_t valid_from = kAlways;
  int64_t valid_to = kUntilFurtherNotice;
  // It withdraws the fact with its key and beginning; what other cells say does not matter, and they may be empty.
  bool withdraws = false;
  // How the source refers to the case that the row is about. In a row of the table "case" it is kept. In one of another
  // table whose cell "case" is empty, it is looked up among those that were kept for the same origin.
  std::string_view reference;
};

struct Refusal {
  uint64_t place = 0;
  std::string why;               // never repeats what stands there
  const Table* table = nullptr;  // that lacks a fact for it; null: any of them
};

// Where something stands in JSON, in the order of the file: the item, from 1, and the part of it, from 1; 0 is the
// whole. Parts beyond kPartsMax are named as that one.
inline constexpr uint64_t kPartsMax = (uint64_t{1} << 20U) - 1;
uint64_t item_place(uint64_t item, uint64_t part = 0);
// For a person: "line 7", or in formats of JSON "item 7" or "item 7, part 2".
std::string name_place(std::string_view format, uint64_t place);

class Delivery {
 public:
  using Take = std::function<Status(const FactRow&)>;
  using Refuse = std::function<void(Refusal)>;

  virtual ~Delivery() = default;
  // "csv", "scim" …
  [[nodiscard]] virtual std::string_view format() const = 0;
  // Those that it may have facts of, by name.
  [[nodiscard]] virtual std::span<const Table* const> tables() const = 0;
  // False where it leaves a column of one of its tables empty because it never has anything of that kind.
  [[nodiscard]] virtual bool knows(const Table& table, size_t column) const = 0;
  // Once. Calls take(row) for each row that is right in itself, and refuse(refusal) for what gives none. An error for a
  // file that cannot be taken at all, and that of `take`.
  virtual Status read(const Take& take, const Refuse& refuse) = 0;
};

// Whether a subject could be that of an access event: written as "TYPE:ID" with an ID that can be. The type of those
// that fail the 11-test is "other".
Status check_subject(std::string_view text);
// Whether the value fits the column: it is not longer, and holds nothing else, than an access event may say of its
// kind, which it else could never be about. kInvalid without the name of the column.
Status check_cell(const Column& column, std::string_view value);
// Takes a row that is right in itself, or refuses it: what every reader does with what it has read.
Status offer(const FactRow& row, const Delivery::Take& take, const Delivery::Refuse& refuse);

}  // namespace weerbaar::facts
