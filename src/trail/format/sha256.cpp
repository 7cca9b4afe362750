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
using kernels::kInitialState;
using kernels::kRoundConstants;
using kernels::kStateWords;

constexpr uint8_t kLeafPrefix = 0x00;
constexpr uint8_t kNodePrefix = 0x01;
constexpr size_t kLanesMax = 8;
// What is copied of a message: all of it when it takes no more, as a node does (hash_nodes), else its ends.
constexpr size_t kStageBlocks = 2;
// Messages of the same number of blocks are hashed together; those of more are few, and differ.
constexpr size_t kAlikeBlocksMax = 8;
// With fewer messages than this side by side, sixteen lanes cost more than four.
constexpr size_t kWideMin = 8;

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
  kernels::HashWide* hash_wide;     // many whole messages at a time; may be null
  kernels::HashNodes* hash_nodes;   // as many nodes; null when hash_wide is
};

constexpr Engine kEngines[] = {
    {Implementation::kPortable, 1, compress_portable, compress_portable, nullptr, nullptr},
#if defined(__x86_64__)
    {Implementation::kAvx2, kernels::kAvx2Lanes, kernels::compress_avx2, compress_portable, nullptr, nullptr},
    {Implementation::kShaNi, kernels::kShaNiLanes, kernels::compress_shani, kernels::compress_shani_one, nullptr,
     nullptr},
    {Implementation::kAvx512, kernels::kShaNiLanes, kernels::compress_shani, kernels::compress_shani_one,
     kernels::hash_avx512, kernels::hash_nodes_avx512},
#endif
};

#if defined(__x86_64__)
bool has_sha() {
  // g++ 12 does not know the name "sha"; it is bit 29 of EBX of leaf 7 (Intel SDM volume 2, CPUID).
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx >> 29U & 1U) != 0 &&
         __builtin_cpu_supports("sse4.1") != 0;
}
#endif

