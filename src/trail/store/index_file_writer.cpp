#include "trail/store/index_file_writer.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kWidths = 65;
constexpr uint8_t kNibbleMax = 15;

IndexHead head_of(const IndexFacts& facts) {
  IndexHead head;
  head.first = facts.first;
  head.end = facts.end;
  head.scale = facts.scale;
  head.has_nanos = facts.has_nanos;
  head.actors = facts.actors;
  return head;
}

// How many numbers of each width in bits, and their cost in a code of some order: exact but for those that the addition
// of 2^order makes a bit longer.
class Widths {
 public:
  void count(uint64_t value) { ++counts_[static_cast<size_t>(std::bit_width(value))]; }
  void count(size_t width, uint64_t times) { counts_[width] += times; }
  [[nodiscard]] uint64_t counted(size_t width) const { return counts_[width]; }

  struct Best {
    unsigned order = 0;
    uint64_t bits = 0;
  };
  // Over the widths [begin, end).
  [[nodiscard]] Best best(size_t begin, size_t end) const {
    uint64_t numbers = 0;  // wider than the order at hand
    uint64_t widths = 0;   // of those, summed
    uint64_t narrow = 0;
    for (size_t width = begin; width < end; ++width) {
      numbers += counts_[width];
      widths += counts_[width] * width;
    }
    Best best{0, std::numeric_limits<uint64_t>::max()};
    for (size_t order = 0; order <= kGolombOrderMax; ++order) {
      if (order >= begin && order < end) {
        numbers -= counts_[order];
        widths -= counts_[order] * order;
        narrow += counts_[order];
      }
      const uint64_t bits = narrow * (order + 1) + 2 * widths - numbers * (order + 1);
      if (bits < best.bits) best = {static_cast<unsigned>(order), bits};
      if (numbers == 0) break;
    }
    return best;
  }
  [[nodiscard]] Best best() const { return best(0, kWidths); }

 private:
  std::array<uint64_t, kWidths> counts_{};
};

// Where to part distances into near and far ones, so that both take the least: near ones have fewer bits than this.
size_t part_distances(const Widths& widths) {
  size_t end = kWidths;
  while (end > 0 && widths.counted(end - 1) == 0) --end;
  size_t best = end;
  uint64_t bits = widths.best(0, end).bits;
  for (size_t middle = 1; middle < end; ++middle) {
    if (widths.counted(middle - 1) == 0) continue;
    const uint64_t now = widths.best(0, middle).bits + widths.best(middle, end).bits;
    if (now < bits) {
      bits = now;
      best = middle;
    }
  }
  return best;
}

void append_nibbles(Bytes& out, size_t shared, size_t length) {
  const auto nibble = [](size_t value) { return std::min<size_t>(value, kNibbleMax); };
  out.push_back(static_cast<uint8_t>(nibble(shared) << 4U | nibble(length)));
  if (shared >= kNibbleMax) append_varint(out, shared - kNibbleMax);
  if (length >= kNibbleMax) append_varint(out, length - kNibbleMax);
}

}  // namespace

IndexFileWriter::IndexFileWriter(IndexFacts facts) : head_(head_of(facts)), scale_(facts.scale) {
  WEERBAAR_CHECK(facts.times.size() == index_time_samples(head_.entries()));
  shape_ = IndexShape::of(head_, std::move(facts.times));
  head_.actors = 0;
}

ByteView IndexFileWriter::key_at(size_t slot) const {
  const size_t begin = key_begin_[slot];
  return ByteView(keys_).subspan(begin, (slot + 1 < key_begin_.size() ? key_begin_[slot + 1] : keys_.size()) - begin);
}

std::pair<size_t, size_t> IndexFileWriter::postings_of(size_t slot) const {
  return {posting_begin_[slot], slot + 1 < posting_begin_.size() ? posting_begin_[slot + 1] : postings_.size()};
}

