// Evidence packages: entries of the trail with everything that is needed to check them without the trail, and a
// statement that people can read. Byte for byte: docs/formats/evidence-package.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "trail/format/problem.h"
#include "trail/format/signature.h"
#include "trail/format/tlog_policy.h"
#include "trail/package/answer_check.h"
#include "trail/package/completeness_source.h"
#include "trail/store/event_codec.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

inline constexpr size_t kQuestionBytesMax = 1'000;
inline constexpr size_t kMadeByBytesMax = 200;
inline constexpr uint64_t kPackageEntriesMax = 50'000;
inline constexpr uint64_t kPackageBytesMax = uint64_t{256} << 20U;         // of the package
inline constexpr uint64_t kPackageContentBytesMax = uint64_t{512} << 20U;  // of its files, unpacked

struct PackageRequest {
  std::vector<EntryIndex> entries;  // in any order; repetitions count once
  Disclosure disclosure = Disclosure::kPseudonyms;
  // One sentence: what was asked. It is shown as it is, so it names nobody where the disclosure is pseudonyms.
  std::string question;
  std::string made_by;  // one line
  Time made_at;
  // A checkpoint that witnesses cosigned, of no more entries than the log has signed; empty: there is none. What it
  // proves goes into the package.
  std::string witnessed = {};
};

// Packages of version 1: chosen entries.
//
// The same request on the same signed checkpoint gives the same bytes. An entry whose period key was destroyed shows
// pseudonyms, also where identities are asked for.
//   kInvalid   no entries, an entry that the last signed checkpoint does not cover, texts that are no single line of
//              UTF-8 within their limits, or a package beyond a limit
//   kDenied    the trail is open without keys
//   kCorrupt   the trail contradicts its checkpoint or its keys: run verify
Result<Bytes> make_package(const Trail& trail, const PackageRequest& request);

// The same for all accesses to one person in a time.
struct AnswerRequest {
  std::vector<Bytes> pseudonyms;  // of the person, as keys of an index; person_pseudonyms() gives them
  TimeRange range;
  Disclosure disclosure = Disclosure::kPseudonyms;
  std::string question;
  std::string made_by;
  Time made_at;
  std::string witnessed = {};  // as above
  // Where identities are shown: of the other persons of the same accesses too. Else they keep their pseudonyms, in a
  // package that is about one.
  bool everybody = false;
};

// Entries that no index is over yet stand in a package in full; no more of them than this.
inline constexpr uint64_t kOpenEntriesMax = 1'000;

struct MadeAnswer {
  Bytes package;
  AnswerSummary summary;
};

// Packages of version 2, which prove that there are no other accesses. `source` gives the proofs. Errors as above;
// there may be no accesses. Also kInvalid when what no index is over is too much, or holds an access that is no part of
// the answer: commit the index of the open tail first; and kCorrupt when what was made proves nothing: run verify.
Result<MadeAnswer> make_answer(const Trail& trail, const AnswerRequest& request, CompletenessSource& source);

// The pseudonyms of a person in every period whose key is there, as keys of an index, for OfSubject and OfPseudonym.
// kInvalid for others, and for what is no pseudonym; kDenied when an identity is asked and the trail has no keys.
Result<std::vector<Bytes>> person_pseudonyms(const Trail& trail, const Whom& whom);

// What the verifier knows from elsewhere.
struct PackageTrust {
  // Of the log. Without it the key in the package is used, and the package is as trustworthy as whoever gave it.
  std::optional<VerifierKey> key;
  // A checkpoint note of the log that somebody kept.
  std::optional<std::string> against;
  // Which logs are believed, and which witnesses must have cosigned the checkpoint, or one with whose entries its log
  // begins. Without a key it gives that of the log.
  std::optional<TlogPolicy> policy = std::nullopt;
};

// What the witnesses of a trust policy saw of the log, once they are as many as it asks.
struct PackageWitnessed {
  struct Witness {
    std::string name;  // in the policy
    Time time;         // of its cosignature
  };
  TreeSize size;
  std::vector<Witness> by;
  // Of an answer: so many entries, from 0 on, the completeness of which rests on what they saw. Behind them it rests on
  // the signature of the log.
  uint64_t complete_up_to = 0;

  // Up to here the log was no longer by any of them.
  [[nodiscard]] Time earliest() const;
};

struct PackageReport {
  bool ok = false;      // no problems
  uint64_t events = 0;  // accesses whose entries are proven
  // That there are no other accesses of the pseudonyms given in the time asked is proven, in all periods that the log
  // has. Only of version 2, and only without problems.
  bool complete = false;
  std::vector<std::string> not_covered;  // periods of the log of which no pseudonym is given: "2018-Q1"
  // Of the log, and of the tree in which the entries stand. Empty when the checkpoint could not be opened.
  std::string origin;
  TreeSize size;
  bool trusted_key = false;  // the key came from the verifier
  std::optional<PackageWitnessed> witnessed;
  // `where`: a file of the package, "package" for the whole, or "against" for the checkpoint kept.
  std::vector<Problem> problems;
  std::vector<std::string> proven;   // sentences; nothing when there are problems
  std::vector<std::string> assumed;  // what the verifier has to believe, or to find out elsewhere
};

// Checks a package by what is in it and `trust` alone. What is wrong with the package is in the report; kInvalid only
// for what is wrong with `trust`: `against` is not a checkpoint note.
Result<PackageReport> verify_package(ByteView package, const PackageTrust& trust);

}  // namespace weerbaar::trail
