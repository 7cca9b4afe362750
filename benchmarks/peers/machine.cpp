#include "peers/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <vector>

#include "base/time.h"
#include "os/file_system.h"

namespace weerbaar::benchmarks {
namespace {

constexpr int kSyncs = 101;
constexpr size_t kPageBytes = 4'096;
constexpr size_t kLargeBytes = 256U << 20U;

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

std::string file_system_of(const std::string& directory) {
  struct statfs status{};
  if (statfs(directory.c_str(), &status) != 0) return "unknown file system";
  switch (status.f_type) {
    case EXT4_SUPER_MAGIC:
      return "ext4";
    case XFS_SUPER_MAGIC:
      return "xfs";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlayfs";
    case TMPFS_MAGIC:
      return "tmpfs: NOTHING IS DURABLE HERE, give another --directory";
    default:
      return fmt::format("file system {:#x}", static_cast<unsigned long>(status.f_type));
  }
}

double seconds_of_write(int file, const std::vector<char>& bytes) {
  const auto start = std::chrono::steady_clock::now();
  const bool written = write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  const bool synced = fdatasync(file) == 0;
  return written && synced ? std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() : 0;
}

// Of all cores since the machine started, whoever used them, a hypervisor included.
double busy_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  constexpr size_t kFields = 8;  // user nice system idle iowait irq softirq steal
  constexpr size_t kIdle = 3;
  constexpr size_t kIoWait = 4;
  double ticks = 0;
  for (size_t field = 0; field < kFields; ++field) {
    double value = 0;
    file >> value;
    if (field != kIdle && field != kIoWait) ticks += value;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Of this process and of all that it started and that ended.
double our_seconds() {
  double seconds = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return seconds;
}

}  // namespace

OthersLoad::OthersLoad() : busy_seconds_(busy_seconds()), our_seconds_(our_seconds()) {}

double OthersLoad::share() const {
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double others = (busy_seconds() - busy_seconds_) - (our_seconds() - our_seconds_);
  return std::clamp(others / (elapsed * std::thread::hardware_concurrency()), 0.0, 1.0);
}

Machine this_machine(const std::string& directory) {
  Machine machine;
  machine.date = format_time(Time{os::now().micros / kMicrosPerSecond * kMicrosPerSecond});
  machine.cores = std::thread::hardware_concurrency();
  machine.processor = processor();
  utsname name{};
  if (uname(&name) == 0) machine.kernel = fmt::format("{} {}", name.sysname, name.release);
  struct sysinfo memory{};
  if (sysinfo(&memory) == 0) {
    machine.memory_gib = static_cast<unsigned>((memory.totalram * memory.mem_unit + (1U << 29U)) >> 30U);
  }
  machine.file_system = file_system_of(directory);
  const std::string path = directory + "/disk";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  std::vector<double> seconds;
  const std::vector<char> page(kPageBytes, 'x');
  for (int i = 0; i < kSyncs; ++i) seconds.push_back(seconds_of_write(file, page));
  std::nth_element(seconds.begin(), seconds.begin() + kSyncs / 2, seconds.end());
  machine.sync_seconds = seconds[kSyncs / 2];
  machine.write_bytes = kLargeBytes / seconds_of_write(file, std::vector<char>(kLargeBytes, 'x'));
  close(file);
  unlink(path.c_str());
  return machine;
}

}  // namespace weerbaar::benchmarks
