// Which accounts at work belong to one employee, and which citizens employees are, as the register says it now.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
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
  Result<std::vector<people::About>> persons(std::string_view id) override;

 private:
  using Clock = std::chrono::steady_clock;

  Status look_if_due();
  Status look();
  Status read_register(uint64_t imports);
  [[nodiscard]] std::string employee_of(std::string_view id) const;

  const DataDirectory& data_;
  const ReadTrail read_;
  service::JsonLog& log_;
  std::mutex mutex_;
  std::optional<Clock::time_point> looked_;
  uint64_t imports_ = 0;
  std::optional<Error> problem_;
  std::map<std::string, std::string, std::less<>> employees_;               // by account
  std::map<std::string, std::vector<std::string>, std::less<>> accounts_;   // by employee
  std::map<std::string, std::vector<people::About>, std::less<>> persons_;  // by employee
};

}  // namespace weerbaar::server
