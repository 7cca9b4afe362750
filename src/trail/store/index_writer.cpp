#include "trail/store/index_writer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "base/parallel.h"
#include "trail/format/entry.h"
#include "trail/format/filter.h"
#include "trail/store/entry_parts.h"
#include "trail/store/index_file_writer.h"
#include "trail/store/sort_key.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {
namespace {

constexpr uint32_t kNoActor = std::numeric_limits<uint32_t>::max();

// The events and records of at most 65,536 entries, as codes of the tables of their actors and subjects, which ascend.
struct IndexRows {
  uint64_t first = 0;
  std::vector<Time> times;  // a row each; of records too, meaning nothing
  std::vector<uint16_t> periods;
  std::vector<uint32_t> actors;         // code, or kNoActor for a record
  std::vector<uint32_t> subject_rows;   // of each posting, in the order of rows
  std::vector<uint32_t> subject_codes;  // the same
  std::vector<std::string_view> actor_ids;
  std::vector<StoredSubject> subjects;                    // without role
  std::vector<std::pair<std::string, uint32_t>> records;  // type and row

  [[nodiscard]] size_t size() const { return times.size(); }
  void add_event(Time time, uint16_t period, uint32_t actor) {
    times.push_back(time);
    periods.push_back(period);
    actors.push_back(actor);
  }
  void add_subject(uint32_t row, uint32_t code) {
    // The same subject may stand twice in an entry, in two roles, one behind the other.
    if (!subject_rows.empty() && subject_rows.back() == row && subject_codes.back() == code) return;
    subject_rows.push_back(row);
    subject_codes.push_back(code);
  }
  void add_record(std::string_view type) {
    records.emplace_back(type, static_cast<uint32_t>(size()));
    add_event({}, 0, kNoActor);
  }
};

// Makes rows of entries. What many of these have in common is looked up as it is encoded there, and read once. The rows
// hold views into the reader.
class EntryReader {
 public:
  explicit EntryReader(IndexRows& rows) : rows_(rows) {}

  // Somebody waits for it, and the work falls apart well: several threads share it.
  Status read(std::span<const ByteView> entries) {
    split(entries);
    for (size_t row = 0; row < entries.size(); ++row) {
      if (arrivals_[row].is_event) {
        rows_.add_event(arrivals_[row].time, arrivals_[row].period, 0);
      } else {
        WEERBAAR_TRY(add_record(entries[row]));
      }
    }
    for_each_in_parallel(0, 2, [this](size_t half) { half == 0 ? number_actors() : number_subjects(); });
    return {};
  }

 private:
  struct Arrival {
    bool is_event = false;
    uint16_t period = 0;
    Time time;
    std::string_view actor;
    std::string_view list;
  };

  void split(std::span<const ByteView> entries) {
    constexpr size_t kTogether = 8'192;
    arrivals_.resize(entries.size());
    for_each_in_parallel(0, (entries.size() + kTogether - 1) / kTogether, [&](size_t chunk) {
      EntryParts parts;
      for (size_t row = chunk * kTogether; row < std::min(entries.size(), (chunk + 1) * kTogether); ++row) {
        const bool is_event = split_entry(entries[row], parts);
        if (is_event) arrivals_[row] = {true, parts.period, parts.time, parts.actor, parts.subjects};
      }
    });
  }

  Status add_record(ByteView entry) {
    Entry record;
    if (const Status status = record.decode(entry); !status) return fail_in("an entry to be indexed", status.error());
    if (record.is_event()) return fail(Code::kCorrupt, "an event to be indexed is not canonical");
    rows_.add_record(record.record().type);
    return {};
  }

  // The code of what each row has; of records that of nothing, which is not used.
  [[nodiscard]] std::vector<uint32_t> codes_of(std::string_view Arrival::* part, TextTable& table) const {
    std::vector<uint32_t> codes(arrivals_.size());
    std::array<std::string_view, TextTable::kTogetherMax> texts;
    for (size_t begin = 0; begin < codes.size(); begin += texts.size()) {
      const size_t count = std::min(texts.size(), codes.size() - begin);
      for (size_t i = 0; i < count; ++i) texts[i] = arrivals_[begin + i].*part;
      table.find_codes(std::span(texts).first(count), std::span(codes).subspan(begin, count));
    }
    return codes;
  }

