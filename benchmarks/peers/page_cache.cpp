#include "peers/page_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weerbaar::benchmarks {

Status drop_page_cache(const std::string& directory) {
  sync();
  {
    std::ofstream file("/proc/sys/vm/drop_caches");
    file << "3" << std::flush;
    if (file) return {};
  }
  std::error_code error;
  auto entry = std::filesystem::recursive_directory_iterator(directory, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    const int file = open(entry->path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(Code::kIo, "cannot open " + entry->path().string());
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
  }
  return error ? Status(fail(Code::kIo, directory + ": " + error.message())) : Status();
}

}  // namespace weerbaar::benchmarks
