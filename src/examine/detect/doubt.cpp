#include "examine/detect/doubt.h"

#include <algorithm>

#include "base/time.h"

namespace weerbaar::detect {
namespace {

constexpr double kHalfExplained = 0.2;
constexpr int64_t kLook = 3'600 * kMicrosPerSecond;

}  // namespace

double doubt_of(const Observation& access, const ObservedSubject& subject) {
  if ((subject.flags & kSelf) != 0) return 0;
  if (subject.explained && !subject.by_broken_glass) return 0;
  // Who searches by a name sees namesakes too.
  const double share = access.action == Action::kSearch ? 1 / static_cast<double>(access.subjects.size()) : 1;
  const bool is_half = subject.explained || access.claims_case || subject.known_by_work;
  return share * (is_half ? kHalfExplained : 1);
}

double RecentLooks::add(uint32_t employee, uint64_t subject, int64_t time, double weight) {
  if (employee >= looks_.size()) looks_.resize(employee + 1);
  auto& looks = looks_[employee];
  const auto known =
      std::ranges::find_if(looks, [&](const Look& look) { return look.subject == subject && look.time != INT64_MIN; });
  const auto place = known == looks.end() ? looks.end() - 1 : known;
  if (known == looks.end() || std::max(time, known->time) - std::min(time, known->time) > kLook)
    *place = {subject, time, 0};
  const double more = std::max(0.0, weight - place->weight);
  place->weight += more;
  std::rotate(looks.begin(), place, place + 1);
  return more;
}

}  // namespace weerbaar::detect
