#include "peers/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

namespace weerbaar::benchmarks {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void remember_interrupt(int /*signal*/) {
  interrupted = 1;
}

nlohmann::json answer_of(const MemoryLimit* limit, const std::function<Result<Figures>()>& work) {
  if (limit != nullptr) {
    if (const Status entered = limit->enter(); !entered) return {{"error", entered.error().text}};
  }
  const Result<Figures> figures = work();
  if (!figures) return {{"error", figures.error().text}};
  return to_json(*figures);
}

[[noreturn]] void answer(int pipe, const std::string& text) {
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = write(pipe, rest.data(), rest.size());
    if (written <= 0) break;
    rest.remove_prefix(static_cast<size_t>(written));
  }
  _exit(0);
}

// Until the child has closed it; an interrupt ends the child.
std::string read_all(int pipe, pid_t child) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = read(pipe, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) kill(child, SIGKILL);
    if (size == 0 || (size < 0 && errno != EINTR)) return text;
    if (size > 0) text.append(buffer.data(), static_cast<size_t>(size));
  }
}

}  // namespace

void take_interrupts() {
  struct sigaction action{};
  action.sa_handler = remember_interrupt;  // without SA_RESTART, so that read() returns
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool is_interrupted() {
  return interrupted != 0;
}

Result<Figures> in_child(const MemoryLimit* limit, const std::function<Result<Figures>()>& work) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return fail(Code::kIo, fmt::format("pipe: {}", std::strerror(errno)));
  if (is_interrupted()) return fail(Code::kStopped, "interrupted");
  const pid_t child = fork();
  if (child < 0) return fail(Code::kIo, fmt::format("fork: {}", std::strerror(errno)));
  if (child == 0) {
    close(pipe[0]);
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    answer(pipe[1], answer_of(limit, work).dump());
  }
  close(pipe[1]);
  const std::string text = read_all(pipe[0], child);
  close(pipe[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (is_interrupted()) return fail(Code::kStopped, "interrupted");
  if (WIFSIGNALED(status)) {
    const bool killed = WTERMSIG(status) == SIGKILL;
    return fail(Code::kIo, killed ? "killed, for want of memory" : fmt::format("died by signal {}", WTERMSIG(status)));
  }
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(Code::kIo, "ended without an answer");
  if (json.contains("error")) return fail(Code::kIo, json.at("error").get<std::string>());
  return figures_of(json);
}

}  // namespace weerbaar::benchmarks
