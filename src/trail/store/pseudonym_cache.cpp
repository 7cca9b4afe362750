#include "trail/store/pseudonym_cache.h"

#include <openssl/crypto.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kNoKey = UINT64_MAX;
constexpr size_t kSlotsFirst = 1'024;
constexpr size_t kTagBytes = sizeof(uint32_t);
static_assert(kShortIdentifierBytesMax < 256);

// What tells equal texts apart, and how long the text is.
uint32_t tag_of(Period period, Domain domain, std::string_view text) {
  return static_cast<uint32_t>(period.number) << 16U | static_cast<uint32_t>(domain) << 8U |
         static_cast<uint32_t>(text.size());
}

uint64_t hash_of(uint32_t tag, std::string_view text) {
  return XXH3_64bits_withSeed(text.data(), text.size(), tag);
}

// An item is its tag, its text and its pseudonym.
bool is_item(const uint8_t* item, uint32_t tag, std::string_view text) {
  return load_le<uint32_t>(item) == tag && std::memcmp(item + kTagBytes, text.data(), text.size()) == 0;
}

std::string_view pseudonym_in(const uint8_t* item, size_t text_bytes) {
  return as_text({item + kTagBytes + text_bytes, identifier_pseudonym_bytes(text_bytes)});
}

template <class T>
void wipe(std::vector<T>& items) {
  OPENSSL_cleanse(items.data(), items.size() * sizeof(T));
}

}  // namespace

PseudonymCache::PseudonymCache() : numbers_(kNumbersMax, Number{kNoKey, 0}), slots_(kSlotsFirst) {}

PseudonymCache::~PseudonymCache() {
  wipe(numbers_);
  wipe(pseudonyms_);
  for (std::vector<Expected>& expected : expected_) wipe(expected);
  forget_identifiers();
}

uint64_t PseudonymCache::key_of(Period period, Domain domain, uint64_t number) {
  static_assert(power_of_ten(kDigitsMax) <= uint64_t{1} << 32U);
  return static_cast<uint64_t>(period.number) << 40U | static_cast<uint64_t>(domain) << 32U | number;
}

PseudonymCache::Number& PseudonymCache::slot_of(uint64_t key) {
  // Fibonacci hashing: the high bits of a product spread neighbours.
  static_assert(kNumbersMax == 1U << 15U);
  return numbers_[key * 0x9E3779B97F4A7C15U >> (64U - 15U)];
}

uint64_t PseudonymCache::number(Period period, Domain domain, uint64_t number, std::string_view digits,
                                const Pseudonymiser& key) {
  const uint64_t name = key_of(period, domain, number);
  Number& slot = slot_of(name);
  if (slot.key != name) slot = {name, key.encrypt_digits(domain, digits)};
  return slot.pseudonym;
}

void PseudonymCache::expect_number(Period period, Domain domain, uint64_t number, std::string_view digits) {
  const uint64_t name = key_of(period, domain, number);
  Number& slot = slot_of(name);
  if (slot.key == name) return;
  // Marked, so that the same person is worked out once; look_up() fills in what is missing.
  slot = {name, 0};
  expected_[static_cast<size_t>(domain)].push_back({name, digits});
}

void PseudonymCache::look_up(const Pseudonymiser& key) {
  for (size_t domain = 0; domain < kDomains; ++domain) {
    std::vector<Expected>& expected = expected_[domain];
    if (expected.empty()) continue;
    digits_.clear();
    for (const Expected& one : expected) digits_.push_back(one.digits);
    pseudonyms_.resize(expected.size());
    key.encrypt_digits(static_cast<Domain>(domain), digits_, pseudonyms_);
    for (size_t i = 0; i < expected.size(); ++i) {
      Number& slot = slot_of(expected[i].key);
      // Another of these may have taken the slot.
      if (slot.key == expected[i].key) slot.pseudonym = pseudonyms_[i];
    }
    expected.clear();
  }
}

std::string_view PseudonymCache::identifier(Period period, Domain domain, std::string_view text,
                                            const Pseudonymiser& key) {
  WEERBAAR_CHECK(!text.empty() && text.size() <= kShortIdentifierBytesMax);
  const uint32_t tag = tag_of(period, domain, text);
  const uint64_t hash = hash_of(tag, text);
  for (uint64_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.item == nullptr) break;
    if (slot.hash == hash && is_item(slot.item, tag, text)) return pseudonym_in(slot.item, text.size());
  }
  const uint8_t* const item = keep(tag, text, key);
  place({hash, item});
  ++identifiers_;
  return pseudonym_in(item, text.size());
}

const uint8_t* PseudonymCache::keep(uint32_t tag, std::string_view text, const Pseudonymiser& key) {
  const size_t size = kTagBytes + text.size() + identifier_pseudonym_bytes(text.size());
  if (blocks_.empty() || used_ + size > kBlockBytes) {
    blocks_.push_back(std::make_unique<Block>());
    used_ = 0;
  }
  made_.clear();
  key.encrypt_identifier(static_cast<Domain>(tag >> 8U & 0xFFU), text, made_);
  uint8_t* const item = blocks_.back()->data() + used_;
  used_ += size;
  store_le(item, tag);
  std::ranges::copy(text, item + kTagBytes);
  std::ranges::copy(made_, item + kTagBytes + text.size());
  return item;
}

void PseudonymCache::place(Slot slot) {
  if (2 * (identifiers_ + 1) > slots_.size()) {
    std::vector<Slot> before(2 * slots_.size());
    before.swap(slots_);
    for (const Slot& old : before) {
      if (old.item != nullptr) place(old);
    }
  }
  uint64_t at = slot.hash & (slots_.size() - 1);
  while (slots_[at].item != nullptr) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = slot;
}

void PseudonymCache::make_room() {
  if (identifiers_ >= kIdentifiersMax) forget_identifiers();
}

void PseudonymCache::forget_identifiers() {
  for (const auto& block : blocks_) OPENSSL_cleanse(block->data(), block->size());
  blocks_.clear();
  used_ = 0;
  identifiers_ = 0;
  slots_.assign(kSlotsFirst, Slot{});
}

}  // namespace weerbaar::trail
