#include "examine/purpose/check.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <thread>

#include "base/bytes.h"
#include "base/in_order.h"
#include "examine/purpose/access_reader.h"
#include "examine/purpose/findings.h"

namespace weerbaar::purpose {
namespace {

// That are judged, and wait for their turn.
constexpr size_t kPiecesAhead = 2;

// Hashes of pairs that were seen, open addressed: eight bytes a pair and the room between them.
class SeenPairs {
 public:
  // True when it was not there.
  bool add(uint64_t pair) {
    // 0 marks a free slot.
    pair += pair == 0 ? 1 : 0;
    make_room(1);
    if (!place(pair)) return false;
    ++count_;
    return true;
  }
  // For so many more.
  void make_room(size_t pairs) {
    while (2 * (count_ + pairs) > slots_.size()) grow();
  }
  // That this pair will be added soon.
  void expect(uint64_t pair) const { __builtin_prefetch(&slots_[pair & (slots_.size() - 1)]); }

 private:
  static constexpr size_t kSlotsFirst = 4'096;

  bool place(uint64_t pair) {
    for (size_t at = pair & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == pair) return false;
      if (slots_[at] != 0) continue;
      slots_[at] = pair;
      return true;
    }
  }
  void grow() {
    os::LargeVector<uint64_t> before(std::max(kSlotsFirst, 2 * slots_.size()));
    before.swap(slots_);
    for (const uint64_t pair : before) {
      if (pair != 0) place(pair);
    }
  }

  os::LargeVector<uint64_t> slots_;
  size_t count_ = 0;
};

void count(uint64_t accesses, Outcome outcome, Tally& tally) {
  uint64_t Tally::* const counts[] = {&Tally::explained, &Tally::flagged, &Tally::unexplained};
  tally.checked += accesses;
  tally.*counts[static_cast<size_t>(outcome)] += accesses;
}

// A segment, sealed or not: what one thread judges at a time. One of too many subjects is judged in its turn, a batch
// after another: then several do not lie in memory at once.
struct Piece {
  bool is_large = false;
  AccessBatch batch;
  Verdicts verdicts;
  Tally all;
  std::vector<uint64_t> by_rule;
  Bytes record;  // what is hashed
  Status status;
};

void count_findings(std::span<const Finding> findings, uint64_t accesses, std::vector<uint64_t>& by_rule) {
  for (size_t i = 0; i < findings.size(); ++i) {
    // An access to several subjects may have the rule several times.
    const auto earlier = findings.first(i);
    const uint32_t rule = findings[i].rule;
    if (std::ranges::find(earlier, rule, &Finding::rule) == earlier.end()) by_rule[rule] += accesses;
  }
}

void judge_piece(const Judge& judge, Piece& piece) {
  const Verdicts& verdicts = piece.verdicts;
  judge.judge_all(piece.batch.accesses, piece.verdicts);
  std::vector<uint64_t> accesses(verdicts.count());
  for (const uint32_t number : verdicts.numbers()) ++accesses[number];
  piece.all = {};
  piece.by_rule.assign(judge.rules().size(), 0);
  for (uint32_t number = 0; number < verdicts.count(); ++number) {
    count(accesses[number], verdicts.outcome(number), piece.all);
    count_findings(verdicts.findings(number), accesses[number], piece.by_rule);
  }
  piece.record.clear();
  append_verdicts(piece.batch.indexes, verdicts, judge.rules(), piece.record);
}

// Takes the pieces in their order.
class Summary {
 public:
  Summary(const Judge& judge, const TakeJudged& take, const TakeVerdicts& take_verdicts)
      : take_(take), take_verdicts_(take_verdicts) {
    report_.by_rule.resize(judge.rules().size());
  }

  // `is_whole`: no more of the same segment follows.
  Status add(const Piece& piece, bool is_whole) {
    report_.all.checked += piece.all.checked;
    report_.all.explained += piece.all.explained;
    report_.all.flagged += piece.all.flagged;
    report_.all.unexplained += piece.all.unexplained;
    for (size_t rule = 0; rule < piece.by_rule.size(); ++rule) report_.by_rule[rule] += piece.by_rule[rule];
    WEERBAAR_TRY(add_accesses(piece));
    // What lies outside the range leaves no trace, so that a trail may grow.
    if (!piece.record.empty()) WEERBAAR_TRY(add_verdicts(piece));
    if (!is_whole || !segment_) return {};
    const trail::Hash hash = segment_->finish();
    hashes_.insert(hashes_.end(), hash.begin(), hash.end());
    segment_.reset();
    return {};
  }
  CheckReport finish(uint64_t unreadable) {
    report_.unreadable = unreadable;
    report_.findings = trail::sha256(hashes_);
    return std::move(report_);
  }

 private:
  // Pairs between one that is added and one that is fetched from memory.
  static constexpr size_t kAhead = 16;

  Status add_verdicts(const Piece& piece) {
    if (!segment_) segment_.emplace();
    segment_->add(piece.record);
    if (!take_verdicts_) return {};
    const uint64_t first = piece.batch.indexes[0];
    return take_verdicts_(first - first % trail::kSegmentEntries, piece.record, piece.batch.periods);
  }

