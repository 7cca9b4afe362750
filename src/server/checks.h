// The checks that were made: the trail records each, and DIR/checks/<number>.findings holds its verdicts.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "examine/purpose/findings.h"
#include "server/data_directory.h"
#include "server/policies.h"

namespace weerbaar::server {

inline constexpr std::string_view kCheckRecord = "check";

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
// The number that the next check gets, from 1: behind the last that the trail records.
Result<uint64_t> next_check(const trail::Trail& trail);
// The checks with a number below `before`, the last first, at most `limit` of them: each as the trail records it.
// docs/operate/command-line.md. kCorrupt of a record that is none.
Result<std::vector<nlohmann::ordered_json>> recorded_checks(const trail::Trail& trail, uint64_t before, size_t limit);
// kNotFound when it was not made.
Result<nlohmann::ordered_json> recorded_check(const trail::Trail& trail, uint64_t number);
// Where its findings go.
std::string findings_path(const DataDirectory& data, uint64_t check);
// Overwrites the verdicts on accesses of periods whose key is destroyed: they tell of persons. What is of an earlier
// version is removed, and so is what an interrupted check left. Who calls it holds lock_checks().
Status drop_destroyed_findings(const DataDirectory& data, trail::KeyStore& keys);

// The verdicts of all checks that the trail records, whatever their number: files are opened one after another, the
// last check first, until one of them holds the access. Not thread-safe. Verdicts can be made again, and what they
// stand beside cannot: a file that is damaged, or is not the one that the trail records, takes nothing from an answer
// but its verdicts.
class Verdicts {
 public:
  // `trail` must outlive it.
  static Result<Verdicts> open(const DataDirectory& data, const trail::Trail& trail);
  // Nothing when no check that can be read looked at it.
  std::optional<ShownVerdict> of(EntryIndex index);
  // What could not be used so far, with the remedy: to be told.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  using Rules = std::shared_ptr<const std::vector<purpose::Rule>>;
  struct Check {
    uint64_t number = 0;
    uint64_t policy = 0;
    uint64_t size = 0;  // of the trail that it looked at
    uint64_t known_at = 0;
    std::string digest;
    Rules rules;
    std::optional<purpose::FindingsFile> findings;  // once it was opened
    bool is_usable = true;
  };

  Verdicts(const DataDirectory& data, const trail::Trail& trail) : data_(&data), trail_(&trail) {}
  // The one that was made so many before the last; null behind the first.
  Check* check(size_t before_last);
  Result<Check> read_record(EntryIndex index) const;
  Status open_findings(Check& check);
  Result<Rules> rules_of(uint64_t policy);
  static ShownVerdict shown(const purpose::StoredVerdict& verdict, const Check& check);

  const DataDirectory* data_;
  const trail::Trail* trail_;
  std::vector<Adoption> adoptions_;
  purpose::FindingsFile::Periods destroyed_;
  std::vector<EntryIndex> records_;  // the last first
  std::vector<Check> checks_;        // of the first of these
  std::map<uint64_t, Rules> rules_;  // by policy
  std::vector<uint64_t> missing_;    // checks whose file is not there
  std::vector<std::string> problems_;
};

}  // namespace weerbaar::server
