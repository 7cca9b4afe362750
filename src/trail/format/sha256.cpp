#include "trail/format/sha256.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/check.h"
#include "trail/format/sha256_kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace weerbaar::trail {
namespace {

using kernels::kBlockBytes;
using kernels::kRoundConstants;
using kernels::kStateWords;

// FIPS 180-4 section 5.3.3.
constexpr uint32_t kInitialState[kStateWords] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr uint8_t kLeafPrefix = 0x00;
constexpr uint8_t kNodePrefix = 0x01;
constexpr size_t kLanesMax = 8;
// Blocks of a message that are copied together beside each other. A node must fit: see node_hashes.
constexpr size_t kStageBlocks = 8;

void compress_block(uint32_t* state, const uint8_t* block) {
  uint32_t w[64];
  for (size_t t = 0; t < 16; ++t) w[t] = load_be<uint32_t>(block + 4 * t);
  for (size_t t = 16; t < 64; ++t) {
    const uint32_t sigma0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3U);
    const uint32_t sigma1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10U);
    w[t] = sigma1 + w[t - 7] + sigma0 + w[t - 16];
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (size_t t = 0; t < 64; ++t) {
    const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const uint32_t t1 = h + sum1 + (g ^ (e & (f ^ g))) + kRoundConstants[t] + w[t];
    const uint32_t t2 = sum0 + ((a & b) | (c & (a | b)));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const uint32_t after[kStateWords] = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < kStateWords; ++i) state[i] += after[i];
}

void compress_portable(uint32_t* const* states, const uint8_t* const* blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) compress_block(states[0], blocks[0] + i * kBlockBytes);
}

struct Engine {
  Implementation implementation;
  size_t lanes;
  kernels::Compress* compress;      // all lanes
  kernels::Compress* compress_one;  // the first lane only
};

constexpr Engine kEngines[] = {
    {Implementation::kPortable, 1, compress_portable, compress_portable},
#if defined(__x86_64__)
    {Implementation::kAvx2, kernels::kAvx2Lanes, kernels::compress_avx2, compress_portable},
    {Implementation::kShaNi, kernels::kShaNiLanes, kernels::compress_shani, kernels::compress_shani_one},
#endif
};

bool is_available(Implementation implementation) {
  if (implementation == Implementation::kPortable) return true;
#if defined(__x86_64__)
  if (implementation == Implementation::kAvx2) return __builtin_cpu_supports("avx2") != 0;
  // g++ 12 does not know the name "sha"; it is bit 29 of EBX of leaf 7 (Intel SDM volume 2, CPUID).
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx >> 29U & 1U) != 0 &&
         __builtin_cpu_supports("sse4.1") != 0;
#else
  return false;
#endif
}

struct Available {
  std::array<Implementation, std::size(kEngines)> implementations{};
  size_t count = 0;

  Available() {
    for (const Engine& engine : kEngines) {
      if (is_available(engine.implementation)) implementations[count++] = engine.implementation;
    }
  }
};

const Engine& engine_of(Implementation implementation) {
  WEERBAAR_CHECK(std::ranges::count(available_implementations(), implementation) == 1);
  return *std::ranges::find(kEngines, implementation, &Engine::implementation);
}

const Engine& fastest_engine() {
  static const Engine& engine = engine_of(available_implementations().back());
  return engine;
}

// One message on its way through a lane. It is copied block by block, with prefix and padding (FIPS 180-4
// section 5.1.1) in place, so that lanes never care where a message starts or ends.
class Lane {
 public:
  void start(std::optional<uint8_t> prefix, ByteView body, size_t number) {
    std::ranges::copy(kInitialState, state_);
    const size_t bytes = body.size() + (prefix ? 1 : 0);
    prefix_ = prefix;
    body_ = body;
    number_ = number;
    bits_ = uint64_t{bytes} * 8;
    unstaged_ = (bytes + 9 + kBlockBytes - 1) / kBlockBytes;
    marked_ = false;
    stage();
  }

  // Blocks ready to be compressed; 0 when the message is done.
  [[nodiscard]] size_t ready() const { return ready_; }
  [[nodiscard]] const uint8_t* block() const { return block_; }
  [[nodiscard]] uint32_t* state() { return state_; }
  [[nodiscard]] size_t number() const { return number_; }

  void advance(size_t blocks) {
    block_ += blocks * kBlockBytes;
    ready_ -= blocks;
    if (ready_ == 0) stage();
  }

  [[nodiscard]] Hash hash() const {
    Hash hash;
    for (size_t i = 0; i < kStateWords; ++i) store_be(hash.data() + 4 * i, state_[i]);
    return hash;
  }

 private:
  void stage() {
    ready_ = std::min(unstaged_, kStageBlocks);
    unstaged_ -= ready_;
    block_ = stage_;
    uint8_t* to = stage_;
    uint8_t* const end = stage_ + ready_ * kBlockBytes;
    if (to == end) return;
    if (prefix_) *to++ = *std::exchange(prefix_, std::nullopt);
    const size_t part = std::min(body_.size(), static_cast<size_t>(end - to));
    to = std::copy_n(body_.data(), part, to);
    body_ = body_.subspan(part);
    if (to == end) return;
    if (!std::exchange(marked_, true)) *to++ = 0x80;
    std::fill(to, end, uint8_t{0});
    if (unstaged_ == 0) store_be(end - sizeof bits_, bits_);
  }

