#include "trail/verify/segment_index.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/check.h"
#include "trail/format/index_leaves.h"
#include "trail/format/index_tree.h"

namespace weerbaar::trail {
namespace {

// A row under a code of its table.
struct Placed {
  uint32_t code = 0;
  uint16_t row = 0;
};

// Stable: rows stay ascending within a code. `code_of` gives less than `codes`.
template <class CodeOf>
void sort_by(std::vector<Placed>& items, uint64_t codes, const CodeOf& code_of) {
  std::vector<uint32_t> next(codes + 1, 0);
  for (const Placed& item : items) ++next[code_of(item) + 1];
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<Placed> sorted(items.size());
  for (const Placed& item : items) sorted[next[code_of(item)]++] = item;
  items = std::move(sorted);
}

}  // namespace

uint64_t SegmentIndex::bytes() const {
  return prefixes_.size() * sizeof(Hash) + key_bytes_.size() + key_begins_.size() * sizeof(uint32_t) +
         prefixes_.size() * sizeof(IndexPrefix) + posting_begins_.size() * sizeof(uint32_t) +
         rows_.size() * sizeof(uint16_t) + micros_.size() * sizeof(int64_t) + nanos_.size() * sizeof(uint16_t) +
         actors_.size() * sizeof(uint16_t);
}

void SegmentIndex::begin_key(ByteView key) {
  append(key_bytes_, key);
  end_key_bytes();
}

void SegmentIndex::end_key_bytes() {
  const uint32_t begin = key_begins_.back();
  key_begins_.push_back(static_cast<uint32_t>(key_bytes_.size()));
  prefixes_.push_back(IndexPrefix::of(ByteView(key_bytes_).subspan(begin)));
}

SegmentIndex::Postings SegmentIndex::postings(uint64_t key) const {
  const uint64_t begin = posting_begins_[key];
  const uint64_t count = posting_begins_[key + 1] - begin;
  Postings postings;
  postings.rows = std::span(rows_).subspan(begin, count);
  if (begin >= micros_.size()) return postings;
  postings.micros = std::span(micros_).subspan(begin, count);
  if (!nanos_.empty()) postings.nanos = std::span(nanos_).subspan(begin, count);
  postings.actors = std::span(actors_).subspan(begin, count);
  return postings;
}

SegmentIndex::Postings SegmentIndex::postings(uint64_t key, uint64_t entries) const {
  Postings found = postings(key);
  if (entries >= entries_) return found;
  const auto count = static_cast<size_t>(std::ranges::lower_bound(found.rows, entries) - found.rows.begin());
  found.rows = found.rows.first(count);
  if (found.micros.empty()) return found;
  found.micros = found.micros.first(count);
  if (!found.nanos.empty()) found.nanos = found.nanos.first(count);
  found.actors = found.actors.first(count);
  return found;
}

void SegmentIndex::prefetch(uint64_t key) const {
  constexpr uint64_t kFar = 8;  // keys ahead
  constexpr uint64_t kNear = 4;
  const uint64_t far = key + kFar;
  if (far >= keys()) return;
  __builtin_prefetch(&prefixes_[far]);
  __builtin_prefetch(&leaves_[far]);
  __builtin_prefetch(&key_begins_[far]);
  __builtin_prefetch(&posting_begins_[far]);
  __builtin_prefetch(&key_bytes_[key_begins_[key + kNear]]);
  const uint32_t posting = posting_begins_[key + kNear];
  __builtin_prefetch(&rows_[posting]);
  if (posting >= micros_.size()) return;
  __builtin_prefetch(&micros_[posting]);
  __builtin_prefetch(&actors_[posting]);
}

size_t SegmentIndex::hashed_bytes(const Postings& postings) {
  return postings.rows.size() * (postings.micros.empty() ? kOtherPostingBytes : kSubjectPostingBytes);
}

uint8_t* SegmentIndex::write_hashed(const Postings& postings, uint8_t* to) const {
  for (size_t i = 0; i < postings.rows.size(); ++i) {
    const uint64_t index = first_index_ + postings.rows[i];
    to = postings.micros.empty() ? write_other_posting(index, to) : write_subject_posting(index, postings.time(i), to);
  }
  return to;
}

void SegmentIndex::hash_leaves() {
  constexpr size_t kLeavesAtOnce = 1'024;
  IndexLeaves pending;
  leaves_.reserve(keys());
  for (uint64_t i = 0; i < keys(); ++i) {
    const Postings all = postings(i);
    write_hashed(all, pending.add(key(i), hashed_bytes(all)));
    if (pending.waiting() < kLeavesAtOnce && i + 1 < keys()) continue;
    const auto hashed = pending.hash();
    leaves_.insert(leaves_.end(), hashed.begin(), hashed.end());
  }
}

std::vector<uint16_t> SegmentIndex::periods(uint64_t entries) const {
  std::vector<uint16_t> periods;
  for (const auto& [period, first_row] : periods_) {
    if (first_row < entries) periods.push_back(period);
  }
  return periods;
}

// From columns.
class SegmentIndexMaker {
 public:
  SegmentIndexMaker(const Segment& segment, uint64_t bytes_max) : segment_(segment), bytes_max_(bytes_max) {}

