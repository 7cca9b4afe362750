#include "trail/store/open_tail.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kTailFileBytesMax = uint64_t{8} << 30U;

constexpr size_t kManyEntries = 1'000;

constexpr uint64_t padded_to(uint64_t offset, uint64_t unit) {
  return (offset + unit - 1) / unit * unit;
}

}  // namespace

std::string tail_name(uint64_t first_index) {
  return fmt::format("{:018}.tail", first_index);
}

Result<std::unique_ptr<OpenTail>> OpenTail::create(os::FileSystem& files, const std::string& directory,
                                                   uint64_t first_index) {
  std::unique_ptr<OpenTail> tail(new OpenTail(first_index));
  const std::string path = os::join(directory, tail_name(first_index));
  WEERBAAR_ASSIGN(tail->file_, files.open(path, os::Mode::kCreate));
  WEERBAAR_TRY(tail->file_->resize(0));
  const auto head = write_tail_head(first_index);
  WEERBAAR_TRY(tail->file_->write_at(0, head));
  WEERBAAR_TRY(files.sync_directory(directory));
  tail->allocated_ = kTailHeadBytes;
  tail->end_ = kTailHeadBytes;
  tail->previous_ = head_checksum(head);
  return tail;
}

Result<std::unique_ptr<OpenTail>> OpenTail::open(os::FileSystem& files, const std::string& directory,
                                                 uint64_t first_index, bool writable) {
  std::unique_ptr<OpenTail> tail(new OpenTail(first_index));
  const std::string path = os::join(directory, tail_name(first_index));
  WEERBAAR_ASSIGN(Bytes content, os::read_file(files, path, kTailFileBytesMax));
  if (writable) {
    WEERBAAR_ASSIGN(tail->file_, files.open(path, os::Mode::kReadWrite));
  }
  if (const Status status = tail->read(std::move(content)); !status) return fail_in(path, status.error());
  return tail;
}

Status OpenTail::read(Bytes content) {
  memory_.push_back(std::move(content));
  const ByteView file = memory_.back();
  WEERBAAR_ASSIGN(TailContent found, read_tail(file));
  if (found.how == TailEnd::kBroken) return fail(Code::kCorrupt, found.problem);
  const bool headless = found.end == 0;
  if (!headless && found.first_index != first_index_) {
    return fail(Code::kCorrupt,
                fmt::format("the file holds the entries from {} on: it was renamed", found.first_index));
  }
  if (found.entries.size() > kSegmentEntries) return fail(Code::kCorrupt, "the tail holds more than a segment");
  entries_ = std::move(found.entries);
  leaves_.resize(entries_.size());
  leaf_hashes(entries_, leaves_);
  Entry entry;
  for (uint32_t row = 0; row < entries_.size(); ++row) {
    if (const Status status = entry.decode(entries_[row]); !status) {
      return fail_in(fmt::format("entry {}", first_index_ + row), status.error());
    }
    if (!entry.is_event()) {
      record_rows_.push_back(row);
      continue;
    }
    keys_.push_back({actor_hash(entry.event().actor.id), row});
    for (const StoredSubject& subject : entry.event().subjects) keys_.push_back({subject_hash(subject), row});
  }
  last_batch_ = found.last_batch;
  end_ = found.end;
  previous_ = found.last_checksum;
  signed_size_ = found.signed_size;
  torn_bytes_ = found.torn_bytes;
  allocated_ = file.size();
  return {};
}

// A kernel that failed to write a page takes it for clean, and syncs no more of it: only writing again helps. At most
// the last batch is in doubt, for appends stop at the first failure; and the head of the file, which is synced with the
// first. Zeros go over what was torn off, so that no later
// reader takes it for anything.
Status OpenTail::recover(os::FileSystem& files, const std::string& directory) {
  WEERBAAR_CHECK(file_ != nullptr);
  Bytes again;
  if (end_ == 0) {
    const auto head = write_tail_head(first_index_);
    weerbaar::append(again, head);
    again.resize(std::max<uint64_t>(torn_bytes_, again.size()));
    end_ = kTailHeadBytes;
    previous_ = head_checksum(head);
  } else {
    if (last_batch_ == kTailHeadBytes) last_batch_ = 0;
    weerbaar::append(again, ByteView(memory_.front()).subspan(last_batch_, end_ - last_batch_));
    again.resize(again.size() + torn_bytes_);
  }
  WEERBAAR_TRY(file_->write_at(last_batch_, again));
  WEERBAAR_TRY(file_->sync());
  allocated_ = std::max<uint64_t>(allocated_, last_batch_ + again.size());
  return files.sync_directory(directory);
}

void OpenTail::hash_tiles() {
  while ((tile_roots_.size() + 1) * kTileEntries <= entries_.size()) {
    tile_roots_.push_back(tree_root(leaves().subspan(tile_roots_.size() * kTileEntries, kTileEntries)));
  }
}

uint64_t OpenTail::bytes() const {
  uint64_t bytes = 0;
  for (const Bytes& batch : memory_) bytes += batch.size();
  return bytes;
}

