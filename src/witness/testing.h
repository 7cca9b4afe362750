// For tests only: logs that grow, and fork, as told.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "trail/format/add_checkpoint.h"
#include "trail/format/merkle.h"
#include "trail/format/signature.h"

namespace weerbaar::witness {

inline trail::SigningKey key_of(std::string_view name, uint8_t byte,
                                trail::SignatureType type = trail::SignatureType::kEd25519) {
  std::array<uint8_t, trail::kSeedBytes> seed{};
  seed.fill(byte);
  return trail::SigningKey::from_seed(name, seed, type).value();
}

// Leaves are what it is told; a copy that goes on otherwise is a fork.
class TestLog {
 public:
  explicit TestLog(std::string origin = "log.example/a", uint8_t seed = 1)
      : origin_(std::move(origin)), key_byte_(seed) {}

  void grow(uint64_t size, std::string_view branch = "") {
    while (leaves_.size() < size) {
      const std::string entry = std::string(branch) + std::to_string(leaves_.size());
      leaves_.push_back(trail::leaf_hash(as_bytes(entry)));
    }
  }
  [[nodiscard]] trail::SigningKey key() const { return key_of(origin_, key_byte_); }
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] uint64_t size() const { return leaves_.size(); }
  [[nodiscard]] trail::Hash root(uint64_t size) const { return trail::tree_root(std::span(leaves_).first(size)); }
  [[nodiscard]] trail::Checkpoint checkpoint(uint64_t size) const { return {origin_, TreeSize(size), root(size), {}}; }
  [[nodiscard]] std::string note(uint64_t size) const {
    return trail::sign_checkpoint(checkpoint(size), key()).value();
  }
  [[nodiscard]] std::vector<trail::Hash> proof(uint64_t from, uint64_t to) const {
    if (from == 0) return {};
    return trail::consistency_proof(TreeSize(from), TreeSize(to),
                                    [this](uint64_t begin, uint64_t end) -> Result<trail::Hash> {
                                      return trail::tree_root(std::span(leaves_).subspan(begin, end - begin));
                                    })
        .value();
  }
  // The body of add-checkpoint, with a proof that is right for this log.
  [[nodiscard]] std::string body(uint64_t from, uint64_t to) const {
    return trail::format_add_checkpoint({TreeSize(from), proof(from, to), note(to)}).value();
  }

 private:
  std::string origin_;
  uint8_t key_byte_;
  std::vector<trail::Hash> leaves_;
};

}  // namespace weerbaar::witness