  // Several parts may differ in more than the id.
  void number_actors() {
    const std::vector<uint32_t> codes = codes_of(&Arrival::actor, actor_parts_);
    ValueTable<std::string_view> ids;
    std::vector<uint32_t> code_of_part;
    code_of_part.reserve(actor_parts_.values().size());
    for (const std::string_view part : actor_parts_.values()) {
      const std::string_view id = actor_in(part).id;
      code_of_part.push_back(ids.code(actor_hash(id), id));
    }
    const std::vector<uint32_t> ranks = ids.sort(leading_bytes);
    for (size_t row = 0; row < codes.size(); ++row) {
      if (arrivals_[row].is_event) rows_.actors[row] = ranks[code_of_part[codes[row]]];
    }
    rows_.actor_ids = ids.values();
  }

  void number_subjects() {
    const std::vector<uint32_t> list_codes = codes_of(&Arrival::list, list_parts_);
    ValueTable<StoredSubject> table;
    std::vector<uint32_t> codes;       // of the subjects of all lists
    std::vector<size_t> firsts = {0};  // of each list, and one more
    std::vector<StoredSubject> list;
    for (const std::string_view part : list_parts_.values()) {
      subjects_in(part, list);
      for (StoredSubject& subject : list) {
        subject.role = {};
        codes.push_back(table.code(subject_hash(subject), subject));
      }
      firsts.push_back(codes.size());
    }
    const std::vector<uint32_t> ranks = table.sort([](const StoredSubject& subject) { return sort_key(subject); });
    for (uint32_t row = 0; row < list_codes.size(); ++row) {
      if (!arrivals_[row].is_event) continue;
      const uint32_t code = list_codes[row];
      for (size_t i = firsts[code]; i < firsts[code + 1]; ++i) rows_.add_subject(row, ranks[codes[i]]);
    }
    rows_.subjects = table.values();
  }

