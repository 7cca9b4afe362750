// What a trace needs, out of a trail: who consulted the leaked persons, and what is ordinary.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "examine/trace/activity.h"
#include "examine/trace/leak.h"
#include "trail/privacy/period.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"

namespace weerbaar::trace {

// Persons from whom is learnt what is ordinary, at most. Their accesses are found by the indexes, in some ten
// microseconds for each person and index file.
inline constexpr size_t kSampledPersonsMax = 12'000;
// So many are drawn for each of them: who has a lot in several quarters counts by one of these.
inline constexpr size_t kDrawnForEach = 3;

// Whether the work explains an access, and by which rule.
struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  std::string rule;
};

struct GatherOptions {
  // Accesses of this source show who consulted whom, and nobody's data: it is as if they were not there.
  std::string own_source;
  // Asked once for each access that counts, in the order of the trail. None: nothing was judged.
  std::function<Judgement(EntryIndex)> judge;
  size_t sampled_persons = kSampledPersonsMax;
  // Told how many of the sampled persons were looked up; may be none.
  std::function<void(size_t done, size_t total)> progress;
};

// An employee or account: one, whatever the number of pseudonyms.
struct ReaderName {
  std::string identity;             // or the pseudonym as text, when its key is not there
  trail::ActorPseudonym pseudonym;  // that of the latest access
};

struct Gathered {
  Leak leak;
  Activity activity;  // the leaked persons come first, in the order given
  std::vector<ReaderName> readers;
  std::vector<EntryIndex> entries;       // the accesses that the leak rests on, ascending
  std::vector<trail::Period> destroyed;  // of which nothing can be found by identity
  size_t not_counted = 0;                // accesses to leaked persons that showed nobody's data: refused or failed
  size_t sampled = 0;                    // persons besides the leaked ones
  bool has_everybody = false;            // the sample is all persons of those types
};

// `leaked`: persons, each once. The range has both ends. Errors of consultations_of() and sample_persons().
Result<Gathered> gather(const trail::Trail& trail, std::span<const trail::Whom> leaked, const trail::TimeRange& range,
                        const GatherOptions& options);

}  // namespace weerbaar::trace
