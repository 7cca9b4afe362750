#include "examine/purpose/check.h"

#include <algorithm>
#include <deque>
#include <thread>

#include "base/bytes.h"
#include "base/parallel.h"
#include "examine/purpose/access_reader.h"
#include "examine/purpose/findings.h"

namespace weerbaar::purpose {
namespace {

// Hashes of pairs that were seen, open addressed: eight bytes a pair and the room between them.
class SeenPairs {
 public:
  // True when it was not there.
  bool add(uint64_t pair) {
    // 0 marks a free slot.
    pair += pair == 0 ? 1 : 0;
    if (2 * (count_ + 1) > slots_.size()) grow();
    if (!place(pair)) return false;
    ++count_;
    return true;
  }

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

// A segment, sealed or not: what one thread judges at a time.
struct Piece {
  AccessBatch batch;
  std::vector<Outcome> outcomes;
  std::vector<Finding> findings;
  std::vector<uint32_t> ends;  // of the findings of each access
  Bytes record;                // what is hashed
  Status status;
};

void judge_piece(const Judge& judge, Piece& piece) {
  piece.outcomes.clear();
  piece.findings.clear();
  piece.ends.clear();
  piece.record.clear();
  judge.judge_all(piece.batch.accesses, [&](size_t place, const Verdict& verdict) {
    piece.outcomes.push_back(verdict.outcome);
    piece.findings.insert(piece.findings.end(), verdict.findings.begin(), verdict.findings.end());
    piece.ends.push_back(static_cast<uint32_t>(piece.findings.size()));
    append_verdict(piece.batch.indexes[place], verdict, judge.rules(), piece.record);
  });
}

void count(const Judged& judged, Tally& tally) {
  ++tally.checked;
  uint64_t Tally::* const counts[] = {&Tally::explained, &Tally::flagged, &Tally::unexplained};
  ++(tally.*counts[static_cast<size_t>(judged.outcome)]);
}

// Takes the pieces in their order.
class Summary {
 public:
  Summary(const Judge& judge, const TakeJudged& take, const TakeVerdicts& take_verdicts)
      : take_(take), take_verdicts_(take_verdicts) {
    report_.by_rule.resize(judge.rules().size());
  }

  Status add(const Piece& piece) {
    size_t finding = 0;
    size_t pair = 0;
    for (size_t i = 0; i < piece.outcomes.size(); ++i) {
      const Access& access = piece.batch.accesses[i];
      Judged judged{piece.batch.indexes[i], &access, piece.outcomes[i], false,
                    std::span(piece.findings).subspan(finding, piece.ends[i] - finding)};
      for (size_t subject = 0; subject < access.subjects.size(); ++subject) {
        judged.is_first = seen_.add(piece.batch.pairs[pair++]) || judged.is_first;
      }
      finding = piece.ends[i];
      add(judged);
      if (take_) WEERBAAR_TRY(take_(judged));
    }
    // What lies outside the range leaves no trace, so that a trail may grow.
    if (piece.record.empty()) return {};
    if (take_verdicts_) {
      const uint64_t first = piece.batch.indexes[0];
      WEERBAAR_TRY(take_verdicts_(first - first % trail::kSegmentEntries, piece.record));
    }
    const trail::Hash hash = trail::sha256(piece.record);
    hashes_.insert(hashes_.end(), hash.begin(), hash.end());
    return {};
  }
  CheckReport finish(uint64_t unreadable) {
    report_.unreadable = unreadable;
    report_.findings = trail::sha256(hashes_);
    return std::move(report_);
  }

 private:
  void add(const Judged& judged) {
    count(judged, report_.all);
    if (judged.is_first) count(judged, report_.first);
    for (size_t i = 0; i < judged.findings.size(); ++i) {
      // An access to several subjects may have the rule several times.
      const auto earlier = judged.findings.first(i);
      const uint32_t rule = judged.findings[i].rule;
      if (std::ranges::find(earlier, rule, &Finding::rule) == earlier.end()) ++report_.by_rule[rule];
    }
  }

  const TakeJudged& take_;
  const TakeVerdicts& take_verdicts_;
  CheckReport report_;
  SeenPairs seen_;
  Bytes hashes_;  // of the pieces
};

// The segments, and behind them the tails, that may hold accesses in the range.
std::vector<uint64_t> pieces_in(const trail::Trail& trail, const trail::TimeRange& range) {
  const uint64_t sealed = trail.sealed().count();
  std::vector<uint64_t> pieces;
  for (uint64_t number = 0; number < sealed; ++number) {
    const trail::SegmentHeader header = trail.sealed().header(number);
    const bool is_before = range.from && header.time_max < range.from->micros;
    const bool is_behind = range.to && header.time_min > range.to->micros;
    if (!is_before && !is_behind) pieces.push_back(number);
  }
  for (uint64_t tail = 0; tail < trail.tails().size(); ++tail) pieces.push_back(sealed + tail);
  return pieces;
}

}  // namespace

Result<CheckReport> check(const trail::Trail& trail, const Judge& judge, FactBase& facts, const trail::TimeRange& range,
                          const TakeJudged& take, const TakeVerdicts& take_verdicts) {
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied, "the check needs the keys of the periods: name their directory with --keys");
  }
  const size_t threads = std::max(1U, std::thread::hardware_concurrency());
  PeriodIdentities identities(facts, *trail.keys());
  std::deque<AccessReader> readers;
  for (size_t i = 0; i < threads; ++i) readers.emplace_back(trail, facts, identities, range);
  std::vector<Piece> pieces(threads);
  Summary summary(judge, take, take_verdicts);
  const uint64_t sealed = trail.sealed().count();
  const std::vector<uint64_t> numbers = pieces_in(trail, range);
  for (size_t begin = 0; begin < numbers.size(); begin += threads) {
    const size_t together = std::min(threads, numbers.size() - begin);
    for_each_in_parallel(static_cast<unsigned>(threads), together, [&](size_t i) {
      const uint64_t number = numbers[begin + i];
      pieces[i].status = number < sealed ? readers[i].read_segment(number, pieces[i].batch)
                                         : readers[i].read_tail(*trail.tails()[number - sealed], pieces[i].batch);
      if (pieces[i].status) judge_piece(judge, pieces[i]);
    });
    for (size_t i = 0; i < together; ++i) {
      if (!pieces[i].status) return std::unexpected(pieces[i].status.error());
      WEERBAAR_TRY(summary.add(pieces[i]));
    }
  }
  uint64_t unreadable = 0;
  for (const AccessReader& reader : readers) unreadable += reader.unreadable();
  return summary.finish(unreadable);
}

}  // namespace weerbaar::purpose
