#include "trail/verify/tail_check.h"

#include <fmt/format.h>

#include "trail/format/entry.h"
#include "trail/format/index_tree.h"
#include "trail/format/tail.h"

namespace weerbaar::trail {
namespace {

void check_entries(std::span<const ByteView> entries, Part& part) {
  Entry decoded;
  for (uint64_t row = 0; row < entries.size(); ++row) {
    if (const Status status = decoded.decode(entries[row]); !status) {
      part.problems.add(fmt::format("{}, entry {}", part.path(), part.first_index() + row), status.error().text);
    } else if (!decoded.is_event() && decoded.record().type == kIndexRecordType) {
      ++part.commitments;
    }
  }
}

void take_end(const TailContent& tail, Part& part) {
  if (tail.how == TailEnd::kBroken) {
    part.problems.add(part.path(), tail.problem);
  } else if (tail.how == TailEnd::kTorn) {
    part.torn_bytes = tail.torn_bytes;
    part.notes.add(part.path(), fmt::format("{} bytes that are no whole batch stand where entry {} would begin: never "
                                            "acknowledged, unless a checkpoint covers that entry",
                                            tail.torn_bytes, part.end()));
  }
}

}  // namespace

std::unique_ptr<const SegmentIndex> check_tail(ByteView file, Part& part, bool indexed) {
  auto tail = read_tail(file);
  if (!tail) {
    part.problems.add(part.path() + ", head", tail.error().text);
    return nullptr;
  }
  const bool has_head = tail->end > 0;
  if (has_head && tail->first_index != part.first_index()) {
    part.problems.add(part.path(), fmt::format("the file holds the entries from {} on: it was exchanged, copied or "
                                               "renamed",
                                               tail->first_index));
  }
  std::span<const ByteView> entries = tail->entries;
  if (entries.size() > kSegmentEntries) {
    part.problems.add(part.path(),
                      fmt::format("the file holds {} entries; at most {} fit", entries.size(), kSegmentEntries));
    entries = entries.first(kSegmentEntries);
  }
  part.entries = entries.size();
  part.signed_size = tail->signed_size;
  if (part.signed_size >= part.end() && part.entries > 0) {
    part.problems.add(part.path(), fmt::format("a batch states that {} entries were signed before it, which is more "
                                               "than came before",
                                               part.signed_size));
  }
  check_entries(entries, part);
  take_end(*tail, part);
  std::vector<Hash> leaves(entries.size());
  leaf_hashes(entries, leaves);
  take_roots(leaves, part);
  if (!indexed || !part.problems.empty()) return nullptr;
  auto index = SegmentIndex::of(part.first_index(), entries);
  if (!index) add_index_too_large(part);
  return index;
}

}  // namespace weerbaar::trail
