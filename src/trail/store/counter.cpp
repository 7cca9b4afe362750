#include "trail/store/counter.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <limits>

#include "trail/format/entry_keys.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {
namespace {

// Beyond so many kinds of rows a table for all of them costs more than a look for each row.
constexpr uint64_t kDenseMax = uint64_t{1} << 18U;
// Stretches of rows in which all that is asked of times is the same, when they are told apart.
constexpr size_t kStretchesMax = 8;
constexpr std::array kTableOrigins = {Origin::kActor, Origin::kApplication, Origin::kOperation, Origin::kEvent};
// Those whose columns stand in the order of the actor.
constexpr std::array kPlacedOrigins = {Origin::kApplication, Origin::kOperation, Origin::kEvent};

// The column of the table in which a field stands.
Section section_of(CountField field) {
  switch (field) {
    case CountField::kSource:
      return Section::kApplicationSource;
    case CountField::kSystem:
      return Section::kApplicationSystem;
    case CountField::kActivity:
      return Section::kApplicationActivity;
    case CountField::kLegalBasis:
      return Section::kApplicationLegalBasis;
    case CountField::kComponent:
      return Section::kOperationComponent;
    case CountField::kAction:
      return Section::kOperationAction;
    case CountField::kOutcome:
      return Section::kOperationOutcome;
    case CountField::kUnit:
      return Section::kActorUnit;
    case CountField::kFunction:
      return Section::kActorFunction;
    default:
      return Section::kActorType;
  }
}

std::string_view value_of(CountField field, const Segment& segment, uint64_t code) {
  const Section section = section_of(field);
  switch (field) {
    case CountField::kAction:
      return to_string(static_cast<Action>(segment.integers(section).at(code)));
    case CountField::kOutcome:
      return to_string(static_cast<Outcome>(segment.integers(section).at(code)));
    case CountField::kActorType:
      return to_string(static_cast<ActorType>(segment.integers(section).at(code)));
    default:
      return segment.texts(section).at(code);
  }
}

uint64_t rows_of(Origin origin, const SegmentHeader& header) {
  switch (origin) {
    case Origin::kActor:
      return header.actors;
    case Origin::kApplication:
      return header.applications;
    case Origin::kOperation:
      return header.operations;
    default:
      return 2;
  }
}

// The column with the codes of the rows of entries.
Section codes_of(Origin origin, uint32_t version) {
  switch (origin) {
    case Origin::kApplication:
      return Section::kApplicationCode;
    case Origin::kOperation:
      return version == 1 ? Section::kApplicationCode : Section::kOperationCode;
    default:
      return Section::kBreakGlass;
  }
}

Status outside(Section section) {
  return fail(Code::kCorrupt,
              std::string("section \"") + std::string(to_string(section)) + "\" points outside its table");
}

}  // namespace

Counter::Counter(const CountQuery& query)
    : query_(query),
      parts_{CountPart(query, Origin::kTime), CountPart(query, Origin::kApplication),
             CountPart(query, Origin::kOperation), CountPart(query, Origin::kActor), CountPart(query, Origin::kEvent)} {
  const auto asked = part(Origin::kTime).fields();
  unit_micros_ = std::ranges::find(asked, CountField::kHour) != asked.end() ? 3'600 * kMicrosPerSecond : kMicrosPerDay;
}

Status Counter::add(ByteView file, const SegmentHead& head) {
  const Source source{file, head};
  WEERBAAR_TRY(take_records(source));
  WEERBAAR_TRY(take_times(source));
  if (digits(Origin::kTime).numbers.empty()) return {};
  WEERBAAR_TRY(take_tables(source));
  return count_rows(source);
}

