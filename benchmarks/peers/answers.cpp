#include "peers/answers.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "base/time.h"

namespace weerbaar::benchmarks {
namespace {

uint64_t hash(std::string_view text, uint64_t seed) {
  return XXH64(text.data(), text.size(), seed);
}

}  // namespace

void DayCounter::add(int64_t micros, std::string_view system) {
  const int64_t day = floor_div(micros, kMicrosPerDay);
  if (first_day_ < 0) first_day_ = day;
  WEERBAAR_CHECK(day >= first_day_);  // rows come in the order of time
  auto found = counts_.find(system);
  if (found == counts_.end()) found = counts_.emplace(std::string(system), std::vector<uint64_t>()).first;
  std::vector<uint64_t>& days = found->second;
  const auto place = static_cast<size_t>(day - first_day_);
  if (days.size() <= place) days.resize(place + 1);
  ++days[place];
}

std::vector<DayCount> DayCounter::counts() const {
  std::vector<DayCount> all;
  for (const auto& [system, days] : counts_) {
    for (size_t i = 0; i < days.size(); ++i) {
      if (days[i] > 0) all.push_back({first_day_ + static_cast<int64_t>(i), system, days[i]});
    }
  }
  return all;
}

std::vector<Suspect> rank_suspects(std::span<const std::vector<Access>> accesses) {
  struct Seen {
    Suspect suspect;
    size_t last_person = 0;  // its place in the list, from 1
  };
  std::unordered_map<std::string_view, Seen> all;
  for (size_t person = 0; person < accesses.size(); ++person) {
    for (const Access& access : accesses[person]) {
      Seen& seen = all[access.actor];
      ++seen.suspect.accesses;
      seen.suspect.last_micros = std::max(seen.suspect.last_micros, access.micros);
      if (seen.last_person == person + 1) continue;
      seen.last_person = person + 1;
      ++seen.suspect.persons;
    }
  }
  std::vector<Suspect> suspects;
  suspects.reserve(all.size());
  for (auto& [actor, seen] : all) {
    suspects.push_back(std::move(seen.suspect));
    suspects.back().actor = actor;
  }
  sort_suspects(suspects);
  return suspects;
}

void sort_suspects(std::vector<Suspect>& suspects) {
  std::sort(suspects.begin(), suspects.end(), [](const Suspect& a, const Suspect& b) {
    return std::tie(b.persons, a.actor) < std::tie(a.persons, b.actor);
  });
}

void Checksum::add(const Access& access) {
  ++answers_;
  sum_ += hash(access.actor, static_cast<uint64_t>(access.micros));
}

void Checksum::add(const Suspect& suspect) {
  ++answers_;
  sum_ += hash(fmt::format("{} {} {}", suspect.persons, suspect.accesses, suspect.last_micros), hash(suspect.actor, 1));
}

void Checksum::add(const DayCount& count) {
  ++answers_;
  sum_ += hash(fmt::format("{} {}", count.day, count.events), hash(count.system, 2));
}

std::string Checksum::text() const {
  return fmt::format("{} answers, {:016x}", answers_, sum_);
}

}  // namespace weerbaar::benchmarks
