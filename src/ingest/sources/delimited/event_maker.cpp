#include "ingest/sources/delimited/event_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "domain/access_event_json.h"

namespace weerbaar::ingest::delimited {
namespace {

bool is_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// nullptr when `values` has no such key.
const Texts* look_up(const std::vector<std::pair<std::string, Texts>>& values, std::string_view key) {
  const auto found = std::lower_bound(values.begin(), values.end(), key,
                                      [](const auto& value, std::string_view wanted) { return value.first < wanted; });
  return found != values.end() && found->first == key ? &found->second : nullptr;
}

}  // namespace

EventMaker::EventMaker(const Mapping& mapping) : mapping_(mapping) {
  if (mapping.id_by_hash) ids_.emplace(mapping.hashed_records_recent);
}

Result<AccessEvent> EventMaker::make(std::string_view raw, Cells cells, EventBatch& batch) {
  WEERBAAR_CHECK(cells.size() == mapping_.columns.size());
  AccessEvent event;
  event.source = batch.keep(mapping_.source);
  for (const FieldRule& field : mapping_.fields) {
    WEERBAAR_ASSIGN(const Found found, find(field.field->name, field.rule, cells, batch));
    if (found.text().empty()) {
      if (field.field->required)
        return refused(field.field->name, field.rule, "there is nothing: the source must fill it");
      continue;
    }
    const std::string_view text = field.field->kind == FieldKind::kText ? found.kept(batch) : found.text();
    if (const Status status = set_field(*field.field, text, event, batch); !status) {
      return refused(field.field->name, field.rule, status.error().text);
    }
  }
  WEERBAAR_TRY(set_time(cells, event));
  WEERBAAR_TRY(set_data(cells, event, batch));
  WEERBAAR_TRY(set_subjects(cells, event, batch));
  WEERBAAR_TRY(set_attributes(cells, event, batch));
  if (ids_) WEERBAAR_TRY(set_id(raw, event, batch));
  return event;
}

// column "A", or columns "A", "B".
std::string EventMaker::columns_of(const Rule& rule) const {
  std::string text = rule.columns.size() == 1 ? "column " : "columns ";
  for (const size_t column : rule.columns) {
    text += fmt::format("{}\"{}\"", column == rule.columns.front() ? "" : ", ", mapping_.columns[column].name);
  }
  return text;
}

std::unexpected<Error> EventMaker::refused(std::string_view field, const Rule& rule, std::string_view reason) const {
  if (rule.constant) return fail(Code::kInvalid, fmt::format("{}: {}", field, reason));
  return fail(Code::kInvalid, fmt::format("{}, {}: {}", columns_of(rule), field, reason));
}

// The cells of a rule as one text; empty when all are. Lives until the next call or as long as the cells.
std::string_view EventMaker::join(const Rule& rule, Cells cells) {
  if (rule.columns.size() == 1) return cells[rule.columns.front()];
  joined_.clear();
  bool all_empty = true;
  for (size_t i = 0; i < rule.columns.size(); ++i) {
    const std::string_view cell = cells[rule.columns[i]];
    all_empty = all_empty && cell.empty();
    if (i > 0) joined_ += rule.separator;
    joined_ += cell;
  }
  return all_empty ? std::string_view() : joined_;
}

Result<EventMaker::Found> EventMaker::find(std::string_view field, const Rule& rule, Cells cells, EventBatch& batch) {
  if (rule.constant) return Found{{}, &*rule.constant};
  std::string_view text = join(rule, cells);
  if (std::find(rule.empty.begin(), rule.empty.end(), text) != rule.empty.end()) text = {};
  if (rule.mapped) {
    if (const Texts* texts = look_up(rule.values, text)) return Found{{}, texts};
  }
  if (text.empty() || rule.mapped) {
    if (rule.fallback) return Found{{}, &*rule.fallback};
    if (text.empty()) return Found{};
    return refused(field, rule, "the value is not in values: add it to the mapping, or give a default");
  }
  if (text.size() < rule.pad && is_number(text)) {
    std::string padded(rule.pad - text.size(), '0');
    padded += text;
    return Found{batch.keep(padded)};
  }
  return Found{rule.columns.size() == 1 ? text : batch.keep(text)};
}

Status EventMaker::set_id(std::string_view raw, AccessEvent& event, EventBatch& batch) {
  const auto id = ids_->next(raw);
  if (!id) {
    return fail(Code::kInvalid,
                fmt::format("id by hash takes at most {} million different records in one input: split it",
                            kHashedRecordsMax / 1'000'000));
  }
  event.id = batch.keep(*id);
  return {};
}

Status EventMaker::set_time(Cells cells, AccessEvent& event) {
  const TimeRule& rule = *mapping_.time;
  const std::string_view text = join(rule.rule, cells);
  if (text.empty()) return refused("time", rule.rule, "there is nothing: the source must fill it");
  const auto local = rule.format.parse(text);
  if (!local) return refused("time", rule.rule, local.error().text);
  int64_t utc = local->seconds - local->offset.value_or(0);
  if (rule.zone) {
    const TimeZone::Moments moments = rule.zone->moments_of(local->seconds);
    if (moments.count == 0) {
      return refused(
          "time", rule.rule,
          fmt::format("the time does not exist in zone {}: the clock was put forward over it", rule.zone_name));
    }
    if (moments.count > 1 && rule.ambiguous == Ambiguous::kRefuse) {
      return refused("time", rule.rule,
                     fmt::format("the time came twice in zone {}, when the clock was put back", rule.zone_name));
    }
    utc = rule.ambiguous == Ambiguous::kLater ? moments.later : moments.earlier;
  }
  event.time = {utc * kMicrosPerSecond + local->nanos / 1'000, static_cast<uint16_t>(local->nanos % 1'000)};
  return {};
}

