// Ids for records that carry none: made from the content of the record, so that the same input gives the same ids.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace weerbaar::ingest::delimited {

// Different records that one input may hold; the table then takes 1 GiB.
inline constexpr size_t kHashedRecordsMax = 50'000'000;

class RecordIds {
 public:
  // `recent` other than 0: when it has seen so many different records, all of them are forgotten, and a record that
  // comes again after that has the id that it had at first. For inputs without end.
  explicit RecordIds(size_t recent = 0);

  // The first 16 bytes of the SHA-256 of `record` in hexadecimal, "-", and which occurrence of that record in this
  // input it is, from 1. Lives until the next call. Nothing when kHashedRecordsMax is reached.
  std::optional<std::string_view> next(std::string_view record);

 private:
  // 96 bits of a hash, and how often it came; 0: the slot is free.
  struct Slot {
    uint64_t high = 0;
    uint32_t low = 0;
    uint32_t count = 0;
  };
  struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  void forget_when_full();
  Slot& slot_of(uint64_t high, uint32_t low);
  void grow();

  std::unique_ptr<EVP_MD, FreeDigest> sha256_;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
  std::vector<Slot> slots_;  // open addressing, linear probing; the size is a power of two
  size_t used_ = 0;
  const size_t recent_;
  std::array<char, 48> text_{};
};

}  // namespace weerbaar::ingest::delimited
