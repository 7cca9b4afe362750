#include "trail/store/segment_writer.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/entry_keys.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"
#include "trail/format/segment_scan.h"
#include "trail/store/column_writer.h"
#include "trail/store/entry_parts.h"
#include "trail/store/rare_column.h"
#include "trail/store/sort_key.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {
namespace {

// What an application brings to the shape of an event, and what the operation does.
struct Application {
  std::string_view source, system, data, activity, legal_basis;
  auto operator<=>(const Application&) const = default;
};
struct Operation {
  Action action = Action::kRead;
  std::string_view component;
  Outcome outcome = Outcome::kSuccess;
  auto operator<=>(const Operation&) const = default;
};

uint64_t mix(uint64_t hash, std::string_view text) {
  return text.empty() ? hash * 31 : XXH3_64bits_withSeed(text.data(), text.size(), hash);
}
uint64_t hash_of(const Application& a) {
  return mix(mix(mix(mix(mix(0, a.source), a.system), a.data), a.activity), a.legal_basis);
}
uint64_t hash_of(const Operation& o) {
  return mix(static_cast<uint64_t>(o.action) * 4 + static_cast<uint64_t>(o.outcome) + 1, o.component);
}

// What sort_values() compares first.
uint64_t sort_key(const Application& application) {
  return leading_bytes(application.source);
}
uint64_t sort_key(const Operation& operation) {
  return static_cast<uint64_t>(operation.action);
}
constexpr auto kSortKey = [](const auto& value) { return sort_key(value); };

// One subject of an entry.
struct Item {
  uint32_t subject = 0;  // code
  std::string_view role;
  auto operator<=>(const Item&) const = default;
};

// The distinct lists of subjects, as they are encoded in entries.
class SubjectLists {
 public:
  // The lists of the next rows.
  void add(std::span<const std::string_view> lists) {
    codes_.resize(codes_.size() + lists.size());
    lists_.find_codes(lists, std::span(codes_).last(lists.size()));
  }

  // After the last row: numbers subjects and lists in ascending order.
  void sort() {
    std::vector<StoredSubject> subjects;
    for (const std::string_view list : lists_.values()) {
      firsts_.push_back(static_cast<uint32_t>(items_.size()));
      subjects_in(list, subjects);
      for (StoredSubject& subject : subjects) {
        const std::string_view role = std::exchange(subject.role, {});
        items_.push_back({subjects_.code(subject_hash(subject), subject), role});
      }
    }
    firsts_.push_back(static_cast<uint32_t>(items_.size()));
    const std::vector<uint32_t> rank = subjects_.sort(kSortKey);
    for (Item& item : items_) item.subject = rank[item.subject];
    number();
  }

  [[nodiscard]] const std::vector<StoredSubject>& subjects() const { return subjects_.values(); }
  [[nodiscard]] const std::vector<uint32_t>& codes() const { return codes_; }     // a row
  [[nodiscard]] const std::vector<int64_t>& lengths() const { return lengths_; }  // a list
  [[nodiscard]] const std::vector<int64_t>& item_subjects() const { return item_subjects_; }
  [[nodiscard]] const std::vector<std::string_view>& item_roles() const { return item_roles_; }

 private:
  [[nodiscard]] std::span<const Item> list(uint32_t number) const {
    return std::span(items_).subspan(firsts_[number], firsts_[number + 1] - firsts_[number]);
  }

  // Lists in the order of their first subjects, and only where these are the same, of all.
  void number() {
    std::vector<uint64_t> keys;
    keys.reserve(lists_.values().size());
    for (uint32_t i = 0; i < lists_.values().size(); ++i) {
      keys.push_back(list(i).empty() ? 0 : list(i).front().subject + 1);
    }
    std::vector<uint32_t> order = order_by(keys);
    settle_ties(keys, order,
                [this](uint32_t a, uint32_t b) { return std::ranges::lexicographical_compare(list(a), list(b)); });
    std::vector<uint32_t> renumbered(order.size());
    for (uint32_t number = 0; number < order.size(); ++number) {
      renumbered[order[number]] = number;
      const auto items = list(order[number]);
      lengths_.push_back(static_cast<int64_t>(items.size()));
      for (const Item& item : items) {
        item_subjects_.push_back(item.subject);
        item_roles_.push_back(item.role);
      }
    }
    for (uint32_t& code : codes_) code = renumbered[code];
  }

