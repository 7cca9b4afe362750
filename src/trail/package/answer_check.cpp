#include "trail/package/answer_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "trail/format/index_key.h"
#include "trail/package/package_files.h"
#include "trail/store/event_codec.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFile = package_file::kAnswer;

// The commitment in the bytes of an entry.
Result<IndexCommitment> commitment_in(ByteView bytes) {
  Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  if (entry.is_event() || entry.record().type != kIndexRecordType) {
    return fail(Code::kCorrupt, "it is no record of the root of an index");
  }
  return parse_index_commitment(entry.record().body);
}

class AnswerChecker {
 public:
  AnswerChecker(const Answer& answer, const std::map<uint64_t, ByteView>& entries, TreeSize size)
      : answer_(answer), entries_(entries), size_(size.value()) {
    findings_.summary.range = answer.range;
  }

  AnswerFindings check() {
    if (read_pseudonyms() && read_indexes()) {
      check_proofs();
      check_open_entries();
      check_entries();
      for (const uint16_t period : periods_) {
        if (!covered_.contains(period)) findings_.summary.not_covered.push_back(Period{period});
      }
    }
    return std::move(findings_);
  }

 private:
  void problem(std::string_view where, std::string what) {
    findings_.problems.push_back({std::string(where), std::move(what)});
  }

  bool read_pseudonyms() {
    for (const Bytes& bytes : answer_.pseudonyms) {
      const auto key = parse_subject_key(bytes);
      if (!key || !is_period(key->period)) {
        problem(kFile, fmt::format("pseudonym {} is none", keys_.size()));
        return false;
      }
      keys_.push_back(*key);
      covered_.insert(key->period);
      findings_.summary.pseudonyms.push_back(
          fmt::format("{} {}", to_string(key->subject.type), pseudonym_text(Period{key->period}, key->subject)));
    }
    if (std::ranges::adjacent_find(answer_.pseudonyms, std::greater_equal<>()) == answer_.pseudonyms.end()) return true;
    problem(kFile, "the pseudonyms do not ascend");
    return false;
  }

  // The indexes must be over all entries from 0 on, without a gap or an overlap.
  bool read_indexes() {
    uint64_t next = 0;
    for (const EntryIndex index : answer_.indexes) {
      const std::string place = fmt::format("index {}, of the record in entry {}", commitments_.size(), index.value());
      const auto entry = entries_.find(index.value());
      if (entry == entries_.end()) {
        problem(kFile, fmt::format("{}: the entry is not in the package", place));
        return false;
      }
      auto commitment = commitment_in(entry->second);
      if (!commitment) {
        problem(entry_file(index), commitment.error().text);
        return false;
      }
      if (commitment->first != next) {
        problem(kFile, fmt::format("{}: it is over the entries from {} on and not from {}: the indexes leave entries "
                                   "out, or are over some twice",
                                   place, commitment->first, next));
        return false;
      }
      if (index.value() < commitment->end) {
        problem(kFile, fmt::format("{}: it stands before entries that it is about", place));
        return false;
      }
      next = commitment->end;
      findings_.summary.used.push_back({index, next});
      records_.insert(index.value());
      if (!note_periods(commitment->periods, entry_file(index))) return false;
      commitments_.push_back(std::move(*commitment));
    }
    findings_.summary.indexes = commitments_.size();
    findings_.summary.indexed = next;
    return true;
  }

  bool note_periods(const std::vector<uint16_t>& periods, const std::string& where) {
    periods_.insert(periods.begin(), periods.end());
    if (std::ranges::all_of(periods, [](uint16_t period) { return is_period(period); })) return true;
    problem(where, "it names a period that is no quarter of the years 1970 to 9999");
    return false;
  }

  // Every index that has the period of a pseudonym has a proof about it, and there are no others.
  void check_proofs() {
    size_t next = 0;
    for (uint64_t index = 0; index < commitments_.size(); ++index) {
      for (uint64_t pseudonym = 0; pseudonym < keys_.size(); ++pseudonym) {
        if (!std::ranges::binary_search(commitments_[index].periods, keys_[pseudonym].period)) continue;
        const AnswerProof* const proof = next < answer_.proofs.size() ? &answer_.proofs[next] : nullptr;
        if (proof == nullptr || proof->index != index || proof->pseudonym != pseudonym) {
          problem(kFile, fmt::format("the proof about pseudonym {} in index {} is missing", pseudonym, index));
          return;
        }
        check_proof(*proof);
        ++next;
      }
    }
    if (next < answer_.proofs.size()) problem(kFile, "it has proofs that belong to no pseudonym and index in it");
  }

