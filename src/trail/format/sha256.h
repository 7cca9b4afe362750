// SHA-256 (FIPS 180-4) and the two hashes of a Merkle log (RFC 6962 section 2.1), one or many at a time. Many is
// several times faster: the rounds of one message wait for each other, those of independent messages do not.
// Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace weerbaar::trail {

using Hash = std::array<uint8_t, 32>;

Hash sha256(ByteView message);
// The same of a message that comes in parts.
class Sha256 {
 public:
  Sha256();
  void add(ByteView part);
  // Once, behind the last part.
  Hash finish();

 private:
  static constexpr size_t kBlockBytes = 64;

  std::array<uint32_t, 8> state_;
  std::array<uint8_t, kBlockBytes> rest_{};  // what fills no block yet
  size_t rest_bytes_ = 0;
  uint64_t bytes_ = 0;
};
// SHA-256(0x00 || entry).
Hash leaf_hash(ByteView entry);
// SHA-256(0x01 || left || right).
Hash node_hash(const Hash& left, const Hash& right);

// The sha256 of every message, in the same order; as many hashes as messages.
void sha256_all(std::span<const ByteView> messages, std::span<Hash> hashes);
// The leaf_hash of every entry, in the same order; as many hashes as entries.
void leaf_hashes(std::span<const ByteView> entries, std::span<Hash> hashes);
// parents[i] is the node_hash of children[2i] and children[2i+1]; exactly two children a parent. The parents may start
// where the children start, so that a tree folds level by level within one array.
void node_hashes(std::span<const Hash> children, std::span<Hash> parents);

// The ways to compute them, slowest first; all give the same bytes. kAvx512 needs the instructions of kShaNi too, for
// what few messages there are at a time. The functions above use the fastest available.
enum class Implementation : uint8_t { kPortable, kAvx2, kShaNi, kAvx512 };
std::string_view to_string(Implementation implementation);
// What this processor runs, slowest first; kPortable always.
std::span<const Implementation> available_implementations();

// As above, by one implementation that must be available: for tests and benchmarks.
Hash sha256(ByteView message, Implementation implementation);
void leaf_hashes(std::span<const ByteView> entries, std::span<Hash> hashes, Implementation implementation);
void node_hashes(std::span<const Hash> children, std::span<Hash> parents, Implementation implementation);

}  // namespace weerbaar::trail
