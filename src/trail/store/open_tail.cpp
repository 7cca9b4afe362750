#include "trail/store/open_tail.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/filter.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kTailFileBytesMax = uint64_t{8} << 30U;

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
  WEERBAAR_TRY(tail->file_->preallocate(kGrowBytes));
  const auto head = write_tail_head(first_index);
  WEERBAAR_TRY(tail->file_->write_at(0, head));
  WEERBAAR_TRY(tail->file_->sync());
  WEERBAAR_TRY(files.sync_directory(directory));
  tail->allocated_ = kGrowBytes;
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
    if (!entry.is_event()) continue;
    index_.add(actor_hash(entry.event().actor.id), row);
    for (const StoredSubject& subject : entry.event().subjects) index_.add(subject_hash(subject), row);
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
// the last batch is in doubt, for appends stop at the first failure. Zeros go over what was torn off, so that no later
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
    weerbaar::append(again, ByteView(memory_.front()).subspan(last_batch_, end_ - last_batch_));
    again.resize(again.size() + torn_bytes_);
  }
  WEERBAAR_TRY(file_->write_at(last_batch_, again));
  WEERBAAR_TRY(file_->sync());
  allocated_ = std::max<uint64_t>(allocated_, last_batch_ + again.size());
  return files.sync_directory(directory);
}

Status OpenTail::append(TailBatch batch, uint64_t signed_size) {
  WEERBAAR_CHECK(batch.count() > 0 && entries_.size() + batch.count() <= kSegmentEntries);
  BatchHead head;
  head.count = static_cast<uint32_t>(batch.count());
  head.first_index = first_index_ + entries_.size();
  head.payload_length = batch.payload.size();
  head.signed_size = signed_size;
  head.previous = previous_;
  head.payload_checksum = XXH3_64bits(batch.payload.data(), batch.payload.size());
  const auto head_bytes = write_batch_head(head);
  const uint64_t length = kBatchHeadBytes + padded(batch.payload.size());
  if (end_ + length > allocated_) {
    allocated_ = end_ + std::max(length, kGrowBytes);
    WEERBAAR_TRY(file_->preallocate(allocated_));
  }
  // Padding is zero already: beyond end_ the file holds zeros only.
  Bytes record;
  record.reserve(kBatchHeadBytes + batch.payload.size());
  weerbaar::append(record, head_bytes);
  weerbaar::append(record, batch.payload);
  WEERBAAR_TRY(file_->write_at(end_, record));
  WEERBAAR_TRY(file_->sync());

  end_ += length;
  previous_ = head_checksum(head_bytes);
  signed_size_ = std::max(signed_size_, signed_size);
  const auto first_row = static_cast<uint32_t>(entries_.size());
  memory_.push_back(std::move(batch.payload));
  const ByteView payload = memory_.back();
  size_t at = 0;
  for (const uint32_t entry_length : batch.lengths) {
    entries_.push_back(payload.subspan(at + 2, entry_length));
    at += 2 + size_t{entry_length};
  }
  leaves_.resize(entries_.size());
  leaf_hashes(std::span(entries_).subspan(first_row), std::span(leaves_).subspan(first_row));
  for (const TailBatch::Key& key : batch.keys) index_.add(key.hash, first_row + key.entry);
  return {};
}

}  // namespace weerbaar::trail
