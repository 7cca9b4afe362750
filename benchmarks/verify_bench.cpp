// What a full verification costs on the generated workload: each of its parts in nanoseconds of processor time an
// event, beside the hashing of the entries that nothing can save.
//
//   verify_bench [--segments N] [--rounds N]
//
// Of several rounds the least counts.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "entries.h"
#include "os/memory.h"
#include "trail/format/index_file.h"
#include "trail/format/merkle.h"
#include "trail/format/segment_scan.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "trail/store/index_writer.h"
#include "trail/store/segment_writer.h"
#include "trail/verify/index_range.h"
#include "trail/verify/segment_check.h"
#include "workload.h"

namespace weerbaar::benchmarks {
namespace {

using trail::kSegmentEntries;

// Of the thread, so that neighbours do not count.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

class Parts {
 public:
  explicit Parts(uint64_t segments) {
    WorkloadOptions options;
    options.events = 10'000'000;
    Workload workload(options);
    const auto key = trail::Pseudonymiser::create(Bytes(trail::kPeriodKeyBytes, 7)).value();
    trail::EventEncoder encoder;
    for (uint64_t number = 0; number < segments; ++number) {
      entries_.push_back(next_entries(workload, encoder, key));
      const std::vector<ByteView> views(entries_.back().begin(), entries_.back().end());
      std::vector<trail::Hash> leaves(views.size());
      trail::leaf_hashes(views, leaves);
      files_.push_back(trail::write_segment(number * kSegmentEntries, 0, views, leaves).value().file);
      indexes_.push_back(trail::index_of(number * kSegmentEntries, views).value());
    }
  }

  void run(uint64_t rounds) {
    merge();
    for (uint64_t round = 0; round < rounds; ++round) {
      recomputed_.clear();
      run_once();
    }
    double total = 0;
    for (const Figure& figure : figures_) {
      fmt::print("{:<50} {:7.1f} ns/event\n", figure.what, figure.least);
      total += figure.factor * figure.least;
    }
    fmt::print("{:<50} {:7.1f} ns/event\n", "all of a verification, by one thread", total);
  }

 private:
  struct Figure {
    std::string what;
    int factor;  // of what adds up to a verification
    double least;
  };

  void run_once() {
    hash();
    regenerate();
    check();
    compute_indexes();
    examine_run();
  }

  [[nodiscard]] double events() const { return static_cast<double>(files_.size() * kSegmentEntries); }
  void row(std::string_view what, double start, int factor = 0) {
    const double each = (now() - start) / events();
    const auto found = std::ranges::find(figures_, what, &Figure::what);
    if (found == figures_.end()) {
      figures_.push_back({std::string(what), factor, each});
    } else {
      found->least = std::min(found->least, each);
    }
  }

  void hash() {
    std::vector<trail::Hash> leaves(kSegmentEntries);
    std::vector<std::vector<ByteView>> views;
    size_t bytes = 0;
    for (const auto& entries : entries_) {
      views.emplace_back(entries.begin(), entries.end());
      for (const Bytes& entry : entries) bytes += entry.size();
    }
    double start = now();
    for (const auto& each : views) trail::leaf_hashes(each, leaves);
    row(fmt::format("leaf hashes, {:.0f} bytes an entry", static_cast<double>(bytes) / events()), start);
    start = now();
    for (size_t i = 0; i < files_.size(); ++i) WEERBAAR_CHECK(trail::tree_root(leaves) != trail::Hash{});
    row("tree over them", start);
  }

  void regenerate() {
    double start = now();
    std::vector<trail::Segment> segments;
    for (const Bytes& file : files_) segments.push_back(trail::Segment::open(file).value());
    row("segments opened", start);
    start = now();
    Bytes out;
    for (const trail::Segment& segment : segments) {
      trail::SegmentScan scan(segment);
      for (uint64_t row = 0; row < kSegmentEntries; ++row) {
        if (row % 256 == 0) out.clear();
        scan.append(row, out);
      }
    }
    row("entries regenerated", start);
  }

  void check() {
    const double start = now();
    for (uint64_t number = 0; number < files_.size(); ++number) {
      trail::Part part;
      part.number = number;
      part.sealed = true;
      trail::check_segment(files_[number], part, false);
      WEERBAAR_CHECK(part.problems.empty());
    }
    row("segments checked, all in", start, 1);
  }

  void compute_indexes() {
    double start = now();
    for (const Bytes& file : files_) {
      const trail::Segment segment = trail::Segment::open(file).value();
      recomputed_.push_back(trail::SegmentIndex::of(segment));
    }
    row("indexes of segments recomputed, with opening", start, 1);
    start = now();
    for (const Bytes& file : files_) WEERBAAR_CHECK(trail::Segment::open(file).has_value());
    row("opening once more, which a verification does not", start, -1);
    start = now();
    for (const auto& index : recomputed_) {
      WEERBAAR_CHECK(trail::IndexRange({index.get()}, index->end()).commitment().keys > 0);
    }
    row("commitments of one segment", start, 1);
  }

  void merge() {
    std::vector<trail::IndexFile> opened;
    std::vector<const trail::IndexFile*> pointers;
    for (const Bytes& index : indexes_) opened.push_back(trail::IndexFile::open(index).value());
    for (const trail::IndexFile& file : opened) pointers.push_back(&file);
    WEERBAAR_CHECK(disk_.make_directory("index").has_value());
    WEERBAAR_CHECK(merge_indexes(disk_, "index/merged", pointers).has_value());
  }

  void examine_run() {
    const auto mapping = disk_.map("index/merged").value();
    const trail::IndexFile merged = trail::IndexFile::open(mapping->bytes()).value();
    std::vector<const trail::SegmentIndex*> parts;
    for (const auto& index : recomputed_) parts.push_back(index.get());
    const trail::IndexRange range(parts, parts.size() * kSegmentEntries);
    double start = now();
    WEERBAAR_CHECK(range.commitment() == merged.commitment());
    row(fmt::format("commitment of {} segments", parts.size()), start);
    trail::ProblemList problems;
    start = now();
    WEERBAAR_CHECK(range.compare(merged, "index/merged", problems) == merged.commitment() && problems.empty());
    row("the same, and their index compared with it", start, 1);
  }

  std::vector<std::vector<Bytes>> entries_;
  std::vector<Bytes> files_;
  std::vector<Bytes> indexes_;
  std::vector<std::unique_ptr<const trail::SegmentIndex>> recomputed_;
  os::MemoryFileSystem disk_;
  std::vector<Figure> figures_;
};

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  uint64_t segments = 16;
  uint64_t rounds = 1;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--segments") segments = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::string_view(argv[i]) == "--rounds") rounds = std::strtoull(argv[i + 1], nullptr, 10);
  }
  weerbaar::benchmarks::Parts(std::max<uint64_t>(segments, 1)).run(std::max<uint64_t>(rounds, 1));
  return 0;
}
