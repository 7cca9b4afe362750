#include "trail/format/tail.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <optional>

namespace weerbaar::trail {
namespace {

constexpr std::array<uint8_t, 8> kTailMagic = {'W', 'B', 'T', 'A', 'I', 'L', 0, 0};
constexpr uint32_t kBatchMagic = 0x54414257;  // "WBAT"
constexpr uint64_t kEntriesPerBatchMax = 65'536;

// Files are preallocated by megabytes, so the zeros at their end are skipped by words.
uint64_t bytes_until_last_nonzero(ByteView bytes) {
  size_t size = bytes.size();
  while (size >= 8 && load_le<uint64_t>(bytes.data() + size - 8) == 0) size -= 8;
  while (size > 0 && bytes[size - 1] == 0) --size;
  return size;
}

bool is_zero(ByteView bytes) {
  return bytes_until_last_nonzero(bytes) == 0;
}

bool has_head(ByteView file) {
  return file.size() >= kTailHeadBytes && std::equal(kTailMagic.begin(), kTailMagic.end(), file.begin()) &&
         load_le<uint64_t>(file.data() + 56) == head_checksum(file.first(kTailHeadBytes));
}

// A head at the front of `rest` whose checksum, magic and length are right.
std::optional<BatchHead> batch_head_at(ByteView rest) {
  if (rest.size() < kBatchHeadBytes || load_le<uint32_t>(rest.data()) != kBatchMagic) return std::nullopt;
  if (load_le<uint64_t>(rest.data() + 56) != head_checksum(rest.first(kBatchHeadBytes))) return std::nullopt;
  BatchHead head;
  head.count = load_le<uint32_t>(rest.data() + 4);
  head.first_index = load_le<uint64_t>(rest.data() + 8);
  head.payload_length = load_le<uint64_t>(rest.data() + 16);
  head.signed_size = load_le<uint64_t>(rest.data() + 24);
  head.previous = load_le<uint64_t>(rest.data() + 32);
  head.payload_checksum = load_le<uint64_t>(rest.data() + 40);
  const uint64_t available = rest.size() - kBatchHeadBytes;
  if (head.payload_length > available || padded(head.payload_length) > available) return std::nullopt;
  if (head.count == 0 || head.count > kEntriesPerBatchMax) return std::nullopt;
  return head;
}

ByteView payload_of(ByteView rest, const BatchHead& head) {
  return rest.subspan(kBatchHeadBytes, head.payload_length);
}

bool is_whole(ByteView rest, const BatchHead& head) {
  const ByteView payload = payload_of(rest, head);
  const ByteView padding = rest.subspan(kBatchHeadBytes + payload.size(), padded(payload.size()) - payload.size());
  return is_zero(padding) && XXH3_64bits(payload.data(), payload.size()) == head.payload_checksum;
}

// Adds the entries of a payload; false when it does not divide into exactly `count` of them.
bool split(ByteView payload, uint32_t count, std::vector<ByteView>& entries) {
  for (uint32_t i = 0; i < count; ++i) {
    if (payload.size() < 2) return false;
    const auto length = load_be<uint16_t>(payload.data());
    if (payload.size() - 2 < length) return false;
    entries.push_back(payload.subspan(2, length));
    payload = payload.subspan(2 + size_t{length});
  }
  return payload.empty();
}

// Whether a whole batch stands anywhere behind the front of `rest`: then what comes before it had been acknowledged.
bool has_later_batch(ByteView rest) {
  // Heads that lie about long payloads would make this quadratic. No torn batch holds any: that is in doubt too.
  uint64_t hashed_max = 16 * rest.size();
  for (uint64_t at = 8; at + kBatchHeadBytes <= rest.size(); at += 8) {
    const ByteView from = rest.subspan(at);
    if (load_le<uint32_t>(from.data()) != kBatchMagic) continue;
    const auto head = batch_head_at(from);
    if (!head) continue;
    if (head->payload_length > hashed_max || is_whole(from, *head)) return true;
    hashed_max -= head->payload_length;
  }
  return false;
}

}  // namespace

uint64_t head_checksum(ByteView head) {
  return XXH3_64bits(head.data(), head.size() - 8);
}

std::array<uint8_t, kTailHeadBytes> write_tail_head(uint64_t first_index) {
  std::array<uint8_t, kTailHeadBytes> head{};
  std::copy(kTailMagic.begin(), kTailMagic.end(), head.begin());
  store_le(head.data() + 8, kTailVersion);
  store_le(head.data() + 16, first_index);
  store_le(head.data() + 56, head_checksum(head));
  return head;
}

std::array<uint8_t, kBatchHeadBytes> write_batch_head(const BatchHead& batch) {
  std::array<uint8_t, kBatchHeadBytes> head{};
  store_le(head.data(), kBatchMagic);
  store_le(head.data() + 4, batch.count);
  store_le(head.data() + 8, batch.first_index);
  store_le(head.data() + 16, batch.payload_length);
  store_le(head.data() + 24, batch.signed_size);
  store_le(head.data() + 32, batch.previous);
  store_le(head.data() + 40, batch.payload_checksum);
  store_le(head.data() + 56, head_checksum(head));
  return head;
}

Result<TailContent> read_tail(ByteView file) {
  TailContent tail;
  if (!has_head(file)) {
    const bool cut_off =
        file.size() < kTailHeadBytes || is_zero(file.first(kTailHeadBytes)) || is_zero(file.subspan(kTailHeadBytes));
    if (!cut_off) return fail(Code::kCorrupt, "the head of the tail file is damaged: its checksum is wrong");
    tail.how = TailEnd::kTorn;
    tail.torn_bytes = bytes_until_last_nonzero(file);
    if (has_later_batch(file)) {
      tail.how = TailEnd::kBroken;
      tail.problem = "the head of the file is gone, and batches follow it";
    }
    return tail;
  }
  if (load_le<uint32_t>(file.data() + 8) != kTailVersion) {
    return fail(Code::kCorrupt, "the tail file has an unknown version: a newer program wrote it");
  }
  tail.first_index = load_le<uint64_t>(file.data() + 16);
  tail.last_checksum = load_le<uint64_t>(file.data() + 56);
  tail.end = kTailHeadBytes;
  for (;;) {
    const ByteView rest = file.subspan(tail.end);
    const uint64_t next_index = tail.first_index + tail.entries.size();
    const auto head = batch_head_at(rest);
    const bool good =
        head && is_whole(rest, *head) && head->first_index == next_index && head->previous == tail.last_checksum;
    if (!good) {
      tail.torn_bytes = bytes_until_last_nonzero(rest);
      tail.how = tail.torn_bytes == 0 ? TailEnd::kClean : TailEnd::kTorn;
      const bool whole_but_foreign = head && is_whole(rest, *head);
      if (whole_but_foreign || has_later_batch(rest)) {
        tail.how = TailEnd::kBroken;
        tail.problem = fmt::format("the batch that should begin with entry {} (offset {}) is {}", next_index, tail.end,
                                   whole_but_foreign ? "out of its order: a batch was removed or exchanged"
                                                     : "damaged, and whole batches follow it");
      }
      return tail;
    }
    const size_t before = tail.entries.size();
    if (!split(payload_of(rest, *head), head->count, tail.entries)) {
      tail.entries.resize(before);
      tail.how = TailEnd::kBroken;
      tail.problem = fmt::format("the batch that begins with entry {} does not divide into its entries", next_index);
      return tail;
    }
    tail.signed_size = std::max(tail.signed_size, head->signed_size);
    tail.last_checksum = load_le<uint64_t>(rest.data() + 56);
    tail.last_batch = tail.end;
    tail.end += kBatchHeadBytes + padded(head->payload_length);
  }
}

}  // namespace weerbaar::trail
