// Index files on the generated workload: bytes an event, and the time that making, merging, finding and proving take.
//
//   index_bench [--segments N] [--repeat N]
//
// Each stage may be repeated, so that a profiler sees enough of it.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "entries.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/event_codec.h"
#include "trail/store/index_writer.h"
#include "trail/store/segment_writer.h"
#include "workload.h"

namespace weerbaar::benchmarks {
namespace {

// Of the thread, so that neighbours do not count.
struct Clock {
  using time_point = double;
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  }
};
using trail::kSegmentEntries;

double nanoseconds_since(Clock::time_point start) {
  return Clock::now() - start;
}

void print_parts(std::string_view what, const trail::IndexFile& file, size_t bytes) {
  const auto entries = static_cast<double>(file.head().entries());
  fmt::print("{}: {:.3f} bytes/event, {:.2f} events/key; blocks, fences, roots, times, periods, filter:", what,
             static_cast<double>(bytes) / entries, entries / static_cast<double>(file.keys()));
  for (const auto& part : file.head().parts) fmt::print(" {:.3f}", static_cast<double>(part.length) / entries);
  fmt::print("\n");
}

// Of one call, in nanoseconds, the mean of `repeat` of them.
template <class Work>
double cost(uint64_t repeat, Work work) {
  const auto start = Clock::now();
  for (uint64_t i = 0; i < repeat; ++i) work();
  return nanoseconds_since(start) / static_cast<double>(repeat);
}

int run(uint64_t segments, uint64_t repeat) {
  WorkloadOptions options;
  options.events = 10'000'000;
  Workload workload(options);
  const auto key = trail::Pseudonymiser::create(Bytes(trail::kPeriodKeyBytes, 7)).value();
  trail::EventEncoder encoder;
  std::vector<Bytes> files;
  double of_entries = 0;
  for (uint64_t number = 0; number < segments; ++number) {
    const std::vector<Bytes> entries = next_entries(workload, encoder, key);
    const std::vector<ByteView> views(entries.begin(), entries.end());
    auto start = Clock::now();
    files.push_back(trail::index_of(number * kSegmentEntries, views).value());
    of_entries += nanoseconds_since(start);
    if (number % 16 != 0) continue;
    std::vector<trail::Hash> leaves(views.size());
    constexpr auto kEntries = static_cast<double>(kSegmentEntries);
    const double hashed = cost(repeat, [&] { trail::leaf_hashes(views, leaves); });
    const double written = cost(
        repeat, [&] { WEERBAAR_CHECK(trail::write_segment(number * kSegmentEntries, 0, views, leaves).has_value()); });
    const auto segment = trail::write_segment(number * kSegmentEntries, 0, views, leaves).value();
    const double opened = cost(repeat, [&] { WEERBAAR_CHECK(trail::Segment::open(segment.file).has_value()); });
    const double indexed =
        cost(repeat, [&] { WEERBAAR_CHECK(trail::index_of(segment.segment).value() == files.back()); });
    fmt::print(
        "leaves hashed in {:.1f} ns/event, segment written in {:.1f}, opened in {:.1f}, index made in {:.1f}; {:.2f} "
        "bytes/event\n",
        hashed / kEntries, written / kEntries, opened / kEntries, indexed / kEntries,
        static_cast<double>(segment.file.size()) / kEntries);
  }
  const auto events = static_cast<double>(segments * kSegmentEntries);
  fmt::print("index made from entries in {:.1f} ns/event\n", of_entries / events);
  std::vector<trail::IndexFile> opened;
  std::vector<const trail::IndexFile*> pointers;
  for (const Bytes& file : files) opened.push_back(trail::IndexFile::open(file).value());
  for (const trail::IndexFile& file : opened) pointers.push_back(&file);
  print_parts("one segment", opened[0], files[0].size());
  const std::string path = (std::filesystem::temp_directory_path() / "weerbaar-index-bench").string();
  const double merging =
      cost(repeat, [&] { WEERBAAR_CHECK(trail::merge_indexes(os::real_file_system(), path, pointers).has_value()); });
  const auto mapping = os::real_file_system().map(path).value();
  const auto merged = trail::IndexFile::open(mapping->bytes()).value();
  print_parts(fmt::format("{} segments", segments), merged, mapping->bytes().size());
  uint64_t postings = 0;
  auto start = Clock::now();
  trail::IndexFile::Cursor cursor(merged);
  while (cursor.next()) {
    auto all = cursor.postings();
    for (trail::IndexPosting posting; all.next(posting);) ++postings;
  }
  const double reading = nanoseconds_since(start);
  fmt::print("merged in {:.1f} ns/event, {:.1f} ns/posting; read in {:.1f} ns/posting\n", merging / events,
             merging / static_cast<double>(postings), reading / static_cast<double>(postings));
  std::vector<Bytes> keys;
  trail::IndexFile::Cursor some(merged);
  while (some.next()) {
    if (some.position() % 97 == 0) keys.emplace_back(some.key().begin(), some.key().end());
  }
  std::mt19937_64 random(1);
  std::shuffle(keys.begin(), keys.end(), random);
  uint64_t found = 0;
  start = Clock::now();
  for (const Bytes& sought : keys) {
    auto all = **merged.find(sought);
    for (trail::IndexPosting posting; all.next(posting);) ++found;
  }
  fmt::print("found in {:.0f} ns/key ({:.1f} postings)\n", nanoseconds_since(start) / static_cast<double>(keys.size()),
             static_cast<double>(found) / static_cast<double>(keys.size()));
  Bytes hashed;
  keys.resize(std::min<size_t>(keys.size(), 200));
  start = Clock::now();
  for (const Bytes& sought : keys) WEERBAAR_CHECK(merged.prove(sought, hashed).has_value());
  fmt::print("proved in {:.1f} us/key\n", nanoseconds_since(start) / static_cast<double>(keys.size()) / 1e3);
  std::filesystem::remove(path);
  return 0;
}

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  uint64_t segments = 16;
  uint64_t repeat = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--segments") segments = std::stoull(argv[i + 1]);
    if (option == "--repeat") repeat = std::stoull(argv[i + 1]);
  }
  return weerbaar::benchmarks::run(segments, repeat);
}
