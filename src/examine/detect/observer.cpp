#include "examine/detect/observer.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "trail/store/event_codec.h"

namespace weerbaar::detect {
namespace {

using facts::Kind;
using trail::Section;

// What is read of a segment of the version that is written; of an older one, all.
constexpr std::array kSections = {Section::kOpaque,
                                  Section::kPeriod,
                                  Section::kActorCode,
                                  Section::kApplicationCode,
                                  Section::kApplicationSource,
                                  Section::kRecords,
                                  Section::kListCode,
                                  Section::kReason,
                                  Section::kTerminal,
                                  Section::kLocation,
                                  Section::kActorId,
                                  Section::kActorType,
                                  Section::kActorFunction,
                                  Section::kActorUnit,
                                  Section::kSubjectType,
                                  Section::kSubjectIsNumber,
                                  Section::kSubjectNumber,
                                  Section::kSubjectBytes,
                                  Section::kListLength,
                                  Section::kItemSubject,
                                  Section::kItemRole};
// Bytes that the pseudonym of a free text has more than the text.
constexpr size_t kSealBytes = trail::Siv::kTagBytes;

uint64_t hash_of(std::string_view text, uint64_t seed) {
  return text.empty() ? 0 : XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

uint64_t number_in(std::string_view id) {
  uint64_t number = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
  return read.ec == std::errc() && read.ptr == id.data() + id.size() ? number : 0;
}

uint32_t flag_of(std::string_view rule) {
  constexpr std::pair<std::string_view, uint32_t> kFlags[] = {{"self", kSelf},
                                                              {"declared-relation", kDeclaredRelation},
                                                              {"same-address", kSameAddress},
                                                              {"neighbour", kNeighbour},
                                                              {"colleague", kColleague},
                                                              {"shielded-without-duty", kShielded},
                                                              {"case-unknown", kWrongCase},
                                                              {"case-closed", kWrongCase},
                                                              {"case-of-somebody-else", kWrongCase}};
  const auto found = std::ranges::find(kFlags, rule, &std::pair<std::string_view, uint32_t>::first);
  return found == std::end(kFlags) ? kOtherFlag : found->second;
}

}  // namespace

Observer::Observer(const trail::Trail& trail, const purpose::Judge& judge, const purpose::FactBase& facts,
                   std::string_view own_source)
    : trail_(trail),
      facts_(facts),
      own_source_(own_source),
      employee_of_symbol_(facts.symbols(Kind::kEmployee), kNone) {
  for (const purpose::Rule& rule : judge.rules()) {
    const bool explains = rule.conclusion == purpose::Conclusion::kExplained;
    meanings_.push_back({explains, explains && rule.id == "break-glass-with-reason", explains ? 0 : flag_of(rule.id)});
  }
}

Result<const Observation*> Observer::observe(const purpose::Judged& judged) {
  const purpose::Access& access = *judged.access;
  observation_ = Observation();
  subjects_.clear();
  const bool is_sealed = judged.index < trail_.sealed_size();
  WEERBAAR_ASSIGN(const bool is_others, is_sealed ? read_row(judged) : read_event(judged));
  if (!is_others) return nullptr;
  observation_.index = judged.index;
  observation_.time = access.time;
  observation_.employee = employee_of(access.employee, observation_.account);
  observation_.employee_symbol = access.employee;
  observation_.system = access.system;
  observation_.action = access.action;
  observation_.break_glass = access.break_glass;
  observation_.is_explained = judged.outcome == purpose::Outcome::kExplained;
  take_findings(judged);
  observation_.subjects = subjects_;
  return &observation_;
}

void Observer::take_findings(const purpose::Judged& judged) {
  bool is_wrong = false;
  std::vector<ObservedSubject>& subjects = subjects_;
  for (const purpose::Finding& finding : judged.findings) {
    const Meaning& meaning = meanings_[finding.rule];
    is_wrong = is_wrong || meaning.flag == kWrongCase;
    if (finding.subject >= subjects.size()) continue;
    ObservedSubject& subject = subjects[finding.subject];
    subject.flags |= meaning.flag;
    subject.explained = subject.explained || meaning.explains;
    subject.by_broken_glass = subject.by_broken_glass || meaning.by_broken_glass;
  }
  const Symbol claimed = judged.access->claimed_case;
  observation_.claims_case = claimed != kNoSymbol && claimed != kUnknown && !is_wrong;
  for (ObservedSubject& subject : subjects) {
    subject.known_by_work = work_.knows(observation_.employee, subject.hash);
    if (subject.explained && !subject.by_broken_glass) work_.learn(observation_.employee, subject.hash);
  }
}

Status Observer::open_segment(uint64_t number) {
  const bool is_old = trail_.sealed().header(number).version == 1;
  WEERBAAR_ASSIGN(segment_, is_old ? trail_.sealed().segment(number) : trail_.sealed().columns(number, kSections));
  segment_number_ = number;
  tables_.clear();
  is_own_.clear();
  for (uint64_t code = 0; code < segment_->header().applications; ++code) {
    is_own_.push_back(segment_->texts(Section::kApplicationSource).at(code) == own_source_);
  }
  return {};
}

Result<bool> Observer::read_row(const purpose::Judged& judged) {
  const uint64_t number = judged.index / trail::kSegmentEntries;
  const uint64_t row = judged.index % trail::kSegmentEntries;
  if (number != segment_number_) WEERBAAR_TRY(open_segment(number));
  const trail::Segment& segment = *segment_;
  if (is_own_[segment.application_code(row)]) return false;
  const uint16_t period = segment.period(row);
  WEERBAAR_ASSIGN(Tables * tables, tables_of(period));
  const uint64_t actor = segment.actor_code(row);
  uint32_t& account = tables->accounts[actor];
  if (account == kNone) {
    WEERBAAR_ASSIGN(account, account_of(segment.actor(actor).id, *tables->key));
  }
  observation_.account = account;
  const uint64_t place = segment.place(row);
  const int64_t records = segment.integers(Section::kRecords).at(place);
  observation_.records = records > 0 ? static_cast<uint64_t>(records) - 1 : 0;
  set_place(segment.texts(Section::kTerminal).at(place), segment.texts(Section::kLocation).at(place), period);
  set_reason(segment.texts(Section::kReason).at(place));
  const std::span<const uint32_t> codes = segment.subjects_of(row);
  for (size_t i = 0; i < codes.size(); ++i) {
    const Symbol symbol = i < judged.access->subjects.size() ? judged.access->subjects[i] : kUnknown;
    KnownSubject& known = tables->subjects[codes[i]];
    if (!known.is_known) {
      WEERBAAR_ASSIGN(known, subject_of(segment.subject(codes[i]), symbol, period, *tables->key));
    }
    add_subject(known, symbol);
  }
  return true;
}

Result<bool> Observer::read_event(const purpose::Judged& judged) {
  const uint64_t place = judged.index - trail_.sealed_size();
  const trail::OpenTail& tail = *trail_.tails()[place / trail::kSegmentEntries];
  WEERBAAR_TRY(entry_.decode(tail.entries()[place % trail::kSegmentEntries]));
  const trail::StoredEvent& event = entry_.event();
  if (event.shape.source == own_source_) return false;
  WEERBAAR_ASSIGN(const trail::Pseudonymiser* const key, key_of(event.period));
  WEERBAAR_ASSIGN(observation_.account, account_of(event.actor.id, *key));
  observation_.records = event.records.value_or(0);
  set_place(event.terminal, event.location, event.period);
  set_reason(event.reason);
  for (size_t i = 0; i < event.subjects.size(); ++i) {
    const Symbol symbol = i < judged.access->subjects.size() ? judged.access->subjects[i] : kUnknown;
    WEERBAAR_ASSIGN(const KnownSubject known, subject_of(event.subjects[i], symbol, event.period, *key));
    add_subject(known, symbol);
  }
  return true;
}

Result<const trail::Pseudonymiser*> Observer::key_of(uint16_t period) {
  return trail_.keys()->period(trail::Period{period});
}

Result<Observer::Tables*> Observer::tables_of(uint16_t period) {
  const auto known = tables_.find(period);
  if (known != tables_.end()) return &known->second;
  Tables tables;
  WEERBAAR_ASSIGN(tables.key, key_of(period));
  tables.accounts.resize(segment_->header().actors, kNone);
  tables.subjects.resize(segment_->header().subjects);
  return &tables_.emplace(period, std::move(tables)).first->second;
}

Result<uint32_t> Observer::account_of(std::string_view pseudonym, const trail::Pseudonymiser& key) {
  WEERBAAR_ASSIGN(const std::string id, key.decrypt_identifier(trail::Domain::kActor, as_bytes(pseudonym)));
  return accounts_.code(id);
}

Result<Observer::KnownSubject> Observer::subject_of(const trail::StoredSubject& stored, Symbol symbol, uint16_t period,
                                                    const trail::Pseudonymiser& key) const {
  KnownSubject known{true, 0, 0};
  if (symbol != kUnknown && symbol != kNoSymbol) {
    const std::string_view text = facts_.text(Kind::kSubject, symbol);
    known.hash = hash_of(text, 0);
    known.number = number_in(text.substr(text.find(':') + 1));
    return known;
  }
  const auto type = static_cast<uint64_t>(stored.type);
  if (!stored.is_number) {
    known.hash = hash_of(stored.bytes, type << 16U | period);
    return known;
  }
  known.hash = XXH3_64bits_withSeed(&stored.number, sizeof stored.number, type << 16U | period);
  const unsigned width = trail::digits_of(stored.type);
  WEERBAAR_ASSIGN(const std::string digits, key.decrypt_digits(trail::domain_of(stored.type), stored.number, width));
  known.number = number_in(digits);
  return known;
}

void Observer::set_place(std::string_view terminal, std::string_view location, uint16_t period) {
  observation_.terminal = hash_of(terminal, period);
  observation_.location = facts_.find(Kind::kLocation, location);
}

void Observer::set_reason(std::string_view reason) {
  if (reason.empty()) return;
  observation_.reason = hash_of(reason, 0);
  observation_.reason_bytes = static_cast<uint32_t>(reason.size() - std::min(reason.size(), kSealBytes));
}

void Observer::add_subject(const KnownSubject& known, Symbol symbol) {
  ObservedSubject subject;
  subject.symbol = symbol;
  subject.hash = known.hash;
  subject.number = known.number;
  subjects_.push_back(subject);
}

uint32_t Observer::employee_of(Symbol symbol, uint32_t account) {
  const bool is_known = symbol != kUnknown && symbol != kNoSymbol;
  std::vector<uint32_t>& numbers = is_known ? employee_of_symbol_ : employee_of_account_;
  const uint32_t place = is_known ? symbol : account;
  if (place >= numbers.size()) numbers.resize(place + 1, kNone);
  if (numbers[place] == kNone) {
    numbers[place] = static_cast<uint32_t>(employees_.size());
    employees_.push_back({is_known ? symbol : kUnknown,
                          std::string(is_known ? facts_.text(Kind::kEmployee, symbol) : accounts_.values()[account])});
  }
  return numbers[place];
}

}  // namespace weerbaar::detect