  std::unique_ptr<const SegmentIndex> make() {
    index_.first_index_ = segment_.header().first_index;
    index_.entries_ = kSegmentEntries;
    take_columns();
    take_periods();
    if (!take_postings()) return nullptr;
    sort(subjects_, segment_.header().subjects);
    sort(actors_, actor_ids_);
    number_actors();
    if (!add_subjects()) return nullptr;
    if (!add_actors() || !add_records()) return nullptr;
    index_.hash_leaves();
    return std::make_unique<const SegmentIndex>(std::move(index_));
  }

 private:
  [[nodiscard]] bool fits() const { return index_.bytes() <= bytes_max_; }

  void take_columns() {
    periods_.resize(kSegmentEntries);
    micros_.resize(kSegmentEntries);
    segment_.integers(Section::kTime).read_all(micros_);
    segment_.integers(Section::kPeriod).visit([&](uint64_t first, std::span<const int64_t> values) {
      for (size_t i = 0; i < values.size(); ++i) periods_[first + i] = static_cast<uint16_t>(values[i]);
    });
    if (const IntegerColumn& nanos = segment_.integers(Section::kTimeNanos); !nanos.is_constant() || nanos.at(0) != 0) {
      nanos.visit([&](uint64_t, std::span<const int64_t> values) {
        for (const int64_t value : values) nanos_.push_back(static_cast<uint16_t>(value));
      });
    }
  }

  void take_periods() {
    std::map<uint16_t, uint32_t> firsts;
    std::optional<uint16_t> last;
    for (uint32_t row = 0; row < kSegmentEntries; ++row) {
      if (!segment_.is_event(row) || periods_[row] == last) continue;
      last = periods_[row];
      firsts.try_emplace(*last, row);
    }
    index_.periods_.assign(firsts.begin(), firsts.end());
  }

  bool take_postings() {
    // An employee with two functions stands twice in the table, and is one key.
    const TextColumn& ids = segment_.texts(Section::kActorId);
    std::vector<uint32_t> id_of_code(segment_.header().actors);
    for (uint64_t code = 0; code < id_of_code.size(); ++code) {
      if (code == 0 || ids.at(code) != ids.at(code - 1)) {
        ++actor_ids_;
        code_of_id_.push_back(static_cast<uint32_t>(code));
      }
      id_of_code[code] = actor_ids_ - 1;
    }
    const uint64_t postings_max = bytes_max_ / (2 * sizeof(Placed));
    std::vector<int64_t> actor_scratch;
    std::vector<int64_t> list_scratch;
    const auto actor_codes = segment_.integers(Section::kActorCode).all(actor_scratch);
    // In version 1 every row has a list of its own.
    const bool has_lists = segment_.header().version != 1;
    const auto lists = has_lists ? segment_.integers(Section::kListCode).all(list_scratch) : std::span<const int64_t>();
    actors_.reserve(kSegmentEntries);
    subjects_.reserve(kSegmentEntries);
    for (uint32_t row = 0; row < kSegmentEntries; ++row) {
      if (!segment_.is_event(row)) continue;
      actors_.push_back({id_of_code[static_cast<size_t>(actor_codes[row])], static_cast<uint16_t>(row)});
      const uint64_t list = has_lists ? static_cast<uint64_t>(lists[segment_.place(row)]) : row;
      // In two roles it is one posting.
      int64_t previous = -1;
      for (const uint32_t code : segment_.subjects_in(list)) {
        if (code != previous) subjects_.push_back({code, static_cast<uint16_t>(row)});
        previous = code;
      }
      if (subjects_.size() > postings_max) return false;
    }
    return true;
  }

