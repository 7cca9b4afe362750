#include "examine/trace/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "examine/trace/generated_world.h"
#include "examine/trace/trace.h"

namespace weerbaar::trace::testing {
namespace {

constexpr size_t kShownFirst = 5;

Planted plant(GeneratedWorld& world, Kind kind) {
  switch (kind) {
    case Kind::kSeller:
      return world.plant_seller();
    case Kind::kSellerAtHome:
      return world.plant_seller_at_home();
    case Kind::kPair:
      return world.plant_pair();
    case Kind::kAnybody:
      return world.list_of_anybody();
    case Kind::kRegion:
      return world.list_of_region();
    case Kind::kCaseLoad:
      return world.list_of_case_load();
  }
  return {};
}

bool is_leaker(const Planted& planted, Reader reader) {
  return std::find(planted.leakers.begin(), planted.leakers.end(), reader) != planted.leakers.end();
}

void add(const Planted& planted, const Finding& finding, Tally& tally) {
  ++tally.runs;
  const std::vector<Suspect>& ranking = finding.ranking;
  if (is_leaker(planted, ranking[0].reader)) ++tally.first;
  const size_t shown = std::min(kShownFirst, ranking.size());
  const auto found = std::count_if(ranking.begin(), ranking.begin() + static_cast<long>(shown),
                                   [&](const Suspect& suspect) { return is_leaker(planted, suspect.reader); });
  if (!planted.leakers.empty() && static_cast<size_t>(found) == planted.leakers.size()) ++tally.all_in_five;
  std::vector<Reader> leakers = planted.leakers;
  std::sort(leakers.begin(), leakers.end());
  if (finding.best.readers == leakers) ++tally.together;
  // Who saw most of the list; the one who also reads most comes first among equals, as raw counting would have it.
  const auto most = std::max_element(ranking.begin(), ranking.end(), [](const Suspect& a, const Suspect& b) {
    return std::pair(a.leaked_seen, a.expected) < std::pair(b.leaked_seen, b.expected);
  });
  if (is_leaker(planted, most->reader)) ++tally.covered_first;
  if (finding.chance.reported() >= 0.05) ++tally.at_least_5;
  if (finding.chance.reported() < 0.01) ++tally.below_1;
  if (finding.chance.anywhere >= 0.05) ++tally.anywhere_5;
}

}  // namespace

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, kKinds> kNames = {"seller",
                                                           "seller among persons of the own region",
                                                           "pair that split the work",
                                                           "nobody: anybody",
                                                           "nobody: one region",
                                                           "nobody: one case load"};
  return kNames[static_cast<size_t>(kind)];
}

void evaluate_world(uint64_t seed, size_t each, uint64_t drawings, size_t sampled, Tallies& tallies) {
  GeneratedWorld world(seed);
  std::vector<std::pair<Kind, Planted>> lists;
  for (size_t i = 0; i < each; ++i) {
    for (size_t kind = 0; kind < kKinds; ++kind) {
      lists.emplace_back(static_cast<Kind>(kind), plant(world, static_cast<Kind>(kind)));
    }
  }
  Assumptions assumptions;
  assumptions.drawings = drawings;
  for (const auto& [kind, planted] : lists) {
    ++assumptions.seed;
    const auto [activity, leak] = world.sample_of(planted, sampled, assumptions.seed);
    BaseRates rates(activity);
    const auto finding = trace(leak, rates, assumptions);
    WEERBAAR_CHECK(finding.has_value() && !finding->ranking.empty());
    add(planted, *finding, tallies[static_cast<size_t>(kind)]);
  }
}

std::string to_table(const Tallies& tallies) {
  std::string text =
      "| list | runs | a leaker is first | first by raw coverage | all leakers in the first five | best explanation is "
      "exactly them | chance ≥ 5 % | of lists from anywhere alone | chance < 1 % |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (size_t kind = 0; kind < kKinds; ++kind) {
    const Tally& tally = tallies[kind];
    const bool leaked = kind < static_cast<size_t>(Kind::kAnybody);
    const auto of_leakers = [leaked](size_t count) { return leaked ? fmt::format("{}", count) : std::string("–"); };
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name_of(static_cast<Kind>(kind)), tally.runs,
                    of_leakers(tally.first), of_leakers(tally.covered_first), of_leakers(tally.all_in_five),
                    of_leakers(tally.together), tally.at_least_5, tally.anywhere_5, tally.below_1);
  }
  return text;
}

}  // namespace weerbaar::trace::testing
