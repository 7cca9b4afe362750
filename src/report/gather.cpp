#include "report/gather.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/check.h"
#include "examine/detect/observer.h"
#include "examine/detect/surroundings.h"
#include "trail/format/entry.h"
#include "trail/format/segment.h"

namespace weerbaar::report {
namespace {

using detect::Facts;
using facts::Kind;
using purpose::FactBase;
using purpose::Judged;
using purpose::Symbol;
using trail::Section;

// A shift so far away tells that the shifts of that employee are known.
constexpr int64_t kNearby = 14 * kMicrosPerDay;

constexpr std::pair<const char*, const char*> kWanted[] = {{"position", "employee"}, {"position", "unit"},
                                                           {"position", "function"}, {"shift", "employee"},
                                                           {"unit", "unit"},         {"function", "function"}};

constexpr std::array kSections = {Section::kOpaque,           Section::kPeriod, Section::kActorCode,
                                  Section::kApplicationCode,  Section::kQuery,  Section::kApplicationSource,
                                  Section::kApplicationSystem};

// What judging leaves unread of an access: which source and system, and by what a search looked.
class Details {
 public:
  explicit Details(const trail::Trail& trail) : trail_(trail) {}

  // Reads that of an entry; good until the next one.
  Status read(uint64_t index, bool is_search) {
    if (index >= trail_.sealed_size()) return read_event(index, is_search);
    const uint64_t number = index / trail::kSegmentEntries;
    const uint64_t row = index % trail::kSegmentEntries;
    if (number != number_) {
      const bool is_old = trail_.sealed().header(number).version == 1;
      WEERBAAR_ASSIGN(segment_, is_old ? trail_.sealed().segment(number) : trail_.sealed().columns(number, kSections));
      number_ = number;
    }
    const uint64_t application = segment_->application_code(row);
    source_ = segment_->texts(Section::kApplicationSource).at(application);
    system_ = segment_->texts(Section::kApplicationSystem).at(application);
    if (!is_search) return {};
    return read_query(segment_->texts(Section::kQuery).at(segment_->place(row)), segment_->period(row));
  }
  [[nodiscard]] std::string_view source() const { return source_; }
  [[nodiscard]] std::string_view system() const { return system_; }
  [[nodiscard]] SearchKey key() const { return key_; }

 private:
  Status read_event(uint64_t index, bool is_search) {
    const uint64_t place = index - trail_.sealed_size();
    const trail::OpenTail& tail = *trail_.tails()[place / trail::kSegmentEntries];
    WEERBAAR_TRY(entry_.decode(tail.entries()[place % trail::kSegmentEntries]));
    source_ = entry_.event().shape.source;
    system_ = entry_.event().shape.system;
    return is_search ? read_query(entry_.event().query, entry_.event().period) : Status{};
  }
  Status read_query(std::string_view sealed, uint16_t period) {
    key_ = SearchKey::kUnknown;
    if (sealed.empty()) return {};
    WEERBAAR_ASSIGN(const trail::Pseudonymiser* const key, trail_.keys()->period(trail::Period{period}));
    WEERBAAR_ASSIGN(const std::string query, key->decrypt_text(trail::Domain::kQuery, as_bytes(sealed)));
    key_ = key_of(query);
    return {};
  }

  const trail::Trail& trail_;
  uint64_t number_ = UINT64_MAX;
  std::shared_ptr<const trail::Segment> segment_;
  trail::Entry entry_;
  std::string_view source_;
  std::string_view system_;
  SearchKey key_ = SearchKey::kUnknown;
};

// Different numbers, in 8 bytes each and as much again while they are put in order.
class DifferentNumbers {
 public:
  void add(uint64_t number) {
    numbers_.push_back(number);
    if (numbers_.size() >= room_) settle();
  }
  uint64_t count() {
    settle();
    return numbers_.size();
  }

 private:
  void settle() {
    std::ranges::sort(numbers_);
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
    room_ = std::max(room_, numbers_.size() * 2);
  }

  static constexpr size_t kRoomMin = 65'536;
  size_t room_ = kRoomMin;
  std::vector<uint64_t> numbers_;
};

const facts::Table& table_named(std::string_view name) {
  const facts::Table* const table = facts::find_table(name);
  WEERBAAR_CHECK(table != nullptr);
  return *table;
}

class Gatherer {
 public:
  Gatherer(const trail::Trail& trail, const purpose::Judge& judge, FactBase& facts, const Calendar& calendar,
           const GatherChoice& choice)
      : calendar_(calendar),
        choice_(choice),
        facts_(facts),
        positions_(facts, "position", "employee"),
        shifts_(facts, "shift", "employee"),
        observer_(trail, judge, facts, choice.own_source),
        details_(trail) {}

  // Of the months before.
  Status take_before(const Judged& judged) {
    WEERBAAR_ASSIGN(const auto counted, count(judged));
    if (!counted) return {};
    gathered_.before[calendar_.month_of(judged.access->time)].add(*counted);
    source();
    return {};
  }
  Status take(const Judged& judged) {
    WEERBAAR_ASSIGN(const auto counted, count(judged));
    if (!counted) return {};
    gathered_.all.add(*counted);
    gathered_.first.add(*counted);
    for (const detect::ObservedSubject& subject : observed_->subjects) persons_.add(subject.hash);
    const auto [unit, function] = position_of(*judged.access);
    UnitTally& of_unit = gathered_.units[std::string(facts_.text(Kind::kUnit, unit))];
    of_unit.tally.add(*counted);
    ++of_unit.functions[std::string(facts_.text(Kind::kFunction, function))];
    gathered_.systems[std::string(details_.system())].add(*counted);
    std::vector<bool>& days = source().days;
    days.resize(days_of(choice_.month));
    days[calendar_.day_of_month(judged.access->time)] = true;
    return {};
  }
  Gathered finish() {
    gathered_.persons = persons_.count();
    return std::move(gathered_);
  }

