// A commitment that parses is written back as the same bytes; and whatever a proof puts together, of true leaves too,
// what it proves is true.
#include <algorithm>

#include "base/check.h"
#include "trail/format/index_tree.h"
#include "trail/format/index_tree_sample.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::trail;

constexpr size_t kKeys = 5;

const SampleIndex& sample() {
  static const SampleIndex index = [] {
    SampleIndex made;
    for (uint8_t i = 0; i < kKeys; ++i) append_subject_posting(i, {i, 0}, made[{'k', static_cast<uint8_t>(2 * i)}]);
    return made;
  }();
  return index;
}
const SampleIndexTree& sample_tree() {
  static const SampleIndexTree tree(sample());
  return tree;
}

// Takes values off the front of the input; zeros when it has ended.
class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  uint8_t byte() {
    if (rest_.empty()) return 0;
    const uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes() {
    const ByteView taken = rest_.first(std::min<size_t>(byte(), rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  ByteView rest_;
};

// A leaf of the sample, of which the input changes what it likes.
std::optional<IndexLeaf> leaf_from(Input& input) {
  const uint8_t choice = input.byte();
  if (choice == 0) return std::nullopt;
  IndexLeaf leaf = sample_tree().leaf(choice % kKeys);
  const uint8_t changes = input.byte();
  if ((changes & 1U) != 0) leaf.position = input.byte();
  if ((changes & 2U) != 0) leaf.key = input.bytes();
  if ((changes & 4U) != 0) leaf.postings_hash[0] ^= input.byte();
  if ((changes & 8U) != 0) leaf.path.resize(input.byte());
  if ((changes & 16U) != 0) leaf.position = ~leaf.position;
  return leaf;
}

void check_proof(Input input) {
  const Bytes key = input.bytes();
  const auto found = sample().find(key);
  const Bytes postings = (input.byte() % 2 == 0 && found != sample().end()) ? found->second : input.bytes();
  const IndexProof proof{leaf_from(input), leaf_from(input), leaf_from(input)};
  const bool proven = verify_index_proof(key, postings, proof, kKeys, sample_tree().root()).has_value();
  if (proven) WEERBAAR_CHECK(found == sample().end() ? postings.empty() : postings == found->second);
}

void check_text(ByteView bytes) {
  const auto commitment = parse_index_commitment(as_text(bytes));
  if (commitment) WEERBAAR_CHECK(to_json(*commitment) == as_text(bytes));
  const auto postings = parse_subject_postings(bytes);
  if (!postings) return;
  Bytes again;
  for (const SubjectPosting& posting : *postings) append_subject_posting(posting.index, posting.time, again);
  WEERBAAR_CHECK(std::ranges::equal(again, bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 'P') {
    check_proof(Input(rest));
  } else {
    check_text(rest);
  }
  return 0;
}
