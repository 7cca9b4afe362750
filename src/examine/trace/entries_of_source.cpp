#include "examine/trace/entries_of_source.h"

#include <algorithm>
#include <array>

#include "trail/format/entry.h"

namespace weerbaar::trace {
namespace {

using trail::Section;

constexpr std::array kSource = {Section::kApplicationSource};
constexpr std::array kSourceOfRows = {Section::kApplicationSource, Section::kActorCode, Section::kApplicationCode};

Status add_segment(const trail::Trail& trail, uint64_t number, std::string_view source,
                   std::vector<EntryIndex>& entries) {
  const trail::SegmentHeader header = trail.sealed().header(number);
  const bool is_old = header.version == 1;
  WEERBAAR_ASSIGN(auto segment, is_old ? trail.sealed().segment(number) : trail.sealed().columns(number, kSource));
  std::vector<bool> is_wanted(header.applications);
  for (uint64_t code = 0; code < is_wanted.size(); ++code) {
    is_wanted[code] = segment->texts(Section::kApplicationSource).at(code) == source;
  }
  if (std::ranges::find(is_wanted, true) == is_wanted.end()) return {};
  if (!is_old) {
    WEERBAAR_ASSIGN(segment, trail.sealed().columns(number, kSourceOfRows));
  }
  for (uint64_t row = 0; row < trail::kSegmentEntries; ++row) {
    // The columns give a record the codes of some event.
    if (is_wanted[segment->application_code(row)]) entries.emplace_back(header.first_index + row);
  }
  return {};
}

}  // namespace

Result<std::vector<EntryIndex>> entries_of_source(const trail::Trail& trail, const trail::TimeRange& range,
                                                  std::string_view source) {
  std::vector<EntryIndex> entries;
  for (uint64_t number = 0; number < trail.sealed().count(); ++number) {
    const trail::SegmentHeader header = trail.sealed().header(number);
    if (range.from && header.time_max < range.from->micros) continue;
    if (range.to && header.time_min > range.to->micros) continue;
    WEERBAAR_TRY(add_segment(trail, number, source, entries));
  }
  trail::Entry entry;
  for (const auto& tail : trail.tails()) {
    uint64_t index = tail->first_index();
    for (const ByteView bytes : tail->entries()) {
      WEERBAAR_TRY(entry.decode(bytes));
      if (entry.is_event() && entry.event().shape.source == source) entries.emplace_back(index);
      ++index;
    }
  }
  std::ranges::sort(entries);
  return entries;
}

}  // namespace weerbaar::trace
