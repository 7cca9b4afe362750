// A file system in memory, for tests: it keeps apart what a program has written and what would survive a power failure.
#pragma once

#include <memory>

#include "os/file_system.h"

namespace weerbaar::os {

// Strict: the name of a new file, a rename and a removal are lost unless the directory was synced, however well the
// file was. Paths are below one root, where relative paths start too; modes are not kept; a file has at most 4 GiB.
// A rename across directories is for files only (kIo for a directory).
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Result<std::unique_ptr<Mapping>> map(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  bool exists(const std::string& path) override;
  Status make_directory(const std::string& path, bool owner_only = false) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock(const std::string& path) override;

  // Power failure. What was not synced is lost, wholly or in part: `seed` 0 loses all of it; another seed decides for
  // each unsynced 512-byte sector and each unsynced directory change whether it reached the disk, in no order. A sector
  // or entry changed more than once may stop at any of its versions; the size of a file is one that it had, or larger
  // to hold the sectors that were kept, with zeros for those between that were not. A rename is kept or lost whole.
  // Open files become invalid: every later call on them fails with kIo. Mappings become empty, locks are released.
  void crash(uint64_t seed);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weerbaar::os
