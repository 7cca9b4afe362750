#include "server/numbered_files.h"

#include <algorithm>
#include <charconv>

namespace weerbaar::server {

Result<std::vector<uint64_t>> numbered_files(os::FileSystem& files, const std::string& folder,
                                             std::string_view ending) {
  auto names = files.list(folder);
  if (!names && names.error().code == Code::kNotFound) return std::vector<uint64_t>{};
  if (!names) return std::unexpected(names.error());
  std::vector<uint64_t> numbers;
  for (const std::string& name : *names) {
    uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, number);
    if (read.ec == std::errc() && std::string_view(read.ptr, end) == ending) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace weerbaar::server
