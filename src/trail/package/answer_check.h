// Whether an answer is complete: that the entries of a package are all the accesses of the pseudonyms given, in the
// time asked, that the log holds. What it rests on is in docs/formats/evidence-package.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"
#include "trail/format/entry.h"
#include "trail/format/problem.h"
#include "trail/package/answer.h"
#include "trail/privacy/period.h"

namespace weerbaar::trail {

struct UsedIndex {
  EntryIndex record;  // of its root
  uint64_t end = 0;   // it is over the entries before this one, as far as those before it are not
};

// What a statement says of it.
struct AnswerSummary {
  TimeRange range;
  std::vector<std::string> pseudonyms;  // "bsn ~2026-Q1:012345678"
  uint64_t accesses = 0;                // of the pseudonyms, in the time asked
  uint64_t indexes = 0;
  uint64_t indexed = 0;             // the indexes are over the entries from 0 up to this one
  std::vector<UsedIndex> used;      // in the order of the entries that they are over
  std::vector<Period> not_covered;  // periods of the log of which no pseudonym is given
};

struct AnswerFindings {
  AnswerSummary summary;
  std::vector<Problem> problems;  // none: the answer is complete, for the periods that it covers
};

// `entries` are those of the package, each of which is proven elsewhere to stand in the tree of `size` entries. Those
// that are no entry of ours are passed over: they are found elsewhere too.
AnswerFindings check_answer(const Answer& answer, const std::map<uint64_t, ByteView>& entries, TreeSize size);

// True for an access of one of the pseudonyms in the time asked.
bool belongs(const Answer& answer, const StoredEvent& event);

// True for one of the pseudonyms. `period`: of the event that the subject is of.
bool is_asked(const Answer& answer, uint16_t period, const StoredSubject& subject);

}  // namespace weerbaar::trail