bool is_available(Implementation implementation) {
  if (implementation == Implementation::kPortable) return true;
#if defined(__x86_64__)
  if (implementation == Implementation::kAvx2) return __builtin_cpu_supports("avx2") != 0;
  if (implementation == Implementation::kShaNi) return has_sha();
  return has_sha() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
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

uint64_t blocks_of(uint64_t message_bytes) {
  return (message_bytes + 9 + kBlockBytes - 1) / kBlockBytes;
}

// Writes what is left of a message of `message_bytes`, and its padding (FIPS 180-4 section 5.1.1), to `at` on; `end` is
// where its last block ends.
void stage_end(uint8_t* at, uint8_t* end, ByteView rest, uint64_t message_bytes) {
  at = std::copy(rest.begin(), rest.end(), at);
  std::fill(at, end, uint8_t{0});
  *at = 0x80;
  store_be(end - sizeof(uint64_t), message_bytes * 8);
}

Hash hash_of(const uint32_t* state) {
  Hash hash;
  for (size_t i = 0; i < kStateWords; ++i) store_be(hash.data() + 4 * i, state[i]);
  return hash;
}

// One message on its way through a lane: read where it stands, but for its ends, which get prefix and padding.
class Lane {
 public:
  void start(std::optional<uint8_t> prefix, ByteView body, size_t number) {
    std::ranges::copy(kInitialState, state_);
    number_ = number;
    body_ = body;
    bytes_ = body.size() + (prefix ? 1 : 0);
    unread_ = blocks_of(bytes_);
    prefix_ = prefix;
    advance(0);
  }

  // Blocks ready to be compressed; 0 when the message is done.
  [[nodiscard]] size_t ready() const { return ready_; }
  [[nodiscard]] const uint8_t* block() const { return block_; }
  [[nodiscard]] uint32_t* state() { return state_; }
  [[nodiscard]] size_t number() const { return number_; }

  void advance(size_t blocks) {
    block_ += blocks * kBlockBytes;
    ready_ -= blocks;
    if (ready_ == 0 && unread_ > 0) read();
  }

  [[nodiscard]] Hash hash() const { return hash_of(state_); }

 private:
  void read() {
    uint8_t* to = stage_;
    block_ = stage_;
    const size_t in_front = prefix_ ? 1 : 0;
    if (prefix_) *to++ = *std::exchange(prefix_, std::nullopt);
    if (unread_ <= kStageBlocks) {
      ready_ = unread_;
      stage_end(to, stage_ + ready_ * kBlockBytes, body_, bytes_);
    } else if (in_front > 0) {
      ready_ = 1;
      std::copy_n(body_.data(), kBlockBytes - in_front, to);
      body_ = body_.subspan(kBlockBytes - in_front);
    } else {
      ready_ = body_.size() / kBlockBytes;
      block_ = body_.data();
      body_ = body_.subspan(ready_ * kBlockBytes);
    }
    unread_ -= ready_;
  }

  uint32_t state_[kStateWords];
  const uint8_t* block_ = nullptr;
  size_t ready_ = 0;
  uint64_t unread_;  // blocks that are not ready yet
  std::optional<uint8_t> prefix_;
  ByteView body_;  // what is not ready yet
  size_t number_;
  uint64_t bytes_;
  alignas(kBlockBytes) uint8_t stage_[kStageBlocks * kBlockBytes];
};

// Calls done(i, hash) for every i < count with the hash of prefix || body(i), in no particular order. A body is read
// from the moment its turn comes, and bodies take their turns in order.
template <class Body, class Done>
void hash_in_lanes(const Engine& engine, std::optional<uint8_t> prefix, size_t count, const Body& body,
                   const Done& done) {
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
    size_t run = busy[0]->ready();
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
  Lane lane;
  lane.start(prefix, body, 0);
  while (lane.ready() > 0) {
    uint32_t* const state = lane.state();
    const uint8_t* const block = lane.block();
    const size_t run = lane.ready();
    engine.compress_one(&state, &block, run);
    lane.advance(run);
  }
  return lane.hash();
}

// Up to sixteen messages that wait to be hashed side by side.
struct Group {
  size_t count = 0;
  kernels::Message messages[kernels::kAvx512Lanes];
  uint8_t* hashes[kernels::kAvx512Lanes];

  [[nodiscard]] bool is_full() const { return count == kernels::kAvx512Lanes; }
  void add(ByteView message, Hash& hash) {
    messages[count] = {message.data(), message.size()};
    hashes[count] = hash.data();
    ++count;
  }
  [[nodiscard]] ByteView message(size_t i) const { return {messages[i].bytes, messages[i].size}; }
};

void hash_in_lanes(const Engine& engine, std::optional<uint8_t> prefix, const Group& group) {
  hash_in_lanes(
      engine, prefix, group.count, [&](size_t i) { return group.message(i); },
      [&](size_t i, const Hash& hash) { std::ranges::copy(hash, group.hashes[i]); });
}

// Hashes the group, and empties it.
void hash_group(const Engine& engine, std::optional<uint8_t> prefix, Group& group) {
  if (group.count < kWideMin) {
    hash_in_lanes(engine, prefix, group);
  } else {
    for (size_t i = group.count; i < kernels::kAvx512Lanes; ++i) {
      group.messages[i] = group.messages[0];
      group.hashes[i] = group.hashes[0];
    }
    engine.hash_wide(prefix ? *prefix : -1, group.messages, group.hashes);
  }
  group.count = 0;
}

void hash_messages(const Engine& engine, std::optional<uint8_t> prefix, std::span<const ByteView> messages,
                   std::span<Hash> hashes) {
  WEERBAAR_CHECK(messages.size() == hashes.size());
  if (engine.hash_wide == nullptr || messages.size() < kWideMin) {
    hash_in_lanes(
        engine, prefix, messages.size(), [&](size_t i) { return messages[i]; },
        [&](size_t i, const Hash& hash) { hashes[i] = hash; });
    return;
  }
  Group alike[kAlikeBlocksMax];  // by their blocks, less one
  Group others;
  for (size_t i = 0; i < messages.size(); ++i) {
    const uint64_t blocks = blocks_of(messages[i].size() + (prefix ? 1 : 0));
    Group& group = blocks <= kAlikeBlocksMax ? alike[blocks - 1] : others;
    group.add(messages[i], hashes[i]);
    if (!group.is_full()) continue;
    if (&group == &others) {
      hash_in_lanes(engine, prefix, others);
      others.count = 0;
    } else {
      hash_group(engine, prefix, group);
    }
  }
  hash_in_lanes(engine, prefix, others);
  // What is left over, side by side with what is nearly as long.
  Group rest;
  for (const Group& group : alike) {
    for (size_t i = 0; i < group.count; ++i) {
      rest.messages[rest.count] = group.messages[i];
      rest.hashes[rest.count] = group.hashes[i];
      if (++rest.count == kernels::kAvx512Lanes) hash_group(engine, prefix, rest);
    }
  }
  if (rest.count > 0) hash_group(engine, prefix, rest);
}

// In place this holds because nodes are hashed in order: parent i is written over a child of node i / 2, which was read
// whole by then, as lanes and groups do before they write.
void hash_nodes(const Engine& engine, std::span<const Hash> children, std::span<Hash> parents) {
  static_assert(kStageBlocks * kBlockBytes >= 1 + 2 * sizeof(Hash) + 9);
  static_assert(sizeof(Hash) == 32);
  WEERBAAR_CHECK(children.size() == 2 * parents.size());
  const uint8_t* const bytes = children.empty() ? nullptr : children.front().data();
  const auto node = [&](size_t i) { return ByteView(bytes + 64 * i, 64); };
  size_t begin = 0;
  if (engine.hash_wide != nullptr) {
    for (; parents.size() - begin >= kernels::kAvx512Lanes; begin += kernels::kAvx512Lanes) {
      engine.hash_nodes(kNodePrefix, node(begin).data(), parents[begin].data());
    }
    if (parents.size() - begin >= kWideMin) {
      Group group;
      for (; begin < parents.size(); ++begin) group.add(node(begin), parents[begin]);
      hash_group(engine, kNodePrefix, group);
    }
  }
  hash_in_lanes(
      engine, kNodePrefix, parents.size() - begin, [&](size_t i) { return node(begin + i); },
      [&](size_t i, const Hash& hash) { parents[begin + i] = hash; });
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
    case Implementation::kAvx512:
      return "AVX-512";
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

Sha256::Sha256() {
  std::ranges::copy(kernels::kInitialState, state_.begin());
}

void Sha256::add(ByteView part) {
  const Engine& engine = fastest_engine();
  uint32_t* const state = state_.data();
  bytes_ += part.size();
  if (rest_bytes_ > 0) {
    const ByteView filling = part.first(std::min(part.size(), kBlockBytes - rest_bytes_));
    std::ranges::copy(filling, rest_.begin() + static_cast<ptrdiff_t>(rest_bytes_));
    rest_bytes_ += filling.size();
    part = part.subspan(filling.size());
    if (rest_bytes_ < kBlockBytes) return;
    const uint8_t* const block = rest_.data();
    engine.compress_one(&state, &block, 1);
    rest_bytes_ = 0;
  }
  const uint8_t* const blocks = part.data();
  const size_t whole = part.size() / kBlockBytes;
  if (whole > 0) engine.compress_one(&state, &blocks, whole);
  part = part.subspan(whole * kBlockBytes);
  std::ranges::copy(part, rest_.begin());
  rest_bytes_ = part.size();
}

// FIPS 180-4 section 5.1.1.
Hash Sha256::finish() {
  constexpr size_t kLengthBytes = 8;
  const uint64_t bits = 8 * bytes_;
  Bytes padding(1 + (2 * kBlockBytes - kLengthBytes - 1 - rest_bytes_) % kBlockBytes, 0);
  padding[0] = 0x80;
  for (size_t i = kLengthBytes; i-- > 0;) padding.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  add(padding);
  Hash hash;
  for (size_t i = 0; i < state_.size(); ++i) {
    for (size_t byte = 0; byte < 4; ++byte) hash[4 * i + byte] = static_cast<uint8_t>(state_[i] >> (24 - 8 * byte));
  }
  return hash;
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
