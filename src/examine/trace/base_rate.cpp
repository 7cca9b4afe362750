#include "examine/trace/base_rate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weerbaar::trace {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// Readers with fewer persons than this weigh hardly more than those with as many.
constexpr double kPersonsFloor = 10;
// Readers are few of all when they are less than one in so many.
constexpr size_t kFewOfAll = 8;

}  // namespace

BaseRates::BaseRates(const Activity& activity)
    : activity_(activity), counts_(activity.readers(), 0), remembered_(activity.persons(), kNone) {
  const auto all = static_cast<double>(activity.looks() + activity.readers());
  for (Reader reader = 0; reader < activity.readers(); ++reader) {
    general_shares_.push_back(static_cast<double>(activity.persons_of(reader).size() + 1) / all);
  }
}

// Those with the fewest persons, but more than one: the others say nothing about who is like the person.
void BaseRates::choose_context(std::span<const Reader> readers) {
  context_.clear();
  for (const Reader reader : readers) {
    if (activity_.persons_of(reader).size() > 1) context_.push_back(reader);
  }
  const size_t kept = std::min(context_.size(), kContextMax);
  const auto order = [this](Reader reader) { return std::pair(activity_.persons_of(reader).size(), reader); };
  std::partial_sort(context_.begin(), context_.begin() + static_cast<long>(kept), context_.end(),
                    [&](Reader a, Reader b) { return order(a) < order(b); });
  context_.resize(kept);
}

uint32_t BaseRates::Company::with(Reader reader) const {
  if (!of_all.empty()) return of_all[reader];
  const auto found = std::ranges::lower_bound(met, reader, {}, &Together::reader);
  return found == met.end() || found->reader != reader ? 0 : found->persons;
}

const BaseRates::Company& BaseRates::company_of(Reader reader) {
  if (const auto known = companies_.find(reader); known != companies_.end()) return known->second;
  const std::span<const Link> persons = activity_.persons_of(reader);
  Company company;
  company.step = persons.size() / kPersonsOfContextMax + 1;
  std::vector<Reader> met;
  for (size_t i = 0; i < persons.size(); i += company.step) {
    const std::span<const Link> readers = activity_.readers_of(persons[i].number());
    company.looks += readers.size() - 1;
    for (const Link other : readers) {
      if (counts_[other.number()]++ == 0) met.push_back(other.number());
    }
  }
  if (met.size() * kFewOfAll >= counts_.size()) {
    company.of_all = counts_;
  } else {
    std::ranges::sort(met);
    for (const Reader other : met) company.met.push_back({other, counts_[other]});
  }
  for (const Reader other : met) counts_[other] = 0;
  // Begun anew rather than by what was used least: it hardly ever comes to this.
  if (company_bytes_ + company.bytes() > kCompanyBytesMax) {
    companies_.clear();
    company_bytes_ = 0;
  }
  company_bytes_ += company.bytes();
  return companies_.emplace(reader, std::move(company)).first->second;
}

void BaseRates::add_context(Reader context, Person person, std::span<const Reader> asked) {
  const Company& company = company_of(context);
  const std::span<const Link> persons = activity_.persons_of(context);
  const auto at = std::ranges::lower_bound(persons, person, {}, &Link::number);
  // The person is left out of what is ordinary.
  const bool is_counted =
      at != persons.end() && at->number() == person && static_cast<size_t>(at - persons.begin()) % company.step == 0;
  const size_t looks = company.looks - (is_counted ? activity_.readers_of(person).size() - 1 : 0);
  if (looks == 0) return;
  const double known = static_cast<double>(looks) + kPriorLooks;
  const double weight = static_cast<double>(looks) / known / (static_cast<double>(persons.size()) + kPersonsFloor);
  for (size_t i = 0; i < asked.size(); ++i) {
    if (asked[i] == context) continue;
    const uint32_t together = company.with(asked[i]) - (is_counted && is_reader_[i] ? 1 : 0);
    shares_[i] += weight * (together + kPriorLooks * general_shares_[asked[i]]) / known;
    weights_[i] += weight;
  }
}

void BaseRates::find(Person person, std::span<const Reader> readers, std::span<const Reader> asked,
                     std::vector<double>& rates) {
  choose_context(readers);
  shares_.assign(asked.size(), 0);
  weights_.assign(asked.size(), 0);
  is_reader_.resize(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    is_reader_[i] = std::ranges::binary_search(activity_.readers_of(person), asked[i], {}, &Link::number);
  }
  for (const Reader context : context_) add_context(context, person, asked);

  rates.resize(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const double share = weights_[i] > 0 ? shares_[i] / weights_[i] : general_shares_[asked[i]];
    rates[i] = std::max(kRateMin, -std::expm1(-static_cast<double>(readers.size()) * share));
  }
}

std::span<const double> BaseRates::of(Person person) {
  uint32_t& place = remembered_[person];
  if (place == kNone) {
    place = static_cast<uint32_t>(kept_.size());
    readers_.clear();
    for (const Link reader : activity_.readers_of(person)) readers_.push_back(reader.number());
    kept_.emplace_back();
    find(person, readers_, readers_, kept_.back());
  }
  return kept_[place];
}

}  // namespace weerbaar::trace
