// Named as a test because it uses trail/store and trail/privacy, which only tests may do here.
#include "trail/verify/testing.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/checkpoint.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"
#include "trail/privacy/key_store.h"
#include "trail/store/column_writer.h"
#include "trail/store/segment_writer.h"
#include "trail/store/testing.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kBatchEvents = 8192;
constexpr std::string_view kOrigin = "weerbaar.example/sample";
constexpr std::string_view kFolders[] = {"tail", "segments", "chapters", "ids"};

void read_files(os::FileSystem& disk, const std::string& directory, const std::string& below, Files& files) {
  const std::vector<std::string> names = disk.list(os::join(directory, below)).value();
  for (const std::string& name : names) {
    if (std::ranges::count(kFolders, name) > 0) {
      read_files(disk, directory, name, files);
    } else {
      const std::string path = below.empty() ? name : os::join(below, name);
      files[path] = os::read_file(disk, os::join(directory, path), uint64_t{1} << 30U).value();
    }
  }
}

// Appends generated events and signs, as a caller of Trail would.
class Writer {
 public:
  explicit Writer(SampleTrail& sample) : sample_(sample) {
    keys_ = KeyStore::create(disk_, "keys", kOrigin).value();
    sample_.key = std::make_shared<const SigningKey>(SigningKey::parse(keys_->signing_key().format().value()).value());
    options_.files = &disk_;
    options_.directory = kTrailDirectory;
    options_.keys = keys_.get();
    options_.clock = [] { return Time{1'775'030'400'000'000, 0}; };
    options_.seal_in_background = false;
    options_.chapter_segments = 1;
    WEERBAAR_CHECK(Trail::create(options_).has_value());
    trail_ = Trail::open(options_, Access::kAppend).value();
  }
  void events(size_t count) {
    batch_.clear();
    maker_.make(next_, count, batch_);
    next_ += count;
    WEERBAAR_CHECK(trail_->append(batch_.events()).value().accepted == count);
  }
  void record() { WEERBAAR_CHECK(trail_->append_record("import", "{\"files\":1}").has_value()); }
  void sign() { sample_.notes.push_back(trail_->sign().value()); }
  void finish() {
    WEERBAAR_CHECK(trail_->finish_sealing().has_value());
    sample_.size = trail_->size().value();
    trail_.reset();
    read_files(disk_, options_.directory, "", sample_.files);
  }

 private:
  SampleTrail& sample_;
  os::MemoryFileSystem disk_;
  std::unique_ptr<KeyStore> keys_;
  TrailOptions options_;
  std::unique_ptr<Trail> trail_;
  testing::EventMaker maker_;
  EventBatch batch_;
  uint64_t next_ = 0;
};

SampleTrail make_large() {
  SampleTrail sample;
  Writer writer(sample);
  for (size_t segment = 0; segment < 2; ++segment) {
    for (size_t i = 0; i < kSegmentEntries / kBatchEvents - 1; ++i) {
      writer.events(kBatchEvents);
      if (i % 2 == 1) writer.sign();
    }
    writer.record();
    writer.events(kBatchEvents - 1);
    writer.sign();
  }
  for (size_t i = 0; i < 3; ++i) {
    writer.events(1000);
    writer.sign();
  }
  writer.finish();
  return sample;
}

SampleTrail make_one_segment() {
  SampleTrail sample = large_sample();
  const auto is_at_edge = [&](const std::string& note) {
    return open_checkpoint(note, sample.key->verifier(), kOrigin).value().size.value() == kSegmentEntries;
  };
  const auto note = std::ranges::find_if(sample.notes, is_at_edge);
  WEERBAAR_CHECK(note != sample.notes.end());
  sample.notes.erase(note + 1, sample.notes.end());
  std::erase_if(sample.files, [](const auto& file) {
    return file.first != "segments/000000000.segment" && file.first != "chapters/000000.chapter";
  });
  const ByteView checkpoint = as_bytes(sample.notes.back());
  sample.files["checkpoint"] = Bytes(checkpoint.begin(), checkpoint.end());
  sample.size = kSegmentEntries;
  return sample;
}

SampleTrail make_small() {
  SampleTrail sample;
  Writer writer(sample);
  for (size_t i = 0; i < 4; ++i) {
    writer.events(i == 0 ? 99 : 100);
    if (i == 0) writer.record();
    if (i > 0) writer.sign();
  }
  writer.finish();
  return sample;
}

}  // namespace

const SampleTrail& large_sample() {
  static const SampleTrail sample = make_large();
  return sample;
}

const SampleTrail& one_segment_sample() {
  static const SampleTrail sample = make_one_segment();
  return sample;
}

const SampleTrail& small_sample() {
  static const SampleTrail sample = make_small();
  return sample;
}

std::unique_ptr<os::MemoryFileSystem> disk_with(const Files& files) {
  auto disk = std::make_unique<os::MemoryFileSystem>();
  for (const std::string_view folder : kFolders) {
    WEERBAAR_CHECK(disk->make_directory(os::join(kTrailDirectory, folder)).has_value());
  }
  for (const auto& [path, content] : files) {
    const auto file = disk->open(os::join(kTrailDirectory, path), os::Mode::kCreate).value();
    WEERBAAR_CHECK(file->write_at(0, content).has_value() && file->sync().has_value());
  }
  return disk;
}

VerifyOptions options_for(os::FileSystem& disk, const SampleTrail& sample) {
  VerifyOptions options;
  options.files = &disk;
  options.directory = kTrailDirectory;
  options.key = sample.key->verifier();
  options.origin = sample.origin();
  return options;
}

Report verify_files(const Files& files, const SampleTrail& sample) {
  const auto disk = disk_with(files);
  return verify(options_for(*disk, sample)).value();
}

bool names(const Report& report, std::string_view where) {
  return std::ranges::any_of(report.problems, [&](const Problem& problem) { return problem.where.contains(where); });
}

std::string to_text(const Report& report) {
  std::string text;
  for (const Problem& problem : report.problems) text += fmt::format("{}: {}\n", problem.where, problem.what);
  for (const Problem& note : report.notes) text += fmt::format("note: {}: {}\n", note.where, note.what);
  return text;
}

SegmentForge::SegmentForge(Bytes file) : file_(std::move(file)) {
  const SegmentHead head = read_segment_head(file_).value();
  header = head.header;
  for (const SectionPlace& place : head.sections) {
    const ByteView section = section_bytes(file_, head, place.id);
    sections_[place.id] = {place.encoding, Bytes(section.begin(), section.end())};
  }
  segment_ = std::make_unique<const Segment>(Segment::open(file_).value());
}

std::vector<int64_t> SegmentForge::integers(Section section) const {
  std::vector<int64_t> values(segment_->integers(section).rows());
  segment_->integers(section).read_all(values);
  return values;
}

std::vector<std::string> SegmentForge::texts(Section section) const {
  const TextColumn& column = segment_->texts(section);
  std::vector<std::string> values;
  for (uint64_t row = 0; row < column.rows(); ++row) values.emplace_back(column.at(row));
  return values;
}

void SegmentForge::set(Section section, const std::vector<int64_t>& values) {
  const EncodedColumn column = encode_integers(values);
  sections_[section] = {column.encoding, column.bytes};
}

void SegmentForge::set(Section section, const std::vector<std::string>& values) {
  const std::vector<std::string_view> views(values.begin(), values.end());
  const EncodedColumn column = encode_texts(views);
  sections_[section] = {column.encoding, column.bytes};
}

void SegmentForge::set_postings(Section section, const std::vector<int64_t>& values) {
  const std::vector<uint32_t> rows(values.begin(), values.end());
  const EncodedColumn column = encode_integers_16(rows);
  sections_[section] = {column.encoding, column.bytes};
}

Bytes SegmentForge::assemble() const {
  Bytes file(kSegmentMagic.begin(), kSegmentMagic.end());
  append_le(file, kSegmentVersion);
  append_le(file, static_cast<uint32_t>(sections_.size()));
  for (const uint64_t field : {header.first_index, header.signed_size, static_cast<uint64_t>(header.time_min),
                               static_cast<uint64_t>(header.time_max), header.actors, header.shapes, header.subjects,
                               header.postings, uint64_t{0}}) {
    append_le(file, field);
  }
  append(file, header.root);
  uint64_t offset = file.size() + sections_.size() * 32 + 8;
  for (const auto& [id, column] : sections_) {
    append_le(file, static_cast<uint16_t>(id));
    append_le(file, static_cast<uint16_t>(column.encoding));
    append_le(file, uint32_t{0});
    append_le(file, offset);
    append_le(file, uint64_t{column.bytes.size()});
    append_le(file, uint64_t{XXH3_64bits(column.bytes.data(), column.bytes.size())});
    offset += column.bytes.size();
  }
  append_le(file, uint64_t{XXH3_64bits(file.data(), file.size())});
  for (const auto& [id, column] : sections_) append(file, column.bytes);
  return file;
}

std::vector<Bytes> entries_of(const Segment& segment) {
  std::vector<Bytes> entries(kSegmentEntries);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) segment.entry(row, entries[row]);
  return entries;
}

