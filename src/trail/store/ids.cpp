#include "trail/store/ids.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <queue>

#include "trail/format/filter.h"
#include "trail/format/segment.h"
#include "trail/store/numbered_text.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kRunMagic = 0x314E555244494257;      // "WBIDRUN1"
constexpr uint64_t kNumbersMagic = 0x314D554E44494257;  // "WBIDNUM1"
constexpr size_t kRunHeadBytes = 64;
constexpr size_t kItemBytes = 16;
constexpr size_t kMergeWidth = 16;
constexpr size_t kWriteBytes = 1 << 20;
// A file of numbers is rewritten once this many bytes' worth of events came since: at most 4 bytes an event.
constexpr uint64_t kRewriteBytesPerSegment = 4 * kSegmentEntries;

struct Item {
  uint64_t hash;
  uint64_t index;
  auto operator<=>(const Item&) const = default;
};

uint64_t id_hash(std::string_view source, std::string_view id) {
  return XXH3_64bits_withSeed(id.data(), id.size(), XXH3_64bits(source.data(), source.size()));
}

// Source, width and what stands round the number; NUL cannot occur in any of them.
void pattern_key(std::string_view source, const NumberedText& parts, std::string& key) {
  key.assign(source);
  key.push_back('\0');
  key.push_back(static_cast<char>(parts.width + 1));
  key.append(parts.before);
  key.push_back('\0');
  key.append(parts.after);
}

std::string run_name(uint64_t begin, uint64_t end) {
  return fmt::format("{:09}-{:09}.run", begin, end);
}

}  // namespace

// A sorted run on disk: head (magic, first and end segment, items, filter bytes, zeros, checksum), filter, items.
struct IdIndex::Run {
  uint64_t begin = 0;  // segments
  uint64_t end = 0;
  uint64_t items = 0;
  std::unique_ptr<os::Mapping> mapping;
  ByteView filter;
  ByteView sorted;

  [[nodiscard]] Item at(uint64_t i) const {
    return {load_le<uint64_t>(sorted.data() + i * kItemBytes), load_le<uint64_t>(sorted.data() + i * kItemBytes + 8)};
  }

