#include "people/attempts.h"

#include <algorithm>
#include <utility>

namespace weerbaar::people {
namespace {

constexpr unsigned kDoublingsMax = 20;

// A name may hold any character but a line break.
std::string pair_of(std::string_view account, std::string_view address) {
  return std::string(address) + '\n' + std::string(account);
}

}  // namespace

std::optional<Attempts::Seconds> Attempts::delay_of(const Counts& counts, const std::string& key, unsigned free,
                                                    Seconds max, Moment now) {
  const auto found = counts.find(key);
  if (found == counts.end() || found->second.failures < free || now - found->second.last >= kForget) {
    return std::nullopt;
  }
  const unsigned doublings = std::min(found->second.failures - free, kDoublingsMax);
  const Seconds wait = std::min(Seconds(int64_t{1} << doublings), max);
  const auto waited = std::chrono::duration_cast<Seconds>(now - found->second.last);
  if (waited >= wait) return std::nullopt;
  return wait - waited;
}

std::optional<Attempts::Seconds> Attempts::delay(std::string_view account, std::string_view address, Moment now) const {
  const std::lock_guard lock(mutex_);
  std::optional<Seconds> longest = delay_of(here_, pair_of(account, address), kFreeHere, kDelayMax, now);
  // An empty optional is the least.
  longest = std::max(longest, delay_of(by_address_, std::string(address), kFreeAddress, kDelayMax, now));
  return std::max(longest, delay_of(by_account_, std::string(account), kFreeAnywhere, kDelayMaxAnywhere, now));
}

void Attempts::count(Counts& counts, const std::string& key, Moment now) {
  if (counts.size() >= kRemembered && !counts.contains(key)) {
    std::erase_if(counts, [now](const auto& item) { return now - item.second.last >= kForget; });
    if (counts.size() >= kRemembered) {
      counts.erase(std::ranges::min_element(counts, {}, [](const auto& item) { return item.second.last; }));
    }
  }
  Count& one = counts[key];
  if (now - one.last >= kForget) one.failures = 0;
  ++one.failures;
  one.last = now;
}

void Attempts::failed(std::string_view account, std::string_view address, Moment now) {
  const std::lock_guard lock(mutex_);
  count(here_, pair_of(account, address), now);
  count(by_address_, std::string(address), now);
  count(by_account_, std::string(account), now);
}

void Attempts::succeeded(std::string_view account, std::string_view address) {
  const std::lock_guard lock(mutex_);
  here_.erase(pair_of(account, address));
}

}  // namespace weerbaar::people
