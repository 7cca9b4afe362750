// Makes the system forget what it read.
#pragma once

#include <string>

#include "base/result.h"

namespace weerbaar::benchmarks {

// Writes out everything, and then drops the page cache: all of it when root, else that of the files below `directory`.
// What a process has mapped stays: close stores first.
Status drop_page_cache(const std::string& directory);

}  // namespace weerbaar::benchmarks
