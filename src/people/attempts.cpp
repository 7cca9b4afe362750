#include "people/attempts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace weerbaar::people {
namespace {

constexpr unsigned kDoublingsMax = 20;

// Who is taken for one client.
std::string client_of(std::string_view address) {
  in6_addr bytes{};
  std::string text(address);
  if (inet_pton(AF_INET6, text.c_str(), &bytes) != 1 || IN6_IS_ADDR_V4MAPPED(&bytes)) return text;
  return to_hex(ByteView(bytes.s6_addr).first(8));
}

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

std::optional<Attempts::Seconds> Attempts::delay(std::string_view account, std::string_view address, Moment now,
                                                 const std::function<bool()>& shows_code) {
  const std::string pair = pair_of(account, client_of(address));
  std::optional<Seconds> elsewhere;
  {
    const std::lock_guard lock(mutex_);
    const std::optional<Seconds> here = delay_of(here_, pair, kFreeHere, kDelayMax, now);
    // An empty optional is the least.
    elsewhere = std::max(delay_of(by_address_, client_of(address), kFreeAddress, kDelayMax, now),
                         delay_of(by_account_, std::string(account), kFreeAnywhere, kDelayMaxAnywhere, now));
    if (here) return std::max(here, elsewhere);
    if (!elsewhere) return std::nullopt;
    count(probes_, pair, now);
    if (probes_[pair].failures > kProbesMax) return elsewhere;
  }
  return shows_code() ? std::nullopt : elsewhere;
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
  count(here_, pair_of(account, client_of(address)), now);
  count(by_address_, client_of(address), now);
  count(by_account_, std::string(account), now);
}

void Attempts::succeeded(std::string_view account, std::string_view address) {
  const std::lock_guard lock(mutex_);
  here_.erase(pair_of(account, client_of(address)));
  probes_.erase(pair_of(account, client_of(address)));
}

}  // namespace weerbaar::people
