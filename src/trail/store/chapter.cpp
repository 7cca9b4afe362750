#include "trail/store/chapter.h"

#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/filter.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kChapterMagic = 0x3152504148434257;  // "WBCHAPR1"
constexpr size_t kHeadBytes = 64;

// A key, and in which segment of the chapter it occurs.
using Found = std::pair<uint64_t, uint8_t>;

void add_keys(const Segment& segment, uint8_t member, std::vector<Found>& found) {
  for (uint64_t code = 0; code < segment.header().subjects; ++code) {
    found.emplace_back(subject_hash(segment.subject(code)), member);
  }
  const TextColumn& actors = segment.texts(Section::kActorId);
  for (uint64_t code = 0; code < segment.header().actors; ++code) {
    found.emplace_back(actor_hash(actors.at(code)), member);
  }
}

}  // namespace

// Head (magic, first segment, segments, keys, filter bytes, members, checksum of the rest, checksum of the head), then
// filter, hashes, firsts, members.
Status Chapter::write(os::FileSystem& files, const std::string& path, uint64_t first_segment, uint64_t segments,
                      const OpenSegment& open) {
  WEERBAAR_CHECK(segments > 0 && segments <= kChapterSegments);
  std::vector<Found> found;
  for (uint64_t i = 0; i < segments; ++i) {
    WEERBAAR_ASSIGN(const auto segment, open(first_segment + i));
    add_keys(*segment, static_cast<uint8_t>(i), found);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());

  Bytes hashes;
  Bytes firsts;
  Bytes members;
  for (size_t i = 0; i < found.size(); ++i) {
    if (i == 0 || found[i].first != found[i - 1].first) {
      append_le(hashes, found[i].first);
      append_le(firsts, static_cast<uint32_t>(i));
    }
    members.push_back(found[i].second);
  }
  append_le(firsts, static_cast<uint32_t>(found.size()));
  const uint64_t keys = hashes.size() / 8;
  Bytes filter(filter_bytes(keys));
  for (uint64_t i = 0; i < keys; ++i) filter_insert(filter, load_le<uint64_t>(hashes.data() + i * 8));

  Bytes body = std::move(filter);
  const uint64_t filter_size = body.size();
  append(body, hashes);
  append(body, firsts);
  append(body, members);
  Bytes file;
  for (const uint64_t field :
       {kChapterMagic, first_segment, segments, keys, filter_size, static_cast<uint64_t>(members.size()),
        static_cast<uint64_t>(XXH3_64bits(body.data(), body.size()))}) {
    append_le(file, field);
  }
  append_le(file, static_cast<uint64_t>(XXH3_64bits(file.data(), file.size())));
  append(file, body);
  return os::write_file_atomically(files, path, file);
}

Status Chapter::write(os::FileSystem& files, const std::string& path, uint64_t first_segment,
                      const std::vector<const Segment*>& segments) {
  return write(files, path, first_segment, segments.size(), [&](uint64_t number) {
    // Owns nothing: the segment outlives the call.
    return std::shared_ptr<const Segment>(std::shared_ptr<void>(), segments[number - first_segment]);
  });
}

Result<Chapter> Chapter::open(os::FileSystem& files, const std::string& path) {
  Chapter chapter;
  WEERBAAR_ASSIGN(chapter.mapping_, files.map(path));
  const ByteView bytes = chapter.mapping_->bytes();
  const auto corrupt = [] { return fail(Code::kCorrupt, "the chapter is damaged: delete it, it will be made again"); };
  if (bytes.size() < kHeadBytes || load_le<uint64_t>(bytes.data()) != kChapterMagic ||
      load_le<uint64_t>(bytes.data() + 56) != XXH3_64bits(bytes.data(), 56)) {
    return corrupt();
  }
  const auto field = [&](size_t i) { return load_le<uint64_t>(bytes.data() + i * 8); };
  chapter.first_segment_ = field(1);
  chapter.segments_ = field(2);
  chapter.keys_ = field(3);
  const uint64_t filter_size = field(4);
  const uint64_t members = field(5);
  const ByteView body = bytes.subspan(kHeadBytes);
  if (chapter.keys_ > body.size() || members > body.size() || filter_size > body.size() ||
      chapter.segments_ > kChapterSegments ||
      filter_size + chapter.keys_ * 8 + (chapter.keys_ + 1) * 4 + members != body.size() ||
      XXH3_64bits(body.data(), body.size()) != field(6)) {
    return corrupt();
  }
  chapter.filter_ = body.first(filter_size);
  chapter.hashes_ = body.subspan(filter_size, chapter.keys_ * 8);
  chapter.firsts_ = body.subspan(filter_size + chapter.keys_ * 8, (chapter.keys_ + 1) * 4);
  chapter.members_ = body.last(members);
  return chapter;
}

void Chapter::find(uint64_t hash, std::vector<uint64_t>& segments) const {
  if (!filter_may_contain(filter_, hash)) return;
  uint64_t low = 0;
  uint64_t high = keys_;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (load_le<uint64_t>(hashes_.data() + middle * 8) < hash) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == keys_ || load_le<uint64_t>(hashes_.data() + low * 8) != hash) return;
  const auto begin = load_le<uint32_t>(firsts_.data() + low * 4);
  const auto end = load_le<uint32_t>(firsts_.data() + low * 4 + 4);
  for (uint32_t i = begin; i < end && i < members_.size(); ++i) {
    if (members_[i] < segments_) segments.push_back(first_segment_ + members_[i]);
  }
}

}  // namespace weerbaar::trail
