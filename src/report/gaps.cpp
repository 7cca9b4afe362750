#include "report/gaps.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <tuple>

#include "base/number_set.h"
#include "domain/source_notice.h"
#include "trail/format/entry.h"
#include "trail/store/event_codec.h"
#include "trail/store/search.h"

namespace weerbaar::report {
namespace {

using Kind = SourceNotice::Kind;

// Who tells of sources: the actor of these events.
constexpr std::string_view kTeller = "weerbaar";

// Not an entry that tells of a source: nothing.
Result<std::optional<SourceNotice>> notice_at(const trail::Trail& trail, EntryIndex index, std::string_view own) {
  Bytes bytes;
  WEERBAAR_TRY(trail.entry(index, bytes));
  trail::Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  if (!entry.is_event()) return std::nullopt;
  const trail::StoredEvent& stored = entry.event();
  if (stored.shape.source != own || stored.shape.component != kNoticeComponent) return std::nullopt;
  WEERBAAR_ASSIGN(const trail::Pseudonymiser* const key, trail.keys()->period(trail::Period{stored.period}));
  EventBatch batch;
  WEERBAAR_TRY(trail::decode(stored, trail::Disclosure::kIdentities, key, batch));
  return source_notice_of(batch.events()[0]);
}

Result<std::vector<trail::Hit>> notices_in(const trail::Trail& trail, const trail::TimeRange& range, uint64_t size) {
  WEERBAAR_ASSIGN(trail::SearchResult found, trail::search(trail, trail::ByActor{std::string(kTeller)}, range));
  std::erase_if(found.hits, [&](const trail::Hit& hit) { return hit.index.value() >= size; });
  return std::move(found.hits);
}

// Numbers and seconds as sets: what was told twice, as after a crash, counts once.
class Gaps {
 public:
  Gaps(Time from, Time to) : from_(from), to_(to) {}

  void take(const SourceNotice& notice, Time told) {
    if (notice.is_of_records()) return take_numbers(notice, told);
    knows_silence_of_.insert(notice.source);
    if (notice.kind == Kind::kSilent) return begin_silence(notice);
    silent_since_.erase(notice.source);
    add_silence(notice.source, notice.since, notice.until);
  }
  void begin_silence(const SourceNotice& notice) { silent_since_[notice.source] = notice.since; }
  [[nodiscard]] bool knows_silence_of(const std::string& source) const { return knows_silence_of_.contains(source); }

  std::map<std::string, SourceGaps> finish() {
    for (const auto& [source, since] : silent_since_) add_silence(source, since, to_);
    std::map<std::string, SourceGaps> gaps;
    for (const auto& [source, seconds] : silent_) gaps[source].silent_seconds = seconds.count();
    for (const auto& [of, numbers] : missing_) {
      if (numbers.empty()) continue;
      uint64_t& records = gaps[std::get<0>(of)].missing_records;
      records = add_up(records, numbers.count());
    }
    return gaps;
  }

 private:
  // What is found missing after the month is of another one; what comes after it came all the same.
  void take_numbers(const SourceNotice& notice, Time told) {
    NumberSet& missing = missing_[{notice.source, notice.counter, notice.run}];
    for (const NumberRange& range : notice.numbers.ranges()) {
      if (notice.kind == Kind::kCame) missing.remove(range);
      if (notice.kind == Kind::kMissing && told < to_) missing.add(range);
    }
  }
  void add_silence(const std::string& source, Time since, Time until) {
    const int64_t from = std::max(since, from_).micros / kMicrosPerSecond;
    const int64_t to = std::min(until, to_).micros / kMicrosPerSecond;
    if (from < to) silent_[source].add({static_cast<uint64_t>(from), static_cast<uint64_t>(to - 1)});
  }

  const Time from_;
  const Time to_;
  std::set<std::string> knows_silence_of_;
  std::map<std::tuple<std::string, std::string, uint64_t>, NumberSet> missing_;  // by source, counter and run
  std::map<std::string, Time> silent_since_;
  std::map<std::string, NumberSet> silent_;  // seconds since 1970
};

}  // namespace

Result<std::map<std::string, SourceGaps>> gaps_of(const trail::Trail& trail, const GapChoice& choice) {
  Gaps gaps(choice.from, choice.to);
  WEERBAAR_ASSIGN(const auto since, notices_in(trail, {choice.from, std::nullopt}, choice.size));
  for (const trail::Hit& hit : since) {
    WEERBAAR_ASSIGN(const auto notice, notice_at(trail, hit.index, choice.own_source));
    if (notice) gaps.take(*notice, hit.time);
  }
  // A silence that is told to be over says since when it was, and a source that became silent later was not so before.
  // So only of one of which nothing was told since the last word may stand further back.
  std::set<std::string> unknown;
  for (const std::string& source : choice.quiet) {
    if (!gaps.knows_silence_of(source)) unknown.insert(source);
  }
  if (unknown.empty()) return gaps.finish();
  WEERBAAR_ASSIGN(const auto before, notices_in(trail, {std::nullopt, choice.from}, choice.size));
  for (const trail::Hit& hit : before | std::views::reverse) {
    WEERBAAR_ASSIGN(const auto notice, notice_at(trail, hit.index, choice.own_source));
    if (!notice || notice->is_of_records() || unknown.erase(notice->source) == 0) continue;
    if (notice->kind == Kind::kSilent) gaps.begin_silence(*notice);
    if (unknown.empty()) break;
  }
  return gaps.finish();
}

}  // namespace weerbaar::report
