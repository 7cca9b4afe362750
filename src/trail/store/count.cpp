#include "trail/store/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/parallel.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFieldNames[] = {
    "year",   "month",   "day",      "hour",        "weekday", "source",   "system",     "component",
    "action", "outcome", "activity", "legal_basis", "unit",    "function", "actor_type", "break_glass"};

// Where the value of a field comes from: the time of an event, the application or the operation in its shape, its
// actor, or the event itself.
enum class Origin : uint8_t { kTime, kApplication, kOperation, kActor, kEvent };

Origin origin_of(CountField field) {
  if (field <= CountField::kWeekday) return Origin::kTime;
  if (field == CountField::kComponent || field == CountField::kAction || field == CountField::kOutcome) {
    return Origin::kOperation;
  }
  if (field <= CountField::kLegalBasis) return Origin::kApplication;
  return field == CountField::kBreakGlass ? Origin::kEvent : Origin::kActor;
}

std::string value_of(CountField field, const StoredShape& shape) {
  switch (field) {
    case CountField::kSource:
      return std::string(shape.source);
    case CountField::kSystem:
      return std::string(shape.system);
    case CountField::kComponent:
      return std::string(shape.component);
    case CountField::kAction:
      return std::string(to_string(shape.action));
    case CountField::kOutcome:
      return std::string(to_string(shape.outcome));
    case CountField::kActivity:
      return std::string(shape.processing_activity);
    default:
      return std::string(shape.legal_basis);
  }
}

std::string value_of(CountField field, const StoredActor& actor) {
  switch (field) {
    case CountField::kUnit:
      return std::string(actor.unit);
    case CountField::kFunction:
      return std::string(actor.function);
    default:
      return std::string(to_string(actor.type));
  }
}

constexpr int64_t kMicrosPerHour = 3'600 * kMicrosPerSecond;

// `hours`: since 1970, floored.
std::string value_of(CountField field, int64_t hours) {
  const int64_t days = floor_div(hours, 24);
  const Civil date = civil_from_days(days);
  switch (field) {
    case CountField::kYear:
      return fmt::format("{:04}", date.year);
    case CountField::kMonth:
      return fmt::format("{:04}-{:02}", date.year, date.month);
    case CountField::kDay:
      return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    case CountField::kHour:
      return fmt::format("{:02}", hours - days * 24);
    default:
      return fmt::format("{}", (days + 3) - floor_div(days + 3, 7) * 7 + 1);  // 1970-01-01 was a Thursday
  }
}

bool holds(const Condition& condition, std::string_view value) {
  const int order = value.compare(condition.value);
  switch (condition.comparison) {
    case Comparison::kEqual:
      return order == 0;
    case Comparison::kNotEqual:
      return order != 0;
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterOrEqual:
      return order >= 0;
  }
  return false;
}

// Of an event itself: whether it broke the glass.
std::string value_of(CountField, bool broken) {
  return broken ? "true" : "false";
}

// Numbers the distinct combinations of values that a part of the events (their times, shapes or actors) brings into a
// group, so that counting itself compares numbers only. kLeftOut stands for what the conditions exclude.
class GroupPart {
 public:
  static constexpr uint32_t kLeftOut = UINT32_MAX;

  GroupPart(const CountQuery& query, Origin origin) : query_(query), origin_(origin) {
    const auto concerns = [origin](CountField field) { return origin_of(field) == origin; };
    is_asked_ =
        std::ranges::any_of(query.group_by, concerns) || std::ranges::any_of(query.where, concerns, &Condition::field);
  }

  // False when every event has the same number.
  [[nodiscard]] bool is_asked() const { return is_asked_; }
  template <class Row>
  uint32_t number(const Row& row) {
    for (const Condition& condition : query_.where) {
      if (origin_of(condition.field) == origin_ && !holds(condition, value_of(condition.field, row))) return kLeftOut;
    }
    std::vector<std::string> values;
    for (const CountField field : query_.group_by) {
      if (origin_of(field) == origin_) values.push_back(value_of(field, row));
    }
    const auto [found, added] = numbers_.try_emplace(values, static_cast<uint32_t>(values_.size()));
    if (added) values_.push_back(std::move(values));
    return found->second;
  }
  [[nodiscard]] const std::vector<std::string>& values(uint32_t number) const { return values_[number]; }
  // Gives the numbers of another part for the same values here, by their numbers there.
  std::vector<uint32_t> take(const GroupPart& other) {
    std::vector<uint32_t> numbers;
    for (const std::vector<std::string>& values : other.values_) {
      const auto [found, added] = numbers_.try_emplace(values, static_cast<uint32_t>(values_.size()));
      if (added) values_.push_back(values);
      numbers.push_back(found->second);
    }
    return numbers;
  }

