#include "trail/format/tail.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <string>

namespace weerbaar::trail {
namespace {

constexpr uint64_t kFirstIndex = 131'072;

// A tail file, made batch by batch.
class TailFile {
 public:
  explicit TailFile(uint64_t first_index = kFirstIndex) : next_(first_index) {
    const auto head = write_tail_head(first_index);
    append(bytes_, head);
    previous_ = head_checksum(head);
  }

  // Returns where the batch begins.
  size_t add(const std::vector<std::string>& entries, uint64_t signed_size = 0) {
    Bytes payload;
    for (const std::string& entry : entries) {
      payload.resize(payload.size() + 2);
      store_be(payload.data() + payload.size() - 2, static_cast<uint16_t>(entry.size()));
      append(payload, as_bytes(entry));
    }
    return add(static_cast<uint32_t>(entries.size()), payload, signed_size);
  }
  size_t add(uint32_t count, const Bytes& payload, uint64_t signed_size = 0) {
    const size_t at = bytes_.size();
    BatchHead head;
    head.count = count;
    head.first_index = next_;
    head.payload_length = payload.size();
    head.signed_size = signed_size;
    head.previous = previous_;
    head.payload_checksum = XXH3_64bits(payload.data(), payload.size());
    const auto head_bytes = write_batch_head(head);
    append(bytes_, head_bytes);
    append(bytes_, payload);
    bytes_.resize(at + kBatchHeadBytes + padded(payload.size()));
    previous_ = head_checksum(head_bytes);
    next_ += count;
    return at;
  }

