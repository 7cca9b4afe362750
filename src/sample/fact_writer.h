// Facts as CSV, a text a table, in the form that the register imports (docs/register.md).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "register/schema.h"

namespace weerbaar::sample {

class FactWriter {
 public:
  // Takes a whole file for a table: its first line names the columns.
  using Take = std::function<Status(std::string_view table, std::string_view csv)>;
  // A text is handed over when it is so long, and the rest by finish().
  static constexpr size_t kTextBytesMax = size_t{48} << 20U;

  explicit FactWriter(Take take) : take_(std::move(take)) {}

  // One fact, with a value for each column of the table. Moments in microseconds, or facts::kAlways and
  // facts::kUntilFurtherNotice.
  Status add(std::string_view table, std::initializer_list<std::string_view> values,
             int64_t valid_from = facts::kAlways, int64_t valid_to = facts::kUntilFurtherNotice);
  // By name of the table.
  Status finish();
  [[nodiscard]] uint64_t facts() const { return facts_; }

 private:
  Status hand_over(std::string_view table, std::string& text);

  Take take_;
  std::map<std::string, std::string, std::less<>> texts_;
  uint64_t facts_ = 0;
};

}  // namespace weerbaar::sample