 private:
  const CountQuery& query_;
  Origin origin_;
  bool is_asked_ = false;
  std::map<std::vector<std::string>, uint32_t> numbers_;
  std::vector<std::vector<std::string>> values_;
};

// The numbers that the rows of a segment have in one part, made dense: a digit each, below `limit`.
class Digits {
 public:
  // `numbers`: of each code of the part.
  explicit Digits(const std::vector<uint32_t>& numbers) : digit_of_(numbers.size(), kLeftOut) {
    std::unordered_map<uint32_t, uint32_t> digits;
    for (size_t code = 0; code < numbers.size(); ++code) {
      if (numbers[code] == GroupPart::kLeftOut) continue;
      const auto [found, added] = digits.try_emplace(numbers[code], static_cast<uint32_t>(digits.size()));
      if (added) numbers_.push_back(numbers[code]);
      digit_of_[code] = found->second;
    }
  }
  static constexpr uint32_t kLeftOut = GroupPart::kLeftOut;

  [[nodiscard]] uint32_t of(uint64_t code) const { return digit_of_[code]; }
  [[nodiscard]] uint64_t limit() const { return numbers_.size(); }
  [[nodiscard]] uint32_t number(uint64_t digit) const { return numbers_[digit]; }

 private:
  std::vector<uint32_t> digit_of_;
  std::vector<uint32_t> numbers_;
};

// Counts what one thread is given.
class Counter {
 public:
  explicit Counter(const CountQuery& query)
      : query_(query),
        times_(query, Origin::kTime),
        applications_(query, Origin::kApplication),
        operations_(query, Origin::kOperation),
        actors_(query, Origin::kActor),
        events_(query, Origin::kEvent) {}

  // What add() reads.
  [[nodiscard]] std::vector<Section> sections() const {
    std::vector<Section> sections = {Section::kOpaque};
    const auto want = [&](bool wanted, std::initializer_list<Section> more) {
      if (wanted) sections.insert(sections.end(), more);
    };
    want(times_.is_asked(), {Section::kTime});
    want(actors_.is_asked(),
         {Section::kActorId, Section::kActorType, Section::kActorFunction, Section::kActorUnit, Section::kActorCode});
    want(applications_.is_asked() || operations_.is_asked() || events_.is_asked(), {Section::kActorCode});
    want(applications_.is_asked(), {Section::kApplicationSource, Section::kApplicationSystem, Section::kApplicationData,
                                    Section::kApplicationActivity, Section::kApplicationLegalBasis});
    // In version 1 an operation is coded as its application.
    want(applications_.is_asked() || operations_.is_asked(), {Section::kApplicationCode});
    want(operations_.is_asked(), {Section::kOperationCode, Section::kOperationAction, Section::kOperationComponent,
                                  Section::kOperationOutcome});
    want(events_.is_asked(), {Section::kBreakGlass});
    return sections;
  }

