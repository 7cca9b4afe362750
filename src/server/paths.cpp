#include "server/paths.h"

#include <fmt/format.h>

#include <system_error>

namespace weerbaar::server {

Result<std::filesystem::path> whole_path(const std::string& path) {
  std::error_code error;
  std::filesystem::path whole = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return fail(Code::kInvalid, fmt::format("\"{}\" is no path of a directory: {}", path, error.message()));
  return whole;
}

bool lies_within(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const std::filesystem::path way = path.lexically_relative(directory);
  return !way.empty() && *way.begin() != "..";
}

}  // namespace weerbaar::server
