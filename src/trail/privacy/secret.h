// Memory that holds a key and is overwritten before it is given back.
#pragma once

#include <openssl/crypto.h>

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace weerbaar::trail {

// A fixed number of bytes of its own. Movable; empty after a move.
class Secret {
 public:
  Secret() = default;
  explicit Secret(size_t size) : bytes_(std::make_unique<uint8_t[]>(size)), size_(size) {}
  explicit Secret(ByteView from) : Secret(from.size()) {
    if (!from.empty()) std::memcpy(bytes_.get(), from.data(), from.size());
  }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Secret() { OPENSSL_cleanse(bytes_.get(), size_); }

  [[nodiscard]] std::span<uint8_t> bytes() { return {bytes_.get(), size_}; }
  [[nodiscard]] ByteView bytes() const { return {bytes_.get(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0;
};

// Overwrites somebody else's bytes at the end of a scope. They must stay where they are until then.
class WipeAtEnd {
 public:
  explicit WipeAtEnd(std::span<uint8_t> bytes) : bytes_(bytes) {}
  explicit WipeAtEnd(std::string& text) : bytes_(reinterpret_cast<uint8_t*>(text.data()), text.size()) {}
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;
  ~WipeAtEnd() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

 private:
  std::span<uint8_t> bytes_;
};

}  // namespace weerbaar::trail
