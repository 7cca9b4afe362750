// The log of the server: a JSON object a line on standard error, for journald and the like. Never personal data: what a
// client wrote has no place in it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <mutex>
#include <string_view>
#include <utility>
#include <variant>

#include "base/time.h"

namespace weerbaar::service {

// Thread-safe.
class JsonLog {
 public:
  using Value = std::variant<std::string_view, int64_t, uint64_t, bool>;
  using Fields = std::initializer_list<std::pair<std::string_view, Value>>;

  // `to` must outlive it.
  explicit JsonLog(std::FILE* to = stderr) : to_(to) {}

  // {"time": …, "level": …, "event": …, and the fields}. `event` says in a few words what happened.
  void info(std::string_view event, Fields fields = {}) { write("info", event, fields); }
  void warning(std::string_view event, Fields fields = {}) { write("warning", event, fields); }
  void error(std::string_view event, Fields fields = {}) { write("error", event, fields); }
  // For what a client can bring about: at most kLinesASecond of these, and then a line with how many more there were.
  void often(std::string_view event, Fields fields = {});

  static constexpr uint64_t kLinesASecond = 20;

 private:
  void write(std::string_view level, std::string_view event, Fields fields);

  std::FILE* to_;
  std::mutex mutex_;
  int64_t second_ = 0;
  uint64_t lines_ = 0;  // in this second
  uint64_t left_out_ = 0;
};

}  // namespace weerbaar::service
