// A whole segment with some bytes changed: it is refused, or everything in it can be read. The input: a byte of flags,
// then patches of five bytes: section, offset within it (two bytes), what is added to it, and how far the patch
// repeats.
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/segment_scan.h"
#include "trail/store/segment_sample.h"
#include "trail/store/tile_reader.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::trail;

constexpr size_t kPatchesMax = 32;
constexpr size_t kDirectory = 136;
constexpr uint64_t kFewRows = 401;  // a step through the rows that meets all blocks

struct Sample {
  Sample() : file(testing::SegmentSample(testing::repetitive_entries()).write()) {
    head = read_segment_head(file).value();
  }
  Bytes file;
  SegmentHead head;
};

void patch(Bytes& file, const SegmentHead& head, ByteView bytes) {
  const size_t part = bytes[0] % (head.sections.size() + 1);
  const bool is_head = part == head.sections.size();
  const uint64_t begin = is_head ? 0 : head.sections[part].offset;
  const uint64_t length = is_head ? head.sections[0].offset : head.sections[part].length;
  for (uint64_t i = 0; i <= bytes[4] % 8U && length > 0; ++i) {
    uint8_t& byte = file[begin + (load_le<uint16_t>(bytes.data() + 1) + i) % length];
    byte = static_cast<uint8_t>(byte + bytes[3]);
  }
}

// Checksums of the sections where the head says they are now, then that of the head.
void mend(Bytes& file, const SegmentHead& head) {
  for (size_t i = 0; i < head.sections.size(); ++i) {
    uint8_t* place = file.data() + kDirectory + i * 32;
    const auto offset = load_le<uint64_t>(place + 8);
    const auto length = load_le<uint64_t>(place + 16);
    if (offset > file.size() || length > file.size() - offset) continue;
    store_le(place + 24, static_cast<uint64_t>(XXH3_64bits(file.data() + offset, length)));
  }
  const uint64_t size = head.sections[0].offset - 8;
  store_le(file.data() + size, static_cast<uint64_t>(XXH3_64bits(file.data(), size)));
}

void read_everything(const Segment& segment, uint64_t step) {
  Bytes bytes;
  Bytes scanned;
  StoredEvent event;
  EventMemory memory;
  SegmentScan scan(segment);
  for (uint64_t row = 0; row < kSegmentEntries; row += step) {
    bytes.clear();
    scanned.clear();
    segment.entry(row, bytes);
    const bool fits = scan.append(row, scanned);
    WEERBAAR_CHECK(fits == (bytes.size() <= kEntryBytesMax) && (!fits || scanned == bytes));
    if (!segment.event(row, event, memory)) continue;
    WEERBAAR_CHECK(event.subjects.size() == segment.subjects_of(row).size());
    for (const uint32_t code : segment.subjects_of(row)) WEERBAAR_CHECK(code < segment.header().subjects);
  }
  uint64_t bits = 0;
  for (uint64_t tile = 0; tile < kSegmentEntries / kTileEntries; ++tile) {
    for (const uint8_t byte : segment.tile_hash(tile)) bits += byte;
  }
  WEERBAAR_CHECK(bits <= kSegmentEntries / kTileEntries * sizeof(Hash) * 255);
}

// Of a segment that opens, the same; of another one, an error or something else, but nothing beyond its bytes.
void read_tiles(ByteView file, const Segment* segment) {
  const auto head = read_segment_head(file);
  if (!head) return;
  TileReader reader;
  std::vector<Bytes> entries;
  constexpr uint32_t kTiles[] = {0, 131};
  const Status read = reader.read(file, *head, kTiles, entries);
  if (segment == nullptr) return;
  WEERBAAR_CHECK(read.has_value());
  Bytes bytes;
  for (size_t i = 0; i < entries.size(); ++i) {
    bytes.clear();
    segment->entry(kTiles[i / kTileEntries] * kTileEntries + i % kTileEntries, bytes);
    WEERBAAR_CHECK(entries[i] == bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Sample sample;
  if (size == 0) return 0;
  Bytes file = sample.file;
  ByteView rest(data + 1, size - 1);
  for (size_t i = 0; i < kPatchesMax && rest.size() >= 5; ++i, rest = rest.subspan(5)) patch(file, sample.head, rest);
  if ((data[0] & 1U) != 0) mend(file, sample.head);
  const auto segment = Segment::open(file);
  if (segment) read_everything(*segment, (data[0] & 0xF0U) == 0xF0U ? 1 : kFewRows);
  read_tiles(file, segment ? &*segment : nullptr);
  return 0;
}
