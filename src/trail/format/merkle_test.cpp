#include "trail/format/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace weerbaar::trail {
namespace {

std::vector<Hash> numbered_leaves(size_t count) {
  std::vector<Hash> leaves;
  for (size_t i = 0; i < count; ++i) {
    Bytes entry(8);
    store_be<uint64_t>(entry.data(), i);
    leaves.push_back(leaf_hash(entry));
  }
  return leaves;
}

uint64_t split_of(uint64_t size) {
  uint64_t k = 1;
  while (2 * k < size) k *= 2;
  return k;
}

// The definitions of RFC 6962 section 2.1, word for word.
Hash slow_root(std::span<const Hash> d) {
  if (d.empty()) return sha256({});
  if (d.size() == 1) return d[0];
  const size_t k = split_of(d.size());
  return node_hash(slow_root(d.first(k)), slow_root(d.subspan(k)));
}

std::vector<Hash> joined(std::vector<Hash> hashes, const Hash& last) {
  hashes.push_back(last);
  return hashes;
}

std::vector<Hash> slow_path(size_t m, std::span<const Hash> d) {
  if (d.size() == 1) return {};
  const size_t k = split_of(d.size());
  if (m < k) return joined(slow_path(m, d.first(k)), slow_root(d.subspan(k)));
  return joined(slow_path(m - k, d.subspan(k)), slow_root(d.first(k)));
}

std::vector<Hash> slow_subproof(size_t m, std::span<const Hash> d, bool b) {
  if (m == d.size()) return b ? std::vector<Hash>{} : std::vector<Hash>{slow_root(d)};
  const size_t k = split_of(d.size());
  if (m <= k) return joined(slow_subproof(m, d.first(k), b), slow_root(d.subspan(k)));
  return joined(slow_subproof(m - k, d.subspan(k), false), slow_root(d.first(k)));
}

RangeRoot range_root_over(const std::vector<Hash>& leaves) {
  return [&leaves](uint64_t begin, uint64_t end) -> Result<Hash> {
    EXPECT_LT(begin, end);
    EXPECT_LE(end, leaves.size());
    EXPECT_EQ(begin % std::bit_ceil(end - begin), 0U);
    return tree_root(std::span(leaves).subspan(begin, end - begin));
  };
}

constexpr size_t kSizeMax = 130;

TEST(Merkle, roots_match_the_recursive_definition) {
  const auto leaves = numbered_leaves(1100);
  for (size_t n = 0; n <= leaves.size(); n = n < 300 ? n + 1 : n + 97) {
    ASSERT_EQ(tree_root(std::span(leaves).first(n)), slow_root(std::span(leaves).first(n))) << n;
  }
}

TEST(Merkle, the_root_of_nothing_is_the_hash_of_nothing) {
  EXPECT_EQ(to_hex(tree_root({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, every_inclusion_proof_is_that_of_the_rfc_and_verifies) {
  const auto leaves = numbered_leaves(kSizeMax);
  const auto range_root = range_root_over(leaves);
  for (size_t n = 1; n <= kSizeMax; ++n) {
    const auto tree = std::span(leaves).first(n);
    const Hash root = slow_root(tree);
    for (size_t i = 0; i < n; ++i) {
      const auto proof = inclusion_proof(EntryIndex(i), TreeSize(n), range_root).value();
      ASSERT_EQ(proof, slow_path(i, tree)) << i << " of " << n;
      ASSERT_TRUE(verify_inclusion(EntryIndex(i), TreeSize(n), leaves[i], proof, root)) << i << " of " << n;
    }
  }
}

TEST(Merkle, an_inclusion_proof_verifies_at_no_other_index) {
  const auto leaves = numbered_leaves(33);
  const auto range_root = range_root_over(leaves);
  for (size_t n = 1; n <= leaves.size(); ++n) {
    const Hash root = slow_root(std::span(leaves).first(n));
    for (size_t i = 0; i < n; ++i) {
      const auto proof = inclusion_proof(EntryIndex(i), TreeSize(n), range_root).value();
      for (size_t other = 0; other <= n; ++other) {
        const auto status = verify_inclusion(EntryIndex(other), TreeSize(n), leaves[i], proof, root);
        ASSERT_EQ(status.has_value(), other == i) << i << " as " << other << " of " << n;
      }
    }
  }
}

TEST(Merkle, every_consistency_proof_is_that_of_the_rfc_and_verifies) {
  const auto leaves = numbered_leaves(kSizeMax);
  const auto range_root = range_root_over(leaves);
  std::vector<Hash> roots;
  for (size_t n = 0; n <= kSizeMax; ++n) roots.push_back(slow_root(std::span(leaves).first(n)));
  for (size_t n = 1; n <= kSizeMax; ++n) {
    for (size_t m = 1; m <= n; ++m) {
      const auto proof = consistency_proof(TreeSize(m), TreeSize(n), range_root).value();
      ASSERT_EQ(proof, slow_subproof(m, std::span(leaves).first(n), true)) << m << " to " << n;
      ASSERT_TRUE(verify_consistency(TreeSize(m), TreeSize(n), roots[m], roots[n], proof)) << m << " to " << n;
    }
  }
}

// Calls check(changed proof) for the proof with every bit flipped, every hash left out, and one put in everywhere.
template <class Check>
void for_each_change(const std::vector<Hash>& proof, const Check& check) {
  for (size_t bit = 0; bit < proof.size() * 256; ++bit) {
    auto changed = proof;
    changed[bit / 256][bit % 256 / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    check(changed);
  }
  for (size_t at = 0; at < proof.size(); ++at) {
    auto changed = proof;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
    check(changed);
  }
  for (size_t at = 0; at <= proof.size(); ++at) {
    auto changed = proof;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(at), at < proof.size() ? proof[at] : Hash{});
    check(changed);
  }
}

TEST(Merkle, no_changed_inclusion_proof_verifies) {
  const auto leaves = numbered_leaves(9);
  for (size_t n = 1; n <= leaves.size(); ++n) {
    const Hash root = slow_root(std::span(leaves).first(n));
    for (size_t i = 0; i < n; ++i) {
      const auto proof = inclusion_proof(EntryIndex(i), TreeSize(n), range_root_over(leaves)).value();
      for_each_change(proof, [&](const std::vector<Hash>& changed) {
        ASSERT_FALSE(verify_inclusion(EntryIndex(i), TreeSize(n), leaves[i], changed, root)) << i << " of " << n;
      });
      ASSERT_FALSE(verify_inclusion(EntryIndex(i), TreeSize(n), root, proof, leaves[i]) && n > 1);
    }
  }
}

TEST(Merkle, no_changed_consistency_proof_verifies) {
  const auto leaves = numbered_leaves(9);
  for (size_t n = 1; n <= leaves.size(); ++n) {
    const Hash new_root = slow_root(std::span(leaves).first(n));
    for (size_t m = 1; m <= n; ++m) {
      const Hash old_root = slow_root(std::span(leaves).first(m));
      const auto proof = consistency_proof(TreeSize(m), TreeSize(n), range_root_over(leaves)).value();
      for_each_change(proof, [&](const std::vector<Hash>& changed) {
        ASSERT_FALSE(verify_consistency(TreeSize(m), TreeSize(n), old_root, new_root, changed)) << m << " to " << n;
      });
      if (m < n) {
        ASSERT_FALSE(verify_consistency(TreeSize(m), TreeSize(n), new_root, old_root, proof));
      }
    }
  }
}

TEST(Merkle, proofs_work_up_to_the_largest_size) {
  constexpr uint64_t kHuge = ~uint64_t{0};
  // Subtree roots that are made up but consistent: the root of a range is the node of the roots of its halves down to
  // leaves that are all alike, so that a complete subtree depends on its height only.
  std::vector<Hash> complete{leaf_hash(as_bytes("alike"))};
  while (complete.size() < 64) complete.push_back(node_hash(complete.back(), complete.back()));
  const RangeRoot range_root = [&](uint64_t begin, uint64_t end) -> Result<Hash> {
    Hash root{};
    bool is_first = true;
    for (uint64_t rest = end - begin; rest != 0; rest &= rest - 1) {  // smallest subtree first
      const Hash& subtree = complete[static_cast<size_t>(std::countr_zero(rest))];
      root = is_first ? subtree : node_hash(subtree, root);
      is_first = false;
    }
    return root;
  };
  const Hash root = range_root(0, kHuge).value();
  for (const uint64_t index : {uint64_t{0}, kHuge / 2, kHuge / 2 + 1, kHuge - 1}) {
    const auto proof = inclusion_proof(EntryIndex(index), TreeSize(kHuge), range_root).value();
    EXPECT_LE(proof.size(), kInclusionHashesMax);
    EXPECT_TRUE(verify_inclusion(EntryIndex(index), TreeSize(kHuge), complete[0], proof, root)) << index;
  }
  for (const uint64_t size : {uint64_t{1}, kHuge / 2, kHuge / 2 + 1, kHuge - 1, kHuge}) {
    const auto proof = consistency_proof(TreeSize(size), TreeSize(kHuge), range_root).value();
    EXPECT_LE(proof.size(), kConsistencyHashesMax);
    const Hash old_root = range_root(0, size).value();
    EXPECT_TRUE(verify_consistency(TreeSize(size), TreeSize(kHuge), old_root, root, proof)) << size;
  }
}

TEST(Merkle, refuses_what_has_no_proof) {
  const auto leaves = numbered_leaves(4);
  const auto range_root = range_root_over(leaves);
  EXPECT_EQ(inclusion_proof(EntryIndex(4), TreeSize(4), range_root).error().code, Code::kInvalid);
  EXPECT_EQ(inclusion_proof(EntryIndex(0), TreeSize(0), range_root).error().code, Code::kInvalid);
  EXPECT_EQ(consistency_proof(TreeSize(0), TreeSize(4), range_root).error().code, Code::kInvalid);
  EXPECT_EQ(consistency_proof(TreeSize(4), TreeSize(3), range_root).error().code, Code::kInvalid);
  EXPECT_EQ(verify_inclusion(EntryIndex(4), TreeSize(4), leaves[0], {}, leaves[0]).error().code, Code::kInvalid);
  EXPECT_EQ(verify_inclusion(EntryIndex(0), TreeSize(1), leaves[0], {}, leaves[1]).error().code, Code::kCorrupt);
  EXPECT_EQ(verify_consistency(TreeSize(1), TreeSize(1), leaves[0], leaves[1], {}).error().code, Code::kCorrupt);
}

TEST(Merkle, an_error_under_a_proof_names_the_range) {
  const RangeRoot broken = [](uint64_t, uint64_t) -> Result<Hash> { return fail(Code::kCorrupt, "unreadable"); };
  const auto proof = inclusion_proof(EntryIndex(0), TreeSize(4), broken);
  EXPECT_EQ(proof.error().code, Code::kCorrupt);
  EXPECT_EQ(proof.error().text, "root of entries 1 to 1: unreadable");
}

// --- the vectors of transparency-dev
// ----------------------------------------------------------------------------------

const std::filesystem::path kVectors = WEERBAAR_SOURCE_DIR "/../shared/data/tlog/merkle";

// Some vectors hold hashes of another length, which the type Hash rules out. They are replaced by their own hash, so
// that equal ones stay equal and the rest of the vector has to decide; only a leaf never equals a root by that.
Hash hash_of(const nlohmann::json& text, bool is_leaf = false) {
  const Bytes bytes = from_base64(text.get<std::string>()).value();
  if (bytes.size() != sizeof(Hash)) return is_leaf ? leaf_hash(bytes) : sha256(bytes);
  Hash hash;
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

std::vector<Hash> proof_of(const nlohmann::json& vector) {
  std::vector<Hash> proof;
  if (vector.at("proof").is_null()) return proof;
  for (const auto& hash : vector.at("proof")) proof.push_back(hash_of(hash));
  return proof;
}

template <class Verify>
size_t run_vectors(const std::filesystem::path& folder, const Verify& verify) {
  size_t files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    ++files;
    std::ifstream stream(file.path());
    const auto vector = nlohmann::json::parse(stream);
    const Status status = verify(vector);
    EXPECT_EQ(!status.has_value(), vector.at("wantErr").template get<bool>())
        << file.path() << ": " << (status ? "accepted" : status.error().text);
  }
  return files;
}

TEST(Merkle, agrees_with_the_inclusion_vectors) {
  if (!std::filesystem::exists(kVectors)) GTEST_SKIP() << "no vectors at " << kVectors;
  const size_t files = run_vectors(kVectors / "inclusion", [](const nlohmann::json& vector) {
    return verify_inclusion(EntryIndex(vector.at("leafIdx")), TreeSize(vector.at("treeSize")),
                            hash_of(vector.at("leafHash"), true), proof_of(vector), hash_of(vector.at("root")));
  });
  EXPECT_EQ(files, 49U);
}

TEST(Merkle, agrees_with_the_consistency_vectors) {
  if (!std::filesystem::exists(kVectors)) GTEST_SKIP() << "no vectors at " << kVectors;
  const size_t files = run_vectors(kVectors / "consistency", [](const nlohmann::json& vector) {
    return verify_consistency(TreeSize(vector.at("size1")), TreeSize(vector.at("size2")), hash_of(vector.at("root1")),
                              hash_of(vector.at("root2")), proof_of(vector));
  });
  EXPECT_EQ(files, 49U);
}

}  // namespace
}  // namespace weerbaar::trail