void Counter::add(const EntryParts& event) {
  CountKey key{};
  key[0] = time_number(floor_div(event.time.micros, unit_micros_));
  if (asks(Origin::kApplication) || asks(Origin::kOperation)) {
    const auto& [application, operation] = shape_numbers(event.shape);
    key[static_cast<size_t>(Origin::kApplication)] = application;
    key[static_cast<size_t>(Origin::kOperation)] = operation;
  }
  if (asks(Origin::kActor)) key[static_cast<size_t>(Origin::kActor)] = actor_number(event.actor);
  if (asks(Origin::kEvent)) {
    key[static_cast<size_t>(Origin::kEvent)] = number(
        Origin::kEvent, [&](CountField) { return has_field(event.rest, entry_key::kBreakGlass) ? "true" : "false"; });
  }
  if (std::ranges::find(key, CountPart::kLeftOut) == key.end()) counts_.add(key, 1);
}

// That of the values which the fields of a part have.
template <class ValueOf>
uint32_t Counter::number(Origin origin, ValueOf value_of_field) {
  if (!asks(origin)) return 0;
  values_.clear();
  for (const CountField field : part(origin).fields()) values_.push_back(value_of_field(field));
  return part(origin).number(values_);
}

const Counter::ShapeNumbers& Counter::shape_numbers(std::string_view encoded) {
  const uint32_t code = shapes_.code(XXH3_64bits(encoded.data(), encoded.size()), encoded);
  if (code == shape_numbers_.size()) {
    const StoredShape shape = shape_in(encoded);
    const auto value = [&](CountField field) { return trail::value_of(field, shape); };
    shape_numbers_.push_back({number(Origin::kApplication, value), number(Origin::kOperation, value)});
  }
  return shape_numbers_[code];
}

uint32_t Counter::actor_number(std::string_view encoded) {
  const uint32_t code = actors_.code(XXH3_64bits(encoded.data(), encoded.size()), encoded);
  if (code == actor_numbers_.size()) {
    const StoredActor actor = actor_in(encoded);
    actor_numbers_.push_back(number(Origin::kActor, [&](CountField field) { return trail::value_of(field, actor); }));
  }
  return actor_numbers_[code];
}

void Counter::add(const Counter& other) {
  std::array<std::vector<uint32_t>, kOrigins> numbers;
  for (size_t origin = 0; origin < kOrigins; ++origin) numbers[origin] = parts_[origin].take(other.parts_[origin]);
  for (const CountCell& cell : other.cells()) {
    CountKey key{};
    for (size_t origin = 0; origin < kOrigins; ++origin) key[origin] = numbers[origin][cell.key[origin]];
    taken_.push_back({key, cell.events});
  }
}

std::vector<CountCell> Counter::cells() const {
  std::vector<CountCell> cells = counts_.cells();
  cells.insert(cells.end(), taken_.begin(), taken_.end());
  return cells;
}

std::vector<CountGroup> Counter::groups() const {
  std::array<const CountPart*, kOrigins> parts{};
  for (size_t origin = 0; origin < kOrigins; ++origin) parts[origin] = &parts_[origin];
  return groups_of(query_, parts, cells());
}

Status Counter::take_records(const Source& source) {
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(source.file, source.head, Section::kOpaque));
  uint64_t budget = segment_memory_bytes_max(source.file.size());
  const Encoding encoding = place_of(source.head, Section::kOpaque).encoding;
  const Status status = scan_rows_with_text(encoding, kSegmentEntries, bytes, budget, records_);
  return status ? status : fail_in("section \"records\"", status.error());
}

// Within a day the column itself need not be read.
Status Counter::take_times(const Source& source) {
  Digits& times = digits(Origin::kTime);
  stretches_.assign(1, {kSegmentEntries, 0});
  if (!asks(Origin::kTime)) return {};
  const SegmentHeader& header = source.head.header;
  const int64_t first = floor_div(header.time_min, unit_micros_);
  if (first == floor_div(header.time_max, unit_micros_)) {
    const uint32_t number = time_number(first);
    times.numbers.assign(number == CountPart::kLeftOut ? 0 : 1, number);
    return {};
  }
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(source.file, source.head, Section::kTime));
  const Encoding encoding = place_of(source.head, Section::kTime).encoding;
  const Status status = scan_integers(encoding, kSegmentEntries, bytes, numbers_);
  if (!status) return fail_in("section \"time\"", status.error());
  take_time_digits(header.time_min);
  return {};
}

