#include "trail/privacy/pseudonymiser.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <set>

#include "trail/privacy/ff1_reference.h"

namespace weerbaar::trail {
namespace {

constexpr Domain kDomains[] = {
    Domain::kActor,          Domain::kOnBehalfOf,      Domain::kTerminal,     Domain::kIp,
    Domain::kSubjectBsn,     Domain::kSubjectRsin,     Domain::kSubjectKvk,   Domain::kSubjectVehicle,
    Domain::kSubjectAddress, Domain::kSubjectEmployee, Domain::kSubjectOther, Domain::kQuery,
    Domain::kReason,         Domain::kAttribute};

Pseudonymiser make(uint8_t key_byte) {
  return Pseudonymiser::create(Bytes(kPeriodKeyBytes, key_byte)).value();
}

Bytes identifier_pseudonym(const Pseudonymiser& key, Domain domain, std::string_view text) {
  Bytes pseudonym;
  key.encrypt_identifier(domain, text, pseudonym);
  return pseudonym;
}

Bytes hmac(ByteView key, ByteView message) {
  Bytes mac(32);
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), mac.data(), nullptr);
  return mac;
}

// RFC 5869 written out: extract with a salt of zeros, then one block of expansion after the other.
Bytes hkdf(ByteView key, std::string_view info, size_t size) {
  const Bytes extracted = hmac(Bytes(32, 0), key);
  Bytes output;
  Bytes block;
  for (uint8_t i = 1; output.size() < size; ++i) {
    append(block, as_bytes(info));
    block.push_back(i);
    block = hmac(extracted, block);
    append(output, block);
  }
  output.resize(size);
  return output;
}

TEST(Pseudonymiser, equals_the_published_constructions_put_together_by_hand) {
  const Bytes key(kPeriodKeyBytes, 7);
  const Aes aes = Aes::create(hkdf(key, "weerbaar/ff1", 32)).value();
  const Siv siv = Siv::create(hkdf(key, "weerbaar/siv", 64)).value();
  const Pseudonymiser pseudonymiser = make(7);
  const Bytes tweak = {4};

  const auto digits = reference::ff1(aes, false, tweak, 10, reference::numerals_from_digits(12'345'672, 9));
  EXPECT_EQ(pseudonymiser.encrypt_digits(Domain::kSubjectBsn, "012345672"), reference::number_from_digits(digits));

  const auto text = reference::ff1(aes, false, tweak, 256, {'u', '1', 0xFF, 0xFF});
  EXPECT_EQ(identifier_pseudonym(pseudonymiser, Domain::kSubjectBsn, "u1"), Bytes(text.begin(), text.end()));

  const std::string long_text(65, 'x');
  Bytes sealed;
  siv.encrypt(tweak, as_bytes(long_text), sealed);
  EXPECT_EQ(identifier_pseudonym(pseudonymiser, Domain::kSubjectBsn, long_text), sealed);
  Bytes free_text;
  pseudonymiser.encrypt_text(Domain::kSubjectBsn, long_text, free_text);
  EXPECT_EQ(free_text, sealed);
}

// A change of these values makes every existing trail unreadable.
TEST(Pseudonymiser, gives_the_values_that_existing_trails_hold) {
  const Pseudonymiser key = make(7);
  EXPECT_EQ(key.encrypt_digits(Domain::kSubjectBsn, "123456782"), 929'462'401U);
  EXPECT_EQ(to_hex(identifier_pseudonym(key, Domain::kActor, "u104233")), "1bbd0ee2489e5f");
  Bytes sealed;
  key.encrypt_text(Domain::kReason, "spoed", sealed);
  EXPECT_EQ(to_hex(sealed), "53c36f51ff7dd05b5ec993058c74e8472ed15c22ea");
}

