#include "trail/verify/index_check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "trail/store/index_sample.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

using trail::testing::mixed_entries;

// Sixteen segments, small in everything but the number of their entries.
constexpr uint64_t kParts = 16;

const std::vector<Bytes>& sixteen_segments() {
  static const std::vector<Bytes> entries = [] {
    const std::vector<Bytes> few = mixed_entries({.seed = 3, .persons = 200, .employees = 20}, 0, 3'000);
    std::vector<Bytes> all;
    for (uint64_t i = 0; i < kParts * kSegmentEntries; ++i) all.push_back(few[i * 7'919 % few.size()]);
    return all;
  }();
  return entries;
}

std::unique_ptr<const SegmentIndex> index_of_part(uint64_t part) {
  const auto& all = sixteen_segments();
  const std::vector<ByteView> views(all.begin() + static_cast<std::ptrdiff_t>(part * kSegmentEntries),
                                    all.begin() + static_cast<std::ptrdiff_t>((part + 1) * kSegmentEntries));
  return SegmentIndex::of(part * kSegmentEntries, views);
}

const Bytes& index_of_all() {
  static const Bytes file = index_file_of(0, sixteen_segments());
  return file;
}

std::string to_text(std::vector<Problem> problems) {
  std::string text;
  for (const Problem& problem : problems) text += fmt::format("{}: {}\n", problem.where, problem.what);
  return text;
}

struct Found {
  std::string problems;
  std::string notes;
};

constexpr uint64_t kNone = UINT64_MAX;

// What is found when the parts come in any order, one of them damaged.
Found examine(const std::optional<Bytes>& file, const std::vector<IndexCommitment>& commitments,
              uint64_t damaged = kNone, uint64_t memory_bytes_max = kIndexMemoryBytesMax) {
  Files files;
  const IndexFileName name{0, kParts};
  std::vector<IndexFileName> names;
  if (file) {
    files[name.path()] = *file;
    names.push_back(name);
  }
  const auto disk = disk_with(files);
  std::vector<CommittedRoot> roots;
  for (const IndexCommitment& commitment : commitments) roots.push_back({9'999'999 + roots.size(), commitment});
  IndexCheck check(*disk, std::string(kTrailDirectory), names, roots, memory_bytes_max);
  std::vector<uint64_t> order(kParts);
  for (uint64_t part = 0; part < kParts; ++part) order[part] = part;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  std::vector<uint64_t> segments;
  for (const uint64_t part : order) check.take(part, part == damaged ? nullptr : index_of_part(part));
  for (uint64_t part = 0; part < kParts; ++part) segments.push_back(part);
  check.finish(segments);
  return {to_text(check.take_problems().take("")), to_text(check.take_notes().take(""))};
}

TEST(IndexCheck, finds_nothing_wrong_with_a_run_of_sixteen) {
  const IndexCommitment honest = IndexFile::open(index_of_all()).value().commitment();
  const Found found = examine(index_of_all(), {honest});
  EXPECT_EQ(found.problems, "");
  EXPECT_EQ(found.notes, "");
}

TEST(IndexCheck, finds_one_posting_that_is_hidden_in_a_run_of_sixteen) {
  IndexForge forge(index_of_all());
  auto hidden = std::next(forge.keys.begin(), 50);
  hidden->second.erase(hidden->second.begin() + static_cast<std::ptrdiff_t>(hidden->second.size() / 2));
  const Bytes forged = forge.assemble();
  const IndexCommitment lie = IndexFile::open(forged).value().commitment();
  Found found = examine(forged, {});
  EXPECT_TRUE(found.problems.contains("index/000000000-000000016.index: it lists other entries")) << found.problems;
  found = examine(index_of_all(), {lie});
  EXPECT_TRUE(found.problems.starts_with("entry 9999999: it commits another index over the entries 0 to 1048575"))
      << found.problems;
  EXPECT_EQ(std::ranges::count(found.problems, '\n'), 1) << found.problems;
  found = examine(std::nullopt, {lie});
  EXPECT_TRUE(found.problems.starts_with("entry 9999999: it commits another index")) << found.problems;
}

TEST(IndexCheck, says_what_it_could_not_examine) {
  const IndexCommitment honest = IndexFile::open(index_of_all()).value().commitment();
  const Found found = examine(index_of_all(), {honest}, 7);
  EXPECT_EQ(found.problems, "");
  EXPECT_TRUE(
      found.notes.contains("index/000000000-000000016.index: indexes over the entries 0 to 1048575 are not "
                           "examined"))
      << found.notes;
}

TEST(IndexCheck, takes_no_more_memory_than_it_may_and_says_so) {
  const Found found = examine(index_of_all(), {}, kNone, index_of_part(0)->bytes() * 3);
  EXPECT_TRUE(found.problems.contains("take more memory than there may be")) << found.problems;
}

}  // namespace
}  // namespace weerbaar::trail
