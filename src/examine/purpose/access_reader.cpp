#include "examine/purpose/access_reader.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "trail/format/cbor.h"

namespace weerbaar::purpose {
namespace {

using facts::Kind;
using trail::Section;

// What is read of a segment of the version that is written; of an older one, all.
constexpr std::array kSections = {Section::kOpaque,
                                  Section::kTime,
                                  Section::kTimeNanos,
                                  Section::kPeriod,
                                  Section::kActorCode,
                                  Section::kApplicationCode,
                                  Section::kOperationCode,
                                  Section::kListCode,
                                  Section::kCase,
                                  Section::kBreakGlass,
                                  Section::kReason,
                                  Section::kActorId,
                                  Section::kActorType,
                                  Section::kActorFunction,
                                  Section::kActorUnit,
                                  Section::kApplicationSource,
                                  Section::kApplicationSystem,
                                  Section::kApplicationData,
                                  Section::kApplicationActivity,
                                  Section::kApplicationLegalBasis,
                                  Section::kOperationAction,
                                  Section::kOperationComponent,
                                  Section::kOperationOutcome,
                                  Section::kSubjectType,
                                  Section::kSubjectIsNumber,
                                  Section::kSubjectNumber,
                                  Section::kSubjectBytes,
                                  Section::kListLength,
                                  Section::kItemSubject,
                                  Section::kItemRole};

constexpr std::array kSourceSections = {Section::kApplicationSource};

uint64_t hash_of_actor(uint16_t period, std::string_view actor) {
  return XXH3_64bits_withSeed(actor.data(), actor.size(), period);
}

uint64_t hash_of_subject(const trail::StoredSubject& subject) {
  const auto type = static_cast<uint64_t>(subject.type);
  if (subject.is_number) return XXH3_64bits_withSeed(&subject.number, sizeof subject.number, type);
  return XXH3_64bits_withSeed(subject.bytes.data(), subject.bytes.size(), type + 256);
}

uint64_t pair_of(uint64_t actor, uint64_t subject) {
  const std::array both = {actor, subject};
  return XXH3_64bits(both.data(), sizeof both);
}

}  // namespace

void AccessBatch::clear() {
  indexes.clear();
  periods.clear();
  accesses.clear();
  pairs.clear();
  subjects_.clear();
  data_.clear();
}

Result<std::shared_ptr<const Identities>> PeriodIdentities::of(trail::Period period) {
  const std::lock_guard guard(mutex_);
  const auto known = kept_.find(period);
  if (known != kept_.end()) return known->second;
  const auto key = keys_.period(period);
  std::shared_ptr<const Identities> made;
  if (key) {
    made = std::make_shared<const Identities>(facts_, **key);
  } else if (key.error().code != Code::kDenied) {
    return std::unexpected(key.error());
  }
  // The earliest goes first.
  if (kept_.size() == kKept) kept_.erase(kept_.begin());
  kept_[period] = made;
  return made;
}

Status AccessReader::read_segment(uint64_t number, AccessBatch& batch) {
  begin(batch);
  const bool is_old = trail_.sealed().header(number).version == 1;
  if (portion_.is_of_source && !is_old) {
    // Most segments hold none: then this is all that is read of them.
    WEERBAAR_ASSIGN(const auto sources, trail_.sealed().columns(number, kSourceSections));
    if (!has_looked_at(*sources)) return {};
  }
  WEERBAAR_ASSIGN(const auto segment,
                  is_old ? trail_.sealed().segment(number) : trail_.sealed().columns(number, kSections));
  tables_.clear();
  rows_.clear();
  read_places(*segment);
  WEERBAAR_TRY(choose_rows(*segment));
  if (rows_.empty()) return {};
  read_symbols(Kind::kUnit, segment->texts(Section::kActorUnit), units_);
  read_symbols(Kind::kFunction, segment->texts(Section::kActorFunction), functions_);
  read_applications(*segment, batch);
  for (auto& [period, tables] : tables_) find_wanted(*segment, tables);
  for (const Row& row : rows_) {
    batch.indexes.push_back(number * trail::kSegmentEntries + row.number);
    batch.periods.push_back(row.period);
    add_row(*segment, row, batch);
  }
  finish(batch);
  return {};
}

Status AccessReader::read_tail(const trail::OpenTail& tail, AccessBatch& batch) {
  begin(batch);
  trail::Entry entry;
  for (uint64_t row = 0; row < tail.size() && tail.first_index() + row < portion_.end; ++row) {
    if (const Status decoded = entry.decode(tail.entries()[row]); !decoded) {
      return fail_in(fmt::format("entry {}", tail.first_index() + row), decoded.error());
    }
    if (!entry.is_event() || !range_.contains(entry.event().time)) continue;
    if (!is_looked_at(entry.event().shape.source)) continue;
    const size_t before = batch.accesses.size();
    WEERBAAR_TRY(add_event(entry.event(), batch));
    if (batch.accesses.size() == before) continue;
    batch.indexes.push_back(tail.first_index() + row);
    batch.periods.push_back(entry.event().period);
  }
  find_pending(batch);
  finish(batch);
  return {};
}

bool AccessReader::has_looked_at(const trail::Segment& segment) const {
  const trail::TextColumn& sources = segment.texts(Section::kApplicationSource);
  for (uint64_t code = 0; code < segment.header().applications; ++code) {
    if (is_looked_at(sources.at(code))) return true;
  }
  return false;
}

void AccessReader::begin(AccessBatch& batch) {
  batch.clear();
  subject_ends_.clear();
  used_.clear();
  pending_.clear();
  cases_.clear();
}

// Lists grow while they are read, so that nothing points into them before they are whole.
void AccessReader::finish(AccessBatch& batch) const {
  uint32_t begin = 0;
  for (size_t i = 0; i < batch.accesses.size(); ++i) {
    Access& access = batch.accesses[i];
    access.subjects = std::span(batch.subjects_).subspan(begin, subject_ends_[i] - begin);
    access.data = std::span(batch.data_).subspan(used_[i].data_begin, used_[i].data_end - used_[i].data_begin);
    begin = subject_ends_[i];
  }
}

Result<AccessReader::Tables*> AccessReader::tables_of(const trail::Segment& segment, uint16_t period) {
  const auto known = tables_.find(period);
  if (known != tables_.end()) return &known->second;
  Tables tables;
  WEERBAAR_ASSIGN(tables.identities, identities_.of(trail::Period{period}));
  if (tables.identities != nullptr) {
    const uint64_t actors = segment.header().actors;
    texts_.clear();
    for (uint64_t code = 0; code < actors; ++code) texts_.push_back(segment.texts(Section::kActorId).at(code));
    std::vector<ActorSymbols> found(actors);
    tables.identities->find_actors(texts_, found);
    for (uint64_t code = 0; code < actors; ++code) {
      tables.actors.push_back({found[code], hash_of_actor(period, texts_[code])});
    }
    tables.subjects.resize(segment.header().subjects);
  }
  return &tables_.emplace(period, std::move(tables)).first->second;
}

// A text of the column is looked up once, however many rows have it.
void AccessReader::read_symbols(Kind kind, const trail::TextColumn& column, std::vector<Symbol>& symbols) {
  texts_.clear();
  for (uint64_t item = 0; item < column.items(); ++item) texts_.push_back(column.item(item));
  symbols_.resize(texts_.size());
  facts_.find_all(kind, texts_, symbols_);
  symbols.clear();
  for (const uint32_t item : column.item_numbers()) symbols.push_back(symbols_[item]);
}

void AccessReader::read_places(const trail::Segment& segment) {
  const bool is_old = segment.header().version == 1;
  places_.assign(trail::kSegmentEntries, {});
  const auto read = [&](Section section, const auto& take) {
    segment.integers(section).visit([&](uint64_t first, std::span<const int64_t> values) {
      for (size_t i = 0; i < values.size(); ++i) take(places_[first + i], values[i]);
    });
  };
  std::vector<Action> actions;
  for (uint64_t code = 0; code < segment.header().operations; ++code) {
    actions.push_back(static_cast<Action>(segment.integers(Section::kOperationAction).at(code)));
  }
  read(Section::kApplicationCode, [](Place& place, int64_t code) { place.application = static_cast<uint32_t>(code); });
  read(is_old ? Section::kApplicationCode : Section::kOperationCode,
       [&](Place& place, int64_t code) { place.action = actions[static_cast<size_t>(code)]; });
  read(Section::kBreakGlass, [](Place& place, int64_t is_so) { place.break_glass = is_so != 0; });
  if (is_old) {
    for (uint32_t row = 0; row < places_.size(); ++row) places_[row].list = row;
  } else {
    read(Section::kListCode, [](Place& place, int64_t code) { place.list = static_cast<uint32_t>(code); });
  }
  std::vector<uint32_t> with_reason;
  segment.texts(Section::kReason).rows_with_text(with_reason);
  for (const uint32_t place : with_reason) places_[place].reason = true;
  std::vector<Symbol> cases;
  read_symbols(Kind::kCase, segment.texts(Section::kCase), cases);
  for (size_t i = 0; i < cases.size(); ++i) places_[i].claimed_case = cases[i];
}

Status AccessReader::choose_rows(const trail::Segment& segment) {
  const bool is_bounded = range_.from || range_.to;
  Tables* tables = nullptr;
  uint16_t period = 0;
  is_looked_at_.clear();
  for (uint64_t code = 0; code < segment.header().applications; ++code) {
    is_looked_at_.push_back(is_looked_at(segment.texts(Section::kApplicationSource).at(code)));
  }
  const uint64_t first = segment.header().first_index;
  const uint64_t rows = std::min(trail::kSegmentEntries, portion_.end - std::min(first, portion_.end));
  for (uint32_t row = 0; row < rows; ++row) {
    if (!segment.is_event(row) || (is_bounded && !range_.contains(segment.time(row)))) continue;
    if (!is_looked_at_[places_[segment.place(row)].application]) continue;
    const uint16_t here = segment.period(row);
    if (tables == nullptr || here != period) {
      WEERBAAR_ASSIGN(tables, tables_of(segment, here));
      period = here;
    }
    if (tables->identities == nullptr) {
      ++unreadable_;
      continue;
    }
    const Place& place = places_[segment.place(row)];
    const std::span subjects = segment.subjects_in(place.list);
    for (const uint32_t code : subjects) {
      if (tables->subjects[code].symbol != kNoSymbol) continue;
      tables->subjects[code].symbol = kUnknown;
      tables->wanted.push_back(code);
    }
    rows_.push_back({row, static_cast<uint32_t>(segment.actor_code(row)), here, tables, place, subjects});
  }
  return {};
}

void AccessReader::find_wanted(const trail::Segment& segment, Tables& tables) {
  if (tables.wanted.empty()) return;
  stored_.clear();
  for (const uint32_t code : tables.wanted) stored_.push_back(segment.subject(code));
  symbols_.resize(stored_.size());
  tables.identities->find_subjects(stored_, symbols_);
  for (size_t i = 0; i < stored_.size(); ++i) {
    tables.subjects[tables.wanted[i]] = {symbols_[i], hash_of_subject(stored_[i])};
  }
}

void AccessReader::read_applications(const trail::Segment& segment, AccessBatch& batch) {
  applications_.clear();
  for (uint64_t code = 0; code < segment.header().applications; ++code) {
    applications_.push_back(application_of(segment.application(code), batch));
  }
}

AccessReader::Application AccessReader::application_of(const trail::StoredShape& shape, AccessBatch& batch) const {
  Application application;
  application.system = facts_.find(Kind::kSystem, shape.system);
  application.activity = facts_.find(Kind::kActivity, shape.processing_activity);
  application.data_begin = static_cast<uint32_t>(batch.data_.size());
  if (!shape.data.empty()) {
    trail::CborReader cbor(as_bytes(shape.data));
    const uint64_t items = cbor.array();
    for (uint64_t i = 0; i < items; ++i) batch.data_.push_back(facts_.find(Kind::kData, cbor.text()));
  }
  application.data_end = static_cast<uint32_t>(batch.data_.size());
  return application;
}

void AccessReader::add_row(const trail::Segment& segment, const Row& row, AccessBatch& batch) {
  const Place& place = row.place;
  const KnownActor& actor = row.tables->actors[row.actor];
  const Application& application = applications_[place.application];
  Access& access = batch.accesses.emplace_back();
  access.time = segment.time(row.number).micros;
  access.action = place.action;
  access.break_glass = place.break_glass;
  access.reason = place.reason;
  access.employee = row.tables->identities->employee(actor.symbols, access.time);
  access.system = application.system;
  access.activity = application.activity;
  access.claimed_case = place.claimed_case;
  access.unit = units_[row.actor];
  access.function = functions_[row.actor];
  for (const uint32_t code : row.subjects) {
    const KnownSubject& subject = row.tables->subjects[code];
    batch.subjects_.push_back(subject.symbol);
    batch.pairs.push_back(pair_of(actor.hash, subject.hash));
  }
  subject_ends_.push_back(static_cast<uint32_t>(batch.subjects_.size()));
  used_.push_back(application);
}

Status AccessReader::add_event(const trail::StoredEvent& event, AccessBatch& batch) {
  auto pending = pending_.find(event.period);
  if (pending == pending_.end()) {
    WEERBAAR_ASSIGN(auto identities, identities_.of(trail::Period{event.period}));
    pending = pending_.emplace(event.period, Pending{std::move(identities), {}, {}}).first;
  }
  const auto& identities = pending->second.identities;
  if (identities == nullptr) {
    ++unreadable_;
    return {};
  }
  const Application application = application_of(event.shape, batch);
  Access access;
  access.time = event.time.micros;
  access.action = event.shape.action;
  access.break_glass = event.break_glass;
  access.reason = !event.reason.empty();
  access.employee = identities->employee(identities->actor(event.actor.id), access.time);
  access.system = application.system;
  access.activity = application.activity;
  access.unit = facts_.find(Kind::kUnit, event.actor.unit);
  access.function = facts_.find(Kind::kFunction, event.actor.function);
  const uint64_t actor = hash_of_actor(event.period, event.actor.id);
  for (const trail::StoredSubject& subject : event.subjects) {
    pending->second.subjects.push_back(subject);
    pending->second.places.push_back(batch.subjects_.size());
    batch.subjects_.push_back(kUnknown);
    batch.pairs.push_back(pair_of(actor, hash_of_subject(subject)));
  }
  cases_.push_back(event.case_id);
  batch.accesses.push_back(access);
  subject_ends_.push_back(static_cast<uint32_t>(batch.subjects_.size()));
  used_.push_back(application);
  return {};
}

void AccessReader::find_pending(AccessBatch& batch) {
  for (auto& [period, pending] : pending_) {
    if (pending.subjects.empty()) continue;
    symbols_.resize(pending.subjects.size());
    pending.identities->find_subjects(pending.subjects, symbols_);
    for (size_t i = 0; i < symbols_.size(); ++i) batch.subjects_[pending.places[i]] = symbols_[i];
  }
  symbols_.resize(cases_.size());
  facts_.find_all(Kind::kCase, cases_, symbols_);
  for (size_t i = 0; i < symbols_.size(); ++i) batch.accesses[i].claimed_case = symbols_[i];
}

}  // namespace weerbaar::purpose
