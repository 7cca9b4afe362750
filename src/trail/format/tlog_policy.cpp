#include "trail/format/tlog_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kNone = "none";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_policy_byte(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while (at < line.size()) {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    const auto* const end = std::ranges::find_if(line.substr(at), &is_blank);
    const auto length = static_cast<size_t>(end - (line.data() + at));
    words.push_back(line.substr(at, length));
    at += length;
  }
  return words;
}

std::unexpected<Error> wrong(std::string what) {
  return fail(Code::kInvalid, std::move(what));
}

}  // namespace

// Takes a policy line by line.
class TlogPolicy::Parser {
 public:
  Status take(std::string_view line) {
    if (!std::ranges::all_of(line, &is_policy_byte)) return wrong("it holds a control character");
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) return {};
    if (words[0] == "log") return take_log(words);
    if (words[0] == "witness") return take_witness(words);
    if (words[0] == "group") return take_group(words);
    if (words[0] == "quorum") return take_quorum(words);
    return wrong("it begins with another word than log, witness, group and quorum");
  }

  Result<TlogPolicy> finish() {
    if (!seen_quorum_) return fail(Code::kInvalid, "the policy has no line `quorum`");
    return std::move(policy_);
  }

 private:
  Status take_log(const std::vector<std::string_view>& words) {
    if (words.size() != 2 && words.size() != 3) return wrong("it is not `log KEY [URL]`");
    WEERBAAR_ASSIGN(VerifierKey key, VerifierKey::parse(words[1]));
    if (policy_.logs_.size() == kPolicyNamesMax) return wrong("there are too many logs");
    const auto is_same = [&](const VerifierKey& other) { return other.public_key == key.public_key; };
    if (std::ranges::any_of(policy_.logs_, is_same)) return wrong("another log has the same key");
    policy_.logs_.push_back(std::move(key));
    return {};
  }

  Status take_witness(const std::vector<std::string_view>& words) {
    if (words.size() != 3 && words.size() != 4) return wrong("it is not `witness NAME KEY [URL]`");
    WEERBAAR_ASSIGN(VerifierKey key, VerifierKey::parse(words[2], SignatureType::kCosignature));
    const auto is_same = [&](const Witness& other) { return other.key.public_key == key.public_key; };
    if (std::ranges::any_of(policy_.witnesses_, is_same)) return wrong("another witness has the same key");
    Node node;
    node.witness = policy_.witnesses_.size();
    WEERBAAR_TRY(add(words[1], std::move(node)));
    policy_.witnesses_.push_back(
        {std::string(words[1]), std::move(key), std::string(words.size() == 4 ? words[3] : std::string_view())});
    return {};
  }

  Status take_group(const std::vector<std::string_view>& words) {
    constexpr size_t kFirstMember = 3;
    if (words.size() <= kFirstMember) return wrong("it is not `group NAME any|all|K NAME…`");
    Node node;
    for (size_t i = kFirstMember; i < words.size(); ++i) {
      const auto member = find(words[i]);
      if (!member) return wrong("a member of the group is not defined on a line above");
      if (std::exchange(policy_.nodes_[*member].is_member, true)) return wrong("a member is already in a group");
      node.members.push_back(*member);
    }
    if (words[2] == "any") {
      node.threshold = 1;
    } else if (words[2] == "all") {
      node.threshold = node.members.size();
    } else {
      const auto threshold = parse_decimal(words[2]);
      if (!threshold || *threshold < 1 || *threshold > node.members.size()) {
        return wrong("the threshold is not any, all, or a number from 1 to that of the members");
      }
      node.threshold = *threshold;
    }
    return add(words[1], std::move(node));
  }

  Status take_quorum(const std::vector<std::string_view>& words) {
    if (words.size() != 2) return wrong("it is not `quorum NAME`");
    if (std::exchange(seen_quorum_, true)) return wrong("there is a quorum already");
    if (words[1] == kNone) return {};
    const auto found = find(words[1]);
    if (!found) return wrong("the quorum is not defined on a line above");
    policy_.has_quorum_ = true;
    policy_.quorum_ = *found;
    return {};
  }

  Status add(std::string_view name, Node node) {
    if (name == kNone || find(name)) return wrong("the name is taken");
    if (policy_.nodes_.size() == 2 * kPolicyNamesMax) return wrong("there are too many witnesses and groups");
    node.name = name;
    policy_.nodes_.push_back(std::move(node));
    return {};
  }

  [[nodiscard]] std::optional<size_t> find(std::string_view name) const {
    const auto found = std::ranges::find(policy_.nodes_, name, &Node::name);
    if (found == policy_.nodes_.end()) return std::nullopt;
    return static_cast<size_t>(found - policy_.nodes_.begin());
  }

  TlogPolicy policy_;
  bool seen_quorum_ = false;
};

