#include "trail/verify/tail_check.h"

#include <fmt/format.h>

#include "trail/format/entry.h"
#include "trail/format/tail.h"

namespace weerbaar::trail {
namespace {

void check_entries(std::span<const ByteView> entries, Part& part) {
  Entry decoded;
  for (uint64_t row = 0; row < entries.size(); ++row) {
    if (const Status status = decoded.decode(entries[row]); !status) {
      part.problems.add(fmt::format("{}, entry {}", part.path(), part.first_index() + row), status.error().text);
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

void check_tail(ByteView file, Part& part) {
  auto tail = read_tail(file);
  if (!tail) {
    part.problems.add(part.path() + ", head", tail.error().text);
    return;
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
}

}  // namespace weerbaar::trail
