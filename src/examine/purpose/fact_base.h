// The facts of the register in memory, as they were known after one import, for judging millions of accesses.
//
// Texts are numbered: a symbol for each, the same in all tables, per kind. Only what rules ask for is kept.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/large_pages.h"
#include "register/register.h"
#include "register/schema.h"
#include "trail/store/value_table.h"

namespace weerbaar::purpose {

using Symbol = uint32_t;
inline constexpr Symbol kNoSymbol = 0;          // nothing is said
inline constexpr Symbol kUnknown = UINT32_MAX;  // something that no fact says

// What one table says. A row stands together, validity and all: to look at it costs one wait for memory.
class FactTable {
 public:
  static constexpr size_t kNotKept = SIZE_MAX;

  explicit FactTable(const facts::Table& schema) : schema_(schema), places_(schema.columns.size(), kNotKept) {}

  [[nodiscard]] const facts::Table& schema() const { return schema_; }
  // Before the first row.
  void keep(size_t column);
  [[nodiscard]] bool keeps(size_t column) const { return places_[column] != kNotKept; }
  // For so many rows in all: so that a large table does not move while it grows, and stand there twice meanwhile.
  void make_room(size_t rows) { cells_.reserve(rows * stride_); }
  void add_row(int64_t valid_from, int64_t valid_to);
  void set_last(size_t column, Symbol symbol) { cells_[cells_.size() - stride_ + places_[column]] = symbol; }

  [[nodiscard]] size_t rows() const { return cells_.size() / stride_; }
  // Where a kept column stands in a row.
  [[nodiscard]] size_t place(size_t column) const { return places_[column]; }
  void expect(size_t row) const {
    const Symbol* const cells = &cells_[row * stride_];
    __builtin_prefetch(cells);
    // A row may begin in one line of the cache and end in the next.
    __builtin_prefetch(cells + stride_ - 1);
  }
  [[nodiscard]] Symbol cell(size_t row, size_t place) const { return cells_[row * stride_ + place]; }
  [[nodiscard]] int64_t valid_from(size_t row) const { return moment(row, 0); }
  [[nodiscard]] int64_t valid_to(size_t row) const { return moment(row, 2); }

 private:
  // Two moments, of two cells each.
  static constexpr size_t kValidityCells = 4;

  [[nodiscard]] int64_t moment(size_t row, size_t place) const {
    int64_t micros = 0;
    std::memcpy(&micros, &cells_[row * stride_ + place], sizeof micros);
    return micros;
  }

  const facts::Table& schema_;
  std::vector<size_t> places_;
  size_t stride_ = kValidityCells;
  os::LargeVector<Symbol> cells_;
};

// The rows of a table by what one column says.
class FactIndex {
 public:
  // `table` must outlive it, and grow no more.
  FactIndex(const FactTable& table, size_t place, size_t symbols);

  // Rows of which the column holds the symbol, ascending.
  struct Rows {
    const uint32_t* numbers = nullptr;  // null: they are `begin` … `end` - 1 themselves
    uint32_t begin = 0;
    uint32_t end = 0;

    [[nodiscard]] size_t size() const { return end - begin; }
    [[nodiscard]] uint32_t at(uint32_t i) const { return numbers == nullptr ? i : numbers[i]; }
    void expect() const {
      if (numbers != nullptr) __builtin_prefetch(numbers + begin);
    }
  };
  [[nodiscard]] Rows rows(Symbol symbol) const {
    if (symbol >= begins_.size() - 1) return {};
    return {rows_.empty() ? nullptr : rows_.data(), begins_[symbol], begins_[symbol + 1]};
  }
  void expect(Symbol symbol) const {
    if (symbol < begins_.size()) __builtin_prefetch(&begins_[symbol]);
  }
  // How many rows there are for a symbol that is there, on average; 0 of an empty table.
  [[nodiscard]] double rows_each() const { return rows_each_; }

