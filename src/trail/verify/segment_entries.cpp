#include "trail/verify/segment_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/utf8.h"
#include "trail/format/index_tree.h"
#include "trail/format/merkle.h"
#include "trail/format/segment_scan.h"
#include "trail/verify/segment_parts.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kTiles = kSegmentEntries / kTileEntries;
// Entries hashed at a time: so many that few are left over when they are put side by side by their length, and so few
// that they stay near the processor.
constexpr uint64_t kRowsAtOnce = 1'024;
static_assert(kSegmentEntries % kRowsAtOnce == 0);

constexpr Section kArrivedIntegers[] = {Section::kTime, Section::kTimeNanos, Section::kReceived, Section::kPeriod};
constexpr Section kPlacedIntegers[] = {Section::kRecords, Section::kBreakGlass, Section::kMarks};
constexpr Section kPlacedTexts[] = {Section::kCase,     Section::kQuery,        Section::kTraceId,
                                    Section::kSpanId,   Section::kParentSpanId, Section::kOnBehalfOf,
                                    Section::kReason,   Section::kTerminal,     Section::kIp,
                                    Section::kLocation, Section::kAttributes};

// One pass over the rows of a segment.
class Regeneration {
 public:
  Regeneration(const Segment& segment, Part& part)
      : segment_(segment), part_(part), parts_(segment), scan_(segment), leaves_(kSegmentEntries) {}

  void run() {
    for (uint64_t row = 0; row < kSegmentEntries; row += kRowsAtOnce) hash_rows(row);
    part_.problems.add_all(part_.path(), std::move(problems_));
    check_times();
  }
  [[nodiscard]] std::span<const Hash> leaves() const { return leaves_; }

 private:
  void problem(uint64_t row, std::string what) {
    problems_.add(fmt::format("{}, entry {}", part_.path(), part_.first_index() + row), std::move(what));
  }
  void hash_rows(uint64_t first);
  // Write the entry to bytes_[at] and what follows; return its size.
  size_t write_event(uint64_t row, size_t at);
  size_t write_record(uint64_t row, size_t at);
  void read_back(uint64_t row, ByteView bytes);
  [[nodiscard]] bool is_blank(uint64_t row) const;
  void check_times();

  const Segment& segment_;
  Part& part_;
  const SegmentParts parts_;
  SegmentScan scan_;
  ProblemList problems_{kProblemsPerKindMax};
  std::vector<Hash> leaves_;
  Bytes bytes_;  // the entries that are hashed at a time, and room behind them
  StoredEvent event_;
  EventMemory memory_;
  Entry decoded_;
};

void Regeneration::hash_rows(uint64_t first) {
  std::array<size_t, kRowsAtOnce + 1> begins{};
  for (uint64_t i = 0; i < kRowsAtOnce; ++i) {
    const uint64_t row = first + i;
    begins[i + 1] = begins[i] + (segment_.is_event(row) ? write_event(row, begins[i]) : write_record(row, begins[i]));
  }
  std::array<ByteView, kRowsAtOnce> entries;
  for (size_t i = 0; i < kRowsAtOnce; ++i) {
    entries[i] = ByteView(bytes_).subspan(begins[i], begins[i + 1] - begins[i]);
  }
  leaf_hashes(entries, std::span(leaves_).subspan(first, kRowsAtOnce));
}

// What cannot be an entry is left out, which its tile then shows too.
size_t Regeneration::write_event(uint64_t row, size_t at) {
  const size_t size = parts_.fits(row) ? scan_.write(row, bytes_, at) : 0;
  if (size == 0) {
    problem(row, "the entry is longer than 65,535 bytes, or has more than 1,000 subjects");
    return 0;
  }
  const bool has_id = scan_.ids_are_texts() || (!scan_.id().empty() && is_utf8(scan_.id()));
  if (!has_id || !parts_.is_right(row)) read_back(row, ByteView(bytes_).subspan(at, size));
  return size;
}

void Regeneration::read_back(uint64_t row, ByteView bytes) {
  segment_.event(row, event_, memory_);
  if (const Status status = decoded_.decode(bytes); !status) {
    problem(row, status.error().text);
  } else if (!decoded_.is_event() || !is_same_event(decoded_.event(), event_)) {
    problem(row, "the columns say something else than the entry that they give");
  }
}

