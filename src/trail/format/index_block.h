// A block of an index file: up to 64 keys and their postings. docs/formats/index.md. The bytes may be anybody's: what
// is read stays inside them, and damage shows as kCorrupt at the latest when it is decoded.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/bit_stream.h"
#include "trail/format/index_layout.h"

namespace weerbaar::trail {

// The postings of one key, ascending by index. Looks into the bytes of the file and into the shape.
class IndexPostings {
 public:
  IndexPostings() = default;
  IndexPostings(const IndexShape& shape, const IndexOrders& orders, KeyKind kind, ByteView bytes)
      : IndexPostings(shape, orders, kind, bytes, bytes.data() + bytes.size()) {}
  // Faster when what follows the bytes may be read too, up to `readable_end`.
  IndexPostings(const IndexShape& shape, const IndexOrders& orders, KeyKind kind, ByteView bytes,
                const uint8_t* readable_end)
      : shape_(&shape), orders_(orders), is_subject_(kind == KeyKind::kSubject), bits_(bytes, readable_end) {}

  // The next one, or false: at the end, and at damage, which status() tells apart.
  bool next(IndexPosting& posting) {
    if (started_ && bits_.at_end()) return false;
    bool near = false;
    if (!started_) {
      offset_ = bits_.take(shape_->offset_bits);
      started_ = true;
    } else {
      near = bits_.take(1) != 0;
      const uint64_t skipped = bits_.take_golomb(near ? orders_.near : orders_.far);
      if (skipped >= shape_->entries) return damage();
      offset_ += skipped + 1;
    }
    if (offset_ >= shape_->entries || bits_.overran()) return damage();
    posting.index = shape_->first + offset_;
    return !is_subject_ || next_access(near, posting);
  }
  // kCorrupt once next() met what cannot be.
  [[nodiscard]] Status status() const;

 private:
  bool next_access(bool near, IndexPosting& posting) {
    if (!near) actor_ = static_cast<uint32_t>(bits_.take(shape_->actor_bits));
    const auto away = static_cast<uint64_t>(unzigzag(bits_.take_golomb(orders_.time)));
    const auto units = static_cast<int64_t>(static_cast<uint64_t>(shape_->predict(offset_)) + away);
    posting.time = {0, 0};
    if (shape_->has_nanos && bits_.take(1) != 0)
      posting.time.nanos = static_cast<uint16_t>(bits_.take(kIndexNanosBits));
    const auto scale = static_cast<int64_t>(shape_->scale);
    if (actor_ >= shape_->actors || bits_.overran() || units < shape_->time_min || units > shape_->time_max ||
        posting.time.nanos > 999) {
      return damage();
    }
    posting.time.micros = units * scale;
    posting.actor = actor_;
    return true;
  }
  bool damage();

  const IndexShape* shape_ = nullptr;
  IndexOrders orders_;
  bool is_subject_ = false;
  bool started_ = false;
  bool damaged_ = false;
  BitReader bits_;
  uint64_t offset_ = 0;
  uint32_t actor_ = 0;
};

class IndexBlock {
 public:
  IndexBlock() = default;
  // Checks the checksum. `keys` are in it, 1 to 64.
  static Result<IndexBlock> open(ByteView bytes, size_t keys);

  [[nodiscard]] size_t keys() const { return count_; }
  [[nodiscard]] const IndexOrders& orders() const { return orders_; }

  // Steps through the keys in turn.
  class Walk {
   public:
    explicit Walk(const IndexBlock& block) : keys_(block.keys_), postings_(block.postings_), left_(block.count_) {}

    // False behind the last key, and at damage.
    bool next() { return left_ > 0 && step(); }
    // Of the key at hand: what it shares with the one before, what follows, and its postings.
    [[nodiscard]] size_t shared() const { return shared_; }
    [[nodiscard]] ByteView suffix() const { return suffix_; }
    [[nodiscard]] ByteView postings() const { return now_; }
    [[nodiscard]] bool damaged() const { return damaged_; }

   private:
    bool step();

    ByteView keys_;
    ByteView postings_;
    size_t left_;
    size_t shared_ = 0;
    ByteView suffix_;
    ByteView now_;
    bool damaged_ = false;
  };

  struct Place {
    size_t slot = 0;  // of the key, or of the first one behind where it would stand
    bool found = false;
    ByteView postings;
  };
  // kCorrupt when the keys are damaged.
  [[nodiscard]] Result<Place> find(ByteView key) const;
  // Replaces `key` by the key in that slot, and returns its postings.
  Result<ByteView> key_at(size_t slot, Bytes& key) const;

 private:
  IndexOrders orders_;
  size_t count_ = 0;
  ByteView keys_;
  ByteView postings_;
};

}  // namespace weerbaar::trail
