#include "examine/trace/person_sample.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "trail/format/index_key.h"
#include "trail/store/event_codec.h"

namespace weerbaar::trace {
namespace {

using trail::Period;

// Keys of subjects, of which those with the smallest hashes are kept.
class Lots {
 public:
  explicit Lots(size_t count) : count_(count) {}

  void add(ByteView key) {
    const uint64_t hash = trail::key_hash(key);
    if (hash > limit_) return;
    drawn_.emplace_back(hash, Bytes(key.begin(), key.end()));
    if (drawn_.size() >= 2 * count_ + kSlack) keep_smallest();
  }
  std::vector<std::pair<uint64_t, Bytes>> take() {
    keep_smallest();
    return std::move(drawn_);
  }

 private:
  static constexpr size_t kSlack = 1'024;

  void keep_smallest() {
    std::sort(drawn_.begin(), drawn_.end());
    drawn_.erase(std::unique(drawn_.begin(), drawn_.end()), drawn_.end());
    if (drawn_.size() < count_ || drawn_.empty()) return;
    drawn_.resize(count_);
    limit_ = count_ == 0 ? 0 : drawn_.back().first;
  }

  size_t count_;
  uint64_t limit_ = UINT64_MAX;
  std::vector<std::pair<uint64_t, Bytes>> drawn_;
};

class Sampling {
 public:
  Sampling(const trail::Trail& trail, const trail::TimeRange& range, std::span<const SubjectType> types, size_t count)
      : trail_(trail),
        range_(range),
        first_(range.from ? trail::period_of(*range.from) : trail::kPeriodFirst),
        last_(range.to ? trail::period_of(*range.to) : trail::kPeriodLast),
        types_(types.begin(), types.end()),
        lots_(count) {}

  Status run();
  std::vector<std::pair<uint64_t, Bytes>> take() { return lots_.take(); }

 private:
  [[nodiscard]] uint64_t begin_in(const trail::IndexFile& index) const;
  Status add_index(const trail::IndexFile& index);
  Status add_segments(trail::SegmentRange segments);
  Status add_segment(uint64_t number);
  Status add_tail(const trail::OpenTail& tail);
  void add(uint16_t period, trail::StoredSubject subject);

  const trail::Trail& trail_;
  const trail::TimeRange& range_;
  const Period first_;
  const Period last_;
  const std::set<SubjectType> types_;
  Lots lots_;
  Bytes key_;
};

Status Sampling::run() {
  const auto tiling = trail_.sealed().indexes();
  for (const auto& open : tiling->files) {
    const Status status = add_index(open->file);
    if (status) continue;
    if (status.error().code != Code::kCorrupt) return status;
    // What a damaged index names is named by its segments too, and drawn once.
    WEERBAAR_TRY(add_segments(range_of(*open)));
  }
  for (const trail::SegmentRange bare : tiling->bare) WEERBAAR_TRY(add_segments(bare));
  for (const auto& tail : trail_.tails()) WEERBAAR_TRY(add_tail(*tail));
  return {};
}

// The position of the first key of the block before those of the first quarter: what a fence says is the beginning of
// the first key of a block, of which the kind and the quarter are the upper 24 bits.
uint64_t Sampling::begin_in(const trail::IndexFile& index) const {
  const uint64_t wanted = uint64_t{static_cast<uint8_t>(trail::KeyKind::kSubject)} << 16U | first_.number;
  uint64_t low = 0;
  for (uint64_t high = index.head().blocks(); low < high;) {
    const uint64_t middle = low + (high - low) / 2;
    if (index.fence(middle).high >> 40U < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return (low == 0 ? 0 : low - 1) * trail::kIndexBlockKeys;
}

Status Sampling::add_index(const trail::IndexFile& index) {
  trail::IndexFile::Cursor cursor(index, begin_in(index));
  while (cursor.position() < index.head().subjects && cursor.next()) {
    WEERBAAR_ASSIGN(const trail::SubjectKey key, trail::parse_subject_key(cursor.key()));
    if (key.period > last_.number) break;
    if (key.period >= first_.number && types_.contains(key.subject.type)) lots_.add(cursor.key());
  }
  return cursor.status();
}

Status Sampling::add_segments(trail::SegmentRange segments) {
  for (uint64_t number = segments.begin; number < segments.end; ++number) WEERBAAR_TRY(add_segment(number));
  return {};
}

Status Sampling::add_segment(uint64_t number) {
  const trail::SegmentHeader header = trail_.sealed().header(number);
  if (range_.from && header.time_max < range_.from->micros) return {};
  if (range_.to && header.time_min > range_.to->micros) return {};
  WEERBAAR_ASSIGN(const auto segment, trail_.sealed().segment(number));
  std::set<std::pair<uint16_t, uint32_t>> known;
  for (uint64_t row = 0; row < trail::kSegmentEntries; ++row) {
    if (!segment->is_event(row)) continue;
    for (const uint32_t code : segment->subjects_of(row)) {
      if (known.emplace(segment->period(row), code).second) add(segment->period(row), segment->subject(code));
    }
  }
  return {};
}

Status Sampling::add_tail(const trail::OpenTail& tail) {
  trail::Entry entry;
  for (const ByteView bytes : tail.entries()) {
    WEERBAAR_TRY(entry.decode(bytes));
    if (!entry.is_event()) continue;
    for (const trail::StoredSubject& subject : entry.event().subjects) add(entry.event().period, subject);
  }
  return {};
}

void Sampling::add(uint16_t period, trail::StoredSubject subject) {
  if (period < first_.number || period > last_.number || !types_.contains(subject.type)) return;
  subject.role = {};
  key_.clear();
  trail::append_subject_key(period, subject, key_);
  lots_.add(key_);
}

Result<std::string> identity_of(const trail::StoredSubject& subject, const trail::Pseudonymiser& key) {
  const trail::Domain domain = trail::domain_of(subject.type);
  if (!subject.is_number) return key.decrypt_identifier(domain, as_bytes(subject.bytes));
  return key.decrypt_digits(domain, subject.number, trail::digits_of(subject.type));
}

}  // namespace

Result<std::vector<SampledPerson>> sample_persons(const trail::Trail& trail, const trail::TimeRange& range,
                                                  std::span<const SubjectType> types, size_t count) {
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied,
                "who is ordinary is learnt from persons in all quarters, which needs the keys of the "
                "periods: name their directory with --keys");
  }
  WEERBAAR_ASSIGN(const auto readable, trail.keys()->readable());
  std::unordered_map<uint16_t, const trail::Pseudonymiser*> keys;
  for (const auto& [period, key] : readable->alive) keys.emplace(period.number, key);
  Sampling sampling(trail, range, types, count);
  WEERBAAR_TRY(sampling.run());
  std::vector<SampledPerson> persons;
  for (const auto& [hash, key] : sampling.take()) {
    WEERBAAR_ASSIGN(const trail::SubjectKey subject, trail::parse_subject_key(key));
    const auto found = keys.find(subject.period);
    if (found == keys.end()) continue;
    WEERBAAR_ASSIGN(std::string identity, identity_of(subject.subject, *found->second));
    persons.push_back({Period{subject.period}, {subject.subject.type, std::move(identity)}});
  }
  return persons;
}

}  // namespace weerbaar::trace