void IndexFileWriter::begin(ByteView key) {
  WEERBAAR_CHECK(!key.empty() && key.size() <= kIndexKeyBytesMax);
  if (key_begin_.size() == kIndexBlockKeys) write_block();
  key_begin_.push_back(keys_.size());
  posting_begin_.push_back(postings_.size());
  append(keys_, key);
  hashes_.push_back(key_hash(key));
  switch (static_cast<KeyKind>(key[0])) {
    case KeyKind::kSubject:
      ++head_.subjects;
      break;
    case KeyKind::kActor:
      ++head_.actors;
      add_period(load_be<uint16_t>(key.data() + 1));
      break;
    case KeyKind::kRecord:
      ++head_.records;
      break;
  }
}

// Every event has an actor, so that the actors have every period, in order.
void IndexFileWriter::add_period(uint16_t period) {
  if (periods_.empty() || periods_.back() != period) periods_.push_back(period);
}

// What each posting is written as, but for the orders; and the orders that suit them best.
IndexOrders IndexFileWriter::make_codes() {
  codes_.resize(postings_.size());
  Widths near;
  Widths far;
  Widths of_others;
  Widths times;
  for (size_t slot = 0; slot < key_begin_.size(); ++slot) {
    const auto [begin, end] = postings_of(slot);
    const bool is_subject = keys_[key_begin_[slot]] == static_cast<uint8_t>(KeyKind::kSubject);
    for (size_t i = begin; i < end; ++i) {
      const IndexPosting& posting = postings_[i];
      const uint64_t offset = posting.index - shape_.first;
      codes_[i].distance = i == begin ? offset : posting.index - postings_[i - 1].index - 1;
      if (is_subject) {
        codes_[i].time = zigzag(scale_.divide(posting.time.micros) - shape_.predict(offset));
        times.count(codes_[i].time);
        if (i > begin) (posting.actor == postings_[i - 1].actor ? near : far).count(codes_[i].distance);
      } else if (i > begin) {
        of_others.count(codes_[i].distance);
      }
    }
  }
  near_bits_ = 0;
  if (of_others.best().bits > 0) {
    const size_t middle = part_distances(of_others);
    near_bits_ = static_cast<unsigned>(middle - 1);
    for (size_t width = 0; width < kWidths; ++width) {
      (width < middle ? near : far).count(width, of_others.counted(width));
    }
  }
  return {near.best().order, far.best().order, times.best().order};
}

// Appends to scratch_, of which the first `used` bytes count; returns how many do then.
size_t IndexFileWriter::write_postings(const IndexOrders& orders, size_t slot, size_t used) {
  const auto [begin, end] = postings_of(slot);
  constexpr size_t kPostingBytesMax = (1 + 2 * kGolombBitsMax + 32 + 1 + kIndexNanosBits) / 8 + 1;
  if (const size_t needed = used + (end - begin) * kPostingBytesMax + 8; scratch_.size() < needed) {
    scratch_.resize(2 * needed);
  }
  const bool is_subject = keys_[key_begin_[slot]] == static_cast<uint8_t>(KeyKind::kSubject);
  BitWriter bits(scratch_.data() + used);
  for (size_t i = begin; i < end; ++i) {
    const IndexPosting& posting = postings_[i];
    const Code& code = codes_[i];
    bool near = false;
    if (i == begin) {
      bits.put(code.distance, shape_.offset_bits);
    } else {
      near = is_subject ? posting.actor == postings_[i - 1].actor
                        : static_cast<unsigned>(std::bit_width(code.distance)) <= near_bits_;
      bits.put(near ? 1 : 0, 1);
      bits.put_golomb(code.distance, near ? orders.near : orders.far);
    }
    if (!is_subject) continue;
    if (!near) bits.put(posting.actor, shape_.actor_bits);
    bits.put_golomb(code.time, orders.time);
    if (!shape_.has_nanos) continue;
    bits.put(posting.time.nanos != 0 ? 1 : 0, 1);
    if (posting.time.nanos != 0) bits.put(posting.time.nanos, kIndexNanosBits);
  }
  return static_cast<size_t>(bits.finish() - scratch_.data());
}

