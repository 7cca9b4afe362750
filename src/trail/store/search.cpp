#include "trail/store/search.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trail/format/entry.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {
namespace {

constexpr uint32_t kNobody = UINT32_MAX;
constexpr std::array kTimeSections = {Section::kTime, Section::kTimeNanos};

// Gathers what matches, from the indexes, from segments without one, and from the tails.
class Search {
 public:
  Search(const Trail& trail, const TimeRange& range, bool wants_actors)
      : trail_(trail), range_(range), wants_actors_(wants_actors), tiling_(trail.sealed().indexes()) {}

  struct Candidate {
    const Needle* needle;
    size_t file;
  };
  // Where the needles may be found in the indexes. Their blocks are asked for before any is read, so that a disk, or
  // the memory, fetches them side by side.
  std::vector<Candidate> candidates_of(const std::vector<Needle>& needles) const;
  // Replaces `consultations`; `actors` grows from one run to the next.
  Status run(const std::vector<Needle>& needles, const std::vector<Candidate>& candidates);
  uint32_t actor_of(Period period, std::string_view id);

  std::vector<Consultation> consultations;
  std::vector<ActorPseudonym> actors;

 private:
  Status search_index(const Needle& needle, size_t file);
  Status add_actor_postings(const Needle& needle, IndexPostings postings);
  Status search_bare(const Needle& needle, SegmentRange range);
  Status search_segment(const Needle& needle, uint64_t number);
  Status search_tail(const Needle& needle, const OpenTail& tail);
  Result<uint32_t> actor_of_rank(size_t file, uint32_t rank);

  const Trail& trail_;
  const TimeRange& range_;
  const bool wants_actors_;
  const std::shared_ptr<const IndexTiling> tiling_;
  ValueTable<uint64_t> ranks_;           // with the file in the upper half
  std::vector<uint32_t> actor_of_rank_;  // by code
  TextTable pseudonyms_;                 // the period, and the id: the code is the number of the actor
  Bytes key_;
  std::string pseudonym_;
};

// Whether the segment can hold an event of that time: what lies wholly outside is not opened.
bool may_lie_in(const SegmentHeader& header, const TimeRange& range) {
  return (!range.from || header.time_max >= range.from->micros) && (!range.to || header.time_min <= range.to->micros);
}

std::vector<Search::Candidate> Search::candidates_of(const std::vector<Needle>& needles) const {
  std::vector<Candidate> candidates;
  for (const Needle& needle : needles) {
    for (size_t file = 0; file < tiling_->files.size(); ++file) {
      const OpenIndex& index = *tiling_->files[file];
      if (!index.file.may_contain(needle.hash)) continue;
      candidates.push_back({&needle, file});
      bool is_new = false;
      const ByteView block = index.file.block_bytes(needle.key, is_new);
      if (is_new && index.mapping != nullptr) index.mapping->will_need(block);
      if (!is_new && !block.empty()) __builtin_prefetch(block.data());
    }
  }
  return candidates;
}

Status Search::run(const std::vector<Needle>& needles, const std::vector<Candidate>& candidates) {
  consultations.clear();
  for (const Candidate& candidate : candidates) {
    const size_t before = consultations.size();
    const Status status = search_index(*candidate.needle, candidate.file);
    if (status) continue;
    if (status.error().code != Code::kCorrupt) return status;
    // A damaged index hides nothing: its segments are asked themselves.
    consultations.resize(before);
    WEERBAAR_TRY(search_bare(*candidate.needle, range_of(*tiling_->files[candidate.file])));
  }
  for (const Needle& needle : needles) {
    for (const SegmentRange bare : tiling_->bare) WEERBAAR_TRY(search_bare(needle, bare));
    for (const auto& tail : trail_.tails()) WEERBAAR_TRY(search_tail(needle, *tail));
  }
  std::sort(consultations.begin(), consultations.end(), [](const Consultation& a, const Consultation& b) {
    return std::pair(a.time, a.index) < std::pair(b.time, b.index);
  });
  consultations.erase(std::unique(consultations.begin(), consultations.end()), consultations.end());
  return {};
}

Status Search::search_index(const Needle& needle, size_t file) {
  const IndexFile& index = tiling_->files[file]->file;
  WEERBAAR_ASSIGN(auto postings, index.find(needle.key));
  if (!postings) return {};
  if (needle.is_actor) return add_actor_postings(needle, *postings);
  for (IndexPosting posting; postings->next(posting);) {
    if (!range_.contains(posting.time)) continue;
    uint32_t actor = kNobody;
    if (wants_actors_) {
      WEERBAAR_ASSIGN(actor, actor_of_rank(file, posting.actor));
    }
    consultations.push_back({EntryIndex(posting.index), posting.time, actor});
  }
  return postings->status();
}

// Postings of an actor have no time: it is read from the columns of the segments, which is what a reader of the events
// opens next anyway.
Status Search::add_actor_postings(const Needle& needle, IndexPostings postings) {
  const uint32_t actor = wants_actors_ ? actor_of(needle.period, needle.actor()) : kNobody;
  std::shared_ptr<const Segment> segment;
  uint64_t opened = UINT64_MAX;
  for (IndexPosting posting; postings.next(posting);) {
    const uint64_t number = posting.index / kSegmentEntries;
    if (number != opened) {
      opened = number;
      segment = nullptr;
      if (may_lie_in(trail_.sealed().header(number), range_)) {
        WEERBAAR_ASSIGN(segment, trail_.sealed().columns(number, kTimeSections));
      }
    }
    if (segment == nullptr) continue;
    const Time time = segment->time(posting.index % kSegmentEntries);
    if (range_.contains(time)) consultations.push_back({EntryIndex(posting.index), time, actor});
  }
  return postings.status();
}

Status Search::search_bare(const Needle& needle, SegmentRange range) {
  for (uint64_t number = range.begin; number < range.end; ++number) {
    if (may_lie_in(trail_.sealed().header(number), range_)) WEERBAAR_TRY(search_segment(needle, number));
  }
  return {};
}

// Row by row: slow, and complete.
Status Search::search_segment(const Needle& needle, uint64_t number) {
  WEERBAAR_ASSIGN(const auto segment, trail_.sealed().segment(number));
  const StoredSubject wanted = needle.stored();
  std::vector<bool> is_wanted(needle.is_actor ? segment->header().actors : segment->header().subjects);
  for (uint64_t code = 0; code < is_wanted.size(); ++code) {
    is_wanted[code] = needle.is_actor ? segment->actor(code).id == needle.actor() : segment->subject(code) == wanted;
  }
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    if (!segment->is_event(row) || segment->period(row) != needle.period.number) continue;
    const uint64_t actor_code = segment->actor_code(row);
    const bool found = needle.is_actor ? is_wanted[actor_code]
                                       : std::ranges::any_of(segment->subjects_of(row),
                                                             [&](uint32_t code) { return is_wanted[code]; });
    const Time time = segment->time(row);
    if (!found || !range_.contains(time)) continue;
    const uint32_t actor = wants_actors_ ? actor_of(needle.period, segment->actor(actor_code).id) : kNobody;
    consultations.push_back({EntryIndex(number * kSegmentEntries + row), time, actor});
  }
  return {};
}

