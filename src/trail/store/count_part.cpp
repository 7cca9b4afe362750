#include "trail/store/count_part.h"

#include <fmt/format.h>

#include <algorithm>

namespace weerbaar::trail {
namespace {

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

}  // namespace

Origin origin_of(CountField field) {
  if (field <= CountField::kWeekday) return Origin::kTime;
  if (field == CountField::kComponent || field == CountField::kAction || field == CountField::kOutcome) {
    return Origin::kOperation;
  }
  if (field <= CountField::kLegalBasis) return Origin::kApplication;
  return field == CountField::kBreakGlass ? Origin::kEvent : Origin::kActor;
}

std::string time_value(CountField field, int64_t hours) {
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

std::string_view value_of(CountField field, const StoredShape& shape) {
  switch (field) {
    case CountField::kSource:
      return shape.source;
    case CountField::kSystem:
      return shape.system;
    case CountField::kComponent:
      return shape.component;
    case CountField::kAction:
      return to_string(shape.action);
    case CountField::kOutcome:
      return to_string(shape.outcome);
    case CountField::kActivity:
      return shape.processing_activity;
    default:
      return shape.legal_basis;
  }
}

std::string_view value_of(CountField field, const StoredActor& actor) {
  switch (field) {
    case CountField::kUnit:
      return actor.unit;
    case CountField::kFunction:
      return actor.function;
    default:
      return to_string(actor.type);
  }
}

CountPart::CountPart(const CountQuery& query, Origin origin) : query_(query), origin_(origin) {
  const auto add = [&](CountField field) {
    if (origin_of(field) == origin && std::ranges::find(fields_, field) == fields_.end()) fields_.push_back(field);
  };
  for (const CountField field : query.group_by) add(field);
  for (const Condition& condition : query.where) add(condition.field);
  if (fields_.empty()) group_number({});
}

uint32_t CountPart::number(std::span<const std::string_view> values) {
  key_.clear();
  for (const std::string_view value : values) {
    const auto length = static_cast<uint32_t>(value.size());
    key_.append(reinterpret_cast<const char*>(&length), sizeof length);
    key_ += value;
  }
  const uint32_t code = combinations_.code(key_);
  if (code < numbers_.size()) return numbers_[code];
  const auto value_of_field = [&](CountField field) {
    return values[static_cast<size_t>(std::ranges::find(fields_, field) - fields_.begin())];
  };
  const bool is_wanted = std::ranges::all_of(query_.where, [&](const Condition& condition) {
    return origin_of(condition.field) != origin_ || holds(condition, value_of_field(condition.field));
  });
  uint32_t number = kLeftOut;
  if (is_wanted) {
    std::vector<std::string> group;
    for (const CountField field : query_.group_by) {
      if (origin_of(field) == origin_) group.emplace_back(value_of_field(field));
    }
    number = group_number(std::move(group));
  }
  numbers_.push_back(number);
  return number;
}

uint32_t CountPart::group_number(std::vector<std::string> group) {
  const auto [found, added] = by_group_.try_emplace(group, static_cast<uint32_t>(groups_.size()));
  if (added) groups_.push_back(std::move(group));
  return found->second;
}

std::vector<uint32_t> CountPart::take(const CountPart& other) {
  std::vector<uint32_t> numbers;
  numbers.reserve(other.groups_.size());
  for (const std::vector<std::string>& group : other.groups_) numbers.push_back(group_number(group));
  return numbers;
}

}  // namespace weerbaar::trail
