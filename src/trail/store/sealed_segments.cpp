#include "trail/store/sealed_segments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/filter.h"

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
std::string chapter_name(uint64_t number) {
  return fmt::format("{:06}.chapter", number);
}

SealedSegments::SealedSegments(os::FileSystem& files, std::string directory, uint64_t chapter_segments)
    : files_(files), directory_(std::move(directory)), chapter_segments_(chapter_segments) {}

Result<std::unique_ptr<SealedSegments>> SealedSegments::open(os::FileSystem& files, std::string directory,
                                                             uint64_t chapter_segments, bool writable) {
  WEERBAAR_CHECK(chapter_segments > 0 && chapter_segments <= kChapterSegments);
  std::unique_ptr<SealedSegments> set(new SealedSegments(files, std::move(directory), chapter_segments));
  WEERBAAR_TRY(set->load(writable));
  set->load_chapters(writable);
  return set;
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
  sealed.filter = section_bytes(sealed.mapping->bytes(), sealed.head, Section::kFilter);
  return sealed;
}

Status SealedSegments::load(bool writable) {
  if (writable) {
    WEERBAAR_TRY(remove_scratch(files_, segments_directory()));
    WEERBAAR_TRY(remove_scratch(files_, chapters_directory()));
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

Result<std::shared_ptr<const Chapter>> SealedSegments::open_chapter(uint64_t chapter) const {
  const std::string path = os::join(chapters_directory(), chapter_name(chapter));
  WEERBAAR_ASSIGN(Chapter opened, Chapter::open(files_, path));
  if (opened.first_segment() != chapter * chapter_segments_ || opened.segments() != chapter_segments_) {
    return fail(Code::kCorrupt, path + ": the chapter covers other segments");
  }
  return std::make_shared<const Chapter>(std::move(opened));
}

// A chapter that is missing or damaged, and cannot be made, is done without: its segments are asked one by one.
void SealedSegments::load_chapters(bool writable) {
  for (uint64_t chapter = 0; (chapter + 1) * chapter_segments_ <= sealed_.size(); ++chapter) {
    auto opened = open_chapter(chapter);
    if (!opened && writable && write_chapter(chapter)) opened = open_chapter(chapter);
    if (!opened) return;
    chapters_.push_back(std::move(*opened));
  }
}

uint64_t SealedSegments::count() const {
  const std::lock_guard lock(mutex_);
  return sealed_.size();
}

uint64_t SealedSegments::chapters() const {
  const std::lock_guard lock(mutex_);
  return chapters_.size();
}

SegmentHeader SealedSegments::header(uint64_t number) const {
  const std::lock_guard lock(mutex_);
  WEERBAAR_CHECK(number < sealed_.size());
  return sealed_[number]->head.header;
}

// The mapping must live as long as the segment that looks into it.
Result<std::shared_ptr<const Segment>> SealedSegments::open_segment(std::shared_ptr<const Sealed> sealed) {
  struct Held {
    std::shared_ptr<const Sealed> sealed;
    Segment segment;
  };
  WEERBAAR_ASSIGN(Segment opened, Segment::open(sealed->mapping->bytes()));
  auto held = std::make_shared<const Held>(Held{std::move(sealed), std::move(opened)});
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

Status SealedSegments::write(uint64_t number, ByteView content) {
  WEERBAAR_TRY(os::write_file_atomically(files_, os::join(segments_directory(), segment_name(number)), content));
  if ((number + 1) % chapter_segments_ == 0) return write_chapter(number / chapter_segments_);
  return {};
}

Status SealedSegments::write_chapter(uint64_t chapter) const {
  const auto open = [this](uint64_t number) -> Result<std::shared_ptr<const Segment>> {
    WEERBAAR_ASSIGN(Sealed sealed, map(number));
    return open_segment(std::make_shared<const Sealed>(std::move(sealed)));
  };
  return Chapter::write(files_, os::join(chapters_directory(), chapter_name(chapter)), chapter * chapter_segments_,
                        chapter_segments_, open);
}

Status SealedSegments::adopt(uint64_t number) {
  WEERBAAR_ASSIGN(Sealed sealed, map(number));
  const std::lock_guard lock(mutex_);
  WEERBAAR_CHECK(number == sealed_.size());
  sealed_.push_back(std::make_shared<const Sealed>(std::move(sealed)));
  const uint64_t complete = sealed_.size() / chapter_segments_;
  if (chapters_.size() + 1 == complete) {
    if (auto chapter = open_chapter(complete - 1)) chapters_.push_back(std::move(*chapter));
  }
  return {};
}

std::vector<uint64_t> SealedSegments::find(uint64_t hash) const {
  const std::lock_guard lock(mutex_);
  std::vector<uint64_t> found;
  for (const auto& chapter : chapters_) chapter->find(hash, found);
  for (uint64_t number = chapters_.size() * chapter_segments_; number < sealed_.size(); ++number) {
    if (filter_may_contain(sealed_[number]->filter, hash)) found.push_back(number);
  }
  return found;
}

}  // namespace weerbaar::trail
