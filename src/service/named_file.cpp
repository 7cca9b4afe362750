#include "service/named_file.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace weerbaar::service {

Result<std::string> read_named_file(os::FileSystem& files, const std::string& directory, std::string_view setting,
                                    const std::string& path, uint64_t bytes_max) {
  const std::string whole = path.starts_with('/') ? path : os::join(directory, path);
  const auto content = os::read_file(files, whole, bytes_max);
  if (content) return std::string(as_text(*content));
  return fail(content.error().code,
              fmt::format("the setting {}: {}: name a file of at most {} bytes that is there and that the user of this "
                          "program may read; a name that does not begin with / is looked for in {}",
                          setting, content.error().text, bytes_max, directory));
}

}  // namespace weerbaar::service
