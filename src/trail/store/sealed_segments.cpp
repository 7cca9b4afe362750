#include "trail/store/sealed_segments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "trail/store/index_writer.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kScratchSuffix = ".new";

Status remove_scratch(os::FileSystem& files, const std::string& directory) {
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(directory));
  for (const std::string& name : names) {
    if (name.ends_with(kScratchSuffix)) WEERBAAR_TRY(files.remove(os::join(directory, name)));
  }
  return {};
}

}  // namespace

std::string segment_name(uint64_t number) {
  return fmt::format("{:09}.segment", number);
}

SealedSegments::SealedSegments(os::FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

Result<std::unique_ptr<SealedSegments>> SealedSegments::open(os::FileSystem& files, std::string directory,
                                                             uint64_t index_merge_width, bool writable) {
  std::unique_ptr<SealedSegments> set(new SealedSegments(files, std::move(directory)));
  WEERBAAR_TRY(set->load(writable));
  if (writable) WEERBAAR_TRY(set->remove_chapters());
  SealedSegments* const segments = set.get();
  WEERBAAR_ASSIGN(set->indexes_,
                  IndexSet::open(
                      files, os::join(set->directory_, "index"), index_merge_width, set->sealed_.size(),
                      [segments](uint64_t number) { return segments->open_for_index(number); }, writable));
  return set;
}

// What an earlier version of the program kept instead of an index; nothing reads it any more.
Status SealedSegments::remove_chapters() {
  const std::string directory = os::join(directory_, "chapters");
  if (!files_.exists(directory)) return {};
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files_.list(directory));
  for (const std::string& name : names) WEERBAAR_TRY(files_.remove(os::join(directory, name)));
  return files_.remove(directory);
}

Result<SealedSegments::Sealed> SealedSegments::map(uint64_t number) const {
  const std::string path = os::join(segments_directory(), segment_name(number));
  Sealed sealed;
  WEERBAAR_ASSIGN(sealed.mapping, files_.map(path));
  auto head = read_segment_head(sealed.mapping->bytes());
  if (!head) return fail_in(path, head.error());
  sealed.head = std::move(*head);
  if (sealed.head.header.first_index != number * kSegmentEntries) {
    return fail(Code::kCorrupt, fmt::format("{}: the file holds the entries from {} on: it was exchanged or renamed",
                                            path, sealed.head.header.first_index));
  }
  return sealed;
}

Status SealedSegments::load(bool writable) {
  if (writable) {
    WEERBAAR_TRY(remove_scratch(files_, segments_directory()));
  }
  WEERBAAR_ASSIGN(std::vector<std::string> names, files_.list(segments_directory()));
  std::erase_if(names, [](const std::string& name) { return name.ends_with(kScratchSuffix); });
  for (uint64_t number = 0; number < names.size(); ++number) {
    if (names[number] != segment_name(number)) {
      return fail(Code::kCorrupt, fmt::format("{}: segment {} is missing, or a foreign file named {} stands there",
                                              segments_directory(), number, names[number]));
    }
    WEERBAAR_ASSIGN(Sealed sealed, map(number));
    sealed_.push_back(std::make_shared<const Sealed>(std::move(sealed)));
  }
  return {};
}

uint64_t SealedSegments::count() const {
  const std::lock_guard lock(mutex_);
  return sealed_.size();
}

SegmentHeader SealedSegments::header(uint64_t number) const {
  const std::lock_guard lock(mutex_);
  WEERBAAR_CHECK(number < sealed_.size());
  return sealed_[number]->head.header;
}

std::shared_ptr<const SealedSegments::Sealed> SealedSegments::mapped(uint64_t number) const {
  const std::lock_guard lock(mutex_);
  WEERBAAR_CHECK(number < sealed_.size());
  return sealed_[number];
}

std::string SealedSegments::path(uint64_t number) const {
  return os::join(segments_directory(), segment_name(number));
}

// The mapping must live as long as the segment that looks into it.
struct SealedSegments::Held {
  std::shared_ptr<const Sealed> sealed;
  Segment segment;
};

Result<std::shared_ptr<const Segment>> SealedSegments::open_segment(std::shared_ptr<const Sealed> sealed) {
  WEERBAAR_ASSIGN(Segment opened, Segment::open(sealed->mapping->bytes()));
  auto held = std::make_shared<const Held>(Held{std::move(sealed), std::move(opened)});
  return std::shared_ptr<const Segment>(held, &held->segment);
}

Result<std::shared_ptr<const Segment>> SealedSegments::columns(uint64_t number,
                                                               std::span<const Section> sections) const {
  std::shared_ptr<const Sealed> sealed;
  {
    const std::lock_guard lock(mutex_);
    WEERBAAR_CHECK(number < sealed_.size());
    sealed = sealed_[number];
  }
  auto opened = Segment::open(sealed->mapping->bytes(), sections);
  if (!opened) return fail_in(os::join(segments_directory(), segment_name(number)), opened.error());
  auto held = std::make_shared<const Held>(Held{std::move(sealed), std::move(*opened)});
  return std::shared_ptr<const Segment>(held, &held->segment);
}

Result<std::shared_ptr<const Segment>> SealedSegments::segment(uint64_t number) const {
  std::shared_ptr<const Sealed> sealed;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = opened_.find(number); found != opened_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second.recent);
      return found->second.segment;
    }
    WEERBAAR_CHECK(number < sealed_.size());
    sealed = sealed_[number];
  }
  auto segment = open_segment(sealed);
  if (!segment) return fail_in(os::join(segments_directory(), segment_name(number)), segment.error());
  const std::lock_guard lock(mutex_);
  if (opened_.contains(number)) return segment;
  recent_.push_front(number);
  opened_[number] = {*segment, recent_.begin()};
  if (opened_.size() > kCacheMax) {
    opened_.erase(recent_.back());
    recent_.pop_back();
  }
  return segment;
}

Result<std::shared_ptr<const Segment>> SealedSegments::open_for_index(uint64_t number) const {
  WEERBAAR_ASSIGN(Sealed mapped, map(number));
  auto sealed = std::make_shared<const Sealed>(std::move(mapped));
  auto opened = Segment::open(sealed->mapping->bytes(), index_sections());
  if (!opened) return fail_in(os::join(segments_directory(), segment_name(number)), opened.error());
  auto held = std::make_shared<const Held>(Held{std::move(sealed), std::move(*opened)});
  return std::shared_ptr<const Segment>(held, &held->segment);
}

Status SealedSegments::write(uint64_t number, ByteView content) {
  return os::write_file_atomically(files_, os::join(segments_directory(), segment_name(number)), content);
}

Status SealedSegments::write_index(uint64_t number, const Segment& segment) {
  return indexes_->write(number, segment);
}

Status SealedSegments::adopt(uint64_t number) {
  WEERBAAR_ASSIGN(Sealed sealed, map(number));
  {
    const std::lock_guard lock(mutex_);
    WEERBAAR_CHECK(number == sealed_.size());
    sealed_.push_back(std::make_shared<const Sealed>(std::move(sealed)));
  }
  indexes_->adopt(number + 1);
  return {};
}

}  // namespace weerbaar::trail
