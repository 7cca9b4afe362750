#include "trail/format/index_block.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace weerbaar::trail {
namespace {

constexpr size_t kChecksumBytes = 8;
// A length that does not fit in four bits follows as a varint, less this.
constexpr uint64_t kNibbleMax = 15;

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Code::kCorrupt, fmt::format("a block of the index: {}", what));
}

size_t common_prefix(ByteView a, ByteView b) {
  return static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

Status IndexPostings::status() const {
  if (damaged_) return fail(Code::kCorrupt, "the postings of a key in the index are damaged");
  return {};
}

bool IndexPostings::damage() {
  damaged_ = true;
  bits_ = {};
  return false;
}

Result<IndexBlock> IndexBlock::open(ByteView bytes, size_t keys) {
  if (bytes.size() < kIndexBlockHeadBytes ||
      load_le<uint64_t>(bytes.data()) != XXH3_64bits(bytes.data() + kChecksumBytes, bytes.size() - kChecksumBytes)) {
    return corrupt("its checksum does not hold");
  }
  IndexBlock block;
  block.count_ = keys;
  block.orders_ = {bytes[kChecksumBytes], bytes[kChecksumBytes + 1], bytes[kChecksumBytes + 2]};
  if (std::max({block.orders_.near, block.orders_.far, block.orders_.time}) > kGolombOrderMax) {
    return corrupt("an order is impossible");
  }
  ByteView rest = bytes.subspan(kIndexBlockHeadBytes);
  uint64_t length = 0;
  if (!take_varint(rest, length) || length > rest.size()) return corrupt("its keys are cut short");
  block.keys_ = rest.first(length);
  block.postings_ = rest.subspan(length);
  return block;
}

bool IndexBlock::Walk::step() {
  damaged_ = true;
  if (keys_.empty()) return false;
  uint64_t shared = keys_[0] >> 4U;
  uint64_t length = keys_[0] & 0xFU;
  keys_ = keys_.subspan(1);
  uint64_t more = 0;
  if (shared == kNibbleMax) {
    if (!take_varint(keys_, more) || more > kIndexKeyBytesMax) return false;
    shared += more;
  }
  if (length == kNibbleMax) {
    if (!take_varint(keys_, more) || more > kIndexKeyBytesMax) return false;
    length += more;
  }
  if (length > keys_.size() || shared + length > kIndexKeyBytesMax) return false;
  suffix_ = keys_.first(length);
  keys_ = keys_.subspan(length);
  shared_ = shared;
  uint64_t postings = 0;
  if (!take_varint(keys_, postings) || postings > postings_.size()) return false;
  now_ = postings_.first(postings);
  postings_ = postings_.subspan(postings);
  --left_;
  damaged_ = left_ == 0 && (!keys_.empty() || !postings_.empty());
  return !damaged_;
}

// Never builds a key: what the key before had in common with the one sought tells where each new suffix matters.
Result<IndexBlock::Place> IndexBlock::find(ByteView key) const {
  Walk walk(*this);
  size_t common = 0;  // of the key before, which is less, and the one sought
  for (size_t slot = 0; walk.next(); ++slot) {
    if (walk.shared() > common) continue;
    if (walk.shared() < common) return Place{slot, false, {}};
    const ByteView rest = key.subspan(common);
    const size_t more = common_prefix(walk.suffix(), rest);
    common += more;
    if (more == walk.suffix().size()) {
      if (more == rest.size()) return Place{slot, true, walk.postings()};
    } else if (more == rest.size() || walk.suffix()[more] > rest[more]) {
      return Place{slot, false, {}};
    }
  }
  if (walk.damaged()) return corrupt("its keys are damaged");
  return Place{count_, false, {}};
}

Result<ByteView> IndexBlock::key_at(size_t slot, Bytes& key) const {
  key.clear();
  Walk walk(*this);
  for (size_t at = 0; walk.next(); ++at) {
    if (walk.shared() > key.size()) break;
    key.resize(walk.shared());
    append(key, walk.suffix());
    if (at == slot) return walk.postings();
  }
  return corrupt("its keys are damaged");
}

}  // namespace weerbaar::trail
