#include "trail/verify/chapter_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "trail/verify/inventory.h"
#include "trail/verify/parallel.h"

namespace weerbaar::trail {
namespace {

// What is wrong with a chapter beside the others, if anything. `width` is how many segments a chapter of this trail
// has.
std::optional<std::string> misplaced(const ChapterIndex& chapter, uint64_t number, uint64_t width,
                                     std::span<const uint64_t> segments) {
  if (chapter.segments() != width) {
    return fmt::format("it covers {} segments, and others cover {}", chapter.segments(), width);
  }
  if (chapter.first_segment() / width != number || chapter.first_segment() % width != 0) {
    return fmt::format("it covers the segments from {} on: it was exchanged, copied or renamed",
                       chapter.first_segment());
  }
  const auto first = std::ranges::lower_bound(segments, chapter.first_segment());
  const auto last = std::ranges::lower_bound(segments, chapter.first_segment() + width);
  if (static_cast<uint64_t>(last - first) != width) return "it covers segments that are not there";
  return std::nullopt;
}

}  // namespace

ChapterSet ChapterSet::open(os::FileSystem& files, const std::string& directory, std::span<const uint64_t> chapters,
                            std::span<const uint64_t> segments, unsigned threads) {
  ChapterSet set;
  set.numbers_.assign(chapters.begin(), chapters.end());
  set.opened_.resize(chapters.size());
  for_each_in_parallel(threads, chapters.size(), [&](size_t i) {
    Opened& opened = set.opened_[i];
    auto mapping = files.map(os::join(directory, chapter_path(chapters[i])));
    if (!mapping) {
      opened.index = std::unexpected(mapping.error());
      return;
    }
    opened.mapping = std::move(*mapping);
    opened.index = ChapterIndex::open(opened.mapping->bytes());
  });
  uint64_t width = 0;  // of the first chapter that is whole
  for (size_t i = 0; i < chapters.size(); ++i) {
    Result<ChapterIndex>& index = set.opened_[i].index;
    if (!index) {
      set.problems_.add(chapter_path(chapters[i]), index.error().text +
                                                       ". Delete the chapter: searches do without, and "
                                                       "it is derived");
      continue;
    }
    if (width == 0) width = index->segments();
    if (const auto what = misplaced(*index, chapters[i], width, segments)) {
      set.problems_.add(chapter_path(chapters[i]), *what);
    }
  }
  return set;
}

std::vector<CoveringChapter> ChapterSet::covering(uint64_t segment) const {
  std::vector<CoveringChapter> chapters;
  for (size_t i = 0; i < numbers_.size(); ++i) {
    const Result<ChapterIndex>& index = opened_[i].index;
    if (index && index->covers(segment)) chapters.push_back({&*index, chapter_path(numbers_[i])});
  }
  return chapters;
}

}  // namespace weerbaar::trail