  // By period, and then by code.
  void sort(std::vector<Placed>& items, uint64_t codes) {
    sort_by(items, codes, [](const Placed& item) { return item.code; });
    if (index_.periods_.size() < 2) return;
    std::vector<uint32_t> rank(size_t{UINT16_MAX} + 1, 0);
    uint32_t ranks = 0;
    for (const auto& [period, first_row] : index_.periods_) rank[period] = ranks++;
    sort_by(items, ranks, [&](const Placed& item) { return rank[periods_[item.row]]; });
  }

  [[nodiscard]] size_t end_of_group(const std::vector<Placed>& items, size_t begin) const {
    const bool one_period = index_.periods_.size() < 2;
    size_t end = begin + 1;
    while (end < items.size() && items[end].code == items[begin].code &&
           (one_period || periods_[items[end].row] == periods_[items[begin].row])) {
      ++end;
    }
    return end;
  }

  void number_actors() {
    actor_of_row_.resize(kSegmentEntries);
    uint16_t number = 0;
    for (size_t begin = 0, end = 0; begin < actors_.size(); begin = end, ++number) {
      end = end_of_group(actors_, begin);
      for (size_t i = begin; i < end; ++i) actor_of_row_[actors_[i].row] = number;
    }
  }

  // Keys may be long: whether they fit is asked before many are there.
  [[nodiscard]] bool keys_fit() const { return index_.key_bytes_.size() <= bytes_max_; }

  bool add_subjects() {
    index_.rows_.reserve(subjects_.size() + actors_.size());
    index_.micros_.resize(subjects_.size());
    index_.actors_.resize(subjects_.size());
    for (size_t i = 0; i < subjects_.size(); ++i) {
      const uint16_t row = subjects_[i].row;
      index_.rows_.push_back(row);
      index_.micros_[i] = micros_[row];
      index_.actors_[i] = actor_of_row_[row];
    }
    if (!nanos_.empty()) {
      index_.nanos_.reserve(subjects_.size());
      for (const Placed& subject : subjects_) index_.nanos_.push_back(nanos_[subject.row]);
    }
    for (size_t begin = 0, end = 0; begin < subjects_.size(); begin = end) {
      end = end_of_group(subjects_, begin);
      append_subject_key(periods_[subjects_[begin].row], segment_.subject(subjects_[begin].code), index_.key_bytes_);
      index_.end_key_bytes();
      index_.posting_begins_.push_back(static_cast<uint32_t>(end));
      if (!keys_fit()) return false;
    }
    return fits();
  }

  bool add_actors() {
    index_.actors_begin_ = index_.keys();
    const TextColumn& ids = segment_.texts(Section::kActorId);
    for (const Placed& actor : actors_) index_.rows_.push_back(actor.row);
    for (size_t begin = 0, end = 0; begin < actors_.size(); begin = end) {
      end = end_of_group(actors_, begin);
      append_actor_key(periods_[actors_[begin].row], ids.at(code_of_id_[actors_[begin].code]), index_.key_bytes_);
      index_.end_key_bytes();
      index_.posting_begins_.push_back(static_cast<uint32_t>(subjects_.size() + end));
      if (!keys_fit()) return false;
    }
    index_.actors_end_ = index_.keys();
    return fits();
  }

  bool add_records() {
    std::map<Bytes, std::vector<uint16_t>> records;
    Entry entry;
    uint64_t bytes = 0;
    for (const uint32_t row : segment_.record_rows()) {
      if (!entry.decode(as_bytes(segment_.opaque(row))) || entry.is_event()) continue;
      Bytes key;
      append_record_key(entry.record().type, key);
      bytes += key.size();
      if (bytes > bytes_max_) return false;
      records[std::move(key)].push_back(static_cast<uint16_t>(row));
    }
    for (const auto& [key, rows] : records) {
      index_.begin_key(key);
      index_.rows_.insert(index_.rows_.end(), rows.begin(), rows.end());
      index_.end_key();
    }
    return fits();
  }