Status Search::search_tail(const Needle& needle, const OpenTail& tail) {
  Status status;
  Entry entry;
  tail.index().find(needle.tail_hash(), [&](uint32_t row) {
    if (!status) return;
    status = entry.decode(tail.entries()[row]);
    if (!status || !entry.is_event()) return;
    const StoredEvent& event = entry.event();
    if (!needle.is_in(event) || !range_.contains(event.time)) return;
    const uint32_t actor = wants_actors_ ? actor_of(needle.period, event.actor.id) : kNobody;
    consultations.push_back({EntryIndex(tail.first_index() + row), event.time, actor});
  });
  return status;
}

Result<uint32_t> Search::actor_of_rank(size_t file, uint32_t rank) {
  const uint64_t wanted = uint64_t{file} << 32U | rank;
  const uint64_t hash = XXH3_64bits(&wanted, sizeof wanted);
  const uint32_t known = ranks_.find(hash, wanted);
  if (known != ranks_.kNone) return actor_of_rank_[known];
  WEERBAAR_TRY(tiling_->files[file]->file.actor_key(rank, key_));
  const Period period{load_be<uint16_t>(key_.data() + 1)};
  const uint32_t actor = actor_of(period, as_text(ByteView(key_).subspan(kActorKeyHeadBytes)));
  ranks_.add(hash, wanted);
  actor_of_rank_.push_back(actor);
  return actor;
}

uint32_t Search::actor_of(Period period, std::string_view id) {
  pseudonym_.assign({static_cast<char>(period.number >> 8U), static_cast<char>(period.number & 0xFFU)});
  pseudonym_ += id;
  const uint32_t number = pseudonyms_.code(pseudonym_);
  if (number == actors.size()) {
    const ByteView bytes = as_bytes(id);
    actors.push_back({period, Bytes(bytes.begin(), bytes.end())});
  }
  return number;
}

}  // namespace

Result<SearchResult> search(const Trail& trail, const Whom& whom, const TimeRange& range) {
  SearchResult result;
  WEERBAAR_ASSIGN(const std::vector<Needle> needles, needles_of(trail.keys(), whom, result.destroyed));
  Search search(trail, range, false);
  WEERBAAR_TRY(search.run(needles, search.candidates_of(needles)));
  result.hits.reserve(search.consultations.size());
  for (const Consultation& access : search.consultations) result.hits.push_back({access.index, access.time});
  return result;
}

Result<ConsultationList> consultations_of(const Trail& trail, const Whom& whom, const TimeRange& range) {
  ConsultationList list;
  WEERBAAR_ASSIGN(const std::vector<Needle> needles, needles_of(trail.keys(), whom, list.destroyed));
  Search search(trail, range, true);
  WEERBAAR_TRY(search.run(needles, search.candidates_of(needles)));
  list.consultations = std::move(search.consultations);
  list.actors = std::move(search.actors);
  return list;
}

Result<ConsultationLists> consultations_of(const Trail& trail, std::span<const Whom> whom, const TimeRange& range) {
  ConsultationLists lists;
  Search search(trail, range, true);
  std::vector<std::vector<Needle>> needles;
  std::vector<std::vector<Search::Candidate>> candidates;
  for (const Whom& one : whom) {
    WEERBAAR_ASSIGN(std::vector<Needle> of_one, needles_of(trail.keys(), one, lists.destroyed));
    needles.push_back(std::move(of_one));
    candidates.push_back(search.candidates_of(needles.back()));
  }
  for (size_t i = 0; i < whom.size(); ++i) {
    WEERBAAR_TRY(search.run(needles[i], candidates[i]));
    lists.consultations.push_back(search.consultations);
  }
  lists.actors = std::move(search.actors);
  return lists;
}

}  // namespace weerbaar::trail
