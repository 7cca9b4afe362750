// answer.json of an evidence package: of whom and of when everything is shown, and the proofs that it is everything.
// One form for one content. Byte for byte: docs/formats/evidence-package.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "trail/format/index_tree.h"
#include "trail/store/search.h"

namespace weerbaar::trail {

// A person has one or two pseudonyms a quarter: enough for more than a century.
inline constexpr size_t kPseudonymsMax = 1'000;

// What the index with the number `index` holds for the pseudonym with the number `pseudonym`.
struct AnswerProof {
  uint64_t index = 0;
  uint64_t pseudonym = 0;
  IndexProof proof;
  Bytes postings;  // in their hashed form; empty when it is absent

  bool operator==(const AnswerProof&) const = default;
};

struct Answer {
  TimeRange range;
  std::vector<Bytes> pseudonyms;    // as keys of an index (trail/format/index_key.h), ascending
  std::vector<EntryIndex> indexes;  // the records of their roots, in the order of the entries that they are about
  // By index, then by pseudonym: of each pseudonym whose period the index has.
  std::vector<AnswerProof> proofs;
};

std::string to_json(const Answer& answer);
// The exact reverse. kInvalid with the line that is wrong. Whether it proves anything: answer_check.h.
Result<Answer> parse_answer(std::string_view json);

}  // namespace weerbaar::trail