size_t Regeneration::write_record(uint64_t row, size_t at) {
  const ByteView record = as_bytes(segment_.opaque(row));
  if (record.size() > kEntryBytesMax) {
    problem(row, "the entry is longer than 65,535 bytes");
    return 0;
  }
  if (bytes_.size() < at + record.size()) bytes_.resize(2 * at + record.size());
  std::ranges::copy(record, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  if (const Status status = decoded_.decode(record); !status) {
    problem(row, status.error().text);
  } else if (decoded_.is_event()) {
    problem(row, "an access event stands among the records, where no search finds it");
  } else if (decoded_.record().type == kIndexRecordType) {
    ++part_.commitments;
  }
  if (!segment_.subjects_of(row).empty() || !is_blank(row)) {
    problem(row, "a record stands there, and columns of access events hold something at its place");
  }
  return record.size();
}

bool Regeneration::is_blank(uint64_t row) const {
  std::string id;
  segment_.id(row, id);
  const uint64_t place = segment_.place(row);
  return id.empty() &&
         std::ranges::all_of(kArrivedIntegers,
                             [&](Section section) { return segment_.integers(section).at(row) == 0; }) &&
         std::ranges::all_of(kPlacedIntegers,
                             [&](Section section) { return segment_.integers(section).at(place) == 0; }) &&
         std::ranges::all_of(kPlacedTexts,
                             [&](Section section) { return segment_.texts(section).at(place).empty(); }) &&
         segment_.actor(segment_.actor_code(row)) == StoredActor() &&
         segment_.shape(segment_.application_code(row), segment_.operation_code(row)) == StoredShape();
}

void Regeneration::check_times() {
  std::vector<int64_t> scratch;
  const auto times = segment_.integers(Section::kTime).all(scratch);
  int64_t time_min = std::numeric_limits<int64_t>::max();
  int64_t time_max = std::numeric_limits<int64_t>::min();
  auto record = segment_.record_rows().begin();
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    if (record != segment_.record_rows().end() && *record == row) {
      ++record;
      continue;
    }
    time_min = std::min(time_min, times[row]);
    time_max = std::max(time_max, times[row]);
  }
  if (time_min > time_max) time_min = time_max = 0;
  if (segment_.header().time_min == time_min && segment_.header().time_max == time_max) return;
  part_.problems.add(part_.path() + ", head",
                     "it states another range of times than the entries have: searches in a "
                     "period would pass over the segment, or look in vain");
}

// One problem for each run of tiles that differ.
void report_tiles(const std::vector<bool>& differs, std::string_view what, Part& part) {
  ProblemList problems(kProblemsPerKindMax);
  for (uint64_t tile = 0; tile < kTiles; ++tile) {
    if (!differs[tile]) continue;
    uint64_t end = tile + 1;
    while (end < kTiles && differs[end]) ++end;
    problems.add(fmt::format("{}, entries {} to {}", part.path(), part.first_index() + tile * kTileEntries,
                             part.first_index() + end * kTileEntries - 1),
                 std::string(what));
    tile = end;
  }
  part.problems.add_all(part.path(), std::move(problems));
}

// Entries, tile hashes and root state the same thing three times; two that agree show which one was changed.
void compare_hashes(std::span<const Hash> tiles, const Segment& segment, Part& part) {
  std::vector<bool> differs(kTiles);
  std::vector<Hash> stored(kTiles);
  for (uint64_t tile = 0; tile < kTiles; ++tile) {
    stored[tile] = segment.tile_hash(tile);
    differs[tile] = tiles[tile] != stored[tile];
  }
  const bool tiles_agree = std::ranges::none_of(differs, [](bool differ) { return differ; });
  const bool root_agrees = *part.root == segment.header().root;
  if (!tiles_agree && root_agrees) {
    part.problems.add(section_path(part, Section::kTileHashes),
                      "they are not the hashes of the entries, whose root is "
                      "right: the section was changed");
  } else if (!tiles_agree) {
    const bool stored_agree = tree_root(stored) == segment.header().root;
    report_tiles(differs,
                 stored_agree ? "entries were changed: they have another hash than when they were sealed"
                              : "the entries have another hash than the segment states",
                 part);
  }
  if (!root_agrees) {
    part.problems.add(part.path() + ", head", tiles_agree
                                                  ? "the root is not that of the entries, whose tile hashes are "
                                                    "right: the head was changed"
                                                  : "the root is not that of the entries");
  }
}

}  // namespace

std::string section_path(const Part& part, Section section) {
  return fmt::format("{}, section \"{}\"", part.path(), to_string(section));
}

void check_entries(const Segment& segment, Part& part) {
  Regeneration regeneration(segment, part);
  regeneration.run();
  // All tiles at once, a level at a time.
  std::vector<Hash> tiles(kSegmentEntries / 2);
  node_hashes(regeneration.leaves(), tiles);
  while (tiles.size() > kTiles) {
    node_hashes(tiles, std::span(tiles).first(tiles.size() / 2));
    tiles.resize(tiles.size() / 2);
  }
  take_prefixes(regeneration.leaves(), part);
  part.root = tree_root(tiles);
  compare_hashes(tiles, segment, part);
}

}  // namespace weerbaar::trail
