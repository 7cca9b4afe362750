// The chapters of a trail, opened and checked each for itself.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "os/file_system.h"
#include "trail/verify/chapter_index.h"
#include "trail/verify/problem_list.h"
#include "trail/verify/segment_check.h"

namespace weerbaar::trail {

// Immutable once open.
class ChapterSet {
 public:
  // Opens the chapters with these numbers, ascending, below `directory`. `segments` are the numbers of the segments
  // that are there, ascending. `files` must outlive it.
  static ChapterSet open(os::FileSystem& files, const std::string& directory, std::span<const uint64_t> chapters,
                         std::span<const uint64_t> segments, unsigned threads);

  // The chapters that send searches to this segment, or past it: one, or none; more when a file was added.
  [[nodiscard]] std::vector<CoveringChapter> covering(uint64_t segment) const;
  // What is wrong with chapters themselves.
  [[nodiscard]] ProblemList take_problems() { return std::move(problems_); }

 private:
  struct Opened {
    std::unique_ptr<os::Mapping> mapping;
    Result<ChapterIndex> index = fail(Code::kNotFound, {});
  };

  std::vector<uint64_t> numbers_;
  std::vector<Opened> opened_;  // as many
  ProblemList problems_;
};

}  // namespace weerbaar::trail
