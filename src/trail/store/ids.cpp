#include "trail/store/ids.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <deque>
#include <map>
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

// The numbers taken of one pattern, as intervals. A source that counts asks for the number behind its last one: that is
// answered without a look at the intervals.
class IdIndex::Numbers {
 public:
  using Intervals = std::map<uint64_t, uint64_t>;  // first to last, inclusive, apart

  [[nodiscard]] const Intervals& intervals() const { return intervals_; }
  [[nodiscard]] bool contains(uint64_t number) const {
    if (number > end_ && number < free_until_) return false;
    const auto after = intervals_.upper_bound(number);
    return after != intervals_.begin() && std::prev(after)->second >= number;
  }
  // For reading them back in ascending order.
  void append(uint64_t first, uint64_t last) { intervals_.emplace_hint(intervals_.end(), first, last); }

  // How many intervals adding it makes: -1, 0 or 1.
  [[nodiscard]] int growth(uint64_t number) const {
    if (number == end_ + 1 && number + 1 < free_until_) return 0;
    const auto after = intervals_.upper_bound(number);
    const bool has_before = after != intervals_.begin();
    if (has_before && std::prev(after)->second >= number) return 0;
    const bool joins_before = has_before && std::prev(after)->second + 1 == number;
    const bool joins_after = after != intervals_.end() && after->first == number + 1;
    return 1 - static_cast<int>(joins_before) - static_cast<int>(joins_after);
  }
  void add(uint64_t number) {
    if (number == end_ + 1 && number + 1 < free_until_) {
      recent_->second = end_ = number;
      return;
    }
    auto after = intervals_.upper_bound(number);
    auto at = after == intervals_.begin() ? intervals_.end() : std::prev(after);
    if (at == intervals_.end() || at->second + 1 < number) {
      at = intervals_.emplace_hint(after, number, number);
    } else if (at->second < number) {
      at->second = number;
    }
    if (after != intervals_.end() && after->first == at->second + 1) {
      at->second = after->second;
      after = intervals_.erase(after);
    }
    recent_ = at;
    end_ = at->second;
    free_until_ = after == intervals_.end() ? UINT64_MAX : after->first;
  }

 private:
  Intervals intervals_;
  // Of the interval that grew last: its place, its last number, and the first number of the next interval. No number
  // lies between the start and UINT64_MAX, as they have 18 digits at most.
  Intervals::iterator recent_;
  uint64_t end_ = UINT64_MAX - 1;
  uint64_t free_until_ = 0;
};

// Each pattern of ids with its numbers: source, number of digits, and what stands round the number. An open-addressing
// table, for every event asks it.
class IdIndex::Patterns {
 public:
  struct Pattern {
    std::string key;
    uint64_t hash;
    Numbers numbers;
  };

  Patterns() : slots_(kSlotsFirst, nullptr) {}
  [[nodiscard]] const std::deque<Pattern>& all() const { return all_; }
  [[nodiscard]] size_t size() const { return all_.size(); }

  static uint64_t hash_of(std::string_view source, const NumberedText& parts) {
    uint64_t hash = XXH3_64bits_withSeed(parts.before.data(), parts.before.size(), parts.width);
    if (!parts.after.empty()) hash = XXH3_64bits_withSeed(parts.after.data(), parts.after.size(), hash);
    return XXH3_64bits_withSeed(source.data(), source.size(), hash);
  }
  // Null when there is no such pattern.
  [[nodiscard]] Numbers* find(std::string_view source, const NumberedText& parts, uint64_t hash) const {
    for (uint64_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Pattern* const pattern = slots_[at];
      if (pattern == nullptr) return nullptr;
      if (pattern->hash == hash && is_key(pattern->key, source, parts)) return &pattern->numbers;
    }
  }
  // A new one. The key is as on disk: NUL cannot occur in any of its parts.
  Numbers& add(std::string_view source, const NumberedText& parts, uint64_t hash) {
    std::string key(source);
    key.push_back('\0');
    key.push_back(static_cast<char>(parts.width + 1));
    key.append(parts.before);
    key.push_back('\0');
    key.append(parts.after);
    return insert(std::move(key), hash);
  }
  // One from disk; null when it is none, or there already.
  Numbers* add(std::string key) {
    const size_t source = key.find('\0');
    if (source == std::string::npos || source + 1 >= key.size()) return nullptr;
    const size_t before = key.find('\0', source + 2);
    if (before == std::string::npos) return nullptr;
    const std::string_view text(key);
    const NumberedText parts{text.substr(source + 2, before - source - 2), text.substr(before + 1),
                             static_cast<uint8_t>(static_cast<uint8_t>(text[source + 1]) - 1), 0};
    const uint64_t hash = hash_of(text.substr(0, source), parts);
    if (find(text.substr(0, source), parts, hash) != nullptr) return nullptr;
    return &insert(std::move(key), hash);
  }

 private:
  static constexpr size_t kSlotsFirst = 256;

