#include "os/faulty.h"

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>

#include "os/error.h"

namespace weerbaar::os {
namespace {

int errno_of(Fault fault) {
  return fault == Fault::kNoSpace ? ENOSPC : EIO;
}

// Counts the steps and says which of them fail. Shared by a file system and the files opened through it.
class Schedule {
 public:
  void fail_at(uint64_t step, Fault fault, bool lasting) {
    const std::lock_guard guard(mutex_);
    steps_ = 0;
    struck_ = false;
    fault_ = fault;
    step_ = step;
    lasting_ = lasting;
  }

  uint64_t steps() {
    const std::lock_guard guard(mutex_);
    return steps_;
  }

  bool struck() {
    const std::lock_guard guard(mutex_);
    return struck_;
  }

  // Counts one operation; the fault that it must suffer, if any.
  std::optional<Fault> next() {
    const std::lock_guard guard(mutex_);
    const uint64_t step = steps_++;
    if (!fault_ || step < step_ || (step > step_ && !lasting_)) return std::nullopt;
    struck_ = true;
    return fault_;
  }

  // The same, for operations that all faults hit alike.
  Status pass(std::string_view operation, std::string_view path) {
    if (const auto fault = next()) return fail_errno(operation, path, errno_of(*fault));
    return {};
  }

 private:
  std::mutex mutex_;
  uint64_t steps_ = 0;
  std::optional<Fault> fault_;  // none: nothing fails
  uint64_t step_ = 0;
  bool lasting_ = false;
  bool struck_ = false;
};

class FaultyFile final : public File {
 public:
  FaultyFile(std::unique_ptr<File> inner, std::shared_ptr<Schedule> schedule, std::string path)
      : inner_(std::move(inner)), schedule_(std::move(schedule)), path_(std::move(path)) {}

  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> buffer) override {
    WEERBAAR_TRY(schedule_->pass("read", path_));
    return inner_->read_at(offset, buffer);
  }

  Status write_at(uint64_t offset, ByteView data) override {
    const auto fault = schedule_->next();
    if (!fault) return inner_->write_at(offset, data);
    if (*fault == Fault::kShortWrite) WEERBAAR_TRY(inner_->write_at(offset, data.first(data.size() / 2)));
    return fail_errno("write", path_, errno_of(*fault));
  }

  Status sync() override {
    const auto fault = schedule_->next();
    if (fault) {
      if (*fault == Fault::kFailedSync) forgetful_ = true;
      return fail_errno("sync", path_, errno_of(*fault));
    }
    if (forgetful_) return {};
    return inner_->sync();
  }

  Result<uint64_t> size() override {
    WEERBAAR_TRY(schedule_->pass("take the size of", path_));
    return inner_->size();
  }

  Status resize(uint64_t size) override {
    WEERBAAR_TRY(schedule_->pass("resize", path_));
    return inner_->resize(size);
  }

  void start_writing(uint64_t offset, uint64_t bytes) override { inner_->start_writing(offset, bytes); }
  void expect_no_reads(uint64_t offset, uint64_t bytes) override { inner_->expect_no_reads(offset, bytes); }
  Status preallocate(uint64_t size) override {
    WEERBAAR_TRY(schedule_->pass("preallocate", path_));
    return inner_->preallocate(size);
  }

 private:
  std::unique_ptr<File> inner_;
  std::shared_ptr<Schedule> schedule_;
  std::string path_;
  std::atomic<bool> forgetful_ = false;  // a sync failed: see Fault::kFailedSync
};

}  // namespace

struct FaultyFileSystem::Plan : Schedule {};

FaultyFileSystem::FaultyFileSystem(FileSystem& inner) : inner_(inner), plan_(std::make_shared<Plan>()) {}
FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::fail_at(uint64_t step, Fault fault, bool lasting) {
  plan_->fail_at(step, fault, lasting);
}
uint64_t FaultyFileSystem::steps() const {
  return plan_->steps();
}
bool FaultyFileSystem::struck() const {
  return plan_->struck();
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, Mode mode) {
  WEERBAAR_TRY(plan_->pass("open", path));
  WEERBAAR_ASSIGN(std::unique_ptr<File> file, inner_.open(path, mode));
  return std::make_unique<FaultyFile>(std::move(file), plan_, path);
}

Result<std::unique_ptr<Mapping>> FaultyFileSystem::map(const std::string& path) {
  WEERBAAR_TRY(plan_->pass("map", path));
  return inner_.map(path);
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& directory) {
  WEERBAAR_TRY(plan_->pass("list", directory));
  return inner_.list(directory);
}

bool FaultyFileSystem::exists(const std::string& path) {
  return inner_.exists(path);
}

Status FaultyFileSystem::make_directory(const std::string& path, bool owner_only) {
  WEERBAAR_TRY(plan_->pass("make the directory", path));
  return inner_.make_directory(path, owner_only);
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  WEERBAAR_TRY(plan_->pass("rename " + from + " to", to));
  return inner_.rename(from, to);
}

Status FaultyFileSystem::remove(const std::string& path) {
  WEERBAAR_TRY(plan_->pass("remove", path));
  return inner_.remove(path);
}

Status FaultyFileSystem::sync_directory(const std::string& path) {
  WEERBAAR_TRY(plan_->pass("sync the directory", path));
  return inner_.sync_directory(path);
}

Result<std::unique_ptr<Lock>> FaultyFileSystem::lock(const std::string& path) {
  WEERBAAR_TRY(plan_->pass("lock", path));
  return inner_.lock(path);
}

}  // namespace weerbaar::os
