#include "service/json_log.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "os/file_system.h"

namespace weerbaar::service {

void JsonLog::write(std::string_view level, std::string_view event, Fields fields) {
  nlohmann::ordered_json json = {{"time", format_time(os::now())}, {"level", level}, {"event", event}};
  for (const auto& [name, value] : fields) {
    std::visit([&json, key = std::string(name)](const auto& of_type) { json[key] = of_type; }, value);
  }
  const std::string line = to_line(json) + "\n";
  // Whole lines, also when several threads write: one call, one lock of the stream. A log that cannot be written has
  // nowhere to say so.
  [[maybe_unused]] const size_t ignored = std::fwrite(line.data(), 1, line.size(), to_);
  std::fflush(to_);
}

void JsonLog::often(std::string_view event, Fields fields) {
  uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    const int64_t second = floor_div(os::now().micros, kMicrosPerSecond);
    if (second != second_) {
      second_ = second;
      lines_ = 0;
      left_out = std::exchange(left_out_, 0);
    }
    if (++lines_ > kLinesASecond) {
      ++left_out_;
      return;
    }
  }
  if (left_out > 0) write("warning", "lines were left out", {{"lines", left_out}});
  write("warning", event, fields);
}

}  // namespace weerbaar::service
