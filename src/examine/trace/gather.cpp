#include "examine/trace/gather.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/check.h"
#include "examine/trace/entries_of_source.h"
#include "examine/trace/person_sample.h"
#include "trail/format/entry.h"
#include "trail/store/event_codec.h"

namespace weerbaar::trace {
namespace {

// Persons looked up together: who consulted them is looked up, and what is not sealed yet is read, once for all of
// these.
constexpr size_t kTogether = 8'192;

// Gives employees their numbers. The same employee has another pseudonym in every quarter.
class Readers {
 public:
  explicit Readers(trail::KeyStore* keys) : keys_(keys) {}

  Result<Reader> number(const trail::ActorPseudonym& actor, Time time);
  std::vector<ReaderName> take() { return std::move(names_); }
  [[nodiscard]] size_t size() const { return names_.size(); }

 private:
  Result<std::string> identity_of(const trail::ActorPseudonym& actor);

  trail::KeyStore* keys_;
  std::map<trail::ActorPseudonym, Reader> by_pseudonym_;
  std::unordered_map<std::string, Reader> by_identity_;
  std::vector<ReaderName> names_;
  std::vector<Time> latest_;
};

Result<std::string> Readers::identity_of(const trail::ActorPseudonym& actor) {
  const auto key = keys_ == nullptr ? fail(Code::kDenied, "") : keys_->period(actor.period);
  if (key) return (*key)->decrypt_identifier(trail::Domain::kActor, actor.id);
  if (key.error().code != Code::kDenied) return std::unexpected(key.error());
  return trail::pseudonym_text(actor.period, as_text(actor.id));
}

Result<Reader> Readers::number(const trail::ActorPseudonym& actor, Time time) {
  auto found = by_pseudonym_.find(actor);
  if (found == by_pseudonym_.end()) {
    WEERBAAR_ASSIGN(std::string identity, identity_of(actor));
    const auto [known, is_new] = by_identity_.emplace(std::move(identity), static_cast<Reader>(names_.size()));
    if (is_new) {
      names_.push_back({known->first, actor});
      latest_.push_back(time);
    }
    found = by_pseudonym_.emplace(actor, known->second).first;
  }
  const Reader reader = found->second;
  if (time > latest_[reader]) {
    latest_[reader] = time;
    names_[reader].pseudonym = actor;
  }
  return reader;
}

class Gathering {
 public:
  Gathering(const trail::Trail& trail, std::span<const trail::Whom> leaked, const trail::TimeRange& range,
            const GatherOptions& options)
      : trail_(trail), leaked_(leaked), range_(range), options_(options), readers_(trail.keys()) {}

  Result<Gathered> run();

 private:
  using Consultations = std::vector<trail::Consultation>;

  Status find_own_uses();
  Status take_leaked();
  Status choose_counted(const std::vector<Consultations>& lists);
  Result<bool> shows_data(EntryIndex index) const;
  Status take_reads(const Consultations& list, const std::vector<trail::ActorPseudonym>& actors);
  Status take_sample();
  Status take_sampled(std::span<const SampledPerson> persons);
  void leave_out_own_uses(Consultations& list) const;
  [[nodiscard]] std::vector<SubjectType> types() const;
  [[nodiscard]] std::vector<SampledPerson> without_leaked(std::vector<SampledPerson> persons) const;
  // Looks of the next person. `days`: reader and day of each access.
  void add_person(std::vector<std::pair<Reader, int64_t>>& days);

  const trail::Trail& trail_;
  const std::span<const trail::Whom> leaked_;
  const trail::TimeRange& range_;
  const GatherOptions& options_;
  Readers readers_;
  Leak leak_;
  std::vector<EntryIndex> own_uses_;  // ascending
  std::vector<EntryIndex> entries_;
  std::vector<Judgement> judgements_;  // of each of the entries
  std::vector<trail::Period> destroyed_;
  size_t not_counted_ = 0;
  size_t sampled_ = 0;
  bool has_everybody_ = false;
  std::vector<Look> looks_;
  Person persons_ = 0;
};

// By which this program recorded its own use: they showed nobody's data, and are not counted either, for who asks may
// not know of some of them.
Status Gathering::find_own_uses() {
  WEERBAAR_ASSIGN(own_uses_, entries_of_source(trail_, range_, options_.own_source));
  return {};
}

void Gathering::leave_out_own_uses(Consultations& list) const {
  std::erase_if(
      list, [this](const trail::Consultation& access) { return std::ranges::binary_search(own_uses_, access.index); });
}

// An access that was refused, or failed, showed nobody's data.
Result<bool> Gathering::shows_data(EntryIndex index) const {
  Bytes bytes;
  WEERBAAR_TRY(trail_.entry(index, bytes));
  trail::Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  return entry.is_event() && entry.event().shape.outcome == Outcome::kSuccess;
}

// In the order of the trail, so that each segment, and each block of verdicts, is read once.
Status Gathering::choose_counted(const std::vector<Consultations>& lists) {
  std::set<EntryIndex> all;
  for (const Consultations& list : lists) {
    for (const trail::Consultation& access : list) all.insert(access.index);
  }
  for (const EntryIndex index : all) {
    WEERBAAR_ASSIGN(const bool counts, shows_data(index));
    if (counts) {
      entries_.push_back(index);
      judgements_.push_back(options_.judge ? options_.judge(index) : Judgement{});
    } else {
      ++not_counted_;
    }
  }
  return {};
}

Status Gathering::take_reads(const Consultations& list, const std::vector<trail::ActorPseudonym>& actors) {
  LeakedPerson person;
  person.person = persons_;
  std::vector<std::pair<Reader, int64_t>> days;
  for (const trail::Consultation& access : list) {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), access.index);
    if (entry == entries_.end() || *entry != access.index) continue;
    const Judgement& judgement = judgements_[static_cast<size_t>(entry - entries_.begin())];
    Read read;
    WEERBAAR_ASSIGN(read.reader, readers_.number(actors[access.actor], access.time));
    read.time = access.time;
    read.verdict = judgement.verdict;
    read.rule = judgement.rule;
    days.emplace_back(read.reader, floor_div(read.time.micros, kMicrosPerDay));
    person.reads.push_back(std::move(read));
  }
  leak_.persons.push_back(std::move(person));
  add_person(days);
  return {};
}

