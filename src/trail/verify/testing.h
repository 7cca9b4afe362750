// For tests only: trails to verify, and the means of somebody who wants to change them unseen.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "os/memory.h"
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

// Two segments, each with its chapter, and a tail of three batches; signed after most batches and at the end. Holds
// events with varied fields, and records. Made once a program.
const SampleTrail& large_sample();
// The first segment of large_sample() and its chapter, signed at that size.
const SampleTrail& one_segment_sample();
// A tail of four batches of a hundred entries; signed after the second, the third and the last.
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

// A segment file taken apart, to be changed and put together again with checksums that are right.
class SegmentForge {
 public:
  explicit SegmentForge(Bytes file);

  SegmentHeader header;

  [[nodiscard]] std::vector<int64_t> integers(Section section) const;
  [[nodiscard]] std::vector<std::string> texts(Section section) const;
  [[nodiscard]] const Segment& segment() const { return *segment_; }
  [[nodiscard]] Bytes& bytes(Section section) { return sections_.at(section).bytes; }
  void set(Section section, const std::vector<int64_t>& values);
  void set(Section section, const std::vector<std::string>& values);
  void set_postings(Section section, const std::vector<int64_t>& values);

  [[nodiscard]] Bytes assemble() const;

 private:
  struct Column {
    Encoding encoding = Encoding::kRaw;
    Bytes bytes;
  };

  Bytes file_;
  std::unique_ptr<const Segment> segment_;
  std::map<Section, Column> sections_;
};

// The entries of a segment, regenerated.
std::vector<Bytes> entries_of(const Segment& segment);
// A segment file of these entries, all of it consistent, as the writer makes it.
Bytes seal(uint64_t first_index, uint64_t signed_size, const std::vector<Bytes>& entries);

// The keys by which a segment is found: its subjects and actors.
std::vector<uint64_t> keys_of(const Segment& segment);
// Which segments of a chapter, counted from its first, hold a key.
using ChapterKeys = std::map<uint64_t, std::vector<uint8_t>>;
// A chapter file by docs/formats/chapter.md, with the filter and the checksums that follow from its content.
Bytes chapter_file(uint64_t first_segment, uint64_t segments, const ChapterKeys& keys);

}  // namespace weerbaar::trail
