// For tests only: entries of which the same persons and employees come back, and the index over them made the slow and
// obvious way.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/index_block.h"
#include "trail/format/index_tree.h"
#include "trail/format/segment.h"

namespace weerbaar::trail::testing {

// Ranks of actors are those among the actors of the same index.
using ObviousIndex = std::map<Bytes, std::vector<IndexPosting>>;

inline ObviousIndex obvious_index(uint64_t first_index, std::span<const ByteView> entries) {
  ObviousIndex index;
  std::vector<std::pair<uint64_t, Bytes>> actor_of;
  Entry entry;
  for (size_t row = 0; row < entries.size(); ++row) {
    WEERBAAR_CHECK(entry.decode(entries[row]).has_value());
    const uint64_t at = first_index + row;
    Bytes key;
    if (!entry.is_event()) {
      append_record_key(entry.record().type, key);
      index[key].push_back({at, {}, 0});
      continue;
    }
    const StoredEvent& event = entry.event();
    append_actor_key(event.period, event.actor.id, key);
    index[key].push_back({at, {}, 0});
    actor_of.emplace_back(at, key);
    for (const StoredSubject& subject : event.subjects) {
      key.clear();
      append_subject_key(event.period, subject, key);
      std::vector<IndexPosting>& postings = index[key];
      if (postings.empty() || postings.back().index != at) postings.push_back({at, event.time, 0});
    }
  }
  std::map<Bytes, uint32_t> ranks;
  for (const auto& [key, postings] : index) {
    if (key[0] == static_cast<uint8_t>(KeyKind::kActor)) ranks.emplace(key, ranks.size());
  }
  std::map<uint64_t, uint32_t> rank_at;
  for (const auto& [at, key] : actor_of) rank_at[at] = ranks.at(key);
  for (auto& [key, postings] : index) {
    if (key[0] != static_cast<uint8_t>(KeyKind::kSubject)) continue;
    for (IndexPosting& posting : postings) posting.actor = rank_at.at(posting.index);
  }
  return index;
}

inline Bytes hashed_postings(const Bytes& key, const std::vector<IndexPosting>& postings) {
  Bytes hashed;
  for (const IndexPosting& posting : postings) {
    if (key[0] == static_cast<uint8_t>(KeyKind::kSubject)) {
      append_subject_posting(posting.index, posting.time, hashed);
    } else {
      append_other_posting(posting.index, hashed);
    }
  }
  return hashed;
}

// What entries are made of.
struct Mix {
  uint64_t seed = 1;
  uint64_t persons = 2'000;
  uint64_t employees = 300;
  uint64_t periods = 1;
  int64_t time_unit = 1'000;  // in microseconds
  int64_t out_of_order = 0;   // in units: how far times stray
  bool nanos = false;
  bool texts = false;  // some pseudonyms are bytes, many of which begin alike
};

// Entries from `first` on of what the mix makes; the same for the same arguments.
inline std::vector<Bytes> mixed_entries(const Mix& mix, uint64_t first, size_t count) {
  std::mt19937_64 random(mix.seed + first);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  std::vector<Bytes> entries(count);
  std::vector<std::string> memory(8);
  for (size_t i = 0; i < count; ++i) {
    if (below(500) == 0) {
      encode(StoredRecord{below(2) == 0 ? "import" : "index", static_cast<int64_t>(first + i), "{}"}, entries[i]);
      continue;
    }
    StoredEvent event;
    memory[0] = "run-" + std::to_string(first + i);
    event.id = memory[0];
    const int64_t stray =
        mix.out_of_order == 0 ? 0 : static_cast<int64_t>(below(static_cast<uint64_t>(mix.out_of_order)));
    event.time.micros =
        (1'767'225'600'000'000 / mix.time_unit + static_cast<int64_t>((first + i) * 700 + below(900)) - stray) *
        mix.time_unit;
    if (mix.nanos && below(3) == 0) event.time.nanos = static_cast<uint16_t>(1 + below(999));
    event.received_ms = 1'767'225'600'000;
    event.period = static_cast<uint16_t>(8'100 + below(mix.periods));
    memory[1] = "employee-" + std::to_string(below(below(mix.employees) + 1));
    event.actor = {memory[1], ActorType::kEmployee, below(2) == 0 ? "inspecteur" : "", "west"};
    event.shape = {"s", Action::kRead, "BVR", {}, {}, {}, {}, Outcome::kSuccess};
    std::vector<StoredSubject> subjects;
    for (uint64_t more = below(8) == 0 ? below(4) : 1; more > 0; --more) {
      const uint64_t person = below(below(mix.persons) + 1);
      if (mix.texts && below(3) == 0) {
        memory[2 + more] = std::string(person % 40, 'x') + std::to_string(person);
        subjects.push_back({SubjectType::kOther, false, 0, memory[2 + more], {}});
      } else {
        subjects.push_back({SubjectType::kBsn, true, person * 7'919 % 1'000'000'000, {}, {}});
        if (below(9) == 0) subjects.push_back({SubjectType::kBsn, true, person * 7'919 % 1'000'000'000, {}, "partner"});
      }
    }
    std::sort(subjects.begin(), subjects.end());
    subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
    event.subjects = subjects;
    encode(event, entries[i]);
  }
  return entries;
}

}  // namespace weerbaar::trail::testing