Hash OpenTail::root(uint64_t begin, uint64_t end) const {
  if (end - begin <= kTileEntries) {
    const uint64_t tile = begin / kTileEntries;
    const bool is_known = end - begin == kTileEntries && begin % kTileEntries == 0 && tile < tile_roots_.size();
    return is_known ? tile_roots_[tile] : tree_root(leaves().subspan(begin, end - begin));
  }
  const uint64_t left = std::bit_floor(end - begin - 1);
  return node_hash(root(begin, begin + left), root(begin + left, end));
}

const TailIndex& OpenTail::index() const {
  if (!index_) index_.emplace();
  for (; indexed_ < keys_.size(); ++indexed_) index_->add(keys_[indexed_].hash, keys_[indexed_].entry);
  return *index_;
}

Status OpenTail::write_ahead(const TailBatch& batch) {
  const uint64_t begin = ahead_end_ > 0 ? ahead_end_ : padded_to(end_ + kBatchHeadBytes, kPageBytes) - end_;
  const uint64_t whole_pages = (end_ + batch.bytes.size()) / kPageBytes * kPageBytes;
  if (whole_pages < end_ + begin + kLargeBytes) return {};
  const uint64_t end = whole_pages - end_;
  WEERBAAR_TRY(file_->write_at(end_ + begin, ByteView(batch.bytes).subspan(begin, end - begin)));
  file_->start_writing(end_ + begin, end - begin);
  if (ahead_end_ == 0) ahead_begin_ = begin;
  ahead_end_ = end;
  return {};
}

// All of the batch, padded, but what went ahead.
Status OpenTail::write(const TailBatch& batch) {
  const ByteView bytes = batch.bytes;
  const uint64_t length = bytes.size();
  const bool large = bytes.size() >= kLargeBytes;
  if (end_ + length > allocated_ && !large) {
    allocated_ = end_ + kGrowBytes;
    WEERBAAR_TRY(file_->preallocate(allocated_));
  }
  allocated_ = std::max(allocated_, end_ + length);
  if (ahead_end_ == 0) {
    WEERBAAR_TRY(file_->write_at(end_, bytes));
  } else {
    WEERBAAR_TRY(file_->write_at(end_ + ahead_end_, bytes.subspan(ahead_end_)));
    WEERBAAR_TRY(file_->write_at(end_, bytes.first(ahead_begin_)));
  }
  if (large) file_->start_writing(end_, length);
  ahead_begin_ = ahead_end_ = 0;
  return {};
}

Status OpenTail::append(TailBatch batch, uint64_t signed_size) {
  WEERBAAR_CHECK(batch.count() > 0 && entries_.size() + batch.count() <= kSegmentEntries);
  const size_t payload_bytes = batch.bytes.size() - kBatchHeadBytes;
  batch.bytes.resize(padded(batch.bytes.size()));
  const ByteView payload = ByteView(batch.bytes).subspan(kBatchHeadBytes, payload_bytes);
  BatchHead head;
  head.count = static_cast<uint32_t>(batch.count());
  head.first_index = first_index_ + entries_.size();
  head.payload_length = payload.size();
  head.signed_size = signed_size;
  head.previous = previous_;
  head.payload_checksum = XXH3_64bits(payload.data(), payload.size());
  const auto head_bytes = write_batch_head(head);
  std::ranges::copy(head_bytes, batch.bytes.begin());
  WEERBAAR_TRY(write(batch));

  // Leaves are hashed while the disk is at work. Until the sync they are nobody's.
  const auto first_row = static_cast<uint32_t>(entries_.size());
  arriving_.clear();
  size_t at = 0;
  for (const uint32_t entry_length : batch.lengths) {
    arriving_.push_back(payload.subspan(at + 2, entry_length));
    at += 2 + size_t{entry_length};
  }
  // A tail that fills fast grows once, not by doubling.
  if (batch.count() >= kManyEntries) {
    entries_.reserve(kSegmentEntries);
    leaves_.reserve(kSegmentEntries);
    keys_.reserve(2 * kSegmentEntries);
  }
  leaves_.resize(first_row + arriving_.size());
  leaf_hashes(arriving_, std::span(leaves_).subspan(first_row));
  WEERBAAR_TRY(file_->sync());
  // What is in memory here is read from a tail again after a crash only.
  if (batch.bytes.size() >= kLargeBytes) file_->expect_no_reads(end_, batch.bytes.size());

  end_ += batch.bytes.size();
  previous_ = head_checksum(head_bytes);
  signed_size_ = std::max(signed_size_, signed_size);
  memory_.push_back(std::move(batch.bytes));
  entries_.insert(entries_.end(), arriving_.begin(), arriving_.end());
  for (const TailBatch::Key& key : batch.keys) keys_.push_back({key.hash, first_row + key.entry});
  for (const uint32_t entry : batch.records) record_rows_.push_back(first_row + entry);
  return {};
}

}  // namespace weerbaar::trail
