#include "peers/memory_peak.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace weerbaar::benchmarks {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(50);

struct Memory {
  uint64_t own_bytes = 0;
  uint64_t shared_bytes = 0;
};

// Nothing when the process is gone.
Memory memory_of(pid_t process) {
  Memory memory;
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    uint64_t kib = 0;
    if (word == "RssAnon:" && status >> kib) memory.own_bytes = kib << 10U;
    if (word == "RssShmem:" && status >> kib) memory.shared_bytes = kib << 10U;
  }
  return memory;
}

// Of all threads of a process.
std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::error_code error;
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  for (auto task = std::filesystem::directory_iterator(tasks, error);
       !error && task != std::filesystem::directory_iterator(); task.increment(error)) {
    std::ifstream file(task->path() / "children");
    for (pid_t child = 0; file >> child;) children.push_back(child);
  }
  return children;
}

uint64_t memory_of_all() {
  std::vector<pid_t> processes = {getpid()};
  uint64_t own = 0;
  uint64_t shared = 0;
  for (size_t i = 0; i < processes.size(); ++i) {
    const Memory memory = memory_of(processes[i]);
    own += memory.own_bytes;
    shared = std::max(shared, memory.shared_bytes);
    const auto children = children_of(processes[i]);
    processes.insert(processes.end(), children.begin(), children.end());
  }
  return own + shared;
}

}  // namespace

MemoryPeak::MemoryPeak()
    : thread_([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          bytes_ = std::max(bytes_.load(), memory_of_all());
          std::this_thread::sleep_for(kInterval);
        }
      }) {}

MemoryPeak::~MemoryPeak() = default;

}  // namespace weerbaar::benchmarks
