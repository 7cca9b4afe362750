#include "server/event_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "domain/access_event_json.h"

namespace weerbaar::server {
namespace {

constexpr size_t kCellCharactersMax = 40;
// So that an ordinary row fits in 100 columns.
constexpr size_t kWhereCharactersMax = 28;

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

// Cut between characters.
std::string cell(std::string_view text, size_t characters_max = kCellCharactersMax) {
  std::string safe = printable(text);
  if (characters(safe) <= characters_max) return safe;
  size_t at = 0;
  for (size_t seen = 0; at < safe.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(safe[at]) & 0xC0U) != 0x80;
    if (starts && seen++ == characters_max - 1) break;
  }
  return safe.substr(0, at) + "…";
}

std::string persons(std::span<const Subject> subjects) {
  if (subjects.empty()) return "";
  std::string text = fmt::format("{}:{}", to_string(subjects[0].type), subjects[0].id);
  if (subjects.size() > 1) text += fmt::format(" +{}", subjects.size() - 1);
  return text;
}

nlohmann::ordered_json json_of(const ShownVerdict& verdict) {
  nlohmann::ordered_json json = {
      {"outcome", verdict.outcome}, {"rules", verdict.rules}, {"policy", verdict.policy}, {"check", verdict.check}};
  if (!verdict.on_behalf.empty()) json["on_behalf_of"] = verdict.on_behalf;
  return json;
}

std::string text_of(const ShownVerdict& verdict) {
  if (verdict.rules.empty()) return verdict.outcome;
  std::vector<std::string> rules = verdict.rules;
  for (std::string& rule : rules) {
    if (std::ranges::find(verdict.on_behalf, rule) != verdict.on_behalf.end()) rule += " (on behalf)";
  }
  return fmt::format("{}: {}", verdict.outcome, fmt::join(rules, ", "));
}

std::string purpose(const Purpose& purpose) {
  if (purpose.break_glass) return "break-glass";
  return std::string(purpose.case_id.empty() ? purpose.processing_activity : purpose.case_id);
}

}  // namespace

namespace {

// How many bytes at the front of the text a terminal may obey instead of showing them; 0 when it shows them.
size_t obeyed_bytes(std::string_view text) {
  const auto byte = [text](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  // U+0080 to U+009F, which some take for an escape.
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  // What turns the direction of writing: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;
  const bool turns =
      byte(0) == 0xE2 &&
      ((byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xAA && byte(2) <= 0xAE))) ||
       (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9));
  return turns ? 3 : 0;
}

}  // namespace

nlohmann::ordered_json json_of(std::span<const trail::Problem> problems) {
  auto json = nlohmann::ordered_json::array();
  for (const trail::Problem& problem : problems) json.push_back({{"where", problem.where}, {"what", problem.what}});
  return json;
}

std::string printable(std::string_view text) {
  std::string safe;
  for (size_t at = 0; at < text.size();) {
    const size_t obeyed = obeyed_bytes(text.substr(at));
    safe += obeyed > 0 ? ' ' : text[at];
    at += std::max<size_t>(obeyed, 1);
  }
  return safe;
}

Result<ShownEvent> show_event(const trail::Trail& trail, EntryIndex index, trail::Disclosure disclosure) {
  Bytes bytes;
  WEERBAAR_TRY(trail.entry(index, bytes));
  trail::Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  if (!entry.is_event()) {
    return fail(Code::kInvalid, fmt::format("entry {} is a record of the trail itself, no access", index.value()));
  }
  const trail::Pseudonymiser* key = nullptr;
  if (disclosure == trail::Disclosure::kIdentities && trail.keys() != nullptr) {
    auto found = trail.keys()->period(trail::Period{entry.event().period});
    if (found) {
      key = *found;
    } else if (found.error().code != Code::kDenied) {
      return std::unexpected(found.error());
    }
  }
  ShownEvent shown;
  shown.index = index;
  shown.marks = entry.event().marks;
  WEERBAAR_TRY(decode(entry.event(), disclosure, key, shown.batch));
  return shown;
}

Status add_persons(const trail::Trail& trail, std::span<const EntryIndex> entries, EventBatch& memory,
                   std::vector<Subject>& persons) {
  std::set<std::pair<SubjectType, std::string>> seen;
  for (const Subject& person : persons) seen.emplace(person.type, person.id);
  for (const EntryIndex index : entries) {
    const auto shown = show_event(trail, index, trail::Disclosure::kIdentities);
    if (!shown && shown.error().code == Code::kInvalid) continue;  // a record of the trail itself
    if (!shown) return std::unexpected(shown.error());
    for (const Subject& person : shown->event().subjects) {
      if (!seen.emplace(person.type, person.id).second) continue;
      persons.push_back({person.type, memory.keep(person.id), {}});
    }
  }
  return {};
}

std::string to_the_second(Time time) {
  return format_time(Time{floor_div(time.micros, kMicrosPerSecond) * kMicrosPerSecond, 0});
}

void EventTable::add(const ShownEvent& shown) {
  const AccessEvent& event = shown.event();
  if (console_.json()) {
    std::string line = fmt::format("{{\"index\":{},", shown.index.value());
    line += std::string_view(to_json(event)).substr(1);
    if ((shown.marks & trail::kMarkFuture) != 0) line.insert(line.size() - 1, ",\"marks\":[\"future\"]");
    if (shown.verdict) line.insert(line.size() - 1, fmt::format(",\"verdict\":{}", json_of(*shown.verdict).dump()));
    if (!shown.why.empty()) line.insert(line.size() - 1, fmt::format(",\"why\":{}", shown.why));
    console_.result(line);
    return;
  }
  rows_.push_back({to_the_second(event.time), cell(event.actor.id), cell(event.actor.unit),
                   std::string(to_string(event.action)) +
                       (event.outcome == Outcome::kSuccess ? "" : fmt::format(" ({})", to_string(event.outcome))),
                   cell(event.component.empty() ? event.system : fmt::format("{} {}", event.system, event.component),
                        kWhereCharactersMax),
                   cell(persons(event.subjects)), cell(purpose(event.purpose)),
                   shown.verdict ? cell(text_of(*shown.verdict)) : "", fmt::format("{}", shown.index.value())});
}

void EventTable::finish() {
  if (console_.json() || rows_.empty()) return;
  rows_.insert(rows_.begin(), {"TIME", "EMPLOYEE", "UNIT", "ACTION", "WHERE", "PERSON", "PURPOSE", "VERDICT", "ENTRY"});
  std::array<size_t, kColumns> widths{};
  for (const Row& row : rows_) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], characters(row[i]));
  }
  // A column in which nothing stands but its heading is left out.
  std::array<bool, kColumns> shown{};
  for (size_t i = 0; i < kColumns; ++i) {
    shown[i] = std::any_of(rows_.begin() + 1, rows_.end(), [i](const Row& row) { return !row[i].empty(); });
  }
  for (const Row& row : rows_) {
    std::string line;
    for (size_t i = 0; i < kColumns; ++i) {
      if (!shown[i]) continue;
      line += row[i];
      if (i + 1 < kColumns) line.append(widths[i] - characters(row[i]) + 2, ' ');
    }
    console_.result(line);
  }
  rows_.clear();
}

}  // namespace weerbaar::server
