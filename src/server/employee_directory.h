// Which accounts at work belong to one employee, and which citizens employees are, as the register says it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "people/employee_ids.h"
#include "server/data_directory.h"
#include "server/import_ledger.h"
#include "service/json_log.h"

namespace weerbaar::server {

// Thread-safe. What is read is held against the trail, and read again when there were imports. A register that is not
// what the trail says is told in the log, and then nobody is known to be another than somebody else.
class EmployeeDirectory final : public people::EmployeeIds {
 public:
  // Whether there were imports is looked at so often.
  static constexpr std::chrono::seconds kLookEvery{2};

  // All must outlive it, and what `read` reads may not be in the hands of who asks.
  EmployeeDirectory(const DataDirectory& data, ReadTrail read, service::JsonLog& log)
      : data_(data), read_(std::move(read)), log_(log) {}

  Result<std::vector<std::string>> of(std::string_view id) override;
  Result<std::vector<std::string>> ever_of(std::string_view id) override;
  Result<std::vector<people::About>> persons(std::string_view id) override;

 private:
  using Clock = std::chrono::steady_clock;
  // An account of an employee, both folded, from a moment up to, not including, another, in microseconds.
  struct Tie {
    std::string account;
    std::string employee;
    int64_t valid_from = 0;
    int64_t valid_to = 0;

    [[nodiscard]] bool is_valid(int64_t now) const { return valid_from <= now && now < valid_to; }
  };
  using Ties = std::multimap<std::string, Tie, std::less<>>;

  Status look_if_due();
  Status look();
  Status read_register(uint64_t imports);
  // As the register writes an id; as it was asked when the register does not know it.
  [[nodiscard]] std::set<std::string> written(const std::string& folded, std::string_view asked) const;
  // Folded: whose account it is at some time, and the id itself.
  [[nodiscard]] std::set<std::string> employees_of(std::string_view id) const;

  const DataDirectory& data_;
  const ReadTrail read_;
  service::JsonLog& log_;
  std::mutex mutex_;
  std::optional<Clock::time_point> looked_;
  uint64_t imports_ = 0;
  std::optional<Error> problem_;
  // All by folded ids. Which ties are valid is another matter at each moment.
  Ties by_account_;
  Ties by_employee_;
  std::map<std::string, std::set<std::string>, std::less<>> written_;
  std::map<std::string, std::vector<people::About>, std::less<>> persons_;  // by employee
};

}  // namespace weerbaar::server
