#include "peers/memory_limit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>

namespace weerbaar::benchmarks {
namespace {

namespace fs = std::filesystem;

const fs::path kMount = "/sys/fs/cgroup";

Status write(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file ? Status() : fail(Code::kDenied, "cannot write " + path.string());
}

// The path of our own group: of the hierarchy with this controller (version 1), or of the one of version 2 ("").
std::optional<std::string> own_group(std::string_view controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers.find(fmt::format(",{},", controller)) != std::string::npos) return line.substr(second + 1);
  }
  return std::nullopt;
}

// Version 1: below our own group.
std::optional<fs::path> parent_in_version_1() {
  const auto group = own_group("memory");
  const fs::path hierarchy = kMount / "memory";
  if (!group || !fs::exists(hierarchy / "memory.limit_in_bytes")) return std::nullopt;
  const fs::path own = hierarchy / fs::path(*group).relative_path();
  return fs::exists(own) ? own : hierarchy;
}

// Version 2: in the nearest group around us that hands the controller on. Our own cannot, since we are in it.
std::optional<fs::path> parent_in_version_2() {
  const auto group = own_group("");
  if (!group) return std::nullopt;
  for (fs::path at = kMount / fs::path(*group).relative_path();; at = at.parent_path()) {
    std::ifstream file(at / "cgroup.subtree_control");
    for (std::string controller; file >> controller;) {
      if (controller == "memory") return at;
    }
    if (at == kMount || !at.has_relative_path()) return std::nullopt;
  }
}

}  // namespace

Result<MemoryLimit> MemoryLimit::create(uint64_t bytes) {
  const auto second = parent_in_version_2();
  const auto first = second ? std::nullopt : parent_in_version_1();
  if (!second && !first) return fail(Code::kDenied, "this machine hands out no control groups for memory");
  const fs::path directory = (second ? *second : *first) / fmt::format("weerbaar-bench-{}", getpid());
  std::error_code error;
  fs::create_directory(directory, error);
  if (error) return fail(Code::kDenied, fmt::format("{}: {}", directory.string(), error.message()));
  MemoryLimit limit(directory, second ? "cgroup v2, memory.max" : "cgroup v1, memory.limit_in_bytes");
  WEERBAAR_TRY(write(directory / (second ? "memory.max" : "memory.limit_in_bytes"), std::to_string(bytes)));
  if (second) static_cast<void>(write(directory / "memory.swap.max", "0"));  // absent where there is no swap
  return limit;
}

MemoryLimit::MemoryLimit(MemoryLimit&& other) noexcept
    : directory_(std::exchange(other.directory_, {})), means_(std::move(other.means_)) {}

MemoryLimit::~MemoryLimit() {
  // Processes that were killed may take a moment to be gone.
  constexpr int kTries = 100;
  for (int i = 0; i < kTries && !directory_.empty(); ++i) {
    if (rmdir(directory_.c_str()) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Status MemoryLimit::enter() const {
  return write(fs::path(directory_) / "cgroup.procs", std::to_string(getpid()));
}

}  // namespace weerbaar::benchmarks
