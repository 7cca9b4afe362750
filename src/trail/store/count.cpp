#include "trail/store/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "base/parallel.h"
#include "trail/store/counter.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFieldNames[] = {
    "year",   "month",   "day",      "hour",        "weekday", "source",   "system",     "component",
    "action", "outcome", "activity", "legal_basis", "unit",    "function", "actor_type", "break_glass"};

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

// A run of segments, or of entries of a tail: what a thread takes at a time. Those that lie near each other have the
// same days, so that each thread meets few of them.
struct Work {
  uint64_t begin = 0;
  uint64_t end = 0;
  const OpenTail* tail = nullptr;  // null: segments
};

std::vector<Work> work_of(const Trail& trail, unsigned threads) {
  constexpr uint64_t kPiecesOfThread = 8;
  constexpr uint64_t kEntries = 4'096;
  std::vector<Work> work;
  const uint64_t segments = trail.sealed().count();
  const uint64_t step = std::max<uint64_t>(1, segments / (threads * kPiecesOfThread));
  for (uint64_t begin = 0; begin < segments; begin += step) {
    work.push_back({begin, std::min(begin + step, segments), nullptr});
  }
  for (const auto& tail : trail.tails()) {
    for (uint64_t begin = 0; begin < tail->size(); begin += kEntries) {
      work.push_back({begin, std::min<uint64_t>(begin + kEntries, tail->size()), tail.get()});
    }
  }
  return work;
}

Status count_in(const Trail& trail, const Work& work, Counter& counter) {
  EntryParts event;
  for (uint64_t at = work.begin; at < work.end; ++at) {
    if (work.tail != nullptr) {
      if (split_entry(work.tail->entries()[at], event)) counter.add(event);
      continue;
    }
    const auto sealed = trail.sealed().mapped(at);
    const Status counted = counter.add(sealed->mapping->bytes(), sealed->head);
    if (!counted) return fail_in(trail.sealed().path(at), counted.error());
  }
  return {};
}

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
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  const std::vector<Work> work = work_of(trail, threads);
  std::vector<std::unique_ptr<Counter>> counters;
  std::vector<Status> statuses(threads);
  counters.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) counters.push_back(std::make_unique<Counter>(query));
  std::atomic<size_t> next = 0;
  for_each_in_parallel(threads, threads, [&](size_t thread) {
    for (size_t i = next++; i < work.size() && statuses[thread]; i = next++) {
      statuses[thread] = count_in(trail, work[i], *counters[thread]);
    }
  });
  for (const Status& status : statuses) WEERBAAR_TRY(status);
  for (size_t i = 1; i < counters.size(); ++i) counters[0]->add(*counters[i]);
  return counters[0]->groups();
}

}  // namespace weerbaar::trail