 private:
  // Nothing of an access that is not looked at.
  Result<std::optional<Counted>> count(const Judged& judged) {
    const purpose::Access& access = *judged.access;
    const bool is_search = access.action == Action::kSearch;
    WEERBAAR_ASSIGN(observed_, observer_.observe(judged));
    if (observed_ == nullptr) return std::nullopt;
    WEERBAAR_TRY(details_.read(judged.index, is_search));
    Counted counted;
    counted.employee = observed_->employee;
    counted.is_search = is_search;
    counted.key = is_search ? details_.key() : SearchKey::kUnknown;
    counted.outside_hours = is_outside_hours(access);
    counted.by_shift = knows_shifts_;
    counted.break_glass = access.break_glass;
    counted.is_first = judged.is_first;
    counted.outcome = judged.outcome;
    return counted;
  }
  SourceTally& source() {
    const auto found = gathered_.sources.find(std::string(details_.source()));
    if (found != gathered_.sources.end()) return found->second;
    return gathered_.sources[std::string(details_.source())];
  }
  bool is_outside_hours(const purpose::Access& access) {
    const Facts::Around around = shifts_.around(access.employee, access.time);
    const int64_t ended = around.before ? shifts_.table().valid_to(*around.before) : INT64_MIN / 2;
    const int64_t begins = around.after ? shifts_.table().valid_from(*around.after) : INT64_MAX / 2;
    knows_shifts_ = access.time - ended <= kNearby || begins - access.time <= kNearby;
    return knows_shifts_ ? access.time >= ended : !calendar_.is_in_office_hours(access.time);
  }
  // Unit and function by the register; else as the source claims.
  [[nodiscard]] std::pair<Symbol, Symbol> position_of(const purpose::Access& access) const {
    const auto row = positions_.at(access.employee, access.time);
    if (!row) return {access.unit, access.function};
    return {positions_.cell(*row, "unit"), positions_.cell(*row, "function")};
  }

  const Calendar& calendar_;
  const GatherChoice& choice_;
  const FactBase& facts_;
  Facts positions_;
  Facts shifts_;
  detect::Observer observer_;
  Details details_;
  const detect::Observation* observed_ = nullptr;
  bool knows_shifts_ = false;
  DifferentNumbers persons_;
  Gathered gathered_;
};

}  // namespace

void want(FactBase& facts) {
  for (const auto& [table, column] : kWanted) {
    const facts::Table& schema = table_named(table);
    const auto found = std::ranges::find(schema.columns, column, &facts::Column::name);
    WEERBAAR_CHECK(found != schema.columns.end());
    facts.want(schema, static_cast<size_t>(found - schema.columns.begin()));
  }
}

namespace {

// Of sources that the settings know, and of those that delivered in these months.
Status gather_gaps(const trail::Trail& trail, const Calendar& calendar, const GatherChoice& choice,
                   Gathered& gathered) {
  gathered.days_over = calendar.days_over(choice.month, choice.now);
  const int64_t first = first_day_of(choice.month);
  GapChoice gaps{calendar.begin_of_day(first),
                 calendar.begin_of_day(first + gathered.days_over),
                 choice.size,
                 choice.own_source,
                 {}};
  for (const KnownSource& source : choice.sources) {
    const bool is_quiet = gathered.sources[source.name].days.empty();
    if (source.has_heartbeat && is_quiet) gaps.quiet.insert(source.name);
  }
  WEERBAAR_ASSIGN(const auto found, gaps_of(trail, gaps));
  for (const auto& [source, gap] : found) gathered.sources[source].gaps = gap;
  return {};
}

}  // namespace

Result<Gathered> gather(const trail::Trail& trail, const purpose::Judge& judge, FactBase& facts,
                        const Calendar& calendar, const GatherChoice& choice, const TellProgress& tell) {
  Gatherer gatherer(trail, judge, facts, calendar, choice);
  const purpose::Portion portion{choice.size, choice.own_source, false};
  const auto told = [&](const Judged& judged, auto take) -> Status {
    constexpr uint64_t kEvery = 1'000'000;
    if (judged.index % kEvery == 0) tell(judged.index);
    return take();
  };
  const Month month = choice.month;
  // The months before are judged apart: so the first accesses of the month are those that a check of it finds.
  const auto before = purpose::check(
      trail, judge, facts, calendar.range_of({month.number - kMonthsBefore}, {month.number - 1}),
      [&](const Judged& judged) { return told(judged, [&] { return gatherer.take_before(judged); }); }, {}, portion);
  if (!before) return std::unexpected(before.error());
  WEERBAAR_ASSIGN(
      const purpose::CheckReport report,
      purpose::check(
          trail, judge, facts, calendar.range_of(month, month),
          [&](const Judged& judged) { return told(judged, [&] { return gatherer.take(judged); }); }, {}, portion));
  Gathered gathered = gatherer.finish();
  gathered.unreadable = report.unreadable;
  gathered.findings = to_hex(report.findings);
  WEERBAAR_TRY(gather_gaps(trail, calendar, choice, gathered));
  return gathered;
}

}  // namespace weerbaar::report