  // Hashes are spread evenly, so a guess by proportion lands close: a few cache misses instead of twenty.
  [[nodiscard]] uint64_t lower_bound(uint64_t hash) const {
    uint64_t low = 0;
    uint64_t high = items;
    for (int guesses = 0; low < high; ++guesses) {
      const uint64_t first = at(low).hash;
      const uint64_t last = at(high - 1).hash;
      if (hash <= first) return low;
      if (hash > last) return high;
      uint64_t middle = low + (high - low) / 2;
      if (guesses < 4 && last > first) {
        const auto share = static_cast<double>(hash - first) / static_cast<double>(last - first);
        middle = low + std::min(static_cast<uint64_t>(share * static_cast<double>(high - low)), high - low - 1);
      }
      if (at(middle).hash < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static Result<std::unique_ptr<Run>> open(os::FileSystem& files, const std::string& path) {
    auto run = std::make_unique<Run>();
    WEERBAAR_ASSIGN(run->mapping, files.map(path));
    const ByteView bytes = run->mapping->bytes();
    if (bytes.size() < kRunHeadBytes || load_le<uint64_t>(bytes.data()) != kRunMagic ||
        load_le<uint64_t>(bytes.data() + 56) != XXH3_64bits(bytes.data(), 56)) {
      return fail(Code::kCorrupt, "not a run of ids");
    }
    run->begin = load_le<uint64_t>(bytes.data() + 8);
    run->end = load_le<uint64_t>(bytes.data() + 16);
    run->items = load_le<uint64_t>(bytes.data() + 24);
    const auto filter_size = load_le<uint64_t>(bytes.data() + 32);
    const uint64_t rest = bytes.size() - kRunHeadBytes;
    if (run->begin >= run->end || filter_size > rest || (rest - filter_size) / kItemBytes != run->items ||
        (rest - filter_size) % kItemBytes != 0) {
      return fail(Code::kCorrupt, "a run of ids has the wrong size");
    }
    run->filter = bytes.subspan(kRunHeadBytes, filter_size);
    run->sorted = bytes.subspan(kRunHeadBytes + filter_size);
    return run;
  }
};

namespace {

// Writes a run in one pass, in bounded memory: `next` gives the items in ascending order, `count` of them.
Status write_run_file(os::FileSystem& files, const std::string& directory, uint64_t begin, uint64_t end, uint64_t count,
                      const std::function<Item()>& next) {
  const std::string path = os::join(directory, run_name(begin, end));
  const std::string scratch = path + ".new";
  {
    WEERBAAR_ASSIGN(const auto file, files.open(scratch, os::Mode::kCreate));
    WEERBAAR_TRY(file->resize(0));
    Bytes filter(filter_bytes(count));
    Bytes buffer;
    uint64_t offset = kRunHeadBytes + filter.size();
    for (uint64_t i = 0; i < count; ++i) {
      const Item item = next();
      filter_insert(filter, item.hash);
      append_le(buffer, item.hash);
      append_le(buffer, item.index);
      if (buffer.size() >= kWriteBytes) {
        WEERBAAR_TRY(file->write_at(offset, buffer));
        offset += buffer.size();
        buffer.clear();
      }
    }
    WEERBAAR_TRY(file->write_at(offset, buffer));
    Bytes head;
    for (const uint64_t field :
         {kRunMagic, begin, end, count, static_cast<uint64_t>(filter.size()), uint64_t{0}, uint64_t{0}}) {
      append_le(head, field);
    }
    append_le(head, static_cast<uint64_t>(XXH3_64bits(head.data(), head.size())));
    append(head, filter);
    WEERBAAR_TRY(file->write_at(0, head));
    WEERBAAR_TRY(file->sync());
  }
  WEERBAAR_TRY(files.rename(scratch, path));
  return files.sync_directory(directory);
}

}  // namespace

size_t IdIndex::TextHash::operator()(std::string_view text) const {
  return static_cast<size_t>(XXH3_64bits(text.data(), text.size()));
}

IdIndex::IdIndex(os::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}
IdIndex::~IdIndex() = default;

Result<std::unique_ptr<IdIndex>> IdIndex::open(os::FileSystem& files, std::string directory) {
  WEERBAAR_TRY(files.make_directory(directory));
  std::unique_ptr<IdIndex> index(new IdIndex(files, std::move(directory)));
  WEERBAAR_TRY(index->load());
  return index;
}

Status IdIndex::load() {
  WEERBAAR_TRY(load_runs());
  load_numbers();
  const uint64_t runs_end = runs_.empty() ? 0 : runs_.back()->end;
  covered_ = std::min(runs_end, numbers_end_) * kSegmentEntries;
  return {};
}

// Keeps the longest contiguous cover from segment 0; what a merge or a damage left behind is removed.
Status IdIndex::load_runs() {
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files_.list(directory_));
  std::vector<std::unique_ptr<Run>> found;
  for (const std::string& name : names) {
    const std::string path = os::join(directory_, name);
    if (name.ends_with(".new")) {
      WEERBAAR_TRY(files_.remove(path));
    } else if (name.ends_with(".run")) {
      auto run = Run::open(files_, path);
      if (run && name == run_name((*run)->begin, (*run)->end)) {
        found.push_back(std::move(*run));
      } else if (run || run.error().code == Code::kCorrupt) {
        WEERBAAR_TRY(files_.remove(path));
      } else {
        return std::unexpected(run.error());
      }
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return std::pair(a->begin, ~a->end) < std::pair(b->begin, ~b->end); });
  uint64_t end = 0;
  for (auto& run : found) {
    if (run->begin == end) {
      end = run->end;
      runs_.push_back(std::move(run));
    } else {
      WEERBAAR_TRY(files_.remove(os::join(directory_, run_name(run->begin, run->end))));
    }
  }
  return {};
}

// The file of numbers: magic, end segment, patterns; for each: key length and key, intervals, (first, last) each; then
// a checksum. Whatever is wrong with it, the numbers are read from the trail again.
void IdIndex::load_numbers() {
  const auto file = files_.map(os::join(directory_, "numbers"));
  if (!file) return;
  ByteView bytes = (*file)->bytes();
  if (bytes.size() < 32 || load_le<uint64_t>(bytes.data()) != kNumbersMagic) return;
  const ByteView content = bytes.first(bytes.size() - 8);
  if (XXH3_64bits(content.data(), content.size()) != load_le<uint64_t>(bytes.data() + content.size())) return;
  const auto end = load_le<uint64_t>(bytes.data() + 8);
  const auto patterns = load_le<uint64_t>(bytes.data() + 16);
  size_t at = 24;
  const auto take = [&](uint64_t& value) {
    if (content.size() - at < 8) return false;
    value = load_le<uint64_t>(content.data() + at);
    at += 8;
    return true;
  };
  decltype(numbers_) read;
  size_t intervals = 0;
  for (uint64_t i = 0; i < patterns; ++i) {
    uint64_t key_size = 0;
    uint64_t count = 0;
    if (!take(key_size) || key_size > content.size() - at) return;
    Numbers& numbers = read[std::string(as_text(content.subspan(at, key_size)))];
    at += key_size;
    if (!take(count)) return;
    for (uint64_t k = 0; k < count; ++k) {
      uint64_t first = 0;
      uint64_t last = 0;
      if (!take(first) || !take(last)) return;
      numbers.intervals.emplace_hint(numbers.intervals.end(), first, last);
    }
    intervals += numbers.intervals.size();
  }
  numbers_ = std::move(read);
  intervals_ = intervals;
  numbers_end_ = end;
  numbers_bytes_ = bytes.size();
}

Result<bool> IdIndex::contains(std::string_view source, std::string_view id, const Confirm& confirm) const {
  const NumberedText parts = split_number(id);
  if (parts.width != kNoNumber) {
    thread_local std::string key;
    pattern_key(source, parts, key);
    const auto found = numbers_.find(std::string_view(key));
    if (found != numbers_.end()) {
      const auto& intervals = found->second.intervals;
      auto after = intervals.upper_bound(parts.number);
      if (after != intervals.begin() && std::prev(after)->second >= parts.number) return true;
    }
  }
  const uint64_t hash = id_hash(source, id);
  const auto [first, last] = recent_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    WEERBAAR_ASSIGN(const bool same, confirm(EntryIndex(it->second), source, id));
    if (same) return true;
  }
  for (const auto& run : runs_) {
    if (run->items == 0 || !filter_may_contain(run->filter, hash)) continue;
    for (uint64_t i = run->lower_bound(hash); i < run->items && run->at(i).hash == hash; ++i) {
      WEERBAAR_ASSIGN(const bool same, confirm(EntryIndex(run->at(i).index), source, id));
      if (same) return true;
    }
  }
  return false;
}

bool IdIndex::add_number(std::string_view source, std::string_view id) {
  const NumberedText parts = split_number(id);
  if (parts.width == kNoNumber) return false;
  thread_local std::string key;
  pattern_key(source, parts, key);
  auto found = numbers_.find(std::string_view(key));
  if (found == numbers_.end()) {
    if (numbers_.size() >= kPatternsMax) return false;
    found = numbers_.emplace(key, Numbers{}).first;
  }
  auto& intervals = found->second.intervals;
  const auto after = intervals.upper_bound(parts.number);
  const bool has_before = after != intervals.begin();
  const auto before = has_before ? std::prev(after) : intervals.end();
  if (has_before && before->second >= parts.number) return true;
  const bool joins_before = has_before && before->second + 1 == parts.number;
  const bool joins_after = after != intervals.end() && after->first == parts.number + 1;
  if (joins_before) {
    before->second = joins_after ? after->second : parts.number;
    if (joins_after) {
      intervals.erase(after);
      --intervals_;
    }
    return true;
  }
  if (joins_after) {
    const uint64_t last = after->second;
    intervals.emplace_hint(intervals.erase(after), parts.number, last);
    return true;
  }
  if (intervals_ >= kIntervalsMax) return false;
  intervals.emplace_hint(after, parts.number, parts.number);
  ++intervals_;
  return true;
}

void IdIndex::add(std::string_view source, std::string_view id, EntryIndex index) {
  if (add_number(source, id)) return;
  const uint64_t hash = id_hash(source, id);
  if (!is_in_a_run(hash, index.value())) recent_.emplace(hash, index.value());
}

// Runs may reach further than the numbers that were read back. That a run covers a segment does not say that it holds
// an id of it: the first time the id may have been taken among the numbers, which now have no room left for it.
bool IdIndex::is_in_a_run(uint64_t hash, uint64_t index) const {
  if (runs_.empty() || index >= runs_.back()->end * kSegmentEntries) return false;
  return std::any_of(runs_.begin(), runs_.end(), [&](const auto& run) {
    if (run->items == 0 || !filter_may_contain(run->filter, hash)) return false;
    uint64_t at = run->lower_bound(hash);
    while (at < run->items && run->at(at).hash == hash && run->at(at).index != index) ++at;
    return at < run->items && run->at(at) == Item{hash, index};
  });
}

Status IdIndex::forget() {
  numbers_.clear();
  recent_.clear();
  intervals_ = numbers_end_ = numbers_bytes_ = covered_ = 0;
  runs_.clear();
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files_.list(directory_));
  for (const std::string& name : names) WEERBAAR_TRY(files_.remove(os::join(directory_, name)));
  return {};
}