  IndexRows& rows_;
  std::vector<Arrival> arrivals_;
  TextTable actor_parts_;
  TextTable list_parts_;
};

// Rows by period, then by code, then ascending; postings of the same period and code stand together.
struct Grouped {
  std::vector<uint32_t> rows;
  std::vector<uint32_t> codes;
};

template <class KeyOf>
Grouped sorted_by(const Grouped& items, size_t keys, KeyOf key_of) {
  std::vector<uint32_t> next(keys + 1, 0);
  for (size_t i = 0; i < items.rows.size(); ++i) ++next[key_of(i) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  Grouped sorted{std::vector<uint32_t>(items.rows.size()), std::vector<uint32_t>(items.rows.size())};
  for (size_t i = 0; i < items.rows.size(); ++i) {
    const uint32_t to = next[key_of(i)]++;
    sorted.rows[to] = items.rows[i];
    sorted.codes[to] = items.codes[i];
  }
  return sorted;
}

// Two passes of a counting sort: no comparison.
class ByPeriodAndCode {
 public:
  explicit ByPeriodAndCode(const IndexRows& rows) : rows_(rows), rank_(size_t{UINT16_MAX} + 1, 0) {
    for (size_t row = 0; row < rows.size(); ++row) {
      if (rows.actors[row] != kNoActor) rank_[rows.periods[row]] = 1;
    }
    for (uint32_t& rank : rank_) rank = rank != 0 ? periods_++ : 0;
  }

  [[nodiscard]] Grouped sort(Grouped items, size_t codes) const {
    Grouped sorted = sorted_by(items, codes, [&](size_t i) { return items.codes[i]; });
    if (periods_ < 2) return sorted;
    return sorted_by(sorted, periods_, [&](size_t i) { return rank_[rows_.periods[sorted.rows[i]]]; });
  }
  // Calls visit(period, code, rows) for each group.
  template <class Visit>
  void visit(const Grouped& grouped, Visit visit_group) const {
    const size_t size = grouped.rows.size();
    for (size_t begin = 0, end = 0; begin < size; begin = end) {
      const uint16_t period = rows_.periods[grouped.rows[begin]];
      while (end < size && grouped.codes[end] == grouped.codes[begin] && rows_.periods[grouped.rows[end]] == period) {
        ++end;
      }
      visit_group(period, grouped.codes[begin], std::span(grouped.rows).subspan(begin, end - begin));
    }
  }

 private:
  const IndexRows& rows_;
  std::vector<uint32_t> rank_;  // of a period among those that occur
  uint32_t periods_ = 0;
};

// The middle one of a few times, so that one that is out of order does not spoil the prediction of 256.
int64_t middle_time(const IndexRows& rows, size_t row, int64_t otherwise) {
  constexpr size_t kAround = 2;
  std::array<int64_t, 2 * kAround + 1> around{};
  size_t count = 0;
  const size_t begin = row < kAround ? 0 : row - kAround;
  for (size_t at = begin; at < std::min(rows.size(), row + kAround + 1); ++at) {
    if (rows.actors[at] != kNoActor) around[count++] = rows.times[at].micros;
  }
  if (count == 0) return otherwise;
  std::sort(around.begin(), around.begin() + static_cast<long>(count));
  return around[count / 2];
}

IndexFacts facts_of(const IndexRows& rows) {
  IndexFacts facts;
  facts.first = rows.first;
  facts.end = rows.first + rows.size();
  uint64_t scale = 0;
  int64_t time = 0;
  for (size_t row = rows.size(); row-- > 0;) {
    if (rows.actors[row] == kNoActor) continue;
    time = rows.times[row].micros;
    const auto distance = static_cast<uint64_t>(time < 0 ? -time : time);
    if (scale == 0 || distance % scale != 0) scale = std::gcd(scale, distance);
    facts.has_nanos = facts.has_nanos || rows.times[row].nanos != 0;
  }
  facts.scale = scale == 0 ? 1 : scale;
  // `time` is that of the first event now: where there is none around, the last known one goes on.
  for (size_t sample = 0; sample < index_time_samples(rows.size()); ++sample) {
    const size_t row = std::min(sample * kIndexTimeStep, rows.size() - 1);
    time = middle_time(rows, row, time);
    facts.times.push_back(time / static_cast<int64_t>(facts.scale));
  }
  return facts;
}

Bytes file_of(IndexFileWriter& writer) {
  const auto head = writer.finish();
  Bytes file;
  const Bytes rest = writer.take();
  file.reserve(head.size() + rest.size());
  append(file, head);
  append(file, rest);
  return file;
}

void write_records(const IndexRows& rows, IndexFileWriter& writer) {
  auto records = rows.records;
  std::sort(records.begin(), records.end());
  Bytes key;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i == 0 || records[i].first != records[i - 1].first) {
      key.clear();
      append_record_key(records[i].first, key);
      writer.begin(key);
    }
    writer.add({rows.first + records[i].second, {}, 0});
  }
}

Bytes write(const IndexRows& rows) {
  const ByPeriodAndCode order(rows);
  Grouped of_actors;
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (rows.actors[row] == kNoActor) continue;
    of_actors.rows.push_back(row);
    of_actors.codes.push_back(rows.actors[row]);
  }
  of_actors = order.sort(std::move(of_actors), rows.actor_ids.size());
  std::vector<uint32_t> rank_of_row(rows.size());
  uint32_t actors = 0;
  order.visit(of_actors, [&](uint16_t, uint32_t, std::span<const uint32_t> found) {
    for (const uint32_t row : found) rank_of_row[row] = actors;
    ++actors;
  });

  IndexFacts facts = facts_of(rows);
  facts.actors = actors;
  IndexFileWriter writer(std::move(facts));
  Bytes key;
  const Grouped of_subjects = order.sort({rows.subject_rows, rows.subject_codes}, rows.subjects.size());
  order.visit(of_subjects, [&](uint16_t period, uint32_t code, std::span<const uint32_t> found) {
    key.clear();
    append_subject_key(period, rows.subjects[code], key);
    writer.begin(key);
    for (const uint32_t row : found) writer.add({rows.first + row, rows.times[row], rank_of_row[row]});
  });
  order.visit(of_actors, [&](uint16_t period, uint32_t code, std::span<const uint32_t> found) {
    key.clear();
    append_actor_key(period, rows.actor_ids[code], key);
    writer.begin(key);
    for (const uint32_t row : found) writer.add({rows.first + row, {}, 0});
  });
  write_records(rows, writer);
  return file_of(writer);
}

