// What stands on top of any file system: names of files, and whole files at once.
#include "os/file_system.h"

namespace weerbaar::os {
namespace {

Status write_whole(FileSystem& files, const std::string& path, ByteView content) {
  WEERBAAR_ASSIGN(const std::unique_ptr<File> file, files.open(path, Mode::kCreate));
  WEERBAAR_TRY(file->resize(0));  // an earlier attempt may have left a longer one
  WEERBAAR_TRY(file->write_at(0, content));
  return file->sync();
}

}  // namespace

std::string join(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string parent(std::string_view path) {
  const auto without_slashes = [](std::string_view text) { return text.substr(0, text.find_last_not_of('/') + 1); };
  const std::string_view whole = without_slashes(path);
  const size_t slash = whole.rfind('/');
  if (slash == std::string_view::npos) return whole.empty() && !path.empty() ? "/" : ".";
  const std::string_view above = without_slashes(whole.substr(0, slash));
  return above.empty() ? "/" : std::string(above);
}

Result<Bytes> read_file(FileSystem& files, const std::string& path, uint64_t bytes_max) {
  WEERBAAR_ASSIGN(const std::unique_ptr<File> file, files.open(path, Mode::kRead));
  WEERBAAR_ASSIGN(const uint64_t size, file->size());
  if (size > bytes_max) {
    return fail(Code::kInvalid, "read " + path + ": it has " + std::to_string(size) + " bytes and may have " +
                                    std::to_string(bytes_max) + "; is it the right file?");
  }
  Bytes content(size);
  WEERBAAR_ASSIGN(const size_t count, file->read_at(0, content));
  content.resize(count);
  return content;
}

Status write_file_atomically(FileSystem& files, const std::string& path, ByteView content) {
  const std::string beside = path + ".new";
  Status written = write_whole(files, beside, content);
  if (written) written = files.rename(beside, path);
  if (!written) {
    // Tidies up; when that fails too, the next write takes the same name. The first error is the one to tell.
    [[maybe_unused]] const Status ignored = files.remove(beside);
    return written;
  }
  return files.sync_directory(parent(path));
}

}  // namespace weerbaar::os
