// Recomputes everything that a trail directory holds, and says what is wrong with it and where. It shares only
// trail/format with the code that writes: layouts and hashes, no decisions.
//
// What a clean report means: every entry up to the checkpoint is the one that was signed, byte for byte; every index
// that a search follows leads to exactly those entries, leaving none out; and every index root that a record of the
// trail commits is that of its entries, so that an answer proven complete by it is complete.
//
// What it cannot mean, whatever the program:
// - Entries beyond the checkpoint (`behind`) are whole, but nothing signs them yet.
// - Who can write to the trail can put all of it back to an older state. Only a checkpoint that was kept elsewhere
//   shows that: `against`, or the one that the keys remember. Who has the signing key too is caught by `against` only.
// - ids/, which tells intake what it has taken already, is not evidence and is not read: delete it in doubt, it is made
//   again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "os/file_system.h"
#include "trail/format/problem.h"
#include "trail/format/sha256.h"
#include "trail/format/signature.h"

namespace weerbaar::trail {

// Of a report; one more then says how many were left out.
inline constexpr size_t kProblemsMax = 1'000;

struct VerifyOptions {
  os::FileSystem* files = nullptr;
  std::string directory;
  VerifierKey key;     // of the log
  std::string origin;  // name of the log
  // Signed notes: a checkpoint that somebody kept, and the last one that the keys remember (empty: none).
  std::optional<std::string> against;
  std::optional<std::string> remembered;
  // 0: one a processor. Each takes the memory of one segment. The recomputed indexes of segments whose index is over
  // others too come on top, until those are there: about 2 MB each of 16, at times of 256.
  unsigned threads = 0;
  // Called from any thread, one call at a time, with entries checked and to be checked; a tail counts as full.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

struct Report {
  bool ok = false;  // no problems
  TreeSize size;    // up to the last entry found
  Hash root{};      // over all of them, recomputed; zeros when something is missing or too damaged for that
  uint64_t segments = 0;
  uint64_t tail_entries = 0;
  uint64_t behind = 0;                // entries that the checkpoint does not cover yet
  uint64_t unacknowledged_bytes = 0;  // of a batch that was cut off, behind the last whole one
  std::vector<Problem> problems;      // checkpoints first, then files in the order of their entries
  std::vector<Problem> notes;         // worth telling, and not wrong: what a crash left behind …
};

// Reads only, and takes no lock: a program may append meanwhile, what it adds is then left out. An error only when
// there is nothing to work on: kNotFound when the directory is absent, kDenied or kIo when it cannot be listed.
// Whatever is wrong with what is in it is a problem in the report, a file that cannot be read too.
Result<Report> verify(const VerifyOptions& options);

}  // namespace weerbaar::trail
