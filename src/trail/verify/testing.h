// For tests only: trails to verify, and the means of somebody who wants to change them unseen.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "os/memory.h"
#include "trail/format/index_block.h"
#include "trail/format/index_layout.h"
#include "trail/format/segment.h"
#include "trail/format/signature.h"
#include "trail/verify/verify.h"

namespace weerbaar::trail {

// Files below the directory of a trail, by path.
using Files = std::map<std::string, Bytes>;

// A trail as files, with what is known about it elsewhere.
struct SampleTrail {
  Files files;
  std::shared_ptr<const SigningKey> key;
  std::vector<std::string> notes;  // every checkpoint that was signed, in order
  uint64_t size = 0;

  [[nodiscard]] const std::string& origin() const { return key->verifier().name; }
};

// Two segments, each with its index and the record that commits it, a record that commits the index over both, and a
// tail of some 3,000 entries, of which one commits the index over those of the tail before it; signed after most
// batches and at the end. Holds events with varied fields, and records. Made once a program.
const SampleTrail& large_sample();
// The first segment of large_sample() and its index, signed at that size.
const SampleTrail& one_segment_sample();
// A tail of a hundred entries four times, of which entry 299 commits the index over those before it; signed after the
// second, the third and the last hundred.
const SampleTrail& small_sample();

// A disk with these files in the directory kTrailDirectory.
inline constexpr std::string_view kTrailDirectory = "trail";
std::unique_ptr<os::MemoryFileSystem> disk_with(const Files& files);
// Options to verify such a disk with the key of `sample`.
VerifyOptions options_for(os::FileSystem& disk, const SampleTrail& sample);
// Verifies files with the key of `sample`; ends the program on an error.
Report verify_files(const Files& files, const SampleTrail& sample);

// True when a problem has a `where` that contains the text.
bool names(const Report& report, std::string_view where);
// All problems, a line each: for messages of failed tests.
std::string to_text(const Report& report);

// What the columns of rows hold, in the order of arrival.
struct ForgedRows {
  std::map<Section, std::vector<int64_t>> integers;
  std::map<Section, std::vector<std::string>> texts;
};

// A segment file of version 2 taken apart, to be changed and put together again with checksums that are right.
class SegmentForge {
 public:
  explicit SegmentForge(Bytes file);

  SegmentHeader header;

  // As it was taken apart.
  [[nodiscard]] const Segment& segment() const { return *segment_; }
  // Columns in the order in which they stand.
  [[nodiscard]] std::vector<int64_t> integers(Section section) const;
  [[nodiscard]] std::vector<std::string> texts(Section section) const;
  [[nodiscard]] Bytes& bytes(Section section) { return sections_.at(section).bytes; }
  void set(Section section, const std::vector<int64_t>& values);
  void set(Section section, const std::vector<std::string>& values);
  // One value: by the row of an entry, or of a table.
  void set_at(Section section, uint64_t row, int64_t value);
  void set_at(Section section, uint64_t row, std::string value);
  // All rows; set_rows() puts them in the orders that follow from their actors and applications, and those from the
  // tables as they were taken apart.
  [[nodiscard]] ForgedRows rows() const;
  void set_rows(const ForgedRows& rows);

  [[nodiscard]] Bytes assemble() const;

 private:
  struct Column {
    Encoding encoding = Encoding::kRaw;
    Bytes bytes;
  };

  [[nodiscard]] uint64_t place_of(Section section, uint64_t row) const;
  [[nodiscard]] std::vector<uint64_t> id_places(const std::vector<int64_t>& applications) const;

  Bytes file_;
  std::unique_ptr<const Segment> segment_;
  std::map<Section, Column> sections_;
  std::vector<uint64_t> id_places_;
};

// The entries of a segment, regenerated.
std::vector<Bytes> entries_of(const Segment& segment);
// A tail file that holds these entries in one batch.
Bytes tail_of(uint64_t first_index, const std::vector<Bytes>& entries, uint64_t signed_size = 0);
// A segment file of these entries, all of it consistent, as the writer makes it.
Bytes seal(uint64_t first_index, uint64_t signed_size, const std::vector<Bytes>& entries);

// An index file taken apart, to be changed and put together again, consistent in itself: hashes, filter, checksums.
struct IndexForge {
  explicit IndexForge(const Bytes& file);
  [[nodiscard]] Bytes assemble() const;

  IndexHead head;
  std::vector<int64_t> times;
  std::map<Bytes, std::vector<IndexPosting>> keys;
};
// Where a part of an index file begins.
size_t part_begin(const Bytes& index_file, IndexPart part);
// The index over these entries, which may be more than a segment, as the writer makes it.
Bytes index_file_of(uint64_t first_index, const std::vector<Bytes>& entries);

}  // namespace weerbaar::trail