void Counter::take_time_digits(int64_t first_micros) {
  Digits& times = digits(Origin::kTime);
  times.numbers.clear();
  std::unordered_map<uint32_t, uint32_t> digit_of;
  const auto digit_at = [&](int64_t unit) {
    const uint32_t number = time_number(unit);
    if (number == CountPart::kLeftOut) return number;
    const auto [found, added] = digit_of.try_emplace(number, static_cast<uint32_t>(times.numbers.size()));
    if (added) times.numbers.push_back(number);
    return found->second;
  };
  // Rows of records have no time.
  for (const uint32_t row : records_) numbers_[row] = row == 0 ? first_micros : numbers_[row - 1];
  stretches_.clear();
  for (size_t row = 0; row < kSegmentEntries;) {
    const int64_t unit = floor_div(numbers_[row], unit_micros_);
    const uint32_t digit = digit_at(unit);
    row = end_of_unit(row, unit);
    if (stretches_.empty() || stretches_.back().digit != digit) stretches_.push_back({row, digit});
    stretches_.back().end = row;
  }
  for (Stretch& stretch : stretches_) stretch.digit = std::min(stretch.digit, times.left_out());
}

// The first row from `row` on of which the time lies in another unit.
size_t Counter::end_of_unit(size_t row, int64_t unit) const {
  const uint64_t begin = static_cast<uint64_t>(unit) * static_cast<uint64_t>(unit_micros_);
  const auto is_outside = [&](int64_t micros) {
    return static_cast<uint64_t>(micros) - begin >= static_cast<uint64_t>(unit_micros_);
  };
  // Many at once, without a branch for each.
  constexpr size_t kTogether = 64;
  for (; row + kTogether <= kSegmentEntries; row += kTogether) {
    unsigned any = 0;
    for (size_t i = 0; i < kTogether; ++i) any |= is_outside(numbers_[row + i]) ? 1U : 0U;
    if (any != 0) break;
  }
  while (row < kSegmentEntries && !is_outside(numbers_[row])) ++row;
  return row;
}

// The digit of each row; that of what is left out for records.
void Counter::lay_out_times() {
  time_digit_.resize(kSegmentEntries);
  auto to = time_digit_.begin();
  for (const Stretch& stretch : stretches_) {
    const auto end = time_digit_.begin() + static_cast<ptrdiff_t>(stretch.end);
    std::fill(to, end, stretch.digit);
    to = end;
  }
  for (const uint32_t row : records_) time_digit_[row] = digits(Origin::kTime).left_out();
}

uint32_t Counter::time_number(int64_t unit) {
  if (has_last_time_ && unit == last_unit_) return last_time_number_;
  has_last_time_ = true;
  last_unit_ = unit;
  last_time_number_ = make_time_number(unit);
  return last_time_number_;
}

uint32_t Counter::make_time_number(int64_t unit) {
  const auto [found, added] = time_numbers_.try_emplace(unit, 0);
  if (!added) return found->second;
  constexpr int64_t kHoursOfDay = 24;
  const int64_t hours = unit_micros_ == kMicrosPerDay ? unit * kHoursOfDay : unit;
  std::vector<std::string> texts;
  for (const CountField field : part(Origin::kTime).fields()) texts.push_back(time_value(field, hours));
  const std::vector<std::string_view> values(texts.begin(), texts.end());
  found->second = part(Origin::kTime).number(values);
  return found->second;
}

Status Counter::take_tables(const Source& source) {
  for (const Origin origin : kTableOrigins) {
    if (asks(origin)) WEERBAAR_TRY(take_table(source, origin, rows_of(origin, source.head.header)));
  }
  return {};
}

