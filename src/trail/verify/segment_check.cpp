#include "trail/verify/segment_check.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "trail/format/segment.h"
#include "trail/verify/segment_entries.h"
#include "trail/verify/segment_tables.h"

namespace weerbaar::trail {
namespace {

// Names every damaged section, where Segment::open() stops at the first. True when there is none.
bool check_checksums(ByteView file, const SegmentHead& head, Part& part) {
  bool whole = true;
  for (const SectionPlace& place : head.sections) {
    const ByteView bytes = file.subspan(place.offset, place.length);
    if (XXH3_64bits(bytes.data(), bytes.size()) == place.checksum) continue;
    part.problems.add(section_path(part, place.id), "the section is damaged: its checksum is wrong");
    whole = false;
  }
  return whole;
}

void check_head(const SegmentHeader& header, Part& part) {
  if (header.first_index != part.first_index()) {
    part.problems.add(part.path(), fmt::format("the file holds the entries from {} on: it was exchanged, copied or "
                                               "renamed",
                                               header.first_index));
  }
  if (header.signed_size >= header.first_index + kSegmentEntries) {
    part.problems.add(part.path() + ", head", fmt::format("it states that {} entries were signed before it was full, "
                                                          "which is more than there were",
                                                          header.signed_size));
  }
}

}  // namespace

std::unique_ptr<const SegmentIndex> check_segment(ByteView file, Part& part, bool indexed) {
  part.entries = kSegmentEntries;
  const auto head = read_segment_head(file);
  if (!head) {
    part.problems.add(part.path() + ", head", head.error().text);
    return nullptr;
  }
  part.stated = head->header.root;
  part.signed_size = head->header.signed_size;
  check_head(head->header, part);
  // Opening checks every checksum.
  const auto segment = Segment::open(file);
  if (!segment) {
    if (check_checksums(file, *head, part)) part.problems.add(part.path(), segment.error().text);
    return nullptr;
  }
  check_tables(*segment, part);
  check_entries(*segment, part);
  if (!indexed || !part.problems.empty()) return nullptr;
  auto index = SegmentIndex::of(*segment);
  if (!index) add_index_too_large(part);
  return index;
}

}  // namespace weerbaar::trail
