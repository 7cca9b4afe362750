// Named as a test because it uses trail/store and trail/privacy, which only tests may do here.
#include "trail/verify/testing.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/checkpoint.h"
#include "trail/format/index_file.h"
#include "trail/format/index_tree.h"
#include "trail/format/merkle.h"
#include "trail/format/tail.h"
#include "trail/privacy/key_store.h"
#include "trail/store/column_writer.h"
#include "trail/store/index_file_writer.h"
#include "trail/store/index_writer.h"
#include "trail/store/segment_writer.h"
#include "trail/store/testing.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kBatchEvents = 8192;
constexpr std::string_view kOrigin = "weerbaar.example/sample";
constexpr std::string_view kFolders[] = {"tail", "segments", "index", "ids"};

void read_files(os::FileSystem& disk, const std::string& directory, const std::string& below, Files& files) {
  const std::vector<std::string> names = disk.list(os::join(directory, below)).value();
  for (const std::string& name : names) {
    if (name == "chapters") continue;
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
  // Commits the index over the entries from `first` up to `end`, of which the trail keeps none.
  void commit(uint64_t first, uint64_t end) {
    const Bytes file = index_file_of(first, entries(first, end));
    const std::string body = to_json(IndexFile::open(file).value().commitment());
    WEERBAAR_CHECK(trail_->append_record(kIndexRecordType, body).has_value());
  }
  void commit_tail() { WEERBAAR_CHECK(trail_->commit_tail_index().has_value()); }
  [[nodiscard]] uint64_t size() const { return trail_->size().value(); }
  void sign() { sample_.notes.push_back(trail_->sign().value()); }
  void finish() {
    WEERBAAR_CHECK(trail_->finish_sealing().has_value());
    sample_.size = trail_->size().value();
    trail_.reset();
    read_files(disk_, options_.directory, "", sample_.files);
  }

 private:
  [[nodiscard]] std::vector<Bytes> entries(uint64_t first, uint64_t end) const {
    std::vector<Bytes> all(end - first);
    for (uint64_t i = first; i < end; ++i) WEERBAAR_CHECK(trail_->entry(EntryIndex(i), all[i - first]).has_value());
    return all;
  }

  SampleTrail& sample_;
  os::MemoryFileSystem disk_;
  std::unique_ptr<KeyStore> keys_;
  TrailOptions options_;
  std::unique_ptr<Trail> trail_;
  testing::EventMaker maker_;
  EventBatch batch_;
  uint64_t next_ = 0;
};

// The trail itself commits the index of each segment when it goes on behind it.
SampleTrail make_large() {
  SampleTrail sample;
  Writer writer(sample);
  for (uint64_t segment = 0; segment < 2; ++segment) {
    for (size_t i = 0; i < kSegmentEntries / kBatchEvents - 1; ++i) {
      writer.events(kBatchEvents);
      if (i % 2 == 1) writer.sign();
    }
    writer.record();
    writer.events((segment + 1) * kSegmentEntries - writer.size());
    writer.sign();
  }
  writer.events(998);
  writer.commit(0, 2 * kSegmentEntries);
  writer.sign();
  writer.events(1000);
  writer.commit_tail();
  writer.events(1000);
  writer.sign();
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
    return file.first != "segments/000000000.segment" && file.first != "index/000000000-000000001.index";
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
    writer.events(i % 2 == 0 ? 99 : 100);
    if (i == 0) writer.record();
    if (i == 2) writer.commit_tail();
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

namespace {

const SectionRule& rule_of(Section section) {
  return *std::ranges::find(section_rules(kSegmentVersion), section, &SectionRule::id);
}

bool is_of_entries(const SectionRule& rule) {
  return rule.rows == nullptr && rule.kind != SectionKind::kBytes;
}

// Where each row comes in a stable order by its code.
std::vector<uint64_t> places_by(const std::vector<int64_t>& codes) {
  std::vector<uint64_t> order(codes.size());
  for (uint64_t row = 0; row < order.size(); ++row) order[row] = row;
  std::ranges::sort(order, {}, [&](uint64_t row) { return std::pair(codes[row], row); });
  std::vector<uint64_t> places(codes.size());
  for (uint64_t place = 0; place < order.size(); ++place) places[order[place]] = place;
  return places;
}

template <class T>
std::vector<T> placed(const std::vector<T>& rows, const std::vector<uint64_t>& places) {
  std::vector<T> values(rows.size());
  for (size_t row = 0; row < rows.size(); ++row) values[places[row]] = rows[row];
  return values;
}

}  // namespace

SegmentForge::SegmentForge(Bytes file) : file_(std::move(file)) {
  const SegmentHead head = read_segment_head(file_).value();
  header = head.header;
  for (const SectionPlace& place : head.sections) {
    const ByteView section = ByteView(file_).subspan(place.offset, place.length);
    sections_[place.id] = {place.encoding, Bytes(section.begin(), section.end())};
  }
  segment_ = std::make_unique<const Segment>(Segment::open(file_).value());
  std::vector<int64_t> applications;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    applications.push_back(static_cast<int64_t>(segment_->application_code(row)));
  }
  id_places_ = id_places(applications);
}

std::vector<uint64_t> SegmentForge::id_places(const std::vector<int64_t>& applications) const {
  std::vector<int64_t> ranks = {0};
  for (uint64_t code = 1; code < segment_->header().applications; ++code) {
    const bool is_same = segment_->application(code).source == segment_->application(code - 1).source;
    ranks.push_back(ranks.back() + (is_same ? 0 : 1));
  }
  std::vector<int64_t> sources;
  for (const int64_t code : applications) sources.push_back(ranks.at(static_cast<size_t>(code)));
  return places_by(sources);
}

uint64_t SegmentForge::place_of(Section section, uint64_t row) const {
  const SectionRule& rule = rule_of(section);
  if (!is_of_entries(rule) || rule.order == RowOrder::kArrival) return row;
  return rule.order == RowOrder::kByActor ? segment_->place(row) : id_places_[row];
}

std::vector<int64_t> SegmentForge::integers(Section section) const {
  std::vector<int64_t> values(segment_->integers(section).rows());
  segment_->integers(section).read_all(values);
  return values;
}

std::vector<std::string> SegmentForge::texts(Section section) const {
  std::vector<std::string> values;
  if (section == Section::kId) {
    values.resize(kSegmentEntries);
    for (uint64_t row = 0; row < kSegmentEntries; ++row) segment_->id(row, values[id_places_[row]]);
    return values;
  }
  const TextColumn& column = segment_->texts(section);
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

void SegmentForge::set_at(Section section, uint64_t row, int64_t value) {
  auto values = integers(section);
  values[place_of(section, row)] = value;
  set(section, values);
}

void SegmentForge::set_at(Section section, uint64_t row, std::string value) {
  auto values = texts(section);
  values[place_of(section, row)] = std::move(value);
  set(section, values);
}

ForgedRows SegmentForge::rows() const {
  ForgedRows rows;
  const auto arrived = [&](Section section, const auto& values) {
    auto by_row = values;
    for (uint64_t row = 0; row < kSegmentEntries; ++row) by_row[row] = values[place_of(section, row)];
    return by_row;
  };
  for (const SectionRule& rule : section_rules(kSegmentVersion)) {
    if (!is_of_entries(rule)) continue;
    if (rule.kind == SectionKind::kIntegers) {
      rows.integers[rule.id] = arrived(rule.id, integers(rule.id));
    } else {
      rows.texts[rule.id] = arrived(rule.id, texts(rule.id));
    }
  }
  return rows;
}

void SegmentForge::set_rows(const ForgedRows& rows) {
  const auto by_actor = places_by(rows.integers.at(Section::kActorCode));
  const auto by_source = id_places(rows.integers.at(Section::kApplicationCode));
  const auto put = [&](Section section, const auto& values) {
    const RowOrder order = rule_of(section).order;
    set(section,
        order == RowOrder::kArrival ? values : placed(values, order == RowOrder::kByActor ? by_actor : by_source));
  };
  for (const auto& [section, values] : rows.integers) put(section, values);
  for (const auto& [section, values] : rows.texts) put(section, values);
}

Bytes SegmentForge::assemble() const {
  std::vector<SectionPlace> places;
  for (const auto& [id, column] : sections_) {
    places.push_back(
        {id, column.encoding, 0, column.bytes.size(), XXH3_64bits(column.bytes.data(), column.bytes.size())});
  }
  Bytes file = write_segment_head(header, places);
  for (const auto& [id, column] : sections_) append(file, column.bytes);
  return file;
}

std::vector<Bytes> entries_of(const Segment& segment) {
  std::vector<Bytes> entries(kSegmentEntries);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) segment.entry(row, entries[row]);
  return entries;
}

Bytes tail_of(uint64_t first_index, const std::vector<Bytes>& entries, uint64_t signed_size) {
  Bytes payload;
  for (const Bytes& entry : entries) {
    payload.resize(payload.size() + 2);
    store_be(payload.data() + payload.size() - 2, static_cast<uint16_t>(entry.size()));
    append(payload, entry);
  }
  const auto head = write_tail_head(first_index);
  BatchHead batch;
  batch.count = static_cast<uint32_t>(entries.size());
  batch.first_index = first_index;
  batch.payload_length = payload.size();
  batch.signed_size = signed_size;
  batch.previous = head_checksum(head);
  batch.payload_checksum = XXH3_64bits(payload.data(), payload.size());
  Bytes file(head.begin(), head.end());
  append(file, write_batch_head(batch));
  append(file, payload);
  file.resize(kTailHeadBytes + kBatchHeadBytes + padded(payload.size()));
  return file;
}

Bytes seal(uint64_t first_index, uint64_t signed_size, const std::vector<Bytes>& entries) {
  const std::vector<ByteView> views(entries.begin(), entries.end());
  std::vector<Hash> leaves(views.size());
  leaf_hashes(views, leaves);
  return write_segment(first_index, signed_size, views, leaves).value().file;
}

IndexForge::IndexForge(const Bytes& file) {
  const IndexFile index = IndexFile::open(file).value();
  head = index.head();
  times.assign(index.times().begin(), index.times().end());
  IndexFile::Cursor cursor(index);
  while (cursor.next()) {
    std::vector<IndexPosting>& postings = keys[Bytes(cursor.key().begin(), cursor.key().end())];
    IndexPostings all = cursor.postings();
    for (IndexPosting posting; all.next(posting);) postings.push_back(posting);
  }
}

Bytes IndexForge::assemble() const {
  IndexFacts facts;
  facts.first = head.first;
  facts.end = head.end;
  facts.scale = head.scale;
  facts.has_nanos = head.has_nanos;
  facts.times = times;
  for (const auto& [key, postings] : keys) facts.actors += key[0] == static_cast<uint8_t>(KeyKind::kActor) ? 1U : 0U;
  IndexFileWriter writer(std::move(facts));
  for (const auto& [key, postings] : keys) {
    writer.begin(key);
    for (const IndexPosting& posting : postings) writer.add(posting);
  }
  Bytes body = writer.take();
  const auto written = writer.finish();
  append(body, writer.take());
  Bytes file(written.begin(), written.end());
  append(file, body);
  return file;
}

size_t part_begin(const Bytes& index_file, IndexPart part) {
  constexpr size_t kPartsAt = kIndexHeadBytes - 8 - 16 * kIndexParts;
  size_t begin = kIndexHeadBytes;
  for (size_t before = 0; before < static_cast<size_t>(part); ++before) {
    begin += load_le<uint64_t>(index_file.data() + kPartsAt + 16 * before);
  }
  return begin;
}

Bytes index_file_of(uint64_t first_index, const std::vector<Bytes>& entries) {
  std::vector<Bytes> files;
  std::vector<IndexFile> parts;
  for (size_t begin = 0; begin < entries.size(); begin += kSegmentEntries) {
    const size_t end = std::min<size_t>(entries.size(), begin + kSegmentEntries);
    const std::vector<ByteView> views(entries.begin() + static_cast<std::ptrdiff_t>(begin),
                                      entries.begin() + static_cast<std::ptrdiff_t>(end));
    files.push_back(index_of(first_index + begin, views).value());
  }
  if (files.size() == 1) return files.front();
  std::vector<const IndexFile*> opened;
  for (const Bytes& file : files) parts.push_back(IndexFile::open(file).value());
  for (const IndexFile& part : parts) opened.push_back(&part);
  os::MemoryFileSystem disk;
  WEERBAAR_CHECK(disk.make_directory("index").has_value());
  WEERBAAR_CHECK(merge_indexes(disk, "index/merged", opened).has_value());
  return os::read_file(disk, "index/merged", uint64_t{1} << 30U).value();
}

}  // namespace weerbaar::trail