Status IdIndex::seal(TreeSize size) {
  const uint64_t end = size.value() / kSegmentEntries;
  WEERBAAR_TRY(write_run(end));
  WEERBAAR_TRY(merge_runs());
  const bool worth_it = (end - std::min(end, numbers_end_)) * kRewriteBytesPerSegment >= numbers_bytes_;
  // The numbers may say that all below `end` is on disk only when no run is still owed an id.
  const bool all_in_runs = std::none_of(recent_.begin(), recent_.end(),
                                        [end](const auto& item) { return item.second < end * kSegmentEntries; });
  if (worth_it && all_in_runs) WEERBAAR_TRY(write_numbers(end));
  covered_ = std::min(runs_.back()->end, numbers_end_) * kSegmentEntries;
  return {};
}

Status IdIndex::write_run(uint64_t end) {
  const uint64_t begin = runs_.empty() ? 0 : runs_.back()->end;
  if (begin >= end) return {};
  std::vector<Item> items;
  for (const auto& [hash, index] : recent_) {
    if (index < end * kSegmentEntries) items.push_back({hash, index});
  }
  std::sort(items.begin(), items.end());
  size_t at = 0;
  WEERBAAR_TRY(write_run_file(files_, directory_, begin, end, items.size(), [&] { return items[at++]; }));
  WEERBAAR_ASSIGN(auto run, Run::open(files_, os::join(directory_, run_name(begin, end))));
  runs_.push_back(std::move(run));
  std::erase_if(recent_, [end](const auto& item) { return item.second < end * kSegmentEntries; });
  return {};
}

