// A limit on the memory of a process and all that it starts, page cache included: a control group of Linux.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace weerbaar::benchmarks {

class MemoryLimit {
 public:
  // kDenied when no group can be made here: mostly when not root.
  static Result<MemoryLimit> create(uint64_t bytes);
  MemoryLimit(MemoryLimit&& other) noexcept;
  MemoryLimit& operator=(MemoryLimit&&) = delete;
  // The group must be empty by then.
  ~MemoryLimit();

  // Puts this process under the limit.
  [[nodiscard]] Status enter() const;
  // "cgroup v2, memory.max" or the like.
  [[nodiscard]] const std::string& means() const { return means_; }

 private:
  MemoryLimit(std::string directory, std::string means) : directory_(std::move(directory)), means_(std::move(means)) {}

  std::string directory_;
  std::string means_;
};

}  // namespace weerbaar::benchmarks