// One of the parts of a merge, with its key at hand.
struct Part {
  IndexFile::Cursor cursor;
  uint64_t end;  // position behind the last key that counts
  bool is_there = false;
  IndexPrefix prefix;

  Status advance() {
    is_there = cursor.position() < end && cursor.next();
    if (is_there) prefix = IndexPrefix::of(cursor.key());
    return cursor.status();
  }
};

bool is_less(const Part& a, const Part& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return std::ranges::lexicographical_compare(a.cursor.key(), b.cursor.key());
}

bool is_equal(const Part& a, const Part& b) {
  return a.prefix == b.prefix && std::ranges::equal(a.cursor.key(), b.cursor.key());
}

// Calls visit(key, numbers of the parts that have it) for every key in order.
template <class Visit>
Status merge_keys(std::vector<Part>& parts, Visit visit) {
  for (Part& part : parts) WEERBAAR_TRY(part.advance());
  std::vector<size_t> holders;
  for (;;) {
    holders.clear();
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].is_there) continue;
      if (!holders.empty() && is_less(parts[i], parts[holders[0]])) holders.clear();
      if (holders.empty() || is_equal(parts[i], parts[holders[0]])) holders.push_back(i);
    }
    if (holders.empty()) return {};
    WEERBAAR_TRY(visit(parts[holders[0]].cursor.key(), std::span<const size_t>(holders)));
    for (const size_t i : holders) WEERBAAR_TRY(parts[i].advance());
  }
}

// What an actor's rank in each part becomes in the whole.
using Ranks = std::vector<std::vector<uint32_t>>;

Result<Ranks> merge_actors(std::span<const IndexFile* const> files, uint64_t& actors) {
  std::vector<Part> parts;
  Ranks ranks;
  for (const IndexFile* file : files) {
    const uint64_t begin = file->head().subjects;
    parts.push_back({IndexFile::Cursor(*file, begin), begin + file->actors(), false, {}});
    ranks.emplace_back();
    ranks.back().reserve(file->actors());
  }
  actors = 0;
  WEERBAAR_TRY(merge_keys(parts, [&](ByteView, std::span<const size_t> holders) -> Status {
    for (const size_t i : holders) ranks[i].push_back(static_cast<uint32_t>(actors));
    ++actors;
    return {};
  }));
  return ranks;
}

IndexFacts facts_of(std::span<const IndexFile* const> files) {
  IndexFacts facts;
  facts.first = files.front()->first_index();
  facts.end = facts.first;
  uint64_t scale = 0;
  for (const IndexFile* file : files) {
    WEERBAAR_CHECK(file->first_index() == facts.end && file->head().entries() % kSegmentEntries == 0);
    facts.end = file->end();
    scale = std::gcd(scale, file->head().scale);
    facts.has_nanos = facts.has_nanos || file->head().has_nanos;
  }
  facts.scale = scale;
  for (const IndexFile* file : files) {
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a file with a scale of 0 cannot be opened
    const auto times = static_cast<int64_t>(file->head().scale / scale);
    for (const int64_t time : file->times()) facts.times.push_back(time * times);
  }
  return facts;
}

// Writes a file behind its head while it is being made.
class Output {
 public:
  static constexpr size_t kWriteBytes = size_t{1} << 20U;

  Output(os::FileSystem& files, std::string path) : files_(files), path_(std::move(path)), scratch_(path_ + ".new") {}

  Status open() {
    WEERBAAR_ASSIGN(file_, files_.open(scratch_, os::Mode::kCreate));
    return file_->resize(0);
  }
  Status write(ByteView bytes) {
    WEERBAAR_TRY(file_->write_at(offset_, bytes));
    offset_ += bytes.size();
    return {};
  }
  Status finish(ByteView head) {
    WEERBAAR_TRY(file_->write_at(0, head));
    WEERBAAR_TRY(file_->sync());
    file_.reset();
    WEERBAAR_TRY(files_.rename(scratch_, path_));
    return files_.sync_directory(os::parent(path_));
  }

