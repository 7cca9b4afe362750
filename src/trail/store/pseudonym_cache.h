// The pseudonyms of who was seen lately: a session looks at one person several times, and an employee comes back all
// day. It holds identities beside their pseudonyms, and so it is wiped from memory at its end, as keys are.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "trail/privacy/period.h"
#include "trail/privacy/pseudonymiser.h"

namespace weerbaar::trail {

// Bounded. Not thread-safe. `key` is always that of `period`.
class PseudonymCache {
 public:
  static constexpr size_t kIdentifiersMax = 100'000;
  static constexpr size_t kNumbersMax = 32'768;
  // All numbers of a domain have the same number of digits, at most so many.
  static constexpr size_t kDigitsMax = 9;

  PseudonymCache();
  ~PseudonymCache();
  PseudonymCache(const PseudonymCache&) = delete;
  PseudonymCache& operator=(const PseudonymCache&) = delete;

  // Pseudonymiser::encrypt_digits(). `number` is what the digits stand for.
  uint64_t number(Period period, Domain domain, uint64_t number, std::string_view digits, const Pseudonymiser& key);
  // Says that number() will be asked for these digits soon. look_up() then works out together all that is new since the
  // last time, which must be of one period: far cheaper than one by one. The texts must live until then.
  void expect_number(Period period, Domain domain, uint64_t number, std::string_view digits);
  void look_up(const Pseudonymiser& key);

  // Pseudonymiser::encrypt_identifier(), of 1 to kShortIdentifierBytesMax bytes. The bytes stay until make_room().
  std::string_view identifier(Period period, Domain domain, std::string_view text, const Pseudonymiser& key);
  // Forgets the identifiers when there are kIdentifiersMax; so call it now and then.
  void make_room();

 private:
  struct Number {
    uint64_t key;
    uint64_t pseudonym;
  };
  struct Expected {
    uint64_t key;
    std::string_view digits;
  };
  struct Slot {
    uint64_t hash;
    const uint8_t* item;  // null when free
  };
  static constexpr size_t kDomains = static_cast<size_t>(Domain::kAttribute) + 1;
  static constexpr size_t kBlockBytes = 64 << 10;
  using Block = std::array<uint8_t, kBlockBytes>;

  static uint64_t key_of(Period period, Domain domain, uint64_t number);
  Number& slot_of(uint64_t key);
  const uint8_t* keep(uint32_t tag, std::string_view text, const Pseudonymiser& key);
  void place(Slot slot);
  void forget_identifiers();

  std::vector<Number> numbers_;  // direct-mapped
  std::array<std::vector<Expected>, kDomains> expected_;
  std::vector<std::string_view> digits_;
  std::vector<uint64_t> pseudonyms_;
  std::vector<Slot> slots_;  // open addressing, a power of two
  size_t identifiers_ = 0;
  std::vector<std::unique_ptr<Block>> blocks_;  // items: tag (period, domain, length), text, pseudonym
  size_t used_ = 0;                             // of the last block
  Bytes made_;
};

}  // namespace weerbaar::trail
