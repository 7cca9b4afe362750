#include "trail/format/index_tree.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "trail/format/index_key.h"
#include "trail/format/index_tree_sample.h"

namespace weerbaar::trail {
namespace {

template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "" : result.error().text;
}

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}
Bytes postings_of(std::initializer_list<uint64_t> indexes) {
  Bytes postings;
  for (const uint64_t index : indexes)
    append_subject_posting(index, {static_cast<int64_t>(index) * 1'000, 7}, postings);
  return postings;
}

// `keys` keys "b", "d", "f" …, so that there is room before, between and behind them.
SampleIndex spaced_index(size_t keys) {
  SampleIndex index;
  for (size_t i = 0; i < keys; ++i) index[{'k', static_cast<uint8_t>(2 * i + 1)}] = postings_of({i, i + 100});
  return index;
}
Bytes key_at(size_t place) {
  return {'k', static_cast<uint8_t>(place)};
}

// The example of docs/formats/index-tree.md.
SampleIndex documented_index() {
  const Time time = parse_time("2026-03-02T07:14:03.412Z").value();
  SampleIndex index;
  Bytes key;
  append_subject_key(8104, {SubjectType::kBsn, true, 123'456'789, {}, {}}, key);
  append_subject_posting(7, time, index[key]);
  append_subject_posting(9, {time.micros + 1, 5}, index[key]);
  key.clear();
  append_actor_key(8104, "ab", key);
  append_other_posting(7, index[key]);
  append_other_posting(9, index[key]);
  key.clear();
  append_record_key("index", key);
  append_other_posting(8, index[key]);
  return index;
}

TEST(IndexTree, hashes_the_example_of_its_description) {
  const SampleIndex index = documented_index();
  const SampleIndexTree tree(index);
  std::string text;
  for (uint64_t i = 0; i < tree.keys(); ++i) {
    const IndexLeaf leaf = tree.leaf(i);
    text += to_hex(leaf.key) + " " + to_hex(index.at(leaf.key)) + "\n" + to_hex(leaf.postings_hash) + "\n" +
            to_hex(index_leaf_hash(leaf.key, leaf.postings_hash)) + "\n";
  }
  text += to_json({0, 10, tree.keys(), {8104}, tree.root()});
  EXPECT_EQ(
      text,
      "011fa8000100000000075bcd15 000000000000000700064c0554e9ae200000000000000000000900064c0554e9ae210005\n"
      "3e78c25fb6245416863a63f78fa9c8b4265aa310c1106d1ba9b60c0500a270bd\n"
      "dd169a2fcb521f2c71486315dfa1c95a421dd3563846358d8b1d6b63304d5dca\n"
      "021fa86162 00000000000000070000000000000009\n"
      "73cfe01d0c04fe76944d229ca4b5d7b07fb5511c523f8b8eb6faec0bd68e873b\n"
      "4ed9cbcc50e3ce9cd674787bfb055f05c59c194d0fe5309f59182b17ed03ce62\n"
      "03696e646578 0000000000000008\n"
      "4c0e071832d527694adea57b50dd7b2164c2a47c02940dcf26fa07c44d6d222a\n"
      "3a48514f53e8a979979b775275b6715f2c5e809bd5cfd542a5a6ce5cfcfe3425\n"
      R"({"first":0,"end":10,"keys":3,"periods":[8104],"root":"b686fdba637af8684f623bb48448e646f62456796eae9cc75572dd4943b7993c"})");
}

TEST(IndexTree, every_key_is_proven_present_or_absent) {
  for (size_t keys = 0; keys <= 40; ++keys) {
    const SampleIndex index = spaced_index(keys);
    const SampleIndexTree tree(index);
    for (size_t place = 0; place <= 2 * keys; ++place) {
      const Bytes key = key_at(place);
      const auto found = index.find(key);
      const Bytes postings = found == index.end() ? Bytes() : found->second;
      const IndexProof proof = tree.prove(key);
      EXPECT_EQ(proof.present.has_value(), found != index.end());
      const auto status = verify_index_proof(key, postings, proof, keys, tree.root());
      ASSERT_TRUE(status) << place << " of " << keys << ": " << status.error().text;
    }
  }
}

// Whatever leaves are put together with whatever positions: what is proven is true.
TEST(IndexTree, nothing_false_can_be_proven_from_true_leaves) {
  for (size_t keys = 0; keys <= 9; ++keys) {
    const SampleIndex index = spaced_index(keys);
    const SampleIndexTree tree(index);
    std::vector<std::optional<IndexLeaf>> leaves = {std::nullopt};
    for (uint64_t i = 0; i < keys; ++i) {
      for (uint64_t position = 0; position <= keys; ++position) {
        leaves.emplace_back(tree.leaf(i));
        leaves.back()->position = position;
      }
    }
    for (const auto& before : leaves) {
      for (const auto& behind : leaves) {
        for (size_t place = 0; place <= 2 * keys; ++place) {
          const bool proven =
              verify_index_proof(key_at(place), {}, {{}, before, behind}, keys, tree.root()).has_value();
          ASSERT_TRUE(!proven || !index.contains(key_at(place))) << place << " of " << keys;
        }
      }
    }
  }
}

TEST(IndexTree, the_keys_beside_an_absent_one_must_be_its_neighbours_in_order) {
  const SampleIndexTree tree(spaced_index(9));
  const Bytes key = key_at(8);  // between leaves 3 and 4
  const auto proven = [&](std::optional<IndexLeaf> before, std::optional<IndexLeaf> behind) {
    return verify_index_proof(key, {}, {{}, std::move(before), std::move(behind)}, 9, tree.root());
  };
  EXPECT_TRUE(proven(tree.leaf(3), tree.leaf(4)));
  EXPECT_EQ(reason_of(proven(tree.leaf(2), tree.leaf(4))),
            "the keys in the proof are not neighbours: others stand between them");
  EXPECT_EQ(reason_of(proven(tree.leaf(4), tree.leaf(3))),
            "the key that would stand before the absent one is not less than it");
  EXPECT_EQ(reason_of(proven(tree.leaf(3), tree.leaf(3))),
            "the key that would stand behind the absent one is not greater than it");
  for (uint64_t i = 0; i < 9; ++i) {
    EXPECT_FALSE(proven(tree.leaf(i), std::nullopt)) << i;
    EXPECT_FALSE(proven(std::nullopt, tree.leaf(i))) << i;
  }
  EXPECT_FALSE(proven(std::nullopt, std::nullopt));
}

TEST(IndexTree, an_end_of_the_index_is_proven_by_one_key) {
  const SampleIndexTree tree(spaced_index(9));
  const IndexProof first = tree.prove(key_at(0));
  const IndexProof last = tree.prove(key_at(200));
  EXPECT_FALSE(first.before);
  EXPECT_FALSE(last.behind);
  EXPECT_TRUE(verify_index_proof(key_at(0), {}, first, 9, tree.root()));
  EXPECT_TRUE(verify_index_proof(key_at(200), {}, last, 9, tree.root()));
  EXPECT_FALSE(verify_index_proof(key_at(200), {}, last, 10, tree.root()));
}

TEST(IndexTree, an_empty_index_has_the_root_of_nothing) {
  const SampleIndexTree tree{SampleIndex()};
  EXPECT_EQ(to_hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_TRUE(verify_index_proof(key_at(1), {}, {}, 0, tree.root()));
  EXPECT_FALSE(verify_index_proof(key_at(1), {}, {}, 1, tree.root()));
  EXPECT_FALSE(verify_index_proof(key_at(1), {}, {}, 0, SampleIndexTree(spaced_index(1)).root()));
}

TEST(IndexTree, a_present_key_shows_exactly_its_postings) {
  const SampleIndexTree tree(spaced_index(9));
  const Bytes key = key_at(7);  // leaf 3
  const IndexProof proof = tree.prove(key);
  EXPECT_TRUE(verify_index_proof(key, postings_of({3, 103}), proof, 9, tree.root()));
  for (const Bytes& other : {postings_of({3}), postings_of({3, 50, 103}), postings_of({3, 104}), Bytes()}) {
    EXPECT_EQ(reason_of(verify_index_proof(key, other, proof, 9, tree.root())),
              "the postings are not those that the index holds for this key: one is changed, left out or added");
  }
  EXPECT_EQ(reason_of(verify_index_proof(key_at(5), postings_of({2, 102}), proof, 9, tree.root())),
            "the proof is about another key");
  EXPECT_EQ(reason_of(verify_index_proof(key_at(8), postings_of({1}), tree.prove(key_at(8)), 9, tree.root())),
            "there are postings of a key that the proof says is absent");
  const IndexProof both = {tree.leaf(3), tree.leaf(2), tree.leaf(4)};
  EXPECT_EQ(reason_of(verify_index_proof(key, postings_of({3, 103}), both, 9, tree.root())),
            "the proof says of one key both that it is there and that it is not");
}

// Calls `check` with each bit of `bytes` flipped in turn.
void with_each_bit_flipped(std::span<uint8_t> bytes, const std::function<void(size_t bit)>& check) {
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    check(bit);
    bytes[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
  }
}

struct Claim {
  Bytes key;
  Bytes postings;
  IndexProof proof;
  uint64_t keys = 0;
  Hash root{};

  [[nodiscard]] bool is_proven() const { return verify_index_proof(key, postings, proof, keys, root).has_value(); }
};

void expect_every_changed_bit_refused(Claim claim) {
  ASSERT_TRUE(claim.is_proven());
  const auto flip = [&](std::span<uint8_t> bytes, const char* what) {
    with_each_bit_flipped(bytes, [&](size_t bit) { EXPECT_FALSE(claim.is_proven()) << what << " bit " << bit; });
  };
  flip(claim.postings, "postings");
  flip(claim.root, "root");
  for (auto* leaf : {&claim.proof.present, &claim.proof.before, &claim.proof.behind}) {
    if (!*leaf) continue;
    flip((*leaf)->key, "key of the leaf");
    flip((*leaf)->postings_hash, "hash of the postings");
    for (Hash& hash : (*leaf)->path) flip(hash, "path");
    for (unsigned bit = 0; bit < 64; ++bit) {
      (*leaf)->position ^= uint64_t{1} << bit;
      EXPECT_FALSE(claim.is_proven()) << "position bit " << bit;
      (*leaf)->position ^= uint64_t{1} << bit;
    }
    (*leaf)->path.push_back({});
    EXPECT_FALSE(claim.is_proven()) << "a longer path";
    (*leaf)->path.pop_back();
    const Hash last = (*leaf)->path.back();
    (*leaf)->path.pop_back();
    EXPECT_FALSE(claim.is_proven()) << "a shorter path";
    (*leaf)->path.push_back(last);
  }
  EXPECT_TRUE(claim.is_proven());
}

TEST(IndexTree, every_changed_bit_of_a_proof_is_refused) {
  const SampleIndex index = spaced_index(11);
  const SampleIndexTree tree(index);
  for (size_t place = 0; place <= 22; ++place) {
    const auto found = index.find(key_at(place));
    expect_every_changed_bit_refused({key_at(place), found == index.end() ? Bytes() : found->second,
                                      tree.prove(key_at(place)), tree.keys(), tree.root()});
  }
}

TEST(IndexTree, every_changed_bit_of_a_present_key_or_of_the_number_of_keys_behind_the_last_is_refused) {
  const SampleIndexTree tree(spaced_index(11));
  Claim claim{key_at(9), postings_of({4, 104}), tree.prove(key_at(9)), tree.keys(), tree.root()};
  ASSERT_TRUE(claim.is_proven());
  with_each_bit_flipped(claim.key, [&](size_t bit) { EXPECT_FALSE(claim.is_proven()) << bit; });
  Claim last{key_at(200), {}, tree.prove(key_at(200)), tree.keys(), tree.root()};
  for (unsigned bit = 0; bit < 64; ++bit) {
    last.keys ^= uint64_t{1} << bit;
    EXPECT_FALSE(last.is_proven()) << bit;
    last.keys ^= uint64_t{1} << bit;
  }
}

TEST(IndexTree, keys_with_the_same_beginning_are_told_apart) {
  const SampleIndex index = {{bytes_of("a"), postings_of({1})}, {bytes_of("aa"), postings_of({2})}};
  const SampleIndexTree tree(index);
  EXPECT_NE(index_leaf_hash(bytes_of("a"), {}), index_leaf_hash(bytes_of("aa"), {}));
  for (const char* absent : {"", "A", "a\x01", "aaa", "b"}) {
    EXPECT_TRUE(verify_index_proof(bytes_of(absent), {}, tree.prove(bytes_of(absent)), 2, tree.root())) << absent;
  }
}

TEST(IndexTree, postings_read_back_as_they_were_appended) {
  const auto postings = parse_subject_postings(postings_of({3, 103})).value();
  EXPECT_EQ(postings, (std::vector<SubjectPosting>{{3, {3'000, 7}}, {103, {103'000, 7}}}));
  Bytes early;
  append_subject_posting(1, {-5, 999}, early);
  EXPECT_EQ(to_hex(early), "0000000000000001fffffffffffffffb03e7");
  EXPECT_EQ(parse_subject_postings(early).value().front().time, (Time{-5, 999}));
}

TEST(IndexTree, postings_that_none_would_hash_are_refused) {
  Bytes cut = postings_of({3, 103});
  cut.pop_back();
  Bytes nanos, before_all_years;
  append_subject_posting(1, {0, 1'000}, nanos);
  append_subject_posting(1, {kMicrosMin - 1, 0}, before_all_years);
  for (const Bytes& wrong : {Bytes(), cut, postings_of({3, 3}), postings_of({4, 3}), nanos, before_all_years}) {
    EXPECT_FALSE(parse_subject_postings(wrong)) << to_hex(wrong);
  }
}

const IndexCommitment kCommitment{65'536, 131'072, 12, {8104, 8105}, Hash{0xAB}};

TEST(IndexCommitment, reads_back_what_it_writes) {
  const std::string body = to_json(kCommitment);
  EXPECT_EQ(body,
            R"({"first":65536,"end":131072,"keys":12,"periods":[8104,8105],"root":"ab)" + std::string(62, '0') + "\"}");
  EXPECT_EQ(parse_index_commitment(body).value(), kCommitment);
  for (const IndexCommitment& other :
       {IndexCommitment{0, 1, 0, {}, {}}, IndexCommitment{0, UINT64_MAX, 1, {65535}, {}}}) {
    EXPECT_EQ(parse_index_commitment(to_json(other)).value(), other);
  }
}

TEST(IndexCommitment, has_one_form_only) {
  const std::string body = to_json(kCommitment);
  const std::string_view letters = "0123456789,:{}[]\" aAbB-+.eE\n";
  for (size_t at = 0; at < body.size(); ++at) {
    for (const char letter : letters) {
      for (const bool insert : {true, false}) {
        std::string other = body;
        if (insert) {
          other.insert(at, 1, letter);
        } else {
          other[at] = letter;
        }
        const auto parsed = parse_index_commitment(other);
        ASSERT_TRUE(!parsed || to_json(*parsed) == other) << other;
      }
    }
    EXPECT_FALSE(parse_index_commitment(std::string_view(body).substr(0, at)));
  }
}

TEST(IndexCommitment, refuses_what_no_index_can_be) {
  const std::string root = ",\"root\":\"" + std::string(64, '0') + "\"}";
  for (const char* opening :
       {R"({"first":1,"end":1,"keys":0,"periods":[])", R"({"first":2,"end":1,"keys":0,"periods":[])",
        R"({"first":0,"end":1,"keys":0,"periods":[2,1])", R"({"first":0,"end":1,"keys":0,"periods":[1,1])",
        R"({"first":0,"end":1,"keys":0,"periods":[65536])",
        R"({"first":0,"end":18446744073709551616,"keys":0,"periods":[])",
        R"({"first":0,"end":1,"keys":00,"periods":[])", R"({"first":0,"end":1,"keys":0,"periods":[01])"}) {
    EXPECT_EQ(reason_of(parse_index_commitment(opening + root)),
              "the record does not have the form of the root of an index");
  }
}

TEST(IndexCommitment, of_the_first_version_stays_readable) {
  std::ifstream file(WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/index-tree/v1/commitment.json");
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  const SampleIndexTree tree(documented_index());
  EXPECT_EQ(parse_index_commitment(kept).value(), (IndexCommitment{0, 10, 3, {8104}, tree.root()}));
}

}  // namespace
}  // namespace weerbaar::trail
