#include "http/datagram_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "http/datagram_queue.h"

namespace weerbaar::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kAtOnce = 32;
constexpr size_t kBytesMax = 65'536;  // more than a datagram can have

std::string name_of(const sockaddr_storage& from) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(from);
    inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  } else {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(from);
    inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  }
  const std::string name = text.data();
  constexpr std::string_view kMapped = "::ffff:";
  return name.starts_with(kMapped) && name.find('.') != std::string::npos ? name.substr(kMapped.size()) : name;
}

// Of the operating system.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  const int number_;
};

class RunningDatagramServer final : public DatagramServer {
 public:
  RunningDatagramServer(const DatagramOptions& options, DatagramHandler& handler, int family)
      : options_(options),
        handler_(handler),
        socket_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        waiting_(options.waiting_bytes_max) {}
  ~RunningDatagramServer() override { stop(); }

  Status listen(const sockaddr* address, socklen_t size) {
    if (socket_.get() < 0 || wake_.get() < 0)
      return fail(Code::kIo, "no socket can be made: see the limit of open files");
    const int wanted = static_cast<int>(options_.receive_buffer_bytes);
    if (::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
      // The kernel takes what it allows.
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
    }
    if (::bind(socket_.get(), address, size) != 0) {
      const int error = errno;
      Code code = error == EADDRINUSE ? Code::kBusy : Code::kInvalid;
      if (error == EACCES) code = Code::kDenied;
      return fail(code, fmt::format("cannot listen on {} port {} by UDP: {}", options_.address, options_.port,
                                    std::generic_category().message(error)));
    }
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &length);
    port_ = ntohs(bound.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(bound).sin_port
                                             : reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
    reader_ = std::thread([this] { read(); });
    taker_ = std::thread([this] { hand_on(); });
    return {};
  }

  [[nodiscard]] uint16_t port() const override { return port_; }

  [[nodiscard]] DatagramStatistics statistics() const override {
    DatagramStatistics statistics;
    statistics.received = received_;
    statistics.dropped = dropped_;
    std::array<uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0) {
      statistics.dropped_by_kernel = memory[SK_MEMINFO_DROPS];
      statistics.receive_buffer_bytes = memory[SK_MEMINFO_RCVBUF];
    }
    const std::lock_guard lock(mutex_);
    statistics.waiting_bytes = waiting_.bytes();
    return statistics;
  }

  void stop() override {
    const std::lock_guard lock(stop_mutex_);
    if (!reader_.joinable()) return;
    stopping_ = true;
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(wake_.get(), &one, sizeof one);
    reader_.join();
    taker_.join();
  }

 private:
  // Reads until it is told to stop, and then until there is no more.
  void read() {
    Buffers buffers;
    Clock::time_point deadline = Clock::time_point::max();
    while (true) {
      if (stopping_ && deadline == Clock::time_point::max()) deadline = Clock::now() + options_.drain;
      const int count = receive(buffers);
      if (count > 0) {
        keep(buffers, static_cast<size_t>(count));
      } else if (stopping_) {
        break;
      } else {
        wait();
      }
      if (Clock::now() >= deadline) break;
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  struct Buffers {
    std::vector<char> bytes = std::vector<char>(kAtOnce * kBytesMax);
    std::array<sockaddr_storage, kAtOnce> from{};
    std::array<iovec, kAtOnce> parts{};
    std::array<mmsghdr, kAtOnce> messages{};
  };

  int receive(Buffers& to) const {
    for (size_t i = 0; i < kAtOnce; ++i) {
      to.parts[i] = {to.bytes.data() + i * kBytesMax, kBytesMax};
      to.messages[i] = {};
      to.messages[i].msg_hdr.msg_name = &to.from[i];
      to.messages[i].msg_hdr.msg_namelen = sizeof to.from[i];
      to.messages[i].msg_hdr.msg_iov = &to.parts[i];
      to.messages[i].msg_hdr.msg_iovlen = 1;
    }
    return ::recvmmsg(socket_.get(), to.messages.data(), kAtOnce, 0, nullptr);
  }

  void wait() const {
    std::array<pollfd, 2> any = {{{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    ::poll(any.data(), any.size(), -1);
  }

  void keep(const Buffers& from, size_t count) {
    received_ += count;
    for (size_t i = 0; i < count; ++i) {
      const std::string_view bytes(from.bytes.data() + i * kBytesMax, from.messages[i].msg_len);
      const std::string address = name_of(from.from[i]);
      // What nobody will take must not wait in the place of others.
      const std::string sender = handler_.sender_of(address);
      if (sender.empty()) continue;
      std::vector<std::string> lost;
      {
        const std::lock_guard lock(mutex_);
        waiting_.add(sender, {address, std::string(bytes)}, lost);
      }
      dropped_ += lost.size();
      for (const std::string& of : lost) handler_.drop(of);
    }
    changed_.notify_all();
  }

  void hand_on() {
    std::vector<Datagram> next;
    while (true) {
      next.clear();
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty() || ended_; });
        waiting_.take(options_.take_bytes_max, next);
      }
      if (next.empty()) break;
      handler_.take(next);
    }
    handler_.end();
  }

  const DatagramOptions options_;
  DatagramHandler& handler_;
  const Descriptor socket_;
  const Descriptor wake_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> received_ = 0;
  std::atomic<uint64_t> dropped_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  DatagramQueue waiting_;
  bool ended_ = false;
  std::mutex stop_mutex_;
  std::thread reader_;
  std::thread taker_;
};

}  // namespace

Result<std::unique_ptr<DatagramServer>> DatagramServer::open(const DatagramOptions& options, DatagramHandler& handler) {
  sockaddr_in address4{};
  sockaddr_in6 address6{};
  address4.sin_family = AF_INET;
  address4.sin_port = htons(options.port);
  address6.sin6_family = AF_INET6;
  address6.sin6_port = htons(options.port);
  const bool is_4 = inet_pton(AF_INET, options.address.c_str(), &address4.sin_addr) == 1;
  if (!is_4 && inet_pton(AF_INET6, options.address.c_str(), &address6.sin6_addr) != 1) {
    return fail(Code::kInvalid, "the address to listen on must be one of numbers, such as 127.0.0.1 or ::1");
  }
  auto server = std::make_unique<RunningDatagramServer>(options, handler, is_4 ? AF_INET : AF_INET6);
  WEERBAAR_TRY(is_4 ? server->listen(reinterpret_cast<const sockaddr*>(&address4), sizeof address4)
                    : server->listen(reinterpret_cast<const sockaddr*>(&address6), sizeof address6));
  return server;
}

}  // namespace weerbaar::http
