// Trust policies (c2sp.org/tlog-policy): which logs are believed, and which witnesses must have cosigned a checkpoint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trail/format/checkpoint.h"
#include "trail/format/signature.h"

namespace weerbaar::trail {

inline constexpr size_t kPolicyBytesMax = size_t{1} << 20U;
// Logs, witnesses and groups, of each.
inline constexpr size_t kPolicyNamesMax = 1'024;

// What somebody takes for a valid checkpoint: signed by one of the logs, and cosigned as the quorum says.
class TlogPolicy {
 public:
  struct Witness {
    std::string name;  // in the policy only
    VerifierKey key;
    std::string url;  // may be empty
  };

  // kInvalid with the line: a name that is not defined above, defined twice or a member twice; a key that is of another
  // kind, or that another line has too; a threshold that cannot be; no quorum, or two.
  static Result<TlogPolicy> parse(std::string_view text);
  // Any `threshold` of these witnesses, for one log.
  static TlogPolicy of(VerifierKey log, std::vector<Witness> witnesses, size_t threshold);

  [[nodiscard]] const std::vector<VerifierKey>& logs() const { return logs_; }
  [[nodiscard]] const std::vector<Witness>& witnesses() const { return witnesses_; }

  struct Judgement {
    Checkpoint checkpoint;              // signed by a log of the policy, of that origin
    std::vector<std::string> cosigned;  // names of the witnesses that did, in the order of the policy
    bool quorum = false;
  };
  // kDenied when no log of the policy signed it; kCorrupt when a signature of a log or witness of the policy is wrong;
  // kInvalid when it is no checkpoint.
  [[nodiscard]] Result<Judgement> judge(std::string_view note) const;

 private:
  // A witness, or any `threshold` of its members, which stand before it.
  struct Node {
    std::string name;
    size_t threshold = 0;
    std::vector<size_t> members;  // of a group
    size_t witness = 0;           // when it has no members
    bool is_member = false;       // of a group
  };
  class Parser;

  [[nodiscard]] bool is_met(size_t node, const std::vector<bool>& cosigned) const;

  std::vector<VerifierKey> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Node> nodes_;
  bool has_quorum_ = false;  // else none is asked
  size_t quorum_ = 0;        // a node
};

}  // namespace weerbaar::trail
