#include "examine/purpose/findings.h"

#include <fmt/format.h>
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/check.h"
#include "trail/format/segment_head.h"

namespace weerbaar::purpose {
namespace {

// The last byte is the version: 4, behind 2 and 1. Of these no changed bit makes another.
constexpr std::array<uint8_t, 8> kMagic = {'W', 'B', 'F', 'I', 'N', 'D', 0, 4};
// In the number of the subject, which is at most 1,000: that the finding leads from another (Finding::is_on_behalf).
constexpr uint16_t kOnBehalf = 0x8000;
constexpr int kZstdLevel = 3;
// Behind everything: where the head begins, and a checksum of the rest of the file from there.
constexpr size_t kTrailerBytes = 16;
constexpr size_t kBlockHeadBytes = 16;  // checksum, bytes when decompressed
constexpr size_t kDirectoryBytes = 56;  // a row: first index, offset, period, SHA-256
// An access to a thousand persons under every rule.
constexpr uint64_t kBlockBytesMax = uint64_t{1} << 30U;
constexpr uint64_t kHeadBytesMax = uint64_t{1} << 20U;

std::unexpected<Error> corrupt(std::string_view path, std::string_view what) {
  return fail(Code::kCorrupt, fmt::format("{}: {}: remove it and check again, for it can be made anew", path, what));
}

uint64_t checksum(ByteView bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// Takes numbers off the front of bytes; gives zeros once there are too few.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    if (rest_.size() < sizeof(T)) {
      is_short_ = true;
      rest_ = {};
      return 0;
    }
    const T value = load_le<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  [[nodiscard]] bool is_short() const { return is_short_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
  bool is_short_ = false;
};

// Passes over the facts of each finding when there are. False when the bytes do not hold one.
bool read_verdict(Reader& reader, std::span<const Rule> rules, bool has_facts, StoredVerdict& verdict) {
  verdict.index = reader.take<uint64_t>();
  const auto outcome = reader.take<uint8_t>();
  if (outcome > static_cast<uint8_t>(Outcome::kUnexplained)) return false;
  verdict.outcome = static_cast<Outcome>(outcome);
  verdict.found.resize(reader.take<uint16_t>());
  for (StoredVerdict::Found& found : verdict.found) {
    found.rule = reader.take<uint8_t>();
    const auto subject = reader.take<uint16_t>();
    found.subject = subject % kOnBehalf;
    found.is_on_behalf = (subject & kOnBehalf) != 0;
    if (found.rule >= rules.size() || reader.is_short()) return false;
    for (size_t step = 0; has_facts && step < rules[found.rule].steps.size(); ++step) reader.take<uint32_t>();
  }
  return !reader.is_short();
}

template <class Found>
uint16_t stored_subject(const Found& found) {
  return static_cast<uint16_t>(found.subject | (found.is_on_behalf ? kOnBehalf : 0U));
}

// What stands behind the index of an access.
void append_findings(Outcome outcome, std::span<const Finding> findings, std::span<const Rule> rules, Bytes& out) {
  out.push_back(static_cast<uint8_t>(outcome));
  const size_t count = std::min<size_t>(findings.size(), UINT16_MAX);
  append_le(out, static_cast<uint16_t>(count));
  for (const Finding& finding : findings.first(count)) {
    out.push_back(static_cast<uint8_t>(finding.rule));
    append_le(out, stored_subject(finding));
    for (size_t i = 0; i < rules[finding.rule].steps.size(); ++i) append_le(out, finding.rows[i]);
  }
}

void append_kept(const StoredVerdict& verdict, Bytes& out) {
  append_le(out, verdict.index);
  out.push_back(static_cast<uint8_t>(verdict.outcome));
  append_le(out, static_cast<uint16_t>(verdict.found.size()));
  for (const StoredVerdict::Found& found : verdict.found) {
    out.push_back(static_cast<uint8_t>(found.rule));
    append_le(out, stored_subject(found));
  }
}

}  // namespace

void append_verdict(uint64_t index, const Verdict& verdict, std::span<const Rule> rules, Bytes& out) {
  append_le(out, index);
  append_findings(verdict.outcome, verdict.findings, rules, out);
}

void append_verdicts(std::span<const uint64_t> indexes, const Verdicts& verdicts, std::span<const Rule> rules,
                     Bytes& out) {
  Bytes bytes;
  std::vector<size_t> begins = {0};
  for (uint32_t number = 0; number < verdicts.count(); ++number) {
    append_findings(verdicts.outcome(number), verdicts.findings(number), rules, bytes);
    begins.push_back(bytes.size());
  }
  const auto size_of = [&](uint32_t number) { return begins[number + 1] - begins[number]; };
  size_t size = out.size();
  for (const uint32_t number : verdicts.numbers()) size += sizeof(uint64_t) + size_of(number);
  size_t at = out.size();
  out.resize(size);
  for (size_t i = 0; i < indexes.size(); ++i) {
    const uint32_t number = verdicts.numbers()[i];
    store_le(out.data() + at, indexes[i]);
    at += sizeof(uint64_t);
    std::memcpy(out.data() + at, bytes.data() + begins[number], size_of(number));
    at += size_of(number);
  }
}

Result<FindingsWriter> FindingsWriter::create(os::FileSystem& files, std::string path, std::span<const Rule> rules) {
  WEERBAAR_ASSIGN(auto file, files.open(path + ".new", os::Mode::kCreate));
  WEERBAAR_TRY(file->resize(0));
  FindingsWriter writer(files, std::move(path), std::move(file), rules);
  WEERBAAR_TRY(writer.write(kMagic));
  return writer;
}

Status FindingsWriter::write(ByteView bytes) {
  WEERBAAR_TRY(file_->write_at(size_, bytes));
  size_ += bytes.size();
  return {};
}

Status FindingsWriter::add(uint64_t first, ByteView verdicts, std::span<const uint16_t> periods) {
  std::map<uint16_t, Bytes> kept;
  Reader reader(verdicts);
  size_t access = 0;
  for (StoredVerdict verdict; !reader.at_end(); ++access) {
    // They are those of this program.
    WEERBAAR_CHECK(access < periods.size() && read_verdict(reader, rules_, true, verdict));
    append_kept(verdict, kept[periods[access]]);
  }
  for (const auto& [period, bytes] : kept) WEERBAAR_TRY(add_block(first, period, bytes));
  return {};
}

Status FindingsWriter::add_block(uint64_t first, uint16_t period, ByteView verdicts) {
  if (verdicts.size() > kBlockBytesMax) return fail(Code::kInvalid, "the findings of one segment are too many to keep");
  Bytes block(kBlockHeadBytes + ZSTD_compressBound(verdicts.size()));
  const size_t size = ZSTD_compress(block.data() + kBlockHeadBytes, block.size() - kBlockHeadBytes, verdicts.data(),
                                    verdicts.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0) return fail(Code::kIo, "findings could not be compressed: is there memory?");
  block.resize(kBlockHeadBytes + size);
  store_le(block.data() + 8, static_cast<uint64_t>(verdicts.size()));
  store_le(block.data(), checksum(ByteView(block).subspan(8)));
  blocks_.push_back({first, size_, period, trail::sha256(block)});
  return write(block);
}

Bytes FindingsWriter::directory() const {
  Bytes bytes;
  append_le(bytes, static_cast<uint64_t>(blocks_.size()));
  for (const Block& block : blocks_) {
    append_le(bytes, block.first);
    append_le(bytes, block.offset);
    append_le(bytes, block.period);
    append(bytes, block.hash);
  }
  return bytes;
}

trail::Hash FindingsWriter::digest() const {
  return trail::sha256(directory());
}

Status FindingsWriter::finish(std::string_view head) {
  const uint64_t begin = size_;
  Bytes tail = directory();
  append(tail, as_bytes(head));
  const uint64_t sum = checksum(tail);
  append_le(tail, begin);
  append_le(tail, sum);
  WEERBAAR_TRY(write(tail));
  WEERBAAR_TRY(file_->sync());
  WEERBAAR_TRY(files_->rename(path_ + ".new", path_));
  return files_->sync_directory(os::parent(path_));
}

Result<FindingsFile> FindingsFile::open(os::FileSystem& files, const std::string& path, Periods destroyed) {
  FindingsFile file;
  file.path_ = path;
  file.destroyed_ = std::move(destroyed);
  WEERBAAR_ASSIGN(file.mapping_, files.map(path));
  const ByteView bytes = file.mapping_->bytes();
  if (bytes.size() < kMagic.size() + sizeof(uint64_t) + kTrailerBytes ||
      !std::ranges::equal(bytes.first(kMagic.size() - 1), ByteView(kMagic).first(kMagic.size() - 1))) {
    return corrupt(path, "this is no file of findings");
  }
  if (bytes[kMagic.size() - 1] != kMagic.back()) {
    return corrupt(
        path, fmt::format("it is of version {}, and this program knows {}", bytes[kMagic.size() - 1], kMagic.back()));
  }
  const ByteView trailer = bytes.last(kTrailerBytes);
  const auto begin = load_le<uint64_t>(trailer.data());
  const uint64_t end = bytes.size() - kTrailerBytes;
  if (begin < kMagic.size() || begin > end || end - begin < sizeof(uint64_t)) return corrupt(path, "it is cut short");
  const ByteView tail = bytes.subspan(begin, end - begin);
  if (checksum(tail) != load_le<uint64_t>(trailer.data() + 8)) return corrupt(path, "its directory is damaged");
  const auto count = load_le<uint64_t>(tail.data());
  if (count > (tail.size() - sizeof count) / kDirectoryBytes) return corrupt(path, "its directory is damaged");
  const size_t directory = sizeof count + count * kDirectoryBytes;
  file.digest_ = trail::sha256(tail.first(directory));
  WEERBAAR_TRY(file.read_directory(tail.subspan(sizeof count, count * kDirectoryBytes), begin));
  const ByteView head = tail.subspan(directory);
  if (head.size() > kHeadBytesMax) return corrupt(path, "its head is too long");
  file.head_ = as_text(head);
  return file;
}

// `end` is that of the last block.
Status FindingsFile::read_directory(ByteView rows, uint64_t end) {
  for (; !rows.empty(); rows = rows.subspan(kDirectoryBytes)) {
    Block& block = blocks_.emplace_back();
    block.first = load_le<uint64_t>(rows.data());
    block.offset = load_le<uint64_t>(rows.data() + 8);
    block.period = static_cast<uint16_t>(load_le<uint64_t>(rows.data() + 16));
    std::ranges::copy(rows.subspan(24, block.hash.size()), block.hash.begin());
  }
  uint64_t offset = kMagic.size();
  for (size_t i = 0; i < blocks_.size(); ++i) {
    Block& block = blocks_[i];
    block.end = i + 1 < blocks_.size() ? blocks_[i + 1].offset : end;
    const bool is_right = block.offset == offset && block.end <= end && block.end >= offset &&
                          block.end - offset >= kBlockHeadBytes && block.first % trail::kSegmentEntries == 0;
    if (!is_right) return corrupt(path_, "its directory is damaged");
    offset = block.end;
  }
  std::ranges::stable_sort(blocks_, {}, &Block::first);
  return {};
}

Status FindingsFile::drop(os::FileSystem& files, const std::string& path, const Periods& periods) {
  WEERBAAR_ASSIGN(const FindingsFile found, open(files, path));
  std::unique_ptr<os::File> file;
  for (const Block& block : found.blocks_) {
    const ByteView bytes = found.stored(block);
    const bool is_dropped = std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
    if (is_dropped || !periods.contains(block.period)) continue;
    if (file == nullptr) {
      WEERBAAR_ASSIGN(file, files.open(path, os::Mode::kReadWrite));
    }
    WEERBAAR_TRY(file->write_at(block.offset, Bytes(bytes.size())));
  }
  return file == nullptr ? Status() : file->sync();
}

Result<Bytes> FindingsFile::read_block(const Block& place) const {
  const ByteView block = stored(place);
  if (trail::sha256(block) != place.hash || checksum(block.subspan(8)) != load_le<uint64_t>(block.data())) {
    return corrupt(path_, "a block is damaged");
  }
  const auto size = load_le<uint64_t>(block.data() + 8);
  const ByteView packed = block.subspan(kBlockHeadBytes);
  if (size > kBlockBytesMax || ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) {
    return corrupt(path_, "a block is damaged");
  }
  Bytes raw(size);
  if (ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size()) != size) {
    return corrupt(path_, "a block does not decompress");
  }
  return raw;
}

