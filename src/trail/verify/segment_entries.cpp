#include "trail/verify/segment_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kTiles = kSegmentEntries / kTileEntries;

constexpr Section kRowIntegers[] = {Section::kTime,    Section::kTimeNanos,  Section::kReceived, Section::kPeriod,
                                    Section::kRecords, Section::kBreakGlass, Section::kMarks};
constexpr Section kRowTexts[] = {Section::kId,         Section::kCase,     Section::kQuery,
                                 Section::kTraceId,    Section::kSpanId,   Section::kParentSpanId,
                                 Section::kOnBehalfOf, Section::kReason,   Section::kTerminal,
                                 Section::kIp,         Section::kLocation, Section::kAttributes};

// At least the length of the entry of an event; cheap to know before the entry is made.
size_t text_bytes(const StoredEvent& e) {
  size_t bytes = 0;
  for (const std::string_view text : {e.id,
                                      e.actor.id,
                                      e.actor.function,
                                      e.actor.unit,
                                      e.shape.source,
                                      e.shape.system,
                                      e.shape.component,
                                      e.shape.data,
                                      e.shape.processing_activity,
                                      e.shape.legal_basis,
                                      e.case_id,
                                      e.query,
                                      e.trace_id,
                                      e.span_id,
                                      e.parent_span_id,
                                      e.on_behalf_of,
                                      e.reason,
                                      e.terminal,
                                      e.ip,
                                      e.location,
                                      e.attributes}) {
    bytes += text.size();
  }
  for (const StoredSubject& subject : e.subjects) bytes += subject.bytes.size() + subject.role.size();
  return bytes;
}

bool is_same(const StoredEvent& a, const StoredEvent& b) {
  return a.id == b.id && a.time == b.time && a.received_ms == b.received_ms && a.period == b.period &&
         a.actor == b.actor && a.shape == b.shape && std::ranges::equal(a.subjects, b.subjects) &&
         a.records == b.records && a.case_id == b.case_id && a.query == b.query && a.break_glass == b.break_glass &&
         a.trace_id == b.trace_id && a.span_id == b.span_id && a.parent_span_id == b.parent_span_id &&
         a.marks == b.marks && a.on_behalf_of == b.on_behalf_of && a.reason == b.reason && a.terminal == b.terminal &&
         a.ip == b.ip && a.location == b.location && a.attributes == b.attributes;
}

// One pass over the rows of a segment.
class Regeneration {
 public:
  Regeneration(const Segment& segment, Part& part) : segment_(segment), part_(part), leaves_(kSegmentEntries) {}

  void run() {
    count_subjects();
    for (uint64_t tile = 0; tile < kTiles; ++tile) hash_tile(tile);
    part_.problems.add_all(part_.path(), std::move(problems_));
    check_times();
  }
  [[nodiscard]] std::span<const Hash> leaves() const { return leaves_; }

 private:
  void problem(uint64_t row, std::string what) {
    problems_.add(fmt::format("{}, entry {}", part_.path(), part_.first_index() + row), std::move(what));
  }
  void count_subjects();
  void hash_tile(uint64_t tile);
  void append_event(uint64_t row);
  void append_record(uint64_t row);
  [[nodiscard]] bool is_blank(uint64_t row) const;
  void check_times();

  const Segment& segment_;
  Part& part_;
  ProblemList problems_{kProblemsPerKindMax};
  std::vector<uint32_t> subjects_of_;  // how many, for each row
  std::vector<Hash> leaves_;
  Bytes bytes_;  // the entries of one tile
  StoredEvent event_;
  std::vector<StoredSubject> subjects_;
  Entry decoded_;
  int64_t time_min_ = std::numeric_limits<int64_t>::max();
  int64_t time_max_ = std::numeric_limits<int64_t>::min();
};

