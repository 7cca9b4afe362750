#include "trail/store/segment_writer.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"
#include "trail/store/column_writer.h"

namespace weerbaar::trail {
namespace {

size_t mix(size_t hash, std::string_view text) {
  return static_cast<size_t>(XXH3_64bits_withSeed(text.data(), text.size(), hash));
}

struct ActorHash {
  size_t operator()(const StoredActor& a) const {
    return mix(mix(mix(static_cast<size_t>(a.type), a.id), a.function), a.unit);
  }
};
struct ShapeHash {
  size_t operator()(const StoredShape& s) const {
    size_t hash = static_cast<size_t>(s.action) * 4 + static_cast<size_t>(s.outcome);
    for (const auto text : {s.source, s.system, s.component, s.data, s.processing_activity, s.legal_basis}) {
      hash = mix(hash, text);
    }
    return hash;
  }
};
struct SubjectHash {
  size_t operator()(const StoredSubject& s) const { return static_cast<size_t>(subject_hash(s)); }
};

// Distinct values and a code per row; sort() renumbers the codes to ascending order of the values.
template <class Value, class HashOf>
class Dictionary {
 public:
  uint32_t code(const Value& value) {
    const auto [found, added] = codes_.try_emplace(value, static_cast<uint32_t>(values_.size()));
    if (added) values_.push_back(value);
    return found->second;
  }

  // Returns, for each old code, the new one.
  std::vector<uint32_t> sort() {
    std::vector<uint32_t> order(values_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) { return values_[a] < values_[b]; });
    std::vector<uint32_t> renumbered(order.size());
    std::vector<Value> sorted;
    sorted.reserve(order.size());
    for (uint32_t rank = 0; rank < order.size(); ++rank) {
      renumbered[order[rank]] = rank;
      sorted.push_back(values_[order[rank]]);
    }
    values_ = std::move(sorted);
    codes_.clear();
    return renumbered;
  }

  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

 private:
  std::unordered_map<Value, uint32_t, HashOf> codes_;
  std::vector<Value> values_;
};

struct Posting {
  uint32_t code;
  uint32_t row;
  std::string_view role;
};

// The entries, taken apart into rows.
class Rows {
 public:
  Status take(std::span<const ByteView> entries);
  // The file's sections, in the order of their numbers.
  std::vector<std::pair<Section, EncodedColumn>> sections(std::span<const Hash> leaves, Packing packing) const;
  [[nodiscard]] SegmentHeader header() const;

 private:
  void add_event(uint32_t row, const StoredEvent& event);
  void add_opaque(ByteView bytes);
  void sort();
  EncodedColumn tile_hashes(std::span<const Hash> leaves) const;
  EncodedColumn filter() const;