// Merges the last sixteen runs into one while they are of one size, as a counter in base sixteen carries.
Status IdIndex::merge_runs() {
  for (;;) {
    if (runs_.size() < kMergeWidth) return {};
    const auto first = runs_.end() - static_cast<long>(kMergeWidth);
    const uint64_t span = (*first)->end - (*first)->begin;
    if (std::any_of(first, runs_.end(), [&](const auto& run) { return run->end - run->begin != span; })) return {};
    const uint64_t begin = (*first)->begin;
    const uint64_t end = runs_.back()->end;

    using Head = std::pair<Item, size_t>;  // the next item of a run, and which run
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    std::vector<uint64_t> positions(kMergeWidth, 0);
    uint64_t count = 0;
    for (size_t i = 0; i < kMergeWidth; ++i) {
      const Run& run = *first[static_cast<long>(i)];
      count += run.items;
      if (run.items > 0) heads.emplace(run.at(0), i);
    }
    const auto next = [&] {
      const auto [item, which] = heads.top();
      heads.pop();
      const Run& run = *first[static_cast<long>(which)];
      if (++positions[which] < run.items) heads.emplace(run.at(positions[which]), which);
      return item;
    };
    WEERBAAR_TRY(write_run_file(files_, directory_, begin, end, count, next));
    WEERBAAR_ASSIGN(auto merged, Run::open(files_, os::join(directory_, run_name(begin, end))));
    std::vector<std::string> old;
    for (auto it = first; it != runs_.end(); ++it) old.push_back(run_name((*it)->begin, (*it)->end));
    runs_.erase(first, runs_.end());
    runs_.push_back(std::move(merged));
    for (const std::string& name : old) WEERBAAR_TRY(files_.remove(os::join(directory_, name)));
  }
}

Status IdIndex::write_numbers(uint64_t end) {
  Bytes bytes;
  append_le(bytes, kNumbersMagic);
  append_le(bytes, end);
  append_le(bytes, static_cast<uint64_t>(numbers_.size()));
  for (const auto& [key, numbers] : numbers_) {
    append_le(bytes, static_cast<uint64_t>(key.size()));
    append(bytes, as_bytes(key));
    append_le(bytes, static_cast<uint64_t>(numbers.intervals.size()));
    for (const auto& [first, last] : numbers.intervals) {
      append_le(bytes, first);
      append_le(bytes, last);
    }
  }
  append_le(bytes, static_cast<uint64_t>(XXH3_64bits(bytes.data(), bytes.size())));
  WEERBAAR_TRY(os::write_file_atomically(files_, os::join(directory_, "numbers"), bytes));
  numbers_end_ = end;
  numbers_bytes_ = bytes.size();
  return {};
}

}  // namespace weerbaar::trail