Bytes seal(uint64_t first_index, uint64_t signed_size, const std::vector<Bytes>& entries) {
  const std::vector<ByteView> views(entries.begin(), entries.end());
  std::vector<Hash> leaves(views.size());
  leaf_hashes(views, leaves);
  return write_segment(first_index, signed_size, views, leaves).value();
}

std::vector<uint64_t> keys_of(const Segment& segment) {
  std::vector<uint64_t> keys;
  for (uint64_t code = 0; code < segment.header().subjects; ++code) keys.push_back(subject_hash(segment.subject(code)));
  for (uint64_t code = 0; code < segment.header().actors; ++code) keys.push_back(actor_hash(segment.actor(code).id));
  return keys;
}

Bytes chapter_file(uint64_t first_segment, uint64_t segments, const ChapterKeys& keys) {
  Bytes body(filter_bytes(keys.size()));
  for (const auto& [key, members] : keys) filter_insert(body, key);
  const uint64_t filter_size = body.size();
  for (const auto& [key, members] : keys) append_le(body, key);
  uint32_t first = 0;
  for (const auto& [key, members] : keys) {
    append_le(body, first);
    first += static_cast<uint32_t>(members.size());
  }
  append_le(body, first);
  for (const auto& [key, members] : keys) append(body, members);
  Bytes file = {'W', 'B', 'C', 'H', 'A', 'P', 'R', '1'};
  for (const uint64_t field : {first_segment, segments, uint64_t{keys.size()}, filter_size, uint64_t{first}}) {
    append_le(file, field);
  }
  append_le(file, uint64_t{XXH3_64bits(body.data(), body.size())});
  append_le(file, uint64_t{XXH3_64bits(file.data(), file.size())});
  append(file, body);
  return file;
}

}  // namespace weerbaar::trail