Status FindingsFile::load(uint64_t first) {
  if (loaded_first_ == first) return {};
  loaded_first_.reset();
  loaded_.clear();
  for (const Block& block : std::ranges::equal_range(blocks_, first, {}, &Block::first)) {
    if (destroyed_.contains(block.period)) continue;
    WEERBAAR_ASSIGN(Bytes bytes, read_block(block));
    loaded_.push_back({std::move(bytes), 0, 0});
  }
  loaded_first_ = first;
  return {};
}

Result<std::optional<StoredVerdict>> FindingsFile::find(uint64_t index, std::span<const Rule> rules) {
  WEERBAAR_TRY(load(index - index % trail::kSegmentEntries));
  for (Loaded& loaded : loaded_) {
    WEERBAAR_ASSIGN(auto found, find_in(loaded, index, rules));
    if (found) return found;
  }
  return std::nullopt;
}

Result<std::optional<StoredVerdict>> FindingsFile::find_in(Loaded& loaded, uint64_t index,
                                                           std::span<const Rule> rules) const {
  if (index < loaded.asked) loaded.position = 0;
  loaded.asked = index;
  Reader reader(ByteView(loaded.bytes).subspan(loaded.position));
  StoredVerdict verdict;
  while (!reader.at_end()) {
    loaded.position = loaded.bytes.size() - reader.left();
    if (!read_verdict(reader, rules, false, verdict)) {
      return corrupt(path_, "a verdict in it is no verdict of this policy");
    }
    if (verdict.index == index) return verdict;
    if (verdict.index > index) break;
  }
  return std::nullopt;
}

}  // namespace weerbaar::purpose
