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
                                  Section::kOnBehalfOf,
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

// Subjects that are looked up together.
constexpr size_t kTogether = 65'536;
constexpr uint64_t kSeedOfEmployee = 1;

uint64_t hash_of_employee(Symbol employee) {
  return XXH3_64bits_withSeed(&employee, sizeof employee, kSeedOfEmployee);
}
bool is_known(Symbol symbol) {
  return symbol != kNoSymbol && symbol != kUnknown;
}

uint64_t pair_of(uint64_t looker, uint64_t subject) {
  const std::array both = {looker, subject};
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

Status AccessReader::open_segment(uint64_t number) {
  tail_ = nullptr;
  number_ = number;
  next_ = 0;
  tables_.clear();
  rows_.clear();
  const bool is_old = trail_.sealed().header(number).version == 1;
  if (portion_.is_of_source && !is_old) {
    // Most segments hold none: then this is all that is read of them.
    WEERBAAR_ASSIGN(const auto sources, trail_.sealed().columns(number, kSourceSections));
    if (!has_looked_at(*sources)) return {};
  }
  WEERBAAR_ASSIGN(segment_, is_old ? trail_.sealed().segment(number) : trail_.sealed().columns(number, kSections));
  read_places(*segment_);
  WEERBAAR_TRY(choose_rows(*segment_));
  if (rows_.empty()) return {};
  read_symbols(Kind::kUnit, segment_->texts(Section::kActorUnit), units_);
  read_symbols(Kind::kFunction, segment_->texts(Section::kActorFunction), functions_);
  for (auto& [period, tables] : tables_) find_wanted(*segment_, tables);
  return {};
}

Status AccessReader::open_tail(const trail::OpenTail& tail) {
  tail_ = &tail;
  next_ = 0;
  return {};
}

Result<bool> AccessReader::read(AccessBatch& batch) {
  begin(batch);
  if (tail_ == nullptr) {
    read_rows(batch);
  } else {
    WEERBAAR_TRY(read_entries(batch));
  }
  finish(batch);
  return next_ < (tail_ == nullptr ? rows_.size() : entries_of_tail());
}

// How many entries of the tail at hand belong to the portion.
size_t AccessReader::entries_of_tail() const {
  const uint64_t first = tail_->first_index();
  return portion_.end <= first ? 0 : std::min<uint64_t>(tail_->size(), portion_.end - first);
}

void AccessReader::close() {
  rows_.clear();
  tables_.clear();
  segment_.reset();
}

void AccessReader::read_rows(AccessBatch& batch) {
  if (next_ < rows_.size()) read_applications(*segment_, batch);
  for (; next_ < rows_.size() && batch.subjects_.size() < kSubjectsOfBatch; ++next_) {
    batch.indexes.push_back(number_ * trail::kSegmentEntries + rows_[next_].number);
    batch.periods.push_back(rows_[next_].period);
    add_row(*segment_, rows_[next_], batch);
  }
  if (next_ == rows_.size()) segment_.reset();
}

Status AccessReader::read_entries(AccessBatch& batch) {
  trail::Entry entry;
  for (const size_t end = entries_of_tail(); next_ < end && batch.subjects_.size() < kSubjectsOfBatch; ++next_) {
    if (const Status decoded = entry.decode(tail_->entries()[next_]); !decoded) {
      return fail_in(fmt::format("entry {}", tail_->first_index() + next_), decoded.error());
    }
    if (!entry.is_event() || !range_.contains(entry.event().time)) continue;
    if (!is_looked_at(entry.event().shape.source)) continue;
    const size_t before = batch.accesses.size();
    WEERBAAR_TRY(add_event(entry.event(), batch));
    if (batch.accesses.size() == before) continue;
    batch.indexes.push_back(tail_->first_index() + next_);
    batch.periods.push_back(entry.event().period);
  }
  find_pending(batch);
  return {};
}

Status AccessReader::read_event(const trail::StoredEvent& event, AccessBatch& batch) {
  begin(batch);
  WEERBAAR_TRY(add_event(event, batch));
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
    texts_.clear();
    for (uint64_t code = 0; code < segment.header().actors; ++code) {
      texts_.push_back(segment.texts(Section::kActorId).at(code));
    }
    tables.actors = find_actors(*tables.identities, texts_);
    const trail::TextColumn& others = segment.texts(Section::kOnBehalfOf);
    texts_.clear();
    for (uint64_t item = 0; item < others.items(); ++item) texts_.push_back(others.item(item));
    tables.others = find_actors(*tables.identities, texts_);
    tables.subjects.resize(segment.header().subjects, {kNoSymbol, 0});
  }
  return &tables_.emplace(period, std::move(tables)).first->second;
}