 private:
  os::FileSystem& files_;
  const std::string path_;
  const std::string scratch_;
  std::unique_ptr<os::File> file_;
  uint64_t offset_ = kIndexHeadBytes;
};

}  // namespace

std::span<const Section> index_sections() {
  static constexpr Section kSections[] = {
      Section::kOpaque,        Section::kTime,         Section::kTimeNanos,       Section::kPeriod,
      Section::kActorCode,     Section::kListCode,     Section::kActorId,         Section::kActorFirst,
      Section::kActorPostings, Section::kSubjectType,  Section::kSubjectIsNumber, Section::kSubjectNumber,
      Section::kSubjectBytes,  Section::kSubjectFirst, Section::kSubjectPostings, Section::kListLength,
      Section::kItemSubject};
  return kSections;
}

Result<Bytes> index_of(const Segment& segment) {
  IndexRows rows;
  rows.first = segment.header().first_index;
  std::vector<uint32_t> id_of_actor;  // several may differ in more than their id
  for (uint64_t code = 0; code < segment.header().actors; ++code) {
    const std::string_view id = segment.texts(Section::kActorId).at(code);
    if (rows.actor_ids.empty() || rows.actor_ids.back() != id) rows.actor_ids.push_back(id);
    id_of_actor.push_back(static_cast<uint32_t>(rows.actor_ids.size() - 1));
  }
  for (uint64_t code = 0; code < segment.header().subjects; ++code) rows.subjects.push_back(segment.subject(code));
  Entry entry;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    if (!segment.is_event(row)) {
      if (const Status status = entry.decode(as_bytes(segment.opaque(row))); !status) {
        return fail_in("a record of the segment", status.error());
      }
      if (entry.is_event()) return fail(Code::kCorrupt, "an event stands in the segment as a record");
      rows.add_record(entry.record().type);
      continue;
    }
    rows.add_event(segment.time(row), segment.period(row), id_of_actor[segment.actor_code(row)]);
    for (const uint32_t code : segment.subjects_of(row)) rows.add_subject(static_cast<uint32_t>(row), code);
  }
  return write(rows);
}

Result<Bytes> index_of(uint64_t first_index, std::span<const ByteView> entries) {
  WEERBAAR_CHECK(!entries.empty() && entries.size() <= kSegmentEntries);
  IndexRows rows;
  rows.first = first_index;
  EntryReader reader(rows);
  WEERBAAR_TRY(reader.read(entries));
  return write(rows);
}

Status merge_indexes(os::FileSystem& files, const std::string& path, std::span<const IndexFile* const> parts) {
  WEERBAAR_CHECK(!parts.empty());
  IndexFacts facts = facts_of(parts);
  WEERBAAR_ASSIGN(const Ranks ranks, merge_actors(parts, facts.actors));
  IndexFileWriter writer(std::move(facts));
  Output output(files, path);
  WEERBAAR_TRY(output.open());
  std::vector<Part> sources;
  for (const IndexFile* part : parts) sources.push_back({IndexFile::Cursor(*part), part->keys(), false, {}});
  const auto write_key = [&](ByteView key, std::span<const size_t> holders) -> Status {
    writer.begin(key);
    const bool is_subject = key[0] == static_cast<uint8_t>(KeyKind::kSubject);
    for (const size_t i : holders) {
      IndexPostings postings = sources[i].cursor.postings();
      for (IndexPosting posting; postings.next(posting);) {
        if (is_subject) posting.actor = ranks[i][posting.actor];
        writer.add(posting);
      }
      WEERBAAR_TRY(postings.status());
    }
    return writer.ready() < Output::kWriteBytes ? Status() : output.write(writer.take());
  };
  WEERBAAR_TRY(merge_keys(sources, write_key));
  const auto head = writer.finish();
  WEERBAAR_TRY(output.write(writer.take()));
  return output.finish(head);
}

}  // namespace weerbaar::trail
