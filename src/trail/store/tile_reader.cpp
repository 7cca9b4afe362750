#include "trail/store/tile_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "trail/format/entry.h"
#include "trail/format/index_layout.h"

namespace weerbaar::trail {
namespace {

// The tables, which are small beside the rows, are opened whole.
constexpr Section kTables[] = {
    Section::kActorId,         Section::kActorType,           Section::kActorFunction,
    Section::kActorUnit,       Section::kApplicationSource,   Section::kApplicationSystem,
    Section::kApplicationData, Section::kApplicationActivity, Section::kApplicationLegalBasis,
    Section::kOperationAction, Section::kOperationComponent,  Section::kOperationOutcome,
    Section::kSubjectType,     Section::kSubjectIsNumber,     Section::kSubjectNumber,
    Section::kSubjectBytes,    Section::kListLength,          Section::kItemSubject,
    Section::kItemRole};

struct EventText {
  Section section;
  std::string_view StoredEvent::* field;
};
constexpr EventText kEventTextFields[] = {{Section::kCase, &StoredEvent::case_id},
                                          {Section::kQuery, &StoredEvent::query},
                                          {Section::kTraceId, &StoredEvent::trace_id},
                                          {Section::kSpanId, &StoredEvent::span_id},
                                          {Section::kParentSpanId, &StoredEvent::parent_span_id},
                                          {Section::kOnBehalfOf, &StoredEvent::on_behalf_of},
                                          {Section::kReason, &StoredEvent::reason},
                                          {Section::kTerminal, &StoredEvent::terminal},
                                          {Section::kIp, &StoredEvent::ip},
                                          {Section::kLocation, &StoredEvent::location},
                                          {Section::kAttributes, &StoredEvent::attributes}};

constexpr uint64_t kAnyNumber = uint64_t{1} << 63U;  // a limit for columns that have none

std::unexpected<Error> corrupt(const char* what) {
  return fail(Code::kCorrupt, what);
}

std::string named(Section section) {
  return fmt::format("section \"{}\"", to_string(section));
}

Status outside(Section section) {
  return fail(Code::kCorrupt, named(section) + " points outside its table");
}

// What a text of kTextsNumbered is made of: trail/format/column.h.
struct Pattern {
  unsigned width = 0;
  std::string_view before;
  std::string_view after;

  static Result<Pattern> parse(std::string_view text) {
    if (text.empty()) return corrupt("a pattern is empty");
    Pattern pattern;
    pattern.width = static_cast<uint8_t>(text[0]);
    ByteView rest = as_bytes(text.substr(1));
    uint64_t before = 0;
    if (!take_varint(rest, before) || before > rest.size()) return corrupt("a pattern is damaged");
    constexpr unsigned kDigitsMax = 18;
    if (pattern.width != kNoNumber && pattern.width > kDigitsMax) return corrupt("a pattern has too wide a number");
    pattern.before = as_text(rest.first(before));
    pattern.after = as_text(rest.subspan(before));
    return pattern;
  }
  void write(uint64_t number, std::string& text) const {
    text = before;
    if (width != kNoNumber) {
      char digits[24];
      const auto written = std::to_chars(digits, digits + sizeof digits, number);
      const auto length = static_cast<size_t>(written.ptr - digits);
      if (length < width) text.append(width - length, '0');
      text.append(digits, length);
    }
    text += after;
  }