  struct Numbers {
    std::vector<int64_t> time, nanos, received, period, records, break_glass, marks;
  } numbers_;
  struct Texts {
    std::vector<std::string_view> opaque, id, case_id, query, trace_id, span_id, parent_span_id, on_behalf_of, reason,
        terminal, ip, location, attributes;
  } texts_;
  std::vector<uint32_t> actor_codes_;
  std::vector<uint32_t> shape_codes_;
  Dictionary<StoredActor, ActorHash> actors_;
  Dictionary<StoredShape, ShapeHash> shapes_;
  Dictionary<StoredSubject, SubjectHash> subjects_;
  std::vector<Posting> postings_;
  int64_t time_min_ = std::numeric_limits<int64_t>::max();
  int64_t time_max_ = std::numeric_limits<int64_t>::min();
};

void Rows::add_event(uint32_t row, const StoredEvent& event) {
  numbers_.time.push_back(event.time.micros);
  numbers_.nanos.push_back(event.time.nanos);
  numbers_.received.push_back(event.received_ms);
  numbers_.period.push_back(event.period);
  numbers_.records.push_back(event.records ? static_cast<int64_t>(*event.records + 1) : 0);
  numbers_.break_glass.push_back(event.break_glass ? 1 : 0);
  numbers_.marks.push_back(static_cast<int64_t>(event.marks));
  texts_.opaque.emplace_back();
  texts_.id.push_back(event.id);
  texts_.case_id.push_back(event.case_id);
  texts_.query.push_back(event.query);
  texts_.trace_id.push_back(event.trace_id);
  texts_.span_id.push_back(event.span_id);
  texts_.parent_span_id.push_back(event.parent_span_id);
  texts_.on_behalf_of.push_back(event.on_behalf_of);
  texts_.reason.push_back(event.reason);
  texts_.terminal.push_back(event.terminal);
  texts_.ip.push_back(event.ip);
  texts_.location.push_back(event.location);
  texts_.attributes.push_back(event.attributes);
  actor_codes_.push_back(actors_.code(event.actor));
  shape_codes_.push_back(shapes_.code(event.shape));
  for (const StoredSubject& subject : event.subjects) {
    StoredSubject key = subject;
    key.role = {};
    postings_.push_back({subjects_.code(key), row, subject.role});
  }
  time_min_ = std::min(time_min_, event.time.micros);
  time_max_ = std::max(time_max_, event.time.micros);
}

void Rows::add_opaque(ByteView bytes) {
  const StoredEvent nothing;
  add_event(0, nothing);
  texts_.opaque.back() = as_text(bytes);
}

Status Rows::take(std::span<const ByteView> entries) {
  Entry entry;
  for (uint32_t row = 0; row < entries.size(); ++row) {
    if (const Status status = entry.decode(entries[row]); !status) {
      return fail_in(fmt::format("entry {} of the segment", row), status.error());
    }
    if (entry.is_event()) {
      add_event(row, entry.event());
    } else {
      const int64_t low = time_min_;
      const int64_t high = time_max_;
      add_opaque(entries[row]);
      time_min_ = low;
      time_max_ = high;
    }
  }
  sort();
  return {};
}

void Rows::sort() {
  const std::vector<uint32_t> actor_rank = actors_.sort();
  const std::vector<uint32_t> shape_rank = shapes_.sort();
  const std::vector<uint32_t> subject_rank = subjects_.sort();
  for (uint32_t& code : actor_codes_) code = actor_rank[code];
  for (uint32_t& code : shape_codes_) code = shape_rank[code];
  for (Posting& posting : postings_) posting.code = subject_rank[posting.code];
  // By subject, then by entry, then by role: the same subject may stand twice in an entry, in two roles.
  std::sort(postings_.begin(), postings_.end(), [](const Posting& a, const Posting& b) {
    return std::tie(a.code, a.row, a.role) < std::tie(b.code, b.row, b.role);
  });
}

SegmentHeader Rows::header() const {
  SegmentHeader header;
  header.time_min = time_min_ > time_max_ ? 0 : time_min_;
  header.time_max = time_min_ > time_max_ ? 0 : time_max_;
  header.actors = actors_.values().size();
  header.shapes = shapes_.values().size();
  header.subjects = subjects_.values().size();
  header.postings = postings_.size();
  return header;
}

EncodedColumn Rows::tile_hashes(std::span<const Hash> leaves) const {
  EncodedColumn column;
  for (uint64_t tile = 0; tile < kSegmentEntries / kTileEntries; ++tile) {
    append(column.bytes, tree_root(leaves.subspan(tile * kTileEntries, kTileEntries)));
  }
  return column;
}

EncodedColumn Rows::filter() const {
  EncodedColumn column;
  column.bytes.resize(filter_bytes(subjects_.values().size() + actors_.values().size()));
  for (const StoredSubject& subject : subjects_.values()) filter_insert(column.bytes, subject_hash(subject));
  for (const StoredActor& actor : actors_.values()) filter_insert(column.bytes, actor_hash(actor.id));
  return column;
}

template <class Table, class Pick>
EncodedColumn integers_of(const Table& table, Pick pick) {
  std::vector<int64_t> values;
  values.reserve(table.size());
  for (const auto& row : table) values.push_back(static_cast<int64_t>(pick(row)));
  return encode_integers(values);
}

template <class Table, class Pick>
EncodedColumn texts_of(const Table& table, Packing packing, Pick pick) {
  std::vector<std::string_view> values;
  values.reserve(table.size());
  for (const auto& row : table) values.push_back(pick(row));
  return encode_texts(values, packing);
}

// Where the run of each code begins: one more than codes, from 0 to the number of items.
std::vector<int64_t> run_starts(size_t codes, const std::vector<uint32_t>& items) {
  std::vector<int64_t> first(codes + 1, 0);
  for (const uint32_t code : items) ++first[code + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  return first;
}

// The rows grouped by their code, ascending within each.
std::vector<uint32_t> rows_by_code(size_t codes, const std::vector<uint32_t>& code_of_row) {
  std::vector<int64_t> next = run_starts(codes, code_of_row);
  std::vector<uint32_t> rows(code_of_row.size());
  for (uint32_t row = 0; row < code_of_row.size(); ++row) {
    rows[static_cast<size_t>(next[code_of_row[row]]++)] = row;
  }
  return rows;
}

std::vector<std::pair<Section, EncodedColumn>> Rows::sections(std::span<const Hash> leaves, Packing packing) const {
  const std::vector<uint32_t> by_actor = rows_by_code(actors_.values().size(), actor_codes_);
  std::vector<uint32_t> posting_codes;
  std::vector<uint32_t> posting_rows;
  for (const Posting& posting : postings_) {
    posting_codes.push_back(posting.code);
    posting_rows.push_back(posting.row);
  }
  const auto same = [](auto value) { return value; };
  const auto& actors = actors_.values();
  const auto& shapes = shapes_.values();
  const auto& subjects = subjects_.values();

  std::vector<std::pair<Section, EncodedColumn>> all;
  const auto add = [&all](Section id, EncodedColumn column) { all.emplace_back(id, std::move(column)); };
  add(Section::kOpaque, encode_texts(texts_.opaque, packing));
  add(Section::kId, encode_texts(texts_.id, packing));
  add(Section::kTime, encode_integers(numbers_.time));
  add(Section::kTimeNanos, encode_integers(numbers_.nanos));
  add(Section::kReceived, encode_integers(numbers_.received));
  add(Section::kPeriod, encode_integers(numbers_.period));
  add(Section::kActorCode, integers_of(actor_codes_, same));
  add(Section::kShapeCode, integers_of(shape_codes_, same));
  add(Section::kRecords, encode_integers(numbers_.records));
  add(Section::kCase, encode_texts(texts_.case_id, packing));
  add(Section::kQuery, encode_texts(texts_.query, packing));
  add(Section::kBreakGlass, encode_integers(numbers_.break_glass));
  add(Section::kTraceId, encode_texts(texts_.trace_id, packing));
  add(Section::kSpanId, encode_texts(texts_.span_id, packing));
  add(Section::kParentSpanId, encode_texts(texts_.parent_span_id, packing));
  add(Section::kMarks, encode_integers(numbers_.marks));
  add(Section::kOnBehalfOf, encode_texts(texts_.on_behalf_of, packing));
  add(Section::kReason, encode_texts(texts_.reason, packing));
  add(Section::kTerminal, encode_texts(texts_.terminal, packing));
  add(Section::kIp, encode_texts(texts_.ip, packing));
  add(Section::kLocation, encode_texts(texts_.location, packing));
  add(Section::kAttributes, encode_texts(texts_.attributes, packing));
  add(Section::kActorId, texts_of(actors, packing, [](const auto& a) { return a.id; }));
  add(Section::kActorType, integers_of(actors, [](const auto& a) { return a.type; }));
  add(Section::kActorFunction, texts_of(actors, packing, [](const auto& a) { return a.function; }));
  add(Section::kActorUnit, texts_of(actors, packing, [](const auto& a) { return a.unit; }));
  add(Section::kActorFirst, encode_integers(run_starts(actors.size(), actor_codes_)));
  add(Section::kActorPostings, encode_integers_16(by_actor));
  add(Section::kShapeSource, texts_of(shapes, packing, [](const auto& s) { return s.source; }));
  add(Section::kShapeAction, integers_of(shapes, [](const auto& s) { return s.action; }));
  add(Section::kShapeSystem, texts_of(shapes, packing, [](const auto& s) { return s.system; }));
  add(Section::kShapeComponent, texts_of(shapes, packing, [](const auto& s) { return s.component; }));
  add(Section::kShapeData, texts_of(shapes, packing, [](const auto& s) { return s.data; }));
  add(Section::kShapeActivity, texts_of(shapes, packing, [](const auto& s) { return s.processing_activity; }));
  add(Section::kShapeLegalBasis, texts_of(shapes, packing, [](const auto& s) { return s.legal_basis; }));
  add(Section::kShapeOutcome, integers_of(shapes, [](const auto& s) { return s.outcome; }));
  add(Section::kSubjectType, integers_of(subjects, [](const auto& s) { return s.type; }));
  add(Section::kSubjectIsNumber, integers_of(subjects, [](const auto& s) { return s.is_number; }));
  add(Section::kSubjectNumber, integers_of(subjects, [](const auto& s) { return s.number; }));
  add(Section::kSubjectBytes, texts_of(subjects, packing, [](const auto& s) { return s.bytes; }));
  add(Section::kSubjectFirst, encode_integers(run_starts(subjects.size(), posting_codes)));
  add(Section::kSubjectPostings, encode_integers_16(posting_rows));
  add(Section::kSubjectRole, texts_of(postings_, packing, [](const auto& p) { return p.role; }));
  add(Section::kFilter, filter());
  add(Section::kTileHashes, tile_hashes(leaves));
  return all;
}

Bytes assemble(const SegmentHeader& header, const std::vector<std::pair<Section, EncodedColumn>>& sections) {
  Bytes file(kSegmentMagic.begin(), kSegmentMagic.end());
  append_le(file, kSegmentVersion);
  append_le(file, static_cast<uint32_t>(sections.size()));
  for (const uint64_t field : {header.first_index, header.signed_size, static_cast<uint64_t>(header.time_min),
                               static_cast<uint64_t>(header.time_max), header.actors, header.shapes, header.subjects,
                               header.postings, uint64_t{0}}) {
    append_le(file, field);
  }
  append(file, header.root);
  uint64_t offset = file.size() + sections.size() * 32 + 8;
  for (const auto& [id, column] : sections) {
    append_le(file, static_cast<uint16_t>(id));
    append_le(file, static_cast<uint16_t>(column.encoding));
    append_le(file, uint32_t{0});
    append_le(file, offset);
    append_le(file, static_cast<uint64_t>(column.bytes.size()));
    append_le(file, static_cast<uint64_t>(XXH3_64bits(column.bytes.data(), column.bytes.size())));
    offset += column.bytes.size();
  }
  append_le(file, static_cast<uint64_t>(XXH3_64bits(file.data(), file.size())));
  for (const auto& [id, column] : sections) append(file, column.bytes);
  return file;
}

// Reads the file back as a stranger would.
Status compare(const Bytes& file, std::span<const ByteView> entries) {
  WEERBAAR_ASSIGN(const Segment segment, Segment::open(file));
  Bytes again;
  for (uint64_t row = 0; row < entries.size(); ++row) {
    again.clear();
    segment.entry(row, again);
    if (!std::equal(again.begin(), again.end(), entries[row].begin(), entries[row].end())) {
      return fail(Code::kCorrupt, fmt::format("entry {} of the segment does not come out of its columns as it went in: "
                                              "keep the tail and report this",
                                              row));
    }
  }
  return {};
}

}  // namespace

Result<Bytes> write_segment(uint64_t first_index, uint64_t signed_size, std::span<const ByteView> entries,
                            std::span<const Hash> leaves) {
  WEERBAAR_CHECK(entries.size() == kSegmentEntries && leaves.size() == kSegmentEntries);
  Rows rows;
  WEERBAAR_TRY(rows.take(entries));
  SegmentHeader header = rows.header();
  header.first_index = first_index;
  header.signed_size = signed_size;
  header.root = tree_root(leaves);
  auto sections = rows.sections(leaves, Packing::kTight);
  Bytes file = assemble(header, sections);
  uint64_t grows_to = 0;
  for (const auto& [id, column] : sections) grows_to += column.grows_to;
  if (grows_to > segment_text_bytes_max(file.size())) {
    sections = rows.sections(leaves, Packing::kLoose);
    file = assemble(header, sections);
  }
  WEERBAAR_TRY(compare(file, entries));
  return file;
}

}  // namespace weerbaar::trail
