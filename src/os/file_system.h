// The only door to files, locks, clocks and randomness. Three file systems behind one interface: the real one, one in
// memory that can lose what was not synced (os/memory.h), and one that fails on command (os/faulty.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace weerbaar::os {

// An open file. Not thread-safe for writing; concurrent read_at is safe. Closed by the destructor.
class File {
 public:
  virtual ~File() = default;

  // Reads up to buffer.size() bytes; fewer only at the end of the file. Returns how many.
  virtual Result<size_t> read_at(uint64_t offset, std::span<uint8_t> buffer) = 0;
  // All or an error; after an error any prefix may have been written.
  virtual Status write_at(uint64_t offset, ByteView data) = 0;
  // Returns when data, and the size needed to read it back, survive a power failure (fdatasync); the name of a new file
  // does so after sync_directory(). After an error nothing may be assumed about any write since the last success;
  // retrying proves nothing.
  virtual Status sync() = 0;
  // A hint that a range just written will be synced soon: the disk may begin with it. Says nothing about whether it
  // does, and has no errors: sync() reports those.
  virtual void start_writing(uint64_t offset, uint64_t bytes) = 0;
  // A hint that a range that was synced will hardly be read: the system may use its memory for what is written next,
  // which is quicker than memory that was long out of use. No errors.
  virtual void expect_no_reads(uint64_t offset, uint64_t bytes) = 0;
  virtual Result<uint64_t> size() = 0;
  // Extends with zeros or cuts; durable after sync().
  virtual Status resize(uint64_t size) = 0;
  // Reserves real blocks, filled with zeros, from the end of the file up to `size`, so that later writes need no new
  // blocks. Nothing when it is that long already. kNoSpace when the disk is full; the size is then what it was.
  virtual Status preallocate(uint64_t size) = 0;
};

// The bytes of an immutable file, readable as long as this lives.
class Mapping {
 public:
  virtual ~Mapping() = default;
  [[nodiscard]] virtual ByteView bytes() const = 0;
  // Hints, which change nothing but how long reading takes. That this part of bytes() will be read soon: the system may
  // fetch it meanwhile. That reads will come in no order: it then fetches no more than is asked.
  virtual void will_need([[maybe_unused]] ByteView part) const {}
  virtual void expect_scattered_reads() const {}
};

// Held until destroyed; also released by the system when the process dies.
class Lock {
 public:
  virtual ~Lock() = default;
};

enum class Mode { kRead, kReadWrite, kCreate };  // kCreate: read and write, made when absent, kept when present

// Thread-safe. Paths are given whole; directories are separated by '/'. Errors carry the codes of os/error.h.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // kNotFound when the file, or for kCreate its directory, is absent; kIo for a directory.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
  // The file must not be changed while mapped. An empty file gives empty bytes.
  virtual Result<std::unique_ptr<Mapping>> map(const std::string& path) = 0;
  // Names (not paths) of the entries in a directory, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Makes the directory and its parents, durably; fine when it exists, kExists when a file has its name. `owner_only`:
  // mode 0700 for the last one, if it is made now.
  virtual Status make_directory(const std::string& path, bool owner_only = false) = 0;
  // Replaces `to` atomically. Durable after sync_directory() of the parent of `to`.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // A file or an empty directory. Durable after sync_directory() of the parent.
  virtual Status remove(const std::string& path) = 0;
  // Makes creations, renames and removals in a directory durable.
  virtual Status sync_directory(const std::string& path) = 0;
  // An exclusive lock between processes and within this one, on a file that is made when absent and stays. kBusy when
  // somebody holds it.
  virtual Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
};

// The file system of the machine. Files made are readable by their owner only (0600), directories 0755 unless
// owner_only.
FileSystem& real_file_system();

// Now, from the system's real-time clock.
Time now();

// From the kernel's generator (getrandom).
Status fill_random(std::span<uint8_t> bytes);

// --- on top of any FileSystem
// -----------------------------------------------------------------------------------------

// "a/b" from "a" and "b".
std::string join(std::string_view directory, std::string_view name);
// "a" from "a/b"; "." when there is none.
std::string parent(std::string_view path);

// The whole file. kInvalid when larger than bytes_max, kNotFound when absent.
Result<Bytes> read_file(FileSystem& files, const std::string& path, uint64_t bytes_max);
// Writes beside it (`path`.new), syncs, renames over it and syncs the directory: after an error or a crash either the
// old or the new is there, whole; after success the new. One writer a path at a time.
Status write_file_atomically(FileSystem& files, const std::string& path, ByteView content);

}  // namespace weerbaar::os