  [[nodiscard]] Bytes bytes(size_t zeros = 0) const {
    Bytes all = bytes_;
    all.resize(all.size() + zeros);
    return all;
  }
  [[nodiscard]] size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
  uint64_t next_;
  uint64_t previous_ = 0;
};

std::vector<std::string> texts(const TailContent& tail) {
  std::vector<std::string> all;
  for (const ByteView entry : tail.entries) all.emplace_back(as_text(entry));
  return all;
}

TEST(Tail, what_was_written_is_read) {
  TailFile file;
  file.add({"one", "two"}, 7);
  const size_t last = file.add({"three", "", std::string(65'535, 'x')}, 5);
  for (const size_t zeros : {size_t{0}, size_t{1}, size_t{4'096}}) {
    const Bytes bytes = file.bytes(zeros);
    const auto tail = read_tail(bytes);
    ASSERT_TRUE(tail.has_value());
    EXPECT_EQ(tail->first_index, kFirstIndex);
    EXPECT_EQ(texts(*tail), (std::vector<std::string>{"one", "two", "three", "", std::string(65'535, 'x')}));
    EXPECT_EQ(tail->signed_size, 7U);
    EXPECT_EQ(tail->last_batch, last);
    EXPECT_EQ(tail->end, file.size());
    EXPECT_EQ(tail->torn_bytes, 0U);
    EXPECT_EQ(tail->how, TailEnd::kClean);
    EXPECT_EQ(tail->last_checksum, load_le<uint64_t>(bytes.data() + last + 56));
  }
}

TEST(Tail, a_new_file_is_empty) {
  const Bytes bytes = TailFile().bytes(100);
  const auto tail = read_tail(bytes);
  ASSERT_TRUE(tail.has_value());
  EXPECT_TRUE(tail->entries.empty());
  EXPECT_EQ(tail->how, TailEnd::kClean);
  EXPECT_EQ(tail->last_batch, 0U);
  EXPECT_EQ(tail->end, kTailHeadBytes);
}

TEST(Tail, these_bytes_are_the_format) {
  TailFile file(65'536);
  file.add({"ab", "c"}, 3);
  const std::string text = to_hex(file.bytes());
  // Magic, version, zero, first index, zeros, checksum.
  EXPECT_EQ(text.substr(0, 112),
            "57425441494c0000"
            "01000000"
            "00000000"
            "0000010000000000" +
                std::string(64, '0'));
  // Magic, count, first index, payload length, signed size, checksum of the head above, of the payload, zeros.
  EXPECT_EQ(text.substr(128, 80),
            "57424154"
            "02000000"
            "0000010000000000"
            "0700000000000000"
            "0300000000000000" +
                text.substr(112, 16));
  EXPECT_EQ(text.substr(224, 16), std::string(16, '0'));
  // Lengths and entries, filled up to eight bytes.
  EXPECT_EQ(text.substr(256),
            "00026162"
            "000163"
            "00");
}

// Whatever a crash leaves of the last batch: the batches before it are whole.
TEST(Tail, a_batch_torn_at_any_byte_is_cut_off) {
  TailFile file;
  file.add({"one", "two"});
  const size_t whole = file.size();
  file.add({"three", std::string(40, 'x')});
  const Bytes bytes = file.bytes();
  for (size_t kept = whole; kept < bytes.size(); ++kept) {
    for (const bool zeros : {false, true}) {
      Bytes torn(bytes.begin(), bytes.begin() + static_cast<long>(kept));
      if (zeros) torn.resize(bytes.size() + 100);
      const auto tail = read_tail(torn);
      ASSERT_TRUE(tail.has_value());
      // The padding at the end of the last batch are zeros: a file that is long enough holds it whole.
      if (zeros && torn == Bytes([&] {
                     Bytes all = bytes;
                     all.resize(bytes.size() + 100);
                     return all;
                   }()))
        continue;
      ASSERT_EQ(texts(*tail), (std::vector<std::string>{"one", "two"})) << kept;
      ASSERT_EQ(tail->end, whole);
      ASSERT_NE(tail->how, TailEnd::kBroken) << kept;
      ASSERT_EQ(tail->how == TailEnd::kTorn, tail->torn_bytes > 0);
      ASSERT_LE(tail->torn_bytes, kept - whole);
    }
  }
}

TEST(Tail, sectors_of_a_batch_that_came_in_another_order_are_cut_off) {
  TailFile file;
  file.add({"one"});
  const size_t whole = file.size();
  file.add({std::string(3'000, 'y')});
  for (size_t sector = whole / 512 * 512; sector < file.size(); sector += 512) {
    Bytes torn = file.bytes();
    const size_t from = std::max(sector, whole);
    const size_t end = std::min(sector + 512, torn.size());
    std::fill(torn.begin() + static_cast<long>(from), torn.begin() + static_cast<long>(end), uint8_t{0});
    const auto tail = read_tail(torn);
    ASSERT_TRUE(tail.has_value());
    EXPECT_EQ(tail->how, TailEnd::kTorn);
    EXPECT_EQ(texts(*tail), std::vector<std::string>{"one"});
  }
}

TEST(Tail, a_head_that_was_cut_off_holds_nothing) {
  const Bytes whole = TailFile().bytes(200);
  for (size_t kept = 0; kept < kTailHeadBytes; ++kept) {
    Bytes torn = whole;
    std::fill(torn.begin() + static_cast<long>(kept), torn.end(), uint8_t{0});
    if (torn == whole) continue;  // it ends in zeros
    for (const size_t size : {kept, torn.size()}) {
      const auto tail = read_tail(ByteView(torn).first(size));
      ASSERT_TRUE(tail.has_value()) << kept;
      EXPECT_EQ(tail->how, TailEnd::kTorn);
      EXPECT_EQ(tail->end, 0U);
      EXPECT_LE(tail->torn_bytes, kept);
      EXPECT_TRUE(tail->entries.empty());
    }
  }
}

// A flipped bit is never read as data: it is told, or it costs the youngest batch, which a checkpoint covers or nobody
// was told of.
TEST(Tail, a_flipped_bit_is_found_wherever_it_is) {
  TailFile file;
  file.add({"one", "two"}, 1);
  const size_t second = file.add({"three"}, 2);
  const size_t third = file.add({"four", "five"}, 3);
  const Bytes whole = file.bytes(64);
  const auto right = texts(*read_tail(whole));
  for (size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes flipped = whole;
      flipped[at] = static_cast<uint8_t>(flipped[at] ^ (1U << bit));
      const auto tail = read_tail(flipped);
      if (at < kTailHeadBytes) {
        ASSERT_EQ(tail.has_value(), false) << at;
        continue;
      }
      ASSERT_TRUE(tail.has_value());
      if (at < third) {
        ASSERT_EQ(tail->how, TailEnd::kBroken) << at;
        ASSERT_EQ(tail->entries.size(), at < second ? 0U : 2U);
        ASSERT_FALSE(tail->problem.empty());
      } else {
        ASSERT_EQ(tail->how, TailEnd::kTorn) << at;
        ASSERT_EQ(tail->entries.size(), at < file.size() ? 3U : right.size());
      }
    }
  }
}

TEST(Tail, batches_that_changed_places_were_removed_or_come_from_elsewhere_are_told) {
  TailFile file;
  const size_t first = file.add({"aaaa"});
  const size_t second = file.add({"bbbb"});
  const size_t end = file.size();
  ASSERT_EQ(second - first, end - second);
  const Bytes whole = file.bytes();

  Bytes exchanged = whole;
  std::swap_ranges(exchanged.begin() + static_cast<long>(first), exchanged.begin() + static_cast<long>(second),
                   exchanged.begin() + static_cast<long>(second));
  EXPECT_EQ(read_tail(exchanged)->how, TailEnd::kBroken);

  Bytes removed = whole;
  removed.erase(removed.begin() + static_cast<long>(first), removed.begin() + static_cast<long>(second));
  EXPECT_EQ(read_tail(removed)->how, TailEnd::kBroken);

  Bytes repeated = whole;
  repeated.insert(repeated.end(), whole.begin() + static_cast<long>(second), whole.end());
  EXPECT_EQ(read_tail(repeated)->how, TailEnd::kBroken);

  TailFile other;
  other.add({"cccc"});
  other.add({"dddd"});
  Bytes foreign = whole;
  const Bytes from = other.bytes();
  std::copy(from.begin() + static_cast<long>(second), from.end(), foreign.begin() + static_cast<long>(second));
  EXPECT_EQ(read_tail(foreign)->how, TailEnd::kBroken);
  EXPECT_EQ(texts(*read_tail(foreign)), std::vector<std::string>{"aaaa"});
}

TEST(Tail, batches_behind_a_head_that_is_gone_are_told) {
  TailFile file;
  file.add({"one"});
  Bytes bytes = file.bytes();
  std::fill_n(bytes.begin(), kTailHeadBytes, uint8_t{0});
  const auto tail = read_tail(bytes);
  ASSERT_TRUE(tail.has_value());
  EXPECT_EQ(tail->how, TailEnd::kBroken);
}

TEST(Tail, a_payload_that_does_not_divide_into_its_entries_is_told) {
  const std::pair<uint32_t, Bytes> payloads[] = {
      {1, {0, 2, 'a', 'b', 0}}, {2, {0, 2, 'a', 'b'}}, {1, {0, 3, 'a', 'b'}}, {1, {0}}};
  for (const auto& [count, payload] : payloads) {
    TailFile file;
    file.add({"one"});
    file.add(count, payload);
    const Bytes bytes = file.bytes();
    const auto tail = read_tail(bytes);
    ASSERT_TRUE(tail.has_value());
    EXPECT_EQ(tail->how, TailEnd::kBroken);
    EXPECT_EQ(texts(*tail), std::vector<std::string>{"one"});
  }
}

TEST(Tail, other_files_are_refused) {
  Bytes bytes = TailFile().bytes(8);
  bytes.back() = 1;
  store_le(bytes.data() + 8, uint32_t{2});
  store_le(bytes.data() + 56, head_checksum(ByteView(bytes).first(kTailHeadBytes)));
  const auto newer = read_tail(bytes);
  ASSERT_FALSE(newer.has_value());
  EXPECT_NE(newer.error().text.find("version"), std::string::npos);
  const Bytes text(1'000, 'a');
  EXPECT_EQ(read_tail(text).error().code, Code::kCorrupt);
}

// Heads that lie about long payloads make the search for later batches expensive; it gives up, and tells.
TEST(Tail, a_file_full_of_lying_heads_is_read_in_little_time) {
  Bytes bytes = TailFile().bytes();
  constexpr size_t kHeads = 20'000;
  for (size_t i = 0; i < kHeads; ++i) {
    BatchHead head;
    head.count = 1;
    head.first_index = i;  // never the right one
    head.payload_length = (kHeads - i - 1) * kBatchHeadBytes;
    append(bytes, write_batch_head(head));
  }
  EXPECT_EQ(read_tail(bytes)->how, TailEnd::kBroken);
}

}  // namespace
}  // namespace weerbaar::trail
