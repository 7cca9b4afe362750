#include "os/local_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

#include "os/descriptor.h"
#include "os/error.h"

namespace weerbaar::os {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr int kWaitingMax = 16;

Result<Descriptor> make_socket(const std::string& path) {
  const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) return fail_errno("make a socket for", path, errno);
  return Descriptor(number);
}

// A name may have 107 bytes, and a path more: so its directory is named by its descriptor.
class Address {
 public:
  static Result<Address> of(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
    const int number = retry([&] { return ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); });
    if (number < 0) return fail_errno("open", directory, errno);
    Address address{Descriptor(number)};
    const std::string name = "/proc/self/fd/" + std::to_string(number) + "/" + path.substr(slash + 1);
    if (name.size() >= sizeof(address.name_.sun_path)) return fail_errno("name the socket", path, ENAMETOOLONG);
    address.name_.sun_family = AF_UNIX;
    std::ranges::copy(name, address.name_.sun_path);
    return address;
  }

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name_); }
  [[nodiscard]] static socklen_t size() { return sizeof(sockaddr_un); }

 private:
  explicit Address(Descriptor directory) : directory_(std::move(directory)) {}

  Descriptor directory_;
  sockaddr_un name_{};
};

// Whether there is something to read, or the end of it.
Result<bool> wait_to_read(const Descriptor& descriptor, const std::string& path, std::chrono::milliseconds at_most) {
  pollfd asked{descriptor.number(), POLLIN, 0};
  const int ready = retry([&] { return ::poll(&asked, 1, static_cast<int>(at_most.count())); });
  if (ready < 0) return fail_errno("wait for", path, errno);
  return ready > 0;
}

class PosixConnection final : public LocalConnection {
 public:
  PosixConnection(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Status send(std::string_view text) override {
    while (!text.empty()) {
      const ssize_t count = retry([&] { return ::send(descriptor_.number(), text.data(), text.size(), MSG_NOSIGNAL); });
      if (count <= 0) return fail_errno("write to", path_, count < 0 ? errno : EIO);
      text.remove_prefix(static_cast<size_t>(count));
    }
    return {};
  }

  Result<std::optional<std::string>> receive(std::chrono::milliseconds at_most) override {
    WEERBAAR_ASSIGN(const bool ready, wait_to_read(descriptor_, path_, at_most));
    if (!ready) return std::nullopt;
    std::array<char, 64> buffer{};
    const ssize_t count = retry([&] { return ::recv(descriptor_.number(), buffer.data(), buffer.size(), 0); });
    // One that was killed with bytes unread closed it too.
    if (count < 0 && errno == ECONNRESET) return std::string();
    if (count < 0) return fail_errno("read from", path_, errno);
    return std::string(buffer.data(), static_cast<size_t>(count));
  }

 private:
  Descriptor descriptor_;
  const std::string path_;
};

class PosixListener final : public LocalListener {
 public:
  PosixListener(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}
  ~PosixListener() override { ::unlink(path_.c_str()); }

  Result<std::unique_ptr<LocalConnection>> accept(std::chrono::milliseconds at_most) override {
    WEERBAAR_ASSIGN(const bool ready, wait_to_read(descriptor_, path_, at_most));
    if (!ready) return nullptr;
    const int number = retry([&] { return ::accept4(descriptor_.number(), nullptr, nullptr, SOCK_CLOEXEC); });
    // It went away again before it was its turn.
    if (number < 0 && errno == ECONNABORTED) return nullptr;
    if (number < 0) return fail_errno("accept from", path_, errno);
    return std::make_unique<PosixConnection>(Descriptor(number), path_);
  }

 private:
  Descriptor descriptor_;
  const std::string path_;
};

}  // namespace

Result<std::unique_ptr<LocalListener>> listen_locally(const std::string& path) {
  WEERBAAR_ASSIGN(const Address address, Address::of(path));
  WEERBAAR_ASSIGN(Descriptor descriptor, make_socket(path));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("replace", path, errno);
  // On Linux the mode of the socket is that of its name.
  if (::fchmod(descriptor.number(), kOwnerOnly) != 0) return fail_errno("set the mode of", path, errno);
  if (::bind(descriptor.number(), address.get(), Address::size()) != 0) return fail_errno("make", path, errno);
  if (::listen(descriptor.number(), kWaitingMax) != 0) return fail_errno("listen at", path, errno);
  return std::make_unique<PosixListener>(std::move(descriptor), path);
}

Result<std::unique_ptr<LocalConnection>> connect_locally(const std::string& path) {
  WEERBAAR_ASSIGN(const Address address, Address::of(path));
  WEERBAAR_ASSIGN(Descriptor descriptor, make_socket(path));
  const int connected = retry([&] { return ::connect(descriptor.number(), address.get(), Address::size()); });
  if (connected == 0) return std::make_unique<PosixConnection>(std::move(descriptor), path);
  if (errno == ENOENT || errno == ECONNREFUSED) return nullptr;
  return fail_errno("connect to", path, errno);
}

}  // namespace weerbaar::os