Status EventMaker::set_data(Cells cells, AccessEvent& event, EventBatch& batch) {
  if (!mapping_.data) return {};
  WEERBAAR_ASSIGN(const Found found, find("data", *mapping_.data, cells, batch));
  data_.clear();
  if (found.texts != nullptr) {
    for (const std::string& text : *found.texts) {
      if (!text.empty()) data_.push_back(batch.keep(text));
    }
  } else if (!found.cell.empty()) {
    data_.push_back(found.cell);
  }
  event.data = batch.keep(std::span<const std::string_view>(data_));
  return {};
}

Status EventMaker::set_subjects(Cells cells, AccessEvent& event, EventBatch& batch) {
  subjects_.clear();
  for (const SubjectRule& rule : mapping_.subjects) {
    WEERBAAR_ASSIGN(const Found id, find("subjects.id", rule.id, cells, batch));
    if (id.cell.empty()) continue;
    WEERBAAR_ASSIGN(const Found type, find("subjects.type", rule.type, cells, batch));
    const auto parsed = parse_subject_type(type.text());
    if (!parsed) {
      return refused("subjects.type", rule.type,
                     "it is not one of bsn, rsin, kvk, vehicle, address, employee, other: map it with values");
    }
    std::string_view role;
    if (rule.role) {
      WEERBAAR_ASSIGN(const Found found, find("subjects.role", *rule.role, cells, batch));
      role = found.kept(batch);
    }
    subjects_.push_back({*parsed, id.cell, role});
  }
  event.subjects = batch.keep(std::span<const Subject>(subjects_));
  return {};
}

Status EventMaker::set_attributes(Cells cells, AccessEvent& event, EventBatch& batch) {
  attributes_.clear();
  for (const AttributeRule& attribute : mapping_.attributes) {
    WEERBAAR_ASSIGN(const Found found, find(attribute.key, attribute.rule, cells, batch));
    if (found.text().empty()) continue;
    WEERBAAR_ASSIGN(const std::string_view value, attribute_value(attribute, found, batch));
    attributes_.push_back({batch.keep(attribute.key), value});
  }
  event.attributes = batch.keep(std::span<const Attribute>(attributes_));
  return {};
}

// As JSON text.
Result<std::string_view> EventMaker::attribute_value(const AttributeRule& attribute, const Found& found,
                                                     EventBatch& batch) {
  const std::string_view text = found.text();
  joined_.clear();
  if (!attribute.is_json) {
    append_json_string(joined_, text);
  } else if (attribute.rule.constant) {
    joined_ = text;
  } else {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
      return refused(attribute.key, attribute.rule, "it is not a whole number");
    }
    joined_ = std::to_string(number);
  }
  return batch.keep(joined_);
}

}  // namespace weerbaar::ingest::delimited
