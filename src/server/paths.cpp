#include "server/paths.h"

#include <fmt/format.h>

#include <system_error>

namespace weerbaar::server {
namespace {

// Empty unless something above the path is no directory.
std::string why_no_way(const std::string& path, const std::error_code& error) {
  if (error != std::errc::not_a_directory) return "";
  return fmt::format("{} cannot be: what it would lie in is a file; name a path that leads through directories", path);
}

}  // namespace

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

std::string why_no_directory(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  if (!std::filesystem::exists(there) || std::filesystem::is_directory(there)) return why_no_way(path, error);
  return fmt::format("{} is a file: name a directory", path);
}

std::string why_no_file(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  if (!std::filesystem::is_directory(there)) return why_no_way(path, error);
  return fmt::format("{} is a directory: name a file", path);
}

}  // namespace weerbaar::server
