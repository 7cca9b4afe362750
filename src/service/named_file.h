// A file that a setting names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/file_system.h"

namespace weerbaar::service {

// The whole of it. `path` is relative to `directory` unless it begins with '/'. An error names the setting, the file
// and what to do, with the code of os::read_file().
Result<std::string> read_named_file(os::FileSystem& files, const std::string& directory, std::string_view setting,
                                    const std::string& path, uint64_t bytes_max);

}  // namespace weerbaar::service
