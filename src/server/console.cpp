#include "server/console.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "os/process.h"

namespace weerbaar::server {

void Console::clear_progress() {
  if (!progress_shown_) return;
  std::fputs("\r\033[K", stderr);
  progress_shown_ = false;
}

void Console::result(std::string_view line) {
  clear_progress();
  const bool written =
      std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fputc('\n', stdout) != EOF;
  failed_ = failed_ || !written;
}

void Console::note(std::string_view line) {
  clear_progress();
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

void Console::progress(std::string_view text) {
  if (!shows_progress_ || !os::error_is_terminal()) return;
  std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(text.size()), text.data());
  std::fflush(stderr);
  progress_shown_ = true;
}

Status Console::flush() {
  clear_progress();
  if (std::fflush(stdout) != 0 || failed_) return fail(Code::kIo, "standard output did not take the whole result");
  return {};
}

int exit_of(const Error& error) {
  switch (error.code) {
    case Code::kInvalid:
    case Code::kNotFound:
    case Code::kExists:
      return kExitWrongUse;
    default:
      return kExitOperational;
  }
}

std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string counted(uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number).append(" ").append(number == 1 ? one : many);
}

}  // namespace weerbaar::server