void IndexFileWriter::write_block() {
  if (key_begin_.empty()) return;
  const IndexOrders orders = make_codes();
  const size_t block_begin = blocks_.size();
  Bytes keys;
  size_t written = 0;
  ByteView before;
  for (size_t slot = 0; slot < key_begin_.size(); ++slot) {
    const ByteView key = key_at(slot);
    const auto shared = static_cast<size_t>(std::ranges::mismatch(before, key).in2 - key.begin());
    WEERBAAR_CHECK(slot == 0 || shared < key.size());
    append_nibbles(keys, shared, key.size() - shared);
    append(keys, key.subspan(shared));
    const size_t end_of_postings = write_postings(orders, slot, written);
    append_varint(keys, end_of_postings - written);
    written = end_of_postings;
    before = key;
    const auto [begin, end] = postings_of(slot);
    leaves_.add(key, std::span(postings_).subspan(begin, end - begin));
  }
  roots_.push_back(tree_root(leaves_.hash()));
  const IndexPrefix prefix = IndexPrefix::of(key_at(0));
  const size_t fence = fences_.size();
  fences_.resize(fence + kIndexFenceBytes);
  store_be(fences_.data() + fence, prefix.high);
  store_be(fences_.data() + fence + 8, prefix.low);
  store_le(fences_.data() + fence + kIndexFencePrefixBytes, blocks_bytes_);

  blocks_.resize(block_begin + 8);
  for (const unsigned order : {orders.near, orders.far, orders.time}) blocks_.push_back(static_cast<uint8_t>(order));
  append_varint(blocks_, keys.size());
  append(blocks_, keys);
  append(blocks_, ByteView(scratch_).first(written));
  const ByteView checked = ByteView(blocks_).subspan(block_begin + 8);
  store_le(blocks_.data() + block_begin, static_cast<uint64_t>(XXH3_64bits(checked.data(), checked.size())));
  blocks_bytes_ += blocks_.size() - block_begin;
  keys_.clear();
  key_begin_.clear();
  posting_begin_.clear();
  postings_.clear();
}

void IndexFileWriter::add_part(IndexPart part, ByteView bytes) {
  append(blocks_, bytes);
  IndexPartPlace& place = head_.parts[static_cast<size_t>(part)];
  place.length = bytes.size();
  if (part != IndexPart::kRoots) place.checksum = XXH3_64bits(bytes.data(), bytes.size());
}

std::array<uint8_t, kIndexHeadBytes> IndexFileWriter::finish() {
  write_block();
  WEERBAAR_CHECK(head_.actors == shape_.actors);
  head_.parts[static_cast<size_t>(IndexPart::kBlocks)].length = blocks_bytes_;
  add_part(IndexPart::kFences, fences_);
  size_t below = 0;
  for (size_t level = roots_.size(); level > kIndexBlockKeys;) {
    const size_t end = below + level;
    for (; below < end; below += std::min(kIndexBlockKeys, end - below)) {
      roots_.push_back(tree_root(std::span(roots_).subspan(below, std::min(kIndexBlockKeys, end - below))));
    }
    level = roots_.size() - end;
  }
  head_.root = tree_root(std::span(roots_).subspan(below));
  Bytes bytes;
  for (const Hash& root : roots_) append(bytes, root);
  add_part(IndexPart::kRoots, bytes);
  bytes.clear();
  for (const int64_t time : shape_.times) append_le(bytes, static_cast<uint64_t>(time));
  add_part(IndexPart::kTimes, bytes);
  bytes.clear();
  for (const uint16_t period : periods_) append_le(bytes, period);
  add_part(IndexPart::kPeriods, bytes);
  Bytes filter(filter_bytes(head_.keys()));
  for (const uint64_t hash : hashes_) filter_insert(filter, hash);
  add_part(IndexPart::kFilter, filter);
  return write_index_head(head_);
}

}  // namespace weerbaar::trail