  void add(const Segment& segment) {
    const SegmentHeader& header = segment.header();
    const auto numbers = [](bool asked, uint64_t codes, auto number_of) {
      std::vector<uint32_t> of_code(asked ? codes : 1);
      for (uint64_t code = 0; code < of_code.size(); ++code) of_code[code] = number_of(code);
      return of_code;
    };
    const Digits applications(numbers(applications_.is_asked(), header.applications, [&](uint64_t code) {
      return applications_.number(applications_.is_asked() ? segment.application(code) : StoredShape());
    }));
    const Digits operations(numbers(operations_.is_asked(), header.operations, [&](uint64_t code) {
      return operations_.number(operations_.is_asked() ? segment.operation(code) : StoredShape());
    }));
    const Digits actors(numbers(actors_.is_asked(), header.actors, [&](uint64_t code) {
      return actors_.number(actors_.is_asked() ? segment.actor(code) : StoredActor());
    }));
    const Digits events(numbers(events_.is_asked(), 2, [&](uint64_t code) { return events_.number(code == 1); }));
    std::vector<uint32_t> of_row(kSegmentEntries, 0);
    multiply(of_row, actors, actors_.is_asked(), [&](uint64_t row) { return segment.actor_code(row); });
    multiply(of_row, applications, applications_.is_asked(),
             [&](uint64_t row) { return segment.application_code(row); });
    multiply(of_row, operations, operations_.is_asked(), [&](uint64_t row) { return segment.operation_code(row); });
    multiply(of_row, events, events_.is_asked(), [&](uint64_t row) { return segment.break_glass(row) ? 1U : 0U; });
    for (const uint32_t row : segment.record_rows()) of_row[row] = Digits::kLeftOut;
    const uint64_t kinds = actors.limit() * applications.limit() * operations.limit() * events.limit();
    tally(segment, of_row, kinds, [&](uint64_t kind, uint32_t time, uint64_t count) {
      Key key;
      key.time = time;
      key.event = events.number(kind % events.limit());
      kind /= events.limit();
      key.operation = operations.number(kind % operations.limit());
      kind /= operations.limit();
      key.application = applications.number(kind % applications.limit());
      key.actor = actors.number(kind / applications.limit());
      counts_[key] += count;
    });
  }

  void add(const StoredEvent& event) {
    const Key key{time_of(floor_div(event.time.micros, kMicrosPerHour)), applications_.number(event.shape),
                  operations_.number(event.shape), actors_.number(event.actor), events_.number(event.break_glass)};
    const bool left_out = key.time == GroupPart::kLeftOut || key.application == GroupPart::kLeftOut ||
                          key.operation == GroupPart::kLeftOut || key.actor == GroupPart::kLeftOut ||
                          key.event == GroupPart::kLeftOut;
    if (!left_out) ++counts_[key];
  }

  // Adds what another one counted.
  void add(const Counter& other) {
    const auto times = times_.take(other.times_);
    const auto applications = applications_.take(other.applications_);
    const auto operations = operations_.take(other.operations_);
    const auto actors = actors_.take(other.actors_);
    const auto events = events_.take(other.events_);
    for (const auto& [key, count] : other.counts_) {
      counts_[{times[key.time], applications[key.application], operations[key.operation], actors[key.actor],
               events[key.event]}] += count;
    }
  }

  // In ascending order of their values.
  [[nodiscard]] std::vector<CountGroup> groups() const {
    std::vector<CountGroup> groups;
    groups.reserve(counts_.size());
    for (const auto& [key, events] : counts_) groups.push_back({values_of(key), events});
    std::ranges::sort(groups, {}, &CountGroup::values);
    // Different hours have the same weekday, different applications the same system.
    size_t kept = 0;
    for (size_t i = 1; i < groups.size(); ++i) {
      if (groups[i].values == groups[kept].values) {
        groups[kept].events += groups[i].events;
      } else if (++kept != i) {
        groups[kept] = std::move(groups[i]);
      }
    }
    if (!groups.empty()) groups.resize(kept + 1);
    return groups;
  }