void Gathering::add_person(std::vector<std::pair<Reader, int64_t>>& days) {
  std::sort(days.begin(), days.end());
  for (size_t i = 0; i < days.size(); ++i) {
    if (i == 0 || days[i - 1].first != days[i].first) {
      looks_.push_back({persons_, days[i].first, false});
    } else if (days[i - 1].second != days[i].second) {
      looks_.back().on_several_days = true;
    }
  }
  ++persons_;
}

Status Gathering::take_leaked() {
  WEERBAAR_ASSIGN(trail::ConsultationLists lists, trail::consultations_of(trail_, leaked_, range_));
  destroyed_ = std::move(lists.destroyed);
  for (Consultations& list : lists.consultations) leave_out_own_uses(list);
  WEERBAAR_TRY(choose_counted(lists.consultations));
  for (const Consultations& list : lists.consultations) WEERBAAR_TRY(take_reads(list, lists.actors));
  return {};
}

std::vector<SubjectType> Gathering::types() const {
  std::set<SubjectType> types;
  for (const trail::Whom& whom : leaked_) {
    if (const auto* subject = std::get_if<trail::OfSubject>(&whom)) types.insert(subject->type);
    if (const auto* pseudonym = std::get_if<trail::OfPseudonym>(&whom)) types.insert(pseudonym->type);
  }
  return {types.begin(), types.end()};
}

std::vector<SampledPerson> Gathering::without_leaked(std::vector<SampledPerson> persons) const {
  std::set<std::pair<SubjectType, std::string>> leaked;
  for (const trail::Whom& whom : leaked_) {
    if (const auto* subject = std::get_if<trail::OfSubject>(&whom)) leaked.emplace(subject->type, subject->id);
  }
  std::erase_if(persons, [&](const SampledPerson& person) {
    return leaked.contains({person.identity.type, person.identity.id});
  });
  return persons;
}

// Who was drawn by another quarter than that of the first access in the range had more than one lot.
Status Gathering::take_sampled(std::span<const SampledPerson> persons) {
  std::vector<trail::Whom> whom;
  for (const SampledPerson& person : persons) whom.emplace_back(person.identity);
  WEERBAAR_ASSIGN(trail::ConsultationLists lists, trail::consultations_of(trail_, whom, range_));
  std::vector<std::pair<Reader, int64_t>> days;
  for (size_t i = 0; i < persons.size(); ++i) {
    Consultations& list = lists.consultations[i];
    leave_out_own_uses(list);
    if (list.empty() || lists.actors[list[0].actor].period != persons[i].period) continue;
    days.clear();
    for (const trail::Consultation& access : list) {
      WEERBAAR_ASSIGN(const Reader reader, readers_.number(lists.actors[access.actor], access.time));
      days.emplace_back(reader, floor_div(access.time.micros, kMicrosPerDay));
    }
    add_person(days);
    if (++sampled_ == options_.sampled_persons) break;
  }
  return {};
}

Status Gathering::take_sample() {
  const size_t drawn_max = options_.sampled_persons * kDrawnForEach;
  WEERBAAR_ASSIGN(std::vector<SampledPerson> drawn, sample_persons(trail_, range_, types(), drawn_max));
  has_everybody_ = drawn.size() < drawn_max;
  const std::vector<SampledPerson> persons = without_leaked(std::move(drawn));
  for (size_t done = 0; done < persons.size(); done += kTogether) {
    if (sampled_ >= options_.sampled_persons) break;
    if (options_.progress) options_.progress(sampled_, std::min(options_.sampled_persons, persons.size()));
    WEERBAAR_TRY(take_sampled(std::span(persons).subspan(done, std::min(kTogether, persons.size() - done))));
  }
  has_everybody_ = has_everybody_ && sampled_ < options_.sampled_persons;
  return {};
}

Result<Gathered> Gathering::run() {
  WEERBAAR_CHECK(range_.from && range_.to);
  leak_.from = *range_.from;
  leak_.before = *range_.to;
  WEERBAAR_TRY(find_own_uses());
  WEERBAAR_TRY(take_leaked());
  WEERBAAR_TRY(take_sample());
  const size_t readers = readers_.size();
  return Gathered{std::move(leak_),
                  Activity(looks_, persons_, readers),
                  readers_.take(),
                  std::move(entries_),
                  std::move(destroyed_),
                  not_counted_,
                  sampled_,
                  has_everybody_};
}

}  // namespace

Result<Gathered> gather(const trail::Trail& trail, std::span<const trail::Whom> leaked, const trail::TimeRange& range,
                        const GatherOptions& options) {
  return Gathering(trail, leaked, range, options).run();
}

}  // namespace weerbaar::trace
