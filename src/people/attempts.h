// Slows down who guesses: after some failures each next attempt has to wait longer, by account and by address.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weerbaar::people {

// Thread-safe. Forgets all when the program ends, and the oldest beyond kRemembered.
//
// An account that is guessed at from one address waits there, for at most kDelayMax, and its owner elsewhere does not.
// An account that is guessed at from many addresses waits everywhere, and an address that tries many accounts waits for
// all of them; but not who shows a code that is right, so that neither locks out the owner, or those behind the same
// address. Trying for a code that is right is counted: after kProbesMax it helps no more.
//
// An address is one of IPv4, or the first 64 bits of one of IPv6: whoever has one of those has them all.
class Attempts {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  using Seconds = std::chrono::seconds;

  // So many failures are free; each one beyond doubles the delay, from one second on.
  static constexpr unsigned kFreeHere = 5;       // one account from one address
  static constexpr unsigned kFreeAddress = 30;   // one address, whatever the account
  static constexpr unsigned kFreeAnywhere = 50;  // one account, from wherever
  static constexpr Seconds kDelayMax{900};
  static constexpr Seconds kDelayMaxAnywhere{30};
  // After so long without a failure it is forgotten.
  static constexpr Seconds kForget{3'600};
  static constexpr size_t kRemembered = 100'000;
  static constexpr unsigned kProbesMax = 10;  // one account from one address, an hour

  // How long an attempt has to wait; nothing: it may go on now.
  // `shows_code`: whether the code that comes with it is right; asked when that makes a difference only.
  [[nodiscard]] std::optional<Seconds> delay(std::string_view account, std::string_view address, Moment now,
                                             const std::function<bool()>& shows_code);
  void failed(std::string_view account, std::string_view address, Moment now);
  // The owner proved it: what was counted for the account from this address is forgotten.
  void succeeded(std::string_view account, std::string_view address);

 private:
  struct Count {
    unsigned failures = 0;
    Moment last;
  };
  using Counts = std::unordered_map<std::string, Count>;

  static std::optional<Seconds> delay_of(const Counts& counts, const std::string& key, unsigned free, Seconds max,
                                         Moment now);
  static void count(Counts& counts, const std::string& key, Moment now);

  std::mutex mutex_;
  Counts here_;
  Counts probes_;
  Counts by_address_;
  Counts by_account_;
};

}  // namespace weerbaar::people
