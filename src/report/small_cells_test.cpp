#include "report/small_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>

namespace weerbaar::report {
namespace {

// A table of which the test knows every employee.
struct Table {
  std::deque<Cell> cells;
  std::vector<CellGroup> rows;
  std::vector<std::vector<std::set<uint32_t>>> who;

  void add_row(const std::vector<std::vector<uint32_t>>& employees) {
    CellGroup row;
    who.emplace_back();
    for (const auto& some : employees) {
      Cell& cell = cells.emplace_back();
      for (const uint32_t employee : some) cell.add(employee);
      row.cells.push_back(&cell);
      who.back().emplace_back(some.begin(), some.end());
    }
    rows.push_back(row);
  }
};

// What an attacker who knows every sum can work out of one column: the hidden rows together.
void expect_safe(const Table& table) {
  size_t hidden = 0;
  std::vector<std::set<uint32_t>> together(table.who[0].size());
  for (size_t row = 0; row < table.rows.size(); ++row) {
    for (size_t column = 0; column < table.who[row].size(); ++column) {
      const auto& employees = table.who[row][column];
      if (table.rows[row].is_hidden) {
        together[column].insert(employees.begin(), employees.end());
      } else {
        ASSERT_TRUE(employees.empty() || employees.size() >= kEmployeesMin);
      }
    }
    if (table.rows[row].is_hidden) ++hidden;
  }
  if (hidden == 0 || hidden == table.rows.size()) return;
  ASSERT_GE(hidden, 2U);
  for (const auto& employees : together) ASSERT_TRUE(employees.empty() || employees.size() >= kEmployeesMin);
}

TEST(SmallCells, few_employees_counts_different_ones_up_to_five) {
  FewEmployees employees;
  EXPECT_FALSE(employees.are_few());
  for (const uint32_t employee : {1U, 1U, 2U, 3U, 4U}) employees.add(employee);
  EXPECT_EQ(employees.size(), 4U);
  EXPECT_TRUE(employees.are_few());
  for (const uint32_t employee : {5U, 6U, 7U}) employees.add(employee);
  EXPECT_EQ(employees.size(), 5U);
  EXPECT_FALSE(employees.are_few());
}

TEST(SmallCells, a_row_of_few_employees_is_hidden_and_another_with_it) {
  Table table;
  table.add_row({{1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5}});
  table.add_row({{11, 12}, {11, 12, 13, 14, 15}});
  table.add_row({{21, 22, 23, 24, 25, 25, 25}, {21, 22, 23, 24, 25}});
  hide_small(table.rows);
  EXPECT_TRUE(table.rows[1].is_hidden);
  EXPECT_EQ(table.rows[0].is_hidden + table.rows[2].is_hidden, 1);
  expect_safe(table);
}

TEST(SmallCells, nothing_is_hidden_where_all_are_many_or_nobody) {
  Table table;
  table.add_row({{1, 2, 3, 4, 5}, {}});
  table.add_row({{}, {6, 7, 8, 9, 10}});
  hide_small(table.rows);
  EXPECT_FALSE(table.rows[0].is_hidden || table.rows[1].is_hidden);
}

TEST(SmallCells, no_hidden_cell_of_random_tables_can_be_computed_from_the_totals) {
  std::mt19937 random(7);
  size_t hidden_in_all = 0;
  for (int round = 0; round < 3'000; ++round) {
    Table table;
    const size_t rows = 1 + random() % 8;
    const size_t columns = 2 + random() % 3;
    for (size_t row = 0; row < rows; ++row) {
      std::vector<std::vector<uint32_t>> employees(columns);
      for (auto& some : employees) {
        const size_t accesses = random() % 4 == 0 ? 0 : random() % 14;
        for (size_t i = 0; i < accesses; ++i) some.push_back(static_cast<uint32_t>(random() % 30));
      }
      table.add_row(employees);
    }
    hide_small(table.rows);
    expect_safe(table);
    hidden_in_all += static_cast<size_t>(std::ranges::count(table.rows, true, &CellGroup::is_hidden));
  }
  EXPECT_GT(hidden_in_all, 1'000U);
}

}  // namespace
}  // namespace weerbaar::report
