// The entries of a few tiles of a segment, for proofs: the same bytes as Segment::entry(), without laying out columns
// of which a few hundred rows are wanted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/segment.h"
#include "trail/format/segment_head.h"
#include "trail/store/integer_scan.h"

namespace weerbaar::trail {

// Not thread-safe. Its memory is taken once and used for each segment again.
class TileReader {
 public:
  // Replaces `entries` by the 256 entries of each of `tiles`, which ascend and are below 256. Every section has its
  // checksum checked. kCorrupt names the one that is damaged; of rows that are not wanted, what passes its checksum
  // and damages no other row may go unseen.
  Status read(ByteView file, const SegmentHead& head, std::span<const uint32_t> tiles, std::vector<Bytes>& entries);

 private:
  // Where the wanted rows stand in columns of one order.
  struct Places {
    std::vector<uint32_t> at;   // ascending
    std::vector<uint32_t> row;  // among those that are wanted
  };
  using Numbers = std::vector<int64_t>;
  // A text for each wanted row, or one for all.
  struct Texts {
    bool is_constant = true;
    std::vector<std::string> rows;

    [[nodiscard]] std::string_view at(size_t i) const { return rows[is_constant ? 0 : i]; }
  };
  struct Source {
    ByteView file;
    const SegmentHead& head;
    uint64_t budget;
  };
  static constexpr size_t kEventTexts = 11;

  Status place_rows(const Source& source, const Segment& tables, std::span<const uint32_t> tiles);
  Status rank_sources(const Segment& tables, const SegmentHeader& header);
  Status take_columns(Source& source);
  Status take_numbers(const Source& source, Section section, const Places& places, uint64_t limit, Numbers& numbers);
  Status pick_numbers(Encoding encoding, uint64_t rows, ByteView bytes, const Places& places, Numbers& numbers);
  Status take_texts(Source& source, Section section, const Places& places, Texts& texts);
  Status pick_texts(Encoding encoding, ByteView bytes, const Places& places, uint64_t& budget, Texts& texts);
  Status pick_ids(ByteView bytes, const Places& places, uint64_t& budget, Texts& texts);
  Status take_lists(const Segment& tables, const SegmentHeader& header);
  void encode_row(size_t row, const Segment& tables, Bytes& out);

  Places arrival_, by_actor_, by_source_;
  Numbers time_, nanos_, received_, period_, actor_, application_, operation_, list_, records_, break_glass_, marks_;
  Texts opaque_, id_;
  std::array<Texts, kEventTexts> texts_;
  std::vector<uint32_t> list_first_;  // where the items of each list begin, and one more
  // While rows are placed, and columns read.
  std::vector<uint16_t> source_rank_;  // of each application
  std::vector<uint16_t> rank_at_;      // of each place in the order of the actor
  std::vector<uint32_t> next_place_;
  std::vector<uint32_t> next_id_;
  Numbers scratch_;
  IntegerRuns runs_;
  std::vector<StoredSubject> subjects_;
};

}  // namespace weerbaar::trail