  Status add_accesses(const Piece& piece) {
    const std::span pairs(piece.batch.pairs);
    seen_.make_room(pairs.size());
    size_t pair = 0;
    for (size_t i = 0; i < piece.batch.accesses.size(); ++i) {
      const Access& access = piece.batch.accesses[i];
      bool is_first = false;
      for (size_t subject = 0; subject < access.subjects.size(); ++subject, ++pair) {
        if (pair + kAhead < pairs.size()) seen_.expect(pairs[pair + kAhead]);
        is_first = seen_.add(pairs[pair]) || is_first;
      }
      const uint32_t number = piece.verdicts.numbers()[i];
      const Outcome outcome = piece.verdicts.outcome(number);
      if (is_first) count(1, outcome, report_.first);
      if (!take_) continue;
      WEERBAAR_TRY(take_({piece.batch.indexes[i], &access, outcome, is_first, piece.verdicts.findings(number)}));
    }
    return {};
  }

  const TakeJudged& take_;
  const TakeVerdicts& take_verdicts_;
  CheckReport report_;
  SeenPairs seen_;
  Bytes hashes_;                          // of the segments
  std::optional<trail::Sha256> segment_;  // of that at hand, once it has an access
};

// The segments, and behind them the tails, that may hold accesses in the range.
std::vector<uint64_t> pieces_in(const trail::Trail& trail, const trail::TimeRange& range, uint64_t end) {
  const uint64_t sealed = trail.sealed().count();
  std::vector<uint64_t> pieces;
  for (uint64_t number = 0; number < sealed; ++number) {
    const trail::SegmentHeader header = trail.sealed().header(number);
    const bool is_before = range.from && header.time_max < range.from->micros;
    const bool is_behind = range.to && header.time_min > range.to->micros;
    if (header.first_index >= end) break;
    if (!is_before && !is_behind) pieces.push_back(number);
  }
  for (uint64_t tail = 0; tail < trail.tails().size(); ++tail) pieces.push_back(sealed + tail);
  return pieces;
}

// One check: the threads that judge pieces ahead, and the one that takes them in order.
class Checking {
 public:
  Checking(const trail::Trail& trail, const Judge& judge, FactBase& facts, const trail::TimeRange& range,
           const TakeJudged& take, const TakeVerdicts& take_verdicts, const Portion& portion)
      : trail_(trail),
        judge_(judge),
        identities_(facts, *trail.keys()),
        numbers_(pieces_in(trail, range, portion.end)),
        summary_(judge, take, take_verdicts),
        pieces_(threads_ + kPiecesAhead) {
    // The last is that of the large ones.
    for (size_t i = 0; i <= threads_; ++i) readers_.emplace_back(trail, facts, identities_, range, portion);
  }

  Result<CheckReport> run() {
    const auto work = [this](size_t turn, const WorkPlace& place) {
      Piece& piece = pieces_[place.slot];
      piece.status = judge_ahead(numbers_[turn], readers_[place.thread], piece);
    };
    const auto add = [this](size_t turn, size_t slot) -> Status {
      WEERBAAR_TRY(pieces_[slot].status);
      return pieces_[slot].is_large ? add_large(numbers_[turn]) : summary_.add(pieces_[slot], true);
    };
    WEERBAAR_TRY(work_in_order(threads_, pieces_.size(), numbers_.size(), work, add));
    return summary_.finish(unreadable_);
  }

 private:
  Status open(uint64_t number, AccessReader& reader) const {
    const uint64_t sealed = trail_.sealed().count();
    return number < sealed ? reader.open_segment(number) : reader.open_tail(*trail_.tails()[number - sealed]);
  }
  Status judge_ahead(uint64_t number, AccessReader& reader, Piece& piece) {
    const uint64_t before = reader.unreadable();
    WEERBAAR_TRY(open(number, reader));
    WEERBAAR_ASSIGN(piece.is_large, reader.read(piece.batch));
    if (piece.is_large) {
      reader.close();
      piece.batch.clear();
      return {};
    }
    judge_piece(judge_, piece);
    unreadable_ += reader.unreadable() - before;
    return {};
  }
  Status add_large(uint64_t number) {
    AccessReader& reader = readers_.back();
    const uint64_t before = reader.unreadable();
    WEERBAAR_TRY(open(number, reader));
    for (bool has_more = true; has_more;) {
      WEERBAAR_ASSIGN(has_more, reader.read(part_.batch));
      judge_piece(judge_, part_);
      WEERBAAR_TRY(summary_.add(part_, !has_more));
    }
    unreadable_ += reader.unreadable() - before;
    return {};
  }

  const size_t threads_ = std::max(1U, std::thread::hardware_concurrency());
  const trail::Trail& trail_;
  const Judge& judge_;
  PeriodIdentities identities_;
  const std::vector<uint64_t> numbers_;
  Summary summary_;
  std::deque<AccessReader> readers_;
  std::vector<Piece> pieces_;
  Piece part_;  // of a large one
  std::atomic<uint64_t> unreadable_ = 0;
};

}  // namespace

Result<CheckReport> check(const trail::Trail& trail, const Judge& judge, FactBase& facts, const trail::TimeRange& range,
                          const TakeJudged& take, const TakeVerdicts& take_verdicts, const Portion& portion) {
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied, "the check needs the keys of the periods: name their directory with --keys");
  }
  return Checking(trail, judge, facts, range, take, take_verdicts, portion).run();
}

}  // namespace weerbaar::purpose
