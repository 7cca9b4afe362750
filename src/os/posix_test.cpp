// What only the real file system can show: modes, blocks, other processes, the clock, the kernel's randomness.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "os/error.h"
#include "os/file_system.h"
#include "os/testing.h"

namespace weerbaar::os {
namespace {

using testing::HasSubstr;

class PosixFileSystem : public testing::Test {
 protected:
  [[nodiscard]] std::string path(std::string_view name) const { return join(directory_.path(), name); }
  [[nodiscard]] struct stat status(std::string_view name) const {
    struct stat status{};
    EXPECT_EQ(::stat(path(name).c_str(), &status), 0);
    return status;
  }

  FileSystem& files_ = real_file_system();

 private:
  TemporaryDirectory directory_;
};

TEST_F(PosixFileSystem, files_are_for_their_owner_and_directories_when_asked) {
  const mode_t mask = ::umask(0);
  EXPECT_TRUE(files_.open(path("file"), Mode::kCreate));
  EXPECT_TRUE(files_.lock(path("lock")));
  EXPECT_TRUE(write_file_atomically(files_, path("atomic"), as_bytes("x")));
  EXPECT_TRUE(files_.make_directory(path("open/own"), true));
  ::umask(mask);
  for (const char* name : {"file", "lock", "atomic"}) EXPECT_EQ(status(name).st_mode & 07777U, 0600U) << name;
  EXPECT_EQ(status("open").st_mode & 07777U, 0755U);
  EXPECT_EQ(status("open/own").st_mode & 07777U, 0700U);
}

TEST_F(PosixFileSystem, preallocate_takes_blocks_and_a_later_write_takes_none) {
  struct statfs system{};
  ASSERT_EQ(::statfs(path("").c_str(), &system), 0);
  if (system.f_type != EXT4_SUPER_MAGIC && system.f_type != XFS_SUPER_MAGIC && system.f_type != TMPFS_MAGIC) {
    GTEST_SKIP() << "a file system that may compress or copy on write";
  }
  constexpr uint64_t kSize = 3'000'000;
  const auto file = files_.open(path("f"), Mode::kCreate).value();
  ASSERT_TRUE(file->preallocate(kSize));
  ASSERT_TRUE(file->sync());
  const auto blocks = status("f").st_blocks;
  EXPECT_GE(static_cast<uint64_t>(blocks) * 512, kSize);
  ASSERT_TRUE(file->write_at(kSize / 2, as_bytes("tail")));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(status("f").st_blocks, blocks);
}

TEST_F(PosixFileSystem, a_full_disk_is_told_with_its_remedy) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  const auto full = files_.open("/dev/full", Mode::kReadWrite).value();
  const Status refused = full->write_at(0, as_bytes("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refusal(refused), Code::kNoSpace);
  EXPECT_EQ(refused.error().text,
            "write at byte 0 of /dev/full: No space left on device; make room on this disk, then retry");
}

// A limit on the size of files makes the kernel write a part, and refuse only the rest.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_F(PosixFileSystem, a_write_cut_short_goes_on_until_the_error) {
  const auto file = files_.open(path("f"), Mode::kCreate).value();
  const SizeLimit limit(64);
  const Status refused = file->write_at(0, Bytes(100, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refusal(refused), Code::kIo);
  EXPECT_THAT(refused.error().text, HasSubstr("write at byte 64 of "));
  EXPECT_EQ(file->size().value(), 64U);
}

TEST_F(PosixFileSystem, a_preallocation_that_fails_leaves_the_size_as_it_was) {
  const auto file = files_.open(path("f"), Mode::kCreate).value();
  ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
  const SizeLimit limit(2'000'000);
  EXPECT_FALSE(file->preallocate(3'000'000));
  EXPECT_EQ(file->size().value(), 3U);
}

TEST_F(PosixFileSystem, a_lock_excludes_other_processes_and_dies_with_its_own) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = files_.lock(path("lock"));
    const char answer = held ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) == 1) ::pause();
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(refusal(files_.lock(path("lock"))), Code::kBusy);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(files_.lock(path("lock")));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(PosixFileSystem, descriptors_are_not_inherited_by_other_programs) {
  const auto file = files_.open(path("f"), Mode::kCreate).value();
  const auto lock = files_.lock(path("lock")).value();
  int ours = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
    if (target != path("f") && target != path("lock")) continue;
    ++ours;
    EXPECT_NE(::fcntl(std::stoi(entry.path().filename().string()), F_GETFD) & FD_CLOEXEC, 0) << target;
  }
  EXPECT_EQ(ours, 2);
}

TEST(FailErrno, turns_numbers_into_codes_to_act_on) {
  const std::pair<int, Code> cases[] = {{ENOSPC, Code::kNoSpace},   {EDQUOT, Code::kNoSpace}, {ENOENT, Code::kNotFound},
                                        {EEXIST, Code::kExists},    {EACCES, Code::kDenied},  {EPERM, Code::kDenied},
                                        {EWOULDBLOCK, Code::kBusy}, {EIO, Code::kIo},         {EROFS, Code::kIo},
                                        {EMFILE, Code::kIo},        {ESTALE, Code::kIo},      {ENOTDIR, Code::kIo},
                                        {EISDIR, Code::kIo}};
  for (const auto& [number, code] : cases) EXPECT_EQ(fail_errno("open", "/f", number).error().code, code) << number;
  EXPECT_EQ(fail_errno("open", "/f", EACCES).error().text,
            "open /f: Permission denied; run as the owner, or give this user the right");
  for (const int number : {ENOTDIR, EISDIR}) {
    EXPECT_THAT(fail_errno("open", "/f", number).error().text, HasSubstr("move it away, or name another path"));
  }
}

TEST(Now, is_the_time_of_the_system) {
  const auto clock = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const int64_t before = clock();
  const Time time = now();
  EXPECT_LE(before, time.micros);
  EXPECT_LE(time.micros, clock());
  EXPECT_LT(time.nanos, 1'000);
}

TEST(FillRandom, fills_every_byte_anew) {
  // 300 bytes: beyond what getrandom() promises to give at once.
  constexpr size_t kSize = 300;
  Bytes first(kSize);
  Bytes ever(kSize);  // bits seen set at each place
  ASSERT_TRUE(fill_random(first));
  for (int i = 0; i < 100; ++i) {
    Bytes next(kSize);
    ASSERT_TRUE(fill_random(next));
    EXPECT_NE(next, first);
    for (size_t j = 0; j < kSize; ++j) ever[j] |= next[j];
  }
  EXPECT_TRUE(std::ranges::all_of(ever, [](uint8_t bits) { return bits == 0xff; }));
  EXPECT_TRUE(fill_random({}));
}

}  // namespace
}  // namespace weerbaar::os