Status Counter::take_table(const Source& source, Origin origin, uint64_t rows) {
  Table& table = tables_[static_cast<size_t>(origin)];
  std::vector<Section> sections;
  if (origin != Origin::kEvent) {
    for (const CountField field : part(origin).fields()) sections.push_back(section_of(field));
  }
  Bytes bytes;
  append_le(bytes, rows);
  for (const Section section : sections) {
    const SectionPlace& place = place_of(source.head, section);
    append_le(bytes, static_cast<uint16_t>(place.encoding));
    append_le(bytes, place.length);
    append(bytes, source.file.subspan(place.offset, place.length));
  }
  if (bytes == table.bytes) return {};
  table.bytes.clear();
  WEERBAAR_ASSIGN(const Segment segment, Segment::open(source.file, sections));
  Digits& digits = table.digits;
  digits.of_code.resize(rows);
  digits.numbers.clear();
  std::vector<uint32_t> digit_of;  // by number
  std::vector<std::string_view> values(part(origin).fields().size());
  for (uint64_t code = 0; code < rows; ++code) {
    for (size_t i = 0; i < values.size(); ++i) {
      const CountField field = part(origin).fields()[i];
      values[i] = origin == Origin::kEvent ? (code == 0 ? "false" : "true") : value_of(field, segment, code);
    }
    const uint32_t number = part(origin).number(values);
    digits.of_code[code] = CountPart::kLeftOut;
    if (number == CountPart::kLeftOut) continue;
    if (number >= digit_of.size()) digit_of.resize(number + 1, CountPart::kLeftOut);
    if (digit_of[number] == CountPart::kLeftOut) {
      digit_of[number] = digits.left_out();
      digits.numbers.push_back(number);
    }
    digits.of_code[code] = digit_of[number];
  }
  for (uint32_t& digit : digits.of_code) digit = std::min(digit, digits.left_out());
  table.bytes = std::move(bytes);
  return {};
}

Status Counter::take_actor_codes(const Source& source) {
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(source.file, source.head, Section::kActorCode));
  const Encoding encoding = place_of(source.head, Section::kActorCode).encoding;
  const Status status = scan_integers(encoding, kSegmentEntries, bytes, actor_codes_);
  if (!status) return fail_in("section \"actor code\"", status.error());
  return all_below(actor_codes_, source.head.header.actors) ? Status() : outside(Section::kActorCode);
}

Status Counter::take_codes(const Source& source, Origin origin) {
  const Section section = codes_of(origin, source.head.header.version);
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(source.file, source.head, section));
  const Status status = scan_runs(place_of(source.head, section).encoding, kSegmentEntries, bytes, runs_);
  if (!status) return fail_in(std::string("section \"") + std::string(to_string(section)) + "\"", status.error());
  return all_below(runs_.values, rows_of(origin, source.head.header)) ? Status() : outside(section);
}

// A kind of rows is a number with a digit for each part that is asked for, that of the time in front.
uint64_t Counter::kinds_max() {
  uint64_t kinds = digits(Origin::kTime).limit();
  for (const Origin origin : kTableOrigins) {
    if (!asks(origin)) continue;
    const uint64_t limit = digits(origin).limit();
    if (kinds > std::numeric_limits<uint64_t>::max() / limit) return std::numeric_limits<uint64_t>::max();
    kinds *= limit;
  }
  return kinds;
}

