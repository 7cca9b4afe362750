#include "trail/store/integer_writer.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/exact_divisor.h"

namespace weerbaar::trail {

void append_nested(EncodedColumn& to, const EncodedColumn& column) {
  WEERBAAR_CHECK(column.bytes.size() <= UINT32_MAX);
  append_le(to.bytes, static_cast<uint16_t>(column.encoding));
  append_le(to.bytes, uint16_t{0});
  append_le(to.bytes, static_cast<uint32_t>(column.bytes.size()));
  append(to.bytes, column.bytes);
  to.grows_to += column.grows_to;
}

namespace {

// Widths of 57–63 bits are read as 64: a value must fit one unaligned word.
unsigned width_of(uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  return width > 56 ? 64 : width;
}

// Bits into memory of the caller, from the lowest of each byte up, a word at a time.
class WordWriter {
 public:
  // Behind what is written, 8 bytes are written over.
  explicit WordWriter(uint8_t* to) : to_(to) {}

  // `value` < 2^`width`; a width of 64 at the beginning of a word only.
  void write(uint64_t value, unsigned width) {
    word_ |= value << used_;
    used_ += width;
    if (used_ < 64) return;
    store_le(to_, word_);
    to_ += sizeof word_;
    used_ -= 64;
    word_ = used_ == 0 ? 0 : value >> (width - used_);
  }
  // Fills the last byte with zeros. Returns the end of what was written.
  uint8_t* flush() {
    store_le(to_, word_);
    to_ += (used_ + 7) / 8;
    word_ = 0;
    used_ = 0;
    return to_;
  }