 private:
  struct Key {
    uint32_t time = 0;
    uint32_t application = 0;
    uint32_t operation = 0;
    uint32_t actor = 0;
    uint32_t event = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      const uint64_t low = uint64_t{key.time} << 32U | key.application;
      const uint64_t high = uint64_t{key.actor} << 32U | key.event << 16U | key.operation;
      return static_cast<size_t>((low * 0x9E3779B97F4A7C15U) ^ (high * 0xC2B2AE3D27D4EB4FU) ^ (low >> 29U));
    }
  };
  // Beyond so many kinds of rows a table for all of them costs more than a look for each row.
  static constexpr uint64_t kDenseMax = uint64_t{1} << 18U;

  template <class CodeOf>
  static void multiply(std::vector<uint32_t>& of_row, const Digits& digits, bool asked, const CodeOf& code_of) {
    if (!asked) {
      if (digits.limit() == 0) std::ranges::fill(of_row, Digits::kLeftOut);
      return;
    }
    const auto limit = static_cast<uint32_t>(digits.limit());
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      const uint32_t digit = digits.of(code_of(row));
      const bool left_out = digit == Digits::kLeftOut || of_row[row] == Digits::kLeftOut;
      of_row[row] = left_out ? Digits::kLeftOut : of_row[row] * limit + digit;
    }
  }

  // Calls give(kind, time, count) for what the rows come to: `of_row` is the kind of each, below `kinds`.
  template <class Give>
  void tally(const Segment& segment, const std::vector<uint32_t>& of_row, uint64_t kinds, const Give& give) {
    const bool is_dense = kinds <= kDenseMax;
    std::vector<uint32_t> dense(is_dense ? kinds : 0, 0);
    std::unordered_map<uint32_t, uint64_t> sparse;
    uint32_t time = GroupPart::kLeftOut;
    const auto hand_over = [&] {
      for (uint64_t kind = 0; kind < dense.size(); ++kind) {
        if (dense[kind] != 0) give(kind, time, std::exchange(dense[kind], 0));
      }
      for (const auto& [kind, count] : sparse) give(kind, time, count);
      sparse.clear();
    };
    int64_t hour_start = 0;
    int64_t hour_end = 0;
    const bool has_times = times_.is_asked();
    if (!has_times) time = time_of(0);
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      if (of_row[row] == Digits::kLeftOut) continue;
      if (has_times) {
        const int64_t micros = segment.integers(Section::kTime).at(row);
        if (micros < hour_start || micros >= hour_end) {
          const int64_t hour = floor_div(micros, kMicrosPerHour);
          hour_start = hour * kMicrosPerHour;
          hour_end = hour_start + kMicrosPerHour;
          const uint32_t now = time_of(hour);
          if (now != time) hand_over();
          time = now;
        }
        if (time == GroupPart::kLeftOut) continue;
      }
      if (is_dense) {
        ++dense[of_row[row]];
      } else {
        ++sparse[of_row[row]];
      }
    }
    hand_over();
  }

  uint32_t time_of(int64_t hour) {
    const auto [found, added] = hours_.try_emplace(hour, 0);
    if (added) found->second = times_.number(hour);
    return found->second;
  }

  // In the order of group_by.
  std::vector<std::string> values_of(const Key& key) const {
    const std::vector<std::string>* parts[] = {&times_.values(key.time), &applications_.values(key.application),
                                               &operations_.values(key.operation), &actors_.values(key.actor),
                                               &events_.values(key.event)};
    size_t next[std::size(parts)] = {};
    std::vector<std::string> values;
    for (const CountField field : query_.group_by) {
      const auto origin = static_cast<size_t>(origin_of(field));
      values.push_back((*parts[origin])[next[origin]++]);
    }
    return values;
  }

  const CountQuery& query_;
  GroupPart times_;
  GroupPart applications_;
  GroupPart operations_;
  GroupPart actors_;
  GroupPart events_;
  std::unordered_map<int64_t, uint32_t> hours_;
  std::unordered_map<Key, uint64_t, KeyHash> counts_;
};

std::string known_fields() {
  return fmt::format("{}", fmt::join(kFieldNames, ", "));
}

Result<CountField> parse_field(std::string_view name) {
  const auto found = std::find(std::begin(kFieldNames), std::end(kFieldNames), name);
  if (found != std::end(kFieldNames)) return static_cast<CountField>(found - std::begin(kFieldNames));
  return fail(Code::kInvalid, fmt::format("\"{}\" is no field to count by: choose from {}", name, known_fields()));
}

// How the values of a field are written, for those that have one way. '0' stands for any digit.
std::string_view form_of(CountField field) {
  switch (field) {
    case CountField::kYear:
      return "0000";
    case CountField::kMonth:
      return "0000-00";
    case CountField::kDay:
      return "0000-00-00";
    case CountField::kHour:
      return "00";
    case CountField::kWeekday:
      return "0";
    default:
      return {};
  }
}

bool has_form(std::string_view value, std::string_view form) {
  return std::equal(value.begin(), value.end(), form.begin(), form.end(),
                    [](char c, char like) { return like == '0' ? c >= '0' && c <= '9' : c == like; });
}

