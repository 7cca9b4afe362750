// Statistical disclosure control: no figure rests on fewer than five employees, and none can be computed from others.
//
// Primary and complementary suppression as statistics offices do it (Hundepohl and others, Statistical Disclosure
// Control, 2012, chapter 4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weerbaar::report {

inline constexpr size_t kEmployeesMin = 5;

// Who is behind a figure, as far as that matters: at most kEmployeesMin different employees.
class FewEmployees {
 public:
  void add(uint32_t employee);
  void add(const FewEmployees& other);
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool are_few() const { return size_ > 0 && size_ < kEmployeesMin; }

 private:
  std::array<uint32_t, kEmployeesMin> employees_{};
  uint8_t size_ = 0;
};

struct Cell {
  uint64_t accesses = 0;
  FewEmployees employees;

  void add(uint32_t employee) {
    ++accesses;
    employees.add(employee);
  }
  void add(const Cell& other) {
    accesses += other.accesses;
    employees.add(other.employees);
  }
};

// One row of a table: cells that add up to a figure that is shown, so that they are hidden together.
struct CellGroup {
  std::vector<const Cell*> cells;
  bool is_hidden = false;
};

// Hides the groups in which a cell has few employees. The groups are the rows of one table, of which the sums may be
// known: so others are hidden too, until what is hidden has in each column, taken together, no or enough employees, and
// stands in two rows at least.
void hide_small(std::span<CellGroup> rows);

}  // namespace weerbaar::report
