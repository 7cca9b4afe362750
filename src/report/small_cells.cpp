#include "report/small_cells.h"

#include <algorithm>

#include "base/check.h"

namespace weerbaar::report {
namespace {

bool has_small(const CellGroup& row) {
  return std::ranges::any_of(row.cells, [](const Cell* cell) { return cell->employees.are_few(); });
}

// Whether the differences between sums and what is shown tell of too few.
bool can_be_computed(std::span<const CellGroup> rows) {
  size_t hidden = 0;
  std::vector<FewEmployees> together;
  for (const CellGroup& row : rows) {
    if (!row.is_hidden) continue;
    ++hidden;
    together.resize(row.cells.size());
    for (size_t i = 0; i < row.cells.size(); ++i) together[i].add(row.cells[i]->employees);
  }
  if (hidden == 0 || hidden == rows.size()) return false;
  return hidden == 1 || std::ranges::any_of(together, &FewEmployees::are_few);
}

// Of little weight, so that little is lost; one without accesses would hide nothing.
uint64_t weight_of(const CellGroup& row) {
  uint64_t least = UINT64_MAX;
  for (const Cell* cell : row.cells) {
    if (cell->accesses > 0) least = std::min(least, cell->accesses);
  }
  const bool splits = std::ranges::count_if(row.cells, [](const Cell* cell) { return cell->accesses > 0; }) > 1;
  return splits ? least : UINT64_MAX;
}

}  // namespace

void FewEmployees::add(uint32_t employee) {
  if (size_ == kEmployeesMin) return;
  const auto end = employees_.begin() + size_;
  if (std::find(employees_.begin(), end, employee) == end) employees_[size_++] = employee;
}

void FewEmployees::add(const FewEmployees& other) {
  for (size_t i = 0; i < other.size_; ++i) add(other.employees_[i]);
}

void hide_small(std::span<CellGroup> rows) {
  for (CellGroup& row : rows) row.is_hidden = row.is_hidden || has_small(row);
  while (can_be_computed(rows)) {
    CellGroup* next = nullptr;
    for (CellGroup& row : rows) {
      if (!row.is_hidden && (next == nullptr || weight_of(row) < weight_of(*next))) next = &row;
    }
    WEERBAAR_CHECK(next != nullptr);
    next->is_hidden = true;
  }
}

}  // namespace weerbaar::report
