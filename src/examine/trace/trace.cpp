#include "examine/trace/trace.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "examine/trace/guilt.h"
#include "examine/trace/list_evidence.h"
#include "examine/trace/seen.h"

namespace weerbaar::trace {
namespace {

// Those who consulted a leaked person, gathered by their place in the evidence.
class Ranking {
 public:
  Ranking(const Leak& leak, BaseRates& rates, const Assumptions& assumptions)
      : leak_(leak), rates_(rates), assumptions_(assumptions), seen_(seen_since(leak, leak.from, rates)) {
    weigh(seen_, leak.persons.size(), assumptions.explained_weight, evidence_);
  }

  [[nodiscard]] const ListEvidence& evidence() const { return evidence_; }
  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }
  std::vector<Suspect> suspects();

 private:
  [[nodiscard]] size_t place_of(Reader reader) const;
  void add_scores(std::vector<Suspect>& suspects) const;
  void add_guilt(std::vector<Suspect>& suspects) const;
  void add_expected(std::vector<Suspect>& suspects);
  void add_reads(std::vector<Suspect>& suspects) const;

  const Leak& leak_;
  BaseRates& rates_;
  const Assumptions& assumptions_;
  std::vector<Seen> seen_;
  ListEvidence evidence_;
};

size_t Ranking::place_of(Reader reader) const {
  size_t low = 0;
  for (size_t high = evidence_.readers(); high - low > 1;) {
    const size_t middle = low + (high - low) / 2;
    (evidence_.reader(middle) <= reader ? low : high) = middle;
  }
  return low;
}

// Against the median of all readers, of whom those who consulted nobody on the list have the lowest score.
void Ranking::add_scores(std::vector<Suspect>& suspects) const {
  const auto scored = [&](std::span<const Mark> marks) {
    return score(marks, evidence_.items(), assumptions_.elsewhere, assumptions_.leakers);
  };
  std::vector<double> scores(std::max(rates_.activity().readers(), suspects.size()), scored({}));
  for (size_t place = 0; place < suspects.size(); ++place) {
    suspects[place].score = scored(evidence_.marks(place));
    scores[place] = suspects[place].score;
  }
  const auto median = scores.begin() + static_cast<long>(scores.size() / 2);
  std::nth_element(scores.begin(), median, scores.end());
  for (Suspect& suspect : suspects) suspect.log_ratio = suspect.score - *median;
}

void Ranking::add_guilt(std::vector<Suspect>& suspects) const {
  std::vector<double> all(leak_.persons.size(), 0);
  for (const Seen& one : seen_) all[one.item] += one.weight(assumptions_.explained_weight);
  std::vector<std::vector<double>> shares(suspects.size());
  for (const Seen& one : seen_) {
    // Where nothing weighs anything, nobody has a share.
    const double weight = one.weight(assumptions_.explained_weight);
    if (weight > 0) shares[place_of(one.reader)].push_back(weight / all[one.item]);
  }
  for (size_t place = 0; place < suspects.size(); ++place) {
    suspects[place].guilt = guilt(shares[place], assumptions_.elsewhere);
  }
}

void Ranking::add_expected(std::vector<Suspect>& suspects) {
  std::vector<Reader> asked;
  asked.reserve(suspects.size());
  for (const Suspect& suspect : suspects) asked.push_back(suspect.reader);
  std::vector<Reader> readers;
  std::vector<double> base;
  auto one = seen_.begin();
  for (uint32_t item = 0; item < leak_.persons.size(); ++item) {
    readers.clear();
    for (; one != seen_.end() && one->item == item; ++one) readers.push_back(one->reader);
    if (readers.empty()) continue;
    rates_.find(leak_.persons[item].person, readers, asked, base);
    for (size_t place = 0; place < suspects.size(); ++place) suspects[place].expected += base[place];
  }
}

void Ranking::add_reads(std::vector<Suspect>& suspects) const {
  std::vector<std::set<std::string>> rules(suspects.size());
  std::vector<bool> has_any(suspects.size());
  for (const LeakedPerson& leaked : leak_.persons) {
    for (const Read& read : leaked.reads) {
      const size_t place = place_of(read.reader);
      Suspect& suspect = suspects[place];
      suspect.first = has_any[place] ? std::min(suspect.first, read.time) : read.time;
      suspect.last = has_any[place] ? std::max(suspect.last, read.time) : read.time;
      has_any[place] = true;
      if (read.verdict == Verdict::kExplained && !read.rule.empty()) rules[place].insert(read.rule);
    }
  }
  for (size_t place = 0; place < suspects.size(); ++place) {
    suspects[place].rules.assign(rules[place].begin(), rules[place].end());
  }
}

std::vector<Suspect> Ranking::suspects() {
  std::vector<Suspect> suspects(evidence_.readers());
  for (size_t place = 0; place < suspects.size(); ++place) {
    suspects[place].reader = evidence_.reader(place);
    suspects[place].leaked_seen = evidence_.marks(place).size();
  }
  for (const Seen& one : seen_) {
    if (!one.is_explained) ++suspects[place_of(one.reader)].unexplained;
  }
  add_scores(suspects);
  add_guilt(suspects);
  add_expected(suspects);
  add_reads(suspects);
  std::sort(suspects.begin(), suspects.end(), [](const Suspect& a, const Suspect& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.reader < b.reader;
  });
  return suspects;
}

}  // namespace

Result<Finding> trace(const Leak& leak, BaseRates& rates, const Assumptions& assumptions) {
  WEERBAAR_TRY(check(assumptions));
  if (leak.persons.empty()) return fail(Code::kInvalid, "the list of leaked persons is empty");
  Finding finding;
  finding.assumptions = assumptions;
  finding.readers = rates.activity().readers();
  finding.leaked_total = leak.persons.size();
  for (const LeakedPerson& leaked : leak.persons) {
    const bool all_in_time = std::all_of(leaked.reads.begin(), leaked.reads.end(), [&](const Read& read) {
      return read.time >= leak.from && read.time < leak.before;
    });
    if (!all_in_time) return fail(Code::kInvalid, "a consultation lies outside the time considered: leave it out");
    finding.reads += leaked.reads.size();
    for (const Read& read : leaked.reads) {
      if (read.verdict != Verdict::kUnknown) ++finding.judged;
      if (read.verdict == Verdict::kExplained) ++finding.explained;
    }
    if (!leaked.reads.empty()) ++finding.leaked_consulted;
  }
  Ranking ranking(leak, rates, assumptions);
  finding.ranking = ranking.suspects();
  finding.sensitivity = sensitivity_of(leak, rates, assumptions);
  if (finding.ranking.empty()) return finding;
  finding.any_explained =
      std::any_of(ranking.seen().begin(), ranking.seen().end(), [](const Seen& one) { return one.is_explained; });
  finding.best = best_explanation(ranking.evidence(), assumptions, rates.activity().readers());
  for (Suspect& suspect : finding.ranking) {
    suspect.is_in_best_explanation =
        std::binary_search(finding.best.readers.begin(), finding.best.readers.end(), suspect.reader);
  }
  finding.chance = chance_of(leak, finding.ranking[0].reader, finding.best.score, rates, assumptions);
  return finding;
}

}  // namespace weerbaar::trace