// Values are compared as text: one that no event can have ("hour<7", "action=reed") would count wrongly, in silence.
Status check_value(CountField field, std::string_view value) {
  const std::string_view form = form_of(field);
  if (!form.empty() && !has_form(value, form)) {
    return fail(Code::kInvalid,
                fmt::format("--where: {} is written with all its digits, as in {}", to_string(field), form));
  }
  const bool known = field == CountField::kAction       ? parse_action(value).has_value()
                     : field == CountField::kOutcome    ? parse_outcome(value).has_value()
                     : field == CountField::kActorType  ? parse_actor_type(value).has_value()
                     : field == CountField::kBreakGlass ? value == "true" || value == "false"
                                                        : true;
  if (!known) return fail(Code::kInvalid, fmt::format("--where: \"{}\" is no value of {}", value, to_string(field)));
  return {};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Reads one condition after another.
class WhereParser {
 public:
  explicit WhereParser(std::string_view text) : text_(text) {}

  Result<std::vector<Condition>> parse() {
    std::vector<Condition> conditions;
    for (;;) {
      WEERBAAR_ASSIGN(Condition condition, parse_condition());
      conditions.push_back(std::move(condition));
      skip_spaces();
      if (at_ == text_.size()) return conditions;
      if (!take("and ")) return wrong("expected \"and\"");
    }
  }

 private:
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(Code::kInvalid,
                fmt::format("--where, character {}: {}. Write it as: system=BVR and hour>=19", at_ + 1, what));
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  static bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

  Result<Condition> parse_condition() {
    skip_spaces();
    const size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    if (begin == at_) return wrong("expected the name of a field");
    WEERBAAR_ASSIGN(const CountField field, parse_field(text_.substr(begin, at_ - begin)));
    skip_spaces();
    WEERBAAR_ASSIGN(const Comparison comparison, parse_comparison());
    skip_spaces();
    WEERBAAR_ASSIGN(std::string value, parse_value());
    WEERBAAR_TRY(check_value(field, value));
    return Condition{field, comparison, std::move(value)};
  }
  Result<Comparison> parse_comparison() {
    // The longer ones first.
    if (take("!=")) return Comparison::kNotEqual;
    if (take("<=")) return Comparison::kLessOrEqual;
    if (take(">=")) return Comparison::kGreaterOrEqual;
    if (take("<")) return Comparison::kLess;
    if (take(">")) return Comparison::kGreater;
    if (take("=")) return Comparison::kEqual;
    return wrong("expected one of = != < <= > >=");
  }
  Result<std::string> parse_value() {
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
      const size_t end = text_.find(text_[at_], at_ + 1);
      if (end == std::string_view::npos) return wrong("the quoted value does not end");
      std::string value(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      return value;
    }
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ' ') ++at_;
    if (begin == at_ || std::string_view("=<>!").find(text_[begin]) != std::string_view::npos) {
      at_ = begin;
      return wrong("expected a value (quote one that begins with = < > or !)");
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string_view to_string(CountField field) {
  return kFieldNames[static_cast<size_t>(field)];
}

Result<std::vector<CountField>> parse_group_by(std::string_view text) {
  std::vector<CountField> fields;
  for (;;) {
    const size_t comma = text.find(',');
    WEERBAAR_ASSIGN(const CountField field, parse_field(trimmed(text.substr(0, comma))));
    fields.push_back(field);
    if (comma == std::string_view::npos) return fields;
    text.remove_prefix(comma + 1);
  }
}

Result<std::vector<Condition>> parse_where(std::string_view text) {
  if (trimmed(text).empty()) return std::vector<Condition>{};
  return WhereParser(text).parse();
}

Result<std::vector<CountGroup>> count(const Trail& trail, const CountQuery& query) {
  const uint64_t segments = trail.sealed().count();
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Counter>> counters;
  std::vector<Status> statuses(threads);
  for (unsigned i = 0; i < threads; ++i) counters.push_back(std::make_unique<Counter>(query));
  const std::vector<Section> sections = counters[0]->sections();
  std::atomic<uint64_t> next = 0;
  for_each_in_parallel(threads, threads, [&](size_t thread) {
    for (uint64_t number = next++; number < segments && statuses[thread]; number = next++) {
      const auto segment = trail.sealed().columns(number, sections);
      if (segment) {
        counters[thread]->add(**segment);
      } else {
        statuses[thread] = std::unexpected(segment.error());
      }
    }
  });
  for (const Status& status : statuses) WEERBAAR_TRY(status);
  Entry entry;
  for (const auto& tail : trail.tails()) {
    for (const ByteView bytes : tail->entries()) {
      WEERBAAR_TRY(entry.decode(bytes));
      if (entry.is_event()) counters[0]->add(entry.event());
    }
  }
  for (size_t i = 1; i < counters.size(); ++i) counters[0]->add(*counters[i]);
  return counters[0]->groups();
}

}  // namespace weerbaar::trail