Status Counter::count_rows(const Source& source) {
  const uint64_t kinds = kinds_max();
  if (kinds == std::numeric_limits<uint64_t>::max()) {
    return fail(Code::kInvalid, "these fields have too many combinations of values: count by fewer of them");
  }
  const auto placed = std::ranges::count_if(kPlacedOrigins, [this](Origin origin) { return asks(origin); });
  // Most common, and much less work: runs of rows are counted, and no row has to be brought together with its time.
  if (placed == 1 && !asks(Origin::kActor) && stretches_.size() <= kStretchesMax && source.head.header.version != 1 &&
      kinds <= kDenseMax) {
    return count_stretches(source,
                           *std::ranges::find_if(kPlacedOrigins, [this](Origin origin) { return asks(origin); }));
  }
  return kinds <= std::numeric_limits<uint32_t>::max() ? count_kinds(source, kinds_) : count_kinds(source, wide_kinds_);
}

// In the order of the actor, the rows of an actor stand in the order of arrival: so first those of the first stretch.
Status Counter::count_stretches(const Source& source, Origin origin) {
  WEERBAAR_TRY(take_codes(source, origin));
  const std::vector<uint32_t>& digit_of = digits(origin).of_code;
  const uint32_t limit = digits(origin).limit();
  dense_.assign(kinds_max(), 0);
  if (stretches_.size() == 1) {
    const std::span<uint32_t> counts = std::span(dense_).subspan(size_t{stretches_[0].digit} * limit, limit);
    for (size_t run = 0; run < runs_.values.size(); ++run) {
      counts[digit_of[static_cast<size_t>(runs_.values[run])]] += static_cast<uint32_t>(runs_.lengths[run]);
    }
  } else {
    WEERBAAR_TRY(take_actor_codes(source));
    const size_t width = stretches_.size();
    rows_of_.assign(source.head.header.actors * width, 0);
    uint64_t row = 0;
    for (size_t stretch = 0; stretch < width; ++stretch) {
      for (; row < stretches_[stretch].end; ++row) ++rows_of_[static_cast<size_t>(actor_codes_[row]) * width + stretch];
    }
    walk_stretches(digit_of, limit);
  }
  WEERBAAR_TRY(take_off_records(limit, digit_of[0]));
  give_dense();
  return {};
}

void Counter::walk_stretches(std::span<const uint32_t> digit_of, uint32_t limit) {
  const size_t width = stretches_.size();
  size_t run = 0;
  auto left = static_cast<uint32_t>(runs_.lengths[0]);
  uint32_t digit = digit_of[static_cast<size_t>(runs_.values[0])];
  for (size_t at = 0; at < rows_of_.size();) {
    for (size_t stretch = 0; stretch < width; ++stretch, ++at) {
      uint32_t rows = rows_of_[at];
      uint32_t* const counts = dense_.data() + size_t{stretches_[stretch].digit} * limit;
      while (rows > left) {
        counts[digit] += left;
        rows -= left;
        ++run;
        left = static_cast<uint32_t>(runs_.lengths[run]);
        digit = digit_of[static_cast<size_t>(runs_.values[run])];
      }
      counts[digit] += rows;
      left -= rows;
    }
  }
}

// Their rows are empty, and what is empty comes first in each table.
Status Counter::take_off_records(uint32_t limit, uint32_t digit) {
  auto stretch = stretches_.begin();
  for (const uint32_t row : records_) {
    while (row >= stretch->end) ++stretch;
    uint32_t& events = dense_[size_t{stretch->digit} * limit + digit];
    if (events == 0) return fail(Code::kCorrupt, "the rows of records are not empty");
    --events;
  }
  return {};
}

// Each row's time, where the row stands in the order of the actor.
template <class Kind>
void Counter::place_times(std::vector<Kind>& kinds) {
  for (const int64_t code : actor_codes_) ++next_place_[static_cast<size_t>(code) + 1];
  for (size_t code = 1; code < next_place_.size(); ++code) next_place_[code] += next_place_[code - 1];
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    kinds[next_place_[static_cast<size_t>(actor_codes_[row])]++] = time_digit_[row];
  }
}

