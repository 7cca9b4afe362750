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
  WEERBAAR_ASSIGN(const auto segment,
                  is_old ? trail_.sealed().segment(number) : trail_.sealed().columns(number, kSections));
  tables_.clear();
  read_applications(*segment, batch);
  for (uint64_t row = 0; row < trail::kSegmentEntries; ++row) {
    if (!segment->is_event(row) || !range_.contains(segment->time(row))) continue;
    WEERBAAR_ASSIGN(Tables * tables, tables_of(*segment, segment->period(row)));
    if (tables->identities == nullptr) {
      ++unreadable_;
      continue;
    }
    batch.indexes.push_back(number * trail::kSegmentEntries + row);
    add_row(*segment, row, *tables, batch);
  }
  finish(batch);
  return {};
}

Status AccessReader::read_tail(const trail::OpenTail& tail, AccessBatch& batch) {
  begin(batch);
  trail::Entry entry;
  for (uint64_t row = 0; row < tail.size(); ++row) {
    if (const Status decoded = entry.decode(tail.entries()[row]); !decoded) {
      return fail_in(fmt::format("entry {}", tail.first_index() + row), decoded.error());
    }
    if (!entry.is_event() || !range_.contains(entry.event().time)) continue;
    WEERBAAR_TRY(add_event(entry.event(), tail.first_index() + row, batch));
  }
  finish(batch);
  return {};
}

void AccessReader::begin(AccessBatch& batch) {
  batch.clear();
  subject_ends_.clear();
  used_.clear();
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
    for (uint64_t code = 0; code < segment.header().actors; ++code) {
      const std::string_view id = segment.actor(code).id;
      tables.actors.push_back({tables.identities->actor(id), hash_of_actor(period, id)});
    }
    tables.subjects.resize(segment.header().subjects);
  }
  return &tables_.emplace(period, std::move(tables)).first->second;
}

const AccessReader::KnownSubject& AccessReader::subject_of(const trail::Segment& segment, Tables& tables,
                                                           uint32_t code) {
  KnownSubject& known = tables.subjects[code];
  if (known.symbol == kNoSymbol) {
    const trail::StoredSubject subject = segment.subject(code);
    known = {tables.identities->subject(subject), hash_of_subject(subject)};
  }
  return known;
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

void AccessReader::add_row(const trail::Segment& segment, uint64_t row, Tables& tables, AccessBatch& batch) {
  const uint64_t place = segment.place(row);
  const uint64_t actor_code = segment.actor_code(row);
  const KnownActor& actor = tables.actors[actor_code];
  const Application& application = applications_[segment.application_code(row)];
  Access access;
  access.time = segment.time(row).micros;
  access.action = segment.operation(segment.operation_code(row)).action;
  access.break_glass = segment.break_glass(row);
  access.reason = !segment.texts(Section::kReason).at(place).empty();
  access.employee = tables.identities->employee(actor.symbols, access.time);
  access.system = application.system;
  access.activity = application.activity;
  access.claimed_case = facts_.find(Kind::kCase, segment.texts(Section::kCase).at(place));
  const trail::StoredActor stored = segment.actor(actor_code);
  access.unit = facts_.find(Kind::kUnit, stored.unit);
  access.function = facts_.find(Kind::kFunction, stored.function);
  for (const uint32_t code : segment.subjects_of(row)) {
    const KnownSubject& subject = subject_of(segment, tables, code);
    batch.subjects_.push_back(subject.symbol);
    batch.pairs.push_back(pair_of(actor.hash, subject.hash));
  }
  batch.accesses.push_back(access);
  subject_ends_.push_back(static_cast<uint32_t>(batch.subjects_.size()));
  used_.push_back(application);
}

Status AccessReader::add_event(const trail::StoredEvent& event, uint64_t index, AccessBatch& batch) {
  WEERBAAR_ASSIGN(const auto identities, identities_.of(trail::Period{event.period}));
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
  access.claimed_case = facts_.find(Kind::kCase, event.case_id);
  access.unit = facts_.find(Kind::kUnit, event.actor.unit);
  access.function = facts_.find(Kind::kFunction, event.actor.function);
  const uint64_t actor = hash_of_actor(event.period, event.actor.id);
  for (const trail::StoredSubject& subject : event.subjects) {
    batch.subjects_.push_back(identities->subject(subject));
    batch.pairs.push_back(pair_of(actor, hash_of_subject(subject)));
  }
  batch.indexes.push_back(index);
  batch.accesses.push_back(access);
  subject_ends_.push_back(static_cast<uint32_t>(batch.subjects_.size()));
  used_.push_back(application);
  return {};
}

}  // namespace weerbaar::purpose