  TextTable lists_;
  ValueTable<StoredSubject> subjects_;
  std::vector<Item> items_;       // of all lists
  std::vector<uint32_t> firsts_;  // of each list, and one more
  std::vector<uint32_t> codes_;
  std::vector<int64_t> lengths_;
  std::vector<int64_t> item_subjects_;
  std::vector<std::string_view> item_roles_;
};

using Sections = std::vector<std::pair<Section, EncodedColumn>>;

// The entries, taken apart into rows.
class Rows {
 public:
  Status take(std::span<const ByteView> entries);
  // The file's sections, in the order of their numbers.
  Sections sections(std::span<const Hash> tiles, Packing packing) const;
  [[nodiscard]] SegmentHeader header() const;

 private:
  // What rows have in common with others, of some rows on their way in.
  struct Arrivals {
    std::array<std::string_view, TextTable::kTogetherMax> actors, shapes, lists;
  };

  Status add(uint32_t row, ByteView entry, Arrivals& arrivals, size_t place);
  void number(const Arrivals& arrivals, size_t rows);
  void add_rest(uint32_t row, std::string_view rest);
  [[nodiscard]] RareColumn<std::string_view>* column_of(int64_t key);
  void sort();
  void sort_shapes();
  void sort_places();
  void add_rows(Sections& all, Packing packing) const;
  void add_tables(Sections& all, Packing packing) const;

