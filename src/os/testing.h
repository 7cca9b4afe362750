// For tests only.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/result.h"

namespace weerbaar::os {

// A fresh directory on the real file system, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_((std::filesystem::temp_directory_path() / "weerbaar-test-XXXXXX").string()) {
    WEERBAAR_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;  // what stays behind lies among the temporary files
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The code of the error, nothing when there is none: error() of a success would be undefined, and may look right.
template <class T>
std::optional<Code> refusal(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

}  // namespace weerbaar::os
