// Paths that people give on the command line, and where they must not lead.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace weerbaar::server {

// Absolute, without "." and "..". kInvalid when it is no path.
Result<std::filesystem::path> whole_path(const std::string& path);

// Whether `path` is `directory` or lies in it. Both absolute, as whole_path() gives them.
bool lies_within(const std::filesystem::path& path, const std::filesystem::path& directory);

// What is wrong with a path that is to be a directory, or a file, and what to do about it. Empty when it is one, when
// nothing is there yet, and when the system does not say.
std::string why_no_directory(const std::string& path);
std::string why_no_file(const std::string& path);

}  // namespace weerbaar::server