Result<TlogPolicy> TlogPolicy::parse(std::string_view text) {
  if (text.size() > kPolicyBytesMax) return fail(Code::kInvalid, "the policy is longer than a mebibyte");
  Parser parser;
  for (size_t number = 1; !text.empty(); ++number) {
    const auto line = take_line(text);
    if (!line) return fail(Code::kInvalid, fmt::format("policy, line {}: it has no end", number));
    const Status taken = parser.take(*line);
    if (!taken) return fail_in(fmt::format("policy, line {}", number), taken.error());
  }
  return parser.finish();
}

TlogPolicy TlogPolicy::of(VerifierKey log, std::vector<Witness> witnesses, size_t threshold) {
  TlogPolicy policy;
  policy.logs_.push_back(std::move(log));
  policy.witnesses_ = std::move(witnesses);
  Node group;
  for (size_t i = 0; i < policy.witnesses_.size(); ++i) {
    Node node;
    node.name = policy.witnesses_[i].name;
    node.witness = i;
    policy.nodes_.push_back(std::move(node));
    group.members.push_back(i);
  }
  group.threshold = threshold;
  policy.has_quorum_ = threshold > 0;
  policy.quorum_ = policy.nodes_.size();
  policy.nodes_.push_back(std::move(group));
  return policy;
}

// A name is a member once, so that this looks at each at most once.
bool TlogPolicy::is_met(size_t node, const std::vector<bool>& cosigned) const {
  const Node& asked = nodes_[node];
  if (asked.members.empty()) return asked.threshold == 0 && asked.witness < cosigned.size() && cosigned[asked.witness];
  size_t met = 0;
  for (const size_t member : asked.members) met += is_met(member, cosigned) ? 1U : 0U;
  return met >= asked.threshold;
}

Result<TlogPolicy::Judgement> TlogPolicy::judge(std::string_view note) const {
  std::vector<VerifierKey> known = logs_;
  for (const Witness& witness : witnesses_) known.push_back(witness.key);
  WEERBAAR_ASSIGN(const OpenedNote opened, open_note(note, known));
  const auto signed_by = [&](const VerifierKey& key) {
    return std::ranges::count(opened.verified, NoteSigner{key.name, key.id}) > 0;
  };
  Judgement judgement;
  WEERBAAR_ASSIGN(judgement.checkpoint, parse_checkpoint(opened.text));
  const auto is_log = [&](const VerifierKey& key) { return key.name == judgement.checkpoint.origin && signed_by(key); };
  if (std::ranges::none_of(logs_, is_log)) {
    return fail(Code::kDenied, "no log of the policy signed the checkpoint; is it of another log?");
  }
  std::vector<bool> cosigned;
  for (const Witness& witness : witnesses_) {
    cosigned.push_back(signed_by(witness.key));
    if (cosigned.back()) judgement.cosigned.push_back(witness.name);
  }
  judgement.quorum = !has_quorum_ || is_met(quorum_, cosigned);
  return judgement;
}

}  // namespace weerbaar::trail