template <class Kind>
Status Counter::count_kinds(const Source& source, std::vector<Kind>& kinds) {
  const bool is_placed = source.head.header.version != 1 &&
                         std::ranges::any_of(kPlacedOrigins, [this](Origin origin) { return asks(origin); });
  lay_out_times();
  if (is_placed || asks(Origin::kActor)) WEERBAAR_TRY(take_actor_codes(source));
  kinds.assign(time_digit_.begin(), time_digit_.end());
  if (is_placed) {
    next_place_.assign(source.head.header.actors + 1, 0);
    place_times(kinds);
  }
  if (asks(Origin::kActor)) {
    const Digits& actors = digits(Origin::kActor);
    if (is_placed) std::ranges::sort(actor_codes_);
    for (uint64_t i = 0; i < kSegmentEntries; ++i) {
      kinds[i] = kinds[i] * actors.limit() + actors.of_code[static_cast<size_t>(actor_codes_[i])];
    }
  }
  for (const Origin origin : kPlacedOrigins) {
    if (!asks(origin)) continue;
    WEERBAAR_TRY(take_codes(source, origin));
    const uint32_t limit = digits(origin).limit();
    auto kind = kinds.begin();
    for (size_t run = 0; run < runs_.values.size(); ++run) {
      const uint32_t digit = digits(origin).of_code[static_cast<size_t>(runs_.values[run])];
      for (int64_t left = runs_.lengths[run]; left > 0; --left, ++kind) *kind = *kind * limit + digit;
    }
  }
  if (kinds_max() <= kDenseMax) {
    dense_.assign(kinds_max(), 0);
    for (const Kind kind : kinds) ++dense_[kind];
    give_dense();
    return {};
  }
  std::unordered_map<Kind, uint64_t> sparse;
  for (const Kind kind : kinds) ++sparse[kind];
  for (const auto& [kind, events] : sparse) give(kind, events);
  return {};
}

// Walks all kinds as a mileage counter does.
void Counter::give_dense() {
  struct Wheel {
    size_t origin;
    const Digits* digits;
    uint32_t digit;
  };
  std::array<Wheel, kOrigins> all{};
  size_t count = 0;
  all[count++] = {static_cast<size_t>(Origin::kTime), &digits(Origin::kTime), 0};
  for (const Origin origin : kTableOrigins) {
    if (asks(origin)) all[count++] = {static_cast<size_t>(origin), &digits(origin), 0};
  }
  const std::span<Wheel> wheels = std::span(all).first(count);
  CountKey key{};
  size_t left_out = 0;  // wheels that stand where nothing is wanted
  const auto show = [&](const Wheel& wheel) {
    const bool is_left_out = wheel.digit == wheel.digits->left_out();
    left_out += is_left_out ? 1 : 0;
    if (!is_left_out) key[wheel.origin] = wheel.digits->numbers[wheel.digit];
  };
  for (const Wheel& wheel : wheels) show(wheel);
  for (const uint32_t events : dense_) {
    if (events != 0 && left_out == 0) counts_.add(key, events);
    for (auto wheel = wheels.rbegin(); wheel != wheels.rend(); ++wheel) {
      if (wheel->digit == wheel->digits->left_out()) --left_out;
      const bool turns = ++wheel->digit == wheel->digits->limit();
      if (turns) wheel->digit = 0;
      show(*wheel);
      if (!turns) break;
    }
  }
}

void Counter::give(uint64_t kind, uint64_t events) {
  CountKey key{};
  for (auto origin = kTableOrigins.rbegin(); origin != kTableOrigins.rend(); ++origin) {
    if (!asks(*origin)) continue;
    const Digits& those = digits(*origin);
    const auto digit = static_cast<uint32_t>(kind % those.limit());
    if (digit == those.left_out()) return;
    kind /= those.limit();
    key[static_cast<size_t>(*origin)] = those.numbers[digit];
  }
  const Digits& times = digits(Origin::kTime);
  if (kind >= times.left_out()) return;
  key[0] = times.numbers[kind];
  counts_.add(key, events);
}

}  // namespace weerbaar::trail