  const Segment& segment_;
  const uint64_t bytes_max_;
  SegmentIndex index_;
  // Of each row.
  std::vector<uint16_t> periods_;
  std::vector<int64_t> micros_;
  std::vector<uint16_t> nanos_;  // empty when no event has any
  std::vector<uint16_t> actor_of_row_;
  // Postings: of subjects by the code of their table, of actors by the rank of their id.
  std::vector<Placed> subjects_;
  std::vector<Placed> actors_;
  uint32_t actor_ids_ = 0;
  std::vector<uint32_t> code_of_id_;
};

std::unique_ptr<const SegmentIndex> SegmentIndex::of(const Segment& segment, uint64_t bytes_max) {
  return SegmentIndexMaker(segment, bytes_max).make();
}

// From entries, by a map of keys.
class EntryIndexMaker {
 public:
  EntryIndexMaker(uint64_t first_index, std::span<const ByteView> entries, uint64_t bytes_max)
      : entries_(entries), bytes_max_(bytes_max) {
    WEERBAAR_CHECK(entries.size() <= kSegmentEntries);
    index_.first_index_ = first_index;
    index_.entries_ = entries.size();
  }

  std::unique_ptr<const SegmentIndex> make() {
    times_.resize(entries_.size());
    actors_.resize(entries_.size());
    for (uint32_t row = 0; row < entries_.size(); ++row) {
      if (!take(row)) return nullptr;
    }
    index_.periods_.assign(periods_.begin(), periods_.end());
    for (const auto& [key, rows] : found_) {
      if (key[0] == static_cast<uint8_t>(KeyKind::kActor)) {
        actor_numbers_.emplace(key, static_cast<uint16_t>(actor_numbers_.size()));
      }
    }
    for (const auto& [key, rows] : found_) add(key, rows);
    index_.actors_end_ = index_.actors_begin_ + actor_numbers_.size();
    if (index_.bytes() > bytes_max_) return nullptr;
    index_.hash_leaves();
    return std::make_unique<const SegmentIndex>(std::move(index_));
  }

 private:
  bool take(uint32_t row) {
    if (!entry_.decode(entries_[row])) return true;  // reported where entries are checked
    Bytes key;
    if (!entry_.is_event()) {
      append_record_key(entry_.record().type, key);
      return take_key(key, row);
    }
    const StoredEvent& event = entry_.event();
    times_[row] = event.time;
    has_nanos_ = has_nanos_ || event.time.nanos != 0;
    periods_.try_emplace(event.period, row);
    append_actor_key(event.period, event.actor.id, actors_[row]);
    if (!take_key(actors_[row], row)) return false;
    for (const StoredSubject& subject : event.subjects) {
      key.clear();
      append_subject_key(event.period, subject, key);
      if (!take_key(key, row)) return false;
    }
    return true;
  }

  bool take_key(const Bytes& key, uint32_t row) {
    std::vector<uint16_t>& rows = found_[key];
    if (rows.empty()) bytes_ += key.size();
    bytes_ += sizeof(Time) + sizeof(uint16_t);
    if (rows.empty() || rows.back() != row) rows.push_back(static_cast<uint16_t>(row));
    return bytes_ <= bytes_max_;
  }

  void add(const Bytes& key, const std::vector<uint16_t>& rows) {
    index_.begin_key(key);
    for (const uint16_t row : rows) {
      index_.rows_.push_back(row);
      if (key[0] != static_cast<uint8_t>(KeyKind::kSubject)) continue;
      index_.micros_.push_back(times_[row].micros);
      if (has_nanos_) index_.nanos_.push_back(times_[row].nanos);
      index_.actors_.push_back(actor_numbers_.at(actors_[row]));
    }
    index_.end_key();
    if (key[0] == static_cast<uint8_t>(KeyKind::kSubject)) index_.actors_begin_ = index_.keys();
  }

  const std::span<const ByteView> entries_;
  const uint64_t bytes_max_;
  SegmentIndex index_;
  Entry entry_;
  std::map<Bytes, std::vector<uint16_t>> found_;
  std::map<uint16_t, uint32_t> periods_;
  std::vector<Time> times_;
  bool has_nanos_ = false;
  std::vector<Bytes> actors_;  // keys
  std::map<Bytes, uint16_t> actor_numbers_;
  uint64_t bytes_ = 0;
};

std::unique_ptr<const SegmentIndex> SegmentIndex::of(uint64_t first_index, std::span<const ByteView> entries,
                                                     uint64_t bytes_max) {
  return EntryIndexMaker(first_index, entries, bytes_max).make();
}

}  // namespace weerbaar::trail
