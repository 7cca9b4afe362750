#include "trail/format/index_layout.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace weerbaar::trail {
namespace {

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Code::kCorrupt, fmt::format("the head of the index: {}", what));
}

Status check(const IndexHead& head, uint64_t file_bytes) {
  if (head.first >= head.end || head.entries() > kIndexEntriesMax) return corrupt("it covers no entries, or too many");
  if (head.scale == 0 || head.scale > static_cast<uint64_t>(kMicrosMax - kMicrosMin)) {
    return corrupt("the unit of times is impossible");
  }
  uint64_t left = file_bytes - kIndexHeadBytes;
  for (const IndexPartPlace& part : head.parts) {
    if (part.length > left) return corrupt("the file is shorter than it says");
    left -= part.length;
  }
  if (left != 0) return corrupt("the file is longer than it says");
  for (const uint64_t keys : {head.subjects, head.actors, head.records}) {
    if (keys > file_bytes) return corrupt("it has more keys than bytes");
  }
  if (head.actors > head.entries()) return corrupt("it has more actors than entries");
  const auto length = [&](IndexPart part) { return head.parts[static_cast<size_t>(part)].length; };
  uint64_t hashes = 0;
  for (const uint64_t level : index_root_levels(head.blocks())) hashes += level;
  if (length(IndexPart::kFences) != head.blocks() * kIndexFenceBytes ||
      length(IndexPart::kRoots) != hashes * sizeof(Hash) ||
      length(IndexPart::kTimes) != index_time_samples(head.entries()) * sizeof(int64_t) ||
      length(IndexPart::kPeriods) % sizeof(uint16_t) != 0 || length(IndexPart::kFilter) == 0) {
    return corrupt("a part has the wrong length");
  }
  return {};
}

}  // namespace

std::array<uint8_t, kIndexHeadBytes> write_index_head(const IndexHead& head) {
  Bytes bytes(kIndexMagic.begin(), kIndexMagic.end());
  append_le(bytes, kIndexVersion);
  append_le(bytes, head.has_nanos ? kIndexHasNanos : 0U);
  for (const uint64_t field : {head.first, head.end, head.subjects, head.actors, head.records, head.scale}) {
    append_le(bytes, field);
  }
  append(bytes, head.root);
  for (const IndexPartPlace& part : head.parts) {
    append_le(bytes, part.length);
    append_le(bytes, part.checksum);
  }
  append_le(bytes, static_cast<uint64_t>(XXH3_64bits(bytes.data(), bytes.size())));
  std::array<uint8_t, kIndexHeadBytes> written{};
  std::ranges::copy(bytes, written.begin());
  return written;
}

Result<IndexHead> read_index_head(ByteView file) {
  constexpr size_t kChecksumAt = kIndexHeadBytes - 8;
  if (file.size() < kIndexHeadBytes || !std::ranges::equal(file.first(kIndexMagic.size()), kIndexMagic)) {
    return corrupt("it is no index file");
  }
  if (const auto version = load_le<uint32_t>(file.data() + 8); version != kIndexVersion) {
    return corrupt(fmt::format("version {} is unknown to this program", version));
  }
  if (load_le<uint64_t>(file.data() + kChecksumAt) != XXH3_64bits(file.data(), kChecksumAt)) {
    return corrupt("its checksum does not hold");
  }
  const auto flags = load_le<uint32_t>(file.data() + 12);
  if ((flags & ~kIndexHasNanos) != 0) return corrupt("it has unknown flags");
  const auto field = [&](size_t number) { return load_le<uint64_t>(file.data() + 16 + 8 * number); };
  IndexHead head;
  head.first = field(0);
  head.end = field(1);
  head.subjects = field(2);
  head.actors = field(3);
  head.records = field(4);
  head.scale = field(5);
  head.has_nanos = flags != 0;
  constexpr size_t kRootAt = 64;
  std::copy_n(file.data() + kRootAt, sizeof(Hash), head.root.begin());
  const uint8_t* at = file.data() + kRootAt + sizeof(Hash);
  for (IndexPartPlace& part : head.parts) {
    part = {load_le<uint64_t>(at), load_le<uint64_t>(at + 8)};
    at += 16;
  }
  WEERBAAR_TRY(check(head, file.size()));
  return head;
}

std::vector<uint64_t> index_root_levels(uint64_t blocks) {
  std::vector<uint64_t> levels = {blocks};
  while (levels.back() > kIndexBlockKeys) {
    levels.push_back((levels.back() + kIndexBlockKeys - 1) / kIndexBlockKeys);
  }
  return levels;
}

IndexShape IndexShape::of(const IndexHead& head, std::vector<int64_t> times) {
  IndexShape shape;
  shape.first = head.first;
  shape.entries = head.entries();
  shape.actors = head.actors;
  shape.offset_bits = static_cast<unsigned>(std::bit_width(head.entries() - 1));
  shape.actor_bits = head.actors == 0 ? 0 : static_cast<unsigned>(std::bit_width(head.actors - 1));
  shape.scale = head.scale;
  shape.has_nanos = head.has_nanos;
  shape.time_min = kMicrosMin / static_cast<int64_t>(head.scale);
  shape.time_max = kMicrosMax / static_cast<int64_t>(head.scale);
  shape.times = std::move(times);
  return shape;
}

IndexPrefix IndexPrefix::of(ByteView key) {
  if (key.size() >= kIndexFencePrefixBytes) return {load_be<uint64_t>(key.data()), load_be<uint64_t>(key.data() + 8)};
  std::array<uint8_t, kIndexFencePrefixBytes> padded{};
  std::ranges::copy(key, padded.begin());
  return {load_be<uint64_t>(padded.data()), load_be<uint64_t>(padded.data() + 8)};
}

void append_varint(Bytes& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<uint8_t>(value | 0x80U));
  out.push_back(static_cast<uint8_t>(value));
}

bool take_varint(ByteView& bytes, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    if (shift == 63 && byte > 1) return false;
    value |= uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace weerbaar::trail