  void check_proof(const AnswerProof& proof) {
    const IndexCommitment& index = commitments_[proof.index];
    const auto wrong = [&](std::string_view what) {
      problem(kFile, fmt::format("pseudonym {} in index {}, over the entries {} to {}: {}", proof.pseudonym,
                                 proof.index, index.first, index.end - 1, what));
    };
    const Status proven =
        verify_index_proof(answer_.pseudonyms[proof.pseudonym], proof.postings, proof.proof, index.keys, index.root);
    if (!proven) return wrong(proven.error().text);
    if (!proof.proof.present) return;
    const auto postings = parse_subject_postings(proof.postings);
    if (!postings) return wrong(postings.error().text);
    if (postings->front().index < index.first || postings->back().index >= index.end) {
      return wrong("a posting is outside the entries of the index: run `weerbaar verify` on the log");
    }
    for (const SubjectPosting& posting : *postings) {
      if (answer_.range.contains(posting.time)) named_.emplace(posting.index, posting.time);
    }
  }

  // What no index is over yet must be shown in full.
  void check_open_entries() {
    const uint64_t open = findings_.summary.indexed;
    if (open > size_) {
      problem(kFile, fmt::format("the indexes are over {} entries, of a log that had {}", open, size_));
      return;
    }
    const auto shown = static_cast<uint64_t>(std::distance(entries_.lower_bound(open), entries_.lower_bound(size_)));
    if (shown == size_ - open) return;
    problem(kFile, fmt::format("from entry {} on no index is given, and {} of the {} entries there are not in the "
                               "package",
                               open, size_ - open - shown, size_ - open));
  }

  void check_entries() {
    uint64_t missing = 0;
    uint64_t first_missing = 0;
    for (const auto& [index, time] : named_) {
      if (entries_.contains(index)) continue;
      if (missing++ == 0) first_missing = index;
    }
    if (missing > 0) {
      problem(kFile, fmt::format("{} entries that the proofs name are not in the package, the first is {}", missing,
                                 first_missing));
    }
    for (const auto& [index, bytes] : entries_) check_entry(index, bytes);
  }

  void check_entry(uint64_t index, ByteView bytes) {
    Entry entry;
    if (!entry.decode(bytes)) return;
    const bool is_open = index >= findings_.summary.indexed;
    const std::string where = entry_file(EntryIndex(index));
    if (!entry.is_event()) {
      if (!is_open && !records_.contains(index))
        problem(where, "it does not belong to the answer: its root is not used");
      return;
    }
    const StoredEvent& event = entry.event();
    const bool is_in_answer = belongs(answer_, event);
    if (is_open) note_periods({event.period}, where);
    if (!is_open) {
      const auto named = named_.find(index);
      if (named == named_.end()) {
        problem(where, "it does not belong to the answer: no index names it for the pseudonyms given");
      } else if (!is_in_answer || named->second != event.time) {
        problem(where, "an index names it wrongly: run `weerbaar verify` on the log");
      }
    }
    if (is_in_answer) ++findings_.summary.accesses;
  }

  const Answer& answer_;
  const std::map<uint64_t, ByteView>& entries_;
  const uint64_t size_;
  std::vector<SubjectKey> keys_;
  std::vector<IndexCommitment> commitments_;
  std::set<uint64_t> records_;      // entries of the commitments
  std::map<uint64_t, Time> named_;  // by postings in the time asked
  std::set<uint16_t> periods_;      // of events in the log
  std::set<uint16_t> covered_;      // of the pseudonyms
  AnswerFindings findings_;
};

}  // namespace

bool belongs(const Answer& answer, const StoredEvent& event) {
  return answer.range.contains(event.time) && std::ranges::any_of(event.subjects, [&](const StoredSubject& subject) {
           return is_asked(answer, event.period, subject);
         });
}

bool is_asked(const Answer& answer, uint16_t period, const StoredSubject& subject) {
  Bytes key;
  append_subject_key(period, subject, key);
  return std::ranges::binary_search(answer.pseudonyms, key);
}

AnswerFindings check_answer(const Answer& answer, const std::map<uint64_t, ByteView>& entries, TreeSize size) {
  return AnswerChecker(answer, entries, size).check();
}

}  // namespace weerbaar::trail
