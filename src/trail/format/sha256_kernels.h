// The compression function of FIPS 180-4 section 6.2.2, over several messages at once. Private to sha256*.cpp. The
// files that implement it for special instructions include nothing with inline functions of ours or of the standard
// library: the linker could pick their copy for the whole program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weerbaar::trail::kernels {

inline constexpr size_t kBlockBytes = 64;
inline constexpr size_t kStateWords = 8;

// Advances state i, eight words, over `count` consecutive blocks from blocks[i]; for as many i as the kernel has lanes.
// Two lanes may share a state when nobody wants its result.
using Compress = void(uint32_t* const* states, const uint8_t* const* blocks, size_t count);

inline constexpr size_t kAvx2Lanes = 8;
Compress compress_avx2;

// Measured on a Zen 5 with leaves of 200 bytes: 1 lane 7.1, 2 lanes 10.3, 3 lanes 11.2, 4 lanes 11.5 million a second.
inline constexpr size_t kShaNiLanes = 4;
Compress compress_shani;
Compress compress_shani_one;

// A message to be hashed whole.
struct Message {
  const uint8_t* bytes;
  uint64_t size;
};
inline constexpr size_t kAvx512Lanes = 16;
// hashes[i], 32 bytes, becomes the hash of messages[i], of which there are as many as lanes; with the byte `prefix` in
// front, none when it is negative. Best when they are about as long as each other; none is longer than 2^28 bytes. Two
// lanes may have the same hash to write when nobody wants one of them.
using HashWide = void(int prefix, const Message* messages, uint8_t* const* hashes);
HashWide hash_avx512;
// The same for as many pairs of hashes, which stand behind each other like what comes of them: parents[i] is that of
// the children 2i and 2i + 1. The parents may start where the children start.
using HashNodes = void(uint8_t prefix, const uint8_t* children, uint8_t* parents);
HashNodes hash_nodes_avx512;

// FIPS 180-4 section 5.3.3.
inline constexpr uint32_t kInitialState[kStateWords] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
// FIPS 180-4 section 4.2.2.
alignas(64) inline constexpr uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

}  // namespace weerbaar::trail::kernels
