#include "ingest/sources/delimited/record_ids.h"

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr size_t kSlotsInitial = 1 << 10;
constexpr size_t kPrefixBytes = 16;

}  // namespace

RecordIds::RecordIds(size_t recent)
    : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
      context_(EVP_MD_CTX_new()),
      slots_(kSlotsInitial),
      recent_(recent) {
  WEERBAAR_CHECK(sha256_ != nullptr && context_ != nullptr);
}

std::optional<std::string_view> RecordIds::next(std::string_view record) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> hash{};
  const bool hashed = EVP_DigestInit_ex2(context_.get(), sha256_.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(context_.get(), record.data(), record.size()) == 1 &&
                      EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1;
  WEERBAAR_CHECK(hashed);
  forget_when_full();
  if (used_ >= slots_.size() / 4 * 3 && used_ < kHashedRecordsMax) grow();
  Slot& slot = slot_of(load_be<uint64_t>(hash.data()), load_be<uint32_t>(hash.data() + 8));
  if (slot.count == 0) {
    if (used_ == kHashedRecordsMax) return std::nullopt;
    slot.high = load_be<uint64_t>(hash.data());
    slot.low = load_be<uint32_t>(hash.data() + 8);
    ++used_;
  }
  ++slot.count;
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  char* to = text_.data();
  for (size_t i = 0; i < kPrefixBytes; ++i) {
    *to++ = kHexDigits[hash[i] >> 4U];
    *to++ = kHexDigits[hash[i] & 15U];
  }
  *to++ = '-';
  to = std::to_chars(to, text_.data() + text_.size(), slot.count).ptr;
  return std::string_view(text_.data(), static_cast<size_t>(to - text_.data()));
}

void RecordIds::forget_when_full() {
  if (recent_ == 0 || used_ < recent_) return;
  slots_.assign(slots_.size(), Slot{});
  used_ = 0;
}

// The slot of a hash, or the free one where it belongs.
RecordIds::Slot& RecordIds::slot_of(uint64_t high, uint32_t low) {
  const size_t mask = slots_.size() - 1;
  size_t at = high & mask;
  while (slots_[at].count != 0 && (slots_[at].high != high || slots_[at].low != low)) at = (at + 1) & mask;
  return slots_[at];
}

void RecordIds::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.count != 0) slot_of(slot.high, slot.low) = slot;
  }
}

}  // namespace weerbaar::ingest::delimited
