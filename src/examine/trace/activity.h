// Who consulted whom in the time considered, among many persons: what is ordinary in the organisation, and what the
// consultations of leaked persons are held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weerbaar::trace {

// Readers (employees or accounts) and persons are numbered from 0 by who gathers the consultations.
using Reader = uint32_t;
using Person = uint32_t;

// One reader consulted one person, once or more often.
struct Look {
  Person person = 0;
  Reader reader = 0;
  bool on_several_days = false;
};

// The other end of a look.
class Link {
 public:
  // Numbers are below this.
  static constexpr size_t kNumbersMax = size_t{1} << 31U;

  Link() = default;
  Link(uint32_t number, bool on_several_days) : bits_(number << 1U | uint32_t{on_several_days}) {}

  [[nodiscard]] uint32_t number() const { return bits_ >> 1U; }
  [[nodiscard]] bool on_several_days() const { return (bits_ & 1U) != 0; }

 private:
  uint32_t bits_ = 0;
};

// Immutable. Takes 8 bytes a look and 12 a person.
class Activity {
 public:
  // In any order; what is given twice counts once, and is on several days when either is. Every number is below
  // `persons` and `readers`, and there are fewer than 2^32 looks.
  Activity(std::span<const Look> looks, size_t persons, size_t readers);

  [[nodiscard]] size_t persons() const { return first_of_person_.size() - 1; }
  [[nodiscard]] size_t readers() const { return first_of_reader_.size() - 1; }
  // Pairs of a person and a reader.
  [[nodiscard]] size_t looks() const { return of_person_.size(); }

  // Ascending.
  [[nodiscard]] std::span<const Link> readers_of(Person person) const {
    return between(of_person_, first_of_person_, person);
  }
  [[nodiscard]] std::span<const Link> persons_of(Reader reader) const {
    return between(of_reader_, first_of_reader_, reader);
  }
  // Persons consulted by as many readers as this one, itself among them; where they are fewer than `at_least`, with
  // those who come nearest in that number.
  [[nodiscard]] std::span<const Person> as_popular_as(Person person, size_t at_least) const;

 private:
  static std::span<const Link> between(const std::vector<Link>& links, const std::vector<uint32_t>& first,
                                       uint32_t number) {
    return std::span(links).subspan(first[number], first[number + 1] - first[number]);
  }
  void link_persons(std::span<const Look> looks, size_t persons);
  void link_readers(size_t readers);
  void order_persons();

  std::vector<Link> of_person_;
  std::vector<uint32_t> first_of_person_;
  std::vector<Link> of_reader_;
  std::vector<uint32_t> first_of_reader_;
  std::vector<Person> by_popularity_;
};

}  // namespace weerbaar::trace
