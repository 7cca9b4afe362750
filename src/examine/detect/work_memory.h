// For whom an employee has worked: whose looks were explained in this period or the one before.
//
// A Bloom filter an employee (Bloom, 1970): of a person for whom the employee did not work, it says otherwise in about
// one in a hundred, after four hundred persons; never the other way round. 2 KiB an employee.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weerbaar::detect {

class WorkMemory {
 public:
  [[nodiscard]] bool knows(uint32_t employee, uint64_t subject) const {
    return has(now_, employee, subject) || has(before_, employee, subject);
  }
  void learn(uint32_t employee, uint64_t subject);
  // Forgets what was learned before the last call.
  void end_of_period();

 private:
  static constexpr size_t kBits = 8'192;
  using Filter = std::array<uint64_t, kBits / 64>;

  static bool has(const std::vector<Filter>& filters, uint32_t employee, uint64_t subject);

  std::vector<Filter> now_;  // by employee
  std::vector<Filter> before_;
};

}  // namespace weerbaar::detect
