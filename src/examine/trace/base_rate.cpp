#include "examine/trace/base_rate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weerbaar::trace {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// Readers with fewer persons than this weigh hardly more than those with as many.
constexpr double kPersonsFloor = 10;

}  // namespace

BaseRates::BaseRates(const Activity& activity)
    : activity_(activity), place_(activity.readers(), kNone), remembered_(activity.persons(), kNone) {}

double BaseRates::general_share(Reader reader) const {
  const auto own = static_cast<double>(activity_.persons_of(reader).size());
  return (own + 1) / static_cast<double>(activity_.looks() + activity_.readers());
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

void BaseRates::add_context(Reader context, Person person, std::span<const Reader> asked) {
  const std::span<const Link> persons = activity_.persons_of(context);
  const size_t step = persons.size() / kPersonsOfContextMax + 1;
  std::fill(together_.begin(), together_.end(), 0U);
  size_t looks = 0;  // of others, at the persons of this reader
  for (size_t i = 0; i < persons.size(); i += step) {
    if (persons[i].number() == person) continue;
    const std::span<const Link> readers = activity_.readers_of(persons[i].number());
    looks += readers.size() - 1;
    for (const Link reader : readers) {
      if (const uint32_t place = place_[reader.number()]; place != kNone) ++together_[place];
    }
  }
  const double known = static_cast<double>(looks) + kPriorLooks;
  const double weight = static_cast<double>(looks) / known / (static_cast<double>(persons.size()) + kPersonsFloor);
  if (looks == 0) return;
  for (size_t i = 0; i < asked.size(); ++i) {
    if (asked[i] == context) continue;
    shares_[i] += weight * (together_[i] + kPriorLooks * general_share(asked[i])) / known;
    weights_[i] += weight;
  }
}

void BaseRates::find(Person person, std::span<const Reader> readers, std::span<const Reader> asked,
                     std::vector<double>& rates) {
  choose_context(readers);
  together_.resize(asked.size());
  shares_.assign(asked.size(), 0);
  weights_.assign(asked.size(), 0);
  for (size_t i = 0; i < asked.size(); ++i) place_[asked[i]] = static_cast<uint32_t>(i);
  for (const Reader context : context_) add_context(context, person, asked);
  for (const Reader reader : asked) place_[reader] = kNone;

  rates.resize(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const double share = weights_[i] > 0 ? shares_[i] / weights_[i] : general_share(asked[i]);
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