void Regeneration::count_subjects() {
  subjects_of_.assign(kSegmentEntries, 0);
  for (uint64_t posting = 0; posting < segment_.header().postings; ++posting) {
    ++subjects_of_[segment_.subject_posting(posting)];
  }
}

void Regeneration::hash_tile(uint64_t tile) {
  std::array<size_t, kTileEntries> ends;
  bytes_.clear();
  for (uint64_t i = 0; i < kTileEntries; ++i) {
    const uint64_t row = tile * kTileEntries + i;
    if (segment_.opaque(row).empty()) {
      append_event(row);
    } else {
      append_record(row);
    }
    ends[i] = bytes_.size();
  }
  std::array<ByteView, kTileEntries> entries;
  for (size_t i = 0; i < kTileEntries; ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    entries[i] = ByteView(bytes_).subspan(begin, ends[i] - begin);
  }
  leaf_hashes(entries, std::span(leaves_).subspan(tile * kTileEntries, kTileEntries));
}

// What cannot be an entry is left out, which its tile then shows too.
void Regeneration::append_event(uint64_t row) {
  if (subjects_of_[row] > kSubjectsMax) {
    problem(row, fmt::format("the entry has {} subjects; at most {} fit", subjects_of_[row], kSubjectsMax));
    return;
  }
  segment_.event(row, event_, subjects_);
  if (text_bytes(event_) > kEntryBytesMax) {
    problem(row, "the entry is longer than 65,535 bytes");
    return;
  }
  const size_t begin = bytes_.size();
  encode(event_, bytes_);
  if (const Status status = decoded_.decode(ByteView(bytes_).subspan(begin)); !status) {
    problem(row, status.error().text);
  } else if (!decoded_.is_event() || !is_same(decoded_.event(), event_)) {
    problem(row, "the columns say something else than the entry that they give");
  } else {
    time_min_ = std::min(time_min_, event_.time.micros);
    time_max_ = std::max(time_max_, event_.time.micros);
  }
}

void Regeneration::append_record(uint64_t row) {
  const ByteView record = as_bytes(segment_.opaque(row));
  if (record.size() > kEntryBytesMax) {
    problem(row, "the entry is longer than 65,535 bytes");
    return;
  }
  append(bytes_, record);
  if (const Status status = decoded_.decode(record); !status) {
    problem(row, status.error().text);
  } else if (decoded_.is_event()) {
    problem(row, "an access event stands among the records, where no search finds it");
  }
  if (subjects_of_[row] != 0 || !is_blank(row)) {
    problem(row, "a record stands there, and columns of access events hold something at its place");
  }
}

bool Regeneration::is_blank(uint64_t row) const {
  const auto code = [&](Section section) { return static_cast<uint64_t>(segment_.integers(section).at(row)); };
  return std::ranges::all_of(kRowIntegers, [&](Section section) { return segment_.integers(section).at(row) == 0; }) &&
         std::ranges::all_of(kRowTexts, [&](Section section) { return segment_.texts(section).at(row).empty(); }) &&
         segment_.actor(code(Section::kActorCode)) == StoredActor() &&
         segment_.shape(code(Section::kShapeCode)) == StoredShape();
}

void Regeneration::check_times() {
  const bool has_events = time_min_ <= time_max_;
  const int64_t time_min = has_events ? time_min_ : 0;
  const int64_t time_max = has_events ? time_max_ : 0;
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
void compare_hashes(std::span<const Hash> leaves, const Segment& segment, Part& part) {
  std::vector<bool> differs(kTiles);
  std::vector<Hash> stored(kTiles);
  for (uint64_t tile = 0; tile < kTiles; ++tile) {
    stored[tile] = segment.tile_hash(tile);
    differs[tile] = tree_root(leaves.subspan(tile * kTileEntries, kTileEntries)) != stored[tile];
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
  take_roots(regeneration.leaves(), part);
  compare_hashes(regeneration.leaves(), segment, part);
}

}  // namespace weerbaar::trail