 private:
  uint8_t* to_;
  uint64_t word_ = 0;
  unsigned used_ = 0;
};

// The shape of a packed column: what it would take, known before it is written.
struct Packed {
  uint64_t base = 0;
  uint64_t scale = 1;
  std::vector<uint64_t> lows;  // of each block, scaled
  std::vector<uint8_t> widths;
  unsigned base_bits = 0;
  uint64_t bytes = 0;
};

// The greatest common divisor of all that lies above `base`. Modulo 2^64, which is exact whatever the signs.
uint64_t scale_of(std::span<const int64_t> values, uint64_t base) {
  uint64_t scale = 0;
  ExactDivisor divisor(1);
  for (const int64_t value : values) {
    const uint64_t above = static_cast<uint64_t>(value) - base;
    // Most values are multiples already, which is quicker to see than to compute.
    if (above == 0 || (scale != 0 && divisor.divides(above))) continue;
    scale = std::gcd(scale, above);
    if (scale == 1) break;
    divisor = ExactDivisor(scale);
  }
  return scale == 0 ? 1 : scale;
}

Packed pack(std::span<const int64_t> values) {
  Packed packed;
  const size_t blocks = (values.size() + kColumnBlockRows - 1) / kColumnBlockRows;
  std::vector<std::pair<int64_t, int64_t>> ranges(blocks);
  int64_t low = values[0];
  for (size_t block = 0; block < blocks; ++block) {
    const auto part = values.subspan(block * kColumnBlockRows)
                          .first(std::min(kColumnBlockRows, values.size() - block * kColumnBlockRows));
    int64_t part_low = part[0];
    int64_t part_high = part[0];
    for (const int64_t value : part) {
      part_low = std::min(part_low, value);
      part_high = std::max(part_high, value);
    }
    ranges[block] = {part_low, part_high};
    low = std::min(low, part_low);
  }
  packed.base = static_cast<uint64_t>(low);
  packed.scale = scale_of(values, packed.base);
  packed.bytes = 8 + 8 + 1 + blocks + 8;
  uint64_t lows_max = 0;
  for (size_t block = 0; block < blocks; ++block) {
    const uint64_t part_low = (static_cast<uint64_t>(ranges[block].first) - packed.base) / packed.scale;
    const uint64_t part_high = (static_cast<uint64_t>(ranges[block].second) - packed.base) / packed.scale;
    const uint64_t rows = std::min(kColumnBlockRows, values.size() - block * kColumnBlockRows);
    packed.lows.push_back(part_low);
    packed.widths.push_back(static_cast<uint8_t>(width_of(part_high - part_low)));
    packed.bytes += (rows * packed.widths.back() + 7) / 8;
    lows_max = std::max(lows_max, part_low);
  }
  packed.base_bits = width_of(lows_max);
  packed.bytes += (blocks * packed.base_bits + 7) / 8;
  return packed;
}

EncodedColumn write_packed(std::span<const int64_t> values, const Packed& packed) {
  EncodedColumn column{Encoding::kIntegersPacked, {}};
  append_le(column.bytes, packed.base);
  append_le(column.bytes, packed.scale);
  column.bytes.push_back(static_cast<uint8_t>(packed.base_bits));
  append(column.bytes, packed.widths);
  const size_t head_bytes = column.bytes.size();
  column.bytes.resize(packed.bytes);
  WordWriter bits(column.bytes.data() + head_bytes);
  for (const uint64_t low : packed.lows) bits.write(low, packed.base_bits);
  bits.flush();
  const ExactDivisor divisor(packed.scale);
  for (size_t block = 0; block < packed.lows.size(); ++block) {
    const auto rows = values.subspan(block * kColumnBlockRows)
                          .first(std::min(kColumnBlockRows, values.size() - block * kColumnBlockRows));
    const unsigned width = packed.widths[block];
    const uint64_t low = packed.base + packed.scale * packed.lows[block];
    for (const int64_t value : rows) bits.write(divisor.divide(static_cast<uint64_t>(value) - low), width);
    bits.flush();
  }
  return column;
}

bool are_all_equal(std::span<const int64_t> values) {
  return std::all_of(values.begin(), values.end(), [&](int64_t value) { return value == values[0]; });
}

// Constant or packed.
EncodedColumn encode_part(std::span<const int64_t> values) {
  if (!values.empty() && !are_all_equal(values)) return write_packed(values, pack(values));
  EncodedColumn column{Encoding::kIntegersConstant, {}};
  append_le(column.bytes, values.empty() ? uint64_t{0} : static_cast<uint64_t>(values[0]));
  return column;
}

constexpr size_t kNestedHeadBytes = 8;

struct Runs {
  std::vector<int64_t> values;
  std::vector<int64_t> lengths;
};

// Nothing when they are too many to pay.
std::optional<Runs> runs_of(std::span<const int64_t> values) {
  constexpr size_t kRunsShare = 2;
  size_t count = 1;
  for (size_t row = 1; row < values.size(); ++row) count += values[row] != values[row - 1] ? 1U : 0U;
  if (count > values.size() / kRunsShare) return std::nullopt;
  Runs runs;
  runs.values.reserve(count);
  runs.lengths.reserve(count);
  for (size_t row = 0; row < values.size(); ++row) {
    if (row == 0 || values[row] != values[row - 1]) {
      runs.values.push_back(values[row]);
      runs.lengths.push_back(0);
    }
    ++runs.lengths.back();
  }
  return runs;
}

std::optional<EncodedColumn> encode_runs(std::span<const int64_t> values, uint64_t bytes_max) {
  const auto runs = runs_of(values);
  if (!runs) return std::nullopt;
  EncodedColumn column{Encoding::kIntegersRuns, {}};
  append_le(column.bytes, static_cast<uint64_t>(runs->values.size()));
  append_nested(column, encode_part(runs->values));
  append_nested(column, encode_part(runs->lengths));
  column.grows_to += values.size() * sizeof(int64_t);
  if (column.bytes.size() >= bytes_max) return std::nullopt;
  return column;
}

std::optional<EncodedColumn> encode_steps(std::span<const int64_t> values, uint64_t bytes_max) {
  if (values.size() < 2) return std::nullopt;
  std::vector<int64_t> steps(values.size() - 1);
  for (size_t row = 1; row < values.size(); ++row) {
    steps[row - 1] = static_cast<int64_t>(static_cast<uint64_t>(values[row]) - static_cast<uint64_t>(values[row - 1]));
  }
  EncodedColumn column{Encoding::kIntegersSteps, {}};
  append_le(column.bytes, static_cast<uint64_t>(values[0]));
  if (are_all_equal(steps)) {
    append_nested(column, encode_part(steps));
  } else {
    const Packed packed = pack(steps);
    if (8 + kNestedHeadBytes + packed.bytes >= bytes_max) return std::nullopt;
    append_nested(column, write_packed(steps, packed));
  }
  column.grows_to += values.size() * sizeof(int64_t);
  return column;
}

}  // namespace

EncodedColumn encode_integers(std::span<const int64_t> values, Packing packing) {
  if (values.empty() || are_all_equal(values)) return encode_part(values);
  const Packed packed = pack(values);
  if (packing == Packing::kTight) {
    auto runs = encode_runs(values, packed.bytes);
    auto steps = encode_steps(values, runs ? runs->bytes.size() : packed.bytes);
    if (steps) return std::move(*steps);
    if (runs) return std::move(*runs);
  }
  return write_packed(values, packed);
}

}  // namespace weerbaar::trail
