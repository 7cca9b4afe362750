#include "trail/store/pseudonym_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weerbaar::trail {
namespace {

constexpr Period kSpring{8104};
constexpr Period kSummer{8105};

Pseudonymiser key_of(uint8_t byte) {
  return Pseudonymiser::create(Bytes(kPeriodKeyBytes, byte)).value();
}

std::string directly(const Pseudonymiser& key, Domain domain, std::string_view text) {
  Bytes pseudonym;
  key.encrypt_identifier(domain, text, pseudonym);
  return std::string(as_text(pseudonym));
}

TEST(PseudonymCache, numbers_are_those_of_the_pseudonymiser) {
  const Pseudonymiser spring = key_of(1);
  const Pseudonymiser summer = key_of(2);
  PseudonymCache cache;
  std::mt19937_64 random(1);
  // More persons than slots, so that they drive each other out, also between what is expected and what is asked.
  for (int round = 0; round < 40; ++round) {
    const bool is_spring = random() % 2 == 0;
    const Period period = is_spring ? kSpring : kSummer;
    const Pseudonymiser& key = is_spring ? spring : summer;
    std::vector<std::pair<Domain, std::string>> asked;
    for (int i = 0; i < 3'000; ++i) {
      const uint64_t person = random() % 50'000;
      switch (random() % 3) {
        case 0:
          asked.emplace_back(Domain::kSubjectBsn, fmt::format("{:09}", person));
          break;
        case 1:
          asked.emplace_back(Domain::kSubjectRsin, fmt::format("{:09}", person));
          break;
        default:
          asked.emplace_back(Domain::kSubjectKvk, fmt::format("{:08}", person));
      }
    }
    const bool looks_ahead = random() % 4 != 0;
    for (const auto& [domain, digits] : asked) {
      if (looks_ahead) cache.expect_number(period, domain, std::stoull(digits), digits);
    }
    if (looks_ahead) cache.look_up(key);
    for (const auto& [domain, digits] : asked) {
      ASSERT_EQ(cache.number(period, domain, std::stoull(digits), digits, key), key.encrypt_digits(domain, digits))
          << digits;
    }
  }
}

TEST(PseudonymCache, identifiers_are_those_of_the_pseudonymiser) {
  const Pseudonymiser spring = key_of(1);
  const Pseudonymiser summer = key_of(2);
  PseudonymCache cache;
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const bool is_spring = random() % 2 == 0;
    const Pseudonymiser& key = is_spring ? spring : summer;
    const Domain domain = random() % 2 == 0 ? Domain::kActor : Domain::kTerminal;
    std::string text = fmt::format("u{}", random() % 1'000);
    text.resize(1 + random() % kShortIdentifierBytesMax, 'x');
    ASSERT_EQ(cache.identifier(is_spring ? kSpring : kSummer, domain, text, key), directly(key, domain, text));
  }
}

TEST(PseudonymCache, forgets_rather_than_grow_without_end) {
  const Pseudonymiser key = key_of(1);
  PseudonymCache cache;
  for (size_t i = 0; i < PseudonymCache::kIdentifiersMax + 100; ++i) {
    cache.make_room();
    const std::string text = fmt::format("u{:06}", i);
    const std::string_view pseudonym = cache.identifier(kSpring, Domain::kActor, text, key);
    if (i % 1'000 != 0) continue;
    ASSERT_EQ(pseudonym, directly(key, Domain::kActor, text));
  }
  EXPECT_EQ(cache.identifier(kSpring, Domain::kActor, "u000000", key), directly(key, Domain::kActor, "u000000"));
}

}  // namespace
}  // namespace weerbaar::trail
