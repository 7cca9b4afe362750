// For tests only: a small leak whose figures can be followed by hand.
#pragma once

#include <vector>

#include "examine/trace/activity.h"
#include "examine/trace/leak.h"

namespace weerbaar::trace::testing {

inline constexpr Time kLeakFrom{20'000 * kMicrosPerDay, 0};
inline constexpr Time kLeakBefore{20'100 * kMicrosPerDay, 0};

inline Time on_day(int64_t day) {
  return {kLeakFrom.micros + day * kMicrosPerDay, 0};
}

// 400 persons and 40 readers. Reader r works on the ten persons from 10 · r on; of these reader r + 1 saw the first
// five too, and reader r − 1 the others. Reader 0 saw everybody. Five leaked persons, of the work of the readers 5, 10,
// 15, 20 and 25; reader 30 saw all of them on the days 80 to 84, besides its own work.
struct SmallLeak {
  static constexpr size_t kPersons = 400;
  static constexpr size_t kReaders = 40;
  static constexpr Reader kSeller = 30;
  static constexpr Reader kEverybody = 0;

  std::vector<Look> looks;
  Leak leak;

  SmallLeak() {
    leak.from = kLeakFrom;
    leak.before = kLeakBefore;
    for (Person person = 0; person < kPersons; ++person) {
      const Reader own = person / 10;
      looks.push_back({person, own, true});
      const size_t away = person % 10 < 5 ? 1 : kReaders - 1;
      looks.push_back({person, static_cast<Reader>((own + away) % kReaders), false});
      looks.push_back({person, kEverybody, false});
    }
    for (Person person = 50; person < 300; person += 50) {
      LeakedPerson leaked;
      leaked.person = person;
      const Reader own = person / 10;
      for (const Reader reader : {kEverybody, own, own + 1}) leaked.reads.push_back({reader, on_day(10), {}, ""});
      leaked.reads.push_back({own, on_day(20), {}, ""});
      const auto day = static_cast<int64_t>(80 + leak.persons.size());
      leaked.reads.push_back({kSeller, on_day(day), {}, ""});
      looks.push_back({person, kSeller, false});
      leak.persons.push_back(leaked);
    }
  }

  [[nodiscard]] Activity activity() const { return Activity(looks, kPersons, kReaders); }
};

}  // namespace weerbaar::trace::testing
