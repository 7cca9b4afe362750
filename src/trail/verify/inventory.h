// Which files a trail directory holds, by their names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/file_system.h"
#include "trail/verify/problem_list.h"

namespace weerbaar::trail {

// Paths below the directory of the trail: "segments/000000003.segment", "tail/000000000000196608.tail" for the entries
// of the same part.
std::string segment_path(uint64_t number);
std::string tail_path(uint64_t number);

// "index/000000000-000000016.index": the index over the segments 0 to 15.
struct IndexFileName {
  uint64_t begin = 0;
  uint64_t end = 0;

  [[nodiscard]] std::string path() const;
  auto operator<=>(const IndexFileName&) const = default;
};

struct Inventory {
  // Numbers of the files, ascending. Of a tail: of the part whose entries it holds.
  std::vector<uint64_t> segments;
  std::vector<uint64_t> tails;
  std::vector<IndexFileName> indexes;
  ProblemList problems;  // names that do not belong there, missing directories
  ProblemList notes;     // files whose writing was cut off
};

// Lists segments last: what is sealed meanwhile is then there as a segment, and so are the segments of every index.
// Errors are those of os::FileSystem::list(), but a missing directory is a problem.
Result<Inventory> take_inventory(os::FileSystem& files, const std::string& directory);

}  // namespace weerbaar::trail
