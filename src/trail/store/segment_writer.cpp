#include "trail/store/segment_writer.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"
#include "trail/format/segment_scan.h"
#include "trail/store/column_writer.h"
#include "trail/store/row_column.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {
namespace {

uint64_t mix(uint64_t hash, std::string_view text) {
  return text.empty() ? hash * 31 : XXH3_64bits_withSeed(text.data(), text.size(), hash);
}

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

uint64_t hash_of(const StoredActor& a) {
  return mix(mix(mix(static_cast<uint64_t>(a.type), a.id), a.function), a.unit);
}
uint64_t hash_of(const Application& a) {
  return mix(mix(mix(mix(mix(0, a.source), a.system), a.data), a.activity), a.legal_basis);
}
uint64_t hash_of(const Operation& o) {
  return mix(static_cast<uint64_t>(o.action) * 4 + static_cast<uint64_t>(o.outcome) + 1, o.component);
}

// One subject of an entry.
struct Item {
  uint32_t subject = 0;  // code
  std::string_view role;
  auto operator<=>(const Item&) const = default;
};

// The distinct lists of subjects. Nearly all are of one subject without a role, which is told apart for speed only.
class SubjectLists {
 public:
  void add(std::span<const StoredSubject> subjects) {
    const size_t begin = items_.size();
    for (const StoredSubject& subject : subjects) {
      StoredSubject key = subject;
      key.role = {};
      items_.push_back({subjects_.code(subject_hash(key), key), subject.role});
    }
    firsts_.push_back(static_cast<uint32_t>(begin));
  }

  // After the last row: numbers subjects and lists in ascending order.
  void sort() {
    const std::vector<uint32_t> rank = subjects_.sort();
    for (Item& item : items_) item.subject = rank[item.subject];
    firsts_.push_back(static_cast<uint32_t>(items_.size()));
    const size_t rows = firsts_.size() - 1;
    // The number of each list among those that were met, and by whom each is represented.
    std::vector<uint32_t> single(rank.size(), kNone);
    std::map<std::vector<Item>, uint32_t> others;
    std::vector<uint32_t> example;
    codes_.reserve(rows);
    for (uint32_t row = 0; row < rows; ++row) {
      const auto list = list_of_row(row);
      const bool is_single = list.size() == 1 && list[0].role.empty();
      uint32_t& known = is_single
                            ? single[list[0].subject]
                            : others.try_emplace(std::vector<Item>(list.begin(), list.end()), kNone).first->second;
      if (known == kNone) {
        known = static_cast<uint32_t>(example.size());
        example.push_back(row);
      }
      codes_.push_back(known);
    }
    number(example);
  }

  [[nodiscard]] const std::vector<StoredSubject>& subjects() const { return subjects_.values(); }
  [[nodiscard]] const std::vector<uint32_t>& codes() const { return codes_; }     // a row
  [[nodiscard]] const std::vector<int64_t>& lengths() const { return lengths_; }  // a list
  [[nodiscard]] const std::vector<int64_t>& item_subjects() const { return item_subjects_; }
  [[nodiscard]] const std::vector<std::string_view>& item_roles() const { return item_roles_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  [[nodiscard]] std::span<const Item> list_of_row(uint32_t row) const {
    return std::span(items_).subspan(firsts_[row], firsts_[row + 1] - firsts_[row]);
  }

  // `example`: a row with each list, by its code so far.
  void number(const std::vector<uint32_t>& example) {
    std::vector<uint32_t> order(example.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::ranges::lexicographical_compare(list_of_row(example[a]), list_of_row(example[b]));
    });
    std::vector<uint32_t> renumbered(order.size());
    for (uint32_t number = 0; number < order.size(); ++number) {
      renumbered[order[number]] = number;
      const auto list = list_of_row(example[order[number]]);
      lengths_.push_back(static_cast<int64_t>(list.size()));
      for (const Item& item : list) {
        item_subjects_.push_back(item.subject);
        item_roles_.push_back(item.role);
      }
    }
    for (uint32_t& code : codes_) code = renumbered[code];
  }

  ValueTable<StoredSubject> subjects_;
  std::vector<Item> items_;       // of all rows
  std::vector<uint32_t> firsts_;  // of each row, and one more
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
  void add_event(const StoredEvent& event);
  void sort();
  void add_rows(Sections& all, Packing packing) const;
  void add_tables(Sections& all, Packing packing) const;

