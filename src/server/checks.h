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
#include "server/policies.h"

namespace weerbaar::server {

// How an access was judged by the last check that looked at it.
struct ShownVerdict {
  std::string outcome;                 // explained, flagged, unexplained
  std::vector<std::string> rules;      // that fired
  std::vector<std::string> on_behalf;  // those of them that lead from the one on whose behalf it was done
  uint64_t policy = 0;
  uint64_t check = 0;
  uint64_t known_at = 0;  // the import up to which facts were known
};

// One check is made at a time, so that two do not get one number. kBusy when another process makes one.
Result<std::unique_ptr<os::Lock>> lock_checks(const DataDirectory& data);
// The number that the next check gets, from 1.
Result<uint64_t> next_check(const DataDirectory& data);
// Where its findings go.
std::string findings_path(const DataDirectory& data, uint64_t check);

// Not thread-safe. Verdicts can be made again, and what they stand beside cannot: a file that is damaged takes nothing
// from an answer but its verdicts.
class Verdicts {
 public:
  // Opens no more than the last kChecksMax.
  static Result<Verdicts> open(const DataDirectory& data, const trail::Trail& trail);
  // Nothing when no check that can be read looked at it.
  std::optional<ShownVerdict> of(EntryIndex index);
  // What could not be read so far, with the remedy: to be told.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  static constexpr size_t kChecksMax = 64;

  struct Check {
    uint64_t number = 0;
    uint64_t policy = 0;
    uint64_t known_at = 0;
    purpose::FindingsFile findings;
    std::vector<purpose::Rule> rules;
  };

  static Result<Check> open_check(const DataDirectory& data, const std::vector<Adoption>& adoptions, uint64_t number);
  static ShownVerdict shown(const purpose::StoredVerdict& verdict, const Check& check);

  std::vector<Check> checks_;  // the last first
  std::vector<std::string> problems_;
};

}  // namespace weerbaar::server
