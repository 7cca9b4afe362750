#include "trail/verify/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "trail/format/segment.h"

namespace weerbaar::trail {
namespace {

// What os::write_file_atomically() leaves behind when it is cut off.
constexpr std::string_view kScratchSuffix = ".new";
// Numbers beyond it would overflow as entry indexes.
constexpr uint64_t kPartNumberMax = std::numeric_limits<uint64_t>::max() / kSegmentEntries - 1;

struct Folder {
  std::string_view name;
  std::string_view suffix;
  size_t digits;  // at least
  uint64_t step;  // the number in a name counts in steps of this
};

constexpr Folder kTails{"tail", ".tail", 18, kSegmentEntries};
constexpr Folder kSegments{"segments", ".segment", 9, 1};
constexpr std::string_view kIndexFolder = "index";
// Of an earlier version, derived and not looked at: removed when the trail is opened to append.
constexpr std::string_view kChapterFolder = "chapters";

std::string path_of(const Folder& folder, uint64_t number) {
  return fmt::format("{}/{:0{}}{}", folder.name, number * folder.step, folder.digits, folder.suffix);
}

// The number in a name that is exactly as the writer makes it.
std::optional<uint64_t> number_of(const Folder& folder, std::string_view name) {
  if (!name.ends_with(folder.suffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - folder.suffix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (number % folder.step != 0 || number / folder.step > kPartNumberMax) return std::nullopt;
  number /= folder.step;
  if (path_of(folder, number) != fmt::format("{}/{}", folder.name, name)) return std::nullopt;
  return number;
}

Status list_folder(os::FileSystem& files, const std::string& directory, const Folder& folder, Inventory& inventory,
                   std::vector<uint64_t>& numbers) {
  const auto names = files.list(os::join(directory, folder.name));
  if (!names && names.error().code != Code::kNotFound) return std::unexpected(names.error());
  if (!names) {
    inventory.problems.add(std::string(folder.name), "the directory is missing, with all that was in it");
    return {};
  }
  for (const std::string& name : *names) {
    const std::string path = fmt::format("{}/{}", folder.name, name);
    if (const auto number = number_of(folder, name)) {
      numbers.push_back(*number);
    } else if (name.ends_with(kScratchSuffix)) {
      inventory.notes.add(path, "the writing of this file was cut off; it is removed when the trail is opened");
    } else {
      inventory.problems.add(path, "a foreign or renamed file: no file of a trail has this name");
    }
  }
  std::ranges::sort(numbers);
  return {};
}

// A trail without the folder has no index yet.
Status list_indexes(os::FileSystem& files, const std::string& directory, Inventory& inventory) {
  if (files.exists(os::join(directory, kChapterFolder))) {
    inventory.notes.add(std::string(kChapterFolder), "indexes of an earlier version, which nothing reads any more");
  }
  const auto names = files.list(os::join(directory, kIndexFolder));
  if (!names) return names.error().code == Code::kNotFound ? Status() : std::unexpected(names.error());
  for (const std::string& name : *names) {
    const std::string path = fmt::format("{}/{}", kIndexFolder, name);
    IndexFileName read;
    const char* const end = name.data() + name.size();
    const auto begin_read = std::from_chars(name.data(), end, read.begin);
    if (begin_read.ec == std::errc() && begin_read.ptr != end) std::from_chars(begin_read.ptr + 1, end, read.end);
    if (read.begin < read.end && read.end <= kPartNumberMax && read.path() == path) {
      inventory.indexes.push_back(read);
    } else if (name.ends_with(kScratchSuffix)) {
      inventory.notes.add(path, "the writing of this file was cut off; it is removed when the trail is opened");
    } else {
      inventory.problems.add(path, "a foreign or renamed file: no file of a trail has this name");
    }
  }
  std::ranges::sort(inventory.indexes);
  return {};
}

}  // namespace

std::string segment_path(uint64_t number) {
  return path_of(kSegments, number);
}
std::string tail_path(uint64_t number) {
  return path_of(kTails, number);
}
std::string IndexFileName::path() const {
  return fmt::format("{}/{:09}-{:09}.index", kIndexFolder, begin, end);
}

Result<Inventory> take_inventory(os::FileSystem& files, const std::string& directory) {
  Inventory inventory;
  WEERBAAR_TRY(list_folder(files, directory, kTails, inventory, inventory.tails));
  WEERBAAR_TRY(list_indexes(files, directory, inventory));
  WEERBAAR_TRY(list_folder(files, directory, kSegments, inventory, inventory.segments));
  return inventory;
}

}  // namespace weerbaar::trail