  struct Numbers {
    RowColumn<int64_t> time, nanos, received, period, records, break_glass, marks;
  } numbers_;
  struct Texts {
    RowColumn<std::string_view> opaque, id, case_id, query, trace_id, span_id, parent_span_id, on_behalf_of, reason,
        terminal, ip, location, attributes;
  } texts_;
  std::vector<uint32_t> actor_codes_;
  std::vector<uint32_t> application_codes_;
  std::vector<uint32_t> operation_codes_;
  ValueTable<StoredActor> actors_;
  ValueTable<Application> applications_;
  ValueTable<Operation> operations_;
  SubjectLists lists_;
  std::vector<uint32_t> place_;     // of each row in the order by actor
  std::vector<uint32_t> id_place_;  // of each row in the order by source
  int64_t time_min_ = std::numeric_limits<int64_t>::max();
  int64_t time_max_ = std::numeric_limits<int64_t>::min();
};

void Rows::add_event(const StoredEvent& event) {
  numbers_.time.add(event.time.micros);
  numbers_.nanos.add(event.time.nanos);
  numbers_.received.add(event.received_ms);
  numbers_.period.add(event.period);
  numbers_.records.add(event.records ? static_cast<int64_t>(*event.records + 1) : 0);
  numbers_.break_glass.add(event.break_glass ? 1 : 0);
  numbers_.marks.add(static_cast<int64_t>(event.marks));
  texts_.id.add(event.id);
  texts_.case_id.add(event.case_id);
  texts_.query.add(event.query);
  texts_.trace_id.add(event.trace_id);
  texts_.span_id.add(event.span_id);
  texts_.parent_span_id.add(event.parent_span_id);
  texts_.on_behalf_of.add(event.on_behalf_of);
  texts_.reason.add(event.reason);
  texts_.terminal.add(event.terminal);
  texts_.ip.add(event.ip);
  texts_.location.add(event.location);
  texts_.attributes.add(event.attributes);
  const StoredShape& shape = event.shape;
  const Application application{shape.source, shape.system, shape.data, shape.processing_activity, shape.legal_basis};
  const Operation operation{shape.action, shape.component, shape.outcome};
  actor_codes_.push_back(actors_.code(hash_of(event.actor), event.actor));
  application_codes_.push_back(applications_.code(hash_of(application), application));
  operation_codes_.push_back(operations_.code(hash_of(operation), operation));
  lists_.add(event.subjects);
}

Status Rows::take(std::span<const ByteView> entries) {
  Entry entry;
  for (uint32_t row = 0; row < entries.size(); ++row) {
    if (const Status status = entry.decode(entries[row]); !status) {
      return fail_in(fmt::format("entry {} of the segment", row), status.error());
    }
    if (entry.is_event()) {
      texts_.opaque.add({});
      add_event(entry.event());
      time_min_ = std::min(time_min_, entry.event().time.micros);
      time_max_ = std::max(time_max_, entry.event().time.micros);
    } else {
      texts_.opaque.add(as_text(entries[row]));
      add_event(StoredEvent());
    }
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
  const auto renumber = [](std::vector<uint32_t>& codes, const std::vector<uint32_t>& rank) {
    for (uint32_t& code : codes) code = rank[code];
  };
  renumber(actor_codes_, actors_.sort());
  renumber(application_codes_, applications_.sort());
  renumber(operation_codes_, operations_.sort());
  lists_.sort();
  place_ = places_by(actor_codes_, actors_.values().size());
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
  header.actors = actors_.values().size();
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
  const auto arrived = [&](Section id, const RowColumn<int64_t>& column) {
    all.emplace_back(id, encode_integers(column.values(), packing));
  };
  const auto numbers = [&](Section id, const RowColumn<int64_t>& column) {
    all.emplace_back(id, encode_integers(column.placed(place), packing));
  };
  const auto texts = [&](Section id, const RowColumn<std::string_view>& column) {
    all.emplace_back(id, encode_texts(column.placed(place), packing));
  };
  all.emplace_back(Section::kOpaque, encode_texts(texts_.opaque.values(), packing));
  all.emplace_back(Section::kId, encode_ids(texts_.id.placed(std::span<const uint32_t>(id_place_)), packing));
  arrived(Section::kTime, numbers_.time);
  arrived(Section::kTimeNanos, numbers_.nanos);
  arrived(Section::kReceived, numbers_.received);
  arrived(Section::kPeriod, numbers_.period);
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
  const auto& actors = actors_.values();
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
Status compare(const Bytes& file, std::span<const ByteView> entries) {
  WEERBAAR_ASSIGN(const Segment segment, Segment::open(file));
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
  WEERBAAR_TRY(compare(file, entries));
  return file;
}

}  // namespace weerbaar::trail
