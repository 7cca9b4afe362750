#include "trail/verify/segment_indexes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "trail/format/filter.h"
#include "trail/verify/segment_entries.h"

namespace weerbaar::trail {
namespace {

std::vector<int64_t> values_of(const IntegerColumn& column) {
  std::vector<int64_t> values(column.rows());
  column.read_all(values);
  return values;
}

class IndexCheck {
 public:
  IndexCheck(const Segment& segment, Part& part)
      : segment_(segment), part_(part), filter_(filter_bytes(segment.header().subjects + segment.header().actors)) {}

  std::vector<uint64_t> run() {
    for (const auto check : {&IndexCheck::check_actors, &IndexCheck::check_shapes, &IndexCheck::check_subjects,
                             &IndexCheck::check_filter}) {
      (this->*check)();
      part_.problems.add_all(part_.path(), std::exchange(problems_, ProblemList(kProblemsPerKindMax)));
    }
    std::ranges::sort(keys_);
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
    return std::move(keys_);
  }

 private:
  void problem(Section section, std::string what) { problems_.add(section_path(part_, section), std::move(what)); }
  void add_key(uint64_t hash) {
    filter_insert(filter_, hash);
    keys_.push_back(hash);
  }
  void check_actors();
  void check_actor_postings(const std::vector<int64_t>& codes, const std::vector<int64_t>& firsts);
  void check_shapes();
  void check_subjects();
  void check_subject(uint64_t code, const StoredSubject& subject);
  void check_subject_postings(uint64_t code, uint64_t begin, uint64_t end);
  void check_filter();

  const Segment& segment_;
  Part& part_;
  ProblemList problems_{kProblemsPerKindMax};  // of the check at hand
  Bytes filter_;
  std::vector<uint64_t> keys_;
};

void IndexCheck::check_actors() {
  StoredActor previous;
  for (uint64_t code = 0; code < segment_.header().actors; ++code) {
    const StoredActor actor = segment_.actor(code);
    if (code > 0 && !(previous < actor)) problem(Section::kActorId, fmt::format("row {} is not in its order", code));
    add_key(actor_hash(actor.id));
    previous = actor;
  }
  check_actor_postings(values_of(segment_.integers(Section::kActorCode)),
                       values_of(segment_.integers(Section::kActorFirst)));
}

// A run for each actor, as long as it has entries, and in it those entries in their order.
void IndexCheck::check_actor_postings(const std::vector<int64_t>& codes, const std::vector<int64_t>& firsts) {
  std::vector<int64_t> counts(segment_.header().actors, 0);
  for (const int64_t code : codes) ++counts[static_cast<size_t>(code)];
  std::vector<int64_t> next;
  int64_t first = 0;
  for (const int64_t count : counts) {
    next.push_back(first);
    first += count;
  }
  for (uint64_t code = 0; code < counts.size(); ++code) {
    if (counts[code] == 0) problem(Section::kActorId, fmt::format("row {} is an actor without entries", code));
    if (firsts[code] != next[code]) {
      problem(Section::kActorFirst, fmt::format("the postings of actor {} are not where its entries are", code));
      return;
    }
  }
  for (uint64_t row = 0; row < codes.size(); ++row) {
    const auto posting = static_cast<uint64_t>(next[static_cast<size_t>(codes[row])]++);
    if (segment_.actor_posting(posting) != row) {
      problem(
          Section::kActorPostings,
          fmt::format("posting {} is not that of entry {}, which its actor made: searches by employee would miss it",
                      posting, part_.first_index() + row));
      return;
    }
  }
}

void IndexCheck::check_shapes() {
  std::vector<bool> used(segment_.header().shapes);
  for (const int64_t code : values_of(segment_.integers(Section::kShapeCode))) used[static_cast<size_t>(code)] = true;
  StoredShape previous;
  for (uint64_t code = 0; code < used.size(); ++code) {
    const StoredShape shape = segment_.shape(code);
    if (code > 0 && !(previous < shape))
      problem(Section::kShapeSource, fmt::format("row {} is not in its order", code));
    if (!used[code]) problem(Section::kShapeSource, fmt::format("row {} is a shape without entries", code));
    previous = shape;
  }
}

void IndexCheck::check_subjects() {
  const std::vector<int64_t> firsts = values_of(segment_.integers(Section::kSubjectFirst));
  StoredSubject previous;
  for (uint64_t code = 0; code < segment_.header().subjects; ++code) {
    const StoredSubject subject = segment_.subject(code);
    if (code > 0 && !(previous < subject)) {
      problem(Section::kSubjectType, fmt::format("subject {} is not in its order: searches would not find it", code));
    }
    check_subject(code, subject);
    check_subject_postings(code, static_cast<uint64_t>(firsts[code]), static_cast<uint64_t>(firsts[code + 1]));
    previous = subject;
  }
}

// A number has no bytes and bytes have no number: otherwise the row is another key than the entry shows.
void IndexCheck::check_subject(uint64_t code, const StoredSubject& subject) {
  if (subject.is_number && !subject.bytes.empty()) {
    problem(Section::kSubjectBytes,
            fmt::format("subject {} is a number and has bytes too: searches would not find it", code));
  }
  if (!subject.is_number && subject.number != 0) {
    problem(Section::kSubjectNumber,
            fmt::format("subject {} is bytes and has a number too: searches would not find it", code));
  }
  add_key(subject_hash(subject));
}

void IndexCheck::check_subject_postings(uint64_t code, uint64_t begin, uint64_t end) {
  if (begin == end) problem(Section::kSubjectFirst, fmt::format("subject {} has no entries", code));
  for (uint64_t posting = begin + 1; posting < end; ++posting) {
    const uint64_t previous = segment_.subject_posting(posting - 1);
    const uint64_t row = segment_.subject_posting(posting);
    const TextColumn& roles = segment_.texts(Section::kSubjectRole);
    if (previous < row || (previous == row && roles.at(posting - 1) < roles.at(posting))) continue;
    problem(Section::kSubjectPostings, fmt::format("the postings of subject {} do not ascend", code));
    return;
  }
}

void IndexCheck::check_filter() {
  if (std::ranges::equal(filter_, segment_.filter())) return;
  problem(Section::kFilter,
          "it is not the filter of the subjects and actors of the segment: searches would pass over it");
}

}  // namespace

std::vector<uint64_t> check_indexes(const Segment& segment, Part& part) {
  return IndexCheck(segment, part).run();
}

}  // namespace weerbaar::trail