std::vector<AccessReader::KnownActor> AccessReader::find_actors(const Identities& identities,
                                                                std::span<const std::string_view> ids) {
  std::vector<ActorSymbols> found(ids.size());
  identities.find_actors(ids, found);
  std::vector<KnownActor> actors;
  actors.reserve(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    // The others are told by their employee.
    actors.push_back({found[i], is_known(found[i].employee) ? 0 : identities.hash_of_actor(ids[i])});
  }
  return actors;
}

uint64_t AccessReader::set_actor(const Identities& identities, const KnownActor& actor, const KnownActor* other,
                                 Access& access) {
  access.employee = identities.employee(actor.symbols, access.time);
  if (other != nullptr) access.on_behalf_of = identities.employee(other->symbols, access.time);
  if (is_known(access.employee)) return hash_of_employee(access.employee);
  return is_known(access.on_behalf_of) ? hash_of_employee(access.on_behalf_of) : actor.hash;
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
  actions.reserve(segment.header().operations);
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
  std::vector<uint32_t> with_text;
  segment.texts(Section::kReason).rows_with_text(with_text);
  for (const uint32_t place : with_text) places_[place].reason = true;
  with_text.clear();
  segment.texts(Section::kOnBehalfOf).rows_with_text(with_text);
  if (!with_text.empty()) {
    const std::vector<uint32_t> items = segment.texts(Section::kOnBehalfOf).item_numbers();
    for (const uint32_t place : with_text) places_[place].other_up = items[place] + 1;
  }
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
  const std::span wanted(tables.wanted);
  for (size_t begin = 0; begin < wanted.size(); begin += kTogether) {
    const std::span some = wanted.subspan(begin, std::min(kTogether, wanted.size() - begin));
    stored_.clear();
    for (const uint32_t code : some) stored_.push_back(segment.subject(code));
    known_.resize(stored_.size());
    tables.identities->find_subjects(stored_, known_);
    for (size_t i = 0; i < some.size(); ++i) tables.subjects[some[i]] = known_[i];
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
  const KnownActor* const other = place.other_up == 0 ? nullptr : &row.tables->others[place.other_up - 1];
  const uint64_t looker = set_actor(*row.tables->identities, actor, other, access);
  access.system = application.system;
  access.activity = application.activity;
  access.claimed_case = place.claimed_case;
  access.unit = units_[row.actor];
  access.function = functions_[row.actor];
  for (const uint32_t code : row.subjects) {
    const Identities::Known& subject = row.tables->subjects[code];
    batch.subjects_.push_back(subject.symbol);
    batch.pairs.push_back(pair_of(looker, subject.hash));
  }
  subject_ends_.push_back(static_cast<uint32_t>(batch.subjects_.size()));
  used_.push_back(application);
}

Status AccessReader::add_event(const trail::StoredEvent& event, AccessBatch& batch) {
  auto pending = pending_.find(event.period);
  if (pending == pending_.end()) {
    WEERBAAR_ASSIGN(auto identities, identities_.of(trail::Period{event.period}));
    pending = pending_.emplace(event.period, Pending{std::move(identities), {}, {}, {}}).first;
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
  const KnownActor actor = find_actors(*identities, {&event.actor.id, 1}).front();
  KnownActor other;
  if (!event.on_behalf_of.empty()) other = find_actors(*identities, {&event.on_behalf_of, 1}).front();
  const uint64_t looker = set_actor(*identities, actor, event.on_behalf_of.empty() ? nullptr : &other, access);
  access.system = application.system;
  access.activity = application.activity;
  access.unit = facts_.find(Kind::kUnit, event.actor.unit);
  access.function = facts_.find(Kind::kFunction, event.actor.function);
  for (const trail::StoredSubject& subject : event.subjects) {
    pending->second.subjects.push_back(subject);
    pending->second.places.push_back(batch.subjects_.size());
    pending->second.lookers.push_back(looker);
    batch.subjects_.push_back(kUnknown);
    batch.pairs.push_back(0);
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
    known_.resize(pending.subjects.size());
    pending.identities->find_subjects(pending.subjects, known_);
    for (size_t i = 0; i < known_.size(); ++i) {
      batch.subjects_[pending.places[i]] = known_[i].symbol;
      batch.pairs[pending.places[i]] = pair_of(pending.lookers[i], known_[i].hash);
    }
  }
  symbols_.resize(cases_.size());
  facts_.find_all(Kind::kCase, cases_, symbols_);
  for (size_t i = 0; i < symbols_.size(); ++i) batch.accesses[i].claimed_case = symbols_[i];
}

}  // namespace weerbaar::purpose
