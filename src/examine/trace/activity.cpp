#include "examine/trace/activity.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace weerbaar::trace {

Activity::Activity(std::span<const Look> looks, size_t persons, size_t readers) {
  WEERBAAR_CHECK(persons < Link::kNumbersMax && readers < Link::kNumbersMax && looks.size() < UINT32_MAX);
  for (const Look& look : looks) WEERBAAR_CHECK(look.person < persons && look.reader < readers);
  link_persons(looks, persons);
  link_readers(readers);
  order_persons();
}

void Activity::link_persons(std::span<const Look> looks, size_t persons) {
  std::vector<uint32_t> first(persons + 1, 0);
  for (const Look& look : looks) ++first[look.person + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<Link> given(looks.size());
  std::vector<uint32_t> next = first;
  for (const Look& look : looks) given[next[look.person]++] = Link(look.reader, look.on_several_days);

  of_person_.reserve(looks.size());
  first_of_person_.reserve(persons + 1);
  for (size_t person = 0; person < persons; ++person) {
    const size_t begin = of_person_.size();
    first_of_person_.push_back(static_cast<uint32_t>(begin));
    const std::span<Link> links(given.data() + first[person], first[person + 1] - first[person]);
    std::sort(links.begin(), links.end(), [](Link a, Link b) { return a.number() < b.number(); });
    for (const Link link : links) {
      if (of_person_.size() > begin && of_person_.back().number() == link.number()) {
        of_person_.back() = Link(link.number(), of_person_.back().on_several_days() || link.on_several_days());
      } else {
        of_person_.push_back(link);
      }
    }
  }
  first_of_person_.push_back(static_cast<uint32_t>(of_person_.size()));
}

void Activity::link_readers(size_t readers) {
  first_of_reader_.assign(readers + 1, 0);
  for (const Link link : of_person_) ++first_of_reader_[link.number() + 1];
  std::partial_sum(first_of_reader_.begin(), first_of_reader_.end(), first_of_reader_.begin());
  of_reader_.resize(of_person_.size());
  std::vector<uint32_t> next = first_of_reader_;
  for (uint32_t person = 0; person < persons(); ++person) {
    for (const Link link : readers_of(person)) {
      of_reader_[next[link.number()]++] = Link(person, link.on_several_days());
    }
  }
}

void Activity::order_persons() {
  by_popularity_.resize(persons());
  std::iota(by_popularity_.begin(), by_popularity_.end(), 0U);
  std::stable_sort(by_popularity_.begin(), by_popularity_.end(),
                   [this](Person a, Person b) { return readers_of(a).size() < readers_of(b).size(); });
}

std::span<const Person> Activity::as_popular_as(Person person, size_t at_least) const {
  const size_t wanted = readers_of(person).size();
  const auto begin = std::partition_point(by_popularity_.begin(), by_popularity_.end(),
                                          [&](Person other) { return readers_of(other).size() < wanted; });
  const auto end = std::partition_point(begin, by_popularity_.end(),
                                        [&](Person other) { return readers_of(other).size() == wanted; });
  auto low = static_cast<size_t>(begin - by_popularity_.begin());
  auto high = static_cast<size_t>(end - by_popularity_.begin());
  while (high - low < std::min(at_least, by_popularity_.size())) {
    // The nearer of the two neighbours; the more popular one when they are as near.
    const bool has_low = low > 0;
    const bool has_high = high < by_popularity_.size();
    const size_t below = has_low ? wanted - readers_of(by_popularity_[low - 1]).size() : SIZE_MAX;
    const size_t above = has_high ? readers_of(by_popularity_[high]).size() - wanted : SIZE_MAX;
    if (above <= below) {
      ++high;
    } else {
      --low;
    }
  }
  return std::span(by_popularity_).subspan(low, high - low);
}

}  // namespace weerbaar::trace
