#include "os/process.h"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "os/error.h"

namespace weerbaar::os {
namespace {

class DescriptorStream final : public InputStream {
 public:
  DescriptorStream(int descriptor, bool owned, std::string name)
      : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}
  ~DescriptorStream() override {
    if (owned_) ::close(descriptor_);
  }

  Result<size_t> read(std::span<uint8_t> buffer) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return fail_errno("read", name_, errno);
    }
  }

 private:
  int descriptor_;
  bool owned_;
  std::string name_;
};

}  // namespace

std::string user_name() {
  const char* const caller = std::getenv("SUDO_USER");  // NOLINT(concurrency-mt-unsafe): nothing sets variables
  if (caller != nullptr && *caller != '\0' && geteuid() == 0) {
    return caller;
  }
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4'096];
  if (getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr) return found->pw_name;
  return "uid-" + std::to_string(geteuid());
}

uint64_t user_id() {
  return geteuid();
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string();
}

void survive_file_size_limit() {
  ::signal(SIGXFSZ, SIG_IGN);
}

bool input_is_terminal() {
  return isatty(STDIN_FILENO) == 1;
}

Result<std::string> read_secret(std::string_view prompt) {
  constexpr size_t kBytesMax = 1'024;
  termios shown{};
  const bool hides = input_is_terminal() && tcgetattr(STDIN_FILENO, &shown) == 0;
  if (hides) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    std::fwrite(prompt.data(), 1, prompt.size(), stderr);
  }
  std::string line;
  char c = 0;
  // By single bytes: what follows the line is for others.
  while (line.size() <= kBytesMax && read(STDIN_FILENO, &c, 1) == 1 && c != '\n') line += c;
  if (hides) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::fputc('\n', stderr);
  }
  if (line.size() > kBytesMax) return fail(Code::kInvalid, "the line is too long");
  return line;
}

bool error_is_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

namespace {

sigset_t requests() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void hold_requests() {
  const sigset_t set = requests();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A client that goes away must not end the server.
  ::signal(SIGPIPE, SIG_IGN);
}

Request wait_for_request() {
  const sigset_t set = requests();
  int signal = 0;
  while (::sigwait(&set, &signal) != 0) {
  }
  return signal == SIGHUP ? Request::kReload : Request::kStop;
}

void tell_service_manager(std::string_view state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): nothing sets variables
  sockaddr_un address{};
  if (path == nullptr || std::strlen(path) < 2 || std::strlen(path) >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  // '@' stands for a name that is no file.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  // Nobody can be told that nobody was told.
  [[maybe_unused]] const ssize_t ignored =
      ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
}

uint64_t allow_most_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t now = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : now;
}

namespace {

// As sched_setattr(2) takes it, of which glibc 2.36 has no declaration.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = SCHED_OTHER;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t slice_nanos = 0;
  uint64_t deadline = 0;
  uint64_t period = 0;
};

}  // namespace

// On Linux each thread has a nice value and a slice of its own. What cannot be set costs nothing but time.
void give_way_to_other_threads() {
  SchedulingAttributes wanted;
  wanted.nice = 10;
  // The shortest that the scheduler takes: since Linux 6.12 a thread that wakes waits for the slice of who runs.
  // Earlier ones pass it over.
  wanted.slice_nanos = 100'000;
  if (::syscall(SYS_sched_setattr, 0, &wanted, 0U) == 0) return;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), wanted.nice);
}

Result<std::unique_ptr<InputStream>> open_input(const std::string& path) {
  if (path == "-") return std::make_unique<DescriptorStream>(STDIN_FILENO, false, "standard input");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail_errno("open", path, errno);
  auto stream = std::make_unique<DescriptorStream>(descriptor, true, path);
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return fail_errno("open", path, errno);
  if (S_ISDIR(status.st_mode))
    return fail(Code::kInvalid, "open " + path + ": it is a directory; name the files in it");
  return stream;
}

}  // namespace weerbaar::os
