#include "trail/format/index_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/index_key.h"
#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr uint16_t kNanosEnd = 1'000;

template <std::unsigned_integral T>
void append_be(Bytes& out, T value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  store_be(out.data() + at, value);
}

// Takes one form of JSON apart from the front.
class CommitmentReader {
 public:
  explicit CommitmentReader(std::string_view json) : rest_(json) {}

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  std::optional<uint64_t> take_number() {
    const size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto number = parse_decimal(rest_.substr(0, digits));
    if (!number) return std::nullopt;
    rest_.remove_prefix(digits);
    return *number;
  }
  // Numbers up to "]", which is taken too.
  bool take_periods(std::vector<uint16_t>& periods) {
    while (!take("]")) {
      if (!periods.empty() && !take(",")) return false;
      const auto period = take_number();
      if (!period || *period > UINT16_MAX) return false;
      periods.push_back(static_cast<uint16_t>(*period));
    }
    return true;
  }
  bool take_hash(Hash& hash) {
    const std::string_view digits = rest_.substr(0, 2 * hash.size());
    const auto bytes = from_hex(digits);
    if (!bytes || bytes->size() != hash.size() || to_hex(*bytes) != digits) return false;
    std::ranges::copy(*bytes, hash.begin());
    rest_.remove_prefix(digits.size());
    return true;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool take_commitment(std::string_view body, IndexCommitment& commitment) {
  CommitmentReader reader(body);
  const auto number = [&](std::string_view before, uint64_t& value) {
    if (!reader.take(before)) return false;
    const auto taken = reader.take_number();
    value = taken.value_or(0);
    return taken.has_value();
  };
  return number(R"({"first":)", commitment.first) && number(R"(,"end":)", commitment.end) &&
         number(R"(,"keys":)", commitment.keys) && reader.take(R"(,"periods":[)") &&
         reader.take_periods(commitment.periods) && reader.take(R"(,"root":")") && reader.take_hash(commitment.root) &&
         reader.take("\"}") && reader.at_end();
}

bool is_sound(const IndexCommitment& commitment) {
  return commitment.first < commitment.end &&
         std::ranges::adjacent_find(commitment.periods, std::greater_equal<>()) == commitment.periods.end();
}

std::unexpected<Error> wrong(std::string text) {
  return fail(Code::kCorrupt, std::move(text));
}

// That the leaf stands where it says, in the tree over the keys.
Status check_leaf(const IndexLeaf& leaf, uint64_t keys, const Hash& root) {
  if (leaf.key.size() > kIndexKeyBytesMax) return wrong("a key in the proof is longer than any key of an index");
  const Hash hash = index_leaf_hash(leaf.key, leaf.postings_hash);
  const Status status = verify_inclusion(EntryIndex(leaf.position), TreeSize(keys), hash, leaf.path, root);
  if (status) return {};
  return wrong(fmt::format("key {} of the index is not proven: {}", leaf.position, status.error().text));
}

Status check_presence(ByteView key, ByteView postings, const IndexProof& proof, uint64_t keys, const Hash& root) {
  if (proof.before || proof.behind) return wrong("the proof says of one key both that it is there and that it is not");
  if (!std::ranges::equal(proof.present->key, key)) return wrong("the proof is about another key");
  if (sha256(postings) != proof.present->postings_hash) {
    return wrong("the postings are not those that the index holds for this key: one is changed, left out or added");
  }
  return check_leaf(*proof.present, keys, root);
}

Status check_neighbours(ByteView key, const IndexProof& proof, uint64_t keys) {
  const auto& [present, before, behind] = proof;
  if (before && !std::ranges::lexicographical_compare(before->key, key)) {
    return wrong("the key that would stand before the absent one is not less than it");
  }
  if (behind && !std::ranges::lexicographical_compare(key, behind->key)) {
    return wrong("the key that would stand behind the absent one is not greater than it");
  }
  if (before && before->position >= keys) return wrong("a position in the proof is outside the index");
  const uint64_t place = before ? before->position + 1 : 0;
  if (behind ? behind->position != place : place != keys) {
    return wrong("the keys in the proof are not neighbours: others stand between them");
  }
  return {};
}

Status check_absence(ByteView key, ByteView postings, const IndexProof& proof, uint64_t keys, const Hash& root) {
  if (!postings.empty()) return wrong("there are postings of a key that the proof says is absent");
  WEERBAAR_TRY(check_neighbours(key, proof, keys));
  if (keys == 0 && root != tree_root({})) return wrong("the root is not that of an index without keys");
  for (const auto* leaf : {&proof.before, &proof.behind}) {
    if (*leaf) WEERBAAR_TRY(check_leaf(**leaf, keys, root));
  }
  return {};
}

}  // namespace

void append_subject_posting(uint64_t index, Time time, Bytes& postings) {
  append_be(postings, index);
  append_be(postings, static_cast<uint64_t>(time.micros));
  append_be(postings, time.nanos);
}

void append_other_posting(uint64_t index, Bytes& postings) {
  append_be(postings, index);
}

Result<std::vector<SubjectPosting>> parse_subject_postings(ByteView postings) {
  if (postings.empty() || postings.size() % kSubjectPostingBytes != 0) {
    return wrong("the postings are cut off, or there are none");
  }
  std::vector<SubjectPosting> parsed;
  parsed.reserve(postings.size() / kSubjectPostingBytes);
  for (size_t at = 0; at < postings.size(); at += kSubjectPostingBytes) {
    const uint8_t* const from = postings.data() + at;
    const SubjectPosting posting{load_be<uint64_t>(from),
                                 {static_cast<int64_t>(load_be<uint64_t>(from + 8)), load_be<uint16_t>(from + 16)}};
    const bool ascends = parsed.empty() || parsed.back().index < posting.index;
    const bool possible =
        posting.time.micros >= kMicrosMin && posting.time.micros <= kMicrosMax && posting.time.nanos < kNanosEnd;
    if (!ascends || !possible) return wrong(fmt::format("posting {} cannot stand there", parsed.size() + 1));
    parsed.push_back(posting);
  }
  return parsed;
}

Hash index_leaf_hash(ByteView key, const Hash& postings_hash) {
  WEERBAAR_CHECK(key.size() <= kIndexKeyBytesMax);
  Bytes leaf;
  leaf.reserve(2 + key.size() + postings_hash.size());
  append_be(leaf, static_cast<uint16_t>(key.size()));
  append(leaf, key);
  append(leaf, postings_hash);
  return leaf_hash(leaf);
}

std::string to_json(const IndexCommitment& commitment) {
  WEERBAAR_CHECK(is_sound(commitment));
  return fmt::format(R"({{"first":{},"end":{},"keys":{},"periods":[{}],"root":"{}"}})", commitment.first,
                     commitment.end, commitment.keys, fmt::join(commitment.periods, ","), to_hex(commitment.root));
}

Result<IndexCommitment> parse_index_commitment(std::string_view body) {
  IndexCommitment commitment;
  if (take_commitment(body, commitment) && is_sound(commitment)) return commitment;
  return wrong("the record does not have the form of the root of an index");
}

Status verify_index_proof(ByteView key, ByteView postings, const IndexProof& proof, uint64_t keys, const Hash& root) {
  return proof.present ? check_presence(key, postings, proof, keys, root)
                       : check_absence(key, postings, proof, keys, root);
}

}  // namespace weerbaar::trail