TEST(Pseudonymiser, digits_keep_their_width_and_leading_zeros) {
  const Pseudonymiser key = make(1);
  for (const char* digits :
       {"000000", "000001", "01234567", "000000000", "999999999", "012345672", "999999999999999999"}) {
    const uint64_t pseudonym = key.encrypt_digits(Domain::kSubjectRsin, digits);
    const auto width = static_cast<unsigned>(std::string_view(digits).size());
    EXPECT_LT(pseudonym, power_of_ten(width));
    EXPECT_EQ(key.decrypt_digits(Domain::kSubjectRsin, pseudonym, width).value(), digits);
  }
}

TEST(Pseudonymiser, numbers_that_cannot_be_pseudonyms_are_corrupt) {
  const Pseudonymiser key = make(1);
  EXPECT_EQ(key.decrypt_digits(Domain::kSubjectBsn, 1'000'000'000, 9).error().code, Code::kCorrupt);
  EXPECT_EQ(key.decrypt_digits(Domain::kSubjectBsn, ~uint64_t{0}, 18).error().code, Code::kCorrupt);
  EXPECT_EQ(key.decrypt_digits(Domain::kSubjectBsn, 1, 5).error().code, Code::kCorrupt);
  EXPECT_EQ(key.decrypt_digits(Domain::kSubjectBsn, 1, 19).error().code, Code::kCorrupt);
}

TEST(Pseudonymiser, identifiers_of_every_length_come_back_and_fill_the_length_promised) {
  const Pseudonymiser key = make(1);
  const std::string_view letters = "u104233 \xC3\xA9";
  for (size_t length = 1; length <= kIdentifierBytesMax; ++length) {
    std::string text;
    while (text.size() + letters.size() <= length) text += letters;
    text.resize(length, 'z');
    const Bytes pseudonym = identifier_pseudonym(key, Domain::kSubjectOther, text);
    ASSERT_EQ(pseudonym.size(), identifier_pseudonym_bytes(length));
    ASSERT_EQ(key.decrypt_identifier(Domain::kSubjectOther, pseudonym).value(), text);
  }
}

TEST(Pseudonymiser, padding_gives_no_two_identifiers_the_same_pseudonym) {
  const Pseudonymiser key = make(1);
  std::set<Bytes> pseudonyms;
  std::vector<std::string> texts = {""};
  size_t count = 0;
  for (size_t length = 1; length <= 4; ++length) {
    std::vector<std::string> longer;
    for (const std::string& text : texts) {
      for (const char c : {'\0', ' ', '0', '1', 'a', '~', '\x7F'}) longer.push_back(text + c);
    }
    texts = longer;
    for (const std::string& text : texts) pseudonyms.insert(identifier_pseudonym(key, Domain::kActor, text));
    count += texts.size();
  }
  EXPECT_EQ(pseudonyms.size(), count);
}

TEST(Pseudonymiser, a_million_sequential_numbers_get_a_million_pseudonyms) {
  const Pseudonymiser key = make(1);
  constexpr size_t kCount = 1'000'000;
  std::vector<std::string> texts(kCount);
  for (size_t i = 0; i < kCount; ++i) texts[i] = std::to_string(100'000'000 + i);
  const std::vector<std::string_view> digits(texts.begin(), texts.end());
  std::vector<uint64_t> pseudonyms(kCount);
  key.encrypt_digits(Domain::kSubjectBsn, digits, pseudonyms);
  EXPECT_EQ(key.encrypt_digits(Domain::kSubjectBsn, digits[777'777]), pseudonyms[777'777]);
  EXPECT_EQ(key.decrypt_digits(Domain::kSubjectBsn, pseudonyms[123'456], 9).value(), digits[123'456]);
  std::vector<uint64_t> numbers = pseudonyms;
  key.decrypt_digits(Domain::kSubjectBsn, 9, numbers);
  for (size_t i = 0; i < kCount; ++i) ASSERT_EQ(numbers[i], 100'000'000 + i);
  std::ranges::sort(pseudonyms);
  EXPECT_EQ(std::ranges::adjacent_find(pseudonyms), pseudonyms.end());
  EXPECT_LT(pseudonyms.back(), 1'000'000'000U);
}

TEST(Pseudonymiser, the_same_text_is_unrelated_in_other_domains_and_under_other_keys) {
  std::set<uint64_t> digits;
  std::set<Bytes> identifiers;
  std::set<Bytes> texts;
  for (const uint8_t key_byte : {uint8_t{1}, uint8_t{2}}) {
    const Pseudonymiser key = make(key_byte);
    for (const Domain domain : kDomains) {
      digits.insert(key.encrypt_digits(domain, "123456782"));
      identifiers.insert(identifier_pseudonym(key, domain, "u104233-long"));
      Bytes sealed;
      key.encrypt_text(domain, "reden", sealed);
      texts.insert(std::move(sealed));
    }
  }
  const size_t expected = 2 * std::size(kDomains);
  EXPECT_EQ(digits.size(), expected);
  EXPECT_EQ(identifiers.size(), expected);
  EXPECT_EQ(texts.size(), expected);
}

TEST(Pseudonymiser, a_batch_gives_what_one_by_one_gives) {
  const Pseudonymiser key = make(1);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 1'000; ++i) texts.emplace_back(i * 7 % 90 + 1, static_cast<char>('a' + i % 26));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Bytes together = {1, 2, 3};
  Bytes apart = {1, 2, 3};
  key.encrypt_identifiers(Domain::kActor, views, together);
  for (const std::string_view text : views) key.encrypt_identifier(Domain::kActor, text, apart);
  EXPECT_EQ(together, apart);
  key.encrypt_identifiers(Domain::kActor, {}, together);
  key.encrypt_digits(Domain::kActor, {}, {});
  EXPECT_EQ(together, apart);
}

TEST(Pseudonymiser, another_key_or_domain_never_gives_the_identity) {
  const Pseudonymiser key = make(1);
  const Pseudonymiser other = make(2);
  for (const std::string& text : {std::string("u104233"), std::string("u1"), std::string(65, 'x')}) {
    const Bytes pseudonym = identifier_pseudonym(key, Domain::kActor, text);
    for (const auto& result : {other.decrypt_identifier(Domain::kActor, pseudonym),
                               key.decrypt_identifier(Domain::kOnBehalfOf, pseudonym)}) {
      if (result.has_value()) {
        EXPECT_NE(*result, text);
      } else {
        EXPECT_EQ(result.error().code, Code::kCorrupt);
      }
    }
  }
  Bytes sealed;
  key.encrypt_text(Domain::kReason, "spoed", sealed);
  EXPECT_EQ(other.decrypt_text(Domain::kReason, sealed).error().code, Code::kCorrupt);
  EXPECT_EQ(key.decrypt_text(Domain::kQuery, sealed).error().code, Code::kCorrupt);
}

TEST(Pseudonymiser, bytes_that_no_identifier_has_are_corrupt) {
  const Pseudonymiser key = make(1);
  for (const size_t size : {0U, 1U, 3U, 65U, 80U, 81U, 528U, 529U, 5'000U}) {
    const auto refused = key.decrypt_identifier(Domain::kActor, Bytes(size, 0x41));
    ASSERT_FALSE(refused.has_value()) << size;
    EXPECT_EQ(refused.error().code, Code::kCorrupt);
  }
}

TEST(Pseudonymiser, knows_which_texts_are_numbers) {
  for (const char* number : {"000000", "123456782", "123456789012345678"}) EXPECT_TRUE(fits_digits(number)) << number;
  for (const char* other : {"", "12345", "1234567890123456789", "12345678A", "-12345678", "12 456782"}) {
    EXPECT_FALSE(fits_digits(other)) << other;
  }
}

TEST(Pseudonymiser, refuses_keys_of_another_size) {
  EXPECT_EQ(Pseudonymiser::create(Bytes(16)).error().code, Code::kInvalid);
  EXPECT_EQ(Pseudonymiser::create(Bytes(64)).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trail
