#include "examine/trace/seen.h"

#include <algorithm>
#include <map>

namespace weerbaar::trace {

std::vector<Seen> seen_since(const Leak& leak, Time from, BaseRates& rates) {
  std::vector<Seen> all;
  std::vector<Reader> readers;
  std::vector<double> base;
  for (uint32_t item = 0; item < leak.persons.size(); ++item) {
    std::map<Reader, bool> is_explained;
    for (const Read& read : leak.persons[item].reads) {
      if (read.time < from) continue;
      const bool explained = read.verdict == Verdict::kExplained;
      const auto [known, is_new] = is_explained.emplace(read.reader, explained);
      if (!is_new) known->second = known->second && explained;
    }
    readers.clear();
    for (const auto& [reader, explained] : is_explained) readers.push_back(reader);
    rates.find(leak.persons[item].person, readers, readers, base);
    for (size_t i = 0; i < readers.size(); ++i) {
      all.push_back({item, readers[i], base[i], is_explained[readers[i]]});
    }
  }
  return all;
}

void weigh(std::span<const Seen> seen, size_t items, double explained_weight, ListEvidence& evidence) {
  evidence.clear(items);
  for (const Seen& one : seen) evidence.add(one.reader, one.item, one.weight(explained_weight) / one.rate);
  evidence.finish();
}

}  // namespace weerbaar::trace
