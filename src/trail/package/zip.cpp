#include "trail/package/zip.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>

namespace weerbaar::trail {
namespace {

constexpr size_t kChunkBytes = 64 * 1024;
constexpr uint32_t kReadableByAll = 0100644U << 16U;  // a plain file, rw-r--r--, as Unix archives write it

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;
using OpenFile = std::unique_ptr<zip_file_t, CloseFile>;

// An error of libzip, with the memory of its text.
class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  ~ZipError() { zip_error_fini(&error_); }

  zip_error_t* get() { return &error_; }
  const char* text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_{};
};

std::unexpected<Error> too_large(std::string_view what, uint64_t max) {
  return fail(Code::kInvalid, fmt::format("{}, at most {} are allowed: make several smaller packages", what, max));
}

std::unexpected<Error> not_written(const char* reason) {
  return fail(Code::kIo, fmt::format("the zip archive could not be made in memory: {}", reason));
}

// A moment as MS-DOS wrote it: date in the high half, time in the low one.
struct DosTime {
  uint16_t time;
  uint16_t date;
};

DosTime dos_time(Time at) {
  constexpr int64_t kFirstYear = 1980;
  constexpr int64_t kLastYear = 2107;
  const Civil date = civil_from_days(floor_div(at.micros, kMicrosPerDay));
  if (date.year < kFirstYear) return {0, 1U << 5U | 1U};
  if (date.year > kLastYear) return {23U << 11U | 59U << 5U | 29U, 127U << 9U | 12U << 5U | 31U};
  const auto second =
      static_cast<unsigned>((at.micros - floor_div(at.micros, kMicrosPerDay) * kMicrosPerDay) / kMicrosPerSecond);
  const auto year = static_cast<unsigned>(date.year - kFirstYear);
  return {static_cast<uint16_t>(second / 3600 << 11U | second / 60 % 60 << 5U | second % 60 / 2),
          static_cast<uint16_t>(year << 9U | date.month << 5U | date.day)};
}

Status check_sizes(const std::vector<ZipMember>& members, const ZipLimits& limits) {
  if (members.size() > limits.members_max) {
    return too_large(fmt::format("the archive would have {} members", members.size()), limits.members_max);
  }
  uint64_t bytes = 0;
  for (const ZipMember& member : members) bytes += member.content.size();
  if (bytes <= limits.content_bytes_max) return {};
  return too_large(fmt::format("the archive would hold {} bytes", bytes), limits.content_bytes_max);
}

// False when libzip refuses; the archive then has the error.
bool add(zip_t* archive, const ZipMember& member, DosTime at) {
  Source source(zip_source_buffer(archive, member.content.data(), member.content.size(), 0));
  if (source == nullptr) return false;
  const zip_int64_t added = zip_file_add(archive, member.name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
  if (added < 0) return false;
  static_cast<void>(source.release());  // now of the archive
  const auto index = static_cast<zip_uint64_t>(added);
  return zip_set_file_compression(archive, index, ZIP_CM_DEFLATE, 6) == 0 &&
         zip_file_set_dostime(archive, index, at.time, at.date, 0) == 0 &&
         zip_file_set_external_attributes(archive, index, 0, ZIP_OPSYS_UNIX, kReadableByAll) == 0;
}

// The bytes that a closed archive left in its source.
Result<Bytes> content_of(zip_source_t* source) {
  zip_stat_t stat;
  if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0) {
    return not_written(zip_error_strerror(zip_source_error(source)));
  }
  Bytes bytes(stat.size);
  const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (got < 0 || static_cast<uint64_t>(got) != bytes.size()) return not_written("it cannot be read back");
  return bytes;
}

// The whole member, which may be longer than the archive says, but not longer than `bytes_max`.
Result<Bytes> read_member(zip_t* archive, uint64_t index, uint64_t bytes_max, std::string_view place) {
  const OpenFile file(zip_fopen_index(archive, index, 0));
  if (file == nullptr) return fail(Code::kInvalid, fmt::format("{}: {}", place, zip_strerror(archive)));
  Bytes content;
  std::array<uint8_t, kChunkBytes> chunk;
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), chunk.data(), chunk.size());
    if (got < 0) return fail(Code::kInvalid, fmt::format("{}: {}", place, zip_file_strerror(file.get())));
    if (got == 0) return content;
    const auto bytes = ByteView(chunk).first(static_cast<size_t>(got));
    if (bytes.size() > bytes_max - content.size()) {
      return fail(Code::kInvalid, fmt::format("{} makes the archive larger than allowed when it is unpacked", place));
    }
    append(content, bytes);
  }
}

}  // namespace

Result<Bytes> write_zip(const std::vector<ZipMember>& members, Time at, const ZipLimits& limits) {
  WEERBAAR_TRY(check_sizes(members, limits));
  ZipError error;
  const Source memory(zip_source_buffer_create(nullptr, 0, 0, error.get()));
  if (memory == nullptr) return not_written(error.text());
  Archive archive(zip_open_from_source(memory.get(), ZIP_CREATE | ZIP_TRUNCATE, error.get()));
  if (archive == nullptr) return not_written(error.text());
  zip_source_keep(memory.get());  // the archive drops one reference when it closes
  const DosTime stamp = dos_time(at);
  for (const ZipMember& member : members) {
    if (!add(archive.get(), member, stamp)) return not_written(zip_strerror(archive.get()));
  }
  if (zip_close(archive.get()) != 0) return not_written(zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  WEERBAAR_ASSIGN(Bytes bytes, content_of(memory.get()));
  if (bytes.size() > limits.archive_bytes_max) {
    return too_large(fmt::format("the archive would take {} bytes", bytes.size()), limits.archive_bytes_max);
  }
  return bytes;
}

Result<std::vector<ZipMember>> read_zip(ByteView archive_bytes, const ZipLimits& limits) {
  if (archive_bytes.size() > limits.archive_bytes_max) {
    return fail(Code::kInvalid, fmt::format("the archive is longer than {} bytes", limits.archive_bytes_max));
  }
  // libzip takes nothing for an archive without members.
  if (archive_bytes.empty()) return fail(Code::kInvalid, "it is not a whole zip archive: it is empty");
  ZipError error;
  Source memory(zip_source_buffer_create(archive_bytes.data(), archive_bytes.size(), 0, error.get()));
  if (memory == nullptr) return fail(Code::kInvalid, error.text());
  const Archive archive(zip_open_from_source(memory.get(), ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
  if (archive == nullptr) {
    return fail(Code::kInvalid, fmt::format("it is not a whole zip archive: {}", error.text()));
  }
  static_cast<void>(memory.release());  // now of the archive
  const auto count = static_cast<uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(archive.get(), 0), 0));
  if (count > limits.members_max) {
    return fail(Code::kInvalid,
                fmt::format("the archive has {} members, at most {} are allowed", count, limits.members_max));
  }
  std::vector<ZipMember> members;
  uint64_t room = limits.content_bytes_max;
  for (uint64_t index = 0; index < count; ++index) {
    const std::string place = fmt::format("member {} of the archive", index + 1);
    const char* const name = zip_get_name(archive.get(), index, ZIP_FL_ENC_RAW);
    if (name == nullptr) return fail(Code::kInvalid, fmt::format("{}: {}", place, zip_strerror(archive.get())));
    WEERBAAR_ASSIGN(Bytes content, read_member(archive.get(), index, room, place));
    room -= content.size();
    members.push_back({name, std::move(content)});
  }
  return members;
}

}  // namespace weerbaar::trail
