#include "support/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

namespace weerbaar::support {
namespace {

constexpr size_t kLogBytesShown = 2'000;
constexpr auto kStopPatience = std::chrono::seconds(60);
constexpr auto kPollInterval = std::chrono::milliseconds(5);

struct User {
  uid_t user = 0;
  gid_t group = 0;
};

Result<User> find_user(const std::string& name) {
  const passwd* const found = getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread starts servers
  if (found == nullptr) return fail(Code::kNotFound, "there is no user " + name);
  return User{found->pw_uid, found->pw_gid};
}

std::string end_of(const std::string& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.size() > kLogBytesShown) text.erase(0, text.size() - kLogBytesShown);
  return text;
}

// In the new process: becomes the program, or ends.
[[noreturn]] void become(const ServerCommand& command, const User& user, pid_t parent) {
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (log >= 0) {
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
  }
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  setsid();  // so that Ctrl-C reaches it through us only
  if (!command.user.empty() && (setgroups(0, nullptr) != 0 || setgid(user.group) != 0 || setuid(user.user) != 0)) {
    _exit(126);
  }
  // After the change of user, which clears it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Result<ServerProcess> ServerProcess::start(const ServerCommand& command) {
  User user;
  if (!command.user.empty()) {
    WEERBAAR_ASSIGN(user, find_user(command.user));
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return fail(Code::kIo, fmt::format("fork: {}", std::strerror(errno)));
  if (pid == 0) become(command, user, parent);
  ServerProcess process;
  process.pid_ = pid;
  process.log_ = command.log;
  return process;
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), log_(std::move(other.log_)) {}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(log_, other.log_);
  return *this;
}

ServerProcess::~ServerProcess() {
  if (is_started()) static_cast<void>(stop(SIGKILL));
}

bool ServerProcess::has_ended() {
  if (waitpid(pid_, nullptr, WNOHANG) == 0) return false;
  pid_ = 0;
  return true;
}

Status ServerProcess::check_running() {
  if (is_started() && !has_ended()) return {};
  return fail(Code::kIo, "the server has ended; the end of its log:\n" + end_of(log_));
}

Status ServerProcess::stop(int signal) {
  if (!is_started()) return {};
  kill(pid_, signal);
  for (const auto begin = std::chrono::steady_clock::now(); !has_ended();) {
    if (std::chrono::steady_clock::now() - begin > kStopPatience) {
      return fail(Code::kIo, fmt::format("the server does not stop; the end of its log:\n{}", end_of(log_)));
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return {};
}

Status run_program(const ServerCommand& command) {
  User user;
  if (!command.user.empty()) {
    WEERBAAR_ASSIGN(user, find_user(command.user));
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return fail(Code::kIo, fmt::format("fork: {}", std::strerror(errno)));
  if (pid == 0) become(command, user, parent);
  int status = 0;
  if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Code::kIo, fmt::format("{} failed:\n{}", command.arguments[0], end_of(command.log)));
}

Status give_to(const std::string& path, const std::string& user) {
  WEERBAAR_ASSIGN(const User found, find_user(user));
  if (chown(path.c_str(), found.user, found.group) == 0) return {};
  return fail(Code::kIo, fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace weerbaar::support
