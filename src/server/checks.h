// The checks that were made, DIR/checks/<number>.findings, and the verdicts that they hold.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "examine/purpose/findings.h"
#include "server/data_directory.h"

namespace weerbaar::server {

// How an access was judged by the last check that looked at it.
struct ShownVerdict {
  std::string outcome;             // explained, flagged, unexplained
  std::vector<std::string> rules;  // that fired
  uint64_t policy = 0;
  uint64_t check = 0;
};

// The number that the next check gets, from 1.
Result<uint64_t> next_check(const DataDirectory& data);
// Where its findings go. Makes the folder.
Result<std::string> findings_path(const DataDirectory& data, uint64_t check);

// Not thread-safe.
class Verdicts {
 public:
  // Opens no more than the last kChecksMax.
  static Result<Verdicts> open(const DataDirectory& data);
  // Nothing when no check looked at it. kCorrupt names the file that is damaged.
  Result<std::optional<ShownVerdict>> of(EntryIndex index) const;

 private:
  static constexpr uint64_t kChecksMax = 64;

  struct Check {
    uint64_t number = 0;
    uint64_t policy = 0;
    purpose::FindingsFile findings;
    std::vector<purpose::Rule> rules;
  };

  std::vector<Check> checks_;  // the last first
};

}  // namespace weerbaar::server
