#include "peers/store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace weerbaar::benchmarks {

Status Store::append_json(const JsonLines& lines) {
  return read_and_append(lines, directory(), [this](std::span<const AccessEvent> events) { return append(events); });
}

Result<std::vector<Suspect>> Store::leak(std::span<const std::string> bsns) {
  std::vector<std::vector<Access>> accesses(bsns.size());
  for (size_t i = 0; i < bsns.size(); ++i) WEERBAAR_TRY(needle(bsns[i], accesses[i]));
  return rank_suspects(accesses);
}

Result<uint64_t> Store::bytes() {
  return allocated_bytes(directory());
}

Result<uint64_t> allocated_bytes(const std::string& directory) {
  constexpr uint64_t kBlockBytes = 512;  // the unit of st_blocks, whatever the file system
  uint64_t bytes = 0;
  std::error_code error;
  auto file = std::filesystem::recursive_directory_iterator(directory, error);
  for (; !error && file != std::filesystem::recursive_directory_iterator(); file.increment(error)) {
    struct stat status{};
    // A server may remove a file between its listing and our look at it.
    if (lstat(file->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    bytes += static_cast<uint64_t>(status.st_blocks) * kBlockBytes;
  }
  if (error) return fail(Code::kIo, fmt::format("{}: {}", directory, error.message()));
  return bytes;
}

}  // namespace weerbaar::benchmarks
