#include "examine/purpose/alike.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>

#include "examine/purpose/plan.h"

namespace weerbaar::purpose {
namespace {

constexpr size_t kWords = 8;

// What rules ask, in as many words for each access.
class Essence {
 public:
  explicit Essence(const Asked& asked) : bits_(asked.bits), asks_data_(asks(asked, Property::kData)) {
    constexpr std::array kSingle = {Property::kEmployee, Property::kCase,   Property::kActivity,  Property::kUnit,
                                    Property::kFunction, Property::kSystem, Property::kOnBehalfOf};
    for (size_t i = 0; i < kSingle.size(); ++i) masks_[i] = asks(asked, kSingle[i]) ? UINT32_MAX : 0;
  }

  [[nodiscard]] std::array<uint32_t, kWords> words(const Access& access) const {
    return {access.employee & masks_[0],     access.claimed_case & masks_[1], access.activity & masks_[2],
            access.unit & masks_[3],         access.function & masks_[4],     access.system & masks_[5],
            access.on_behalf_of & masks_[6], bits_of(access) & bits_};
  }
  [[nodiscard]] uint64_t hash(const Access& access) const {
    const auto own = words(access);
    const uint64_t seed = asks_data_ ? XXH3_64bits(access.data.data(), access.data.size_bytes()) : 0;
    const uint64_t subjects = XXH3_64bits_withSeed(access.subjects.data(), access.subjects.size_bytes(), seed);
    return XXH3_64bits_withSeed(own.data(), sizeof own, subjects);
  }
  [[nodiscard]] bool is_same(const Access& a, const Access& b) const {
    return words(a) == words(b) && std::ranges::equal(a.subjects, b.subjects) &&
           (!asks_data_ || std::ranges::equal(a.data, b.data));
  }

 private:
  static bool asks(const Asked& asked, Property property) { return asked.properties[static_cast<size_t>(property)]; }

  const uint32_t bits_;
  const bool asks_data_;
  std::array<uint32_t, kWords - 1> masks_{};
};

}  // namespace

// The group that is the same, or a new one.
template <class IsSame>
uint32_t AlikeAccesses::group_of(uint32_t access, uint64_t hash, const IsSame& is_same) {
  const size_t last = slots_.size() - 1;
  const auto mark = static_cast<uint32_t>(hash >> 32U);
  for (size_t at = hash & last;; at = (at + 1) & last) {
    Slot& slot = slots_[at];
    if (slot.group_up == 0) {
      firsts_.push_back(access);
      slot = {mark, static_cast<uint32_t>(firsts_.size())};
    } else if (slot.mark != mark || !is_same(slot.group_up - 1)) {
      continue;
    }
    return slot.group_up - 1;
  }
}

void AlikeAccesses::group(std::span<const Access> accesses, const Asked& asked) {
  // Slots that are fetched from memory together.
  constexpr size_t kTogether = 32;
  const Essence essence(asked);
  firsts_.clear();
  groups_.clear();
  groups_.reserve(accesses.size());
  slots_.assign(std::bit_ceil(2 * accesses.size() + 1), {});
  std::array<uint64_t, kTogether> hashes;
  for (size_t begin = 0; begin < accesses.size(); begin += kTogether) {
    const std::span some = accesses.subspan(begin, std::min(kTogether, accesses.size() - begin));
    for (size_t i = 0; i < some.size(); ++i) {
      hashes[i] = essence.hash(some[i]);
      __builtin_prefetch(&slots_[hashes[i] & (slots_.size() - 1)]);
    }
    for (size_t i = 0; i < some.size(); ++i) {
      const auto is_same = [&](uint32_t group) { return essence.is_same(accesses[firsts_[group]], some[i]); };
      groups_.push_back(group_of(static_cast<uint32_t>(begin + i), hashes[i], is_same));
    }
  }
}

}  // namespace weerbaar::purpose
