// A file system that fails on command, for tests: every operation that changes or reads the disk is a numbered step.
#pragma once

#include <cstdint>
#include <memory>

#include "os/file_system.h"

namespace weerbaar::os {

enum class Fault {
  kInputOutput,  // EIO, nothing done
  kNoSpace,      // ENOSPC, nothing done
  kShortWrite,   // half of the bytes are written, then EIO; other operations: EIO
  // The sync reports EIO and nothing became durable; other operations: EIO. As the kernel forgets pages that it failed
  // to write, later syncs of the same open file report success and make nothing durable: reopen and write again.
  kFailedSync,
};

// Passes everything on to `inner`, which must outlive it. Thread-safe.
class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(FileSystem& inner);
  ~FaultyFileSystem() override;

  // Every call on this, and on a file opened through it, is an operation, whether it succeeds or not. Not counted:
  // exists(), and what a mapping or a lock does later.

  // From now on the `step`-th operation from here (0: the next) fails. With `lasting`, so do all after it.
  void fail_at(uint64_t step, Fault fault, bool lasting);
  // Operations seen since construction or the last fail_at().
  [[nodiscard]] uint64_t steps() const;
  // True once the fault was delivered.
  [[nodiscard]] bool struck() const;

  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Result<std::unique_ptr<Mapping>> map(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  bool exists(const std::string& path) override;
  Status make_directory(const std::string& path, bool owner_only = false) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock(const std::string& path) override;

 private:
  struct Plan;
  FileSystem& inner_;
  std::shared_ptr<Plan> plan_;
};

}  // namespace weerbaar::os