 private:
  os::LargeVector<uint32_t> begins_;  // by symbol
  os::LargeVector<uint32_t> rows_;    // empty when the table is in the order of the column
  double rows_each_ = 0;
};

class FactBase {
 public:
  // Keeps room for `column` of `table`; before add() and load().
  void want(const facts::Table& table, size_t column);
  // Says how many facts of a table are to come; what nobody wants is passed over.
  void make_room(const facts::Table& schema, size_t facts);
  // One fact; what nobody wants is passed over.
  Status add(const facts::Table& schema, const facts::Fact& fact);
  // Adds those of the wanted tables as they were known after an import. `seen` is told what each was, and its error
  // ends this.
  using SeenState = std::function<Status(const facts::Table& table, const facts::TableState& state)>;
  Status load(facts::Register& from, uint64_t known_at, const SeenState& seen = {});

  // The symbol of a text, a new one when no fact says it: so that what a rule names can be told from all else that no
  // fact says. Before anything is found by find().
  Symbol intern(facts::Kind kind, std::string_view text);
  // kNoSymbol of an empty text, kUnknown of one that no fact and no rule says.
  [[nodiscard]] Symbol find(facts::Kind kind, std::string_view text) const;
  // The same of many texts: they wait for memory together. `symbols` is as long as `texts`.
  void find_all(facts::Kind kind, std::span<const std::string_view> texts, std::span<Symbol> symbols) const;
  // The text of a symbol of this kind; empty for the two above.
  [[nodiscard]] std::string_view text(facts::Kind kind, Symbol symbol) const;

  // How many there are of this kind, kNoSymbol included: they are numbered in order.
  [[nodiscard]] size_t symbols(facts::Kind kind) const { return texts_[static_cast<size_t>(kind)].values().size() + 1; }

  // A wanted one.
  [[nodiscard]] const FactTable& table(const facts::Table& schema) const { return known(schema).table; }
  // Made when it is not there; add nothing afterwards.
  const FactIndex& index(const facts::Table& schema, size_t column);

  // Which columns mention each symbol of a kind: a bit for each column that index() was asked for. So that a fact that
  // is not there costs one look for all tables together.
  class Mentions {
   public:
    // Of every symbol but kNoSymbol.
    static constexpr uint32_t kIsSaid = 1U << 31U;

    [[nodiscard]] uint32_t of(Symbol symbol) const {
      return symbol < bits_.size() ? bits_[symbol] : symbol == kNoSymbol ? 0 : kIsSaid;
    }
    [[nodiscard]] bool has(Symbol symbol, uint32_t bit) const { return (of(symbol) & bit) != 0; }
    void expect(Symbol symbol) const {
      if (symbol < bits_.size()) __builtin_prefetch(&bits_[symbol]);
    }

   private:
    friend class FactBase;
    os::LargeVector<uint32_t> bits_;
    uint32_t next_ = 1;
  };
  [[nodiscard]] const Mentions& mentions(facts::Kind kind) const { return mentions_[static_cast<size_t>(kind)]; }
  // That of a column with an index; kIsSaid when there were no bits left, which tells nothing.
  [[nodiscard]] uint32_t mention_bit(const facts::Table& schema, size_t column) const {
    return known(schema).bits[column];
  }

 private:
  struct Known {
    explicit Known(const facts::Table& schema)
        : table(schema), indexes(schema.columns.size()), bits(schema.columns.size()) {}

    FactTable table;
    std::vector<std::unique_ptr<FactIndex>> indexes;  // by column
    std::vector<uint32_t> bits;                       // in the mentions, by column
  };

  [[nodiscard]] const Known& known(const facts::Table& schema) const;
  void mention(const FactTable& table, size_t column, uint32_t& bit);
  Status add(FactTable& table, const facts::Fact& fact);

  std::vector<std::unique_ptr<Known>> tables_;
  std::vector<Mentions> mentions_ = std::vector<Mentions>(facts::kKinds);
  std::vector<trail::TextTable> texts_ = std::vector<trail::TextTable>(facts::kKinds);
};

}  // namespace weerbaar::purpose
