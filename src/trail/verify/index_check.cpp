#include "trail/verify/index_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "trail/verify/index_range.h"

namespace weerbaar::trail {
namespace {

// Indexes cover a beginning of a part, or a power of two of parts that begins at a multiple of it.
bool is_possible(uint64_t first, uint64_t end) {
  if (first % kSegmentEntries != 0) return false;
  if (end - first <= kSegmentEntries) return true;
  const uint64_t parts = (end - first) / kSegmentEntries;
  return (end - first) % kSegmentEntries == 0 && parts <= kIndexPartsMax && std::has_single_bit(parts) &&
         first / kSegmentEntries % parts == 0;
}

std::string words_of(const IndexCommitment& commitment) {
  return fmt::format("entries {} to {}", commitment.first, commitment.end - 1);
}

void judge(const CommittedRoot& root, const IndexCommitment& right, ProblemList& problems) {
  if (root.commitment == right) return;
  problems.add(fmt::format("entry {}", root.entry),
               fmt::format("it commits another index over the {} than they have: the log stated something false, and "
                           "answers that rest on it may leave entries out",
                           words_of(root.commitment)));
}

std::string segments_text(int64_t number) {
  return fmt::format("{} segment{}", number, number == 1 ? "" : "s");
}

}  // namespace

IndexCheck::IndexCheck(os::FileSystem& files, std::string directory, const std::vector<IndexFileName>& index_files,
                       std::vector<CommittedRoot> roots, uint64_t memory_bytes_max)
    : files_(files), directory_(std::move(directory)), roots_(std::move(roots)), memory_bytes_max_(memory_bytes_max) {
  ask_for_files(index_files);
  ask_for_roots();
  for (auto& [range, run] : runs_) {
    run.begin = range.first;
    run.end = range.second;
    run.waits = run.end - run.begin;
    run.parts.resize(run.waits);
    for (uint64_t part = run.begin; part < run.end; ++part) covers_.emplace(part, &run);
  }
}

void IndexCheck::ask_for_files(const std::vector<IndexFileName>& index_files) {
  for (const IndexFileName& file : index_files) {
    if (is_possible(file.begin * kSegmentEntries, file.end * kSegmentEntries)) {
      runs_[{file.begin, file.end}].file = file;
    } else {
      problems_.add(file.path(), "no index covers such a run of segments: a foreign or renamed file");
    }
  }
}

void IndexCheck::ask_for_roots() {
  for (const CommittedRoot& root : roots_) {
    const uint64_t first = root.commitment.first;
    const uint64_t end = root.commitment.end;
    if (is_possible(first, end)) {
      const uint64_t parts = (end - first + kSegmentEntries - 1) / kSegmentEntries;
      runs_[{first / kSegmentEntries, first / kSegmentEntries + parts}].roots.push_back(&root);
    } else {
      problems_.add(fmt::format("entry {}", root.entry),
                    fmt::format("it commits an index over the {}, which is no run that an index covers: answers that "
                                "rest on it prove nothing",
                                words_of(root.commitment)));
    }
  }
}

bool IndexCheck::is_wanted(uint64_t part) const {
  return covers_.contains(part);
}

std::shared_ptr<const SegmentIndex> IndexCheck::hold(uint64_t part, std::unique_ptr<const SegmentIndex> recomputed) {
  if (!recomputed) return nullptr;
  const uint64_t bytes = recomputed->bytes();
  if (held_bytes_.fetch_add(bytes) + bytes > memory_bytes_max_) {
    held_bytes_ -= bytes;
    const std::lock_guard lock(mutex_);
    problems_.add(segment_path(part),
                  "its index, and those of its neighbours, take more memory than there may be: the "
                  "indexes over it are not examined");
    return nullptr;
  }
  return {recomputed.release(), [this, bytes](const SegmentIndex* index) {
            held_bytes_ -= bytes;
            delete index;
          }};
}

std::vector<IndexCheck::Run*> IndexCheck::hand_out(uint64_t part,
                                                   const std::shared_ptr<const SegmentIndex>& recomputed) {
  const std::lock_guard lock(mutex_);
  std::vector<Run*> complete;
  const auto [begin, end] = covers_.equal_range(part);
  for (auto cover = begin; cover != end; ++cover) {
    Run& run = *cover->second;
    const bool is_last = part + 1 == run.end;
    if (!recomputed || (!is_last && recomputed->entries() < kSegmentEntries)) {
      run.is_blocked = true;
      run.parts.clear();
    }
    if (run.is_blocked) continue;
    run.parts[part - run.begin] = recomputed;
    if (--run.waits == 0) complete.push_back(&run);
  }
  return complete;
}

void IndexCheck::take(uint64_t part, std::unique_ptr<const SegmentIndex> recomputed) {
  if (!is_wanted(part)) return;
  const auto held = hold(part, std::move(recomputed));
  for (Run* const run : hand_out(part, held)) {
    examine(*run);
    run->parts.clear();
  }
}

// Nothing when there is no file that could be compared.
std::optional<IndexCommitment> IndexCheck::examine_file(const IndexRange& range, Run& run) const {
  if (!run.file) return std::nullopt;
  const std::string path = run.file->path();
  const auto mapping = files_.map(os::join(directory_, path));
  if (!mapping) {
    // Else it was merged meanwhile.
    if (mapping.error().code != Code::kNotFound) run.problems.add(path, mapping.error().text);
    return std::nullopt;
  }
  const auto file = IndexFile::open((*mapping)->bytes());
  if (file) return range.compare(*file, path, run.problems);
  run.problems.add(path, file.error().text);
  return std::nullopt;
}

void IndexCheck::examine(Run& run) const {
  std::vector<const SegmentIndex*> parts;
  parts.reserve(run.parts.size());
  for (const auto& part : run.parts) parts.push_back(part.get());
  const uint64_t end = run.end * kSegmentEntries;
  if (parts.back()->end() < end) {
    if (run.file) run.problems.add(run.file->path(), "it covers entries that are not there");
  } else {
    const IndexRange range(parts, end);
    auto right = examine_file(range, run);
    for (const CommittedRoot* root : run.roots) {
      if (root->commitment.end != end) continue;
      if (!right) right = range.commitment();
      judge(*root, *right, run.problems);
    }
  }
  examine_beginnings(run);
}

// Those over the beginning of a part, as over a tail that was not sealed yet.
void IndexCheck::examine_beginnings(Run& run) const {
  std::map<uint64_t, std::vector<const CommittedRoot*>> roots;
  for (const CommittedRoot* root : run.roots) {
    if (root->commitment.end < run.end * kSegmentEntries) roots[root->commitment.end].push_back(root);
  }
  std::vector<uint64_t> ends;
  for (const auto& [end, of_end] : roots) {
    if (end <= run.parts.back()->end()) {
      ends.push_back(end);
    } else {
      run.is_blocked = true;
    }
  }
  if (ends.empty()) return;
  const std::vector<IndexCommitment> right = prefix_commitments(*run.parts.back(), ends);
  for (size_t i = 0; i < ends.size(); ++i) {
    for (const CommittedRoot* root : roots[ends[i]]) judge(*root, right[i], run.problems);
  }
}

void IndexCheck::tell_unexamined(const Run& run, std::span<const uint64_t> segments) {
  if (run.file && (segments.empty() || run.end > segments.back() + 1)) {
    problems_.add(run.file->path(), "it covers segments that are not there");
    return;
  }
  notes_.add(
      run.file ? run.file->path() : "index",
      fmt::format("indexes over the entries {} to {} are not examined: some of those entries are missing or damaged",
                  run.begin * kSegmentEntries, run.end * kSegmentEntries - 1));
}

void IndexCheck::finish(std::span<const uint64_t> segments) {
  std::vector<bool> indexed(segments.size());
  std::vector<bool> committed(segments.size());
  const auto cover = [&](std::vector<bool>& covered, const Run& run) {
    for (auto at = std::ranges::lower_bound(segments, run.begin); at != segments.end() && *at < run.end; ++at) {
      covered[static_cast<size_t>(at - segments.begin())] = true;
    }
  };
  for (auto& [range, run] : runs_) {
    problems_.add_all("index", std::move(run.problems));
    if (run.is_blocked || run.waits > 0) tell_unexamined(run, segments);
    if (run.file) cover(indexed, run);
    const auto is_of_all = [&](const CommittedRoot* root) { return root->commitment.end == run.end * kSegmentEntries; };
    if (std::ranges::any_of(run.roots, is_of_all)) cover(committed, run);
  }
  const auto missing = std::ranges::count(indexed, false);
  if (missing > 0) {
    notes_.add("index", fmt::format("{} without an index: searches read the entries themselves until one is made, when "
                                    "the trail is next opened to append",
                                    segments_text(missing)));
  }
  const auto silent = std::ranges::count(committed, false);
  if (silent > 0) {
    notes_.add("index", fmt::format("of {} no record commits the index yet: answers over that cannot be proven "
                                    "complete",
                                    segments_text(silent)));
  }
}

}  // namespace weerbaar::trail
