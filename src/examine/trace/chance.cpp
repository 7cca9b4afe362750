#include "examine/trace/chance.h"

#include <vector>

#include "examine/trace/explanation.h"
#include "examine/trace/list_evidence.h"
#include "examine/trace/random.h"

namespace weerbaar::trace {
namespace {

// Scores that differ by less than what rounding does are equal.
constexpr double kRounding = 1e-9;
// How often another person is drawn in place of one that is on the list already.
constexpr unsigned kRedrawsMax = 16;

// The persons of a reader: those consulted on several days, and the others.
struct Work {
  std::vector<Person> several;
  std::vector<Person> once;
};

Work work_of(const Activity& activity, Reader reader) {
  Work work;
  for (const Link person : activity.persons_of(reader)) {
    (person.on_several_days() ? work.several : work.once).push_back(person.number());
  }
  return work;
}

// A list that is being drawn.
class ControlList {
 public:
  ControlList(BaseRates& rates, Random& random)
      : rates_(rates), random_(random), last_list_of_(rates.activity().persons(), 0) {}

  void clear() {
    persons_.clear();
    ++number_;
  }
  void draw_from(std::span<const Person> persons) {
    Person person = persons[random_.below(persons.size())];
    for (unsigned again = 0; again < kRedrawsMax && contains(person); ++again) {
      person = persons[random_.below(persons.size())];
    }
    if (contains(person)) return;
    persons_.push_back(person);
    last_list_of_[person] = number_;
  }
  [[nodiscard]] size_t size() const { return persons_.size(); }
  // `items`: of the list in all; those beyond the persons drawn were consulted by nobody.
  double score(size_t items, const Assumptions& assumptions) {
    evidence_.clear(items);
    for (uint32_t item = 0; item < persons_.size(); ++item) {
      const std::span<const double> base = rates_.of(persons_[item]);
      const std::span<const Link> readers = rates_.activity().readers_of(persons_[item]);
      for (size_t i = 0; i < readers.size(); ++i) evidence_.add(readers[i].number(), item, 1 / base[i]);
    }
    evidence_.finish();
    return best_explanation(evidence_, assumptions, rates_.activity().readers()).score;
  }

 private:
  [[nodiscard]] bool contains(Person person) const { return last_list_of_[person] == number_; }

  BaseRates& rates_;
  Random& random_;
  std::vector<Person> persons_;
  uint64_t number_ = 1;                 // of this list
  std::vector<uint64_t> last_list_of_;  // of each person: the number of the last list with it
  ListEvidence evidence_;
};

class Drawing {
 public:
  Drawing(const Leak& leak, Reader first, double score, BaseRates& rates, const Assumptions& assumptions);

  Chance chance();

 private:
  void divide(const Leak& leak, Reader first);
  void draw_anywhere();
  void draw_one_work();
  void take(std::vector<Person>& persons, size_t count);
  template <class Draw>
  double chance_when(Draw draw);

  const Activity& activity_;
  const Assumptions& assumptions_;
  const double score_;
  Random random_;
  ControlList list_;
  size_t items_ = 0;
  std::vector<std::span<const Person>> stand_ins_;  // of each leaked person whom somebody consulted
  size_t several_ = 0;                              // persons of the first reader, consulted on several days
  size_t once_ = 0;                                 // and not
  std::vector<Reader> workers_;                     // of a leaked person on several days, once for each
};

Drawing::Drawing(const Leak& leak, Reader first, double score, BaseRates& rates, const Assumptions& assumptions)
    : activity_(rates.activity()),
      assumptions_(assumptions),
      score_(score),
      random_(assumptions.seed),
      list_(rates, random_),
      items_(leak.persons.size()) {
  divide(leak, first);
}

void Drawing::divide(const Leak& leak, Reader first) {
  for (const LeakedPerson& leaked : leak.persons) {
    const std::span<const Link> readers = activity_.readers_of(leaked.person);
    if (readers.empty()) continue;
    stand_ins_.push_back(activity_.as_popular_as(leaked.person, kStandInsMin));
    for (const Link reader : readers) {
      if (reader.on_several_days()) workers_.push_back(reader.number());
      if (reader.number() == first) ++(reader.on_several_days() ? several_ : once_);
    }
  }
}

void Drawing::draw_anywhere() {
  for (const std::span<const Person> persons : stand_ins_) list_.draw_from(persons);
}

// Takes persons out of `persons`, so that none is taken twice.
void Drawing::take(std::vector<Person>& persons, size_t count) {
  for (size_t i = 0; i < count && !persons.empty(); ++i) {
    const size_t place = random_.below(persons.size());
    list_.draw_from({&persons[place], 1});
    persons[place] = persons.back();
    persons.pop_back();
  }
}

void Drawing::draw_one_work() {
  Work work = work_of(activity_, workers_[random_.below(workers_.size())]);
  const size_t wanted = several_ + once_;
  take(work.several, several_);
  take(work.once, wanted - list_.size());
  if (list_.size() < wanted) take(work.several, wanted - list_.size());
  while (list_.size() < stand_ins_.size()) {
    const size_t before = list_.size();
    list_.draw_from(stand_ins_[random_.below(stand_ins_.size())]);
    if (list_.size() == before) return;  // there are hardly any others
  }
}

template <class Draw>
double Drawing::chance_when(Draw draw) {
  uint64_t as_high = 0;
  for (uint64_t i = 0; i < assumptions_.drawings; ++i) {
    list_.clear();
    draw();
    if (list_.score(items_, assumptions_) >= score_ - kRounding) ++as_high;
  }
  return static_cast<double>(1 + as_high) / static_cast<double>(1 + assumptions_.drawings);
}

Chance Drawing::chance() {
  Chance chance;
  chance.drawn = assumptions_.drawings;
  // Every list has somebody, or nobody, who explains it as well as that.
  if (score_ <= 0) return chance;
  chance.anywhere = chance_when([this] { draw_anywhere(); });
  if (several_ > 0 && several_ * kWorkPart >= several_ + once_) {
    chance.one_work = chance_when([this] { draw_one_work(); });
  }
  return chance;
}

}  // namespace

Chance chance_of(const Leak& leak, Reader first, double score, BaseRates& rates, const Assumptions& assumptions) {
  return Drawing(leak, first, score, rates, assumptions).chance();
}

}  // namespace weerbaar::trace