  std::vector<int64_t> time_, received_, period_;
  std::vector<std::string_view> id_;
  struct Numbers {
    RareColumn<int64_t> nanos, records, break_glass, marks;
  } numbers_;
  struct Texts {
    RareColumn<std::string_view> opaque, case_id, query, trace_id, span_id, parent_span_id, on_behalf_of, reason,
        terminal, ip, location, attributes;
  } texts_;
  TextTable actor_parts_;  // as they are encoded
  TextTable shape_parts_;
  std::vector<uint32_t> actor_codes_;  // of each row; until sort() those of the parts
  std::vector<uint32_t> shape_codes_;  // of the parts
  std::vector<uint32_t> application_codes_;
  std::vector<uint32_t> operation_codes_;
  std::vector<StoredActor> actors_;
  ValueTable<Application> applications_;
  ValueTable<Operation> operations_;
  SubjectLists lists_;
  std::vector<uint32_t> place_;     // of each row in the order by actor
  std::vector<uint32_t> id_place_;  // of each row in the order by source
  int64_t time_min_ = std::numeric_limits<int64_t>::max();
  int64_t time_max_ = std::numeric_limits<int64_t>::min();
};

void Rows::add_rest(uint32_t row, std::string_view rest) {
  while (!rest.empty()) {
    const RestField field = take_field(rest);
    if (RareColumn<std::string_view>* const column = column_of(field.key)) {
      column->set(row, field.text);
    } else if (field.key == entry_key::kRecords) {
      numbers_.records.set(row, static_cast<int64_t>(field.number + 1));
    } else if (field.key == entry_key::kBreakGlass) {
      numbers_.break_glass.set(row, 1);
    } else if (field.key == entry_key::kMarks) {
      numbers_.marks.set(row, static_cast<int64_t>(field.number));
    }
  }
}

RareColumn<std::string_view>* Rows::column_of(int64_t key) {
  switch (key) {
    case entry_key::kCase:
      return &texts_.case_id;
    case entry_key::kQuery:
      return &texts_.query;
    case entry_key::kTraceId:
      return &texts_.trace_id;
    case entry_key::kSpanId:
      return &texts_.span_id;
    case entry_key::kParentSpanId:
      return &texts_.parent_span_id;
    case entry_key::kOnBehalfOf:
      return &texts_.on_behalf_of;
    case entry_key::kReason:
      return &texts_.reason;
    case entry_key::kTerminal:
      return &texts_.terminal;
    case entry_key::kIp:
      return &texts_.ip;
    case entry_key::kLocation:
      return &texts_.location;
    case entry_key::kAttributes:
      return &texts_.attributes;
    default:
      return nullptr;
  }
}

// A record has a row in every column, where it means nothing.
Status Rows::add(uint32_t row, ByteView entry, Arrivals& arrivals, size_t place) {
  EntryParts parts;
  if (split_entry(entry, parts)) {
    time_min_ = std::min(time_min_, parts.time.micros);
    time_max_ = std::max(time_max_, parts.time.micros);
  } else {
    Entry record;
    if (const Status status = record.decode(entry); !status || record.is_event()) {
      return fail(Code::kCorrupt, fmt::format("entry {} of the segment is not canonical", row));
    }
    texts_.opaque.set(row, as_text(entry));
    parts = {};
  }
  time_.push_back(parts.time.micros);
  received_.push_back(parts.received_ms);
  period_.push_back(parts.period);
  id_.push_back(parts.id);
  numbers_.nanos.set(row, parts.time.nanos);
  if (!parts.rest.empty()) add_rest(row, parts.rest);
  arrivals.actors[place] = parts.actor;
  arrivals.shapes[place] = parts.shape;
  arrivals.lists[place] = parts.subjects;
  return {};
}

void Rows::number(const Arrivals& arrivals, size_t rows) {
  const auto number_all = [rows](TextTable& table, const auto& parts, std::vector<uint32_t>& codes) {
    codes.resize(codes.size() + rows);
    table.find_codes(std::span(parts).first(rows), std::span(codes).last(rows));
  };
  number_all(actor_parts_, arrivals.actors, actor_codes_);
  number_all(shape_parts_, arrivals.shapes, shape_codes_);
  lists_.add(std::span(arrivals.lists).first(rows));
}

Status Rows::take(std::span<const ByteView> entries) {
  for (std::vector<int64_t>* const column : {&time_, &received_, &period_}) column->reserve(entries.size());
  id_.reserve(entries.size());
  for (std::vector<uint32_t>* const codes : {&actor_codes_, &shape_codes_}) codes->reserve(entries.size());
  Arrivals arrivals;
  for (size_t begin = 0; begin < entries.size(); begin += TextTable::kTogetherMax) {
    const size_t rows = std::min(TextTable::kTogetherMax, entries.size() - begin);
    for (size_t i = 0; i < rows; ++i) {
      WEERBAAR_TRY(add(static_cast<uint32_t>(begin + i), entries[begin + i], arrivals, i));
    }
    number(arrivals, rows);
  }
  sort();
  return {};
}

// Where each row comes in a stable order by its code.
std::vector<uint32_t> places_by(const std::vector<uint32_t>& codes, size_t limit) {
  std::vector<uint32_t> next(limit + 1, 0);
  for (const uint32_t code : codes) ++next[code + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<uint32_t> places;
  places.reserve(codes.size());
  for (const uint32_t code : codes) places.push_back(next[code]++);
  return places;
}

void Rows::sort() {
  for (const std::string_view part : actor_parts_.values()) actors_.push_back(actor_in(part));
  const std::vector<uint32_t> rank = sort_values(actors_, kSortKey);
  for (uint32_t& code : actor_codes_) code = rank[code];
  sort_shapes();
  lists_.sort();
  sort_places();
}

void Rows::sort_shapes() {
  std::vector<std::pair<uint32_t, uint32_t>> codes;  // of application and operation
  for (const std::string_view part : shape_parts_.values()) {
    const StoredShape shape = shape_in(part);
    const Application application{shape.source, shape.system, shape.data, shape.processing_activity, shape.legal_basis};
    const Operation operation{shape.action, shape.component, shape.outcome};
    codes.emplace_back(applications_.code(hash_of(application), application),
                       operations_.code(hash_of(operation), operation));
  }
  const std::vector<uint32_t> application_rank = applications_.sort(kSortKey);
  const std::vector<uint32_t> operation_rank = operations_.sort(kSortKey);
  for (auto& [application, operation] : codes) {
    application = application_rank[application];
    operation = operation_rank[operation];
  }
  application_codes_.reserve(shape_codes_.size());
  operation_codes_.reserve(shape_codes_.size());
  for (const uint32_t code : shape_codes_) {
    application_codes_.push_back(codes[code].first);
    operation_codes_.push_back(codes[code].second);
  }
}

void Rows::sort_places() {
  place_ = places_by(actor_codes_, actors_.size());
  const auto& applications = applications_.values();
  std::vector<uint32_t> source(applications.size(), 0);
  for (size_t code = 1; code < applications.size(); ++code) {
    source[code] = source[code - 1] + (applications[code].source != applications[code - 1].source ? 1 : 0);
  }
  std::vector<uint32_t> sources;
  sources.reserve(application_codes_.size());
  for (const uint32_t code : application_codes_) sources.push_back(source[code]);
  id_place_ = places_by(sources, applications.size());
}

SegmentHeader Rows::header() const {
  SegmentHeader header;
  header.time_min = time_min_ > time_max_ ? 0 : time_min_;
  header.time_max = time_min_ > time_max_ ? 0 : time_max_;
  header.actors = actors_.size();
  header.applications = applications_.values().size();
  header.operations = operations_.values().size();
  header.subjects = lists_.subjects().size();
  header.lists = lists_.lengths().size();
  header.items = lists_.item_subjects().size();
  return header;
}

// The root of each 256 entries.
std::vector<Hash> tile_roots(std::span<const Hash> leaves) {
  std::vector<Hash> tiles;
  tiles.reserve(kSegmentEntries / kTileEntries);
  for (uint64_t tile = 0; tile < kSegmentEntries / kTileEntries; ++tile) {
    tiles.push_back(tree_root(leaves.subspan(tile * kTileEntries, kTileEntries)));
  }
  return tiles;
}

template <class Table, class Pick>
EncodedColumn integers_of(const Table& table, Packing packing, Pick pick) {
  std::vector<int64_t> values;
  values.reserve(table.size());
  for (const auto& row : table) values.push_back(static_cast<int64_t>(pick(row)));
  return encode_integers(values, packing);
}

template <class Table, class Pick>
EncodedColumn texts_of(const Table& table, Packing packing, Pick pick) {
  std::vector<std::string_view> values;
  values.reserve(table.size());
  for (const auto& row : table) values.push_back(pick(row));
  return encode_texts(values, packing);
}

EncodedColumn codes_of(const std::vector<uint32_t>& codes, const std::vector<uint32_t>& place, Packing packing) {
  std::vector<int64_t> placed(codes.size());
  for (size_t row = 0; row < codes.size(); ++row) placed[place[row]] = codes[row];
  return encode_integers(placed, packing);
}

void Rows::add_rows(Sections& all, Packing packing) const {
  const std::span<const uint32_t> place = place_;
  const auto arrived = [&](Section id, const std::vector<int64_t>& column) {
    all.emplace_back(id, encode_integers(column, packing));
  };
  const auto numbers = [&](Section id, const RareColumn<int64_t>& column) {
    all.emplace_back(id, encode_integers(column.placed(place), packing));
  };
  const auto texts = [&](Section id, const RareColumn<std::string_view>& column) {
    all.emplace_back(id, encode_texts(column.placed(place), packing));
  };
  std::vector<std::string_view> ids(id_.size());
  for (size_t row = 0; row < id_.size(); ++row) ids[id_place_[row]] = id_[row];
  all.emplace_back(Section::kOpaque, encode_texts(texts_.opaque.in_order(id_.size()), packing));
  all.emplace_back(Section::kId, encode_ids(ids, packing));
  arrived(Section::kTime, time_);
  arrived(Section::kTimeNanos, numbers_.nanos.in_order(id_.size()));
  arrived(Section::kReceived, received_);
  arrived(Section::kPeriod, period_);
  all.emplace_back(Section::kActorCode, integers_of(actor_codes_, packing, [](uint32_t code) { return code; }));
  all.emplace_back(Section::kApplicationCode, codes_of(application_codes_, place_, packing));
  numbers(Section::kRecords, numbers_.records);
  texts(Section::kCase, texts_.case_id);
  texts(Section::kQuery, texts_.query);
  numbers(Section::kBreakGlass, numbers_.break_glass);
  texts(Section::kTraceId, texts_.trace_id);
  texts(Section::kSpanId, texts_.span_id);
  texts(Section::kParentSpanId, texts_.parent_span_id);
  numbers(Section::kMarks, numbers_.marks);
  texts(Section::kOnBehalfOf, texts_.on_behalf_of);
  texts(Section::kReason, texts_.reason);
  texts(Section::kTerminal, texts_.terminal);
  texts(Section::kIp, texts_.ip);
  texts(Section::kLocation, texts_.location);
  texts(Section::kAttributes, texts_.attributes);
  all.emplace_back(Section::kOperationCode, codes_of(operation_codes_, place_, packing));
  all.emplace_back(Section::kListCode, codes_of(lists_.codes(), place_, packing));
}

void Rows::add_tables(Sections& all, Packing packing) const {
  const auto add = [&all](Section id, EncodedColumn column) { all.emplace_back(id, std::move(column)); };
  const auto& actors = actors_;
  const auto& applications = applications_.values();
  const auto& operations = operations_.values();
  const auto& subjects = lists_.subjects();
  add(Section::kActorId, texts_of(actors, packing, [](const auto& a) { return a.id; }));
  add(Section::kActorType, integers_of(actors, packing, [](const auto& a) { return a.type; }));
  add(Section::kActorFunction, texts_of(actors, packing, [](const auto& a) { return a.function; }));
  add(Section::kActorUnit, texts_of(actors, packing, [](const auto& a) { return a.unit; }));
  add(Section::kApplicationSource, texts_of(applications, packing, [](const auto& a) { return a.source; }));
  add(Section::kOperationAction, integers_of(operations, packing, [](const auto& o) { return o.action; }));
  add(Section::kApplicationSystem, texts_of(applications, packing, [](const auto& a) { return a.system; }));
  add(Section::kOperationComponent, texts_of(operations, packing, [](const auto& o) { return o.component; }));
  add(Section::kApplicationData, texts_of(applications, packing, [](const auto& a) { return a.data; }));
  add(Section::kApplicationActivity, texts_of(applications, packing, [](const auto& a) { return a.activity; }));
  add(Section::kApplicationLegalBasis, texts_of(applications, packing, [](const auto& a) { return a.legal_basis; }));
  add(Section::kOperationOutcome, integers_of(operations, packing, [](const auto& o) { return o.outcome; }));
  add(Section::kSubjectType, integers_of(subjects, packing, [](const auto& s) { return s.type; }));
  add(Section::kSubjectIsNumber, integers_of(subjects, packing, [](const auto& s) { return s.is_number; }));
  add(Section::kSubjectNumber, integers_of(subjects, packing, [](const auto& s) { return s.number; }));
  add(Section::kSubjectBytes, texts_of(subjects, packing, [](const auto& s) { return s.bytes; }));
  add(Section::kListLength, encode_integers(lists_.lengths(), packing));
  add(Section::kItemSubject, encode_integers(lists_.item_subjects(), packing));
  add(Section::kItemRole, encode_texts(lists_.item_roles(), packing));
}

Sections Rows::sections(std::span<const Hash> tiles, Packing packing) const {
  Sections all;
  add_rows(all, packing);
  add_tables(all, packing);
  EncodedColumn hashes;
  for (const Hash& tile : tiles) append(hashes.bytes, tile);
  all.emplace_back(Section::kTileHashes, std::move(hashes));
  return all;
}

Bytes assemble(const SegmentHeader& header, const Sections& sections) {
  std::vector<SectionPlace> places;
  size_t bytes = 0;
  for (const auto& [id, column] : sections) {
    places.push_back(
        {id, column.encoding, 0, column.bytes.size(), XXH3_64bits(column.bytes.data(), column.bytes.size())});
    bytes += column.bytes.size();
  }
  Bytes file = write_segment_head(header, places);
  file.reserve(file.size() + bytes);
  for (const auto& [id, column] : sections) append(file, column.bytes);
  return file;
}

// Reads the file back as a stranger would.
Result<Segment> read_back(const Bytes& file, std::span<const ByteView> entries) {
  WEERBAAR_ASSIGN(Segment segment, Segment::open(file));
  SegmentScan scan(segment);
  Bytes again;
  for (uint64_t row = 0; row < entries.size(); ++row) {
    again.clear();
    scan.append(row, again);
    if (!std::equal(again.begin(), again.end(), entries[row].begin(), entries[row].end())) {
      return fail(Code::kCorrupt, fmt::format("entry {} of the segment does not come out of its columns as it went in: "
                                              "keep the tail and report this",
                                              row));
    }
  }
  return segment;
}

}  // namespace

Result<WrittenSegment> write_segment(uint64_t first_index, uint64_t signed_size, std::span<const ByteView> entries,
                                     std::span<const Hash> leaves) {
  WEERBAAR_CHECK(entries.size() == kSegmentEntries && leaves.size() == kSegmentEntries);
  Rows rows;
  WEERBAAR_TRY(rows.take(entries));
  SegmentHeader header = rows.header();
  header.first_index = first_index;
  header.signed_size = signed_size;
  const std::vector<Hash> tiles = tile_roots(leaves);
  header.root = tree_root(tiles);
  Sections sections = rows.sections(tiles, Packing::kTight);
  Bytes file = assemble(header, sections);
  uint64_t grows_to = header.items * sizeof(uint32_t);
  for (const auto& [id, column] : sections) grows_to += column.grows_to;
  if (grows_to > segment_memory_bytes_max(file.size())) {
    sections = rows.sections(tiles, Packing::kLoose);
    file = assemble(header, sections);
  }
  WEERBAAR_ASSIGN(Segment segment, read_back(file, entries));
  return WrittenSegment{std::move(file), std::move(segment)};
}

}  // namespace weerbaar::trail