  uint32_t state_[kStateWords];
  const uint8_t* block_;
  size_t ready_;
  std::optional<uint8_t> prefix_;
  ByteView body_;  // what is not staged yet
  size_t number_;
  uint64_t bits_;
  size_t unstaged_;  // blocks
  bool marked_;      // the bit that ends the message is staged
  alignas(kBlockBytes) uint8_t stage_[kStageBlocks * kBlockBytes];
};

// Calls done(i, hash) for every i < count with the hash of prefix || body(i), in no particular order. A body is read
// from the moment its turn comes, and bodies take their turns in order.
template <class Body, class Done>
void hash_all(const Engine& engine, std::optional<uint8_t> prefix, size_t count, const Body& body, const Done& done) {
  Lane lanes[kLanesMax];
  Lane* busy[kLanesMax];  // the first `active` are
  size_t active = 0;
  size_t next = 0;
  for (; active < engine.lanes && next < count; ++active, ++next) {
    busy[active] = &lanes[active];
    busy[active]->start(prefix, body(next), next);
  }
  uint32_t nobody[kStateWords] = {};
  uint32_t* states[kLanesMax];
  const uint8_t* blocks[kLanesMax];
  while (active > 0) {
    size_t run = kStageBlocks;
    for (size_t i = 0; i < active; ++i) {
      run = std::min(run, busy[i]->ready());
      states[i] = busy[i]->state();
      blocks[i] = busy[i]->block();
    }
    for (size_t i = active; i < engine.lanes; ++i) {
      states[i] = nobody;
      blocks[i] = blocks[0];
    }
    (active == 1 ? engine.compress_one : engine.compress)(states, blocks, run);
    for (size_t i = active; i-- > 0;) {
      Lane& lane = *busy[i];
      lane.advance(run);
      if (lane.ready() > 0) continue;
      done(lane.number(), lane.hash());
      if (next < count) {
        lane.start(prefix, body(next), next);
        ++next;
      } else {
        std::swap(busy[i], busy[--active]);
      }
    }
  }
}

Hash hash_one(const Engine& engine, std::optional<uint8_t> prefix, ByteView body) {
  Hash result;
  hash_all(engine, prefix, 1, [&](size_t) { return body; }, [&](size_t, const Hash& hash) { result = hash; });
  return result;
}

void hash_messages(const Engine& engine, std::optional<uint8_t> prefix, std::span<const ByteView> messages,
                   std::span<Hash> hashes) {
  WEERBAAR_CHECK(messages.size() == hashes.size());
  hash_all(
      engine, prefix, messages.size(), [&](size_t i) { return messages[i]; },
      [&](size_t i, const Hash& hash) { hashes[i] = hash; });
}

// In place this holds because nodes start in order and are staged whole when they start: parent i is written over a
// child of node i / 2, which started no later than node i.
void hash_nodes(const Engine& engine, std::span<const Hash> children, std::span<Hash> parents) {
  static_assert(kStageBlocks * kBlockBytes >= 1 + 2 * sizeof(Hash) + 9);
  static_assert(sizeof(Hash) == 32);
  WEERBAAR_CHECK(children.size() == 2 * parents.size());
  const uint8_t* const bytes = children.empty() ? nullptr : children.front().data();
  hash_all(
      engine, kNodePrefix, parents.size(), [&](size_t i) { return ByteView(bytes + 64 * i, 64); },
      [&](size_t i, const Hash& hash) { parents[i] = hash; });
}

}  // namespace

std::string_view to_string(Implementation implementation) {
  switch (implementation) {
    case Implementation::kPortable:
      return "portable";
    case Implementation::kAvx2:
      return "AVX2";
    case Implementation::kShaNi:
      return "SHA-NI";
  }
  return "unknown";
}

std::span<const Implementation> available_implementations() {
  static const Available available;
  return std::span(available.implementations).first(available.count);
}

Hash sha256(ByteView message) {
  return hash_one(fastest_engine(), std::nullopt, message);
}
Hash leaf_hash(ByteView entry) {
  return hash_one(fastest_engine(), kLeafPrefix, entry);
}
Hash node_hash(const Hash& left, const Hash& right) {
  Hash children[2] = {left, right};
  hash_nodes(fastest_engine(), children, std::span(children).first(1));
  return children[0];
}
void sha256_all(std::span<const ByteView> messages, std::span<Hash> hashes) {
  hash_messages(fastest_engine(), std::nullopt, messages, hashes);
}
void leaf_hashes(std::span<const ByteView> entries, std::span<Hash> hashes) {
  hash_messages(fastest_engine(), kLeafPrefix, entries, hashes);
}
void node_hashes(std::span<const Hash> children, std::span<Hash> parents) {
  hash_nodes(fastest_engine(), children, parents);
}

Hash sha256(ByteView message, Implementation implementation) {
  return hash_one(engine_of(implementation), std::nullopt, message);
}
void leaf_hashes(std::span<const ByteView> entries, std::span<Hash> hashes, Implementation implementation) {
  hash_messages(engine_of(implementation), kLeafPrefix, entries, hashes);
}
void node_hashes(std::span<const Hash> children, std::span<Hash> parents, Implementation implementation) {
  hash_nodes(engine_of(implementation), children, parents);
}

}  // namespace weerbaar::trail
