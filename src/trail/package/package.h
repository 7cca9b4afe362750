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
#include "trail/store/event_codec.h"
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
};

// The same request on the same signed checkpoint gives the same bytes. An entry whose period key was destroyed shows
// pseudonyms, also where identities are asked for.
//   kInvalid   no entries, an entry that the last signed checkpoint does not cover, texts that are no single line of
//              UTF-8 within their limits, or a package beyond a limit
//   kDenied    the trail is open without keys
//   kCorrupt   the trail contradicts its checkpoint or its keys: run verify
Result<Bytes> make_package(const Trail& trail, const PackageRequest& request);

// What the verifier knows from elsewhere.
struct PackageTrust {
  // Of the log. Without it the key in the package is used, and the package is as trustworthy as whoever gave it.
  std::optional<VerifierKey> key;
  // A checkpoint note of the log that somebody kept.
  std::optional<std::string> against;
};

struct PackageReport {
  bool ok = false;        // no problems
  uint64_t events = 0;    // accesses whose entries are proven
  bool complete = false;  // never, in this version: that there are no other entries is not proven
  // Of the log, and of the tree in which the entries stand. Empty when the checkpoint could not be opened.
  std::string origin;
  TreeSize size;
  bool trusted_key = false;  // the key came from the verifier
  // `where`: a file of the package, "package" for the whole, or "against" for the checkpoint kept.
  std::vector<Problem> problems;
  std::vector<std::string> proven;   // sentences; nothing when there are problems
  std::vector<std::string> assumed;  // what the verifier has to believe, or to find out elsewhere
};

// Checks a package by what is in it and `trust` alone. What is wrong with the package is in the report; kInvalid only
// for what is wrong with `trust`: `against` is not a checkpoint note.
Result<PackageReport> verify_package(ByteView package, const PackageTrust& trust);

}  // namespace weerbaar::trail