  static constexpr unsigned kNoNumber = 255;
};

}  // namespace

Status TileReader::read(ByteView file, const SegmentHead& head, std::span<const uint32_t> tiles,
                        std::vector<Bytes>& entries) {
  entries.assign(tiles.size() * kTileEntries, Bytes());
  if (head.header.version == 1) {
    WEERBAAR_ASSIGN(const Segment segment, Segment::open(file));
    for (size_t i = 0; i < entries.size(); ++i) {
      segment.entry(tiles[i / kTileEntries] * kTileEntries + i % kTileEntries, entries[i]);
    }
    return {};
  }
  Source source{file, head, segment_memory_bytes_max(file.size())};
  WEERBAAR_ASSIGN(const Segment tables, Segment::open(file, kTables));
  WEERBAAR_TRY(place_rows(source, tables, tiles));
  WEERBAAR_TRY(take_columns(source));
  WEERBAAR_TRY(take_lists(tables, head.header));
  for (size_t row = 0; row < entries.size(); ++row) encode_row(row, tables, entries[row]);
  return {};
}

// Where rows stand depends on all rows before them: on their actors, and on the sources of their applications.
Status TileReader::place_rows(const Source& source, const Segment& tables, std::span<const uint32_t> tiles) {
  const SegmentHeader& header = source.head.header;
  WEERBAAR_TRY(rank_sources(tables, header));
  const auto codes = [&](Section section) { return checked_section(source.file, source.head, section); };
  WEERBAAR_ASSIGN(const ByteView applications, codes(Section::kApplicationCode));
  const Encoding encoding = place_of(source.head, Section::kApplicationCode).encoding;
  if (Status read = scan_runs(encoding, kSegmentEntries, applications, runs_); !read) {
    return fail_in(named(Section::kApplicationCode), read.error());
  }
  if (!all_below(runs_.values, header.applications)) return outside(Section::kApplicationCode);
  rank_at_.resize(kSegmentEntries);
  next_id_.assign(header.applications + 1, 0);
  auto place = rank_at_.begin();
  for (size_t run = 0; run < runs_.values.size(); ++run) {
    const uint16_t rank = source_rank_[static_cast<size_t>(runs_.values[run])];
    next_id_[size_t{rank} + 1] += static_cast<uint32_t>(runs_.lengths[run]);
    place = std::fill_n(place, runs_.lengths[run], rank);
  }
  std::partial_sum(next_id_.begin(), next_id_.end(), next_id_.begin());
  WEERBAAR_ASSIGN(const ByteView actors, codes(Section::kActorCode));
  if (Status read =
          scan_integers(place_of(source.head, Section::kActorCode).encoding, kSegmentEntries, actors, scratch_);
      !read) {
    return fail_in(named(Section::kActorCode), read.error());
  }
  if (!all_below(scratch_, header.actors)) return outside(Section::kActorCode);
  next_place_.assign(header.actors + 1, 0);
  for (const int64_t code : scratch_) ++next_place_[static_cast<size_t>(code) + 1];
  std::partial_sum(next_place_.begin(), next_place_.end(), next_place_.begin());
  arrival_ = by_actor_ = by_source_ = Places();
  actor_.clear();
  std::vector<std::pair<uint32_t, uint32_t>> actor_places;
  std::vector<std::pair<uint32_t, uint32_t>> source_places;
  uint32_t row = 0;
  for (const uint32_t tile : tiles) {
    const auto end = static_cast<uint32_t>((tile + 1) * kTileEntries);
    for (; row < end; ++row) {
      const uint32_t at = next_place_[static_cast<size_t>(scratch_[row])]++;
      const uint32_t id_at = next_id_[rank_at_[at]]++;
      if (row / kTileEntries != tile) continue;
      const auto wanted = static_cast<uint32_t>(actor_.size());
      arrival_.at.push_back(row);
      arrival_.row.push_back(wanted);
      actor_places.emplace_back(at, wanted);
      source_places.emplace_back(id_at, wanted);
      actor_.push_back(scratch_[row]);
    }
  }
  const auto take = [](std::vector<std::pair<uint32_t, uint32_t>>& from, Places& to) {
    std::ranges::sort(from);
    for (const auto& [at, wanted] : from) {
      to.at.push_back(at);
      to.row.push_back(wanted);
    }
  };
  take(actor_places, by_actor_);
  take(source_places, by_source_);
  return {};
}

// Applications of one source follow each other.
Status TileReader::rank_sources(const Segment& tables, const SegmentHeader& header) {
  const TextColumn& sources = tables.texts(Section::kApplicationSource);
  source_rank_.assign(header.applications, 0);
  for (uint64_t code = 1; code < header.applications; ++code) {
    const int order = sources.at(code).compare(sources.at(code - 1));
    if (order < 0) return fail(Code::kCorrupt, named(Section::kApplicationSource) + " is not ascending");
    source_rank_[code] = static_cast<uint16_t>(source_rank_[code - 1] + (order > 0 ? 1 : 0));
  }
  return {};
}

Status TileReader::take_columns(Source& source) {
  const SegmentHeader& header = source.head.header;
  WEERBAAR_TRY(take_texts(source, Section::kOpaque, arrival_, opaque_));
  WEERBAAR_TRY(take_texts(source, Section::kId, by_source_, id_));
  WEERBAAR_TRY(take_numbers(source, Section::kTime, arrival_, kAnyNumber, time_));
  WEERBAAR_TRY(take_numbers(source, Section::kTimeNanos, arrival_, 1'000, nanos_));
  WEERBAAR_TRY(take_numbers(source, Section::kReceived, arrival_, kAnyNumber, received_));
  WEERBAAR_TRY(take_numbers(source, Section::kPeriod, arrival_, uint64_t{UINT16_MAX} + 1, period_));
  WEERBAAR_TRY(take_numbers(source, Section::kApplicationCode, by_actor_, header.applications, application_));
  WEERBAAR_TRY(take_numbers(source, Section::kOperationCode, by_actor_, header.operations, operation_));
  WEERBAAR_TRY(take_numbers(source, Section::kListCode, by_actor_, header.lists, list_));
  WEERBAAR_TRY(take_numbers(source, Section::kRecords, by_actor_, kAnyNumber, records_));
  WEERBAAR_TRY(take_numbers(source, Section::kBreakGlass, by_actor_, 2, break_glass_));
  WEERBAAR_TRY(take_numbers(source, Section::kMarks, by_actor_, kAnyNumber, marks_));
  static_assert(std::size(kEventTextFields) == kEventTexts);
  for (size_t i = 0; i < kEventTexts; ++i) {
    WEERBAAR_TRY(take_texts(source, kEventTextFields[i].section, by_actor_, texts_[i]));
  }
  return {};
}

Status TileReader::take_numbers(const Source& source, Section section, const Places& places, uint64_t limit,
                                Numbers& numbers) {
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(source.file, source.head, section));
  const Status read = pick_numbers(place_of(source.head, section).encoding, kSegmentEntries, bytes, places, numbers);
  if (!read) return fail_in(named(section), read.error());
  return limit == kAnyNumber || all_below(numbers, limit) ? Status() : outside(section);
}

Status TileReader::pick_numbers(Encoding encoding, uint64_t rows, ByteView bytes, const Places& places,
                                Numbers& numbers) {
  numbers.resize(places.at.size());
  if (encoding == Encoding::kIntegersRuns) {
    WEERBAAR_TRY(scan_runs(encoding, rows, bytes, runs_));
    size_t run = 0;
    auto end = static_cast<uint64_t>(runs_.lengths[0]);
    for (size_t i = 0; i < places.at.size(); ++i) {
      while (places.at[i] >= end) end += static_cast<uint64_t>(runs_.lengths[++run]);
      numbers[places.row[i]] = runs_.values[run];
    }
    return {};
  }
  if (encoding == Encoding::kIntegersSteps) {
    WEERBAAR_TRY(scan_integers(encoding, rows, bytes, scratch_));
    for (size_t i = 0; i < places.at.size(); ++i) numbers[places.row[i]] = scratch_[places.at[i]];
    return {};
  }
  uint64_t no_budget = 0;
  WEERBAAR_ASSIGN(const IntegerColumn column, IntegerColumn::open(encoding, rows, bytes, no_budget));
  for (size_t i = 0; i < places.at.size(); ++i) numbers[places.row[i]] = column.at(places.at[i]);
  return {};
}

Status TileReader::take_texts(Source& source, Section section, const Places& places, Texts& texts) {
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(source.file, source.head, section));
  const Encoding encoding = place_of(source.head, section).encoding;
  const bool are_ids = section == Section::kId && encoding == Encoding::kTextsNumbered;
  const Status read = are_ids ? pick_ids(bytes, places, source.budget, texts)
                              : pick_texts(encoding, bytes, places, source.budget, texts);
  return read ? read : fail_in(named(section), read.error());
}

Status TileReader::pick_texts(Encoding encoding, ByteView bytes, const Places& places, uint64_t& budget, Texts& texts) {
  texts.is_constant = encoding == Encoding::kTextsConstant;
  texts.rows.resize(texts.is_constant ? 1 : places.at.size());
  if (encoding != Encoding::kTextsDictionary && encoding != Encoding::kTextsTable) {
    WEERBAAR_ASSIGN(const TextColumn column, TextColumn::open(encoding, kSegmentEntries, bytes, budget));
    if (texts.is_constant) {
      texts.rows[0] = column.at(0);
      return {};
    }
    for (size_t i = 0; i < places.at.size(); ++i) texts.rows[places.row[i]] = column.at(places.at[i]);
    return {};
  }
  WEERBAAR_ASSIGN(const TextParts parts, split_texts(encoding, kSegmentEntries, bytes));
  Numbers codes;
  WEERBAAR_TRY(pick_numbers(parts.codes_encoding, kSegmentEntries, parts.code_bytes, places, codes));
  if (!all_below(codes, parts.items)) return corrupt("a code points outside its dictionary");
  if (parts.items_encoding == Encoding::kTextsNumbered) {
    WEERBAAR_ASSIGN(const NumberedColumn items, NumberedColumn::open(parts.items, parts.item_bytes, budget));
    for (size_t i = 0; i < codes.size(); ++i) {
      texts.rows[i].clear();
      items.append(static_cast<uint64_t>(codes[i]), texts.rows[i]);
    }
    return {};
  }
  WEERBAAR_ASSIGN(const TextColumn items,
                  TextColumn::open(parts.items_encoding, parts.items, parts.item_bytes, budget));
  for (size_t i = 0; i < codes.size(); ++i) texts.rows[i] = items.at(static_cast<uint64_t>(codes[i]));
  return {};
}

// Ids that sources count: each source has a pattern, and a step from each of its numbers to the next, for long runs.
Status TileReader::pick_ids(ByteView bytes, const Places& places, uint64_t& budget, Texts& texts) {
  texts.is_constant = false;
  texts.rows.resize(places.at.size());
  WEERBAAR_ASSIGN(const TextParts parts, split_texts(Encoding::kTextsNumbered, kSegmentEntries, bytes));
  WEERBAAR_ASSIGN(const TextColumn list,
                  TextColumn::open(Encoding::kTextsPlain, parts.items, parts.item_bytes, budget));
  std::vector<Pattern> patterns;
  for (uint64_t code = 0; code < parts.items; ++code) {
    WEERBAAR_ASSIGN(const Pattern pattern, Pattern::parse(list.at(code)));
    patterns.push_back(pattern);
  }
  IntegerRuns& codes = runs_;
  IntegerRuns steps;
  WEERBAAR_TRY(scan_runs(parts.codes_encoding, kSegmentEntries, parts.code_bytes, codes));
  WEERBAAR_TRY(scan_runs(parts.steps_encoding, kSegmentEntries, parts.step_bytes, steps));
  if (!all_below(codes.values, parts.items)) return corrupt("a code points outside its patterns");
  std::vector<uint64_t> number_of(parts.items, 0);  // the last one
  size_t wanted = 0;
  uint64_t row = 0;
  for (size_t code_run = 0, step_run = 0; row < kSegmentEntries && wanted < places.at.size();) {
    // Rows that have one pattern and one step.
    const auto rows = static_cast<uint64_t>(std::min(codes.lengths[code_run], steps.lengths[step_run]));
    const auto code = static_cast<size_t>(codes.values[code_run]);
    const auto step = static_cast<uint64_t>(steps.values[step_run]);
    for (; wanted < places.at.size() && places.at[wanted] < row + rows; ++wanted) {
      const uint64_t number = number_of[code] + step * (places.at[wanted] - row + 1);
      patterns[code].write(number, texts.rows[places.row[wanted]]);
    }
    number_of[code] += step * rows;
    row += rows;
    codes.lengths[code_run] -= static_cast<int64_t>(rows);
    steps.lengths[step_run] -= static_cast<int64_t>(rows);
    if (codes.lengths[code_run] == 0) ++code_run;
    if (steps.lengths[step_run] == 0) ++step_run;
  }
  return {};
}

Status TileReader::take_lists(const Segment& tables, const SegmentHeader& header) {
  const IntegerColumn& lengths = tables.integers(Section::kListLength);
  list_first_.assign(header.lists + 1, 0);
  uint64_t items = 0;
  for (uint64_t list = 0; list < header.lists; ++list) {
    items += static_cast<uint64_t>(lengths.at(list));
    list_first_[list + 1] = static_cast<uint32_t>(items);
  }
  if (items == header.items) return {};
  return fail(Code::kCorrupt, named(Section::kListLength) + " does not cover the items of the lists");
}

void TileReader::encode_row(size_t row, const Segment& tables, Bytes& out) {
  if (const std::string_view bytes = opaque_.at(row); !bytes.empty()) {
    append(out, as_bytes(bytes));
    return;
  }
  subjects_.clear();
  const auto list = static_cast<size_t>(list_[row]);
  for (uint32_t item = list_first_[list]; item < list_first_[list + 1]; ++item) {
    const auto code = static_cast<uint64_t>(tables.integers(Section::kItemSubject).at(item));
    subjects_.push_back(tables.subject(code));
    subjects_.back().role = tables.texts(Section::kItemRole).at(item);
  }
  StoredEvent event;
  event.id = id_.at(row);
  event.time = {time_[row], static_cast<uint16_t>(nanos_[row])};
  event.received_ms = received_[row];
  event.period = static_cast<uint16_t>(period_[row]);
  event.actor = tables.actor(static_cast<uint64_t>(actor_[row]));
  event.shape = tables.shape(static_cast<uint64_t>(application_[row]), static_cast<uint64_t>(operation_[row]));
  event.subjects = subjects_;
  if (records_[row] != 0) event.records = static_cast<uint64_t>(records_[row]) - 1;
  event.break_glass = break_glass_[row] != 0;
  event.marks = static_cast<uint64_t>(marks_[row]);
  for (size_t i = 0; i < kEventTexts; ++i) event.*kEventTextFields[i].field = texts_[i].at(row);
  encode(event, out);
}

}  // namespace weerbaar::trail
