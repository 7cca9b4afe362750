// An evidence package, as the command and the server make it: find what is asked, put the use on record, take the
// moment of the trail on which it stands, and make it. Only take() needs the trail to write, and for moments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/cosigned_files.h"
#include "trail/package/package.h"
#include "trail/package/trail_indexes.h"
#include "trail/store/search.h"

namespace weerbaar::server {

struct ProofAsked {
  std::optional<trail::Whom> whom;  // a person: accesses to him; or
  std::vector<uint64_t> entries;    // chosen ones
  std::string of;                   // the person as asked, for words
  trail::TimeRange range;           // of a person
  trail::Disclosure disclosure = trail::Disclosure::kPseudonyms;
  bool everybody = false;  // of a person, by identities: also the others of the same accesses
  // Of a person: a complete answer, which shows all that the indexes have of him, uses of Weerbaar too. Else the
  // accesses that other sources recorded, like chosen entries: nothing tells whether there are such uses.
  bool complete = true;
  size_t accesses_max = trail::kPackageEntriesMax;  // where it is not complete
};

struct MadeProof {
  Bytes package;
  uint64_t events = 0;                         // of a person: accesses; else entries
  std::optional<trail::AnswerSummary> answer;  // of a complete one
};

class Proof {
 public:
  // Errors of the search; kInvalid unless exactly one of a person and entries is asked, and beyond `accesses_max`.
  static Result<Proof> find(const trail::Trail& trail, ProofAsked asked);

  // For the record of the use: what is asked, in words, which name a person.
  [[nodiscard]] const std::string& query() const { return query_; }
  // Who is asked about; nothing for chosen entries.
  [[nodiscard]] const std::optional<trail::Whom>& whom() const { return asked_.whom; }
  // By now: of a complete answer, others may come until take().
  [[nodiscard]] const std::vector<EntryIndex>& entries() const { return entries_; }

  // When the use is on record: signs, so that the package stands on a checkpoint that includes it, and keeps what
  // proves that an answer is complete. Errors of the trail, which must be open to append.
  Status take(trail::Trail& written);
  // After take(); `trail` may be opened to read, under the same checkpoint. `saw`: what goes into the package of what
  // witnesses cosigned, and into its question how many refuse the log. kNotFound when it is of a person, not complete,
  // and there are none; errors of make_package() and make_answer().
  Result<MadeProof> make(const trail::Trail& trail, WitnessesSaw saw);

 private:
  [[nodiscard]] bool is_complete() const { return asked_.whom && asked_.complete; }

  ProofAsked asked_;
  std::string query_;
  std::string question_;  // as the package shows it
  std::string question_in_dutch_;
  std::vector<EntryIndex> entries_;
  std::vector<Bytes> pseudonyms_;
  std::optional<trail::TrailIndexes> indexes_;
};

}  // namespace weerbaar::server