  static bool is_key(std::string_view key, std::string_view source, const NumberedText& parts) {
    const size_t size = source.size() + 1 + 1 + parts.before.size() + 1 + parts.after.size();
    if (key.size() != size || !key.starts_with(source) || key[source.size()] != '\0') return false;
    if (key[source.size() + 1] != static_cast<char>(parts.width + 1)) return false;
    const std::string_view rest = key.substr(source.size() + 2);
    return rest.starts_with(parts.before) && rest[parts.before.size()] == '\0' && rest.ends_with(parts.after);
  }
  Numbers& insert(std::string key, uint64_t hash) {
    if (2 * (all_.size() + 1) > slots_.size()) {
      slots_.assign(2 * slots_.size(), nullptr);
      for (Pattern& pattern : all_) place(pattern);
    }
    all_.push_back({std::move(key), hash, {}});
    place(all_.back());
    return all_.back().numbers;
  }
  void place(Pattern& pattern) {
    uint64_t at = pattern.hash & (slots_.size() - 1);
    while (slots_[at] != nullptr) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = &pattern;
  }

  std::deque<Pattern> all_;  // they stay where they are
  std::vector<Pattern*> slots_;
};

IdIndex::IdIndex(os::FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)), patterns_(std::make_unique<Patterns>()) {}
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
      run_items_ += run->items;
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
  const ByteView bytes = (*file)->bytes();
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
  auto read = std::make_unique<Patterns>();
  size_t intervals = 0;
  for (uint64_t i = 0; i < patterns; ++i) {
    uint64_t key_size = 0;
    uint64_t count = 0;
    if (!take(key_size) || key_size > content.size() - at) return;
    Numbers* const numbers = read->add(std::string(as_text(content.subspan(at, key_size))));
    at += key_size;
    if (numbers == nullptr || !take(count)) return;
    for (uint64_t k = 0; k < count; ++k) {
      uint64_t first = 0;
      uint64_t last = 0;
      if (!take(first) || !take(last)) return;
      numbers->append(first, last);
    }
    intervals += numbers->intervals().size();
  }
  patterns_ = std::move(read);
  intervals_ = intervals;
  numbers_end_ = end;
  numbers_bytes_ = bytes.size();
}

Result<IdIndex::Sought> IdIndex::seek(std::string_view source, std::string_view id, const Confirm& confirm) const {
  Sought sought;
  sought.source_ = source;
  sought.id_ = id;
  sought.parts_ = split_number(id);
  if (sought.parts_.width != kNoNumber) {
    sought.pattern_hash_ = Patterns::hash_of(source, sought.parts_);
    sought.numbers_ = patterns_->find(source, sought.parts_, sought.pattern_hash_);
    if (sought.numbers_ != nullptr && sought.numbers_->contains(sought.parts_.number)) {
      sought.known_ = true;
      return sought;
    }
  }
  if (recent_.empty() && run_items_ == 0) return sought;
  WEERBAAR_ASSIGN(sought.known_, is_among_others(source, id, confirm));
  return sought;
}

// Whether it is one of the ids that are not kept as numbers.
Result<bool> IdIndex::is_among_others(std::string_view source, std::string_view id, const Confirm& confirm) const {
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

Result<bool> IdIndex::contains(std::string_view source, std::string_view id, const Confirm& confirm) const {
  WEERBAAR_ASSIGN(const Sought sought, seek(source, id, confirm));
  return sought.known();
}

// False when there is no room for it among the numbers, or it has none.
bool IdIndex::add_number(const Sought& sought) {
  if (sought.parts_.width == kNoNumber) return false;
  Numbers* numbers = sought.numbers_;
  if (numbers == nullptr) {
    if (patterns_->size() >= kPatternsMax) return false;
    numbers = &patterns_->add(sought.source_, sought.parts_, sought.pattern_hash_);
  }
  const int growth = numbers->growth(sought.parts_.number);
  if (growth > 0 && intervals_ >= kIntervalsMax) return false;
  numbers->add(sought.parts_.number);
  intervals_ += static_cast<size_t>(growth);
  return true;
}

void IdIndex::add(const Sought& sought, EntryIndex index) {
  if (add_number(sought)) return;
  const uint64_t hash = id_hash(sought.source_, sought.id_);
  if (!is_in_a_run(hash, index.value())) recent_.emplace(hash, index.value());
}

void IdIndex::add(std::string_view source, std::string_view id, EntryIndex index) {
  Sought sought;
  sought.source_ = source;
  sought.id_ = id;
  sought.parts_ = split_number(id);
  if (sought.parts_.width != kNoNumber) {
    sought.pattern_hash_ = Patterns::hash_of(source, sought.parts_);
    sought.numbers_ = patterns_->find(source, sought.parts_, sought.pattern_hash_);
  }
  add(sought, index);
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
  patterns_ = std::make_unique<Patterns>();
  recent_.clear();
  intervals_ = numbers_end_ = numbers_bytes_ = covered_ = run_items_ = 0;
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
  run_items_ += run->items;
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
  append_le(bytes, static_cast<uint64_t>(patterns_->size()));
  for (const auto& [key, hash, numbers] : patterns_->all()) {
    append_le(bytes, static_cast<uint64_t>(key.size()));
    append(bytes, as_bytes(key));
    append_le(bytes, static_cast<uint64_t>(numbers.intervals().size()));
    for (const auto& [first, last] : numbers.intervals()) {
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
