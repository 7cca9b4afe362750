#include "examine/purpose/fact_base.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace weerbaar::purpose {

using facts::Kind;
using facts::Table;

void FactTable::keep(size_t column) {
  WEERBAAR_CHECK(cells_.empty());
  if (keeps(column)) return;
  const auto kept = static_cast<size_t>(std::ranges::count_if(places_, [](size_t place) { return place != kNotKept; }));
  places_[column] = kValidityCells + kept;
  // Even, so that moments stand where the processor likes them.
  stride_ = kValidityCells + (kept + 2) / 2 * 2;
}

void FactTable::add_row(int64_t valid_from, int64_t valid_to) {
  const size_t begin = cells_.size();
  cells_.resize(begin + stride_, kNoSymbol);
  std::memcpy(&cells_[begin], &valid_from, sizeof valid_from);
  std::memcpy(&cells_[begin + 2], &valid_to, sizeof valid_to);
}

FactIndex::FactIndex(const FactTable& table, size_t place, size_t symbols) : begins_(symbols + 1) {
  const size_t rows = table.rows();
  bool in_order = true;
  for (size_t row = 0; row < rows; ++row) {
    ++begins_[table.cell(row, place) + 1];
    in_order = in_order && (row == 0 || table.cell(row - 1, place) <= table.cell(row, place));
  }
  const auto distinct = std::ranges::count_if(begins_, [](uint32_t count) { return count != 0; });
  rows_each_ = distinct == 0 ? 0 : static_cast<double>(rows) / static_cast<double>(distinct);
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  if (in_order) return;
  rows_.resize(rows);
  std::vector<uint32_t> next(begins_.begin(), begins_.end() - 1);
  for (uint32_t row = 0; row < rows; ++row) rows_[next[table.cell(row, place)]++] = row;
}

const FactBase::Known& FactBase::known(const Table& schema) const {
  const auto found = std::ranges::find(tables_, &schema, [](const auto& one) { return &one->table.schema(); });
  WEERBAAR_CHECK(found != tables_.end());
  return **found;
}

void FactBase::want(const Table& table, size_t column) {
  auto found = std::ranges::find(tables_, &table, [](const auto& one) { return &one->table.schema(); });
  if (found == tables_.end()) found = tables_.insert(found, std::make_unique<Known>(table));
  (*found)->table.keep(column);
}

void FactBase::make_room(const Table& schema, size_t facts) {
  for (const auto& one : tables_) {
    if (&one->table.schema() == &schema) one->table.make_room(facts);
  }
}

Status FactBase::load(facts::Register& from, uint64_t known_at, const SeenState& seen) {
  for (const auto& one : tables_) {
    WEERBAAR_ASSIGN(const uint64_t facts, from.count(one->table.schema(), known_at));
    one->table.make_room(facts);
    const auto take = [&](const facts::Fact& fact) { return add(one->table, fact); };
    facts::TableState state;
    WEERBAAR_TRY(from.read(one->table.schema(), known_at, take, seen ? &state : nullptr));
    if (seen) WEERBAAR_TRY(seen(one->table.schema(), state));
  }
  return {};
}

Status FactBase::add(const Table& schema, const facts::Fact& fact) {
  for (const auto& one : tables_) {
    if (&one->table.schema() == &schema) return add(one->table, fact);
  }
  return {};
}

Status FactBase::add(FactTable& table, const facts::Fact& fact) {
  if (table.rows() == UINT32_MAX) {
    return fail(Code::kInvalid, "the table holds more than 4,294,967,295 facts: that is more than can be judged by");
  }
  table.add_row(fact.valid_from, fact.valid_to);
  for (size_t column = 0; column < table.schema().columns.size(); ++column) {
    if (table.keeps(column)) table.set_last(column, intern(table.schema().columns[column].kind, fact.values[column]));
  }
  return {};
}

// Symbols begin at 1.
Symbol FactBase::intern(Kind kind, std::string_view text) {
  return text.empty() ? kNoSymbol : texts_[static_cast<size_t>(kind)].code(text) + 1;
}

Symbol FactBase::find(Kind kind, std::string_view text) const {
  if (text.empty()) return kNoSymbol;
  const uint32_t code = texts_[static_cast<size_t>(kind)].find(text);
  return code == trail::TextTable::kNone ? kUnknown : code + 1;
}

void FactBase::find_all(Kind kind, std::span<const std::string_view> texts, std::span<Symbol> symbols) const {
  texts_[static_cast<size_t>(kind)].find_all(texts, symbols);
  for (size_t i = 0; i < texts.size(); ++i) {
    symbols[i] = texts[i].empty() ? kNoSymbol : symbols[i] == trail::TextTable::kNone ? kUnknown : symbols[i] + 1;
  }
}

std::string_view FactBase::text(Kind kind, Symbol symbol) const {
  if (symbol == kNoSymbol || symbol == kUnknown) return {};
  return texts_[static_cast<size_t>(kind)].values()[symbol - 1];
}

const FactIndex& FactBase::index(const Table& schema, size_t column) {
  const auto found = std::ranges::find(tables_, &schema, [](const auto& one) { return &one->table.schema(); });
  WEERBAAR_CHECK(found != tables_.end());
  Known& one = **found;
  std::unique_ptr<FactIndex>& index = one.indexes[column];
  if (index == nullptr) {
    index = std::make_unique<FactIndex>(one.table, one.table.place(column), symbols(schema.columns[column].kind));
    mention(one.table, column, one.bits[column]);
  }
  return *index;
}

void FactBase::mention(const FactTable& table, size_t column, uint32_t& bit) {
  const Kind kind = table.schema().columns[column].kind;
  Mentions& mentions = mentions_[static_cast<size_t>(kind)];
  bit = mentions.next_;
  if (mentions.next_ != Mentions::kIsSaid) mentions.next_ <<= 1U;
  mentions.bits_.resize(symbols(kind), Mentions::kIsSaid);
  mentions.bits_[kNoSymbol] = 0;
  for (size_t row = 0; row < table.rows(); ++row) {
    const Symbol symbol = table.cell(row, table.place(column));
    if (symbol != kNoSymbol) mentions.bits_[symbol] |= bit;
  }
}

}  // namespace weerbaar::purpose
