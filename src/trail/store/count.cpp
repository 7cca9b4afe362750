#include "trail/store/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFieldNames[] = {
    "year",   "month",   "day",      "hour",        "weekday", "source",   "system",     "component",
    "action", "outcome", "activity", "legal_basis", "unit",    "function", "actor_type", "break_glass"};

// Where the value of a field comes from: the time, the shape or the actor of an event, or the event itself.
enum class Origin : uint8_t { kTime, kShape, kActor, kEvent };

Origin origin_of(CountField field) {
  if (field <= CountField::kWeekday) return Origin::kTime;
  if (field <= CountField::kLegalBasis) return Origin::kShape;
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

  GroupPart(const CountQuery& query, Origin origin) : query_(query), origin_(origin) {}

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

 private:
  const CountQuery& query_;
  Origin origin_;
  std::map<std::vector<std::string>, uint32_t> numbers_;
  std::vector<std::vector<std::string>> values_;
};

class Counter {
 public:
  explicit Counter(const CountQuery& query)
      : query_(query),
        times_(query, Origin::kTime),
        shapes_(query, Origin::kShape),
        actors_(query, Origin::kActor),
        events_(query, Origin::kEvent) {}

  void add(const Segment& segment) {
    std::vector<uint32_t> shapes(segment.header().shapes);
    for (uint64_t code = 0; code < shapes.size(); ++code) shapes[code] = shapes_.number(segment.shape(code));
    std::vector<uint32_t> actors(segment.header().actors);
    for (uint64_t code = 0; code < actors.size(); ++code) actors[code] = actors_.number(segment.actor(code));
    const auto column = [&](Section section) {
      std::vector<int64_t> values(kSegmentEntries);
      segment.integers(section).read_all(values);
      return values;
    };
    const auto times = column(Section::kTime);
    const auto shape_codes = column(Section::kShapeCode);
    const auto actor_codes = column(Section::kActorCode);
    const auto broken = column(Section::kBreakGlass);
    const bool all_events = segment.texts(Section::kOpaque).is_constant() && segment.opaque(0).empty();
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      if (!all_events && !segment.opaque(row).empty()) continue;
      add(times[row], shapes[static_cast<size_t>(shape_codes[row])], actors[static_cast<size_t>(actor_codes[row])],
          broken[row] != 0);
    }
  }

  void add(const StoredEvent& event) {
    add(event.time.micros, shapes_.number(event.shape), actors_.number(event.actor), event.break_glass);
  }

  std::vector<CountGroup> groups() const {
    std::map<std::vector<std::string>, uint64_t> sorted;
    for (const auto& [key, events] : counts_) sorted[values_of(key)] += events;
    std::vector<CountGroup> groups;
    for (auto& [values, events] : sorted) groups.push_back({values, events});
    return groups;
  }

 private:
  struct Key {
    uint32_t time;
    uint32_t shape;
    uint32_t actor;
    uint32_t event;
    auto operator<=>(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      const uint64_t low = uint64_t{key.time} << 32U | key.shape;
      const uint64_t high = uint64_t{key.actor} << 32U | key.event;
      return static_cast<size_t>((low * 0x9E3779B97F4A7C15U) ^ (high * 0xC2B2AE3D27D4EB4FU) ^ (low >> 29U));
    }
  };

  void add(int64_t micros, uint32_t shape, uint32_t actor, bool broken) {
    const int64_t hour = floor_div(micros, kMicrosPerHour);
    if (!has_hour_ || hour != hour_) {
      has_hour_ = true;
      hour_ = hour;
      const auto [found, added] = hours_.try_emplace(hour, 0);
      if (added) found->second = times_.number(hour);
      time_ = found->second;
    }
    const uint32_t event = events_.number(broken);
    const bool left_out = time_ == GroupPart::kLeftOut || shape == GroupPart::kLeftOut ||
                          actor == GroupPart::kLeftOut || event == GroupPart::kLeftOut;
    if (!left_out) ++counts_[Key{time_, shape, actor, event}];
  }

  // In the order of group_by.
  std::vector<std::string> values_of(const Key& key) const {
    const std::vector<std::string>* parts[] = {&times_.values(key.time), &shapes_.values(key.shape),
                                               &actors_.values(key.actor), &events_.values(key.event)};
    size_t next[4] = {};
    std::vector<std::string> values;
    for (const CountField field : query_.group_by) {
      const auto origin = static_cast<size_t>(origin_of(field));
      values.push_back((*parts[origin])[next[origin]++]);
    }
    return values;
  }

  const CountQuery& query_;
  GroupPart times_;
  GroupPart shapes_;
  GroupPart actors_;
  GroupPart events_;
  std::unordered_map<int64_t, uint32_t> hours_;
  std::unordered_map<Key, uint64_t, KeyHash> counts_;
  bool has_hour_ = false;
  int64_t hour_ = 0;
  uint32_t time_ = 0;
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
  Counter counter(query);
  for (uint64_t number = 0; number < trail.sealed().count(); ++number) {
    WEERBAAR_ASSIGN(const auto segment, trail.sealed().segment(number));
    counter.add(*segment);
  }
  Entry entry;
  for (const auto& tail : trail.tails()) {
    for (const ByteView bytes : tail->entries()) {
      WEERBAAR_TRY(entry.decode(bytes));
      if (entry.is_event()) counter.add(entry.event());
    }
  }
  return counter.groups();
}

}  // namespace weerbaar::trail
