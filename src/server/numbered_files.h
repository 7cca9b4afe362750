// Files that are named by a number: 1.json, 2.json ….
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/file_system.h"

namespace weerbaar::server {

// The numbers of the files in a folder whose names are a number and this ending, ascending; none when the folder is not
// there.
Result<std::vector<uint64_t>> numbered_files(os::FileSystem& files, const std::string& folder, std::string_view ending);

}  // namespace weerbaar::server
