#include "trail/store/count_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/parallel.h"

namespace weerbaar::trail {
namespace {

// A field of the groups: where its values are, and which comes where among them.
struct Field {
  size_t origin = 0;
  size_t place = 0;             // among the fields of that origin
  std::vector<uint32_t> ranks;  // by number of the part
  uint64_t distinct = 0;
};

std::vector<Field> fields_of(const CountQuery& query, std::span<const CountPart* const> parts) {
  std::vector<Field> fields;
  size_t next[kOrigins] = {};
  for (const CountField asked : query.group_by) {
    Field field;
    field.origin = static_cast<size_t>(origin_of(asked));
    field.place = next[field.origin]++;
    const CountPart& part = *parts[field.origin];
    std::vector<std::string_view> values;
    values.reserve(part.numbers());
    for (uint32_t number = 0; number < part.numbers(); ++number) values.push_back(part.value(number, field.place));
    std::vector<std::string_view> sorted = values;
    std::ranges::sort(sorted);
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    for (const std::string_view value : values) {
      field.ranks.push_back(static_cast<uint32_t>(std::ranges::lower_bound(sorted, value) - sorted.begin()));
    }
    field.distinct = sorted.size();
    fields.push_back(std::move(field));
  }
  return fields;
}

// Numbers of the same order without gaps; how many there are.
uint64_t make_dense(std::vector<uint64_t>& codes) {
  std::vector<uint64_t> sorted = codes;
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (uint64_t& code : codes) {
    code = static_cast<uint64_t>(std::ranges::lower_bound(sorted, code) - sorted.begin());
  }
  return sorted.size();
}

struct Merged {
  uint64_t events = 0;
  uint32_t cell = 0;  // one of those with these values
};

// A code for each cell, which is less when the values come first; with how many codes there can be.
std::pair<std::vector<uint64_t>, uint64_t> codes_of(std::span<const Field> fields, std::span<const CountCell> cells) {
  std::vector<uint64_t> codes(cells.size(), 0);
  uint64_t limit = 1;
  for (const Field& field : fields) {
    const uint64_t distinct = std::max<uint64_t>(field.distinct, 1);
    if (limit > std::numeric_limits<uint64_t>::max() / distinct) limit = make_dense(codes);
    for (size_t i = 0; i < cells.size(); ++i) {
      codes[i] = codes[i] * distinct + field.ranks[cells[i].key[field.origin]];
    }
    limit *= distinct;
  }
  return {std::move(codes), limit};
}

std::vector<Merged> merge(std::span<const Field> fields, std::span<const CountCell> cells) {
  const auto [codes, limit] = codes_of(fields, cells);
  std::vector<Merged> merged;
  constexpr uint64_t kSparseTimes = 8;
  // Few codes that no cell has: a place for each is cheaper than sorting.
  if (limit <= kSparseTimes * cells.size()) {
    std::vector<Merged> by_code(limit);
    for (size_t i = 0; i < cells.size(); ++i) {
      by_code[codes[i]].events += cells[i].events;
      by_code[codes[i]].cell = static_cast<uint32_t>(i);
    }
    std::ranges::copy_if(by_code, std::back_inserter(merged), [](const Merged& one) { return one.events != 0; });
    return merged;
  }
  std::vector<std::pair<uint64_t, uint32_t>> order;
  order.reserve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) order.emplace_back(codes[i], static_cast<uint32_t>(i));
  std::ranges::sort(order);
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || order[i].first != order[i - 1].first) merged.push_back({0, order[i].second});
    merged.back().events += cells[order[i].second].events;
  }
  return merged;
}

}  // namespace

std::vector<CountCell> CountTable::cells() const {
  std::vector<CountCell> used;
  used.reserve(used_);
  std::ranges::copy_if(cells_, std::back_inserter(used), [](const CountCell& cell) { return cell.events != 0; });
  return used;
}

void CountTable::grow() {
  const std::vector<CountCell> before = std::exchange(cells_, std::vector<CountCell>(cells_.size() * 2));
  used_ = 0;
  for (const CountCell& cell : before) {
    if (cell.events != 0) add(cell.key, cell.events);
  }
}

std::vector<CountGroup> groups_of(const CountQuery& query, std::span<const CountPart* const> parts,
                                  std::span<const CountCell> cells) {
  const std::vector<Field> fields = fields_of(query, parts);
  const std::vector<Merged> merged = merge(fields, cells);
  std::vector<CountGroup> groups(merged.size());
  constexpr size_t kChunk = 4'096;  // groups that are worth handing to a thread
  for_each_in_parallel(0, (groups.size() + kChunk - 1) / kChunk, [&](size_t chunk) {
    for (size_t i = chunk * kChunk; i < std::min(groups.size(), (chunk + 1) * kChunk); ++i) {
      const CountKey& key = cells[merged[i].cell].key;
      groups[i].events = merged[i].events;
      groups[i].values.reserve(fields.size());
      for (const Field& field : fields) {
        groups[i].values.push_back(parts[field.origin]->value(key[field.origin], field.place));
      }
    }
  });
  return groups;
}

}  // namespace weerbaar::trail
