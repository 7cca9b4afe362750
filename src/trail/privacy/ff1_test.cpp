#include "trail/privacy/ff1.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>

#include "trail/privacy/ff1_reference.h"

namespace weerbaar::trail {
namespace {

using reference::Numerals;

constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kKey128 = "2B7E151628AED2A6ABF7158809CF4F3C";
constexpr std::string_view kKey192 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F";
constexpr std::string_view kKey256 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";
constexpr std::string_view kTweak10 = "39383736353433323130";
constexpr std::string_view kTweak36 = "3737373770717273373737";

struct Sample {
  std::string_view key;
  uint32_t radix;
  std::string_view tweak;
  std::string_view plain;
  std::string_view cipher;
};

// NIST, "Block Cipher Modes of Operation: FF1 Method for Format-Preserving Encryption", samples 1 to 9
// (FF1samples.pdf).
constexpr Sample kNistSamples[] = {
    {kKey128, 10, "", "0123456789", "2433477484"},
    {kKey128, 10, kTweak10, "0123456789", "6124200773"},
    {kKey128, 36, kTweak36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
    {kKey192, 10, "", "0123456789", "2830668132"},
    {kKey192, 10, kTweak10, "0123456789", "2496655549"},
    {kKey192, 36, kTweak36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
    {kKey256, 10, "", "0123456789", "6657667009"},
    {kKey256, 10, kTweak10, "0123456789", "1001623463"},
    {kKey256, 36, kTweak36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
};

Numerals numerals_from(std::string_view text) {
  Numerals numerals;
  for (const char c : text) numerals.push_back(static_cast<uint32_t>(kAlphabet.find(c)));
  return numerals;
}

Bytes key_of(std::string_view hex) {
  return from_hex(hex).value();
}

Bytes as_one_text(const Numerals& numerals) {
  return {numerals.begin(), numerals.end()};
}

TEST(Ff1, the_reference_gives_the_samples_of_nist) {
  for (const Sample& sample : kNistSamples) {
    const Aes aes = Aes::create(key_of(sample.key)).value();
    const Bytes tweak = key_of(sample.tweak);
    const Numerals plain = numerals_from(sample.plain);
    const Numerals cipher = numerals_from(sample.cipher);
    EXPECT_EQ(reference::ff1(aes, false, tweak, sample.radix, plain), cipher) << sample.cipher;
    EXPECT_EQ(reference::ff1(aes, true, tweak, sample.radix, cipher), plain) << sample.cipher;
  }
}

// The published samples need one block of pseudorandom output; this one, from the tests of github.com/capitalone/fpe
// (a text of 128 characters in radix 36 under the AES-256 key), needs several.
TEST(Ff1, the_reference_agrees_with_another_implementation_on_a_long_text) {
  const std::string_view cipher =
      "lwulibfp1ju3ksztumqomwenpv7duy9q7pg7zf3eg3rjlfy46gmgkqjfwvromfjjktmbey8meqk9zkcmgvkv4s9ll5ctozme1hf15w7xo6zsylqc"
      "r0"
      "nbx9jbf10umzok";
  std::string plain;
  while (plain.size() < cipher.size()) plain += "xs8a0azh2avyalyzuwd";
  plain.resize(cipher.size());
  const Aes aes = Aes::create(key_of(kKey256)).value();
  EXPECT_EQ(reference::ff1(aes, false, {}, 36, numerals_from(plain)), numerals_from(cipher));
}

TEST(Ff1, numbers_give_the_decimal_samples_of_nist) {
  for (const Sample& sample : kNistSamples) {
    if (sample.radix != 10) continue;
    const Ff1 ff1 = Ff1::create(key_of(sample.key)).value();
    const Bytes tweak = key_of(sample.tweak);
    uint64_t number[] = {std::stoull(std::string(sample.plain))};
    ff1.encrypt_digits(tweak, 10, number);
    EXPECT_EQ(number[0], std::stoull(std::string(sample.cipher)));
    ff1.decrypt_digits(tweak, 10, number);
    EXPECT_EQ(number[0], std::stoull(std::string(sample.plain)));
  }
}

TEST(Ff1, numbers_of_every_width_and_tweak_equal_the_reference_in_batches_of_any_size) {
  const Aes aes = Aes::create(key_of(kKey256)).value();
  const Ff1 ff1 = Ff1::create(key_of(kKey256)).value();
  std::mt19937_64 random(1);
  for (unsigned width = Ff1::kDigitsMin; width <= Ff1::kDigitsMax; ++width) {
    const Bytes tweak(width % (Ff1::kTweakBytesMax + 1), static_cast<uint8_t>(width));
    std::vector<uint64_t> plain = {0, 1, power_of_ten(width) - 1, power_of_ten(width / 2), power_of_ten(width - 1)};
    while (plain.size() < 60 + width) plain.push_back(random() % power_of_ten(width));
    std::vector<uint64_t> numbers = plain;
    ff1.encrypt_digits(tweak, width, numbers);
    for (size_t i = 0; i < plain.size(); ++i) {
      const Numerals expected = reference::ff1(aes, false, tweak, 10, reference::numerals_from_digits(plain[i], width));
      ASSERT_EQ(numbers[i], reference::number_from_digits(expected)) << width << " digits, input " << i;
    }
    ff1.decrypt_digits(tweak, width, numbers);
    EXPECT_EQ(numbers, plain);
  }
}

TEST(Ff1, texts_of_every_length_equal_the_reference_and_come_back) {
  const Aes aes = Aes::create(key_of(kKey256)).value();
  const Ff1 ff1 = Ff1::create(key_of(kKey256)).value();
  std::mt19937_64 random(2);
  std::vector<size_t> lengths;
  for (size_t length = Ff1::kTextBytesMin; length <= 140; ++length) lengths.push_back(length);
  for (const size_t length : {255U, 256U, 511U, 512U, 2'049U, 4'095U, 4'096U}) lengths.push_back(length);
  for (const size_t tweak_bytes : {size_t{0}, size_t{1}, Ff1::kTweakBytesMax}) {
    const Bytes tweak(tweak_bytes, 0x5A);
    std::vector<Bytes> texts;
    for (const size_t length : lengths) {
      Bytes text(length);
      for (uint8_t& byte : text) byte = static_cast<uint8_t>(random());
      if (length % 5 == 0) std::fill(text.begin(), text.end(), length % 2 == 0 ? uint8_t{0} : uint8_t{0xFF});
      texts.push_back(std::move(text));
    }
    std::vector<Bytes> worked = texts;
    const std::vector<std::span<uint8_t>> views(worked.begin(), worked.end());
    ff1.encrypt_texts(tweak, views);
    for (size_t i = 0; i < texts.size(); ++i) {
      const Numerals plain(texts[i].begin(), texts[i].end());
      ASSERT_EQ(worked[i], as_one_text(reference::ff1(aes, false, tweak, 256, plain))) << texts[i].size() << " bytes";
    }
    ff1.decrypt_texts(tweak, views);
    EXPECT_EQ(worked, texts);
  }
}

TEST(Ff1, permutes_the_whole_domain_of_six_digits) {
  const Ff1 ff1 = Ff1::create(key_of(kKey128)).value();
  std::vector<uint64_t> numbers(1'000'000);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  ff1.encrypt_digits(as_bytes("t"), 6, numbers);
  std::vector<bool> seen(numbers.size());
  for (const uint64_t number : numbers) {
    ASSERT_LT(number, seen.size());
    ASSERT_FALSE(seen[number]);
    seen[number] = true;
  }
}

TEST(Ff1, several_threads_may_share_one_object) {
  const Ff1 ff1 = Ff1::create(key_of(kKey256)).value();
  std::vector<uint64_t> expected(1'000);
  for (size_t i = 0; i < expected.size(); ++i) expected[i] = i;
  ff1.encrypt_digits(as_bytes("t"), 9, expected);
  std::vector<std::vector<uint64_t>> results(4, std::vector<uint64_t>(expected.size()));
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&ff1, &result] {
        for (size_t i = 0; i < result.size(); ++i) {
          result[i] = i;
          ff1.encrypt_digits(as_bytes("t"), 9, std::span(result).subspan(i, 1));
        }
      });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Ff1, refuses_keys_that_aes_does_not_have) {
  for (const size_t size : {0U, 15U, 31U, 33U, 64U}) {
    const auto refused = Ff1::create(Bytes(size));
    ASSERT_FALSE(refused.has_value()) << size;
    EXPECT_EQ(refused.error().code, Code::kInvalid);
  }
}

TEST(Ff1DeathTest, input_outside_its_domain_is_a_broken_invariant) {
  const Ff1 ff1 = Ff1::create(key_of(kKey128)).value();
  uint64_t number[] = {1'000'000'000};
  EXPECT_DEATH(ff1.encrypt_digits({}, 9, number), "broken invariant");
  EXPECT_DEATH(ff1.encrypt_digits({}, Ff1::kDigitsMin - 1, number), "broken invariant");
  Bytes text(3);
  const std::span<uint8_t> views[] = {text};
  EXPECT_DEATH(ff1.encrypt_texts({}, views), "broken invariant");
}

}  // namespace
}  // namespace weerbaar::trail
