// The file system of the machine, by the system calls of Linux.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "os/descriptor.h"
#include "os/error.h"
#include "os/file_system.h"

namespace weerbaar::os {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kOwnerOnlyDirectoryMode = 0700;
// Large enough that the disk, not the number of calls, sets the speed of preallocate().
constexpr size_t kZerosBytes = size_t{1} << 20U;

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
  const int number = retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (number < 0) return fail_errno("open", path, errno);
  return Descriptor(number);
}

// open() lets a directory through when only reading, and every read fails later: refused here, with its name.
Result<Descriptor> open_file(const std::string& path, int flags) {
  WEERBAAR_ASSIGN(Descriptor descriptor, open_descriptor(path, flags));
  struct stat status{};
  if (::fstat(descriptor.number(), &status) != 0) return fail_errno("open", path, errno);
  if (S_ISDIR(status.st_mode)) return fail_errno("open", path, EISDIR);
  return descriptor;
}

Result<uint64_t> size_of(const Descriptor& descriptor, const std::string& path) {
  struct stat status{};
  if (::fstat(descriptor.number(), &status) != 0) return fail_errno("take the size of", path, errno);
  return static_cast<uint64_t>(status.st_size);
}

std::string at_byte(std::string_view operation, uint64_t offset) {
  return std::string(operation) + " at byte " + std::to_string(offset) + " of";
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> buffer) override {
    size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count = retry([&] {
        return ::pread(descriptor_.number(), buffer.data() + done, buffer.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) return fail_errno(at_byte("read", offset + done), path_, errno);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  Status write_at(uint64_t offset, ByteView data) override {
    while (!data.empty()) {
      const ssize_t count =
          retry([&] { return ::pwrite(descriptor_.number(), data.data(), data.size(), static_cast<off_t>(offset)); });
      // No system should answer 0 here; one that does must not keep us in this loop.
      if (count <= 0) return fail_errno(at_byte("write", offset), path_, count < 0 ? errno : EIO);
      data = data.subspan(static_cast<size_t>(count));
      offset += static_cast<uint64_t>(count);
    }
    return {};
  }

  Status sync() override {
    if (retry([&] { return ::fdatasync(descriptor_.number()); }) != 0) return fail_errno("sync", path_, errno);
    return {};
  }

  void start_writing(uint64_t offset, uint64_t bytes) override {
    ::sync_file_range(descriptor_.number(), static_cast<off_t>(offset), static_cast<off_t>(bytes),
                      SYNC_FILE_RANGE_WRITE);
  }

  void expect_no_reads(uint64_t offset, uint64_t bytes) override {
    ::posix_fadvise(descriptor_.number(), static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_DONTNEED);
  }

  Result<uint64_t> size() override { return size_of(descriptor_, path_); }

  Status resize(uint64_t size) override {
    if (retry([&] { return ::ftruncate(descriptor_.number(), static_cast<off_t>(size)); }) != 0) {
      return fail_errno("resize", path_, errno);
    }
    return {};
  }

  Status preallocate(uint64_t size) override {
    WEERBAAR_ASSIGN(const uint64_t end, this->size());
    if (size <= end) return {};
    Status filled = reserve(end, size);
    if (filled) filled = fill_with_zeros(end, size);
    if (!filled) {
      // Gives the blocks back, so that a full disk is not made fuller. The first error is the one to tell.
      [[maybe_unused]] const int ignored = ::ftruncate(descriptor_.number(), static_cast<off_t>(end));
    }
    return filled;
  }

 private:
  // Finds out at once whether there is room, and asks for it in one piece.
  Status reserve(uint64_t from, uint64_t to) {
    const int result = retry([&] {
      return ::fallocate(descriptor_.number(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                         static_cast<off_t>(to - from));
    });
    // Not every file system has it; the zeros take the blocks then.
    if (result != 0 && errno != EOPNOTSUPP && errno != ENOSYS) return fail_errno("preallocate", path_, errno);
    return {};
  }

  // fallocate() alone leaves extents marked unwritten: the first sync after each write would have to journal that they
  // no longer are. Real zeros are paid for once, here.
  Status fill_with_zeros(uint64_t from, uint64_t to) {
    const Bytes zeros(static_cast<size_t>(std::min<uint64_t>(kZerosBytes, to - from)));
    while (from < to) {
      const auto piece = ByteView(zeros).first(static_cast<size_t>(std::min<uint64_t>(zeros.size(), to - from)));
      WEERBAAR_TRY(write_at(from, piece));
      from += piece.size();
    }
    return {};
  }

  Descriptor descriptor_;
  std::string path_;
};

class PosixMapping final : public Mapping {
 public:
  PosixMapping(void* address, size_t size) : address_(address), size_(size) {}
  PosixMapping(const PosixMapping&) = delete;
  PosixMapping& operator=(const PosixMapping&) = delete;
  ~PosixMapping() override {
    if (size_ > 0) ::munmap(address_, size_);
  }

  [[nodiscard]] ByteView bytes() const override { return {static_cast<const uint8_t*>(address_), size_}; }

  void will_need(ByteView part) const override {
    static const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const auto offset = static_cast<size_t>(part.data() - static_cast<const uint8_t*>(address_));
    const size_t begin = offset - offset % page;
    ::madvise(static_cast<uint8_t*>(address_) + begin, offset + part.size() - begin, MADV_WILLNEED);
  }
  void expect_scattered_reads() const override {
    if (size_ > 0) ::madvise(address_, size_, MADV_RANDOM);
  }

 private:
  void* address_;
  size_t size_;
};

// flock() belongs to the open file, not to the process as fcntl() locks do: two of them exclude each other within one
// process too, and closing another descriptor of the same file does not release it.
class PosixLock final : public Lock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
    const int flags = mode == Mode::kRead ? O_RDONLY : mode == Mode::kReadWrite ? O_RDWR : O_RDWR | O_CREAT;
    WEERBAAR_ASSIGN(Descriptor descriptor, open_file(path, flags));
    return std::make_unique<PosixFile>(std::move(descriptor), path);
  }

  Result<std::unique_ptr<Mapping>> map(const std::string& path) override {
    WEERBAAR_ASSIGN(const Descriptor descriptor, open_file(path, O_RDONLY));
    WEERBAAR_ASSIGN(const uint64_t size, size_of(descriptor, path));
    if (size == 0) return std::make_unique<PosixMapping>(nullptr, 0);  // mmap() refuses a length of 0
    void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor.number(), 0);
    if (address == MAP_FAILED) return fail_errno("map", path, errno);
    return std::make_unique<PosixMapping>(address, size);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
    if (stream == nullptr) return fail_errno("list", directory, errno);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* const entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): no thread shares a stream
      if (entry == nullptr) break;
      const std::string_view name(entry->d_name);
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return fail_errno("list", directory, errno);
    std::ranges::sort(names);
    return names;
  }

  bool exists(const std::string& path) override {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
  }

  Status make_directory(const std::string& path, bool owner_only) override {
    if (is_directory(path)) return {};
    if (path.empty()) return fail_errno("make the directory", path, ENOENT);
    const std::string above = parent(path);
    if (above != path) WEERBAAR_TRY(make_directory(above, false));
    if (::mkdir(path.c_str(), owner_only ? kOwnerOnlyDirectoryMode : kDirectoryMode) != 0) {
      const int number = errno;
      if (number == EEXIST && is_directory(path)) return {};  // another made it since we looked
      return fail_errno("make the directory", path, number);
    }
    return sync_directory(above);
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno("rename " + from + " to", to, errno);
    return {};
  }

  Status remove(const std::string& path) override {
    if (std::remove(path.c_str()) != 0) return fail_errno("remove", path, errno);
    return {};
  }

  Status sync_directory(const std::string& path) override {
    WEERBAAR_ASSIGN(const Descriptor descriptor, open_descriptor(path, O_RDONLY | O_DIRECTORY));
    if (retry([&] { return ::fsync(descriptor.number()); }) != 0) {
      return fail_errno("sync the directory", path, errno);
    }
    return {};
  }

  Result<std::unique_ptr<Lock>> lock(const std::string& path) override {
    WEERBAAR_ASSIGN(Descriptor descriptor, open_file(path, O_RDWR | O_CREAT));
    if (retry([&] { return ::flock(descriptor.number(), LOCK_EX | LOCK_NB); }) != 0) {
      return fail_errno("lock", path, errno);
    }
    return std::make_unique<PosixLock>(std::move(descriptor));
  }
};

}  // namespace

FileSystem& real_file_system() {
  static PosixFileSystem files;
  return files;
}

Time now() {
  timespec moment{};
  ::clock_gettime(CLOCK_REALTIME, &moment);  // cannot fail for this clock
  return Time{static_cast<int64_t>(moment.tv_sec) * kMicrosPerSecond + moment.tv_nsec / 1'000,
              static_cast<uint16_t>(moment.tv_nsec % 1'000)};
}

Status fill_random(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = retry([&] { return ::getrandom(bytes.data(), bytes.size(), 0); });
    if (count <= 0) return fail_errno("take random bytes from", "the kernel", count < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

}  // namespace weerbaar::os
